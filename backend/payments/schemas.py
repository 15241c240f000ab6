import msgspec


class NewDue(msgspec.Struct, frozen=True, kw_only=True):
    """What a case grants. `card_field` is the field of the case that holds the payee's bank card, sealed."""

    case_id: int
    case_number: str
    programme: str
    name: str
    amount_fen: int
    payee_name: str
    account_id: int | None = None
    member_id: int | None = None
    union_id: int | None = None
    card_field: str = ""


class DueView(msgspec.Struct, kw_only=True):
    """An amount that was granted, as its payee reads it. `may_open`: the payee applied for it by this account."""

    id: str
    case_number: str
    name: str
    amount_fen: int
    state: str
    state_text: str
    granted_at: str
    may_open: bool
