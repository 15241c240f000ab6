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


class Relation(StrEnum):
    """Of somebody to a member of staff."""

    SELF = "self"
    SPOUSE = "spouse"
    PARENT = "parent"
    CHILD = "child"
    SIBLING = "sibling"
    OTHER = "other"


RELATION_TEXT = {
    Relation.SELF: "本人",
    Relation.SPOUSE: "配偶",
    Relation.PARENT: "父母或配偶父母",
    Relation.CHILD: "子女或子女配偶",
    Relation.SIBLING: "兄弟姐妹",
    Relation.OTHER: "其他近亲属",
}


class ConsentKind(StrEnum):
    PRIVACY = "privacy"  # handling of personal information
    SENSITIVE = "sensitive"  # separate consent to the identity number and what else is sensitive
