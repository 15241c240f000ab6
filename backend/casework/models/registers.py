"""Registers in which cases open and change entries."""

from tortoise import fields
from tortoise.models import Model


class RegisterEntry(Model):
    """What a case left behind: a certificate, a file, a policy. `number` is what people quote."""

    id = fields.BigIntField(primary_key=True, generated=False)
    number = fields.CharField(24, unique=True)
    # "<case>:<kind>": one case opens one entry of a kind.
    key = fields.CharField(64, unique=True)
    kind = fields.CharField(40)
    name = fields.CharField(40)
    flow = fields.CharField(40)
    case_id = fields.BigIntField(db_index=True)
    account_id = fields.BigIntField(null=True, db_index=True)
    member_id = fields.BigIntField(null=True, db_index=True)
    id_no_index = fields.CharField(32, null=True, db_index=True)
    union_id = fields.BigIntField(null=True)
    subject_name = fields.CharField(50, db_index=True)
    state = fields.CharField(10)  # RecordState
    opened_on = fields.DateField()
    valid_until = fields.DateField(null=True)
    # The last day that its holder was reminded of.
    reminded_of = fields.DateField(null=True)
    data = fields.TextField()  # JSON, nothing sensitive
    version = fields.IntField(default=1)

    class Meta:
        table = "register_entry"
        indexes = [("kind", "id"), ("union_id", "kind", "id"), ("state", "valid_until")]


class RegisterChange(Model):
    """A line of an entry's history. `key` is made of what caused it, so that it happens once."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(80, unique=True)
    entry_id = fields.BigIntField(db_index=True)
    from_state = fields.CharField(10)
    to_state = fields.CharField(10)
    reference = fields.CharField(40)  # case number, or what the schedule did
    actor_id = fields.BigIntField()
    at = fields.DatetimeField()

    class Meta:
        table = "register_change"
