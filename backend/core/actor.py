"""Who acts. A frozen value that every command and query takes; it never carries a request."""

import msgspec


class Post(msgspec.Struct, frozen=True):
    """A staff post: the roles a person holds at one union. `path` is the union's materialised path. One that they
    serve while its holder is away names the holder.
    """

    union_id: int
    union_name: str
    path: str
    level: str
    division: str
    roles: tuple[str, ...]
    permissions: frozenset[str]
    holder_id: int = 0
    holder: str = ""

    @property
    def trace(self) -> dict[str, int]:
        """For the audit log: in whose place something was done."""
        return {"in_place_of": self.holder_id} if self.holder_id else {}


class Actor(msgspec.Struct, frozen=True):
    """`kind` is guest, person (anyone with a phone), staff or system. While `pending` says that a
    password must be changed or a second factor enrolled, the session carries no power."""

    kind: str
    account_id: int = 0
    session_id: int = 0
    display: str = ""
    member_id: int | None = None
    posts: tuple[Post, ...] = ()
    pending: str = ""

    @property
    def is_staff(self) -> bool:
        return self.kind == "staff"

    @property
    def at_till(self) -> bool:
        """Somebody of a shop: every post is one that no union has given."""
        return bool(self.posts) and not any(post.roles for post in self.posts)

    @property
    def signed_in(self) -> bool:
        return self.kind in ("person", "staff")

    def can(self, permission: str) -> bool:
        return any(permission in post.permissions for post in self.posts)

    def scope(self, permission: str) -> tuple[str, ...]:
        """Paths of the subtrees in which this permission holds."""
        return tuple(post.path for post in self.posts if permission in post.permissions)

    def covers(self, permission: str, path: str) -> bool:
        return any(path.startswith(scope) for scope in self.scope(permission))


GUEST = Actor(kind="guest")
SYSTEM = Actor(kind="system", display="系统")
