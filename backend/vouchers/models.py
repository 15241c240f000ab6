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
