import msgspec


class MassNoticeMoved(msgspec.Struct, frozen=True):
    """A mass notice was started, stopped or gone on with; `move` counts."""

    mass_id: int
    move: int
