"""Campaigns as members see them, and as the commands of an open one need them."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from backend.allocation.enums import DrawState
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import Conflict, Forbidden, NotFound
from backend.membership import queries as members
from backend.membership.enums import Outer
from backend.membership.schemas import Selection
from backend.unions import queries as unions
from backend.unions.enums import UnionLevel
from backend.unions.schemas import UnionPlace
from backend.vouchers.enums import KIND_TEXT, MODE_TEXT, CampaignKind, CampaignMode, CampaignState
from backend.vouchers.queries import stations
from backend.vouchers.schemas import CampaignView, Source
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

MANAGE = "campaign.manage"


class OpenCampaign(msgspec.Struct, kw_only=True):
    """What claiming and distributing need of a campaign that is open."""

    id: int
    union_id: int
    path: str
    kind: CampaignKind
    mode: CampaignMode
    face_value_fen: int
    total: int
    target_rule: str
    outer: str
    pool_id: int | None
    draw_id: int | None
    held_account_id: int
    issued_account_id: int

    @property
    def source(self) -> Source:
        return Source(
            campaign_id=self.id,
            face_value_fen=self.face_value_fen,
            held_account_id=self.held_account_id,
            issued_account_id=self.issued_account_id,
        )


_OPEN = (
    "SELECT c.id, c.union_id, u.path, c.kind, c.mode, c.face_value_fen, c.total, c.target_rule, c.outer, c.pool_id,"
    " c.draw_id, h.account_id AS held_account_id, c.issued_account_id FROM voucher_campaign c JOIN union_org u"
    " ON u.id = c.union_id JOIN budget_hold h ON h.id = c.hold_id WHERE c.state = %s"
)


async def open_campaign(campaign_id: int) -> OpenCampaign:
    """NotFound for one that nobody has heard of, Conflict for one that is not open."""
    found = await database.view(OpenCampaign, f"{_OPEN} AND c.id = %s", CampaignState.OPEN.value, campaign_id)
    if found is None:
        known = await database.scalar("SELECT state FROM voucher_campaign WHERE id = %s", campaign_id)
        raise NotFound() if known is None or known == CampaignState.REFUSED else Conflict("campaign_not_open")
    return found


async def open_campaigns(campaigns: Sequence[int]) -> list[OpenCampaign]:
    """Those of them that are open."""
    if not campaigns:
        return []
    marks = ", ".join(["%s"] * len(campaigns))
    return await database.views(OpenCampaign, f"{_OPEN} AND c.id IN ({marks})", CampaignState.OPEN.value, *campaigns)


async def open_welcomes(now: datetime) -> list[OpenCampaign]:
    """Those of which everybody who joins now gets a voucher."""
    return await database.views(
        OpenCampaign,
        f"{_OPEN} AND c.kind = %s AND c.opens_at <= %s AND c.closes_at > %s ORDER BY c.id",
        CampaignState.OPEN.value,
        CampaignKind.WELCOME.value,
        now,
        now,
    )


async def managed(campaign: str, actor: Actor) -> OpenCampaign:
    """An open one that the actor manages."""
    where, values = unions.visible_to(actor, MANAGE)
    campaign_id = ids.parse(campaign) or 0
    known = await database.scalar(
        f"SELECT c.id FROM voucher_campaign c JOIN union_org u ON u.id = c.union_id WHERE c.id = %s AND {where}",  # noqa: S608
        campaign_id,
        *values,
    )
    if known is None:
        raise NotFound()
    return await open_campaign(campaign_id)


async def county_of(actor: Actor) -> UnionPlace:
    """Campaigns are a county's: the one at which the actor manages them. Forbidden when there is none."""
    for post in actor.posts:
        if MANAGE in post.permissions and post.level == UnionLevel.COUNTY:
            found = await unions.place(post.union_id)
            if found is not None:
                return found
    raise Forbidden()


class CampaignWords(msgspec.Struct, kw_only=True):
    """What is said of a campaign to somebody who has something of it."""

    name: str
    kind: CampaignKind
    mode: CampaignMode
    face_value_fen: int
    valid_until: date


async def campaign_words(campaign_id: int) -> CampaignWords:
    found = await database.view(
        CampaignWords,
        "SELECT name, kind, mode, face_value_fen, valid_until FROM voucher_campaign WHERE id = %s",
        campaign_id,
    )
    if found is None:
        raise NotFound()
    return found


def selection_of(campaign: OpenCampaign) -> Selection:
    """The members whom it means."""
    outer = Outer(campaign.outer) if campaign.outer else None
    return members.target_selection(rule=campaign.target_rule, outer=outer, path=campaign.path)


class _Row(msgspec.Struct, kw_only=True):
    id: int
    name: str
    text: str
    kind: CampaignKind
    mode: CampaignMode
    face_value_fen: int
    threshold_fen: int
    shops: list[str]
    target_rule: str
    outer: str
    total: int
    per_member: int
    opens_at: datetime
    closes_at: datetime
    valid_until: date
    left: int | None
    entered: int | None
    draw_state: DrawState | None


_SHOWN = (
    "SELECT c.id, c.name, c.text, c.kind, c.mode, c.face_value_fen, c.threshold_fen, c.shops, c.target_rule, c.outer,"
    " c.total, c.per_member, c.opens_at, c.closes_at, c.valid_until, p.capacity - p.taken AS `left`, d.entered,"
    " d.state AS draw_state FROM voucher_campaign c LEFT JOIN pool p ON p.id = c.pool_id"
    " LEFT JOIN pool_draw d ON d.id = c.draw_id"
)


async def public_campaigns(*, limit: int = 20, cursor: str | None = None) -> Page[CampaignView]:
    """Those that are open, or open soon, or have just ended: everything whose vouchers still live."""
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        _Row,
        f"{_SHOWN} WHERE c.state = %s AND c.id < %s ORDER BY c.id DESC LIMIT %s",
        CampaignState.OPEN.value,
        before,
        limit + 1,
    )
    page = cut(found, limit, lambda one: encode_cursor(ids.public(one.id)))
    return Page(items=[_view(one) for one in page.items], next_cursor=page.next_cursor)


async def public_campaign(campaign: str) -> CampaignView:
    found = await database.view(
        _Row, f"{_SHOWN} WHERE c.id = %s AND c.state = %s", ids.parse(campaign) or 0, CampaignState.OPEN.value
    )
    if found is None:
        raise NotFound()
    shown = _view(found)
    if found.kind is CampaignKind.GIFT:
        shown.stations = await stations.stations_of(found.id)
    return shown


async def as_shown_now() -> tuple[object, ...]:
    """What the pages of campaigns depend on: which are open, how many are left or take part, the time of day."""
    found = await database.rows(
        "SELECT c.id, c.version, p.taken, p.state, d.entered, d.state AS draw_state, (SELECT SUM(q.taken)"
        " FROM gift_stock g JOIN pool q ON q.id = g.pool_id WHERE g.campaign_id = c.id) AS promised"
        " FROM voucher_campaign c"
        " LEFT JOIN pool p ON p.id = c.pool_id LEFT JOIN pool_draw d ON d.id = c.draw_id"
        " WHERE c.state = %s ORDER BY c.id",
        CampaignState.OPEN.value,
    )
    minute = clock.now().replace(second=0, microsecond=0)
    return (minute, *(tuple(row.values()) for row in found))


def _view(row: _Row) -> CampaignView:
    return CampaignView(
        id=ids.public(row.id),
        name=row.name,
        text=row.text,
        kind=row.kind.value,
        kind_text=KIND_TEXT[row.kind],
        mode=row.mode.value,
        mode_text=MODE_TEXT[row.mode],
        face_value_fen=row.face_value_fen,
        threshold_fen=row.threshold_fen,
        shops=row.shops,
        target_text=members.target_words(row.target_rule, Outer(row.outer) if row.outer else None),
        total=row.total,
        per_member=row.per_member,
        left=row.left,
        entered=row.entered,
        opens_at=clock.iso(row.opens_at) or "",
        closes_at=clock.iso(row.closes_at) or "",
        valid_until=row.valid_until.isoformat(),
        phase=_phase(row, clock.now()),
    )


def _phase(row: _Row, now: datetime) -> str:
    if now < row.opens_at:
        return "coming"
    if now >= row.closes_at:
        return "drawing" if row.draw_state is DrawState.OPEN else "over"
    return "sold_out" if row.left == 0 else "open"
