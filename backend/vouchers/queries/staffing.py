"""Who stands at the tills of a shop, who manages it, and what both may do by that."""

from datetime import datetime

import msgspec

from backend.core import database, ids
from backend.core.actor import Actor, Post
from backend.core.errors import NotFound
from backend.identity import queries as identity
from backend.vouchers.enums import SHOP_TEXT
from backend.vouchers.queries.campaigns import MANAGE
from backend.vouchers.queries.shops import ShopRow, managed_shop, number_text, shop_row
from backend.vouchers.shop_schemas import CashierView, ManagerView, OwnShop

REDEEM = "merchant.redeem"
STAFF = "merchant.manage"


class _Place(msgspec.Struct, kw_only=True):
    permission: str
    shop_name: str
    union_id: int
    path: str


async def merchant_posts(account_id: int) -> tuple[Post, ...]:
    """What somebody may do who stands at a till or manages shops: posts of their own, that no union has given."""
    found = await database.views(
        _Place,
        "SELECT %s AS permission, s.name AS shop_name, s.union_id, u.path FROM shop_cashier k"
        " JOIN shop s ON s.id = k.shop_id JOIN union_org u ON u.id = s.union_id"
        " WHERE k.account_id = %s AND k.ended_at IS NULL AND k.blocked_at IS NULL"
        " UNION ALL SELECT %s AS permission, s.name AS shop_name, s.union_id, u.path FROM shop_manager k"
        " JOIN shop s ON s.id = k.shop_id JOIN union_org u ON u.id = s.union_id"
        " WHERE k.account_id = %s AND k.ended_at IS NULL",
        REDEEM,
        account_id,
        STAFF,
        account_id,
    )
    return tuple(
        Post(
            union_id=one.union_id,
            union_name=one.shop_name,
            path=one.path,
            level="",
            division="",
            roles=(),
            permissions=frozenset({one.permission}),
        )
        for one in found
    )


async def staffed_shop(shop: str, actor: Actor) -> ShopRow:
    """A shop whose tills the actor gives to people: as its desk, or as its manager."""
    return await managed_shop(shop, actor) if actor.can(MANAGE) else await own_shop_row(shop, actor)


async def own_shop_row(shop: str, actor: Actor) -> ShopRow:
    found = await database.scalar(
        "SELECT shop_id FROM shop_manager WHERE shop_id = %s AND account_id = %s AND ended_at IS NULL",
        ids.parse(shop) or 0,
        actor.account_id,
    )
    if found is None:
        raise NotFound()
    return await shop_row(int(found))


class _OwnRow(msgspec.Struct, kw_only=True):
    id: int
    name: str
    address: str
    state: str
    standing: int


_OWN = (
    "SELECT s.id, s.name, s.address, s.state, (SELECT COUNT(*) FROM shop_cashier k WHERE k.shop_id = s.id"
    " AND k.ended_at IS NULL) AS standing FROM shop_manager m JOIN shop s ON s.id = m.shop_id"
    " WHERE m.account_id = %s AND m.ended_at IS NULL"
)


async def own_shops(actor: Actor) -> list[OwnShop]:
    """Those that the actor manages, the first that was given to them first."""
    return [_own(one) for one in await database.views(_OwnRow, f"{_OWN} ORDER BY m.id", actor.account_id)]


async def own_shop(shop: str, actor: Actor) -> OwnShop:
    found = await database.view(_OwnRow, f"{_OWN} AND s.id = %s", actor.account_id, ids.parse(shop) or 0)
    if found is None:
        raise NotFound()
    return _own(found)


def _own(row: _OwnRow) -> OwnShop:
    return OwnShop(
        id=ids.public(row.id),
        name=row.name,
        address=row.address,
        state=row.state,
        state_text=next(text for state, text in SHOP_TEXT.items() if state == row.state),
        cashiers=row.standing,
    )


class CashierRow(msgspec.Struct, kw_only=True):
    id: int
    account_id: int
    number: int
    blocked_at: datetime | None
    ended_at: datetime | None


_CASHIER = "SELECT id, account_id, number, blocked_at, ended_at FROM shop_cashier WHERE shop_id = %s"


async def cashier_row(shop_id: int, cashier: str) -> CashierRow | None:
    """Also one who was removed."""
    return await database.view(CashierRow, f"{_CASHIER} AND id = %s", shop_id, ids.parse(cashier) or 0)


async def cashiers_of(shop: str, actor: Actor) -> list[CashierView]:
    """Those who stand at its tills, by their number."""
    row = await staffed_shop(shop, actor)
    found = await database.views(CashierRow, f"{_CASHIER} AND ended_at IS NULL ORDER BY number", row.id)
    accounts = await identity.staff_accounts([one.account_id for one in found])
    return [
        CashierView(
            id=ids.public(one.id),
            number=number_text(one.number),
            username=accounts[one.account_id].username,
            display=accounts[one.account_id].display,
            state=accounts[one.account_id].state,
            blocked=one.blocked_at is not None,
            has_totp=accounts[one.account_id].has_totp,
            first_password=accounts[one.account_id].must_change_password,
        )
        for one in found
    ]


class ManagerRow(msgspec.Struct, kw_only=True):
    id: int
    account_id: int


async def manager_rows(shop_id: int) -> list[ManagerRow]:
    return await database.views(
        ManagerRow,
        "SELECT id, account_id FROM shop_manager WHERE shop_id = %s AND ended_at IS NULL ORDER BY id",
        shop_id,
    )


async def managers_of(shop: str, actor: Actor) -> list[ManagerView]:
    """As its desk sees them."""
    found = await manager_rows((await managed_shop(shop, actor)).id)
    accounts = await identity.staff_accounts([one.account_id for one in found])
    return [
        ManagerView(
            id=ids.public(one.id),
            username=accounts[one.account_id].username,
            display=accounts[one.account_id].display,
            first_password=accounts[one.account_id].must_change_password,
        )
        for one in found
    ]


async def shops_managed_by(username: str) -> tuple[int, list[str]]:
    """The account of this name, where it manages shops, and the paths of their unions; (0, []) of anybody else."""
    found = await database.rows(
        "SELECT a.id, u.path FROM account a JOIN shop_manager k ON k.account_id = a.id AND k.ended_at IS NULL"
        " JOIN shop s ON s.id = k.shop_id JOIN union_org u ON u.id = s.union_id WHERE a.username = %s",
        username,
    )
    return (int(found[0]["id"]) if found else 0), [str(row["path"]) for row in found]
