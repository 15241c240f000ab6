"""What waits to be paid by a union, for itself and for all below it: ready, without a card, or returned."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.payments import programmes, run_rules
from backend.payments.enums import DueState
from backend.payments.queries import budgets, runs
from backend.payments.run_schemas import BudgetDues, PayableList, PayableView
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

# Of what a run would pay; a longer list is paid as a whole.
LISTED = 500


class PayableRow(msgspec.Struct, kw_only=True):
    id: int
    case_number: str
    programme: str
    name: str
    account_id: int | None
    member_id: int | None
    payee_name: str
    bank_name: str
    card_sealed: str
    card_masked: str
    card_index: str
    amount_fen: int
    state: DueState
    attempts: int
    version: int
    created_at: datetime
    reason: str = ""


_DUE = (
    "SELECT d.id, d.case_number, d.programme, d.name, d.account_id, d.member_id, d.payee_name, d.bank_name,"
    " d.card_sealed, d.card_masked, d.card_index, d.amount_fen, d.state, d.attempts, d.version, d.created_at,"
    " COALESCE((SELECT i.reason FROM pay_item i WHERE i.due_id = d.id AND i.attempt = d.attempts), '') AS reason"
    " FROM payment_due d JOIN union_org u ON u.id = d.union_id"
)
_BELOW = "SUBSTR(u.path, 1, LENGTH(%s)) = %s"


def _within(paths: Sequence[str]) -> tuple[str, list[str]]:
    """The dues of these unions and of all below them."""
    conditions = " OR ".join([_BELOW] * len(paths))
    return (f"({conditions})" if paths else "1 = 0"), [path for one in paths for path in (one, one)]


def paying_unions(actor: Actor) -> dict[int, str]:
    """Id → name of the unions for which the actor makes payments."""
    return {union_id: post.union_name for union_id, post in runs.posts_with(actor, runs.MAKE).items()}


async def waiting_budgets(actor: Actor) -> list[BudgetDues]:
    """What waits at all the actor's unions, by the name of the budget it is paid from."""
    condition, values = _within([post.path for post in runs.posts_with(actor, runs.VIEW).values()])
    found = await database.rows(
        "SELECT d.programme, COUNT(CASE WHEN d.state = 'waiting' THEN 1 END) AS count, CAST(COALESCE(SUM(CASE WHEN"  # noqa: S608
        " d.state = 'waiting' THEN d.amount_fen END), 0) AS SIGNED) AS total_fen,"
        " COUNT(CASE WHEN d.state = 'returned' THEN 1 END) AS returned FROM payment_due d JOIN union_org u"
        f" ON u.id = d.union_id WHERE {condition} AND d.state IN ('waiting', 'returned') GROUP BY d.programme"
        " ORDER BY d.programme",
        *values,
    )
    sums: dict[str, BudgetDues] = {}
    for row in found:
        name = programmes.budget_name(row["programme"])
        one = sums.setdefault(name, BudgetDues(budget_name=name, count=0, total_fen=0, returned=0))
        one.count += row["count"]
        one.total_fen += row["total_fen"]
        one.returned += row["returned"]
    return list(sums.values())


async def payable_list(actor: Actor, *, union: str, budget_name: str, year: int) -> PayableList:
    """What a run of this budget would pay now, oldest first: named up to LISTED, counted all."""
    union_id = ids.parse(union) or 0
    found = await ready(actor, union_id, budget_name, limit=run_rules.MOST_ITEMS + 1)
    payable, listed = found[: run_rules.MOST_ITEMS], found[:LISTED]
    bare = await _waiting(actor, union_id, budget_name, "d.card_index = ''", [], limit=LISTED)
    budget_id = await budgets.budget_named(union_id, year, budget_name)
    left = (await budgets.budget_row(budget_id)).left_fen if budget_id is not None else None
    return PayableList(
        budget_name=budget_name,
        year=year,
        left_fen=left,
        count=len(payable),
        total_fen=sum(one.amount_fen for one in payable),
        dues=[_view(one) for one in listed],
        without_card=[_view(one) for one in bare],
        conflicts=with_two_cards(payable),
        is_cut=len(found) > run_rules.MOST_ITEMS,
    )


def with_two_cards(dues: Sequence[PayableRow]) -> list[str]:
    return run_rules.with_two_cards(
        run_rules.Payee(
            member_id=one.member_id, account_id=one.account_id, payee_name=one.payee_name, card_index=one.card_index
        )
        for one in dues
    )


async def ready(
    actor: Actor,
    union_id: int,
    budget_name: str,
    *,
    chosen: Collection[int] = (),
    limit: int = run_rules.MOST_ITEMS,
) -> list[PayableRow]:
    """What has a bank card, for a union for which the actor makes payments; with `chosen` only those."""
    marks = ", ".join(["%s"] * len(chosen))
    condition = f"d.card_index <> '' AND d.id IN ({marks})" if chosen else "d.card_index <> ''"
    return await _waiting(actor, union_id, budget_name, condition, sorted(chosen), limit=limit)


async def _waiting(
    actor: Actor, union_id: int, budget_name: str, named: str, chosen: Sequence[int], *, limit: int
) -> list[PayableRow]:
    post = runs.posts_with(actor, runs.MAKE).get(union_id)
    if post is None:
        raise NotFound()
    condition, values = _within([post.path])
    of_budget = programmes.of_budget(budget_name)
    marks = ", ".join(["%s"] * len(of_budget))
    return await database.views(
        PayableRow,
        f"{_DUE} WHERE {condition} AND d.state = 'waiting' AND d.programme IN ({marks}) AND {named}"
        " ORDER BY d.id LIMIT %s",
        *values,
        *of_budget,
        *chosen,
        limit,
    )


async def held_up(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[PayableView]:
    """What cannot be paid before somebody does something: returned by the bank, or without a bank card."""
    condition, values = _within([post.path for post in runs.posts_with(actor, runs.VIEW).values()])
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        PayableRow,
        f"{_DUE} WHERE {condition} AND (d.state = 'returned' OR (d.state = 'waiting' AND d.card_index = ''))"
        " AND d.id < %s ORDER BY d.id DESC LIMIT %s",
        *values,
        before,
        limit + 1,
    )
    page = cut(found, limit, lambda one: encode_cursor(ids.public(one.id)))
    return Page(items=[_view(one) for one in page.items], next_cursor=page.next_cursor)


async def managed_due(due: str, actor: Actor) -> PayableRow:
    """One that the actor's unions pay."""
    condition, values = _within([post.path for post in runs.posts_with(actor, runs.MAKE).values()])
    found = await database.view(PayableRow, f"{_DUE} WHERE d.id = %s AND {condition}", ids.parse(due) or 0, *values)
    if found is None:
        raise NotFound()
    return found


def _view(row: PayableRow) -> PayableView:
    return PayableView(
        id=ids.public(row.id),
        case_number=row.case_number,
        name=row.name,
        payee_name=row.payee_name,
        card_masked=row.card_masked,
        amount_fen=row.amount_fen,
        attempts=row.attempts,
        granted_at=clock.iso(row.created_at) or "",
        state=row.state.value,
        reason=row.reason,
    )
