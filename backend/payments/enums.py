from enum import StrEnum


class DueState(StrEnum):
    WAITING = "waiting"  # to be taken into a run
    IN_RUN = "in_run"
    PAID = "paid"
    RETURNED = "returned"  # by the bank; waits for another card, or for staff


class DueSource(StrEnum):
    CASE = "case"
    GRADING = "grading"


class RunState(StrEnum):
    DRAFT = "draft"  # waits to be checked by somebody else
    CHECKED = "checked"
    EXPORTED = "exported"  # the bank has its file
    SETTLED = "settled"  # of every item it is known what became of it
    CANCELLED = "cancelled"


class ItemState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    PAID = "paid"
    RETURNED = "returned"
    DROPPED = "dropped"  # its run was cancelled


class AccountKind(StrEnum):
    """Money moves along these; only a source may be below zero."""

    SOURCE = "source"  # where a union's money comes from
    BUDGET = "budget"  # what may still be promised
    HELD = "held"  # promised to one purpose
    ISSUED = "issued"  # in the hands of members, as vouchers
    PAYABLE = "payable"  # owed to somebody
    PAID = "paid"
    INCOME = "income"  # what was taken for goods


class PostingKind(StrEnum):
    OPEN = "open"
    CHANGE = "change"
    HOLD = "hold"
    RELEASE = "release"
    ISSUE = "issue"
    EXPIRE = "expire"
    REDEEM = "redeem"
    SELL = "sell"
    OWE = "owe"
    RETURN = "return"
    PAY = "pay"
    REVERSE = "reverse"


DUE_TEXT = {
    DueState.WAITING: "已核定，等待拨付",
    DueState.IN_RUN: "拨付中",
    DueState.PAID: "已付款",
    DueState.RETURNED: "银行退回，请更正银行卡",
}
NO_CARD_TEXT = "已核定，等待拨付，请补充银行卡"
POSTING_TEXT = {
    PostingKind.OPEN: "下达预算",
    PostingKind.CHANGE: "调整预算",
    PostingKind.HOLD: "占用预算",
    PostingKind.RELEASE: "释放预算",
    PostingKind.ISSUE: "发放",
    PostingKind.EXPIRE: "过期退回",
    PostingKind.REDEEM: "核销",
    PostingKind.SELL: "销售",
    PostingKind.OWE: "列入应付",
    PostingKind.RETURN: "银行退回",
    PostingKind.PAY: "付款",
    PostingKind.REVERSE: "冲正",
}
RUN_TEXT = {
    RunState.DRAFT: "待复核",
    RunState.CHECKED: "已复核，待送银行",
    RunState.EXPORTED: "已送银行，待回盘",
    RunState.SETTLED: "已结清",
    RunState.CANCELLED: "已作废",
}
ITEM_TEXT = {
    ItemState.WAITING: "待拨付",
    ItemState.SENT: "已送银行",
    ItemState.PAID: "已付款",
    ItemState.RETURNED: "银行退回",
    ItemState.DROPPED: "已作废",
}
