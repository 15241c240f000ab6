import msgspec


class UnionDissolved(msgspec.Struct, frozen=True):
    """Its members are kept by the union above; with `merged` they go on as they are in the union that took it in."""

    union_id: int
    parent_id: int
    merged: bool = False


class CoverNamed(msgspec.Struct, frozen=True):
    """A colleague is to serve somebody's posts while they are away."""

    cover_id: int
