"""The frozen list of a distribution, in parts: the ids of members, packed into one row for each part."""

import base64
import struct
from collections.abc import Sequence

from backend.core import database


async def members_of_part(distribution_id: int, part: int) -> Sequence[int]:
    packed = await database.scalar(
        "SELECT members FROM voucher_part WHERE distribution_id = %s AND part = %s", distribution_id, part
    )
    return _unpack(packed)


def pack(member_ids: Sequence[int]) -> str:
    return base64.b64encode(struct.pack(f">{len(member_ids)}q", *member_ids)).decode()


def _unpack(packed: str) -> Sequence[int]:
    raw = base64.b64decode(packed)
    return struct.unpack(f">{len(raw) // 8}q", raw)
