"""From a form to a case: the one way in, for the API, the pages and the window."""

import hashlib

import msgspec
from tortoise.exceptions import IntegrityError

from backend.casework import attachments, catalogue, clocks, contents, routing
from backend.casework.commands import drafts, invoices, keys, reading, transitions
from backend.casework.commands.filing import (
    CHANNEL_FIELD,
    CONSENT_FIELDS,
    INVITE_FIELD,
    PRIVACY_FIELD,
    Agent,
    Filing,
    find_target,
    require_scope,
    subject_of,
)
from backend.casework.contents import Content
from backend.casework.enums import CaseAction, CaseStatus
from backend.casework.events import CaseSubmitted
from backend.casework.flows import Flow
from backend.casework.forms import page
from backend.casework.models import Case
from backend.casework.prefilling import Given
from backend.casework.queries import drafts as draft_queries
from backend.casework.schemas import SubmitInput
from backend.core import audit, clock, database, ids, outbox, reference, sequences
from backend.core.actor import GUEST, Actor
from backend.core.command import command
from backend.core.errors import Conflict, FieldError, Invalid, NotFound
from backend.identity import commands as identity
from backend.identity import queries as accounts
from backend.membership import queries as members
from backend.unions import commands as unions


@command
async def submit(
    *,
    slug: str,
    data: SubmitInput,
    actor: Actor,
    nonce: str | None = None,
    given: Given | None = None,
    screen: frozenset[str] | None = None,
    ends_draft: bool = True,
) -> str:
    """File the actor's own application; the number of the case. The same `nonce` twice is one case.

    With `screen`, the names on one screen, `data` is that screen and the draft has the rest. `given` is what
    the address brought: an invite code. Without `ends_draft` a form that was begun stays.
    """
    flow = catalogue.flow(slug)
    key = submission_key(actor, flow, nonce)
    if key is not None and (number := await _number_of(key)):
        return number
    draft, _ = await draft_queries.draft_content(flow.slug, actor.account_id)
    if screen is not None:
        data = _on_top_of(flow, draft, data, screen)
    found = await reading.read(flow, data, asker=actor, given=given or {}, kept=draft.sensitive)
    return await _file_own(flow, found, actor, key=key, ends_draft=ends_draft)


async def submit_with_consent(
    *, flow: Flow, data: SubmitInput, actor: Actor, agent: Agent, key: str, handed_over: tuple[str, ...]
) -> str:
    """Inside the caller's command: the application of the actor, who has consented to what the agent filled in.
    Nothing of the agent's own is filled in, and a form that the actor has begun stays."""
    found = await reading.read(flow, data, asker=actor, given={})
    return await _file_own(flow, found, actor, key=key, ends_draft=False, agent=agent, handed_over=handed_over)


async def _file_own(
    flow: Flow,
    found: reading.Reading,
    actor: Actor,
    *,
    key: str | None,
    ends_draft: bool,
    agent: Agent | None = None,
    handed_over: tuple[str, ...] = (),
) -> str:
    """The actor's own application, wherever its answers came from."""
    wanted = find_target(flow, found.content.values, actor.member_id, invited=found.invited)
    target = await found.problems.of(wanted)
    facts = await reading.judge(
        flow, found, actor=actor, member_id=actor.member_id, target=target, handed_over=handed_over
    )
    assert target is not None
    filing = Filing(
        flow=flow,
        actor=actor,
        content=found.content,
        target=target,
        facts=facts,
        key=key,
        applicant_id=actor.account_id,
        member_id=actor.member_id,
        ends_draft=ends_draft,
        agent=agent,
    )
    return await _file(filing)


def _on_top_of(flow: Flow, draft: Content, data: SubmitInput, screen: frozenset[str]) -> SubmitInput:
    """What the draft has of today's form, and the page's screen over it."""
    kept = {name: value for name, value in draft.values.items() if name not in screen and flow.asks(name)}
    files = {slot: held for slot, held in draft.attachments.items() if slot not in screen and flow.slot(slot)}
    return SubmitInput(form=page.whole(flow, kept | data.form), attachments=files | data.attachments)


@command
async def file_at_window(*, slug: str, data: SubmitInput, actor: Actor, nonce: str | None = None) -> str:
    """Staff file for a person at the window, who may have no phone. Nothing of the clerk's own is filled in."""
    flow = catalogue.flow(slug)
    if not actor.can("case.file"):
        raise NotFound()
    key = submission_key(actor, flow, nonce)
    if key is not None and (number := await _number_of(key)):
        return number
    found = await reading.read(flow, data, asker=GUEST, given={}, fixed={CHANNEL_FIELD: "desk"})
    account_id, member_id = await _account_at_window(flow, found.content)
    target = await found.problems.of(find_target(flow, found.content.values, member_id, invited=found.invited))
    facts = await reading.judge(flow, found, actor=actor, member_id=member_id, target=target)
    assert target is not None
    require_scope(actor, target)
    filing = Filing(
        flow=flow,
        actor=actor,
        content=found.content,
        target=target,
        facts=facts,
        key=key,
        applicant_id=account_id,
        filed_by=actor.account_id,
        member_id=member_id,
    )
    return await _file(filing)


async def _account_at_window(flow: Flow, content: Content) -> tuple[int | None, int | None]:
    """(account, member) of the phone in the form, if its holder agreed and has signed in with it once.

    Not when it opens the record of somebody with another identity number: the phone has changed hands.
    """
    phone, id_no = content.sensitive.get(flow.subject.mobile), content.values.get(flow.subject.id_no)
    if not phone or content.values.get(PRIVACY_FIELD) is not True:
        return None, None
    account_id, member_id = await accounts.account_of_phone(phone) or (None, None)
    if member_id is not None and id_no and not await members.has_id_no(member_id, id_no):
        return None, None
    return account_id, member_id


def submission_key(actor: Actor, flow: Flow, nonce: str | None) -> str | None:
    if not nonce:
        return None
    return hashlib.sha256(f"{actor.account_id}\x00{flow.slug}\x00{nonce}".encode()).hexdigest()


async def _file(filing: Filing) -> str:
    """Route, write. The row comes first, so that whoever loses a race has written nothing else."""
    flow = filing.flow
    plan = routing.plan(flow, filing.facts, filing.question)
    if not plan:
        raise Conflict("no_step_applies")
    placement = await routing.place_at(flow, plan[0], filing.target.id, filing.content.values)
    case = await _new_case(filing, placement, routing.plan_text((), plan))
    if (earlier := await _insert(case, filing.actor)) is not None:
        return earlier
    await keys.write(case.id, flow, filing.content)
    await invoices.hold(case, flow, msgspec.structs.replace(filing.question, case_id=case.id))
    await _follow_up(filing, case, placement)
    return case.number


async def submitted_number(*, slug: str, nonce: str, actor: Actor) -> str | None:
    """The case that this submission became, if it did."""
    key = submission_key(actor, catalogue.flow(slug), nonce)
    return await _number_of(key) if key is not None else None


async def _number_of(key: str) -> str | None:
    return await database.scalar("SELECT number FROM case_file WHERE submission_key = %s", key)


async def _new_case(filing: Filing, placement: routing.Placement, plan: str) -> Case:
    flow, now, today, case_id = filing.flow, clock.now(), clock.today(), ids.new_id()
    stored = contents.pack(filing.content, context=contents.case_context(case_id))
    subject = subject_of(flow, filing.content.values, filing.actor)
    serial = await sequences.next_number(f"case:{flow.number_prefix}:{today.year}")
    running = flow.one_running_per_person and subject["id_no_index"]
    due = clocks.due_on(reference.calendar(), today, flow.limit_working_days)
    second = flow.calendar_clock
    calendar_due = clocks.calendar_due_on(today, second.days) if second is not None else None
    return Case(
        id=case_id,
        number=f"{flow.number_prefix}{today.year}-{serial:06d}",
        flow=flow.slug,
        flow_version=flow.version,
        status=CaseStatus.SUBMITTED.value,
        step_index=placement.step_index,
        plan=plan,
        applicant_id=filing.applicant_id,
        filed_by=filing.filed_by,
        member_id=filing.member_id,
        agent_id=filing.agent.account_id if filing.agent else None,
        agent_label=filing.agent.label if filing.agent else "",
        target_union_id=filing.target.id,
        desk_union_id=placement.desk.union_id,
        desk_role=placement.desk.role,
        desk_flagged=placement.desk.flagged,
        submitted_at=now,
        passed="{}",
        due_on=due,
        calendar_due_on=calendar_due,
        next_due_on=clocks.earlier(due, calendar_due),
        submission_key=filing.key,
        running_key=f"{flow.slug}:{subject['id_no_index']}" if running else None,
        **subject,
        **stored.columns(),
    )


async def _insert(case: Case, actor: Actor) -> str | None:
    """None when the row is in; the number when the same submission came before."""
    try:
        await case.save(force_create=True)
    except IntegrityError:
        if case.submission_key is not None and (number := await _number_of(case.submission_key)):
            return number
        await _refuse_running(case, actor)
        raise
    return None


async def _refuse_running(case: Case, actor: Actor) -> None:
    """Somebody has a case of this kind already; only its owner, or who may see it, learns which."""
    running = await Case.get_or_none(running_key=case.running_key) if case.running_key else None
    if running is None:
        return
    known = actor.account_id in (running.applicant_id, running.filed_by)
    path = "/desk/cases" if actor.is_staff else "/cases"
    raise Conflict("case_running", extra={"number": running.number, "url": f"{path}/{running.number}"} if known else {})


async def _follow_up(filing: Filing, case: Case, placement: routing.Placement) -> None:
    """What a new case brings with it, in the same transaction."""
    actor = filing.actor
    said = f"由{filing.agent.label}代办" if filing.agent else ""
    event_id = await transitions.note(case, CaseAction.SUBMIT, actor, comment=said)
    await attachments.link(case.id, filing.files, number=case.round)
    if filing.invite_code:
        await _use_invite(filing.invite_code, actor)
    if filing.filed_by is None:
        await _consent(filing)
        if filing.ends_draft:
            await drafts.remove(filing.flow.slug, actor.account_id)
    detail = {"flow": case.flow, "step": case.step_index, "desk_union": placement.desk.union_id}
    await audit.record(actor, "case.submitted", object_kind="case", object_id=case.id, detail=detail)
    await outbox.emit(CaseSubmitted(case.id, event_id), key=str(case.id))
    await transitions.assigned(case, event_id)


async def _use_invite(code: str, actor: Actor) -> None:
    try:
        await unions.use_invite(code, actor)
    except (Conflict, NotFound) as exc:
        raise Invalid([FieldError(INVITE_FIELD, exc.detail)], code=exc.code) from exc


async def _consent(filing: Filing) -> None:
    """A tick stands under the text in force, so this is what was agreed to."""
    values = filing.content.values
    channel = str(values.get(CHANNEL_FIELD, "portal"))
    ticked = {kind for field, kind in CONSENT_FIELDS.items() if values.get(field) is True}
    for text in accounts.consent_texts():
        if text.kind in ticked:
            await identity.give_consent(text.kind, text.version, channel=channel, actor=filing.actor)
