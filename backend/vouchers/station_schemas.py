"""Inputs and Views of stations: what they have of gifts, and what was handed over."""

import msgspec


class StationInput(msgspec.Struct, kw_only=True):
    name: str
    address: str = ""
    hours: str = ""


class NewStation(StationInput, kw_only=True):
    union_id: str


class StationChange(StationInput, kw_only=True):
    """All of it anew. Nobody chooses a station that is not active; what was promised there is still handed over."""

    active: bool = False
    version: int


class StationView(msgspec.Struct, kw_only=True):
    id: str
    name: str
    address: str
    hours: str
    union_name: str
    state: str
    state_text: str
    version: int


class StationPlace(msgspec.Struct, kw_only=True):
    name: str
    address: str
    hours: str


class StationStock(msgspec.Struct, kw_only=True):
    """Where a gift can be had, and how many of it are left there."""

    id: str
    name: str
    address: str
    hours: str
    left: int


class StockInput(msgspec.Struct, kw_only=True):
    """`stock` counts all that were ever brought to the station. `version` is of the stock that was shown, 0 of none."""

    station: str
    stock: int
    version: int = 0


class StockView(msgspec.Struct, kw_only=True):
    """`taken` are promised to somebody, of whom `handed` have got theirs."""

    station_id: str
    station_name: str
    stock: int
    taken: int
    handed: int
    left: int
    version: int


class HandoverInput(msgspec.Struct, kw_only=True):
    """`code` is typed, or the text of the picture that was scanned."""

    station: str
    code: str


class HandoverView(msgspec.Struct, kw_only=True):
    id: str
    gift: str
    station: str
    at: str
    undone_at: str | None
    undo_reason: str
    may_undo: bool


class MoveInput(msgspec.Struct, kw_only=True):
    """So many of a gift from a station to another; `campaign` says of which gift."""

    from_station: str
    to_station: str
    campaign: str
    count: int
    remark: str = ""


class MoveView(msgspec.Struct, kw_only=True):
    """`from_station` or `to_station` is empty where the pieces came from, or went back to, what is at no station."""

    id: str
    gift: str
    count: int
    from_station: str
    to_station: str
    remark: str
    moved_by: str
    at: str


class StationGift(msgspec.Struct, kw_only=True):
    """What a station has of a gift; `taken` are promised to somebody or handed over."""

    campaign_id: str
    gift: str
    stock: int
    taken: int
    left: int
