"""What comes to members without their asking."""

import msgspec

from backend.casework.schemas.forms import FieldView


class OfferLine(msgspec.Struct, kw_only=True):
    """Something that came without being asked for and can be confirmed."""

    slug: str
    rule: str
    name: str
    icon: str
    until: str


class OfferList(msgspec.Struct, kw_only=True):
    items: list[OfferLine]


class OfferView(msgspec.Struct, kw_only=True):
    """`state` is offered, confirmed, declined or over; `missing` are labels that nobody could fill in."""

    slug: str
    rule: str
    name: str
    text: str
    service: str
    until: str
    state: str
    case_number: str | None
    is_refused: bool
    fields: list[FieldView]
    missing: list[str]
