"""What people write before there is a case: drafts, sheets, filings that wait for somebody else."""

from tortoise import fields
from tortoise.models import Model


class Draft(Model):
    """The one live draft a person has of a form. Sensitive values are sealed, the rest is plain."""

    id = fields.BigIntField(primary_key=True, generated=False)
    account_id = fields.BigIntField()
    flow = fields.CharField(40)
    form = fields.TextField()  # JSON object, non-sensitive values as typed
    sealed = fields.TextField()  # sealed JSON object of the sensitive ones
    attachments = fields.TextField()  # JSON {slot: [public file id]}
    sources = fields.TextField(null=True)  # JSON {field: words} of what an earlier application said; "" was cleared
    version = fields.IntField(default=1)
    saved_at = fields.DatetimeField()

    class Meta:
        table = "draft"
        unique_together = (("account_id", "flow"),)


class TableSheet(Model):
    """A sheet that somebody sent for a table of a form, read and not yet taken over: one for each table."""

    id = fields.BigIntField(primary_key=True, generated=False)
    account_id = fields.BigIntField()
    flow = fields.CharField(40)
    field = fields.CharField(40)
    name = fields.CharField(120)  # of the file
    taken = fields.BooleanField(default=False)  # its good rows are in the draft
    sealed = fields.TextField()  # sealed JSON: rows, and what is wrong with others
    made_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "table_sheet"
        unique_together = (("account_id", "flow", "field"),)


class ProxyFiling(Model):
    """A form that somebody filled in for another person, until that person has said yes or no to it. Whatever the
    answer, what was filled in is wiped from here."""

    id = fields.BigIntField(primary_key=True, generated=False)
    flow = fields.CharField(40)
    filer_id = fields.BigIntField()
    filer_label = fields.CharField(50)
    subject_name = fields.CharField(50)
    phone_index = fields.CharField(32)
    phone_sealed = fields.CharField(200)
    state = fields.CharField(10)  # ProxyState
    form = fields.TextField()
    sealed = fields.TextField()
    attachments = fields.TextField()
    made_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)
    case_number = fields.CharField(24, null=True)
    submission_key = fields.CharField(64, null=True, unique=True)

    class Meta:
        table = "proxy_filing"
        indexes = [("filer_id", "id"), ("phone_index", "state"), ("state", "expires_at")]
