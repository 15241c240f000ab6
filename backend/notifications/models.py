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
    mass_id = fields.BigIntField(null=True)  # the mass notice it belongs to
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
        indexes = [
            ("urgency", "next_at", "id"),
            ("state", "union_id", "id"),
            ("mass_id", "state", "id"),
            ("provider_id",),
        ]


class MassNotice(Model):
    """A notice written at a desk for many. `next_part` is the cursor: what lies before it is written."""

    id = fields.BigIntField(primary_key=True, generated=False)
    nonce = fields.CharField(70, unique=True)  # one form that was sent, however often
    union_id = fields.BigIntField(db_index=True)
    title = fields.CharField(30)
    text = fields.CharField(500)
    target_rule = fields.CharField(300)
    outer = fields.CharField(10)  # Outer, or empty
    by_sms = fields.BooleanField()
    state = fields.CharField(10)  # MassState
    total = fields.IntField(default=0)
    unknown = fields.IntField(default=0)
    parts = fields.IntField(default=0)
    next_part = fields.IntField(default=0)
    done = fields.IntField(default=0)  # members that were gone through
    inboxes = fields.IntField(default=0)
    moves = fields.IntField(default=0)  # how often it was started or stopped
    made_by = fields.BigIntField()
    made_at = fields.DatetimeField()
    moved_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "mass_notice"


class MassPart(Model):
    """A piece of the frozen list: the ids of its members, eight bytes each, as base64."""

    id = fields.BigIntField(primary_key=True, generated=False)
    mass_id = fields.BigIntField()
    part = fields.IntField()
    members = fields.TextField()

    class Meta:
        table = "mass_part"
        unique_together = (("mass_id", "part"),)
