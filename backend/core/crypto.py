"""Encryption of sensitive columns, blind indexes and signatures.

AES-256-GCM with a random 96-bit nonce; the key id travels in the value (`k1.…`), so keys rotate while
the system runs; the additional data is the table, column and row, so a value moved to another row does
not open. Equality look-ups go through an HMAC with a key that never leaves the process.
"""

import base64
import hmac
import os

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class Keyring(msgspec.Struct, frozen=True):
    """`encryption` maps key ids to 32-byte keys; `active` encrypts, the others still open."""

    active: str
    encryption: dict[str, bytes]
    index: bytes
    signing: bytes

    def __repr__(self) -> str:
        return f"Keyring(active={self.active!r})"


class Unreadable(Exception):
    """The value does not open: wrong row, wrong key or changed bytes."""


_keyring: Keyring | None = None


def configure(keyring: Keyring) -> None:
    global _keyring  # noqa: PLW0603 - one keyring a process
    _keyring = keyring


def _keys() -> Keyring:
    if _keyring is None:
        raise RuntimeError("crypto.configure was not called")
    return _keyring


def seal_bytes(content: bytes, *, context: str) -> bytes:
    """Encrypt; `context` names table, column and row (`member/id_no/42`) and must be given again to open."""
    keys = _keys()
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(keys.encryption[keys.active]).encrypt(nonce, content, context.encode())
    return keys.active.encode() + b"." + nonce + sealed


def open_bytes(sealed: bytes, *, context: str) -> bytes:
    kid, _, rest = sealed.partition(b".")
    key = _keys().encryption.get(kid.decode("ascii", "replace"))
    if key is None:
        raise Unreadable("unknown key id")
    try:
        return AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], context.encode())
    except InvalidTag as exc:
        raise Unreadable("value does not belong here or was changed") from exc


def seal(text: str, *, context: str) -> str:
    kid, _, rest = seal_bytes(text.encode(), context=context).partition(b".")
    return f"{kid.decode()}.{base64.b64encode(rest).decode()}"


def open_sealed(sealed: str, *, context: str) -> str:
    """For `reveal` and the machine's own use (delivery, rotation). People's reads go through `reveal`."""
    kid, _, rest = sealed.partition(".")
    return open_bytes(kid.encode() + b"." + base64.b64decode(rest), context=context).decode()


def needs_rotation(sealed: str | bytes) -> bool:
    mark = f"{_keys().active}."
    return not (sealed.startswith(mark) if isinstance(sealed, str) else sealed.startswith(mark.encode()))


def blind_index(kind: str, value: str) -> str:
    """128 bits of HMAC-SHA-256 in hex: equal values have equal indexes, nothing else is learnt."""
    return _mac(_keys().index, kind, value).hex()[:32]


def keyed_hash(purpose: str, value: str) -> str:
    """For codes and tokens stored only as a hash."""
    return _mac(_keys().index, purpose, value).hex()


def sign(purpose: str, message: str) -> str:
    return _mac(_keys().signing, purpose, message).hex()


def signature_holds(purpose: str, message: str, signature: str) -> bool:
    return hmac.compare_digest(sign(purpose, message), signature)


def derived_key(purpose: str) -> bytes:
    """32 bytes of key for one purpose alone, the same in every process that has these secrets."""
    return _mac(_keys().signing, "derived-key", purpose)


def _mac(key: bytes, purpose: str, value: str) -> bytes:
    return hmac.digest(key, f"{purpose}\x00{value}".encode(), "sha256")
