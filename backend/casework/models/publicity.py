"""What is shown to the public, and what is said against it."""

from tortoise import fields
from tortoise.models import Model


class PublicNotice(Model):
    """A 公示 of a case: masked when it is put up, so that what hangs there never shows more than it may."""

    id = fields.BigIntField(primary_key=True, generated=False)
    case_id = fields.BigIntField(db_index=True)
    act_id = fields.BigIntField(unique=True)
    flow = fields.CharField(40)
    union_id = fields.BigIntField()
    union_name = fields.CharField(60)
    title = fields.CharField(120)
    body = fields.TextField()  # JSON list of paragraphs
    opens_on = fields.DateField()
    closes_on = fields.DateField(db_index=True)  # the last day for objections
    open_objections = fields.IntField(default=0)

    class Meta:
        table = "public_notice"


class Objection(Model):
    """What somebody has against a public notice, and what the desk found."""

    id = fields.BigIntField(primary_key=True, generated=False)
    notice_id = fields.BigIntField()
    account_id = fields.BigIntField()
    text = fields.CharField(500)
    at = fields.DatetimeField()
    upheld = fields.BooleanField(null=True)  # null while nobody has looked into it
    finding = fields.CharField(500, default="")
    settled_at = fields.DatetimeField(null=True)
    settled_by = fields.BigIntField(null=True)

    class Meta:
        table = "objection"
        unique_together = (("notice_id", "account_id"),)
