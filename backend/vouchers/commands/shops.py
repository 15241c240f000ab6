"""Shops are opened, changed and stopped, and people put to their tills and taken away."""

import secrets

from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, Invalid, NotFound
from backend.identity import commands as identity
from backend.identity.enums import AccountState
from backend.payments import commands as payments
from backend.payments.enums import AccountKind
from backend.unions import queries as unions
from backend.vouchers import redeeming
from backend.vouchers.enums import ShopState
from backend.vouchers.queries import shops
from backend.vouchers.queries.campaigns import MANAGE
from backend.vouchers.shop_schemas import CashierInput, CashierMade, ShopInput

MOST_CASHIERS = 99


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
        "offers": data.offers,
        "settle_cycle": data.settle_cycle.value,
        "offline_limit_fen": data.offline_limit_fen,
    }


@command
async def change_shop(actor: Actor, *, shop: str, data: ShopInput, version: int) -> None:
    before = await shops.managed_shop(shop, actor)
    columns = _columns(_tidy(data))
    changed = await database.execute(
        "UPDATE shop SET name = %s, address = %s, offers = %s, settle_cycle = %s, offline_limit_fen = %s,"
        " version = version + 1 WHERE id = %s AND version = %s",
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


async def add_cashier(
    actor: Actor, *, shop: str, data: CashierInput, lasting_password: str | None = None
) -> CashierMade:
    """An account without any post, and a first password. Not inside a command: hashing takes its time.

    `lasting_password` is for the demo and tests.
    """
    await shops.managed_shop(shop, actor)
    password = await identity.make_password(lasting_password)
    cashier_id, number = await _add(actor, shop, data, password)
    return CashierMade(
        id=ids.public(cashier_id),
        number=shops.number_text(number),
        username=data.username.strip().lower(),
        first_password=password.text,
    )


@command
async def _add(actor: Actor, shop: str, data: CashierInput, password: identity.NewPassword) -> tuple[int, int]:
    place = await shops.managed_shop(shop, actor)
    # The row of the shop is this command's from here on, so that no number is given out twice.
    await database.execute("UPDATE shop SET cashiers = cashiers + 1 WHERE id = %s", place.id)
    number = int(await database.scalar("SELECT cashiers FROM shop WHERE id = %s", place.id))
    if number > MOST_CASHIERS:
        raise Conflict("cashiers_too_many", most=MOST_CASHIERS)
    account_id = await identity.create_staff(
        username=data.username, display=data.display, password=password, actor=actor
    )
    cashier_id = ids.new_id()
    row = {
        "id": cashier_id,
        "shop_id": place.id,
        "account_id": account_id,
        "number": number,
        "added_at": clock.now(),
        "added_by": actor.account_id,
    }
    await database.insert("shop_cashier", row)
    detail = {"account": account_id, "number": number}
    await audit.record(actor, "cashier.added", object_kind="shop", object_id=place.id, detail=detail)
    return cashier_id, number


@command
async def remove_cashier(actor: Actor, *, shop: str, cashier: str) -> None:
    """For good, and at once: the account is closed and its sessions are gone. Twice is once."""
    place = await shops.managed_shop(shop, actor)
    account_id, cashier_id = await _account_of(place.id, cashier)
    changed = await database.execute(
        "UPDATE shop_cashier SET ended_at = %s WHERE id = %s AND ended_at IS NULL", clock.now(), cashier_id
    )
    if changed:
        await identity.set_staff_state(account_id, AccountState.DISABLED, actor)
        detail = {"account": account_id}
        await audit.record(actor, "cashier.removed", object_kind="shop", object_id=place.id, detail=detail)


async def reset_cashier(actor: Actor, *, shop: str, cashier: str) -> CashierMade:
    """A new first password to hand over, and no second factor. Not inside a command: hashing takes its time."""
    password = await identity.make_password()
    await _reset(actor, shop, cashier, password)
    found = next(one for one in await shops.cashiers_of(shop, actor) if one.id == cashier)
    return CashierMade(id=found.id, number=found.number, username=found.username, first_password=password.text)


@command
async def _reset(actor: Actor, shop: str, cashier: str, password: identity.NewPassword) -> None:
    place = await shops.managed_shop(shop, actor)
    account_id, cashier_id = await _account_of(place.id, cashier)
    ended = await database.scalar("SELECT ended_at FROM shop_cashier WHERE id = %s", cashier_id)
    if ended is not None:
        raise NotFound()
    await identity.reset_credentials(account_id, password, actor)


async def _account_of(shop_id: int, cashier: str) -> tuple[int, int]:
    cashier_id = ids.parse(cashier) or 0
    account_id = await database.scalar(
        "SELECT account_id FROM shop_cashier WHERE id = %s AND shop_id = %s", cashier_id, shop_id
    )
    if account_id is None:
        raise NotFound()
    return int(account_id), cashier_id
