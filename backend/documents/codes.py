"""Short codes printed beside a document's number. Whoever types both learns that the paper is ours.

Our own and not a library's: a keyed signature of kind and number, cut to fifty bits. Guessing one for a
known number takes 2^49 tries on average, each a request.
"""

import hmac

from backend.core import crypto
from backend.core.national import compact

# Crockford's base32: none of the letters I, L, O, U, so nothing can be misread.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011", "-")
LENGTH = 10


def code_for(*, kind: str, number: str) -> str:
    """Ten characters, always the same for one document: `7K3QF-0ZM9B`."""
    value = int(crypto.sign("document-code", f"{kind}\x00{number}")[:16], 16)
    letters = [_ALPHABET[(value >> (5 * place)) & 31] for place in range(LENGTH)]
    return f"{''.join(letters[:5])}-{''.join(letters[5:])}"


def holds(code: str, *, kind: str, number: str) -> bool:
    """Whether `code`, as a person typed it, belongs to this document."""
    expected = code_for(kind=kind, number=number).replace("-", "")
    typed = compact(code[:40]).translate(_MISREAD)
    return hmac.compare_digest(typed.encode(), expected.encode())
