"""Reads of what is due. A person sees their own and nobody else's."""

from datetime import datetime

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.payments.enums import DUE_TEXT, NO_CARD_TEXT, DueState
from backend.payments.schemas import DueView
from backend.web.paging import Page, cut, decode_cursor, encode_cursor


class DueRow(msgspec.Struct, kw_only=True):
    id: int
    account_id: int | None
    case_number: str
    name: str
    amount_fen: int
    state: DueState
    payee_name: str
    card_masked: str
    version: int
    created_at: datetime
    reason: str


_ROWS = (
    "SELECT d.id, d.account_id, d.case_number, d.name, d.amount_fen, d.state, d.payee_name, d.card_masked, d.version,"
    " d.created_at, COALESCE((SELECT i.reason FROM pay_item i WHERE i.due_id = d.id AND i.attempt = d.attempts), '')"
    " AS reason FROM payment_due d"
)


def visible_to(actor: Actor) -> tuple[str, list[int]]:
    """A condition and its values: what is due to this person, by their record or by the account that asked."""
    if actor.kind != "person":
        return "1 = 0", []
    if actor.member_id is None:
        return "d.account_id = %s", [actor.account_id]
    return "(d.account_id = %s OR d.member_id = %s)", [actor.account_id, actor.member_id]


async def own_dues(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[DueView]:
    """What was granted to the actor, the latest first."""
    condition, values = visible_to(actor)
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        DueRow, f"{_ROWS} WHERE {condition} AND d.id < %s ORDER BY d.id DESC LIMIT %s", *values, before, limit + 1
    )
    page = cut(found, limit, lambda row: encode_cursor(ids.public(row.id)))
    return Page(items=[_view(row, actor) for row in page.items], next_cursor=page.next_cursor)


async def own_due(due: str, actor: Actor) -> DueRow:
    condition, values = visible_to(actor)
    found = await database.view(DueRow, f"{_ROWS} WHERE d.id = %s AND {condition}", ids.parse(due) or 0, *values)
    if found is None:
        raise NotFound()
    return found


async def own_due_view(due: str, actor: Actor) -> DueView:
    return _view(await own_due(due, actor), actor)


async def due_text_of(case_id: int) -> str:
    """Where what a case granted is, for the pages of the case; empty where it granted nothing."""
    found = await database.views(DueRow, f"{_ROWS} WHERE d.case_id = %s ORDER BY d.id", case_id)
    texts = list(dict.fromkeys(_text(row) for row in found))
    return "；".join(texts)


def lacks_card(row: DueRow) -> bool:
    """Whether it waits for a bank card: it has none, or the one it had was returned."""
    return row.state is DueState.RETURNED or (row.state is DueState.WAITING and not row.card_masked)


def _text(row: DueRow) -> str:
    return NO_CARD_TEXT if row.state is DueState.WAITING and not row.card_masked else DUE_TEXT[row.state]


def _view(row: DueRow, actor: Actor) -> DueView:
    return DueView(
        id=ids.public(row.id),
        case_number=row.case_number,
        name=row.name,
        amount_fen=row.amount_fen,
        state=row.state.value,
        state_text=_text(row),
        granted_at=clock.iso(row.created_at) or "",
        may_open=bool(row.case_number) and row.account_id == actor.account_id,
        payee_name=row.payee_name,
        card_masked=row.card_masked,
        reason=row.reason if row.state is DueState.RETURNED else "",
        may_correct=lacks_card(row),
    )
