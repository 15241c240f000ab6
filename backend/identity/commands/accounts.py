"""Accounts of persons: one per phone, bound to a member once, released when the phone changes hands."""

from tortoise.exceptions import IntegrityError

from backend.core import audit, clock, crypto, database, ids, national
from backend.core.actor import SYSTEM, Actor
from backend.core.command import command
from backend.core.errors import Conflict, FieldError, Invalid, NotFound
from backend.identity import rules
from backend.identity.commands.sessions import end_all
from backend.identity.enums import AccountKind, AccountState


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
async def bind_member(account_id: int, member_id: int, *, display: str, actor: Actor) -> None:
    """Tie an account to a member's record, after its holder has confirmed the identity number.

    Doing it again changes nothing. Neither side is ever taken from somebody else: knowing an identity
    number is no proof of being that person, so a second phone has to be released at a desk first.
    """
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
    await audit.record(
        actor, "account.bound", object_kind="account", object_id=account_id, detail={"member_id": member_id}
    )


@command
async def release_phone(phone: str, *, path: str | None, actor: Actor) -> int:
    """Part a phone from its account, because somebody else holds the number now; the account's id.

    `path` is where the account's member belongs, None for an account without a member. The member may
    bind another phone afterwards.
    """
    allowed = actor.can("phone.release") if path is None else actor.covers("phone.release", path)
    index = crypto.blind_index("phone", parse_phone(phone))
    found = await database.rows("SELECT id, member_id FROM account WHERE phone_index = %s", index)
    if not found or not (allowed or actor.kind == "system"):
        raise NotFound()
    account_id, member_id = found[0]["id"], found[0]["member_id"]
    await database.execute(
        "UPDATE account SET phone_index = NULL, phone_sealed = '', member_id = NULL, sign_ins = sign_ins + 1"
        " WHERE id = %s",
        account_id,
    )
    await database.execute("DELETE FROM sign_in_code WHERE phone_index = %s", index)
    ended = await end_all(account_id)
    await audit.record(
        actor,
        "account.phone_released",
        object_kind="account",
        object_id=account_id,
        detail={"member_id": member_id, "sessions_ended": ended},
    )
    return account_id
