from tortoise import fields
from tortoise.models import Model


class Member(Model):
    """A person on the roll: one row per identity number, for life. `status` says whether it is effective."""

    id = fields.BigIntField(primary_key=True, generated=False)
    member_no = fields.CharField(16, unique=True)
    name = fields.CharField(50)
    initials = fields.CharField(25, default="")
    id_no_index = fields.CharField(32, unique=True)
    id_no_sealed = fields.CharField(200)
    phone_index = fields.CharField(32, null=True, db_index=True)
    phone_sealed = fields.CharField(200, default="")
    gender = fields.CharField(1)  # m or f
    birth_year = fields.IntField()
    birth_month = fields.IntField()
    household_province = fields.CharField(2, default="")
    status = fields.CharField(14)  # MemberStatus
    status_since = fields.DateField()
    union_id = fields.BigIntField()
    division = fields.CharField(12, default="")
    employ_form = fields.CharField(12, default="")
    newform_group = fields.CharField(12, default="")
    employer = fields.CharField(60, default="")
    joined_on = fields.DateField()
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()

    class Meta:
        table = "member"
        indexes = [("union_id", "status"), ("name", "id"), ("initials", "id"), ("birth_month", "id")]


class MembershipChange(Model):
    """Each change of status or union, with its reason: the history of a membership."""

    id = fields.BigIntField(primary_key=True, generated=False)
    member_id = fields.BigIntField(db_index=True)
    from_status = fields.CharField(14, default="")
    to_status = fields.CharField(14)
    from_union_id = fields.BigIntField(null=True)
    to_union_id = fields.BigIntField()
    reason = fields.CharField(100)
    reference = fields.CharField(40, default="")  # case number or import
    actor_id = fields.BigIntField()
    at = fields.DatetimeField()

    class Meta:
        table = "membership_change"


class IdentityTry(Model):
    """How often an account tried to confirm an identity number on one day. `key` is account and day."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(40, unique=True)
    tries = fields.IntField()

    class Meta:
        table = "identity_try"


class RollImport(Model):
    """The existing roll coming in from a sheet. `done` is the cursor: how many of `total` rows are worked."""

    id = fields.BigIntField(primary_key=True, generated=False)
    union_id = fields.BigIntField()
    created_by = fields.BigIntField(db_index=True)
    file_id = fields.BigIntField()
    dry_run = fields.BooleanField()
    state = fields.CharField(10)  # ImportState
    problem = fields.CharField(200, default="")
    total = fields.IntField(default=0)
    done = fields.IntField(default=0)
    added = fields.IntField(default=0)
    updated = fields.IntField(default=0)
    unchanged = fields.IntField(default=0)
    refused = fields.IntField(default=0)
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "roll_import"


class RollImportChunk(Model):
    """Rows of a sheet waiting to be worked, as sealed JSON. Deleted when the import ends."""

    id = fields.BigIntField(primary_key=True, generated=False)
    import_id = fields.BigIntField()
    start = fields.IntField()  # the cursor at which this chunk begins
    sealed = fields.TextField()

    class Meta:
        table = "roll_import_chunk"
        unique_together = (("import_id", "start"),)


class RollImportRow(Model):
    """What became of one row of a sheet. Values are not kept: the sheet has them."""

    id = fields.BigIntField(primary_key=True, generated=False)
    import_id = fields.BigIntField()
    row_no = fields.IntField()
    result = fields.CharField(10)  # RowResult
    field = fields.CharField(30, default="")
    message = fields.CharField(200, default="")

    class Meta:
        table = "roll_import_row"
        unique_together = (("import_id", "row_no"),)
