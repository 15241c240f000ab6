"""Reads of pay runs. They are seen by those who make, check or watch payments at the run's own union."""

from datetime import datetime
from typing import Any

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor, Post
from backend.core.errors import Conflict, NotFound
from backend.payments import layout_files
from backend.payments.bank_layouts import Layout, parts_of
from backend.payments.enums import ITEM_TEXT, RUN_TEXT, ItemState, RunState
from backend.payments.run_schemas import ItemView, LayoutView, RunView, Told
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

VIEW, MAKE, CHECK = "pay.view", "pay.make", "pay.check"


class RunRow(msgspec.Struct, kw_only=True):
    id: int
    number: str
    union_id: int
    union_name: str
    budget_name: str
    year: int
    budget_id: int
    budget_account_id: int
    hold_id: int
    state: RunState
    version: int
    count: int
    total_fen: int
    uploads: int
    layout: str
    file_rows: int
    maker_id: int
    maker: str
    made_at: datetime
    checker: str
    checked_at: datetime | None
    exported_at: datetime | None
    settled_at: datetime | None
    cancelled_at: datetime | None
    reason: str
    paid: int = 0
    paid_fen: int = 0
    returned: int = 0
    returned_fen: int = 0


_RUN = (
    "SELECT r.id, r.number, r.union_id, u.name AS union_name, r.budget_name, r.year, r.budget_id, b.account_id"
    " AS budget_account_id, r.hold_id, r.state, r.version, r.count, r.total_fen, r.uploads,"
    " r.layout, r.file_rows, r.maker_id, r.maker,"
    " r.made_at, r.checker, r.checked_at, r.exported_at, r.settled_at, r.cancelled_at, r.reason,"
    " COALESCE(i.paid, 0) AS paid, CAST(COALESCE(i.paid_fen, 0) AS SIGNED) AS paid_fen,"
    " COALESCE(i.returned, 0) AS returned, CAST(COALESCE(i.returned_fen, 0) AS SIGNED) AS returned_fen"
    " FROM pay_run r JOIN union_org u ON u.id = r.union_id JOIN budget b ON b.id = r.budget_id LEFT JOIN"
    " (SELECT run_id, COUNT(CASE WHEN state = 'paid' THEN 1 END) AS paid,"
    " SUM(CASE WHEN state = 'paid' THEN amount_fen END) AS paid_fen,"
    " COUNT(CASE WHEN state = 'returned' THEN 1 END) AS returned,"
    " SUM(CASE WHEN state = 'returned' THEN amount_fen END) AS returned_fen"
    " FROM pay_item GROUP BY run_id) i ON i.run_id = r.id"
)


def posts_with(actor: Actor, permission: str) -> dict[int, Post]:
    """By union, not of those below it: a run is made, checked and seen at the union that pays."""
    return {post.union_id: post for post in actor.posts if permission in post.permissions}


def visible_to(actor: Actor, permission: str = VIEW) -> tuple[str, list[int]]:
    unions = sorted(posts_with(actor, permission))
    marks = ", ".join(["%s"] * len(unions))
    return (f"r.union_id IN ({marks})" if unions else "1 = 0"), unions


async def desk_runs(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[RunView]:
    """The latest first."""
    condition, values = visible_to(actor)
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        RunRow, f"{_RUN} WHERE {condition} AND r.id < %s ORDER BY r.id DESC LIMIT %s", *values, before, limit + 1
    )
    page = cut(found, limit, lambda one: encode_cursor(ids.public(one.id)))
    return Page(items=[_view(one, actor) for one in page.items], next_cursor=page.next_cursor)


async def desk_run(run: str, actor: Actor) -> RunView:
    return _view(await seen_run(run, actor), actor)


async def seen_run(run: str, actor: Actor, permission: str = VIEW) -> RunRow:
    """One at whose union the actor may do this."""
    condition, values = visible_to(actor, permission)
    found = await database.view(RunRow, f"{_RUN} WHERE r.id = %s AND {condition}", ids.parse(run) or 0, *values)
    if found is None:
        raise NotFound()
    return found


async def run_of_key(key: str) -> int | None:
    return await database.scalar("SELECT id FROM pay_run WHERE `key` = %s", key)


class ItemRow(msgspec.Struct, kw_only=True):
    id: int
    key: str
    run_id: int
    seq: int
    due_id: int
    payee_name: str
    card_sealed: str
    card_masked: str
    bank_name: str
    amount_fen: int
    attempt: int
    state: ItemState
    reason: str
    booked_at: datetime | None
    member_id: int | None
    account_id: int | None
    due_name: str


ITEM = (
    "SELECT i.id, i.`key`, i.run_id, i.seq, i.due_id, i.payee_name, i.card_sealed, i.card_masked, i.bank_name,"
    " i.amount_fen, i.attempt, i.state, i.reason, i.booked_at, d.member_id, d.account_id, d.name AS due_name"
    " FROM pay_item i JOIN payment_due d ON d.id = i.due_id"
)


async def run_items(run: str, actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[ItemView]:
    """In the order of the bank file."""
    row = await seen_run(run, actor)
    after = decode_cursor(cursor, int)[0] if cursor else 0
    found = await database.views(
        ItemRow, f"{ITEM} WHERE i.run_id = %s AND i.seq > %s ORDER BY i.seq LIMIT %s", row.id, after, limit + 1
    )
    page = cut(found, limit, lambda one: encode_cursor(one.seq))
    return Page(items=[_item(one) for one in page.items], next_cursor=page.next_cursor)


async def seen_item(item: str, actor: Actor, permission: str) -> tuple[ItemRow, RunRow]:
    found = await database.view(ItemRow, f"{ITEM} WHERE i.id = %s", ids.parse(item) or 0)
    if found is None:
        raise NotFound()
    return found, await seen_run(ids.public(found.run_id), actor, permission)


async def run_of_item(item: str, actor: Actor) -> str:
    """The public id of the run that an item is in, for those who see it."""
    found, _ = await seen_item(item, actor, VIEW)
    return ids.public(found.run_id)


async def items_of(run_id: int, *, after: int, limit: int) -> list[ItemRow]:
    """Those of one bank file."""
    return await database.views(
        ItemRow, f"{ITEM} WHERE i.run_id = %s AND i.seq > %s ORDER BY i.seq LIMIT %s", run_id, after, limit
    )


def bank_layout_list() -> list[LayoutView]:
    return [
        LayoutView(slug=one.slug, name=one.name, kind=one.kind.value, most_rows=one.most_rows, usual=one.usual)
        for one in layout_files.all_layouts()
    ]


async def layout_of(run: str, actor: Actor) -> Layout:
    """By which the bank of a run answers; for who books what it says."""
    row = await seen_run(run, actor, MAKE)
    layout = layout_files.layout_named(row.layout)
    if layout is None:
        raise Conflict("pay_layout_gone", name=row.layout)
    return layout


_TOLD = (
    "SELECT i.id AS item_id, d.account_id, d.member_id, d.name AS due_name, i.amount_fen, i.state, r.union_id"
    " FROM pay_item i JOIN payment_due d ON d.id = i.due_id JOIN pay_run r ON r.id = i.run_id"
)


async def booked(run_id: int, upload: int, first: int, last: int) -> list[Told]:
    return await database.views(
        Told,
        f"{_TOLD} WHERE i.run_id = %s AND i.upload = %s AND i.seq BETWEEN %s AND %s ORDER BY i.seq",
        run_id,
        upload,
        first,
        last,
    )


async def booked_item(item_id: int) -> list[Told]:
    return await database.views(Told, f"{_TOLD} WHERE i.id = %s", item_id)


def _item(row: ItemRow) -> ItemView:
    shown: dict[str, Any] = {
        name: getattr(row, name) for name in ItemView.__struct_fields__ if name in ItemRow.__struct_fields__
    }
    more: dict[str, Any] = {"id": ids.public(row.id), "state": row.state.value, "state_text": ITEM_TEXT[row.state]}
    more["booked_at"] = clock.iso(row.booked_at)
    return ItemView(**shown | more)


_DATES = ("checked_at", "exported_at", "settled_at", "cancelled_at")


def _view(row: RunRow, actor: Actor) -> RunView:
    shown: dict[str, Any] = {
        name: getattr(row, name) for name in RunView.__struct_fields__ if name in RunRow.__struct_fields__
    }
    layout = layout_files.layout_named(row.layout)
    more: dict[str, Any] = {
        "id": ids.public(row.id),
        "union_id": ids.public(row.union_id),
        "state": row.state.value,
        "state_text": RUN_TEXT[row.state],
        "layout_name": layout.name if layout else row.layout,
        "layout_kind": layout.kind.value if layout else "",
        "files": parts_of(row.count, row.file_rows),
        "made_at": clock.iso(row.made_at) or "",
        "may_check": row.union_id in posts_with(actor, CHECK) and row.maker_id != actor.account_id,
        "may_make": row.union_id in posts_with(actor, MAKE),
    }
    more |= {name: clock.iso(getattr(row, name)) for name in _DATES}
    return RunView(**shown | more)
