"""Pure policy of signing in: lifetimes, what a password may be, when a one-time code fits."""

import hmac
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from pyotp.totp import TOTP

from backend.core import crypto
from backend.core.reveal import PURPOSE_LABELS, Purpose
from backend.identity.enums import AccountKind, Pending

CODE_LIFETIME = timedelta(minutes=5)
CODE_TRIES = 5
CODE_RETRY_SECONDS = 60
FIRST_PASSWORD_LIFETIME = timedelta(hours=72)
# How stale "last seen" may get before a request writes it down.
SEEN_STEP = timedelta(minutes=5)

PASSWORD_MIN = 12
PASSWORD_MAX = 128

TOTP_PERIOD = 30
TOTP_DRIFT = 1  # steps the clock of a phone may be off


class Lifetime(msgspec.Struct, frozen=True):
    """A session ends `idle` after it was last used and `absolute` after it began."""

    idle: timedelta
    absolute: timedelta


_LIFETIMES = {
    AccountKind.PERSON: Lifetime(timedelta(days=7), timedelta(days=30)),
    AccountKind.STAFF: Lifetime(timedelta(minutes=30), timedelta(hours=12)),
}

_USERNAME = re.compile(r"\A[a-z][a-z0-9._-]{2,39}\Z")

# Words that guessers try first. Whatever of a password is made of them, of years and of plain runs does
# not count; what is left must have some variety.
_COMMON = """
    password passwort letmein welcome administrator admin master secret changeme default dragon monkey
    qwertyuiop qwerty asdfghjkl asdfgh zxcvbnm 1qaz2wsx 1q2w3e4r qazwsx iloveyou woaini wodemima mima
    zhongguo china beijing gonghui zonggonghui gongren laodong huiyuan union demo worker member 888 666 520 1314
"""
_LOOK_ALIKES = str.maketrans("@4301!$57", "aaeoiisst")
_YEAR = re.compile(r"(19|20)[0-9]{2}")
_VARIETY = 5

_FIELD_LABELS = {
    "id_no": "身份证号",
    "phone": "手机号",
    "mobile": "手机号",
    "bank_card": "银行卡号",
    "name": "姓名",
    "address": "住址",
    "health": "健康信息",
    "photo": "照片",
}


def lifetime(kind: str) -> Lifetime:
    return _LIFETIMES[AccountKind(kind)]


def pending(*, kind: str, must_change_password: bool, has_totp: bool, needs_totp: bool) -> Pending:
    """What comes first for a staff session; `needs_totp` is the rule of this installation."""
    if kind != AccountKind.STAFF:
        return Pending.NOTHING
    if must_change_password:
        return Pending.PASSWORD
    return Pending.TOTP if needs_totp and not has_totp else Pending.NOTHING


def username_key(text: str) -> str:
    """The one spelling under which a user name is stored and looked up."""
    return text.strip().lower()


def is_username(text: str) -> bool:
    return _USERNAME.match(text) is not None


def password_problem(password: str, *, context: Iterable[str]) -> str | None:
    """Why staff may not have this password, as a sentence code; None when they may.

    Any characters count as they are. `context` are words that belong to the place and the person.
    """
    if len(password) < PASSWORD_MIN:
        return "password_short"
    if len(password) > PASSWORD_MAX:
        return "password_long"
    words = [*_COMMON.split(), *(word.lower() for word in context if len(word) >= 3)]
    return "password_common" if len(_surprising(password, words)) < _VARIETY else None


def _surprising(password: str, words: Iterable[str]) -> set[str]:
    """The different characters that are neither a known word, a year, nor the next of a run."""
    plain = "".join(char.lower()[:1] for char in password)
    known = [False] * len(plain)
    for text in (plain, plain.translate(_LOOK_ALIKES)):
        for word in words:
            start = text.find(word)
            while start >= 0:
                known[start : start + len(word)] = [True] * len(word)
                start = text.find(word, start + 1)
    for year in _YEAR.finditer(plain):
        known[year.start() : year.end()] = [True] * 4
    for i in range(2, len(plain)):
        step = ord(plain[i]) - ord(plain[i - 1])
        if step in (-1, 0, 1) and step == ord(plain[i - 1]) - ord(plain[i - 2]):
            known[i] = True
    return {char for char, is_known in zip(plain, known, strict=True) if not is_known}


def totp_step(secret: str, code: str, moment: datetime) -> int | None:
    """The 30-second step that `code` belongs to, within one step of `moment`; None when it fits none."""
    now = int(moment.timestamp()) // TOTP_PERIOD
    found = None
    for step in range(now - TOTP_DRIFT, now + TOTP_DRIFT + 1):
        if hmac.compare_digest(TOTP(secret).generate_otp(step).encode(), code.encode()):
            found = step
    return found


def token_hash(token: str) -> str:
    """What the database keeps of a session's token."""
    return crypto.keyed_hash("session", token)


def phone_context(account_id: int) -> str:
    return f"account/phone/{account_id}"


def totp_context(account_id: int) -> str:
    return f"account/totp/{account_id}"


def field_label(field: str) -> str:
    kind, _, number = field.partition(":")
    if kind == "export":
        return f"导出的资料（编号 {number}）"
    return _FIELD_LABELS.get(field, "敏感信息")


def purpose_label(purpose: str) -> str:
    return PURPOSE_LABELS.get(Purpose(purpose), "") if purpose in set(Purpose) else ""
