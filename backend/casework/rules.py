"""Who may do what to a case in which state. Pure: a case's standing, an actor and the time go in."""

from datetime import UTC, date, datetime, timedelta

import msgspec

from backend.casework.clocks import URGE_EVERY
from backend.casework.enums import AT_DESK, OPEN, CaseAction, CaseStatus, Recusal
from backend.core.actor import Actor, Post

MAX_FILES = 50
MAX_COMMENT = 500
MAX_FIELD_COMMENT = 200
MAX_PHRASE = 200
MAX_QUESTION = 400  # and as much for its answer

UNDECIDED = (CaseStatus.SUBMITTED, CaseStatus.IN_REVIEW)
DECISIONS = (CaseAction.APPROVE, CaseAction.RETURN, CaseAction.REJECT, CaseAction.TRANSFER, CaseAction.HOLD)


# How long after the last word the two sides may still write to each other.
TALK_AFTER = timedelta(days=15)
MAX_MESSAGE = 500


# How long somebody counts as looking after their page last said so; it says so every minute.
PRESENT = timedelta(minutes=3)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules need to know of a case."""

    status: CaseStatus
    applicant_id: int | None
    member_id: int | None
    desk_union_id: int | None
    desk_role: str | None
    urged_at: datetime | None
    held_until: date | None = None
    batch_id: int | None = None
    signed_by: int | None = None  # who gave the first of two approvals
    recusal: Recusal | None = None  # why the actor has no say, as far as it is written down


def serving_post(actor: Actor, case: Standing) -> Post | None:
    """The post by which the actor serves the desk that has the case."""
    return post_at(actor, case.desk_union_id, case.desk_role)


def post_at(actor: Actor, union_id: int | None, role: str | None) -> Post | None:
    """The post by which the actor serves exactly this desk."""
    for post in actor.posts:
        if post.union_id == union_id and role in post.roles and "case.decide" in post.permissions:
            return post
    return None


def may_ask(actor: Actor, case: Standing) -> bool:
    """Whoever serves the desk may ask another one, as long as the case lies there."""
    served = serving_post(actor, case) is not None and not is_recused(actor, case)
    return served and case.status in AT_DESK and case.batch_id is None


def reopening_post(actor: Actor, case: Standing, desk_path: str) -> Post | None:
    """The post by which the actor may take back a refusal: at the desk that gave it, or one that decides above."""
    if (post := serving_post(actor, case)) is not None:
        return post
    above = (post for post in actor.posts if post.path != desk_path and desk_path.startswith(post.path))
    return next((post for post in above if "case.decide" in post.permissions), None)


def is_own(actor: Actor, case: Standing) -> bool:
    """Nobody decides what they asked for themselves."""
    if case.recusal == Recusal.OWN:
        return True
    if actor.account_id and case.applicant_id == actor.account_id:
        return True
    return actor.member_id is not None and case.member_id == actor.member_id


def is_recused(actor: Actor, case: Standing) -> bool:
    return case.recusal is not None or is_own(actor, case)


def may_recuse(actor: Actor, case: Standing) -> bool:
    """Whoever serves the desk may ask to be left out, once, while there is something to decide."""
    free = case.batch_id is None and case.recusal != Recusal.ASKED
    return free and case.status in UNDECIDED and serving_post(actor, case) is not None


def may_at_desk(actor: Actor, case: Standing) -> list[CaseAction]:
    """What this member of staff may do now; empty for a case that is elsewhere, their own,
    or in a batch. One in which they have no say they may only hand on."""
    if serving_post(actor, case) is None or is_own(actor, case) or case.batch_id is not None:
        return []
    if is_recused(actor, case):
        return [CaseAction.TRANSFER] if case.status in UNDECIDED else []
    if case.status in UNDECIDED:
        return [one for one in DECISIONS if one != CaseAction.APPROVE or case.signed_by != actor.account_id]
    return [CaseAction.RELEASE] if case.status == CaseStatus.ON_HOLD else []


def may_as_applicant(case: Standing, now: datetime) -> list[CaseAction]:
    actions = []
    if case.status == CaseStatus.RETURNED:
        actions.append(CaseAction.CORRECT)
    if case.status in UNDECIDED and urge_wait(case.urged_at, now) == 0:
        actions.append(CaseAction.URGE)
    if case.status in OPEN:
        actions.append(CaseAction.WITHDRAW)
    return actions


def urge_wait(urged_at: datetime | None, now: datetime) -> int:
    """Seconds until the case may be urged again; 0 when it may be now."""
    if urged_at is None:
        return 0
    left = (urged_at + URGE_EVERY - now).total_seconds()
    return max(0, -int(-left // 1))


def talk_until(status: CaseStatus, decided_at: datetime | None) -> datetime | None:
    """When the talk on a closed case ends; a withdrawn one has nothing left to talk about. None while it is open."""
    if status in OPEN:
        return None
    if status == CaseStatus.WITHDRAWN or decided_at is None:
        return datetime.min.replace(tzinfo=UTC)
    return decided_at + TALK_AFTER


def may_talk(status: CaseStatus, decided_at: datetime | None, now: datetime) -> bool:
    until = talk_until(status, decided_at)
    return until is None or now < until
