"""Accounts of persons: one per phone, bound to a member once, parted from a phone that changed hands.

An account belongs to its person, a phone only opens it. Parted from its phone it keeps all it holds, and
nobody signs in to it, until its person proves the identity number from another phone, or from the same one.
"""

from datetime import timedelta

import msgspec
from tortoise.exceptions import IntegrityError

from backend.core import audit, clock, crypto, database, ids, national, outbox, reference
from backend.core.actor import SYSTEM, Actor
from backend.core.command import command
from backend.core.errors import Conflict, FieldError, Invalid, NotFound
from backend.identity import rules
from backend.identity.commands.sessions import end_all
from backend.identity.enums import AccountKind, AccountState
from backend.identity.events import AccountBound


class Disowned(msgspec.Struct, frozen=True):
    """Whom the phone stood for, and its blind index."""

    member_id: int
    phone_index: str


def parse_phone(text: str) -> str:
    try:
        return national.parse_phone(text)
    except national.InvalidValue as exc:
        raise Invalid([FieldError("phone", exc.message)]) from exc


@command
async def account_for_phone(phone: str) -> int:
    """The account of this phone, made on first use."""
    number = parse_phone(phone)
    index = crypto.blind_index("phone", number)
    account_id = ids.new_id()
    made = await database.insert_if_absent(
        "account",
        {
            "id": account_id,
            "kind": AccountKind.PERSON.value,
            "state": AccountState.ACTIVE.value,
            "phone_index": index,
            "phone_sealed": crypto.seal(number, context=rules.phone_context(account_id)),
            "display": national.mask_phone(number),
            "password_hash": "",
            "must_change_password": False,
            "totp_sealed": "",
            "totp_last_step": 0,
            "sign_ins": 0,
            "created_at": clock.now(),
        },
        key="phone_index",
    )
    if not made:
        return int(await database.scalar("SELECT id FROM account WHERE phone_index = %s", index))
    await audit.record(SYSTEM, "account.created", object_kind="account", object_id=account_id)
    return account_id


@command
async def leave_if_silent(account_id: int, phone: str) -> bool:
    """Part a phone from an account that nobody has signed in to for long: who has it now has to prove it."""
    index = crypto.blind_index("phone", phone)
    since = clock.now() - timedelta(days=reference.settings().reconfirm_after_days)
    left = await database.execute(
        "UPDATE account SET phone_index = NULL, phone_sealed = '', sign_ins = sign_ins + 1"
        " WHERE id = %s AND phone_index = %s AND kind = %s AND state = %s"
        " AND COALESCE(signed_in_at, created_at) < %s",
        account_id,
        index,
        AccountKind.PERSON.value,
        AccountState.ACTIVE.value,
        since,
    )
    if not left:
        return False
    await end_all(account_id)
    await audit.record(SYSTEM, "account.phone_silent", object_kind="account", object_id=account_id)
    return True


@command
async def bind_member(account_id: int, member_id: int, *, display: str, actor: Actor) -> None:
    """Tie an account to a member's record, after its holder has confirmed the identity number.

    Doing it again changes nothing. Neither side is ever taken from somebody else: knowing an identity
    number is no proof of being that person, so a second phone has to be released at a desk first. A member
    whose earlier account was parted from its phone gets that account back, with this phone.
    """
    earlier = await database.scalar(
        "SELECT id FROM account WHERE member_id = %s AND phone_index IS NULL AND id <> %s", member_id, account_id
    )
    if earlier is not None:
        await _return_to(earlier, account_id, member_id, display, actor)
        return
    try:
        bound = await database.execute(
            "UPDATE account SET member_id = %s, display = %s WHERE id = %s AND member_id IS NULL",
            member_id,
            display[:60],
            account_id,
        )
    except IntegrityError as exc:
        raise Conflict("member_bound") from exc
    if not bound:
        if await database.scalar("SELECT member_id FROM account WHERE id = %s", account_id) == member_id:
            return
        raise Conflict("account_bound")
    await _note_bound(actor, account_id, member_id, came_from=None)


async def _return_to(account_id: int, fresh_id: int, member_id: int, display: str, actor: Actor) -> None:
    """Phone and sessions of the fresh account go over to the one that the person had before."""
    [fresh] = await database.rows("SELECT phone_index, phone_sealed FROM account WHERE id = %s", fresh_id)
    given = await database.execute(
        "UPDATE account SET phone_index = NULL, phone_sealed = '', sign_ins = sign_ins + 1"
        " WHERE id = %s AND phone_index = %s AND member_id IS NULL",
        fresh_id,
        fresh["phone_index"],
    )
    if not given:
        raise Conflict("account_bound")
    phone = crypto.open_sealed(fresh["phone_sealed"], context=rules.phone_context(fresh_id))
    taken = await database.execute(
        "UPDATE account SET phone_index = %s, phone_sealed = %s, display = %s, signed_in_at = %s,"
        " sign_ins = sign_ins + 1 WHERE id = %s AND member_id = %s AND phone_index IS NULL",
        fresh["phone_index"],
        crypto.seal(phone, context=rules.phone_context(account_id)),
        display[:60],
        clock.now(),
        account_id,
        member_id,
    )
    if not taken:
        raise Conflict("member_bound")
    await database.execute("UPDATE session_row SET account_id = %s WHERE account_id = %s", account_id, fresh_id)
    await _note_bound(actor, account_id, member_id, came_from=fresh_id)


async def _note_bound(actor: Actor, account_id: int, member_id: int, *, came_from: int | None) -> None:
    detail = {"member_id": member_id} | ({"came_from": came_from} if came_from else {})
    await audit.record(actor, "account.bound", object_kind="account", object_id=account_id, detail=detail)
    await outbox.emit(AccountBound(account_id, member_id, came_from), key=f"{account_id}:{came_from or 0}")


@command
async def disown(actor: Actor) -> Disowned:
    """The person behind this session is not the member whose record the phone opens.

    The phone goes on with a fresh account and this session with it; every other session ends.
    """
    [row] = await database.rows(
        "SELECT phone_index, phone_sealed, member_id FROM account WHERE id = %s", actor.account_id
    )
    if row["member_id"] is None or row["phone_index"] is None:
        raise Conflict("nobody_bound")
    phone = crypto.open_sealed(row["phone_sealed"], context=rules.phone_context(actor.account_id))
    if not await _part(actor.account_id, row["phone_index"]):
        raise Conflict("nobody_bound")
    fresh_id = await account_for_phone(phone)
    await database.execute("UPDATE session_row SET account_id = %s WHERE id = %s", fresh_id, actor.session_id)
    ended = await end_all(actor.account_id)
    await audit.record(
        actor,
        "account.disowned",
        object_kind="account",
        object_id=actor.account_id,
        detail={"member_id": row["member_id"], "goes_on_as": fresh_id, "sessions_ended": ended},
    )
    return Disowned(row["member_id"], row["phone_index"])


@command
async def release_phone(phone: str, *, path: str | None, actor: Actor, reason: str = "") -> int:
    """Part a phone from its account, because somebody else holds the number now; the account's id.

    `path` is where the account's member belongs, None for an account without a member, which may be released
    wherever the actor has that power. The member may bind another phone afterwards. `reason` is a code.
    """
    allowed = actor.can("phone.release") if path is None else actor.covers("phone.release", path)
    index = crypto.blind_index("phone", parse_phone(phone))
    found = await database.rows("SELECT id, member_id FROM account WHERE phone_index = %s", index)
    if not found or not (allowed or actor.kind == "system"):
        raise NotFound()
    account_id, member_id = found[0]["id"], found[0]["member_id"]
    if (member_id is None) != (path is None) or not await _part(account_id, index):
        raise NotFound()
    ended = await end_all(account_id)
    await audit.record(
        actor,
        "account.phone_released",
        object_kind="account",
        object_id=account_id,
        detail={"member_id": member_id, "sessions_ended": ended, "reason": reason},
    )
    return account_id


async def _part(account_id: int, phone_index: str) -> bool:
    """The account keeps its member and all it holds; codes on their way to the phone are dead."""
    parted = await database.execute(
        "UPDATE account SET phone_index = NULL, phone_sealed = '', sign_ins = sign_ins + 1"
        " WHERE id = %s AND phone_index = %s",
        account_id,
        phone_index,
    )
    await database.execute("DELETE FROM sign_in_code WHERE phone_index = %s", phone_index)
    return parted > 0
