"""Pure policy of the tree and of invites."""

import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta

from backend.core import ids
from backend.unions.enums import InviteState, UnionKind, UnionLevel, UnionState

LONGEST_PATH = 180
MAX_USES = 100_000
LONGEST_INVITE = timedelta(days=366)
CODE_LENGTH = 8
CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I and O

_RANKS = {
    UnionLevel.UNIT: 0,
    UnionLevel.TOWN: 1,
    UnionLevel.COUNTY: 2,
    UnionLevel.CITY: 3,
    UnionLevel.PROVINCE: 4,
}

_LEVELS_OF_KIND = {
    UnionKind.GENERAL: {UnionLevel.PROVINCE, UnionLevel.CITY, UnionLevel.COUNTY, UnionLevel.TOWN},
    UnionKind.FEDERATION: {UnionLevel.COUNTY, UnionLevel.TOWN, UnionLevel.UNIT},
    UnionKind.GRASSROOTS: {UnionLevel.UNIT},
    UnionKind.BRANCH: {UnionLevel.UNIT},
}


def rank(level: str) -> int:
    """0 for a unit, rising to the province."""
    return _RANKS[UnionLevel(level)]


def fits_kind(kind: str, level: str) -> bool:
    return UnionLevel(level) in _LEVELS_OF_KIND[UnionKind(kind)]


def may_lie_below(level: str, parent_level: str) -> bool:
    return rank(level) <= rank(parent_level)


def union_name(text: str) -> str | None:
    """The name as it is kept, without spaces at the ends or doubled; None when it cannot be one."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    return name if 2 <= len(name) <= 80 and name.isprintable() else None


def path_of(parent_path: str, union_id: int) -> str:
    return f"{parent_path or '/'}{ids.public(union_id)}/"


def ids_on(path: str) -> list[int]:
    """The unions from the root down to the one whose path this is."""
    return [union_id for part in path.strip("/").split("/") if (union_id := ids.parse(part)) is not None]


def depth(path: str) -> int:
    return path.count("/") - 1


def subtree(path: str) -> tuple[str, str]:
    """`from <= p < to` holds for the path itself and all below it, and lets an index be used.

    Paths end with a slash, and the character after the slash is 0.
    """
    return path, path[:-1] + "0"


def within(column: str, paths: Iterable[str]) -> tuple[str, list[str]]:
    """A condition and its values: `column` lies in one of these subtrees. No path, no row."""
    bounds = [bound for path in paths for bound in subtree(path)]
    if not bounds:
        return "1 = 0", []
    one = f"({column} >= %s AND {column} < %s)"
    return f"({' OR '.join([one] * (len(bounds) // 2))})", bounds


def invite_state(
    *, used: int, max_uses: int, expires_on: date, revoked: bool, union_state: str, today: date
) -> InviteState:
    if revoked or union_state != UnionState.ACTIVE:
        return InviteState.REVOKED
    if today > expires_on:
        return InviteState.EXPIRED
    return InviteState.USED_UP if used >= max_uses else InviteState.VALID


def invite_code(text: str) -> str:
    """What was typed, as codes are kept: `abcd-efgh` is ABCDEFGH."""
    return "".join(char for char in text.upper() if char.isalnum())[: CODE_LENGTH + 1]
