"""What people are offered without asking."""

from tortoise import fields
from tortoise.models import Model


class Offer(Model):
    """What came to an entitled member without their asking. `key` is rule, member and period: once, whoever looks."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(120, unique=True)
    flow = fields.CharField(40)
    rule = fields.CharField(40)
    period = fields.CharField(7)  # "2026" or "2026-03"
    member_id = fields.BigIntField(db_index=True)
    account_id = fields.BigIntField()
    state = fields.CharField(10)  # OfferState
    offered_at = fields.DatetimeField()
    closes_on = fields.DateField()
    case_number = fields.CharField(24, null=True)

    class Meta:
        table = "offer"
        indexes = [("account_id", "id")]


class OfferRefusal(Model):
    """Somebody does not want to be offered this any more, until they say otherwise. `key` is rule and member."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(120, unique=True)
    member_id = fields.BigIntField(db_index=True)
    at = fields.DatetimeField()

    class Meta:
        table = "offer_refusal"
