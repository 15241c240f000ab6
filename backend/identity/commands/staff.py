"""Staff accounts: first passwords, changes of password and second factor, disabling.

Who may do this to whom is decided by `unions`, which knows the posts; here every change of a credential
or of the state ends all sessions at once.
"""

import base64
import secrets

import msgspec
from pyotp.totp import TOTP

from backend.core import audit, clock, crypto, database, ids, pinyin, reference
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, FieldError, Invalid, NotFound, Unauthenticated, invalid, sentence
from backend.core.national import compact
from backend.identity import passwords, rules
from backend.identity.commands.sessions import Begun, begin, end_all
from backend.identity.commands.sign_in import use_totp
from backend.identity.enums import AccountKind, AccountState
from backend.identity.schemas import TotpOffer
from backend.web import limits
from backend.web.client import Client
from backend.web.qr import qr_svg

# No characters that look alike on paper; four groups of four are 79 bits.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class NewPassword(msgspec.Struct, frozen=True):
    """A password made outside a command, because hashing takes its time.

    A first one is shown once to whoever hands it over, opens one session within 72 hours, and must then
    be replaced. `lasting` ones are for the demo and tests.
    """

    text: str
    hash: str
    lasting: bool

    def __repr__(self) -> str:
        return f"NewPassword(lasting={self.lasting})"


class _Credentials(msgspec.Struct, kw_only=True):
    username: str
    display: str
    password_hash: str
    must_change_password: bool
    totp_sealed: str


async def make_password(lasting: str | None = None) -> NewPassword:
    """A random first password, or the given one where this is no production set-up. Not inside a command."""
    if lasting is not None and reference.settings().is_production:
        raise RuntimeError("a production staff account begins with a first password of its own")
    text = lasting or "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    return NewPassword(text=text, hash=await _hash(text), lasting=lasting is not None)


async def _hash(text: str) -> str:
    async with passwords.turn:
        return await passwords.make_hash(text)


@command
async def create_staff(*, username: str, display: str, password: NewPassword, actor: Actor) -> int:
    """A staff account without posts; its id."""
    name, shown = rules.username_key(username), display.strip()
    wrong = []
    if not rules.is_username(name):
        wrong.append(FieldError("username", sentence("username_format")))
    if not 1 <= len(shown) <= 30 or not shown.isprintable():
        wrong.append(FieldError("display", sentence("display_length")))
    if wrong:
        raise Invalid(wrong)
    account_id = ids.new_id()
    row = {
        "id": account_id,
        "kind": AccountKind.STAFF.value,
        "state": AccountState.ACTIVE.value,
        "phone_sealed": "",
        "username": name,
        "display": shown,
        **_password_columns(password),
        "totp_sealed": "",
        "totp_last_step": 0,
        "sign_ins": 0,
        "created_at": clock.now(),
    }
    if not await database.insert_if_absent("account", row, key="username"):
        raise invalid("username", "username_taken")
    await audit.record(actor, "staff.created", object_kind="account", object_id=account_id)
    return account_id


def _password_columns(password: NewPassword) -> dict[str, object]:
    return {
        "password_hash": password.hash,
        "must_change_password": not password.lasting,
        "password_until": None if password.lasting else clock.now() + rules.FIRST_PASSWORD_LIFETIME,
    }


@command
async def reset_credentials(account_id: int, password: NewPassword, actor: Actor) -> None:
    """A new first password and no second factor, as for a new account: both have to be set again."""
    columns = _password_columns(password)
    changed = await database.execute(
        "UPDATE account SET password_hash = %s, must_change_password = %s, password_until = %s, totp_sealed = '',"
        " sign_ins = sign_ins + 1 WHERE id = %s AND kind = %s",
        *columns.values(),
        account_id,
        AccountKind.STAFF.value,
    )
    if not changed:
        raise NotFound()
    await end_all(account_id)
    await audit.record(actor, "staff.credentials_reset", object_kind="account", object_id=account_id)


@command
async def set_staff_state(account_id: int, state: AccountState, actor: Actor) -> None:
    """Disable or enable. A disabled account's sessions are gone before the answer is sent."""
    changed = await database.execute(
        "UPDATE account SET state = %s, sign_ins = sign_ins + 1 WHERE id = %s AND kind = %s",
        state.value,
        account_id,
        AccountKind.STAFF.value,
    )
    if not changed:
        raise NotFound()
    await end_all(account_id)
    await audit.record(actor, f"staff.{state.value}", object_kind="account", object_id=account_id)


async def change_password(current: str, new: str, *, actor: Actor, client: Client) -> Begun:
    """The new password, and a fresh session in place of all others.

    Whoever came in with a first password has used it up, so it is not asked for again.
    """
    row = await _credentials(actor)
    if not row.must_change_password:
        await _require_password(row, current, actor)
        if new == current:
            raise invalid("new", "password_same")
    problem = rules.password_problem(new, context=_context_words(row))
    if problem is not None:
        raise invalid("new", problem)
    return await _store_password(row, await _hash(new), actor, client.label)


async def _require_password(row: _Credentials, given: str, actor: Actor) -> None:
    key = crypto.blind_index("username", row.username)
    async with passwords.turn:
        await limits.check(limits.SIGN_IN_ACCOUNT, key)
        if await passwords.verify(row.password_hash, given):
            return
        await limits.count(limits.SIGN_IN_ACCOUNT, key)
    raise invalid("current", "password_wrong")


@command
async def _store_password(row: _Credentials, password_hash: str, actor: Actor, label: str) -> Begun:
    changed = await database.execute(
        "UPDATE account SET password_hash = %s, must_change_password = %s, password_until = NULL,"
        " sign_ins = sign_ins + 1 WHERE id = %s AND password_hash = %s AND state = %s",
        password_hash,
        False,
        actor.account_id,
        row.password_hash,
        AccountState.ACTIVE.value,
    )
    if not changed:
        raise Unauthenticated()
    await end_all(actor.account_id)
    await audit.record(actor, "staff.password_changed", object_kind="account", object_id=actor.account_id)
    return await begin(actor, label=label)


async def offer_totp(actor: Actor) -> TotpOffer:
    """The secret this session may enrol, to scan. Nothing is stored before `confirm_totp`."""
    row, secret = await _credentials(actor), _offered_secret(actor)
    uri = TOTP(secret).provisioning_uri(name=row.username, issuer_name=reference.settings().county_name)
    return TotpOffer(
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        qr_svg=qr_svg(uri, "用验证器扫描的二维码"),
    )


def _offered_secret(actor: Actor) -> str:
    """The same for the whole session, so that a mistyped code can be corrected, and unknown without our key."""
    mac = crypto.sign("totp-offer", f"{actor.account_id}:{actor.session_id}")
    return base64.b32encode(bytes.fromhex(mac)[:20]).decode()


async def confirm_totp(code: str, current_code: str, *, actor: Actor, client: Client) -> Begun:
    """Enrol the offered secret: `code` proves that it was scanned, `current_code` the factor it replaces."""
    row = await _credentials(actor)
    key = crypto.blind_index("username", row.username)
    await limits.check(limits.SIGN_IN_ACCOUNT, key)
    begun = await _store_totp(row, compact(code), compact(current_code), actor, client.label)
    if begun is None:
        await limits.count(limits.SIGN_IN_ACCOUNT, key)
        raise invalid("code", "totp_wrong")
    return begun


@command
async def _store_totp(row: _Credentials, code: str, current_code: str, actor: Actor, label: str) -> Begun | None:
    secret = _offered_secret(actor)
    step = rules.totp_step(secret, code, clock.now())
    if step is None or (row.totp_sealed and not await use_totp(actor.account_id, row.totp_sealed, current_code)):
        return None
    changed = await database.execute(
        "UPDATE account SET totp_sealed = %s, totp_last_step = %s, sign_ins = sign_ins + 1"
        " WHERE id = %s AND totp_sealed = %s AND state = %s",
        crypto.seal(secret, context=rules.totp_context(actor.account_id)),
        step,
        actor.account_id,
        row.totp_sealed,
        AccountState.ACTIVE.value,
    )
    if not changed:
        raise Conflict("totp_changed")
    await end_all(actor.account_id)
    await audit.record(actor, "staff.totp_enrolled", object_kind="account", object_id=actor.account_id)
    return await begin(actor, label=label)


async def _credentials(actor: Actor) -> _Credentials:
    row = await database.view(
        _Credentials,
        "SELECT username, display, password_hash, must_change_password, totp_sealed FROM account"
        " WHERE id = %s AND kind = %s",
        actor.account_id,
        AccountKind.STAFF.value,
    )
    if row is None:
        raise NotFound()
    return row


def _context_words(row: _Credentials) -> list[str]:
    county = reference.settings().county_name
    return [row.username, row.display, pinyin.initials(row.display), county, pinyin.initials(county)]
