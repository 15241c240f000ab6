"""The desk says who of a merchant manages its shops. Managers give the tills of these to people."""

from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import NotFound
from backend.identity import commands as identity
from backend.identity.enums import AccountState
from backend.vouchers.queries import shops, staffing
from backend.vouchers.queries.campaigns import MANAGE
from backend.vouchers.shop_schemas import ManagerInput, ManagerMade


async def add_manager(
    actor: Actor, *, shop: str, data: ManagerInput, lasting_password: str | None = None
) -> ManagerMade:
    """An account and a first password; whoever manages another shop of the actor's unions gets this one by theirs.
    Not inside a command: hashing takes its time. `lasting_password` is for the demo and tests."""
    await shops.managed_shop(shop, actor)
    username = data.username.strip().lower()
    known, paths = await staffing.shops_managed_by(username)
    if known and all(actor.covers(MANAGE, path) for path in paths):
        manager_id = await _give(actor, shop, known)
        return ManagerMade(id=ids.public(manager_id), username=username, first_password="")
    password = await identity.make_password(lasting_password)
    manager_id = await _add(actor, shop, data, password)
    return ManagerMade(id=ids.public(manager_id), username=username, first_password=password.text)


@command
async def _add(actor: Actor, shop: str, data: ManagerInput, password: identity.NewPassword) -> int:
    account_id = await identity.create_staff(
        username=data.username, display=data.display, password=password, actor=actor
    )
    return await _put(actor, shop, account_id)


@command
async def _give(actor: Actor, shop: str, account_id: int) -> int:
    return await _put(actor, shop, account_id)


async def _put(actor: Actor, shop: str, account_id: int) -> int:
    """The same again is the same; who was taken away before is back."""
    place = await shops.managed_shop(shop, actor)
    row = {
        "id": ids.new_id(),
        "key": f"{place.id}:{account_id}",
        "shop_id": place.id,
        "account_id": account_id,
        "added_at": clock.now(),
        "added_by": actor.account_id,
    }
    back = await database.execute(
        "UPDATE shop_manager SET ended_at = NULL WHERE `key` = %s AND ended_at IS NOT NULL", row["key"]
    )
    if back or await database.insert_if_absent("shop_manager", row, key="`key`"):
        detail = {"account": account_id}
        await audit.record(actor, "manager.added", object_kind="shop", object_id=place.id, detail=detail)
    return int(await database.scalar("SELECT id FROM shop_manager WHERE `key` = %s", row["key"]))


@command
async def remove_manager(actor: Actor, *, shop: str, manager: str) -> None:
    """At once. With the last of their shops the account is closed, too. Twice is once."""
    place = await shops.managed_shop(shop, actor)
    account_id = await database.scalar(
        "SELECT account_id FROM shop_manager WHERE id = %s AND shop_id = %s", ids.parse(manager) or 0, place.id
    )
    if account_id is None:
        raise NotFound()
    changed = await database.execute(
        "UPDATE shop_manager SET ended_at = %s WHERE id = %s AND ended_at IS NULL", clock.now(), ids.parse(manager)
    )
    if not changed:
        return
    detail = {"account": account_id}
    await audit.record(actor, "manager.removed", object_kind="shop", object_id=place.id, detail=detail)
    left = await database.scalar(
        "SELECT COUNT(*) FROM shop_manager WHERE account_id = %s AND ended_at IS NULL", account_id
    )
    if not left:
        await identity.set_staff_state(int(account_id), AccountState.DISABLED, actor)


async def reset_manager(actor: Actor, *, shop: str, manager: str) -> ManagerMade:
    """A new first password to hand over, and no second factor. Not inside a command: hashing takes its time."""
    password = await identity.make_password()
    await _reset(actor, shop, manager, password)
    found = next(one for one in await staffing.managers_of(shop, actor) if one.id == manager)
    return ManagerMade(id=found.id, username=found.username, first_password=password.text)


@command
async def _reset(actor: Actor, shop: str, manager: str, password: identity.NewPassword) -> None:
    place = await shops.managed_shop(shop, actor)
    found = [one for one in await staffing.manager_rows(place.id) if ids.public(one.id) == manager]
    if not found:
        raise NotFound()
    await identity.reset_credentials(found[0].account_id, password, actor)
