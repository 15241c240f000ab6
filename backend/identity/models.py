from tortoise import fields
from tortoise.models import Model


class Account(Model):
    """Somebody who can sign in: a person by phone, a staff member by user name."""

    id = fields.BigIntField(primary_key=True, generated=False)
    kind = fields.CharField(10)  # AccountKind
    state = fields.CharField(10, default="active")  # AccountState
    phone_index = fields.CharField(32, unique=True, null=True)
    phone_sealed = fields.CharField(200, default="")
    username = fields.CharField(40, unique=True, null=True)
    display = fields.CharField(60, default="")
    # Empty once a first password was used: it opens one session only.
    password_hash = fields.CharField(200, default="")
    must_change_password = fields.BooleanField(default=False)
    # Until when a first password may be used.
    password_until = fields.DatetimeField(null=True)
    totp_sealed = fields.CharField(300, default="")
    totp_last_step = fields.BigIntField(default=0)
    # Grows with every sign-in, so that a sign-in meets a concurrent change of password or state.
    sign_ins = fields.IntField(default=0)
    # Set once the person has confirmed the identity number of that member record. It stays when the phone
    # is parted from the account, so that the person finds everything again under another number.
    member_id = fields.BigIntField(null=True, unique=True)
    signed_in_at = fields.DatetimeField(null=True)  # the last time
    created_at = fields.DatetimeField()

    class Meta:
        table = "account"


class Relative(Model):
    """Somebody close to a member of staff, or themselves as a private person: in their affairs that account decides
    nothing. Taken back, it still counts for whatever was asked before."""

    id = fields.BigIntField(primary_key=True, generated=False)
    account_id = fields.BigIntField(db_index=True)
    relation = fields.CharField(10)  # Relation
    sealed = fields.TextField()  # sealed JSON {name, id_no, phone}
    id_no_index = fields.CharField(32)
    phone_index = fields.CharField(32, null=True)
    # "<account>:<id_no_index>" while it is declared: nobody is named twice.
    standing = fields.CharField(64, unique=True, null=True)
    declared_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "relative"


class SessionRow(Model):
    """A signed-in browser or app. Only the hash of its token is kept, and ending it is immediate."""

    id = fields.BigIntField(primary_key=True, generated=False)
    account_id = fields.BigIntField(db_index=True)
    token_hash = fields.CharField(64, unique=True)
    label = fields.CharField(60, default="")  # "安卓手机 · 微信"
    created_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    idle_until = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "session_row"


class SignInCode(Model):
    """The newest SMS code of a phone, stored as a keyed hash. Five wrong tries kill it."""

    id = fields.BigIntField(primary_key=True, generated=False)
    phone_index = fields.CharField(32, unique=True)
    code_hash = fields.CharField(64)
    attempts = fields.IntField(default=0)
    used_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField(db_index=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "sign_in_code"


class Consent(Model):
    """Agreement to one version of one text, as shown and when. Withdrawing keeps the row."""

    id = fields.BigIntField(primary_key=True, generated=False)
    account_id = fields.BigIntField(db_index=True)
    kind = fields.CharField(40)
    # "<account>:<kind>" while it is the one in force, so that there is never a second.
    standing = fields.CharField(60, unique=True, null=True)
    text_version = fields.CharField(20)
    text_hash = fields.CharField(64)
    channel = fields.CharField(20)
    given_at = fields.DatetimeField()
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta:
        table = "consent"
