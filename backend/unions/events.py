import msgspec


class UnionDissolved(msgspec.Struct, frozen=True):
    """Its members are kept by the union above."""

    union_id: int
    parent_id: int
