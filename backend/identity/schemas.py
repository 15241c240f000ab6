from datetime import timedelta

import msgspec

from backend.identity.enums import ConsentKind


class AccountView(msgspec.Struct, kw_only=True):
    id: str
    kind: str
    display: str
    phone: str | None  # masked


class SessionAnswer(msgspec.Struct, kw_only=True):
    """`access_token` is shown this once. `pending` says what staff must do first: password, totp or nothing."""

    access_token: str
    token_type: str
    expires_in: int
    account: AccountView
    pending: str = ""


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """Whose session a token is. With `pending` set the session carries no power yet. It had `rested` so long when it
    was asked, and ends `idle` after its last use."""

    session_id: int
    account_id: int
    kind: str
    display: str
    member_id: int | None
    idle: timedelta
    rested: timedelta
    pending: str = ""


class CodeRequest(msgspec.Struct, kw_only=True):
    phone: str


class CodeAnswer(msgspec.Struct, kw_only=True):
    expires_in: int
    retry_after: int


class PhoneSignIn(msgspec.Struct, kw_only=True):
    phone: str
    code: str


class StaffSignIn(msgspec.Struct, kw_only=True):
    username: str
    password: str
    otp: str | None = None


class SessionLine(msgspec.Struct, kw_only=True):
    """One of my signed-in devices."""

    id: str
    label: str
    created_at: str
    seen_at: str
    current: bool


class ConsentText(msgspec.Struct, frozen=True, kw_only=True):
    """A text in force, as it is shown before the tick. `necessity` and `effect` answer why and what follows."""

    kind: ConsentKind
    title: str
    version: str
    hash: str
    necessity: str
    effect: str
    paragraphs: tuple[str, ...]


class ConsentLine(msgspec.Struct, kw_only=True):
    id: str
    kind: str
    title: str
    text_version: str
    given_at: str
    withdrawn_at: str | None
    standing: bool
    outdated: bool  # stands, but the text has changed since


class ConsentsView(msgspec.Struct, kw_only=True):
    """The texts in force, and everything this person agreed to or withdrew, newest first."""

    texts: list[ConsentText]
    given: list[ConsentLine]


class ConsentInput(msgspec.Struct, kw_only=True):
    kind: ConsentKind
    text_version: str


class AccessLine(msgspec.Struct, kw_only=True):
    """Somebody looked at one of my sensitive values."""

    id: str
    at: str
    who: str
    field: str
    purpose: str


class StaffAccount(msgspec.Struct, kw_only=True):
    """A staff account as other domains may know it."""

    id: int
    username: str
    display: str
    state: str
    has_totp: bool
    must_change_password: bool


class TotpOffer(msgspec.Struct, kw_only=True):
    """A second factor to scan or to type in."""

    secret: str
    qr_svg: str


class SealedPhone(msgspec.Struct, kw_only=True):
    """For delivery: open with `crypto.open_sealed(sealed, context=context)`."""

    account_id: int
    sealed: str
    context: str
    index: str


class RelativeInput(msgspec.Struct, kw_only=True):
    """`relation` is a word of `Relation`; a phone is worth naming where they have one of their own."""

    relation: str
    name: str
    id_no: str
    phone: str = ""


class RelativeLine(msgspec.Struct, kw_only=True):
    """One declared relative; name and numbers are masked."""

    id: str
    relation: str
    relation_text: str
    name: str
    id_no: str
    phone: str
    declared_at: str
