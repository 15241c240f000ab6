"""Synthetic people and their sign-in, by the commands behind the doors."""

from datetime import date

import msgspec

from backend.core import crypto, database, national
from backend.identity import commands as identity
from backend.web.client import Client


class Somebody(msgspec.Struct, kw_only=True, frozen=True):
    """A person with a phone. `bank_card` is nobody's; it stands for what people type into the wrong place."""

    name: str
    id_no: str
    phone: str
    bank_card: str


def somebody(sequence: int, *, name: str = "王小测", birth: date = date(1990, 3, 7)) -> Somebody:
    """The sequence-th person (1–999): identity prefix 99, phone prefix 154."""
    return Somebody(
        name=name,
        id_no=national.synthetic_id_no(birth, sequence),
        phone=f"154{70_000_000 + sequence * 137:08d}",
        bank_card=f"62220200{sequence:03d}75318642",
    )


def caller() -> Client:
    return Client(address="10.0.0.1", user_agent="", idempotency_key=None, label="安卓手机 · 微信")


async def sign_in(phone: str) -> str:
    """The token of a new session, by the code that was sent."""
    await identity.request_code(phone, caller())
    return (await identity.open_session(phone, await sent_code(phone), caller())).access_token


async def sent_code(phone: str) -> str:
    """The newest code of this phone, "" where none was sent."""
    text = await database.scalar(
        "SELECT text FROM console_message WHERE recipient_index = %s ORDER BY id DESC LIMIT 1",
        crypto.blind_index("phone", phone),
    )
    return "".join(letter for letter in text or "" if letter.isdigit())[:6]


def join_form(who: Somebody, *, division: str, **changes: object) -> dict[str, object]:
    """A courier who wants to join."""
    return {
        "join_channel": "self",
        "employ_form": "newform",
        "newform_group": "courier",
        "employer": "测试快运",
        "division": division,
        "real_name": who.name,
        "id_no": who.id_no,
        "mobile": who.phone,
        "charter_ok": True,
        "privacy_ok": True,
        "sensitive_ok": True,
    } | changes
