"""A flow's own actions: what their form holds is written down, and what they bring about is true with it."""

import hashlib
from datetime import timedelta
from typing import Any

import msgspec
from tortoise.exceptions import IntegrityError

from backend.casework import acting, attachments, catalogue, contents, figuring, papers, rules, timeline
from backend.casework.commands import transitions
from backend.casework.commands.access import content_of, find, flow_of, require_say, standing_for, standing_of
from backend.casework.commands.deskwork import running_clock
from backend.casework.commands.outcomes import approved_case, question_of
from backend.casework.contents import Content
from backend.casework.enums import CaseAction, CaseStatus
from backend.casework.events import CaseActed
from backend.casework.flows import ActionSpec, DocumentSpec, Flow
from backend.casework.forms import parse
from backend.casework.models import Case
from backend.casework.queries import acts as acts_queries
from backend.casework.queries import records
from backend.casework.queries.scope import sees_unions
from backend.casework.schemas import ActInput
from backend.core import audit, clock, database, ids, national, outbox
from backend.core.actor import SYSTEM, Actor, Post
from backend.core.command import command
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from backend.documents import commands as documents
from backend.documents.schemas import Paper
from backend.unions import queries as unions


class _Act(msgspec.Struct, frozen=True, kw_only=True):
    """An action on its way into the books."""

    id: int
    case: Case
    flow: Flow
    spec: ActionSpec
    actor: Actor
    post: Post | None  # by which a member of staff does it
    content: Content


@command
async def perform(*, number: str, action: str, data: ActInput, actor: Actor, nonce: str | None = None) -> None:
    """Do one of the flow's own actions. The same `nonce` twice is doing it once."""
    case, flow, spec = await _find(number, action, actor)
    key = _submission_key(case, action, actor, nonce)
    if key is not None and await database.scalar("SELECT id FROM case_act WHERE submission_key = %s", key):
        return
    counts = await acts_queries.done(case.id)
    awaited = acting.awaited_by(flow, case.step_index, standing_of(case), counts) == spec.key
    facts, stage = acts_queries.facts_of(flow, content_of(case).values, counts), await _stage(case, flow, counts)
    if not acting.is_open(spec, stage, facts, awaited=awaited):
        raise Conflict("action_not_open", name=spec.name)
    if await acts_queries.is_anothers(case.id, spec, actor):
        raise Conflict("action_by_another", name=spec.name)
    post = acting.acting_post(spec, actor, stage)
    act = _Act(
        id=ids.new_id(),
        case=case,
        flow=flow,
        spec=spec,
        actor=actor,
        post=post,
        content=await _parsed(case, flow, spec, data, actor),
    )
    event_id = await _write(act, key)
    if awaited and case.status == CaseStatus.ON_HOLD:
        await _go_on(case)
    result = await _bring_about(act)
    if result:
        await database.execute(
            "UPDATE case_act SET result = %s WHERE id = %s", msgspec.json.encode(result).decode(), act.id
        )
    detail = {"action": action, "act": act.id, **(post.trace if post else {})}
    await audit.record(actor, "case.act", object_kind="case", object_id=case.id, detail=detail)
    await outbox.emit(CaseActed(case.id, event_id, spec.key), key=str(act.id))


def _submission_key(case: Case, action: str, actor: Actor, nonce: str | None) -> str | None:
    if not nonce:
        return None
    return hashlib.sha256(f"{actor.account_id}\x00{case.id}\x00{action}\x00{nonce}".encode()).hexdigest()


async def _find(number: str, action: str, actor: Actor) -> tuple[Case, Flow, ActionSpec]:
    """The case and the action, for somebody whose it is to do; to anybody else the case is not there."""
    case = await find(number)
    if case is None:
        raise NotFound("case_not_found")
    flow = flow_of(case)
    spec = flow.action(action)
    own = rules.is_own(actor, standing_of(case))
    if actor.is_staff:
        if not await sees_unions(actor, case.desk_union_id, case.target_union_id):
            raise NotFound("case_not_found")
        require_say(actor, await standing_for(case, actor))
    elif not own:
        raise NotFound("case_not_found")
    if spec is None:
        raise NotFound("no_such_action")
    if not acting.concerns(spec, actor, await _stage(case, flow, {})):
        raise Forbidden("action_not_yours", name=spec.name)
    return case, flow, spec


async def _stage(case: Case, flow: Flow, counts: dict[str, int]) -> acting.Stage:
    target = await unions.place(case.target_union_id or 0)
    return acting.Stage(
        standing=standing_of(case),
        step_name=flow.steps[case.step_index].name if case.step_index < len(flow.steps) else "",
        target_path=target.path if target else "",
        done=counts,
    )


async def _parsed(case: Case, flow: Flow, spec: ActionSpec, data: ActInput, actor: Actor) -> Content:
    form = flow.action_form(spec.key)
    parsed = parse.parse_form(form, data.form, files=data.attachments, today=clock.today())
    if parsed.errors:
        raise Invalid(parsed.errors)
    held = {slot: list(files) for slot, files in data.attachments.items() if files}
    await attachments.require_mine(attachments.of_values(form, held, parsed.all), actor)
    values = parsed.values | await figuring.figures(spec, question_of(case, actor), parsed.all)
    return Content(values, parsed.sensitive, held)


async def _write(act: _Act, key: str | None) -> int:
    """The row, its files and its line of history; the line's id."""
    case, spec, actor = act.case, act.spec, act.actor
    label = timeline.actor_label(actor, act.post)
    stored = contents.pack(act.content, context=acts_queries.act_context(act.id))
    row = {
        "id": act.id,
        "case_id": case.id,
        "action": spec.key,
        "at": clock.now(),
        "actor_kind": actor.kind,
        "actor_id": actor.account_id,
        "actor_label": label,
        **stored.columns(),
        "submission_key": key,
        "once_key": f"{case.id}:{spec.key}" if spec.once else None,
    }
    try:
        await database.insert("case_act", row)
    except IntegrityError as exc:
        raise Conflict("action_done_already", name=spec.name) from exc
    held = attachments.of_values(act.flow.action_form(spec.key), act.content.attachments, act.content.values)
    await attachments.link(case.id, {f"act:{spec.key}": [file for files in held.values() for file in files]}, number=0)
    return await transitions.note_act(case, spec.key, actor, post=act.post)


async def _go_on(case: Case) -> None:
    """The case waited for this: its step begins and its clock runs again."""
    changes = {"status": CaseStatus.IN_REVIEW.value, **running_clock(case)}
    await transitions.move(case, version=case.version, while_in=(CaseStatus.ON_HOLD,), changes=changes)
    event_id = await transitions.note(case, CaseAction.RELEASE, SYSTEM)
    await transitions.assigned(case, event_id)


async def _bring_about(act: _Act) -> dict[str, Any]:
    result: dict[str, Any] = {}
    if act.spec.document:
        spec = act.flow.document(act.spec.document)
        assert spec is not None, "the check of the flow file saw to it"
        result["document"] = await issue_paper(act.case.id, spec, act.actor, act_id=act.id)
    if act.spec.publishes is not None:
        await _publish(act)
    approved = msgspec.structs.replace(approved_case(act.case, act.actor), act=act.content.values, act_id=act.id)
    for effect in act.spec.effects:
        bound = catalogue.bindings().outcomes[effect.kind]
        result |= await bound(approved, effect.params)
    return result


async def issue_paper(case_id: int, spec: DocumentSpec, actor: Actor, *, act_id: int | None = None) -> str:
    """Fill in and issue one paper; its number. The same paper of the same case is issued once."""
    case = await records.record_by_id(case_id)
    said = await acts_queries.said_of(case, await acts_queries.acts_of(case_id))
    paper = Paper(
        title=papers.fill(spec.title, said),
        issuer=case.desk_name or said["county"],
        subject=national.mask_name(case.subject_name),
        body=papers.body_of(spec, case.spec, case.content.values, said),
    )
    key = acts_queries.document_key(case_id, spec, act_id)
    return await documents.issue(key=key, prefix=spec.prefix, paper=paper, actor=actor)


async def issue_papers(case: Case, actor: Actor, *, issued: str, step: str = "") -> list[str]:
    """The papers that come with an approval: of the whole case, or of one step."""
    wanted = [
        spec for spec in flow_of(case).documents if spec.issued == issued and (issued != "step" or spec.step == step)
    ]
    return [await issue_paper(case.id, spec, actor) for spec in wanted]


async def _publish(act: _Act) -> None:
    notice = act.spec.publishes
    assert notice is not None
    case = await records.record_by_id(act.case.id)
    said = await acts_queries.said_of(case, await acts_queries.acts_of(case.id))
    said["subject"] = national.mask_name(case.subject_name)
    today = clock.today()
    row = {
        "id": ids.new_id(),
        "case_id": case.id,
        "act_id": act.id,
        "flow": case.flow,
        "union_id": case.target_union_id,
        "union_name": said["union"][:60],
        "title": papers.fill(notice.title, said)[:120],
        "body": msgspec.json.encode([papers.fill(line, said) for line in notice.body]).decode(),
        "opens_on": today,
        "closes_on": today + timedelta(days=notice.days),
        "open_objections": 0,
    }
    await database.insert("public_notice", row)
