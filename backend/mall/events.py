import msgspec


class OrderLapsed(msgspec.Struct, frozen=True):
    """It was not paid in time."""

    order_id: int


class OrderRefunded(msgspec.Struct, frozen=True):
    order_id: int
