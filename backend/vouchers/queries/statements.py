"""What a shop took in a day, a week or a month, to the fen, and the rows behind it."""

from datetime import date, datetime
from typing import Any

import msgspec

from backend.core import clock, database
from backend.core.actor import Actor
from backend.core.errors import Conflict
from backend.core.money import yuan
from backend.vouchers import redeeming
from backend.vouchers.queries import settlements
from backend.vouchers.queries.shops import number_text, seen_shop, till_of
from backend.vouchers.shop_schemas import StatementDay, StatementView

# As many as a sheet is made of while somebody waits for it.
MOST_ROWS = 20_000
HEADING = ["日期", "时间", "小票号", "活动", "消费金额（元）", "券抵扣（元）", "会员付（元）", "收银员", "离线", "结算"]

_LIVE = "FROM redemption r WHERE r.shop_id = %s AND r.day BETWEEN %s AND %s AND r.live IS NOT NULL"


class _Day(msgspec.Struct, kw_only=True):
    day: date
    count: int
    worth_fen: int
    paid_fen: int


async def till_statement(actor: Actor, *, period: str, day: date | None = None) -> StatementView:
    """Of the actor's shop: the day, week or month around `day`, today by default, without what was undone."""
    return await _statement((await till_of(actor)).shop_id, period, day)


async def shop_statement(shop: str, actor: Actor, *, period: str, day: date | None = None) -> StatementView:
    """The same of a shop, as its desk sees it."""
    return await _statement((await seen_shop(shop, actor)).id, period, day)


async def _statement(shop_id: int, period: str, day: date | None) -> StatementView:
    first, last = redeeming.span_of(period, day or clock.today())
    days = await database.views(
        _Day,
        "SELECT r.day, COUNT(*) AS count, CAST(SUM(r.worth_fen) AS SIGNED) AS worth_fen,"
        f" CAST(SUM(CASE WHEN r.settlement_id IS NULL THEN 0 ELSE r.worth_fen END) AS SIGNED) AS paid_fen {_LIVE}"
        " GROUP BY r.day ORDER BY r.day",
        shop_id,
        first,
        last,
    )
    worth, paid = sum(one.worth_fen for one in days), sum(one.paid_fen for one in days)
    return StatementView(
        from_on=first,
        to_on=last,
        count=sum(one.count for one in days),
        worth_fen=worth,
        paid_fen=paid,
        open_fen=worth - paid,
        is_over=redeeming.is_over(last, clock.now()),
        days=[StatementDay(day=one.day, count=one.count, worth_fen=one.worth_fen) for one in days],
    )


class _Row(msgspec.Struct, kw_only=True):
    at: datetime
    day: date
    receipt_no: str
    campaign_name: str
    amount_fen: int
    worth_fen: int
    number: int
    offline: bool
    settlement_id: int | None


_ROWS = (
    "SELECT r.at, r.day, r.receipt_no, c.name AS campaign_name, r.amount_fen, r.worth_fen, k.number, r.offline,"
    " r.settlement_id FROM redemption r JOIN shop_cashier k ON k.id = r.cashier_id"
    " JOIN voucher_campaign c ON c.id = r.campaign_id"
)
_OF_DAYS = "WHERE r.shop_id = %s AND r.day BETWEEN %s AND %s AND r.live IS NOT NULL"
# The heading, one row for every use and the sum, and the name of the file.
Sheet = tuple[list[str], list[list[Any]], str]


async def till_sheet(actor: Actor, *, period: str, day: date | None = None) -> Sheet:
    till = await till_of(actor)
    return await _sheet(till.shop_id, till.shop_name, period, day)


async def shop_sheet(shop: str, actor: Actor, *, period: str, day: date | None = None) -> Sheet:
    row = await seen_shop(shop, actor)
    return await _sheet(row.id, row.name, period, day)


async def _sheet(shop_id: int, name: str, period: str, day: date | None) -> Sheet:
    first, last = redeeming.span_of(period, day or clock.today())
    found = await database.views(
        _Row, f"{_ROWS} {_OF_DAYS} ORDER BY r.day, r.id LIMIT %s", shop_id, first, last, MOST_ROWS + 1
    )
    return _filled(found, f"{name}结算单{first:%Y%m%d}-{last:%Y%m%d}")


async def settlement_sheet(settlement: str, actor: Actor) -> Sheet:
    """What a settlement has paid, use by use, for the desk."""
    return await _sheet_of(await settlements.seen_settlement(settlement, actor))


async def till_settlement_sheet(settlement: str, actor: Actor) -> Sheet:
    """The same for the shop that was paid."""
    return await _sheet_of(await settlements.till_settlement(settlement, actor))


async def _sheet_of(paid: settlements.SettlementRow) -> Sheet:
    if paid.reversed_at is not None:
        raise Conflict("settlement_reversed")
    found = await database.views(
        _Row, f"{_ROWS} WHERE r.settlement_id = %s ORDER BY r.day, r.id LIMIT %s", paid.id, MOST_ROWS + 1
    )
    return _filled(found, f"{paid.shop_name}已结算{paid.from_on:%Y%m%d}-{paid.to_on:%Y%m%d}")


def _filled(found: list[_Row], name: str) -> Sheet:
    if len(found) > MOST_ROWS:
        raise Conflict("statement_too_long", most=MOST_ROWS)
    rows = [_cells(one) for one in found]
    bills, worth = sum(one.amount_fen for one in found), sum(one.worth_fen for one in found)
    rows.append(["合计", "", f"{len(found)} 笔", "", yuan(bills), yuan(worth), yuan(bills - worth), "", "", ""])
    return HEADING, rows, name


def _cells(row: _Row) -> list[Any]:
    return [
        row.day.isoformat(),
        f"{clock.local(row.at):%H:%M}",
        row.receipt_no,
        row.campaign_name,
        yuan(row.amount_fen),
        yuan(row.worth_fen),
        yuan(row.amount_fen - row.worth_fen),
        number_text(row.number),
        "是" if row.offline else "",
        "待结算" if row.settlement_id is None else "已结算",
    ]
