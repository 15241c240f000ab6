from tortoise import fields
from tortoise.models import Model


class Campaign(Model):
    """What is given out, to whom, how many, on whose money. The form of its case is the plan."""

    id = fields.BigIntField(primary_key=True, generated=False)
    union_id = fields.BigIntField(db_index=True)
    name = fields.CharField(60)
    text = fields.CharField(500, default="")
    kind = fields.CharField(10)  # CampaignKind
    mode = fields.CharField(10)  # CampaignMode
    state = fields.CharField(10)  # CampaignState
    face_value_fen = fields.BigIntField()
    threshold_fen = fields.BigIntField(default=0)
    total = fields.IntField()
    per_member = fields.SmallIntField(default=1)
    shops = fields.TextField()  # JSON list of names or ids; an empty one means everywhere
    opens_at = fields.DatetimeField()
    closes_at = fields.DatetimeField()
    valid_until = fields.DateField()  # the last day on which one may be used
    target_rule = fields.CharField(300, default="")
    outer = fields.CharField(10, default="")  # Outer
    budget_id = fields.BigIntField(null=True)
    case_id = fields.BigIntField(null=True, unique=True)
    case_number = fields.CharField(24, default="")
    pool_id = fields.BigIntField(null=True, unique=True)
    hold_id = fields.BigIntField(null=True, unique=True)
    draw_id = fields.BigIntField(null=True, unique=True)
    issued_account_id = fields.BigIntField(null=True)  # in the ledger: the worth of its live vouchers
    proposed_by = fields.BigIntField()
    created_at = fields.DatetimeField()
    opened_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    version = fields.IntField(default=1)

    class Meta:
        table = "voucher_campaign"
        indexes = [("state", "closes_at"), ("kind", "state"), ("state", "valid_until")]


class Distribution(Model):
    """Handing a targeted campaign out, part by part. `next_part` is the cursor: what lies before it is done."""

    id = fields.BigIntField(primary_key=True, generated=False)
    campaign_id = fields.BigIntField(unique=True)
    state = fields.CharField(10)  # DistributionState
    problem = fields.CharField(40, default="")
    total = fields.IntField(default=0)
    unknown = fields.IntField(default=0)
    parts = fields.IntField(default=0)
    next_part = fields.IntField(default=0)
    done = fields.IntField(default=0)
    runs = fields.IntField(default=1)
    # Where the present run began: for the rate.
    run_from = fields.IntField(default=0)
    run_began_at = fields.DatetimeField()
    started_by = fields.BigIntField()
    started_at = fields.DatetimeField()
    moved_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "voucher_distribution"
        indexes = [("state", "moved_at")]


class DistributionPart(Model):
    """A piece of the frozen list: the ids of its members, eight bytes each, as base64."""

    id = fields.BigIntField(primary_key=True, generated=False)
    distribution_id = fields.BigIntField()
    part = fields.IntField()
    size = fields.IntField()
    members = fields.TextField()

    class Meta:
        table = "voucher_part"
        unique_together = (("distribution_id", "part"),)


class Voucher(Model):
    """One voucher of one member. Its code is derived from its id and stored only as a keyed hash."""

    id = fields.BigIntField(primary_key=True, generated=False)
    campaign_id = fields.BigIntField()
    member_id = fields.BigIntField()
    nth = fields.SmallIntField()
    code_hash = fields.CharField(32, unique=True)
    claim_id = fields.BigIntField(null=True, unique=True)  # the place it came with, where somebody took one
    state = fields.CharField(10)  # VoucherState
    issued_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        table = "voucher"
        unique_together = (("campaign_id", "member_id", "nth"),)
        indexes = [("member_id", "id"), ("campaign_id", "state", "id")]


class Shop(Model):
    """Where vouchers are redeemed. `key` is the case or the request that opened it."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(100, unique=True)
    union_id = fields.BigIntField(db_index=True)
    name = fields.CharField(60)
    address = fields.CharField(200, default="")
    division = fields.CharField(9, default="", db_index=True)  # its township
    phone = fields.CharField(20, default="")
    hours = fields.CharField(60, default="")
    offers = fields.CharField(300, default="")
    state = fields.CharField(10)  # ShopState
    settle_cycle = fields.CharField(10)  # SettleCycle
    # What its tills may take a day while they have no connection.
    offline_limit_fen = fields.BigIntField(default=0)
    cashiers = fields.SmallIntField(default=0)  # the last number given out
    payable_account_id = fields.BigIntField()  # in the ledger: what is owed to it
    case_id = fields.BigIntField(null=True)
    created_at = fields.DatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        table = "shop"


class ShopCashier(Model):
    """Somebody who stands at a till of one shop, by an account of their own. Removed for good: it never comes back."""

    id = fields.BigIntField(primary_key=True, generated=False)
    shop_id = fields.BigIntField()
    account_id = fields.BigIntField(unique=True)
    number = fields.SmallIntField()  # as the shop counts them
    added_at = fields.DatetimeField()
    added_by = fields.BigIntField()
    blocked_at = fields.DatetimeField(null=True)  # kept from the till until somebody ends it
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "shop_cashier"
        unique_together = (("shop_id", "number"),)


class ShopManager(Model):
    """Somebody of the merchant who says who stands at the tills of a shop, or of several by one account."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(40, unique=True)  # "<shop>:<account>"
    shop_id = fields.BigIntField(db_index=True)
    account_id = fields.BigIntField(db_index=True)
    added_at = fields.DatetimeField()
    added_by = fields.BigIntField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "shop_manager"


class Redemption(Model):
    """One use of a voucher. `live` is the voucher until the use is undone, so that no voucher is used twice at once.

    `at` is when it was used and `day` when it was booked: a use without a connection is booked later. Only on that
    day it may be undone, so the days before never change.
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    shop_id = fields.BigIntField()
    receipt_no = fields.CharField(32)
    cashier_id = fields.BigIntField()
    voucher_id = fields.BigIntField(db_index=True)
    live = fields.BigIntField(null=True, unique=True)
    campaign_id = fields.BigIntField()
    member_id = fields.BigIntField()
    amount_fen = fields.BigIntField()  # of the bill
    worth_fen = fields.BigIntField()  # of the voucher
    at = fields.DatetimeField()
    day = fields.DateField()
    offline = fields.BooleanField(default=False)
    settlement_id = fields.BigIntField(null=True, db_index=True)
    undone_at = fields.DatetimeField(null=True)
    undone_by = fields.BigIntField(null=True)
    undo_reason = fields.CharField(100, default="")

    class Meta:
        table = "redemption"
        unique_together = (("shop_id", "receipt_no"),)
        indexes = [
            ("shop_id", "day", "id"),
            ("shop_id", "settlement_id", "day"),
            ("member_id", "id"),
            ("campaign_id", "id"),
        ]


class ShopOfflineDay(Model):
    """How much of a day's limit a shop has used up without a connection."""

    id = fields.CharField(40, primary_key=True)  # "<shop>:<day>"
    used_fen = fields.BigIntField(default=0)

    class Meta:
        table = "shop_offline_day"


class Settlement(Model):
    """What was paid to a shop: everything up to `to_on` that was not paid before. Reversed, it is owed again."""

    id = fields.BigIntField(primary_key=True, generated=False)
    shop_id = fields.BigIntField()
    from_on = fields.DateField()
    to_on = fields.DateField()
    count = fields.IntField()
    amount_fen = fields.BigIntField()
    posting_id = fields.BigIntField(unique=True)
    paid_by = fields.BigIntField()
    paid_at = fields.DatetimeField()
    remark = fields.CharField(100, default="")
    reversed_at = fields.DatetimeField(null=True)
    reversed_by = fields.BigIntField(null=True)
    reverse_reason = fields.CharField(100, default="")

    class Meta:
        table = "settlement"
        indexes = [("shop_id", "id")]


class Station(Model):
    """Where gifts are handed over, by staff of its union or of one above."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(100, unique=True)
    union_id = fields.BigIntField(db_index=True)
    name = fields.CharField(60)
    address = fields.CharField(200, default="")
    hours = fields.CharField(60, default="")
    state = fields.CharField(10)  # StationState
    created_at = fields.DatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        table = "gift_station"


class GiftStock(Model):
    """What a station has of the gifts of a campaign: a pool, with as many places as were ever brought there."""

    id = fields.BigIntField(primary_key=True, generated=False)
    campaign_id = fields.BigIntField()
    station_id = fields.BigIntField()
    pool_id = fields.BigIntField(unique=True)

    class Meta:
        table = "gift_stock"
        unique_together = (("campaign_id", "station_id"),)


class GiftMove(Model):
    """Pieces of a gift brought from one station to another. Without a station it is where all of them are at first:
    what was approved and is at none."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(100, unique=True)
    campaign_id = fields.BigIntField(db_index=True)
    from_station_id = fields.BigIntField(null=True)
    to_station_id = fields.BigIntField(null=True)
    count = fields.IntField()
    remark = fields.CharField(100, default="")
    moved_by = fields.BigIntField()
    moved_at = fields.DatetimeField()

    class Meta:
        table = "gift_move"
        indexes = [("from_station_id", "id"), ("to_station_id", "id")]


class GiftPick(Model):
    """At which station somebody gets their gift: one of its stock is theirs."""

    id = fields.BigIntField(primary_key=True, generated=False)  # of the voucher
    stock_id = fields.BigIntField(db_index=True)

    class Meta:
        table = "gift_pick"


class VoucherUse(Model):
    """A use of a voucher that no till made. `live` is the voucher until the use is undone, `place` is in words."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(60, unique=True)
    kind = fields.CharField(10)  # UseKind
    voucher_id = fields.BigIntField(db_index=True)
    live = fields.BigIntField(null=True, unique=True)
    member_id = fields.BigIntField()
    station_id = fields.BigIntField(null=True)
    place = fields.CharField(60)
    amount_fen = fields.BigIntField()  # of the bill, 0 where nothing is paid
    worth_fen = fields.BigIntField()
    at = fields.DatetimeField()
    used_by = fields.BigIntField()
    undone_at = fields.DatetimeField(null=True)
    undone_by = fields.BigIntField(null=True)
    undo_reason = fields.CharField(100, default="")

    class Meta:
        table = "voucher_use"
        indexes = [("station_id", "id")]


class VoucherFreeze(Model):
    """A voucher that nobody uses for a time, and why. `live` is the voucher until it is let go again."""

    id = fields.BigIntField(primary_key=True, generated=False)
    voucher_id = fields.BigIntField(db_index=True)
    live = fields.BigIntField(null=True, unique=True)
    reason = fields.CharField(100)
    frozen_by = fields.BigIntField()
    frozen_at = fields.DatetimeField()
    thaw_reason = fields.CharField(100, default="")
    thawed_by = fields.BigIntField(null=True)
    thawed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "voucher_freeze"
