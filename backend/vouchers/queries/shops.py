"""Reads of shops and of the till that somebody stands at."""

import msgspec

from backend.core import database, ids, reference
from backend.core.actor import Actor
from backend.core.errors import Forbidden, NotFound
from backend.unions import queries as unions
from backend.vouchers.enums import CYCLE_TEXT, SHOP_TEXT, SettleCycle, ShopState
from backend.vouchers.queries.campaigns import MANAGE
from backend.vouchers.shop_schemas import ShopView, Till
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

VIEW = "shop.view"

_TILL = (
    "SELECT s.id AS shop_id, s.name AS shop_name, s.state, s.union_id, u.path, s.settle_cycle, s.offline_limit_fen,"
    " s.payable_account_id, k.id AS cashier_id, k.number FROM shop_cashier k JOIN shop s ON s.id = k.shop_id"
    " JOIN union_org u ON u.id = s.union_id WHERE k.account_id = %s AND k.ended_at IS NULL AND k.blocked_at IS NULL"
)


async def till_of(actor: Actor) -> Till:
    """Where the actor takes vouchers, as it is now."""
    found = await database.view(Till, _TILL, actor.account_id)
    if found is None:
        raise Forbidden()
    return found


class ShopRow(msgspec.Struct, kw_only=True):
    id: int
    name: str
    address: str
    division: str
    phone: str
    hours: str
    offers: str
    union_id: int
    union_name: str
    path: str
    state: ShopState
    settle_cycle: SettleCycle
    offline_limit_fen: int
    standing: int
    payable_account_id: int
    payable_fen: int
    version: int


_SHOP = (
    "SELECT s.id, s.name, s.address, s.division, s.phone, s.hours, s.offers, s.union_id, u.name AS union_name,"
    " u.path, s.state, s.settle_cycle, s.offline_limit_fen, (SELECT COUNT(*) FROM shop_cashier k WHERE k.shop_id = s.id"
    " AND k.ended_at IS NULL) AS standing, s.payable_account_id, a.balance_fen AS payable_fen, s.version FROM shop s"
    " JOIN union_org u ON u.id = s.union_id JOIN ledger_account a ON a.id = s.payable_account_id"
)


def visible_to(actor: Actor, permission: str = VIEW) -> tuple[str, list[str]]:
    """A condition and its values: the shops where the actor holds this permission."""
    return unions.visible_to(actor, permission)


async def desk_shops(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[ShopView]:
    """The latest first."""
    condition, values = visible_to(actor)
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        ShopRow, f"{_SHOP} WHERE {condition} AND s.id < %s ORDER BY s.id DESC LIMIT %s", *values, before, limit + 1
    )
    page = cut(found, limit, lambda one: encode_cursor(ids.public(one.id)))
    return Page(items=[_view(one, actor) for one in page.items], next_cursor=page.next_cursor)


async def seen_shop(shop: str, actor: Actor, permission: str = VIEW) -> ShopRow:
    condition, values = visible_to(actor, permission)
    found = await database.view(ShopRow, f"{_SHOP} WHERE s.id = %s AND {condition}", ids.parse(shop) or 0, *values)
    if found is None:
        raise NotFound()
    return found


async def shop_row(shop_id: int) -> ShopRow:
    found = await database.view(ShopRow, f"{_SHOP} WHERE s.id = %s", shop_id)
    if found is None:
        raise NotFound()
    return found


async def managed_shop(shop: str, actor: Actor) -> ShopRow:
    """Where the actor manages campaigns."""
    return await seen_shop(shop, actor, MANAGE)


async def desk_shop(shop: str, actor: Actor) -> ShopView:
    return _view(await seen_shop(shop, actor), actor)


def number_text(number: int) -> str:
    """2 → "02"."""
    return f"{number:02d}"


def _view(row: ShopRow, actor: Actor) -> ShopView:
    return ShopView(
        id=ids.public(row.id),
        name=row.name,
        address=row.address,
        division=row.division,
        division_name=reference.divisions().name(row.division),
        phone=row.phone,
        hours=row.hours,
        offers=row.offers,
        union_name=row.union_name,
        state=row.state.value,
        state_text=SHOP_TEXT[row.state],
        settle_cycle=row.settle_cycle.value,
        settle_cycle_text=CYCLE_TEXT[row.settle_cycle],
        offline_limit_fen=row.offline_limit_fen,
        cashiers=row.standing,
        payable_fen=row.payable_fen,
        may_manage=actor.covers(MANAGE, row.path),
        version=row.version,
    )
