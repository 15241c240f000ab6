from datetime import date

import msgspec

from backend.unions.enums import InviteChannel, UnionKind, UnionLevel, UnionNature


class UnionReference(msgspec.Struct, kw_only=True):
    id: str
    name: str


class UnionView(msgspec.Struct, kw_only=True):
    id: str
    name: str
    level: str
    division: str
    parent: UnionReference | None


class UnionPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A union as other domains need it for routing and scope. `id` is the inner one."""

    id: int
    name: str
    kind: str
    level: str
    nature: str = ""
    division: str
    path: str
    parent_id: int | None
    state: str
    accepts_members: bool
    version: int


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """Where a step is worked. `flagged` says that nobody holds the post at the step's own level."""

    union_id: int
    union_name: str
    path: str
    level: str
    role: str
    role_name: str
    flagged: bool

    @property
    def label(self) -> str:
        return f"{self.union_name} {self.role_name}"


class DeskView(msgspec.Struct, kw_only=True):
    """`covering` is the colleague in whose place it is served."""

    union: UnionReference
    role: str
    role_name: str
    covering: str = ""


class StaffUnion(msgspec.Struct, kw_only=True):
    id: str
    name: str
    level: str
    division: str


class StaffView(msgspec.Struct, kw_only=True):
    """The `staff` of GET /me: the union of the highest post, all roles, all desks served."""

    union: StaffUnion
    roles: list[str]
    desks: list[DeskView]


class UnionNode(msgspec.Struct, kw_only=True):
    """One line of the administration's tree."""

    id: str
    name: str
    kind: str
    kind_name: str
    level: str
    level_name: str
    nature: str
    division: str
    division_name: str
    credit_code: str
    state: str
    state_name: str
    accepts_members: bool
    depth: int
    staff: int
    children: int
    version: int


class OpenedUnion(msgspec.Struct, kw_only=True):
    """One union: the way down to it inside the reader's scope, and what lies directly below."""

    node: UnionNode
    trail: list[UnionReference]
    children: list[UnionNode]
    may_manage: bool
    may_move: bool  # not the top of the reader's own scope


class Founding(msgspec.Struct, frozen=True, kw_only=True):
    """A union that a decision brings into being below another one; `parent_id` is the inner one."""

    name: str
    kind: UnionKind
    level: UnionLevel
    parent_id: int
    division: str
    workplace_code: str = ""
    nature: UnionNature = UnionNature.UNKNOWN
    preparing: bool = False


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """What an election reported. What it does not say stays as it was."""

    number: int | None = None
    began: date | None = None
    ends: date | None = None


class InviteInput(msgspec.Struct, kw_only=True):
    union_id: str
    max_uses: int = 100
    expires_on: date
    place: str = ""
    channel: InviteChannel = InviteChannel.INVITE


class InviteMade(msgspec.Struct, kw_only=True):
    id: str
    code: str
    url: str
    qr_svg: str


class InviteView(msgspec.Struct, kw_only=True):
    """What the holder of a code sees."""

    union: UnionReference
    expires_on: str
    valid: bool
    reason: str = ""  # why it is not: expired, used_up, revoked
    reason_text: str = ""
    place: str = ""
    division: str = ""
    division_name: str = ""
    channel: str = ""


class InviteRow(msgspec.Struct, kw_only=True):
    id: str
    code: str
    union: UnionReference
    channel: str
    place: str
    max_uses: int
    used: int
    expires_on: str
    state: str  # InviteState
    url: str


class InvitePoster(msgspec.Struct, kw_only=True):
    """What is printed and put on a wall."""

    invite: InviteRow
    qr_svg: str


class InviteUse(msgspec.Struct, frozen=True, kw_only=True):
    """What a used invite settles about a joining; `union_id` is the inner id."""

    invite_id: int
    union_id: int
    channel: str
    place: str
    division: str


class PostLine(msgspec.Struct, kw_only=True):
    id: str
    union: UnionReference
    role: str
    role_name: str


class StaffRow(msgspec.Struct, kw_only=True):
    id: str
    username: str
    display: str
    state: str
    has_totp: bool
    first_password: bool  # has not chosen a password yet
    mine: bool  # the reader's own account: not theirs to edit
    posts: list[PostLine]


class StaffInput(msgspec.Struct, kw_only=True):
    username: str
    display: str
    union_id: str
    roles: list[str]


class StaffMade(msgspec.Struct, kw_only=True):
    """`first_password` is shown this once."""

    id: str
    username: str
    first_password: str


class RoleView(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str


class UnionInput(msgspec.Struct, kw_only=True):
    """`parent_id` is empty only for the top of the tree, which no person makes."""

    name: str
    kind: UnionKind
    parent_id: str
    division: str
    level: UnionLevel
    credit_code: str = ""
    nature: UnionNature = UnionNature.UNKNOWN
    accepts_members: bool = True


class CoverInput(msgspec.Struct, kw_only=True):
    """`absent` is the account of whoever is away, oneself when it is empty; `cover` that of the colleague."""

    cover: str
    from_on: date
    until_on: date
    absent: str = ""


class CoverLine(msgspec.Struct, kw_only=True):
    """A cover that runs or is planned. `role` is what the reader is in it: absent, cover, or other."""

    id: str
    absent: str
    cover: str
    from_on: str
    until_on: str
    running: bool
    role: str


class CoverNotice(msgspec.Struct, frozen=True, kw_only=True):
    """What the colleague is told."""

    cover_id: int
    absent: str
    from_on: date
    until_on: date


class StaffChoice(msgspec.Struct, frozen=True):
    id: str
    name: str


class CoversView(msgspec.Struct, kw_only=True):
    """Covers that the reader sees, for whom they may arrange one, and who could cover the one asked for."""

    items: list[CoverLine]
    absents: list[StaffChoice]
    colleagues: list[StaffChoice]
