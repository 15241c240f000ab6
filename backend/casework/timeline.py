"""Lines of a case's history, and how the people in it are named."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from backend.casework.enums import CaseAction
from backend.casework.schemas import TimelineEntry
from backend.core import clock
from backend.core.actor import Actor, Post
from backend.core.national import mask_name

# What a line of the history says of a flow's own action: "act:visit-record".
OWN_ACTION = "act:"
_NO_NAMES: Mapping[str, str] = {}
APPLICANT = "本人"
SYSTEM = "系统"

_TITLES = {
    CaseAction.SUBMIT: "提交了申请",
    CaseAction.OPEN: "已受理",
    CaseAction.SIGN: "初审同意",
    CaseAction.APPROVE: "审核通过",
    CaseAction.RETURN: "退回补正",
    CaseAction.REJECT: "不予通过",
    CaseAction.TRANSFER: "转办",
    CaseAction.HOLD: "挂起",
    CaseAction.RELEASE: "恢复办理",
    CaseAction.CORRECT: "提交了补正",
    CaseAction.WITHDRAW: "撤回了申请",
    CaseAction.URGE: "催办",
    CaseAction.ASK: "征询意见",
    CaseAction.ANSWER: "答复了征询",
    CaseAction.RECUSE: "申请回避",
    CaseAction.MERGE: "合并重复办件",
    CaseAction.REOPEN: "重新办理",
}
# A step whose name is this short says more than "审核通过": 初审通过, 复审通过.
_SHORT_STEP = 4


class EventRow(msgspec.Struct, kw_only=True):
    at: datetime
    action: str
    actor_kind: str
    actor_label: str
    comment: str
    private: bool
    step_index: int


def actor_label(actor: Actor, post: Post | None = None) -> str:
    """How somebody is named in a history, in at most 80 characters: "高桥街道总工会 邹*", with "（代李*）" for whom
    they stand in for, "本人", "系统自动办理".
    """
    if actor.is_staff:
        post = post or (actor.posts[0] if actor.posts else None)
        union, away = (post.union_name, f"（代{mask_name(post.holder)}）" if post.holder else "") if post else ("", "")
        return f"{union} {mask_name(actor.display)}{away}".strip()[:80]
    return APPLICANT if actor.signed_in else actor.display or SYSTEM


def entries(
    events: list[EventRow], step_names: list[str], action_names: Mapping[str, str] = _NO_NAMES, *, own: bool
) -> list[TimelineEntry]:
    """Newest first. `own`: for the applicant, who reads 您 where the desk reads 申请人."""
    return [_entry(event, step_names, action_names, own=own) for event in reversed(events)]


def _entry(event: EventRow, step_names: list[str], action_names: Mapping[str, str], *, own: bool) -> TimelineEntry:
    is_staff = event.actor_kind == "staff"
    union, _, person = event.actor_label.rpartition(" ")
    who = f"{union} " if is_staff else _plain_name(event.actor_kind, event.actor_label, own=own)
    named = action_names.get(event.action.removeprefix(OWN_ACTION)) if event.action.startswith(OWN_ACTION) else None
    return TimelineEntry(
        at=clock.local(event.at).isoformat(timespec="seconds"),
        actor=person if is_staff else event.actor_label,
        action=event.action,
        comment="" if own and event.private else event.comment,
        title=who + (named or _act(event, step_names)),
    )


def who(kind: str, label: str, *, own: bool) -> str:
    """Somebody as the other side reads the name."""
    return label if kind == "staff" else _plain_name(kind, label, own=own).strip()


def act(action: str) -> str:
    """One of the flow's own actions has its name in the flow file; where that is gone, the plain word."""
    return "办理" if action.startswith(OWN_ACTION) else _TITLES[CaseAction(action)]


def _plain_name(kind: str, label: str, *, own: bool) -> str:
    if kind == "person":
        return "您" if own else "申请人"
    return SYSTEM if label in ("", SYSTEM) else f"{label} "


def _act(event: EventRow, step_names: list[str]) -> str:
    if event.action == CaseAction.SUBMIT and event.actor_kind == "staff":
        return "代为提交了申请"
    if event.action == CaseAction.APPROVE and event.step_index < len(step_names):
        step = step_names[event.step_index]
        if len(step) <= _SHORT_STEP:
            return f"{step}通过"
    return act(event.action)
