"""What the counter took in a day and gave back, to the fen, and the rows behind it."""

from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from backend.core import clock, database
from backend.core.actor import Actor
from backend.core.errors import Conflict, NotFound
from backend.core.money import yuan
from backend.identity import queries as identity
from backend.mall import rules
from backend.mall.queries.orders import means_text
from backend.mall.queries.wares import visible_to
from backend.mall.schemas import TakingsLine, TakingsView

# As many as a sheet is made of while somebody waits for it.
MOST_ROWS = 20_000
# A command that began on a day may run so long.
LATE_COMMANDS = timedelta(minutes=1)
HEADING = [
    "时间",
    "收或退",
    "收据号",
    "方式",
    "商品",
    "件数",
    "合计（元）",
    "券抵（元）",
    "收款（元）",
    "退款（元）",
    "经手人",
]

# What was paid on a day counts there even where it came back later, and what came back counts on its own day.
_PAID = "o.paid_at >= %s AND o.paid_at < %s"
_BACK = "o.state = 'refunded' AND o.ended_at >= %s AND o.ended_at < %s"
_FROM = "FROM mall_order o JOIN union_org u ON u.id = o.union_id"


class _Sum(msgspec.Struct, kw_only=True):
    means: str
    back: bool
    count: int
    cash_fen: int
    voucher_fen: int


_SUM = (
    "COUNT(*) AS count, CAST(SUM(o.total_fen - o.voucher_fen) AS SIGNED) AS cash_fen,"
    " CAST(SUM(o.voucher_fen) AS SIGNED) AS voucher_fen"
)


async def counter_takings(actor: Actor, *, day: date | None = None) -> TakingsView:
    """Of all the unions where the actor sells, today by default."""
    on = day or clock.today()
    scope, values = visible_to(actor)
    span = _span(on)
    sums = await database.views(
        _Sum,
        f"SELECT o.pay_means AS means, 0 AS back, {_SUM} {_FROM} WHERE {scope} AND {_PAID} GROUP BY o.pay_means"
        f" UNION ALL SELECT o.pay_means AS means, 1 AS back, {_SUM} {_FROM} WHERE {scope} AND {_BACK}"
        " GROUP BY o.pay_means",
        *values,
        *span,
        *values,
        *span,
    )
    lines = [_line(means, sums) for means in sorted({one.means for one in sums}, reverse=True)]
    return TakingsView(
        day=on,
        lines=lines,
        count=sum(one.count for one in lines),
        taken_fen=sum(one.taken_fen for one in lines),
        refunds=sum(one.refunds for one in lines),
        refunded_fen=sum(one.refunded_fen for one in lines),
        net_fen=sum(one.net_fen for one in lines),
        voucher_fen=sum(-one.voucher_fen if one.back else one.voucher_fen for one in sums),
        is_over=clock.local(clock.now() - LATE_COMMANDS).date() > on,
    )


def _span(day: date) -> tuple[datetime, datetime]:
    if day.year not in rules.YEARS:
        raise NotFound()
    return clock.start_of(day), clock.start_of(day + timedelta(days=1))


def _line(means: str, sums: list[_Sum]) -> TakingsLine:
    paid = [one for one in sums if one.means == means and not one.back]
    back = [one for one in sums if one.means == means and one.back]
    taken, refunded = sum(one.cash_fen for one in paid), sum(one.cash_fen for one in back)
    return TakingsLine(
        means=means,
        means_text=means_text(means),
        count=sum(one.count for one in paid),
        taken_fen=taken,
        refunds=sum(one.count for one in back),
        refunded_fen=refunded,
        net_fen=taken - refunded,
    )


class _Row(msgspec.Struct, kw_only=True):
    at: datetime
    back: bool
    receipt_no: str
    means: str
    goods_name: str
    quantity: int
    total_fen: int
    voucher_fen: int
    staff_id: int | None


_ROW = "o.receipt_no, o.pay_means AS means, o.goods_name, o.quantity, o.total_fen, o.voucher_fen"


async def takings_sheet(actor: Actor, *, day: date | None = None) -> tuple[list[str], list[list[Any]], str]:
    """One row for whatever was taken or given back, and the sum."""
    on = day or clock.today()
    scope, values = visible_to(actor)
    span = _span(on)
    found = await database.views(
        _Row,
        f"SELECT o.id, o.paid_at AS at, 0 AS back, {_ROW}, o.paid_by AS staff_id {_FROM} WHERE {scope} AND {_PAID}"
        f" UNION ALL SELECT o.id, o.ended_at AS at, 1 AS back, {_ROW}, o.ended_by AS staff_id {_FROM}"
        f" WHERE {scope} AND {_BACK} ORDER BY 2, 1 LIMIT %s",
        *values,
        *span,
        *values,
        *span,
        MOST_ROWS + 1,
    )
    if len(found) > MOST_ROWS:
        raise Conflict("statement_too_long", most=MOST_ROWS)
    staff = await identity.staff_accounts({one.staff_id for one in found if one.staff_id})
    rows = [_cells(one, staff[one.staff_id].display if one.staff_id in staff else "") for one in found]
    return HEADING, [*rows, _sum_row(found)], f"商城收款{on:%Y%m%d}"


def _cells(row: _Row, staff: str) -> list[Any]:
    return [
        f"{clock.local(row.at):%H:%M}",
        "退款" if row.back else "收款",
        row.receipt_no,
        means_text(row.means),
        row.goods_name,
        row.quantity,
        yuan(row.total_fen),
        yuan(row.voucher_fen),
        "" if row.back else yuan(row.total_fen - row.voucher_fen),
        yuan(row.total_fen - row.voucher_fen) if row.back else "",
        staff,
    ]


def _sum_row(found: list[_Row]) -> list[Any]:
    taken, back = (sum(one.total_fen - one.voucher_fen for one in found if one.back is way) for way in (False, True))
    return ["合计", f"{len(found)} 笔", "", "", "", "", "", "", yuan(taken), yuan(back), ""]
