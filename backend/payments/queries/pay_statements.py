"""Statements of accounts: where the money of every budget of a year is, and every item behind what was paid."""

from datetime import datetime
from typing import Any

import msgspec

from backend.core import clock, database
from backend.core.actor import Actor
from backend.core.errors import Conflict, NotFound
from backend.core.money import yuan
from backend.payments import rules
from backend.payments.enums import ITEM_TEXT, ItemState
from backend.payments.queries import runs
from backend.payments.run_schemas import StatementOfBudget

MOST_ROWS = 20_000
HEADING = ["工会", "预算", "年度", "批次号", "明细号", "姓名", "金额（元）", "状态", "登记日期", "退回原因"]
# The heading, the rows and the name of the file.
Sheet = tuple[list[str], list[list[Any]], str]


class _Sum(msgspec.Struct, kw_only=True):
    union_name: str
    budget_name: str
    year: int
    amount_fen: int
    left_fen: int
    held_fen: int
    payable_fen: int
    paid_fen: int
    paid: int
    returned: int


_SUMS = (
    "SELECT u.name AS union_name, b.name AS budget_name, b.year, b.amount_fen, a.balance_fen AS left_fen,"
    " CAST(COALESCE((SELECT SUM(h.balance_fen) FROM budget_hold o JOIN ledger_account h ON h.id = o.account_id"
    " WHERE o.budget_id = b.id), 0) AS SIGNED) AS held_fen,"
    " CAST(COALESCE(i.payable_fen, 0) AS SIGNED) AS payable_fen, CAST(COALESCE(i.paid_fen, 0) AS SIGNED) AS paid_fen,"
    " COALESCE(i.paid, 0) AS paid, COALESCE(i.returned, 0) AS returned FROM budget b JOIN union_org u"
    " ON u.id = b.union_id JOIN ledger_account a ON a.id = b.account_id LEFT JOIN (SELECT r.budget_id,"
    " SUM(CASE WHEN r.state IN ('checked', 'exported', 'settled') AND i.state IN ('waiting', 'sent')"
    " THEN i.amount_fen END) AS payable_fen, SUM(CASE WHEN i.state = 'paid' THEN i.amount_fen END) AS paid_fen,"
    " COUNT(CASE WHEN i.state = 'paid' THEN 1 END) AS paid, COUNT(CASE WHEN i.state = 'returned' THEN 1 END)"
    " AS returned FROM pay_item i JOIN pay_run r ON r.id = i.run_id GROUP BY r.budget_id) i ON i.budget_id = b.id"
)


async def pay_statement(actor: Actor, *, year: int | None = None) -> list[StatementOfBudget]:
    """Every budget of that year, this year's by default, of the unions whose payments the actor sees."""
    year = _year(year)
    condition, values = _of_unions(actor, "b.union_id")
    found = await database.views(
        _Sum,
        f"{_SUMS} WHERE {condition} AND b.year = %s ORDER BY u.path, b.name",
        *values,
        year,
    )
    return [_view(one) for one in found]


def _year(year: int | None) -> int:
    """This year's where none is said; NotFound for one in which there can be no budget."""
    asked = year or clock.today().year
    if not rules.YEARS[0] <= asked <= rules.YEARS[1]:
        raise NotFound()
    return asked


def _view(one: _Sum) -> StatementOfBudget:
    known = one.left_fen + one.held_fen + one.payable_fen + one.paid_fen
    return StatementOfBudget(**msgspec.structs.asdict(one), other_fen=one.amount_fen - known)


def _of_unions(actor: Actor, column: str) -> tuple[str, list[int]]:
    unions = sorted(runs.posts_with(actor, runs.VIEW))
    marks = ", ".join(["%s"] * len(unions))
    return (f"{column} IN ({marks})" if unions else "1 = 0"), unions


class _Row(msgspec.Struct, kw_only=True):
    union_name: str
    budget_name: str
    year: int
    number: str
    key: str
    payee_name: str
    amount_fen: int
    state: ItemState
    booked_at: datetime | None
    reason: str


async def pay_statement_sheet(actor: Actor, *, year: int | None = None) -> Sheet:
    """Every item of that year's budgets that is paid, owed or came back, and the sum of what is paid."""
    year = _year(year)
    condition, values = _of_unions(actor, "r.union_id")
    found = await database.views(
        _Row,
        "SELECT u.name AS union_name, r.budget_name, r.year, r.number, i.`key`, i.payee_name, i.amount_fen, i.state,"  # noqa: S608
        " i.booked_at, i.reason FROM pay_item i JOIN pay_run r ON r.id = i.run_id JOIN union_org u ON u.id ="
        f" r.union_id WHERE {condition} AND r.year = %s AND i.state <> 'dropped' ORDER BY r.id, i.seq LIMIT %s",
        *values,
        year,
        MOST_ROWS + 1,
    )
    if len(found) > MOST_ROWS:
        raise Conflict("statement_too_long", most=MOST_ROWS)
    paid = [one for one in found if one.state is ItemState.PAID]
    rows = [_cells(one) for one in found]
    rows.append(
        ["已付款合计", "", "", "", f"{len(paid)} 笔", "", yuan(sum(one.amount_fen for one in paid)), "", "", ""]
    )
    return HEADING, rows, f"拨付明细{year}"


def _cells(row: _Row) -> list[Any]:
    booked = clock.local(row.booked_at).date().isoformat() if row.booked_at else ""
    return [
        row.union_name,
        row.budget_name,
        str(row.year),
        row.number,
        row.key,
        row.payee_name,
        yuan(row.amount_fen),
        ITEM_TEXT[row.state],
        booked,
        row.reason,
    ]
