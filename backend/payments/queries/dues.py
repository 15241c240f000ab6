"""Reads of what is due. A person sees their own and nobody else's."""

from datetime import datetime

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.payments.enums import DUE_TEXT, DueState
from backend.payments.schemas import DueView
from backend.web.paging import Page, cut, decode_cursor, encode_cursor


class _Row(msgspec.Struct, kw_only=True):
    id: int
    account_id: int | None
    case_number: str
    name: str
    amount_fen: int
    state: str
    created_at: datetime


_ROWS = "SELECT id, account_id, case_number, name, amount_fen, state, created_at FROM payment_due"


def visible_to(actor: Actor) -> tuple[str, list[int]]:
    """A condition and its values: what is due to this person, by their record or by the account that asked."""
    if actor.kind != "person":
        return "1 = 0", []
    if actor.member_id is None:
        return "account_id = %s", [actor.account_id]
    return "(account_id = %s OR member_id = %s)", [actor.account_id, actor.member_id]


async def own_dues(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[DueView]:
    """What was granted to the actor, the latest first."""
    condition, values = visible_to(actor)
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        _Row, f"{_ROWS} WHERE {condition} AND id < %s ORDER BY id DESC LIMIT %s", *values, before, limit + 1
    )
    page = cut(found, limit, lambda row: encode_cursor(ids.public(row.id)))
    return Page(items=[_view(row, actor) for row in page.items], next_cursor=page.next_cursor)


def _view(row: _Row, actor: Actor) -> DueView:
    return DueView(
        id=ids.public(row.id),
        case_number=row.case_number,
        name=row.name,
        amount_fen=row.amount_fen,
        state=row.state,
        state_text=DUE_TEXT[DueState(row.state)],
        granted_at=clock.iso(row.created_at) or "",
        may_open=row.account_id == actor.account_id,
    )
