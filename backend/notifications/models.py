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
    """One message to one recipient over one outside channel, with a closed set of states.

    A message to one person carries its phone; one of many names the account or the member, whose phone is looked up
    when it is sent. `next_at` is empty once nothing more is to be done. `begun_at` is when a try began of which nobody
    has written down what came of it: the provider is asked before it is tried again.
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(120, unique=True)
    account_id = fields.BigIntField(null=True)
    member_id = fields.BigIntField(null=True)
    union_id = fields.BigIntField(null=True)  # whose matter it is: who sees to it when it reaches nobody
    channel = fields.CharField(20)
    template = fields.CharField(60)
    text = fields.CharField(500)
    params = fields.TextField()  # JSON {placeholder: value}: what a provider fills its own template with
    recipient_index = fields.CharField(32)
    recipient_sealed = fields.CharField(200, default="")
    urgency = fields.IntField()  # Urgency
    state = fields.CharField(20)  # DeliveryState
    attempts = fields.IntField(default=0)
    next_at = fields.DatetimeField(null=True)
    begun_at = fields.DatetimeField(null=True)
    lease = fields.CharField(32, default="")
    provider_id = fields.CharField(64, default="")
    last_error = fields.CharField(200, default="")
    created_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)

    class Meta:
        table = "delivery"
        indexes = [("urgency", "next_at", "id"), ("state", "union_id", "id")]
