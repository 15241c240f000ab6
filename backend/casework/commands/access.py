"""Finding the case somebody acts on: their own, or one at a desk they serve. Everything else is not there."""

import msgspec

from backend.casework import catalogue, contents, rules
from backend.casework.commands import transitions
from backend.casework.contents import Content, Stored
from backend.casework.enums import CaseAction, CaseStatus
from backend.casework.flows import Flow
from backend.casework.models import Case
from backend.casework.queries import recusals
from backend.casework.queries.scope import is_asked, sees_unions
from backend.core.actor import Actor, Post
from backend.core.errors import Conflict, Forbidden, NotFound

LONGEST_NUMBER = 24


async def find(number: str) -> Case | None:
    """A longer text is no number; the ORM would refuse to look for it."""
    return await Case.get_or_none(number=number) if len(number) <= LONGEST_NUMBER else None


async def own_case(number: str, actor: Actor) -> Case:
    case = await find(number)
    if case is None or actor.kind != "person" or not rules.is_own(actor, standing_of(case)):
        raise NotFound("case_not_found")
    return case


async def desk_case(
    number: str, actor: Actor, *, version: int, action: str = "", batch_id: int | None = None
) -> tuple[Case, Post]:
    """The case and the post by which the actor serves its desk; `version` is the one the actor looks at.

    Whoever may see it but serves another desk is told so, or, where it moved on meanwhile, who was quicker.
    To anybody else it is not there. A case that lies in a batch is decided by that batch alone.
    """
    case = await find(number)
    if case is None:
        raise NotFound("case_not_found")
    standing = await standing_for(case, actor)
    post = rules.serving_post(actor, standing)
    if post is None:
        if not await sees_unions(actor, case.desk_union_id, case.target_union_id) and not await is_asked(
            case.id, actor
        ):
            raise NotFound("case_not_found")
        if case.version != version:
            await transitions.lost(case.id)
        raise Forbidden("other_desk")
    if action != CaseAction.RECUSE:
        require_say(actor, standing, handing_on=action == CaseAction.TRANSFER)
    if case.batch_id != batch_id:
        raise Conflict("in_batch")
    return case, post


def require_say(actor: Actor, standing: rules.Standing, *, handing_on: bool = False) -> None:
    """Refuse somebody in their own affair, or in that of somebody close to them; these they may hand on."""
    if rules.is_own(actor, standing):
        raise Forbidden("own_case")
    if rules.is_recused(actor, standing) and not handing_on:
        raise Forbidden("recused")


async def standing_for(case: Case, actor: Actor) -> rules.Standing:
    """The standing as this member of staff has to look at it."""
    recusal = await recusals.of_one(case.id, actor)
    return msgspec.structs.replace(standing_of(case), recusal=recusal)


def standing_of(case: Case) -> rules.Standing:
    return rules.Standing(
        status=CaseStatus(case.status),
        applicant_id=case.applicant_id,
        member_id=case.member_id,
        desk_union_id=case.desk_union_id,
        desk_role=case.desk_role,
        urged_at=case.urged_at,
        held_until=case.held_until,
        batch_id=case.batch_id,
        signed_by=case.signed_by,
    )


def flow_of(case: Case) -> Flow:
    return catalogue.version(case.flow, case.flow_version)


def content_of(case: Case) -> Content:
    return contents.unpack(Stored(case.form, case.sealed, case.attachments), context=contents.case_context(case.id))
