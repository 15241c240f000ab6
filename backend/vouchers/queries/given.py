"""What is told to everybody of gifts: how many were given, where and in which campaign. Of nobody who got one."""

from datetime import datetime

import msgspec

from backend.core import clock, database, ids
from backend.vouchers.enums import CAMPAIGN_TEXT, CampaignKind, CampaignState, UseKind
from backend.vouchers.schemas import GivenAt, GivenView
from backend.web.paging import Page, cut, decode_cursor, encode_cursor


class _Row(msgspec.Struct, kw_only=True):
    id: int
    name: str
    state: CampaignState
    total: int
    opens_at: datetime
    closes_at: datetime


class _Count(msgspec.Struct, kw_only=True):
    campaign_id: int
    place: str
    given: int


async def gifts_given(*, limit: int = 20, cursor: str | None = None) -> Page[GivenView]:
    """Of every campaign of gifts that was opened, the latest first."""
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        _Row,
        "SELECT id, name, state, total, opens_at, closes_at FROM voucher_campaign"
        " WHERE kind = %s AND state IN (%s, %s) AND id < %s ORDER BY id DESC LIMIT %s",
        CampaignKind.GIFT.value,
        CampaignState.OPEN.value,
        CampaignState.CLOSED.value,
        before,
        limit + 1,
    )
    page = cut(found, limit, lambda one: encode_cursor(ids.public(one.id)))
    places = await _places([one.id for one in page.items])
    return Page(items=[_view(one, places.get(one.id, [])) for one in page.items], next_cursor=page.next_cursor)


async def _places(campaign_ids: list[int]) -> dict[int, list[GivenAt]]:
    """Stations and shops at which gifts were given, by the campaign, the most first; what was undone does not count."""
    if not campaign_ids:
        return {}
    marks = ", ".join(["%s"] * len(campaign_ids))
    counts = await database.views(
        _Count,
        "SELECT v.campaign_id, s.name AS place, COUNT(*) AS given FROM voucher_use t JOIN voucher v ON v.id = t.live"  # noqa: S608
        " JOIN gift_station s ON s.id = t.station_id"
        f" WHERE t.kind = %s AND v.campaign_id IN ({marks}) GROUP BY v.campaign_id, s.id, s.name",
        UseKind.GIFT.value,
        *campaign_ids,
    )
    counts += await database.views(
        _Count,
        "SELECT r.campaign_id, s.name AS place, COUNT(*) AS given FROM redemption r JOIN shop s ON s.id = r.shop_id"  # noqa: S608
        f" WHERE r.live IS NOT NULL AND r.campaign_id IN ({marks}) GROUP BY r.campaign_id, s.id, s.name",
        *campaign_ids,
    )
    places: dict[int, list[GivenAt]] = {}
    for one in sorted(counts, key=lambda one: (-one.given, one.place)):
        places.setdefault(one.campaign_id, []).append(GivenAt(place=one.place, given=one.given))
    return places


def _view(row: _Row, places: list[GivenAt]) -> GivenView:
    return GivenView(
        campaign_id=ids.public(row.id),
        name=row.name,
        state_text=CAMPAIGN_TEXT[row.state],
        total=row.total,
        given=sum(one.given for one in places),
        opens_at=clock.iso(row.opens_at) or "",
        closes_at=clock.iso(row.closes_at) or "",
        places=places,
    )
