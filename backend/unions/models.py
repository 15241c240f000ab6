from tortoise import fields
from tortoise.models import Model


class Union(Model):
    """One organisation of the tree. `path` is `/<public id>/<public id>/…/` from the root to itself."""

    id = fields.BigIntField(primary_key=True, generated=False)
    name = fields.CharField(80, unique=True)
    initials = fields.CharField(80, default="", db_index=True)
    kind = fields.CharField(20)  # UnionKind
    level = fields.CharField(10)  # UnionLevel
    nature = fields.CharField(20, default="")  # UnionNature
    parent_id = fields.BigIntField(null=True, db_index=True)
    path = fields.CharField(180, db_index=True)
    division = fields.CharField(12, db_index=True)
    credit_code = fields.CharField(18, null=True, unique=True)
    # Of the workplace for whose people it was founded: a second union there is noticed by it.
    workplace_code = fields.CharField(18, null=True, db_index=True)
    # The committee's term as the last election reported it.
    term_no = fields.IntField(null=True)
    term_began = fields.DateField(null=True)
    term_ends = fields.DateField(null=True)
    state = fields.CharField(12, default="active")  # UnionState
    accepts_members = fields.BooleanField(default=True)
    version = fields.IntField(default=1)
    # Grows whenever something is put below, so that it meets a concurrent move of this branch.
    tree_version = fields.IntField(default=0)
    created_at = fields.DatetimeField()

    class Meta:
        table = "union_org"


class UnionChange(Model):
    """What a decision made of a union: founded, renamed, moved, dissolved, a new term. One decision does each once."""

    id = fields.BigIntField(primary_key=True, generated=False)
    union_id = fields.BigIntField(db_index=True)
    kind = fields.CharField(12)  # UnionChangeKind
    before = fields.CharField(200, default="")
    after = fields.CharField(200, default="")
    reference = fields.CharField(40)  # case number, or case number and act
    actor_id = fields.BigIntField()
    at = fields.DatetimeField()

    class Meta:
        table = "union_change"
        unique_together = (("reference", "kind"),)


class StaffPost(Model):
    """One role of one staff account at one union."""

    id = fields.BigIntField(primary_key=True, generated=False)
    account_id = fields.BigIntField(db_index=True)
    union_id = fields.BigIntField()
    role = fields.CharField(30)
    # "<account>:<union>:<role>" while it is held: nobody holds the same post twice.
    standing = fields.CharField(80, unique=True, null=True)
    # The account is disabled; the post is kept, but nobody serves it.
    suspended = fields.BooleanField(default=False)
    since = fields.DatetimeField()
    until = fields.DatetimeField(null=True)

    class Meta:
        table = "staff_post"
        indexes = [("union_id", "role")]


class Cover(Model):
    """Somebody is away, and a colleague serves their posts meanwhile. It begins and ends by itself."""

    id = fields.BigIntField(primary_key=True, generated=False)
    absent_id = fields.BigIntField(db_index=True)
    cover_id = fields.BigIntField(db_index=True)
    from_on = fields.DateField()
    until_on = fields.DateField()  # the last day
    # "<absent>" while it is planned or runs: nobody is covered twice.
    standing = fields.CharField(20, unique=True, null=True)
    made_by = fields.BigIntField()
    made_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)  # before its time

    class Meta:
        table = "cover"


class Invite(Model):
    """A code, usually on a poster, that brings its holder to one union's joining form."""

    id = fields.BigIntField(primary_key=True, generated=False)
    code = fields.CharField(12, unique=True)
    # Of the page it was made on: pressing the button twice makes one invite.
    nonce = fields.CharField(40, unique=True, null=True)
    union_id = fields.BigIntField(db_index=True)
    channel = fields.CharField(20)  # InviteChannel
    place = fields.CharField(60, default="")
    division = fields.CharField(12)
    max_uses = fields.IntField()
    used = fields.IntField(default=0)
    expires_on = fields.DateField()
    revoked_at = fields.DatetimeField(null=True)
    created_by = fields.BigIntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "invite"
