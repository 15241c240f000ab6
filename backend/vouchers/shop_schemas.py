"""Inputs and Views of shops, tills and what they take."""

from datetime import date, datetime

import msgspec

from backend.vouchers.enums import SettleCycle


class ShopInput(msgspec.Struct, kw_only=True):
    """`offline_limit_fen` is what its tills may take a day without a connection; 0 is nothing. `division` is the code
    of its township; `phone` and `hours` are shown to everybody."""

    name: str
    address: str = ""
    division: str = ""
    phone: str = ""
    hours: str = ""
    offers: str = ""
    settle_cycle: SettleCycle = SettleCycle.WEEKLY
    offline_limit_fen: int = 0


class NewShop(ShopInput, kw_only=True):
    """A shop and the union it belongs to."""

    union_id: str


class ShopChange(ShopInput, kw_only=True):
    """What a shop is to be, and the version that was looked at."""

    version: int


class CashierInput(msgspec.Struct, kw_only=True):
    username: str
    display: str


class CashierView(msgspec.Struct, kw_only=True):
    id: str
    number: str
    username: str
    display: str
    state: str
    blocked: bool
    has_totp: bool
    first_password: bool


class CashierMade(msgspec.Struct, kw_only=True):
    """`first_password` is shown this once."""

    id: str
    number: str
    username: str
    first_password: str


class ManagerInput(msgspec.Struct, kw_only=True):
    """`username` of somebody who manages another shop already gives them this one too."""

    username: str
    display: str


class ManagerView(msgspec.Struct, kw_only=True):
    id: str
    username: str
    display: str
    first_password: bool


class ManagerMade(msgspec.Struct, kw_only=True):
    """`first_password` is shown this once; it is empty where the account was there before."""

    id: str
    username: str
    first_password: str


class OwnShop(msgspec.Struct, kw_only=True):
    """A shop of which the actor says who stands at its tills."""

    id: str
    name: str
    address: str
    state: str
    state_text: str
    cashiers: int


class ShopView(msgspec.Struct, kw_only=True):
    """`payable_fen` is what its statements owe it. `may_manage`: whoever reads it opens, changes and stops it."""

    id: str
    name: str
    address: str
    division: str
    division_name: str
    phone: str
    hours: str
    offers: str
    union_name: str
    state: str
    state_text: str
    settle_cycle: str
    settle_cycle_text: str
    offline_limit_fen: int
    cashiers: int
    payable_fen: int
    may_manage: bool
    version: int


class NearbyShop(msgspec.Struct, kw_only=True):
    """A shop as everybody may find it. `campaigns` are those whose vouchers it takes now."""

    id: str
    name: str
    address: str
    division: str
    division_name: str
    phone: str
    hours: str
    offers: str
    campaigns: list[str]


class Township(msgspec.Struct, kw_only=True):
    """Where shops are, and how many; an empty code is of those that nobody has placed."""

    code: str
    name: str
    shops: int


class Till(msgspec.Struct, frozen=True, kw_only=True):
    """Where the actor takes vouchers: the shop, and who they are to it."""

    shop_id: int
    shop_name: str
    state: str
    union_id: int
    path: str
    settle_cycle: SettleCycle
    offline_limit_fen: int
    payable_account_id: int
    cashier_id: int
    number: int


class RedemptionInput(msgspec.Struct, kw_only=True):
    """`code` is typed, or the text of the picture that was scanned. `amount_fen` is the bill before the voucher."""

    code: str
    amount_fen: int
    receipt_no: str


class OfflineItem(msgspec.Struct, kw_only=True):
    """What a till took while it had no connection: only what it scanned."""

    code: str
    amount_fen: int
    receipt_no: str
    scanned_at: datetime


class OfflineInput(msgspec.Struct, kw_only=True):
    items: list[OfflineItem]


class UndoInput(msgspec.Struct, kw_only=True):
    reason: str


class RedemptionView(msgspec.Struct, kw_only=True):
    """`may_undo`: it is of today and not undone yet."""

    id: str
    receipt_no: str
    campaign_name: str
    kind: str
    amount_fen: int
    worth_fen: int
    pay_fen: int
    shop_name: str
    cashier: str
    at: str
    day: str
    offline: bool
    undone_at: str | None
    undo_reason: str
    settled: bool
    may_undo: bool


class OfflineResult(msgspec.Struct, kw_only=True):
    """Of one item: taken, or why not."""

    receipt_no: str
    accepted: bool
    redemption: RedemptionView | None = None
    code: str = ""
    detail: str = ""


class OfflineAnswer(msgspec.Struct, kw_only=True):
    accepted: int
    conflicts: int
    items: list[OfflineResult]


class OfflineOffer(msgspec.Struct, kw_only=True):
    """A campaign whose vouchers the shop takes. A bill has to come to `least_fen`."""

    campaign_id: str
    name: str
    worth_fen: int
    least_fen: int
    valid_until: str


class OfflineTerms(msgspec.Struct, kw_only=True):
    """With which a till goes on by itself: the key that pictures are signed with, what it may take today and of
    which campaigns."""

    shop_id: str
    public_key: str
    scan_seconds: int
    limit_fen: int
    left_fen: int
    keep_hours: int
    shop_name: str
    offers: list[OfflineOffer]


class UseView(msgspec.Struct, kw_only=True):
    """Where a voucher of mine was used, and when. `kind` is `till`, or `gift` of what a station handed over."""

    shop_name: str
    cashier: str
    at: str
    amount_fen: int
    worth_fen: int
    kind: str = "till"


class SettleInput(msgspec.Struct, kw_only=True):
    """`amount_fen` is what the payer was shown; `remark` may name the transfer."""

    amount_fen: int
    remark: str = ""


class ReverseInput(msgspec.Struct, kw_only=True):
    reason: str


class DueView(msgspec.Struct, kw_only=True):
    """What may be paid to a shop now: everything up to `to_on`. `later_fen` is of the period that still runs."""

    from_on: date | None
    to_on: date
    count: int
    amount_fen: int
    later_fen: int
    may_settle: bool


class SettlementView(msgspec.Struct, kw_only=True):
    """What was paid, for the uses of which days; owed again once it is reversed. It `is_news` for some days."""

    id: str
    shop_id: str
    from_on: date
    to_on: date
    count: int
    amount_fen: int
    paid_at: str
    is_news: bool
    remark: str
    reversed_at: str | None
    reverse_reason: str


class StatementDay(msgspec.Struct, kw_only=True):
    day: date
    count: int
    worth_fen: int


class StatementView(msgspec.Struct, kw_only=True):
    """What was taken in one period. `open_fen` is not paid yet."""

    from_on: date
    to_on: date
    count: int
    worth_fen: int
    paid_fen: int
    open_fen: int
    is_over: bool
    days: list[StatementDay]
