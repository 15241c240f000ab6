"""With what a till goes on while it has no connection."""

from datetime import date

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.vouchers import codes, redeeming
from backend.vouchers.enums import CampaignState
from backend.vouchers.queries.shops import till_of
from backend.vouchers.shop_schemas import OfflineOffer, OfflineTerms, Till


async def offline_terms(actor: Actor) -> OfflineTerms:
    """The key that pictures are checked with, and what may be taken today."""
    till = await till_of(actor)
    used = await database.scalar(
        "SELECT used_fen FROM shop_offline_day WHERE id = %s", day_key(till.shop_id, clock.today())
    )
    return OfflineTerms(
        shop_id=ids.public(till.shop_id),
        public_key=codes.public_key(),
        scan_seconds=codes.SCAN_SECONDS,
        limit_fen=till.offline_limit_fen,
        left_fen=max(0, till.offline_limit_fen - (used or 0)),
        keep_hours=int(redeeming.KEPT.total_seconds()) // 3600,
        shop_name=till.shop_name,
        offers=await _offers(till),
    )


class _Offer(msgspec.Struct, kw_only=True):
    id: int
    name: str
    path: str
    face_value_fen: int
    threshold_fen: int
    shops: list[str]
    valid_until: date


async def _offers(till: Till) -> list[OfflineOffer]:
    """Of campaigns whose vouchers live and are good at this till. Gifts are handed over at stations."""
    found = await database.views(
        _Offer,
        "SELECT c.id, c.name, u.path, c.face_value_fen, c.threshold_fen, c.shops, c.valid_until FROM voucher_campaign c"
        " JOIN union_org u ON u.id = c.union_id WHERE c.state IN (%s, %s) AND c.valid_until >= %s"
        " AND NOT EXISTS (SELECT 1 FROM gift_stock g WHERE g.campaign_id = c.id) ORDER BY c.id",
        CampaignState.OPEN.value,
        CampaignState.CLOSED.value,
        clock.today(),
    )
    return [_offer(one) for one in found if _is_good(one, till)]


def _is_good(offer: _Offer, till: Till) -> bool:
    is_here = redeeming.is_of_one_place(offer.path, till.path)
    return is_here and redeeming.is_good_at(offer.shops, shop_id=till.shop_id, name=till.shop_name)


def _offer(offer: _Offer) -> OfflineOffer:
    least = redeeming.least_bill(threshold_fen=offer.threshold_fen, face_value_fen=offer.face_value_fen)
    return OfflineOffer(
        campaign_id=ids.public(offer.id),
        name=offer.name,
        worth_fen=offer.face_value_fen,
        least_fen=least,
        valid_until=offer.valid_until.isoformat(),
    )


def day_key(shop_id: int, day: date) -> str:
    return f"{shop_id}:{day}"
