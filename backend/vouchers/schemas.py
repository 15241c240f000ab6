"""Inputs and Views of vouchers."""

from datetime import date, datetime

import msgspec

from backend.membership.enums import Outer
from backend.vouchers.enums import CampaignKind, CampaignMode
from backend.vouchers.shop_schemas import UseView
from backend.vouchers.station_schemas import StationPlace, StationStock, StockView


class CampaignInput(msgspec.Struct, kw_only=True, forbid_unknown_fields=False):
    """A campaign as it is proposed. An empty `target_rule` means every member in good standing; no shop means all."""

    name: str
    kind: CampaignKind = CampaignKind.VOUCHER
    mode: CampaignMode
    face_value_fen: int
    threshold_fen: int = 0
    total: int
    per_member: int = 1
    shops: list[str] = []
    opens_at: datetime
    closes_at: datetime
    valid_until: date
    target_rule: str = ""
    outer: Outer | None = None
    budget_id: str
    text: str = ""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Of an open campaign, what issuing needs."""

    campaign_id: int
    face_value_fen: int
    held_account_id: int
    issued_account_id: int


class ProposedView(msgspec.Struct, kw_only=True):
    """`case_number` is where it is approved."""

    id: str
    state: str
    case_number: str


class CampaignView(msgspec.Struct, kw_only=True):
    """A campaign as members see it. `left` counts what may still be claimed; None where nothing is claimed.
    `entered` counts who takes part in a draw; None where no lots are drawn. Of a single gift, `stations` are where it
    can be had."""

    id: str
    name: str
    text: str
    kind: str
    kind_text: str
    mode: str
    mode_text: str
    face_value_fen: int
    threshold_fen: int
    shops: list[str]
    target_text: str
    total: int
    per_member: int
    left: int | None
    entered: int | None
    opens_at: str
    closes_at: str
    valid_until: str
    phase: str  # coming, open, sold_out, drawing (the lots are not drawn yet), over
    stations: list[StationStock] = []


class PreviewInput(msgspec.Struct, kw_only=True):
    target_rule: str = ""
    outer: Outer | None = None


class TargetSample(msgspec.Struct, kw_only=True):
    member_no: str
    name: str
    union_name: str


class PreviewView(msgspec.Struct, kw_only=True):
    """Who would be meant. Of the `unknown`, who are not among them, a fact is missing that the rule asks."""

    eligible: int
    unknown: int
    target_text: str
    sample: list[TargetSample]
    unknown_sample: list[TargetSample]


class ProgressView(msgspec.Struct, kw_only=True):
    """`per_second` of the present run and `seconds_left` by it, None while nobody can say."""

    state: str
    state_text: str
    total: int
    done: int
    percent: int
    per_second: int | None
    seconds_left: int | None
    problem: str


class DeskDraw(msgspec.Struct, kw_only=True):
    entered: int
    commitment: str
    drawn_at: str | None


class DeskCampaignView(msgspec.Struct, kw_only=True):
    """`eligible` and `unknown` are those of the frozen list, or as of now while there is none. `spent_fen` is the
    face value of what was redeemed."""

    id: str
    name: str
    kind: str
    kind_text: str
    mode: str
    mode_text: str
    state: str
    state_text: str
    case_number: str
    target_text: str
    total: int
    eligible: int
    unknown: int
    issued: int
    redeemed: int
    expired: int
    budget_fen: int
    spent_fen: int
    opens_at: str
    closes_at: str
    valid_until: str
    distribution: ProgressView | None
    draw: DeskDraw | None = None
    stocks: list[StockView] = []


class VoucherView(msgspec.Struct, kw_only=True):
    """A voucher in its owner's wallet. `code` is what a till takes when nothing can be scanned. `station` is where
    one's gift is promised."""

    id: str
    campaign_id: str
    name: str
    kind: str
    face_value_fen: int
    threshold_fen: int
    shops: list[str]
    state: str
    state_text: str
    code: str
    issued_at: str
    valid_until: str
    use: UseView | None = None
    station: StationPlace | None = None
    frozen_reason: str = ""


class FreezeView(msgspec.Struct, kw_only=True):
    reason: str
    frozen_by: str
    frozen_at: str
    thaw_reason: str
    thawed_by: str
    thawed_at: str | None


class DeskVoucherView(msgspec.Struct, kw_only=True):
    """A single voucher at the desk of its campaign: without its code, its owner by number and masked name."""

    id: str
    campaign_name: str
    kind_text: str
    state: str
    state_text: str
    member_name: str
    member_no: str
    face_value_fen: int
    valid_until: str
    issued_at: str
    freezes: list[FreezeView]


class ReasonInput(msgspec.Struct, kw_only=True):
    reason: str


class GivenAt(msgspec.Struct, kw_only=True):
    place: str
    given: int


class GivenView(msgspec.Struct, kw_only=True):
    """How many gifts of a campaign were given, and where."""

    campaign_id: str
    name: str
    state_text: str
    total: int
    given: int
    opens_at: str
    closes_at: str
    places: list[GivenAt]


class EntryView(msgspec.Struct, kw_only=True):
    """Somebody's entry in the draw of a campaign. `number` is public; `rank` counts from 1 once the lots are drawn."""

    campaign_id: str
    number: int
    state: str
    state_text: str
    rank: int | None


class EntryNumber(msgspec.Struct, kw_only=True):
    number: int


class DrawView(msgspec.Struct, kw_only=True):
    """What is published of a draw. Until it is held, the commitment alone and how many take part; then the seed, the
    numbers, their order and the winners, as the published `program` reads them."""

    campaign_id: str
    name: str
    state: str
    closes_at: str
    drawn_at: str | None
    entered: int
    places: int
    commitment: str
    seed: str
    entries: list[EntryNumber]
    order: list[int]
    winners: list[int]


class Standing(msgspec.Struct, kw_only=True):
    """How a person stands to a campaign. `meant` is None when a fact of theirs is missing that its rule asks."""

    is_member: bool
    meant: bool | None
    vouchers: list[VoucherView]
    entry: EntryView | None = None


class VoucherCode(msgspec.Struct, kw_only=True):
    """What the till scans; ask for another before `expires_in` seconds are over."""

    text: str
    qr_svg: str
    expires_in: int
