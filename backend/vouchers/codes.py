"""The two faces of a voucher: a code that is typed, and a picture that is scanned and dies within a minute.

Neither is stored. The code is derived from the voucher's id with a key that never leaves the process; the table has
only its keyed hash. The picture carries a signature that a till can check by itself with the published key.
"""

import base64
import functools
import itertools

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from stdnum import luhn

from backend.core import crypto, ids, national

# Nothing that is read or heard as something else.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ3789"
LENGTH = 16
GROUP = 4
SCAN_SECONDS = 60

# Three letters at a time, the first one changing fastest.
_TRIPLES = [first + second + third for third, second, first in itertools.product(ALPHABET, repeat=3)]

_CODE, _HASH, _SCAN = "voucher-code", "voucher-hash", "voucher-scan"
_VERSION = "V1"


def code_of(voucher_id: int) -> str:
    """Fifteen letters that only we can know, and one that shows a slip of the finger."""
    letters = _letters_of(voucher_id)
    return letters + luhn.calc_check_digit(letters, ALPHABET)


def _letters_of(voucher_id: int) -> str:
    rest, triples = int(crypto.keyed_hash(_CODE, str(voucher_id))[:32], 16), []
    for _ in range((LENGTH - 1) // 3):
        rest, low = divmod(rest, len(_TRIPLES))
        triples.append(_TRIPLES[low])
    return "".join(triples)


def grouped(code: str) -> str:
    return " ".join(code[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def normal(text: str) -> str | None:
    """What was typed as the code it stands for; None when it can be none."""
    typed = national.compact(text).replace("-", "").upper()
    if len(typed) != LENGTH or not set(typed) <= set(ALPHABET):
        return None
    return typed if luhn.is_valid(typed, ALPHABET) else None


def hash_of(code: str) -> str:
    """By which a voucher is found; 128 bits in hex. The last letter, which the others give, is not part of it."""
    return crypto.keyed_hash(_HASH, code[:-1])[:32]


def stored_hash(voucher_id: int) -> str:
    """`hash_of` the voucher's code. A county's vouchers are made at once: nothing is computed that is not stored."""
    return crypto.keyed_hash(_HASH, _letters_of(voucher_id))[:32]


class Scan(msgspec.Struct, frozen=True):
    """What a picture says. `ends` is in seconds of the epoch."""

    voucher_id: int
    campaign_id: int
    ends: int


def scan_text(scan: Scan) -> str:
    """`V1.voucher.campaign.ends.signature`"""
    said = f"{_VERSION}.{ids.public(scan.voucher_id)}.{ids.public(scan.campaign_id)}.{scan.ends}"
    return f"{said}.{_text(_key().sign(said.encode()))}"


def read_scan(text: str) -> Scan | None:
    """None for anything that we did not sign. Whether it is still alive is for the reader to say."""
    said, _, signature = text.strip().rpartition(".")
    parts = said.split(".")
    if len(text) > 200 or len(parts) != 4 or parts[0] != _VERSION:
        return None
    voucher_id, campaign_id = ids.parse(parts[1]), ids.parse(parts[2])
    if voucher_id is None or campaign_id is None or not _holds(said, signature) or not parts[3].isdecimal():
        return None
    return Scan(voucher_id, campaign_id, int(parts[3]))


def public_key() -> str:
    """For tills, which check pictures while they have no connection."""
    return _text(_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def holds_for(public: str, text: str) -> bool:
    """As a till does it, with nothing but the published key."""
    said, _, signature = text.rpartition(".")
    try:
        Ed25519PublicKey.from_public_bytes(_bytes(public)).verify(_bytes(signature), said.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _holds(said: str, signature: str) -> bool:
    return holds_for(public_key(), f"{said}.{signature}")


def _key() -> Ed25519PrivateKey:
    return _private(crypto.derived_key(_SCAN))


@functools.lru_cache(maxsize=4)
def _private(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
