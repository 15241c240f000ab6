"""Signing in: by a code sent to a phone, or by user name, password and second factor.

Nothing here tells a stranger whether a phone or a user name is known: both ways do the same work and
give the same answer. Wrong tries are counted in the transaction that saw them, so a refusal is an
outcome, not an error, until that transaction is committed.
"""

import hmac
import secrets
from datetime import datetime

import msgspec
import structlog

from backend.channels import sms
from backend.core import audit, clock, crypto, database, ids, reference
from backend.core.actor import GUEST, Actor
from backend.core.command import command
from backend.core.errors import Forbidden, Unauthenticated, Unavailable, invalid
from backend.core.national import compact
from backend.identity import passwords, queries, rules
from backend.identity.commands.accounts import account_for_phone, leave_if_silent, parse_phone
from backend.identity.commands.sessions import begin
from backend.identity.enums import AccountKind, AccountState, Pending
from backend.identity.schemas import CodeAnswer, SessionAnswer
from backend.web import limits
from backend.web.client import Client

log = structlog.get_logger(__name__)


class _StaffRow(msgspec.Struct, kw_only=True):
    id: int
    state: str
    display: str
    password_hash: str
    must_change_password: bool
    password_until: datetime | None
    totp_sealed: str


async def request_code(phone: str, client: Client) -> CodeAnswer:
    """Send a fresh code; the one before it is dead. Sent at most once, and never again on failure."""
    number = parse_phone(phone)
    index = crypto.blind_index("phone", number)
    await limits.hit(limits.SMS_ADDRESS, client.address)
    await limits.hit(limits.SMS_PHONE, index)
    code = f"{secrets.randbelow(1_000_000):06d}"
    await _keep_code(index, code)
    minutes = int(rules.CODE_LIFETIME.total_seconds() // 60)
    text = f"验证码 {code}，{minutes} 分钟内有效。工会工作人员不会向您索要验证码，请不要告诉任何人。"
    try:
        await sms.send(
            recipient=number,
            template="sign_in_code",
            text=text,
            params={"code": code, "minutes": str(minutes)},
        )
    except sms.ProviderError as exc:
        log.warning("code.not_sent", error=type(exc).__name__)
        raise Unavailable("sms_unavailable", retry_after=rules.CODE_RETRY_SECONDS) from exc
    return CodeAnswer(
        expires_in=int(rules.CODE_LIFETIME.total_seconds()),
        retry_after=rules.CODE_RETRY_SECONDS,
    )


async def open_session(phone: str, code: str, client: Client, *, replaces: int = 0) -> SessionAnswer:
    """Exchange a code for a session; the account is made on first use."""
    number = parse_phone(phone)
    typed = compact(code)
    if len(typed) != 6 or not (typed.isascii() and typed.isdigit()):
        raise invalid("code", "code_format")
    index = crypto.blind_index("phone", number)
    await limits.check(limits.SIGN_IN_ADDRESS, client.address)
    await limits.check(limits.SIGN_IN_ACCOUNT, index)
    redeemed = await _redeem(number, index, typed, client.label, replaces)
    if isinstance(redeemed, SessionAnswer):
        return redeemed
    await limits.count(limits.SIGN_IN_ADDRESS, client.address)
    if redeemed:
        # Only tries against a living code count for the phone: nobody is locked who asked for none.
        await limits.count(limits.SIGN_IN_ACCOUNT, index)
    raise Unauthenticated("code_wrong")


@command
async def _keep_code(phone_index: str, code: str) -> None:
    now = clock.now()
    row = {
        "code_hash": _code_hash(phone_index, code),
        "attempts": 0,
        "used_at": None,
        "expires_at": now + rules.CODE_LIFETIME,
        "created_at": now,
    }
    first = {"id": ids.new_id(), "phone_index": phone_index} | row
    if not await database.insert_if_absent("sign_in_code", first, key="phone_index"):
        await database.execute(
            "UPDATE sign_in_code SET code_hash = %s, attempts = %s, used_at = %s, expires_at = %s, created_at = %s"
            " WHERE phone_index = %s",
            *row.values(),
            phone_index,
        )
    await audit.record(GUEST, "code.made", object_kind="sign_in_code", object_id=0)


def _code_hash(phone_index: str, code: str) -> str:
    return crypto.keyed_hash("sign-in-code", f"{phone_index}:{code}")


@command
async def _redeem(phone: str, index: str, code: str, label: str, replaces: int) -> SessionAnswer | bool:
    """The session, or whether the wrong code met a living one."""
    now = clock.now()
    alive = await database.execute(
        "UPDATE sign_in_code SET attempts = attempts + 1"
        " WHERE phone_index = %s AND used_at IS NULL AND attempts < %s AND expires_at > %s",
        index,
        rules.CODE_TRIES,
        now,
    )
    if not alive:
        return False
    kept = await database.scalar("SELECT code_hash FROM sign_in_code WHERE phone_index = %s", index)
    if not hmac.compare_digest(kept, _code_hash(index, code)):
        return True
    won = await database.execute(
        "UPDATE sign_in_code SET used_at = %s WHERE phone_index = %s AND code_hash = %s AND used_at IS NULL",
        now,
        index,
        kept,
    )
    if not won:
        return True
    return await _admit_person(await _account_of(phone), index, label, replaces)


async def _account_of(phone: str) -> int:
    """A fresh account after a long silence: the number may be somebody else's by now."""
    account_id = await account_for_phone(phone)
    return await account_for_phone(phone) if await leave_if_silent(account_id, phone) else account_id


async def _admit_person(account_id: int, phone_index: str, label: str, replaces: int) -> SessionAnswer | bool:
    admitted = await database.execute(
        "UPDATE account SET sign_ins = sign_ins + 1, signed_in_at = %s WHERE id = %s AND phone_index = %s",
        clock.now(),
        account_id,
        phone_index,
    )
    if not admitted:
        # The phone was released a moment ago, and its codes with it.
        return False
    if await database.scalar("SELECT state FROM account WHERE id = %s", account_id) != AccountState.ACTIVE:
        raise Forbidden("account_disabled")
    actor = Actor(kind=AccountKind.PERSON.value, account_id=account_id)
    begun = await begin(actor, label=label, replaces=replaces)
    return SessionAnswer(
        access_token=begun.token,
        token_type="Bearer",  # noqa: S106 - the scheme, no secret
        expires_in=begun.expires_in,
        account=await queries.account_view(account_id),
    )


async def open_staff_session(
    username: str, password: str, otp: str | None, client: Client, *, replaces: int = 0
) -> SessionAnswer:
    """A session for staff. One answer for an unknown name, a wrong password and a wrong or missing code."""
    name = rules.username_key(username)
    key = crypto.blind_index("username", name)
    await limits.check(limits.SIGN_IN_ADDRESS, client.address)
    async with passwords.turn:
        await limits.check(limits.SIGN_IN_ACCOUNT, key)
        answer = await _try_staff(name, password, compact(otp or ""), client.label, replaces)
        if answer is None:
            await limits.count(limits.SIGN_IN_ACCOUNT, key)
    if answer is None:
        await limits.count(limits.SIGN_IN_ADDRESS, client.address)
        raise Unauthenticated("sign_in_failed")
    await limits.clear(limits.SIGN_IN_ACCOUNT, key)
    return answer


async def _try_staff(name: str, password: str, otp: str, label: str, replaces: int) -> SessionAnswer | None:
    row = await database.view(
        _StaffRow,
        "SELECT id, state, display, password_hash, must_change_password, password_until, totp_sealed"
        " FROM account WHERE username = %s AND kind = %s",
        name,
        AccountKind.STAFF.value,
    )
    fits = await passwords.verify(row.password_hash if row else None, password)
    if row is None or not fits or row.state != AccountState.ACTIVE:
        await _note_refusal(row.id if row else 0, "password" if row and not fits else "account")
        return None
    upgraded = await passwords.make_hash(password) if passwords.needs_rehash(row.password_hash) else None
    return await _admit_staff(row, otp, upgraded, label, replaces)


@command
async def _note_refusal(account_id: int, why: str) -> None:
    """By the account it was tried on, 0 for none; the name that was typed may be a password or a phone."""
    log.warning("sign_in.refused", account_id=account_id, why=why)
    await audit.record(GUEST, "sign_in.refused", object_kind="account", object_id=account_id, detail={"why": why})


@command
async def _admit_staff(
    row: _StaffRow, otp: str, upgraded_hash: str | None, label: str, replaces: int
) -> SessionAnswer | None:
    if row.totp_sealed and not await use_totp(row.id, row.totp_sealed, otp):
        await _note_refusal(row.id, "second_factor")
        return None
    if row.must_change_password and row.password_until is not None and row.password_until < clock.now():
        raise Forbidden("first_password_expired")
    # A first password is burnt by its first use. The condition meets a change that came in between.
    new_hash = "" if row.must_change_password else upgraded_hash or row.password_hash
    admitted = await database.execute(
        "UPDATE account SET sign_ins = sign_ins + 1, signed_in_at = %s, password_hash = %s"
        " WHERE id = %s AND password_hash = %s AND state = %s",
        clock.now(),
        new_hash,
        row.id,
        row.password_hash,
        AccountState.ACTIVE.value,
    )
    if not admitted:
        return None
    actor = Actor(kind=AccountKind.STAFF.value, account_id=row.id, display=row.display)
    begun = await begin(actor, label=label, replaces=replaces)
    return SessionAnswer(
        access_token=begun.token,
        token_type="Bearer",  # noqa: S106 - the scheme, no secret
        expires_in=begun.expires_in,
        account=await queries.account_view(row.id),
        pending=_pending(row),
    )


def _pending(row: _StaffRow) -> Pending:
    return rules.pending(
        kind=AccountKind.STAFF,
        must_change_password=row.must_change_password,
        has_totp=bool(row.totp_sealed),
        needs_totp=reference.settings().is_production,
    )


async def use_totp(account_id: int, sealed: str, otp: str) -> bool:
    """Whether the one-time code fits and is used here for the first time; inside the caller's command."""
    secret = crypto.open_sealed(sealed, context=rules.totp_context(account_id))
    step = rules.totp_step(secret, otp, clock.now())
    if step is None:
        return False
    used = await database.execute(
        "UPDATE account SET totp_last_step = %s WHERE id = %s AND totp_sealed = %s AND totp_last_step < %s",
        step,
        account_id,
        sealed,
        step,
    )
    return used > 0
