from tortoise import fields
from tortoise.models import Model


class Notification(Model):
    """A message in somebody's inbox."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(120, unique=True)
    account_id = fields.BigIntField()
    event = fields.CharField(60)
    title = fields.CharField(60)
    text = fields.CharField(500)
    case_number = fields.CharField(24, null=True)
    link = fields.CharField(120, default="")
    created_at = fields.DatetimeField()
    read_at = fields.DatetimeField(null=True)

    class Meta:
        table = "notification"
        indexes = [("account_id", "id"), ("account_id", "read_at")]


class Delivery(Model):
    """One message to one recipient over one outside channel, with a closed set of states."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(120, unique=True)
    account_id = fields.BigIntField(null=True)
    channel = fields.CharField(20)
    template = fields.CharField(60)
    text = fields.CharField(500)
    recipient_index = fields.CharField(32)
    recipient_sealed = fields.CharField(200)
    state = fields.CharField(20)  # DeliveryState
    attempts = fields.IntField(default=0)
    next_at = fields.DatetimeField()
    lease = fields.CharField(32, default="")
    provider_id = fields.CharField(64, default="")
    last_error = fields.CharField(200, default="")
    created_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)

    class Meta:
        table = "delivery"
        indexes = [("state", "next_at", "id")]
