"""Reads of budgets. A budget is seen by those who manage budgets at its own union."""

import msgspec

from backend.core import database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.payments.queries import ledger
from backend.payments.schemas import BudgetView, Hold, StatementLine
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

MANAGE = "budget.manage"


class BudgetRow(msgspec.Struct, kw_only=True):
    id: int
    union_id: int
    year: int
    name: str
    amount_fen: int
    account_id: int
    version: int
    left_fen: int
    held_fen: int


_BUDGET = (
    "SELECT b.id, b.union_id, b.year, b.name, b.amount_fen, b.account_id, b.version, a.balance_fen AS left_fen,"
    " CAST(COALESCE((SELECT SUM(h.balance_fen) FROM budget_hold o JOIN ledger_account h ON h.id = o.account_id"
    " WHERE o.budget_id = b.id), 0) AS SIGNED) AS held_fen FROM budget b JOIN ledger_account a ON a.id = b.account_id"
)
_HOLD = (
    "SELECT h.id, h.budget_id, h.account_id, h.amount_fen, a.balance_fen AS left_fen FROM budget_hold h"
    " JOIN ledger_account a ON a.id = h.account_id"
)


def managed_unions(actor: Actor) -> dict[int, str]:
    """Id → name of the unions at which the actor manages budgets; not of those below."""
    return {post.union_id: post.union_name for post in actor.posts if MANAGE in post.permissions}


def visible_to(actor: Actor) -> tuple[str, list[int]]:
    """A condition and its values: the budgets of the unions at which the actor manages budgets."""
    unions = sorted(managed_unions(actor))
    marks = ", ".join(["%s"] * len(unions))
    return (f"b.union_id IN ({marks})" if unions else "1 = 0"), unions


async def own_budgets(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[BudgetView]:
    """The latest opened first."""
    condition, values = visible_to(actor)
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        BudgetRow, f"{_BUDGET} WHERE {condition} AND b.id < %s ORDER BY b.id DESC LIMIT %s", *values, before, limit + 1
    )
    page = cut(found, limit, lambda one: encode_cursor(ids.public(one.id)))
    names = managed_unions(actor)
    return Page(items=[_view(one, names[one.union_id]) for one in page.items], next_cursor=page.next_cursor)


async def budget(budget: str, actor: Actor) -> BudgetView:
    found = await managed_budget(budget, actor)
    return _view(found, managed_unions(actor)[found.union_id])


async def managed_budget(budget: str, actor: Actor) -> BudgetRow:
    condition, values = visible_to(actor)
    found = await database.view(
        BudgetRow, f"{_BUDGET} WHERE b.id = %s AND {condition}", ids.parse(budget) or 0, *values
    )
    if found is None:
        raise NotFound()
    return found


async def budgets_of(union_id: int, union_name: str, *, since: int) -> list[BudgetView]:
    """A union's budgets from that year on, for those who propose what they would pay for."""
    found = await database.views(
        BudgetRow, f"{_BUDGET} WHERE b.union_id = %s AND b.year >= %s ORDER BY b.year, b.name", union_id, since
    )
    return [_view(one, union_name) for one in found]


async def budget_statement(
    budget: str, actor: Actor, *, limit: int = 20, cursor: str | None = None
) -> Page[StatementLine]:
    """What came into a budget and what was taken from it, the latest first."""
    row = await managed_budget(budget, actor)
    return await ledger.statement(row.account_id, limit=limit, cursor=cursor)


def _view(found: BudgetRow, union_name: str) -> BudgetView:
    return BudgetView(
        id=ids.public(found.id),
        union_id=ids.public(found.union_id),
        union_name=union_name,
        name=found.name,
        year=found.year,
        amount_fen=found.amount_fen,
        held_fen=found.held_fen,
        gone_fen=found.amount_fen - found.held_fen - found.left_fen,
        left_fen=found.left_fen,
        version=found.version,
    )


async def budget_row(budget_id: int) -> BudgetRow:
    """For commands of whatever domain spends it."""
    found = await database.view(BudgetRow, f"{_BUDGET} WHERE b.id = %s", budget_id)
    if found is None:
        raise NotFound()
    return found


async def budget_named(union_id: int, year: int, name: str) -> int | None:
    return await database.scalar(
        "SELECT id FROM budget WHERE union_id = %s AND year = %s AND name = %s", union_id, year, name
    )


async def id_of(key: str) -> int | None:
    return await database.scalar("SELECT id FROM budget WHERE `key` = %s", key)


async def left_in(account_id: int) -> int:
    return int(await database.scalar("SELECT balance_fen FROM ledger_account WHERE id = %s", account_id))


async def hold(hold_id: int) -> Hold | None:
    return await database.view(Hold, f"{_HOLD} WHERE h.id = %s", hold_id)


async def hold_of_key(key: str) -> Hold | None:
    return await database.view(Hold, f"{_HOLD} WHERE h.`key` = %s", key)
