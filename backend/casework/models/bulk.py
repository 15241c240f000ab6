"""Work on many cases at once: batches, tallies, exports."""

from tortoise import fields
from tortoise.models import Model


class Batch(Model):
    """Decisions taken together: the cases are locked at once, and decided when the time to undo is over."""

    id = fields.BigIntField(primary_key=True, generated=False)
    actor_id = fields.BigIntField()
    action = fields.CharField(12)
    comment = fields.CharField(500, default="")
    state = fields.CharField(10)  # BatchState
    made_at = fields.DatetimeField()
    due_at = fields.DatetimeField()

    class Meta:
        table = "batch"
        indexes = [("actor_id", "id")]


class BatchCase(Model):
    """One case of a batch, refused ones included. `version` is that of the lock."""

    id = fields.BigIntField(primary_key=True, generated=False)
    batch_id = fields.BigIntField()
    case_id = fields.BigIntField(null=True)  # null: there is no such case for this actor
    number = fields.CharField(24)
    version = fields.IntField()
    comment = fields.CharField(500, default="")
    state = fields.CharField(10)  # BatchRowState
    code = fields.CharField(40, default="")
    said = fields.CharField(200, default="")  # why not, in words

    class Meta:
        table = "batch_case"
        unique_together = (("batch_id", "number"),)
        indexes = [("batch_id", "state", "id")]


class CaseTally(Model):
    """Counts of one flow at one union and in one month, made anew whenever a case of theirs changed."""

    id = fields.BigIntField(primary_key=True, generated=False)
    month = fields.CharField(7)  # "2026-03"
    flow = fields.CharField(40)
    union_id = fields.BigIntField()  # to which the cases were sent, 0 for none
    submitted = fields.IntField(default=0)
    returned = fields.IntField(default=0)  # of those submitted in the month
    withdrawn = fields.IntField(default=0)  # of those submitted in the month
    approved = fields.IntField(default=0)  # decided in the month
    rejected = fields.IntField(default=0)
    pace = fields.TextField()  # JSON {days: cases} of those decided in the month

    class Meta:
        table = "case_tally"
        unique_together = (("month", "flow", "union_id"),)


class TallyDue(Model):
    """A slice whose counts have to be made anew."""

    id = fields.CharField(70, primary_key=True)  # month, flow and union
    month = fields.CharField(7)
    flow = fields.CharField(40)
    union_id = fields.BigIntField()
    at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "tally_due"


class Export(Model):
    """A table or an archive that staff asked for, and how far the worker is with it.

    `cursor` is the last key written and `parts` how many pieces are kept: both move together, from where they stand.
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    number = fields.CharField(24, unique=True)
    kind = fields.CharField(20)
    format = fields.CharField(4)  # ExportFormat
    filters = fields.TextField()  # JSON {name: value}
    said = fields.CharField(200)  # the same in words
    reveal = fields.BooleanField()
    reason = fields.CharField(200)
    created_by = fields.BigIntField()
    union_id = fields.BigIntField()  # of the post by which it was asked for: its auditors read of it
    actor_label = fields.CharField(80)
    state = fields.CharField(10)  # ExportState
    problem = fields.CharField(200, default="")
    attempt = fields.IntField(default=1)  # started again, it begins anew
    tries = fields.IntField(default=0)  # of the piece that is being made
    total = fields.IntField(default=0)
    done = fields.IntField(default=0)
    parts = fields.IntField(default=0)
    cursor = fields.BigIntField(default=0)
    size = fields.BigIntField(default=0)
    archive = fields.TextField()  # JSON: what the archive is so far
    created_at = fields.DatetimeField()
    asked_at = fields.DatetimeField()  # the last time it was started
    finished_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField(null=True, db_index=True)

    class Meta:
        table = "desk_export"
        indexes = [("created_by", "id"), ("union_id", "id")]


class ExportPart(Model):
    """A piece of the file of an export, in order. The piece itself is a stored file that belongs to the export."""

    id = fields.BigIntField(primary_key=True, generated=False)
    export_id = fields.BigIntField()
    number = fields.IntField()
    file_id = fields.BigIntField()
    entries = fields.TextField()  # JSON: members of the archive that this piece completed

    class Meta:
        table = "desk_export_part"
        unique_together = (("export_id", "number"),)
