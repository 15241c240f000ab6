"""People are put to the tills of a shop, kept from them and taken away: by the desk, or by who manages the shop."""

from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, NotFound
from backend.identity import commands as identity
from backend.identity.enums import AccountState
from backend.vouchers.queries import shops, staffing
from backend.vouchers.shop_schemas import CashierInput, CashierMade

MOST_CASHIERS = 99


async def add_cashier(
    actor: Actor, *, shop: str, data: CashierInput, lasting_password: str | None = None
) -> CashierMade:
    """An account without any post, and a first password. Not inside a command: hashing takes its time.

    `lasting_password` is for the demo and tests.
    """
    await staffing.staffed_shop(shop, actor)
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
    place = await staffing.staffed_shop(shop, actor)
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
    place = await staffing.staffed_shop(shop, actor)
    one = await _one(place.id, cashier)
    changed = await database.execute(
        "UPDATE shop_cashier SET ended_at = %s WHERE id = %s AND ended_at IS NULL", clock.now(), one.id
    )
    if changed:
        await identity.set_staff_state(one.account_id, AccountState.DISABLED, actor)
        detail = {"account": one.account_id}
        await audit.record(actor, "cashier.removed", object_kind="shop", object_id=place.id, detail=detail)


@command
async def block_cashier(actor: Actor, *, shop: str, cashier: str) -> None:
    """For a while, and at once: the sessions are gone and nobody signs in until it is ended. Twice is once."""
    place = await staffing.staffed_shop(shop, actor)
    one = await _standing(place.id, cashier)
    changed = await database.execute(
        "UPDATE shop_cashier SET blocked_at = %s WHERE id = %s AND ended_at IS NULL AND blocked_at IS NULL",
        clock.now(),
        one.id,
    )
    if changed:
        await identity.set_staff_state(one.account_id, AccountState.DISABLED, actor)
        detail = {"account": one.account_id}
        await audit.record(actor, "cashier.blocked", object_kind="shop", object_id=place.id, detail=detail)


@command
async def unblock_cashier(actor: Actor, *, shop: str, cashier: str) -> None:
    """They sign in by the password they had before. Twice is once."""
    place = await staffing.staffed_shop(shop, actor)
    one = await _standing(place.id, cashier)
    changed = await database.execute(
        "UPDATE shop_cashier SET blocked_at = NULL WHERE id = %s AND ended_at IS NULL AND blocked_at IS NOT NULL",
        one.id,
    )
    if changed:
        await identity.set_staff_state(one.account_id, AccountState.ACTIVE, actor)
        detail = {"account": one.account_id}
        await audit.record(actor, "cashier.unblocked", object_kind="shop", object_id=place.id, detail=detail)


async def reset_cashier(actor: Actor, *, shop: str, cashier: str) -> CashierMade:
    """A new first password to hand over, and no second factor. Not inside a command: hashing takes its time."""
    password = await identity.make_password()
    await _reset(actor, shop, cashier, password)
    found = next(one for one in await staffing.cashiers_of(shop, actor) if one.id == cashier)
    return CashierMade(id=found.id, number=found.number, username=found.username, first_password=password.text)


@command
async def _reset(actor: Actor, shop: str, cashier: str, password: identity.NewPassword) -> None:
    place = await staffing.staffed_shop(shop, actor)
    one = await _standing(place.id, cashier)
    await identity.reset_credentials(one.account_id, password, actor)


async def _one(shop_id: int, cashier: str) -> staffing.CashierRow:
    found = await staffing.cashier_row(shop_id, cashier)
    if found is None:
        raise NotFound()
    return found


async def _standing(shop_id: int, cashier: str) -> staffing.CashierRow:
    found = await _one(shop_id, cashier)
    if found.ended_at is not None:
        raise NotFound()
    return found
