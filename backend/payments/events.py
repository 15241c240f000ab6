import msgspec


class ResultsBooked(msgspec.Struct, frozen=True):
    """What became of the items `first` to `last` of a run is known by its upload `upload`."""

    run_id: int
    upload: int
    first: int
    last: int


class PaymentReversed(msgspec.Struct, frozen=True):
    """An item that counted as paid came back."""

    item_id: int
