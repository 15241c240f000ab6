"""A case as the desk sees it: what changed, what was checked, what looks like a duplicate, what may be done."""

from collections.abc import Sequence

import msgspec

from backend.casework import catalogue, headlines, judging, quoting, rules
from backend.casework.contents import Content
from backend.casework.enums import AT_DESK, CaseAction, CaseStatus, StraightVerdict
from backend.casework.flows import Flow, StepSpec
from backend.casework.forms import words
from backend.casework.forms.facts import form_lookup
from backend.casework.queries import (
    acts,
    case_views,
    duplicates,
    presence,
    questions,
    queue,
    records,
    recusals,
    reopening,
)
from backend.casework.queries.records import CaseRecord
from backend.casework.schemas import (
    CaseView,
    ChangeView,
    CheckView,
    DeskCase,
    DeskCaseView,
    DuplicateView,
    QuestionView,
    QuoteView,
    SlotView,
)
from backend.core import clock, database, national, predicates, reference
from backend.core.actor import Actor


async def desk_case(number: str, actor: Actor) -> DeskCaseView:
    case = await records.record(number, actor)
    flow, content = case.spec, case.content
    before = await records.round_content(case.id, case.round - 1) if case.round > 1 else None
    changes = await _changes(flow, before, content)
    may = rules.may_at_desk(actor, case.standing)
    asked = await questions.of_case(case, actor)
    if await reopening.may_reopen(case, actor):
        may.append(CaseAction.REOPEN)
    view = await case_views.case_view(
        case, own=False, actions=may, changed={change.field: change.before for change in changes}
    )
    await acts.add_to(view, case, actor, own=False)
    due_text, tone = headlines.due_words(
        case.status, case.next_due_on, case.held_until, calendar=reference.calendar(), today=clock.today()
    )
    twins = await duplicates.duplicates_of(case, actor)
    return DeskCaseView(
        case=view,
        subject=national.mask_name(case.subject_name),
        summary=case.summary,
        round=case.round,
        changes=changes + _changed_files(flow, before, content),
        checks=[*_twin_checks(case, twins), *await _checks(case, flow, actor)],
        duplicates=twins,
        slots=_slots(flow, content, view),
        may=[action.value for action in may],
        revealable=_revealable(flow, content) if _may_reveal(actor, case, asked) else [],
        fixed=[spec.name for spec in flow.fields if spec.filled_by == "system"],
        next_number=await queue.next_in_queue(actor, besides=case.number),
        due_text=due_text,
        tone=tone,
        questions=asked,
        may_ask=rules.may_ask(actor, case.standing),
        covering=_covering(case, actor),
        four_eyes=_four_eyes(case, view, actor),
        signs_first=_step_of(case).four_eyes and case.signed_by is None,
        recused=recusals.words(case.standing, actor),
        may_recuse=rules.may_recuse(actor, case.standing),
        recusals=await recusals.lines(case.id),
        open_by=await presence.of_case(case.id, actor),
        serves=rules.serving_post(actor, case.standing) is not None and not rules.is_recused(actor, case.standing),
    )


def _may_reveal(actor: Actor, case: CaseRecord, asked: list[QuestionView]) -> bool:
    """Whoever has the case, or has to say something about it; nobody who has no say."""
    if rules.is_recused(actor, case.standing):
        return False
    return rules.serving_post(actor, case.standing) is not None or any(one.may_answer for one in asked)


async def desk_case_answer(number: str, actor: Actor) -> DeskCase:
    """The same, flat, as the API gives it."""
    seen = await desk_case(number, actor)
    extra = {name: getattr(seen, name) for name in DeskCase.__struct_fields__ if hasattr(seen, name)}
    case = {name: getattr(seen.case, name) for name in CaseView.__struct_fields__}
    return DeskCase(**{**extra, **case})


async def case_after_act(number: str, actor: Actor) -> CaseView:
    """The case as it is after the actor's own act, which may have taken it out of their sight."""
    case = await records.seen_by(await records.record_of_number(number), actor)
    view = await case_views.case_view(case, own=False, actions=rules.may_at_desk(actor, case.standing))
    return await acts.add_to(view, case, actor, own=False)


async def quote_of(number: str, actor: Actor) -> QuoteView | None:
    case = await records.record(number, actor)
    return await quoting.quote_view(case.spec, case.question(actor))


async def _changes(flow: Flow, before: Content | None, now: Content) -> list[ChangeView]:
    if before is None:
        return []
    old, new = before.values, now.values
    names: dict[str, dict[str, str]] = {}
    for values in (old, new):
        for field, offered in (await case_views.union_choices(flow, values)).items():
            names.setdefault(field, {}).update(offered)
    return words.diff(flow, old, new, names)


def _changed_files(flow: Flow, before: Content | None, now: Content) -> list[ChangeView]:
    if before is None:
        return []
    changes = []
    for slot in flow.attachments:
        old, new = before.attachments.get(slot.name, []), now.attachments.get(slot.name, [])
        if old != new:
            fresh = len(set(new) - set(old))
            after = f"新传 {fresh} 张，现在共 {len(new)} 张" if fresh else f"现在共 {len(new)} 张"
            changes.append(ChangeView(field=slot.name, label=slot.label, before=f"{len(old)} 张", after=after))
    return changes


def _twin_checks(case: CaseRecord, twins: Sequence[DuplicateView]) -> list[CheckView]:
    """Red while somebody has to say what a look-alike is; where this desk does not see it, a person looks."""
    if case.status not in AT_DESK:
        return []
    here = sum(1 for twin in twins if twin.to_decide and twin.number is not None)
    elsewhere = sum(1 for twin in twins if twin.to_decide and twin.number is None)
    checks = [CheckView(text=f"有 {here} 件可能重复，还没有处理", ok=False)] if here else []
    return checks + ([CheckView(text="别的工会有可能重复的办件，请与上级核对", ok=None)] if elsewhere else [])


async def _checks(case: CaseRecord, flow: Flow, actor: Actor) -> list[CheckView]:
    """Conditions of the flow and bound checks; an undecided case is judged by what is true now."""
    if case.status not in rules.UNDECIDED and case.status != CaseStatus.ON_HOLD:
        return []
    question = case.question(actor)
    facts = await judging.gather(flow, question)
    checks = []
    for check in flow.eligibility.checks:
        ok = predicates.evaluate(check.predicate, facts.get, today=question.today)
        if ok is not None or check.on_unknown == "ask":
            checks.append(CheckView(text=check.refusal if ok is False else check.text, ok=ok))
    for name in flow.checks:
        checked = await catalogue.bindings().checks[name](question)
        checks.append(CheckView(text=checked.text, ok=checked.ok))
    checks += await _left_to_people(case, flow)
    if case.desk_flagged:
        checks.append(CheckView(text="本级岗位没有人，由上级代办", ok=None))
    if case.filed_by == actor.account_id:
        checks.append(CheckView(text="这一件是您在窗口代为录入的", ok=None))
    return checks


async def _left_to_people(case: CaseRecord, flow: Flow) -> list[CheckView]:
    """Why a person has it, where the service lets clean cases pass without one."""
    if flow.straight_through is None:
        return []
    found = await database.rows("SELECT verdict, failed FROM straight_judgement WHERE case_id = %s", case.id)
    if not found:
        return []
    if found[0]["verdict"] == StraightVerdict.SAMPLED:
        return [CheckView(text="自动办理的规则都符合，抽到这一件由人工把关", ok=None)]
    failed = "、".join(msgspec.json.decode(found[0]["failed"]))
    return [CheckView(text=f"没有自动办理，要看：{failed}", ok=None)] if failed else []


def _slots(flow: Flow, content: Content, view: CaseView) -> list[SlotView]:
    """What these answers ask for, and whatever was brought besides."""
    lookup, today = form_lookup(flow, content.values), clock.today()
    asked = {
        slot.name
        for slot in flow.attachments
        if slot.when is None or predicates.evaluate(slot.when, lookup, today=today) is True
    }
    return [slot for slot in case_views.slots_of(flow, view.files) if slot.files or slot.name in asked]


def _step_of(case: CaseRecord) -> StepSpec:
    return case.spec.steps[min(case.step_index, len(case.spec.steps) - 1)]


def _four_eyes(case: CaseRecord, view: CaseView, actor: Actor) -> str:
    """How far the two approvals are that the step needs; empty for a step that needs one, or a closed case."""
    if not _step_of(case).four_eyes or case.status not in AT_DESK:
        return ""
    if case.signed_by is None:
        return "这一步要两个人同意：第一个人点通过是初审同意，另一位同事再点通过才生效。"
    if case.signed_by == actor.account_id:
        return "您已经初审同意，等另一位同事通过后生效。您仍可以退回或不予通过。"
    signed = next((line for line in view.timeline if line.action == CaseAction.SIGN), None)
    return f"{signed.actor if signed else '一位同事'} 已经初审同意，您通过后生效。"


def _covering(case: CaseRecord, actor: Actor) -> str:
    post = rules.serving_post(actor, case.standing)
    return post.holder if post else ""


def _revealable(flow: Flow, content: Content) -> list[str]:
    return [spec.name for spec in flow.fields if spec.is_sensitive and content.values.get(spec.name) is not None]
