from enum import StrEnum


class AccountKind(StrEnum):
    PERSON = "person"
    STAFF = "staff"


class AccountState(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


class Pending(StrEnum):
    """What a staff member must do before a session carries any power."""

    NOTHING = ""
    PASSWORD = "password"  # noqa: S105 - the first password has to be replaced
    TOTP = "totp"  # the second factor has to be enrolled


class ConsentKind(StrEnum):
    PRIVACY = "privacy"  # handling of personal information
    SENSITIVE = "sensitive"  # separate consent to the identity number and what else is sensitive
