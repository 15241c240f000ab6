"""Who is entitled to something without having asked: members by what the roll knows of them."""

from collections.abc import Mapping, Sequence
from datetime import date

from backend.membership import queries as roll


async def members_born_this_month(today: date, params: Mapping[str, str], *, after: int, limit: int) -> Sequence[int]:
    return await roll.born_in(today.month, after=after, limit=limit)


async def members_in_groups(today: date, params: Mapping[str, str], *, after: int, limit: int) -> Sequence[int]:
    """`groups` of the new forms of employment, with a bar between them."""
    return await roll.in_groups(params.get("groups", "").split("|"), after=after, limit=limit)
