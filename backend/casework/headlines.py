"""A case in the words its owner uses: one big sentence, one short state, one tone. Pure."""

from datetime import date

import msgspec

from backend.casework import clocks
from backend.casework.enums import AT_DESK, CaseStatus
from backend.core.workdays import Calendar

STATUS_TEXT = {
    CaseStatus.SUBMITTED: "已提交",
    CaseStatus.IN_REVIEW: "审核中",
    CaseStatus.RETURNED: "待补正",
    CaseStatus.ON_HOLD: "已挂起",
    CaseStatus.APPROVED: "已通过",
    CaseStatus.REJECTED: "未通过",
    CaseStatus.WITHDRAWN: "已撤回",
}

_TONES = {
    CaseStatus.RETURNED: "warn",
    CaseStatus.ON_HOLD: "warn",
    CaseStatus.APPROVED: "ok",
    CaseStatus.REJECTED: "late",
}


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What a headline is made of. `desk` is the union that holds the case, "" where nobody does."""

    status: CaseStatus
    service: str
    desk: str = ""
    to_correct: int = 0
    held_until: date | None = None
    days_left: int | None = None
    duplicate_of: str = ""


def status_text(status: str, duplicate_of: str = "") -> str:
    return "已合并" if duplicate_of else STATUS_TEXT[CaseStatus(status)]


def tone(status: str, days_left: int | None) -> str:
    """ok, warn, late or info; a late case is late whatever its state says."""
    if status in AT_DESK and days_left is not None and days_left < 0:
        return "late"
    return _TONES.get(CaseStatus(status), "info")


def due_words(
    status: str, due: date | None, held_until: date | None, *, calendar: Calendar, today: date
) -> tuple[str, str]:
    """The label of a case in the desk's queue, and its tone. `due` of a case on hold is that of a clock that
    never stops."""
    if held_until is not None and status == CaseStatus.ON_HOLD and (due is None or today <= due):
        return f"挂起到{clocks.day_words(held_until, today)}", "warn"
    if due is not None:
        return clocks.due_words(calendar, today, due)
    return status_text(status), tone(status, None)


def headline(standing: Standing) -> str:
    desk = standing.desk or "工会"
    match standing.status:
        case CaseStatus.SUBMITTED:
            return f"{desk}已收到，等待审核"
        case CaseStatus.IN_REVIEW:
            return f"{desk}正在审核"
        case CaseStatus.RETURNED:
            return f"请修改 {standing.to_correct} 处后重新提交" if standing.to_correct else "请修改后重新提交"
        case CaseStatus.ON_HOLD:
            until = standing.held_until
            return f"暂时挂起，到{until.month}月{until.day}日继续办理" if until else "暂时挂起"
        case CaseStatus.APPROVED:
            return f"您的{standing.service}已通过"
        case CaseStatus.REJECTED:
            return f"{desk}没有通过这次申请"
        case CaseStatus.WITHDRAWN:
            other = standing.duplicate_of
            return f"与 {other} 重复，已合并办理" if other else "您已撤回这次申请"
