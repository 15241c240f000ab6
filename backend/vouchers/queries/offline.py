"""With what a till goes on while it has no connection."""

from datetime import date

from backend.core import clock, database
from backend.core.actor import Actor
from backend.vouchers import codes, redeeming
from backend.vouchers.queries.shops import till_of
from backend.vouchers.shop_schemas import OfflineTerms


async def offline_terms(actor: Actor) -> OfflineTerms:
    """The key that pictures are checked with, and what may be taken today."""
    till = await till_of(actor)
    used = await database.scalar(
        "SELECT used_fen FROM shop_offline_day WHERE id = %s", day_key(till.shop_id, clock.today())
    )
    return OfflineTerms(
        public_key=codes.public_key(),
        scan_seconds=codes.SCAN_SECONDS,
        limit_fen=till.offline_limit_fen,
        left_fen=max(0, till.offline_limit_fen - (used or 0)),
        keep_hours=int(redeeming.KEPT.total_seconds()) // 3600,
        shop_name=till.shop_name,
    )


def day_key(shop_id: int, day: date) -> str:
    return f"{shop_id}:{day}"
