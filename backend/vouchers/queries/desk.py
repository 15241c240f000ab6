"""Campaigns as those who manage them see them: who is meant, how far it is, what became of it."""

from datetime import date, datetime

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound, sentence
from backend.membership import queries as members
from backend.membership.enums import Outer
from backend.membership.schemas import SelectedMember, Selection
from backend.unions import queries as unions
from backend.vouchers.enums import (
    CAMPAIGN_TEXT,
    DISTRIBUTION_TEXT,
    KIND_TEXT,
    MODE_TEXT,
    CampaignKind,
    CampaignMode,
    CampaignState,
    DistributionState,
    VoucherState,
)
from backend.vouchers.models import Distribution
from backend.vouchers.queries import lots, stations
from backend.vouchers.queries.campaigns import MANAGE, county_of
from backend.vouchers.schemas import DeskCampaignView, PreviewInput, PreviewView, ProgressView, TargetSample
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

SAMPLE = 5


class _Row(msgspec.Struct, kw_only=True):
    id: int
    path: str
    name: str
    kind: CampaignKind
    mode: CampaignMode
    state: CampaignState
    case_number: str
    target_rule: str
    outer: str
    total: int
    face_value_fen: int
    opens_at: datetime
    closes_at: datetime
    valid_until: date
    draw_id: int | None


_CAMPAIGN = (
    "SELECT c.id, u.path, c.name, c.kind, c.mode, c.state, c.case_number, c.target_rule, c.outer, c.total,"
    " c.face_value_fen, c.opens_at, c.closes_at, c.valid_until, c.draw_id FROM voucher_campaign c"
    " JOIN union_org u ON u.id = c.union_id"
)


async def preview(data: PreviewInput, actor: Actor) -> PreviewView:
    """Who would be meant by a rule, of whom it is not known, and some of both with masked names."""
    path = (await county_of(actor)).path
    wrong = members.check_outer(members.parse_target(data.target_rule), data.outer)
    if wrong is not None:
        raise wrong
    selection = members.target_selection(rule=data.target_rule, outer=data.outer, path=path)
    counted = await members.count_selected(selection)
    return PreviewView(
        eligible=counted.eligible,
        unknown=counted.unknown,
        target_text=members.target_words(data.target_rule, data.outer),
        sample=await _sample(selection, unknown=False),
        unknown_sample=await _sample(selection, unknown=True),
    )


async def _sample(selection: Selection, *, unknown: bool) -> list[TargetSample]:
    found: list[SelectedMember] = (await members.selected_members(selection, unknown=unknown, limit=SAMPLE)).items
    return [TargetSample(member_no=one.member_no, name=one.name, union_name=one.union_name) for one in found]


async def desk_campaigns(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[DeskCampaignView]:
    """The latest first, with the figures of each."""
    where, values = unions.visible_to(actor, MANAGE)
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        _Row, f"{_CAMPAIGN} WHERE {where} AND c.id < %s ORDER BY c.id DESC LIMIT %s", *values, before, limit + 1
    )
    page = cut(found, limit, lambda one: encode_cursor(ids.public(one.id)))
    counts = await _counts([one.id for one in page.items])
    found_for = await Distribution.filter(campaign_id__in=[one.id for one in page.items])
    running = {one.campaign_id: one for one in found_for}
    items = [_view(one, counts.get(one.id, {}), running.get(one.id)) for one in page.items]
    return Page(items=items, next_cursor=page.next_cursor)


async def desk_campaign(campaign: str, actor: Actor) -> DeskCampaignView:
    """One campaign; before its list is frozen it is counted who is meant now."""
    where, values = unions.visible_to(actor, MANAGE)
    row = await database.view(_Row, f"{_CAMPAIGN} WHERE c.id = %s AND {where}", ids.parse(campaign) or 0, *values)
    if row is None:
        raise NotFound()
    distribution = await Distribution.get_or_none(campaign_id=row.id)
    shown = _view(row, (await _counts([row.id])).get(row.id, {}), distribution)
    if distribution is None or not distribution.parts:
        outer = Outer(row.outer) if row.outer else None
        selection = members.target_selection(rule=row.target_rule, outer=outer, path=row.path)
        counted = await members.count_selected(selection)
        shown.eligible, shown.unknown = counted.eligible, counted.unknown
    if row.kind is CampaignKind.GIFT:
        shown.stocks = await stations.desk_stocks(row.id)
    shown.draw = await lots.desk_draw(row.draw_id) if row.draw_id else None
    return shown


class _Count(msgspec.Struct):
    campaign_id: int
    state: VoucherState
    vouchers: int


async def _counts(campaign_ids: list[int]) -> dict[int, dict[VoucherState, int]]:
    if not campaign_ids:
        return {}
    marks = ", ".join(["%s"] * len(campaign_ids))
    found = await database.views(
        _Count,
        "SELECT campaign_id, state, COUNT(*) AS vouchers FROM voucher"  # noqa: S608 - placeholders
        f" WHERE campaign_id IN ({marks}) GROUP BY campaign_id, state",
        *campaign_ids,
    )
    counts: dict[int, dict[VoucherState, int]] = {}
    for one in found:
        counts.setdefault(one.campaign_id, {})[one.state] = one.vouchers
    return counts


def _view(row: _Row, counts: dict[VoucherState, int], distribution: Distribution | None) -> DeskCampaignView:
    redeemed = counts.get(VoucherState.REDEEMED, 0)
    return DeskCampaignView(
        id=ids.public(row.id),
        name=row.name,
        kind=row.kind.value,
        kind_text=KIND_TEXT[row.kind],
        mode=row.mode.value,
        mode_text=MODE_TEXT[row.mode],
        state=row.state.value,
        state_text=CAMPAIGN_TEXT[row.state],
        case_number=row.case_number,
        target_text=members.target_words(row.target_rule, Outer(row.outer) if row.outer else None),
        total=row.total,
        eligible=distribution.total if distribution else 0,
        unknown=distribution.unknown if distribution else 0,
        issued=sum(counts.values()),
        redeemed=redeemed,
        expired=counts.get(VoucherState.EXPIRED, 0),
        budget_fen=row.total * row.face_value_fen,
        spent_fen=redeemed * row.face_value_fen,
        opens_at=clock.iso(row.opens_at) or "",
        closes_at=clock.iso(row.closes_at) or "",
        valid_until=row.valid_until.isoformat(),
        distribution=_progress(distribution) if distribution else None,
    )


def _progress(found: Distribution) -> ProgressView:
    state = DistributionState(found.state)
    running = state is DistributionState.RUNNING
    seconds = (found.moved_at - found.run_began_at).total_seconds()
    rate = round((found.done - found.run_from) / seconds) if running and seconds > 0 else 0
    return ProgressView(
        state=state.value,
        state_text=DISTRIBUTION_TEXT[state],
        total=found.total,
        done=found.done,
        percent=100 * found.done // found.total if found.total else 0,
        per_second=rate or None,
        seconds_left=round((found.total - found.done) / rate) if rate else None,
        problem=sentence(found.problem) if found.problem else "",
    )
