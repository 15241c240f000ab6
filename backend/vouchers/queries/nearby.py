"""Shops that take vouchers, as everybody may find them: by township, by what they are called and what members get."""

from collections.abc import Sequence
from datetime import date

import msgspec

from backend.core import clock, database, ids, reference
from backend.vouchers import redeeming
from backend.vouchers.enums import CampaignState, ShopState
from backend.vouchers.shop_schemas import NearbyShop, Township
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

LONGEST_WORDS = 40
# Campaigns that are named with one shop.
MOST_NAMED = 5

_OPEN = "FROM shop s JOIN union_org u ON u.id = s.union_id WHERE s.state = %s"


class _Row(msgspec.Struct, kw_only=True):
    id: int
    name: str
    address: str
    division: str
    phone: str
    hours: str
    offers: str
    path: str


class _Campaign(msgspec.Struct, kw_only=True):
    name: str
    path: str
    shops: list[str]
    valid_until: date


async def nearby_shops(
    *, q: str = "", division: str = "", limit: int = 20, cursor: str | None = None
) -> Page[NearbyShop]:
    """Those of one township after those of another; `q` is a part of the name, the address or the offers."""
    after, last = decode_cursor(cursor, str, str) if cursor else ("", "")
    words = _part(q)
    found = await database.views(
        _Row,
        f"SELECT s.id, s.name, s.address, s.division, s.phone, s.hours, s.offers, u.path {_OPEN}"
        " AND (s.division = %s OR %s = '')"
        " AND (s.name LIKE %s ESCAPE '!' OR s.address LIKE %s ESCAPE '!' OR s.offers LIKE %s ESCAPE '!')"
        " AND (s.division > %s OR (s.division = %s AND s.id > %s)) ORDER BY s.division, s.id LIMIT %s",
        ShopState.ACTIVE.value,
        division,
        division,
        words,
        words,
        words,
        after,
        after,
        ids.parse(last) or 0,
        limit + 1,
    )
    page = cut(found, limit, lambda one: encode_cursor(one.division, ids.public(one.id)))
    campaigns = await _campaigns() if page.items else []
    return Page(items=[_view(one, campaigns) for one in page.items], next_cursor=page.next_cursor)


def _part(q: str) -> str:
    plain = " ".join(q.split())[:LONGEST_WORDS]
    for sign in "!%_":
        plain = plain.replace(sign, f"!{sign}")
    return f"%{plain}%"


class _Count(msgspec.Struct, kw_only=True):
    division: str
    count: int


async def townships_with_shops() -> list[Township]:
    """Where there are any, by their code."""
    found = await database.views(
        _Count,
        f"SELECT s.division, COUNT(*) AS count {_OPEN} GROUP BY s.division ORDER BY s.division",
        ShopState.ACTIVE.value,
    )
    return [Township(code=one.division, name=_place(one.division), shops=one.count) for one in found]


def _place(division: str) -> str:
    return reference.divisions().name(division) or "其他"


async def _campaigns() -> list[_Campaign]:
    """Those whose vouchers somebody may have and use now. Gifts are handed over at stations."""
    return await database.views(
        _Campaign,
        "SELECT c.name, u.path, c.shops, c.valid_until FROM voucher_campaign c JOIN union_org u ON u.id = c.union_id"
        " WHERE c.state IN (%s, %s) AND c.valid_until >= %s"
        " AND NOT EXISTS (SELECT 1 FROM gift_stock g WHERE g.campaign_id = c.id) ORDER BY c.valid_until, c.id",
        CampaignState.OPEN.value,
        CampaignState.CLOSED.value,
        clock.today(),
    )


def _view(row: _Row, campaigns: Sequence[_Campaign]) -> NearbyShop:
    taken = [
        one.name
        for one in campaigns
        if redeeming.is_of_one_place(one.path, row.path)
        and redeeming.is_good_at(one.shops, shop_id=row.id, name=row.name)
    ]
    return NearbyShop(
        id=ids.public(row.id),
        name=row.name,
        address=row.address,
        division=row.division,
        division_name=_place(row.division),
        phone=row.phone,
        hours=row.hours,
        offers=row.offers,
        campaigns=list(dict.fromkeys(taken))[:MOST_NAMED],
    )
