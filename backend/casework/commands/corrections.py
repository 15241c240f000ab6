"""The applicant's answer to a return: only the flagged fields, back to the desk that asked, the clock goes on."""

from collections.abc import Mapping
from typing import Any

from backend.casework import attachments, contents
from backend.casework.commands import invoices, keys, reconsidering, tables, transitions
from backend.casework.commands.access import content_of, flow_of, own_case
from backend.casework.commands.deskwork import running_clock
from backend.casework.commands.filing import subject_of
from backend.casework.commands.outcomes import question_of
from backend.casework.commands.reading import Problems
from backend.casework.contents import Content
from backend.casework.enums import CaseAction, CaseStatus, FieldKind
from backend.casework.events import CaseCorrected
from backend.casework.flows import Flow
from backend.casework.forms import masks, parse
from backend.casework.forms.compile import compiled
from backend.casework.forms.facts import form_lookup
from backend.casework.models import Case
from backend.casework.queries import records
from backend.casework.schemas import CorrectionsInput
from backend.core import audit, clock, database, ids, outbox
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import FieldError, Invalid, sentence
from backend.core.national import InvalidValue
from backend.core.predicates import evaluate


@command
async def correct(*, number: str, data: CorrectionsInput, actor: Actor) -> None:
    """Take in the corrections of a round. What was approved before stays approved, unless it rests on what changed."""
    case = await own_case(number, actor)
    if case.status != CaseStatus.RETURNED:
        await transitions.lost(case.id)
    flow, old = flow_of(case), content_of(case)
    flagged = await records.corrections_of(case.id, case.round)
    opened = parse.unlocked(flow, flagged)
    _refuse_closed(flow, data, old, opened)
    new, problems = _corrected(flow, data, old, flagged, opened)
    already = [file for files in attachments.of_values(flow, old.attachments, old.values).values() for file in files]
    held = attachments.of_values(flow, new.attachments, new.values)
    await problems.of(attachments.require_mine(held, actor, already=already))
    desk = await problems.of(reconsidering.goes_on(flow, case, new, actor))
    await problems.of(attachments.require_different(flow, new.attachments))
    problems.settle()
    changes = _changes(flow, case, new, actor) | (desk or {})
    await transitions.move(case, version=data.version, while_in=(CaseStatus.RETURNED,), changes=changes)
    await keys.replace(case.id, flow, new)
    await tables.forget_of_case(number)
    await invoices.release(case.id)
    await invoices.hold(case, flow, question_of(case, actor))
    await _snapshot(case, old)
    await attachments.link(case.id, held, number=case.round, already=already)
    event_id = await transitions.note(case, CaseAction.CORRECT, actor, comment=reconsidering.said(flow, desk or {}))
    detail = {"round": case.round, "fields": sorted(flagged)}
    await audit.record(actor, "case.correct", object_kind="case", object_id=case.id, detail=detail)
    await outbox.emit(CaseCorrected(case.id, event_id, case.round), key=f"{case.id}:{case.round}")
    if desk:
        await transitions.assigned(case, event_id)


def _refuse_closed(flow: Flow, data: CorrectionsInput, old: Content, opened: frozenset[str]) -> None:
    """A value of a closed field may come along unchanged; a different one is refused, never dropped silently."""
    form, today = compiled(flow), clock.today()
    given = parse.shaped(form, data.form)
    errors = []
    for field in form.fields:
        name = field.spec.name
        if name in opened or given.get(name) in (None, "", []):
            continue
        known = old.values.get(name)
        if given[name] in (known, masks.mask(field.spec, known)):
            continue
        try:
            same = field.read(given[name], today, {}) == known
        except InvalidValue:
            same = False
        if not same:
            errors.append(FieldError(name, sentence("field_not_open")))
    for slot, files in data.attachments.items():
        if slot not in opened and list(files) != old.attachments.get(slot, []):
            errors.append(FieldError(slot, sentence("field_not_open")))
    if errors:
        raise Invalid(errors, code="field_not_open")


def _corrected(
    flow: Flow, data: CorrectionsInput, old: Content, flagged: Mapping[str, str], opened: frozenset[str]
) -> tuple[Content, Problems]:
    files = old.attachments | {slot: list(held) for slot, held in data.attachments.items() if slot in opened}
    parsed = parse.parse_form(
        flow, data.form, files=files, today=clock.today(), known=old.values, only=frozenset(flagged)
    )
    new = Content(parsed.values, parsed.sensitive, {slot: held for slot, held in files.items() if held})
    return new, Problems(flow, [*parsed.errors, *_not_renewed(flow, old, new, flagged)])


def _not_renewed(flow: Flow, old: Content, new: Content, flagged: Mapping[str, str]) -> list[FieldError]:
    """A place for files that was given back needs a new one, or, of several, a wrong one taken away."""
    lookup = form_lookup(flow, new.values)
    before = attachments.of_values(flow, old.attachments, old.values)
    after = attachments.of_values(flow, new.attachments, new.values)
    errors = []
    for name in flagged:
        spec, field = flow.slot(name), flow.field(name)
        if spec is None and (field is None or field.kind != FieldKind.FILE):
            continue
        when = spec.when if spec is not None else field.when if field is not None else None
        if when is not None and evaluate(when, lookup, today=clock.today()) is not True:
            continue
        had, has = set(before.get(name, ())), set(after.get(name, ()))
        if has <= had and not (has and has < had):
            errors.append(FieldError(name, sentence("slot_not_renewed")))
    return errors


async def _snapshot(case: Case, old: Content) -> None:
    """What the form held in the round before, for the reviewer's comparison."""
    round_id = ids.new_id()
    stored = contents.pack(old, context=contents.round_context(round_id))
    row = {"id": round_id, "case_id": case.id, "round": case.round - 1, "at": clock.now()}
    await database.insert("case_round", row | stored.columns())


def _changes(flow: Flow, case: Case, new: Content, actor: Actor) -> dict[str, Any]:
    stored = contents.pack(new, context=contents.case_context(case.id))
    return {
        **stored.columns(),
        **subject_of(flow, new.values, actor),
        **running_clock(case),
        "status": CaseStatus.IN_REVIEW.value,
        "round": case.round + 1,
    }
