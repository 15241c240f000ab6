from enum import StrEnum


class DueState(StrEnum):
    WAITING = "waiting"


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
    PAY = "pay"
    REVERSE = "reverse"


DUE_TEXT = {DueState.WAITING: "已核定，等待拨付"}
POSTING_TEXT = {
    PostingKind.OPEN: "下达预算",
    PostingKind.CHANGE: "调整预算",
    PostingKind.HOLD: "占用预算",
    PostingKind.RELEASE: "释放预算",
    PostingKind.ISSUE: "发放",
    PostingKind.EXPIRE: "过期退回",
    PostingKind.REDEEM: "核销",
    PostingKind.SELL: "销售",
    PostingKind.PAY: "付款",
    PostingKind.REVERSE: "冲正",
}
