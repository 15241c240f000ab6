"""What would become of each case of a batch, before anybody decides: the same checks as one decision, set-wise."""

from typing import Any

import msgspec

from backend.casework import acting, catalogue, quoting, rules
from backend.casework.enums import CaseAction
from backend.casework.queries import acts, records
from backend.casework.queries.records import CaseRecord
from backend.casework.schemas import BatchInput, BatchItem
from backend.core import national
from backend.core.actor import Actor
from backend.core.errors import invalid, sentence

LIMIT = 500
ACTIONS = (CaseAction.APPROVE, CaseAction.REJECT)


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """`code` is empty for a case that can be decided so; `said` is its sentence."""

    number: str
    version: int
    comment: str
    case_id: int | None = None
    code: str = ""
    said: str = ""
    subject: str = ""
    service: str = ""
    amount_fen: int = 0
    signs: bool = False  # it would be the first of two approvals
    asking: bool = False


def check_input(data: BatchInput) -> None:
    if data.action not in ACTIONS:
        raise invalid("action", "batch_action")
    if not data.cases:
        raise invalid("cases", "batch_empty")
    if len(data.cases) > LIMIT:
        raise invalid("cases", "batch_too_many", limit=LIMIT, count=len(data.cases))
    if len(data.comment) > rules.MAX_COMMENT or any(len(one.comment) > rules.MAX_COMMENT for one in data.cases):
        raise invalid("comment", "comment_too_long", limit=rules.MAX_COMMENT)
    if data.action == CaseAction.REJECT and not all((one.comment or data.comment).strip() for one in data.cases):
        raise invalid("comment", "reason_missing")


async def judge(data: BatchInput, actor: Actor) -> list[Judged]:
    """In the order given, each case once; a case that the actor may not see is not there."""
    items = {item.number: item for item in data.cases}
    found = {case.number: case for case in await records.records_of_numbers(list(items), actor)}
    return [await _judge(item, found.get(item.number), data.action, actor) for item in items.values()]


async def _judge(item: BatchItem, case: CaseRecord | None, action: str, actor: Actor) -> Judged:
    judged = Judged(number=item.number[:24], version=item.version, comment=item.comment.strip())
    if case is None:
        return _refused(judged, "case_not_found")
    judged = msgspec.structs.replace(
        judged,
        case_id=case.id,
        subject=national.mask_name(case.subject_name),
        service=case.spec.name,
        amount_fen=await _amount(case, actor),
        asking=case.open_questions > 0,
    )
    if rules.serving_post(actor, case.standing) is None:
        return _refused(judged, "other_desk")
    if rules.is_own(actor, case.standing):
        return _refused(judged, "own_case")
    if rules.is_recused(actor, case.standing):
        return _refused(judged, "recused")
    if case.batch_id is not None:
        return _refused(judged, "in_batch")
    if case.version != item.version or case.status not in rules.UNDECIDED:
        return _refused(judged, "batch_stale")
    return await _ready(judged, case, actor) if action == CaseAction.APPROVE else judged


async def _ready(judged: Judged, case: CaseRecord, actor: Actor) -> Judged:
    """Whether what the step needs was done, and whether it takes somebody else."""
    flow, step = case.spec, case.spec.steps[case.step_index]
    if step.four_eyes and case.signed_by == actor.account_id:
        return _refused(judged, "four_eyes_same")
    if step.four_eyes and case.signed_by is None:
        judged = msgspec.structs.replace(judged, signs=True)
    if not step.needs:
        return judged
    if missing := acting.undone(step, await acts.done(case.id)):
        names = "、".join(f"“{spec.name}”" for spec in flow.actions if spec.key in missing)
        return _refused(judged, "step_needs_action", names=names)
    noticed = [spec.key for spec in flow.actions if spec.publishes is not None and spec.key in step.needs]
    if noticed and await acts.unfinished_notice(case.id, noticed):
        return _refused(judged, "notice_running")
    return judged


async def _amount(case: CaseRecord, actor: Actor) -> int:
    if not case.spec.quote or case.spec.quote not in catalogue.bindings().quotes:
        return 0
    quoted = await quoting.quote_view(case.spec, case.question(actor))
    return quoted.total_fen if quoted else 0


def _refused(judged: Judged, code: str, **params: Any) -> Judged:
    return msgspec.structs.replace(judged, code=code, said=sentence(code, **params))
