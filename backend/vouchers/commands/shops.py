"""Shops are opened, changed and stopped."""

import secrets

from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, Invalid
from backend.payments import commands as payments
from backend.payments.enums import AccountKind
from backend.unions import queries as unions
from backend.vouchers import redeeming
from backend.vouchers.enums import ShopState
from backend.vouchers.queries import shops
from backend.vouchers.queries.campaigns import MANAGE
from backend.vouchers.shop_schemas import ShopInput


@command
async def open_shop(actor: Actor, *, data: ShopInput, union: str, nonce: str | None = None) -> str:
    """A shop of a union where the actor manages campaigns; its public id. The same nonce is one shop."""
    place = await unions.place_in_scope(union, actor, MANAGE)
    key = f"desk:{actor.account_id}:{nonce or secrets.token_urlsafe(16)}"[:100]
    return ids.public(await _open(actor, data, union_id=place.id, key=key))


@command
async def open_decided_shop(actor: Actor, *, data: ShopInput, union_id: int, case_id: int) -> str:
    """The outcome of an approved case; its public id. Twice is once."""
    return ids.public(await _open(actor, data, union_id=union_id, key=f"case:{case_id}", case_id=case_id))


async def _open(actor: Actor, data: ShopInput, *, union_id: int, key: str, case_id: int | None = None) -> int:
    data = _tidy(data)
    shop_id = ids.new_id()
    payable = await payments.account(key=f"payable:{key}", kind=AccountKind.PAYABLE, name=data.name)
    row = {
        "id": shop_id,
        "key": key,
        "union_id": union_id,
        **_columns(data),
        "state": ShopState.ACTIVE.value,
        "cashiers": 0,
        "payable_account_id": payable,
        "case_id": case_id,
        "created_at": clock.now(),
        "version": 1,
    }
    if not await database.insert_if_absent("shop", row, key="`key`"):
        return int(await database.scalar("SELECT id FROM shop WHERE `key` = %s", key))
    detail = {"union": union_id, "case": case_id}
    await audit.record(actor, "shop.opened", object_kind="shop", object_id=shop_id, detail=detail)
    return shop_id


def _tidy(data: ShopInput) -> ShopInput:
    tidy = ShopInput(
        name=" ".join(data.name.split()),
        address=data.address.strip(),
        division=data.division.strip(),
        phone=data.phone.strip(),
        hours=" ".join(data.hours.split()),
        offers=data.offers.strip(),
        settle_cycle=data.settle_cycle,
        offline_limit_fen=data.offline_limit_fen,
    )
    wrong = list(redeeming.shop_problems(tidy))
    if wrong:
        raise Invalid(wrong)
    return tidy


def _columns(data: ShopInput) -> dict[str, object]:
    return {
        "name": data.name,
        "address": data.address,
        "division": data.division,
        "phone": data.phone,
        "hours": data.hours,
        "offers": data.offers,
        "settle_cycle": data.settle_cycle.value,
        "offline_limit_fen": data.offline_limit_fen,
    }


@command
async def change_shop(actor: Actor, *, shop: str, data: ShopInput, version: int) -> None:
    before = await shops.managed_shop(shop, actor)
    columns = _columns(_tidy(data))
    changed = await database.execute(
        "UPDATE shop SET name = %s, address = %s, division = %s, phone = %s, hours = %s, offers = %s,"
        " settle_cycle = %s, offline_limit_fen = %s, version = version + 1 WHERE id = %s AND version = %s",
        *columns.values(),
        before.id,
        version,
    )
    if not changed:
        raise Conflict("shop_changed")
    await audit.record(actor, "shop.changed", object_kind="shop", object_id=before.id, detail=columns)


@command
async def set_shop_state(actor: Actor, *, shop: str, state: ShopState) -> None:
    """A stopped shop takes no voucher and still undoes those of today. That it is so already is no error."""
    before = await shops.managed_shop(shop, actor)
    await _set_state(actor, before.id, state)


@command
async def stop_decided_shop(actor: Actor, *, case_id: int) -> bool:
    """The shop that this case opened; whether there is one."""
    shop_id = await database.scalar("SELECT id FROM shop WHERE case_id = %s", case_id)
    if shop_id is not None:
        await _set_state(actor, shop_id, ShopState.STOPPED)
    return shop_id is not None


async def _set_state(actor: Actor, shop_id: int, state: ShopState) -> None:
    changed = await database.execute(
        "UPDATE shop SET state = %s, version = version + 1 WHERE id = %s AND state <> %s",
        state.value,
        shop_id,
        state.value,
    )
    if changed:
        await audit.record(actor, f"shop.{state.value}", object_kind="shop", object_id=shop_id)
