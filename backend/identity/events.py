import msgspec


class AccountBound(msgspec.Struct, frozen=True):
    """An account opens a member's record from now on. `came_from` is the fresh account that the person used
    until they proved who they are, where there was one."""

    account_id: int
    member_id: int
    came_from: int | None
