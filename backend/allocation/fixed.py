"""What a pool was opened with and what never changes: read once by each process."""

import msgspec

from backend.core import database
from backend.core.errors import NotFound

MOST = 10_000


class Fixed(msgspec.Struct, frozen=True):
    per_person: int


_known: dict[int, Fixed] = {}


async def of(pool_id: int) -> Fixed:
    found = _known.get(pool_id)
    if found is None:
        found = await database.view(Fixed, "SELECT per_person FROM pool WHERE id = %s", pool_id)
        if found is None:
            raise NotFound()
        if len(_known) >= MOST:
            _known.clear()
        _known[pool_id] = found
    return found
