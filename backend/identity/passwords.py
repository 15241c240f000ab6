"""Argon2id in threads, at most four at a time, taking the same time whether or not the account exists."""

import asyncio
import functools
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MOST_AT_ONCE = 4

# 64 MiB, three passes: the library's default, RFC 9106 for machines short of memory.
_hasher = PasswordHasher()

turn = asyncio.Semaphore(MOST_AT_ONCE)
"""Hold it while checking a password. What else must not run ahead of a wrong guess goes inside, too."""


async def make_hash(password: str) -> str:
    return await asyncio.to_thread(_hasher.hash, password)


async def verify(password_hash: str | None, password: str) -> bool:
    """`None` or empty means that there is nothing to compare with; the work is the same."""
    return await asyncio.to_thread(_verify, password_hash, password)


def needs_rehash(password_hash: str) -> bool:
    return _hasher.check_needs_rehash(password_hash)


def _verify(password_hash: str | None, password: str) -> bool:
    stand_in = _stand_in()
    try:
        fits = _hasher.verify(password_hash or stand_in, password)
    except (VerificationError, InvalidHashError):
        return False
    return fits and bool(password_hash)


@functools.cache
def _stand_in() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))
