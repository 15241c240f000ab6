"""Identifiers: 63-bit integers in time order inside, thirteen letters of Crockford base32 outside.

42 bits of milliseconds since 2024, 10 bits that tell processes apart and an 11-bit count; strictly rising within
a process, so index pages fill from the right. They are no secret: whoever holds one still has to pass `visible_to`.
"""

import os
import secrets
import time

_EPOCH_MS = 1_704_067_200_000  # 2024-01-01T00:00:00Z
_COUNT_BITS = 11
_PROCESS_BITS = 10
PROCESSES = 1 << _PROCESS_BITS
_MOST = (1 << _COUNT_BITS) - 1
MOST_IN_A_ROW = 1 << _COUNT_BITS
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
PUBLIC_LENGTH = 13

# A guess, until the database has given this process a number of its own.
_process = secrets.randbelow(PROCESSES)
_moment = 0
_count = 0


def new_id() -> int:
    global _moment, _count  # noqa: PLW0603 - one counter a process
    now = time.time_ns() // 1_000_000 - _EPOCH_MS
    if now > _moment:
        _moment, _count = now, 0
    elif _count < _MOST:
        _count += 1
    else:
        # More in one millisecond than are counted, or a clock that was set back: run ahead of it.
        _moment, _count = _moment + 1, 0
    return (_moment << _PROCESS_BITS | _process) << _COUNT_BITS | _count


def new_block(size: int) -> int:
    """The first of `size` identifiers in a row, for rows that the database numbers by itself."""
    global _moment, _count  # noqa: PLW0603 - one counter a process
    if not 0 < size <= MOST_IN_A_ROW:
        raise ValueError(f"a block has 1 to {MOST_IN_A_ROW} identifiers, not {size}")
    first = new_id()
    if _count + size - 1 > _MOST:
        _moment, _count = _moment + 1, 0
        first = (_moment << _PROCESS_BITS | _process) << _COUNT_BITS
    _count += size - 1
    return first


def use_process(number: int) -> None:
    """Tell this process apart from all others by `number`, of which the last ten bits count."""
    global _process, _moment, _count  # noqa: PLW0603 - one counter a process
    _process = number % PROCESSES
    _moment, _count = _moment + 1, 0


# A fork would go on counting where its parent does.
os.register_at_fork(after_in_child=lambda: use_process(secrets.randbelow(PROCESSES)))


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
