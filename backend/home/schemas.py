"""What the first screens show."""

import msgspec

from backend.identity.schemas import AccountView
from backend.membership.schemas import MemberBrief
from backend.unions.schemas import StaffView


class Me(msgspec.Struct, kw_only=True):
    account: AccountView
    member: MemberBrief | None
    staff: StaffView | None
    unread_notifications: int


class Shortcut(msgspec.Struct, frozen=True, kw_only=True):
    """A tile of the first screen; one whose service is not open yet says so."""

    name: str
    href: str
    icon: str
    tone: str
    is_open: bool


class NavItem(msgspec.Struct, kw_only=True):
    """One line of the desk's navigation; `count` is None where there is nothing to count."""

    key: str
    label: str
    href: str
    icon: str
    count: int | None = None


class NavPart(msgspec.Struct, kw_only=True):
    """Pages that belong together. `few`: there are so few pages in all that none needs to be folded away."""

    label: str
    items: list[NavItem]
    few: bool = False


class DeskShell(msgspec.Struct, kw_only=True):
    """The frame of every desk page: who works where, and what waits."""

    display: str
    union_name: str
    work: list[NavItem]
    parts: list[NavPart]


class Claimable(msgspec.Struct, kw_only=True):
    """Something that waits to be claimed, on the first screen."""

    title: str
    href: str
    icon: str
    note: str
    value: str
