"""How lots are drawn: pure arithmetic that anybody can repeat with what is published.

The seed is 32 random bytes, chosen when entries open and kept to ourselves until the draw; its SHA-256, the
commitment, is public from the beginning, so that it cannot be chosen anew once the entries are known. An entry's lot
is HMAC-SHA-256 with the seed as its key over the decimal digits of its number. The lowest lots come first. No lot
depends on who else takes part: an entry that is added or withdrawn changes nobody's place before another.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable

SEED_BYTES = 32

# Published with every draw. It reads what is published and needs nothing but Python; a test runs it.
PROGRAM = """\
import hashlib, hmac, json, sys

draw = json.load(open(sys.argv[1], encoding="utf-8"))
seed = bytes.fromhex(draw["seed"])
numbers = [entry["number"] for entry in draw["entries"]]
order = sorted(numbers, key=lambda number: hmac.digest(seed, str(number).encode(), "sha256"))
print("commitment holds:", hashlib.sha256(seed).hexdigest() == draw["commitment"])
print("order holds:", order == draw["order"])
print("winners hold:", order[: draw["places"]] == draw["winners"])
"""


def new_seed() -> str:
    """In hex, as everywhere here."""
    return secrets.token_hex(SEED_BYTES)


def commitment_of(seed: str) -> str:
    return hashlib.sha256(bytes.fromhex(seed)).hexdigest()


def order_of(seed: str, numbers: Iterable[int]) -> list[int]:
    """The numbers of the entries, the first winner first."""
    key = bytes.fromhex(seed)
    return sorted(numbers, key=lambda number: hmac.digest(key, str(number).encode(), "sha256"))
