"""Identifiers: 63-bit integers in time order inside, thirteen letters of Crockford base32 outside.

42 bits of milliseconds since 2024 and 21 random bits; strictly rising within a process, so index pages
fill from the right. They are no secret: whoever holds one still has to pass `visible_to`.
"""

import secrets
import time

_EPOCH_MS = 1_704_067_200_000  # 2024-01-01T00:00:00Z
_RANDOM_BITS = 21
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
PUBLIC_LENGTH = 13

_last = 0


def new_id() -> int:
    global _last  # noqa: PLW0603 - one counter a process
    stamp = (time.time_ns() // 1_000_000 - _EPOCH_MS) << _RANDOM_BITS
    candidate = stamp | secrets.randbits(_RANDOM_BITS)
    if candidate <= _last:
        candidate = _last + 1 + secrets.randbelow(64)
    _last = candidate
    return candidate


def public(identifier: int) -> str:
    letters = []
    for _ in range(PUBLIC_LENGTH):
        identifier, low = divmod(identifier, 32)
        letters.append(_ALPHABET[low])
    return "".join(reversed(letters))


def public_or_none(identifier: int | None) -> str | None:
    return None if identifier is None else public(identifier)


def parse(text: str) -> int | None:
    """The identifier behind `text`, or None when it cannot be one: callers answer 404, never 500."""
    if len(text) != PUBLIC_LENGTH:
        return None
    number = 0
    for letter in text:
        value = _VALUES.get(letter)
        if value is None:
            return None
        number = number * 32 + value
    return number if number < 2**63 else None
