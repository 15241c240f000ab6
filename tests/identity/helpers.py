"""Small steps that the tests of signing in share."""

import re
from datetime import datetime

from pyotp.totp import TOTP

from backend.core import clock, crypto, database
from backend.core.actor import SYSTEM, Actor
from backend.identity import commands, queries
from backend.identity.schemas import SessionAnswer
from backend.web.client import Client

PHONE = "15400000001"
OTHER_PHONE = "15400000002"
PASSWORD = "seven quiet herons"


def caller(address: str = "10.0.0.1", label: str = "安卓手机 · 微信") -> Client:
    return Client(address=address, user_agent="", idempotency_key=None, label=label)


async def sent_code(phone: str = PHONE) -> str:
    """The newest code that the console provider was given for this phone."""
    text = await database.scalar(
        "SELECT text FROM console_message WHERE recipient_index = %s ORDER BY id DESC LIMIT 1",
        crypto.blind_index("phone", phone),
    )
    found = re.search(r"[0-9]{6}", text)
    assert found is not None
    return found.group()


async def request_and_read(phone: str = PHONE) -> str:
    await commands.request_code(phone, caller())
    return await sent_code(phone)


async def sign_in(phone: str = PHONE) -> SessionAnswer:
    return await commands.open_session(phone, await request_and_read(phone), caller())


async def actor_of(token: str) -> Actor:
    """As `load_actor` does it, without posts."""
    found = await queries.signed_in(token)
    assert found is not None
    return Actor(
        kind=found.kind,
        account_id=found.account_id,
        session_id=found.session_id,
        display=found.display,
        member_id=found.member_id,
        pending=found.pending,
    )


async def make_staff(username: str = "clerk-one", password: str | None = PASSWORD) -> tuple[int, str]:
    """(account, password); without a lasting password it is a first one."""
    made = await commands.make_password(password)
    account = await commands.create_staff(username=username, display="邹小测", password=made, actor=SYSTEM)
    return account, made.text


async def sign_in_staff(username: str = "clerk-one", password: str = PASSWORD, otp: str | None = None) -> SessionAnswer:
    return await commands.open_staff_session(username, password, otp, caller())


def code_at(secret: str, moment: datetime | None = None) -> str:
    return TOTP(secret.replace(" ", "")).at(int((moment or clock.now()).timestamp()))


async def enrol(actor: Actor) -> str:
    """Enrol the offered second factor; its secret."""
    offer = await commands.offer_totp(actor)
    await commands.confirm_totp(code_at(offer.secret), "", actor=actor, client=caller())
    return offer.secret


async def audited(action: str) -> int:
    return int(await database.scalar("SELECT COUNT(*) FROM audit WHERE action = %s", action))
