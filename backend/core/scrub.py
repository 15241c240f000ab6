"""Takes personal numbers and secrets out of anything that is about to be logged.

It errs on the side of removing: a log line without a number still says what happened, one with an identity
number is a breach.
"""

import functools
import re
from collections.abc import Mapping
from typing import Any

_GAP = r"[ \t\u00a0\u3000.-]?"
_DEEPEST = 6
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def _spaced(*digits: str) -> str:
    """One pattern for digits that people group with spaces, dots or hyphens."""
    return r"(?<![0-9])" + _GAP.join(digits) + r"(?![0-9])"


_DIGIT = "[0-9]"
_BIRTH_DAY = (f"(?:0{_GAP}[1-9]|1{_GAP}[0-2])", f"(?:0{_GAP}[1-9]|[12]{_GAP}[0-9]|3{_GAP}[01])")
_ID_NO = _spaced(
    "[1-9]", *[_DIGIT] * 5, f"(?:1{_GAP}[89]|2{_GAP}0)", *[_DIGIT] * 2, *_BIRTH_DAY, *[_DIGIT] * 3, "[0-9Xx]"
)
_OLD_ID_NO = _spaced("[1-9]", *[_DIGIT] * 7, *_BIRTH_DAY, *[_DIGIT] * 3)
_PHONE = r"(?<![0-9])(?:(?:\+|00)?86" + _GAP + ")?" + _GAP.join(["1[3-9]", *[_DIGIT] * 9]) + r"(?![0-9])"
# Bank cards have 16, 17 or 19 digits. Eighteen would take away our own row ids: identity numbers, which
# have eighteen too, are known by the birthday inside.
_CARD = r"(?<![0-9])(?:" + "|".join(_GAP.join([_DIGIT] * n) for n in (19, 17, 16)) + r")(?![0-9])"
_LONG_NUMBER = r"[0-9]{20,}"

_TELLING_NAMES = "token|passw(?:or)?d|secret|cookie|authorization|otp|session|credential|api_?key|验证码|校验码|密码"
_SCHEME = re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{4,}", re.IGNORECASE)
_ADDRESS_LOGIN = re.compile(r"://[^/\s@]+@")
_ASSIGNED = re.compile(
    rf"((?:[\w-]*(?:{_TELLING_NAMES})[\w-]*)[\"']?\s*[:=：]\s*)(\"[^\"]*\"|'[^']*'|[^\s\"',;&}})\]]+)", re.IGNORECASE
)
_SPOKEN_CODE = re.compile(r"((?:验证码|校验码|动态码|\bcode\b|\botp\b)[^0-9\n]{0,8})[0-9]{4,8}(?![0-9])", re.IGNORECASE)
_HEX = re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{32,}(?![0-9A-Za-z])")
# Random text: long, without a break, upper and lower case mixed. A path or a dotted name has breaks.
_OPAQUE = re.compile(
    r"(?<![0-9A-Za-z_-])(?=[0-9A-Za-z_-]*[a-z])(?=[0-9A-Za-z_-]*[A-Z])"
    r"(?:(?=[A-Za-z]*[0-9_-])[0-9A-Za-z_-]{32,}|[A-Za-z]{40,})"
)

_NUMBERS = [
    (re.compile(_ID_NO), "[id number]"),
    (re.compile(_PHONE), "[phone]"),
    (re.compile(_CARD), "[card]"),
    (re.compile(_OLD_ID_NO), "[id number]"),
    (re.compile(_LONG_NUMBER), "[number]"),
]
_ANY_LONG_RUN = re.compile(r"[0-9](?:[^0-9]?[0-9]){10}")

# Whether it is worth looking for secrets at all; almost every line ends here.
_TELLING_WORD = re.compile(
    "token|passw|secret|cookie|authorization|otp|session|credential|api|code|bearer|basic|验证码|校验码|动态码|密码",
    re.IGNORECASE,
)

_SECRET_KEY = re.compile(rf"(?:{_TELLING_NAMES}|id_?no|phone|mobile|bank_?card|sealed|diagnosis)", re.IGNORECASE)
_HARMLESS_KEYS = frozenset({"session_id", "session_ids", "phone_required"})
REMOVED = "[removed]"


def text(value: str) -> str:
    """`value` without identity numbers, phones, cards, tokens, passwords and codes."""
    if not value.isascii():
        value = value.translate(_FULL_WIDTH)
    if len(value) < 4:
        return value
    if _TELLING_WORD.search(value):
        value = _SCHEME.sub(rf"\1 {REMOVED}", value)
        value = _ASSIGNED.sub(rf"\1{REMOVED}", value)
        value = _SPOKEN_CODE.sub(rf"\1{REMOVED}", value)
    if "://" in value:
        value = _ADDRESS_LOGIN.sub(f"://{REMOVED}@", value)
    if _ANY_LONG_RUN.search(value):
        for pattern, mark in _NUMBERS:
            value = pattern.sub(mark, value)
    if len(value) >= 32:
        value = _HEX.sub(REMOVED, value)
        value = _OPAQUE.sub(REMOVED, value)
    return value


def holds_number(value: str) -> bool:
    """Whether there is an identity number, a phone or a bank card in it."""
    value = value.translate(_FULL_WIDTH)
    return _ANY_LONG_RUN.search(value) is not None and any(pattern.search(value) for pattern, _ in _NUMBERS)


def fields(values: Mapping[Any, Any], depth: int = 0) -> dict[str, Any]:
    """Every field scrubbed, the ones with a telling name removed whole; the result holds plain JSON values."""
    cleaned: dict[str, Any] = {}
    for key, one in values.items():
        name, hidden = _key(str(key))
        cleaned[name] = REMOVED if hidden and one not in (None, "", True, False) else value(one, depth + 1)
    return cleaned


@functools.lru_cache(maxsize=512)
def _key(key: str) -> tuple[str, bool]:
    """The name to log, and whether it says that its value is nobody's business."""
    name = text(key)
    return name, name not in _HARMLESS_KEYS and _SECRET_KEY.search(name) is not None


def value(one: Any, depth: int = 0) -> Any:
    if one is None or isinstance(one, (bool, float)):
        return one
    if isinstance(one, str):
        return text(one)
    if isinstance(one, int):
        shown = text(str(one))
        return one if shown == str(one) else shown
    if depth > _DEEPEST:
        return "…"
    if isinstance(one, Mapping):
        return fields(one, depth)
    if isinstance(one, (list, tuple, set, frozenset)):
        return [value(item, depth + 1) for item in one]
    return text(_shown(one))


def _shown(one: Any) -> str:
    try:
        return str(one)
    except Exception as exc:
        return f"<{type(one).__name__} that cannot be shown: {type(exc).__name__}>"
