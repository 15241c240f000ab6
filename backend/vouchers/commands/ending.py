"""What ends: vouchers after their last day, and with the last of them what a campaign still held of its budget."""

import msgspec

from backend.allocation import commands as allocation
from backend.core import audit, clock, database
from backend.core.actor import SYSTEM
from backend.core.command import command
from backend.payments import commands as payments
from backend.payments import queries as money
from backend.payments.enums import PostingKind
from backend.payments.schemas import Line
from backend.vouchers.commands.handing import promise_key
from backend.vouchers.enums import CampaignState, VoucherState
from backend.vouchers.queries import stations
from backend.vouchers.queries.stations import StockRow


class _Over(msgspec.Struct, kw_only=True):
    id: int
    name: str
    face_value_fen: int
    budget_id: int
    hold_id: int
    pool_id: int | None  # or of its draw
    issued_account_id: int


async def expire(limit: int) -> int:
    """End up to `limit` campaigns whose last day is over; how many. Run by the schedule."""
    found = await database.views(
        _Over,
        "SELECT id, name, face_value_fen, budget_id, hold_id, COALESCE(pool_id, draw_id) AS pool_id, issued_account_id"
        " FROM voucher_campaign"
        " WHERE state = %s AND valid_until < %s ORDER BY id LIMIT %s",
        CampaignState.OPEN.value,
        clock.today(),
        limit,
    )
    for one in found:
        await _end(one)
    return len(found)


@command
async def _end(campaign: _Over) -> None:
    """In one step: live vouchers end, their worth and what was never given out return to the budget."""
    now = clock.now()
    changed = await database.execute(
        "UPDATE voucher_campaign SET state = %s, closed_at = %s, version = version + 1 WHERE id = %s AND state = %s",
        CampaignState.CLOSED.value,
        now,
        campaign.id,
        CampaignState.OPEN.value,
    )
    if not changed:
        return
    await database.execute(
        "UPDATE voucher_freeze SET live = NULL WHERE live IN (SELECT id FROM voucher WHERE campaign_id = %s"
        " AND state = %s)",
        campaign.id,
        VoucherState.FROZEN.value,
    )
    ended = await database.execute(
        "UPDATE voucher SET state = %s, changed_at = %s, version = version + 1"
        " WHERE campaign_id = %s AND state IN (%s, %s, %s)",
        VoucherState.EXPIRED.value,
        now,
        campaign.id,
        VoucherState.ISSUED.value,
        VoucherState.FROZEN.value,
        VoucherState.RESERVED.value,
    )
    if campaign.pool_id is not None:
        await allocation.close_pool(SYSTEM, pool_id=campaign.pool_id)
    for stock in await stations.stocks_of(campaign.id):
        await _back_to_stock(stock)
    detail = {"expired": ended}
    await audit.record(SYSTEM, "campaign.ended", object_kind="campaign", object_id=campaign.id, detail=detail)
    if ended:
        budget = await money.budget_row(campaign.budget_id)
        worth = ended * campaign.face_value_fen
        lines = [Line(campaign.issued_account_id, -worth), Line(budget.account_id, worth)]
        await payments.post(
            key=f"expire:{campaign.id}", kind=PostingKind.EXPIRE, lines=lines, actor=SYSTEM, reason=campaign.name
        )
    await payments.release_hold(
        SYSTEM, hold_id=campaign.hold_id, key=f"campaign:{campaign.id}:over", purpose=campaign.name
    )


async def _back_to_stock(stock: StockRow) -> None:
    """Nobody is promised a piece any more that was not fetched; the station has it again, and gives out none."""
    await allocation.close_pool(SYSTEM, pool_id=stock.pool_id)
    found = await database.rows(
        "SELECT k.id FROM gift_pick k JOIN voucher v ON v.id = k.id WHERE k.stock_id = %s AND v.state = %s",
        stock.id,
        VoucherState.EXPIRED.value,
    )
    keys = [promise_key(row["id"]) for row in found]
    await allocation.release_many(SYSTEM, pool_id=stock.pool_id, keys=keys)
    await database.execute(
        "DELETE FROM gift_pick WHERE stock_id = %s AND id IN (SELECT id FROM voucher WHERE state = %s)",
        stock.id,
        VoucherState.EXPIRED.value,
    )
