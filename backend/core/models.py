from tortoise import fields
from tortoise.models import Model


class OutboxMessage(Model):
    """An event waiting to be acted upon. `key` makes the same event twice impossible."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(120, unique=True)
    topic = fields.CharField(80)
    payload = fields.TextField()
    state = fields.CharField(10, default="waiting")
    attempts = fields.IntField(default=0)
    created_at = fields.DatetimeField()
    next_at = fields.DatetimeField()
    lease = fields.CharField(32, default="")
    last_error = fields.CharField(200, default="")

    class Meta:
        table = "outbox"
        indexes = [("state", "next_at", "id")]


class AuditEntry(Model):
    """What was done, by whom, to what. Written once, never changed, sealed by digests over ranges."""

    id = fields.BigIntField(primary_key=True, generated=False)
    at = fields.DatetimeField()
    actor_kind = fields.CharField(10)
    actor_id = fields.BigIntField()
    action = fields.CharField(60)
    object_kind = fields.CharField(30)
    object_id = fields.BigIntField()
    detail = fields.TextField()

    class Meta:
        table = "audit"
        indexes = [("object_kind", "object_id")]


class AuditSeal(Model):
    """A signed digest over the audit rows `first_id`..`last_id`, chained to the seal before it."""

    id = fields.IntField(primary_key=True, generated=False)
    first_id = fields.BigIntField()
    last_id = fields.BigIntField()
    rows = fields.IntField()
    digest = fields.CharField(64)
    signature = fields.CharField(64)
    at = fields.DatetimeField()

    class Meta:
        table = "audit_seal"


class AccessTrace(Model):
    """Somebody opened a sensitive value. The person concerned can read these."""

    id = fields.BigIntField(primary_key=True, generated=False)
    subject_kind = fields.CharField(20)
    subject_id = fields.BigIntField()
    field = fields.CharField(40)
    purpose = fields.CharField(40)
    actor_id = fields.BigIntField()
    actor_label = fields.CharField(80)
    at = fields.DatetimeField()

    class Meta:
        table = "access_trace"
        indexes = [("subject_kind", "subject_id", "id"), ("actor_id", "at")]


class Sequence(Model):
    name = fields.CharField(60, primary_key=True)
    next = fields.BigIntField()

    class Meta:
        table = "sequence"


class IdempotentAnswer(Model):
    """The first answer to a creating POST, by caller, route and key, kept 72 hours."""

    id = fields.CharField(64, primary_key=True)
    request_hash = fields.CharField(64)
    state = fields.CharField(10)
    status = fields.IntField(default=0)
    body = fields.TextField(default="")
    created_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "idempotent_answer"


class StoredFile(Model):
    """An encrypted blob on disk. `sha256` is that of the clear content."""

    id = fields.BigIntField(primary_key=True, generated=False)
    owner_id = fields.BigIntField(db_index=True)
    name = fields.CharField(120)
    media_type = fields.CharField(40)
    size = fields.IntField()
    sha256 = fields.CharField(64, db_index=True)
    width = fields.IntField(default=0)
    height = fields.IntField(default=0)
    created_at = fields.DatetimeField()

    class Meta:
        table = "stored_file"


class CronTick(Model):
    """One row per scheduled run, so that a second worker does not run the same tick."""

    id = fields.CharField(80, primary_key=True)
    at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "cron_tick"


class Heartbeat(Model):
    """The last sign of life of each kind of process."""

    name = fields.CharField(60, primary_key=True)
    at = fields.DatetimeField()

    class Meta:
        table = "heartbeat"
