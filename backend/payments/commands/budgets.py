"""Budgets: opened, changed, a part of one held for a purpose and given back. None can be promised twice over."""

from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, Invalid, NotFound
from backend.payments import rules
from backend.payments.commands.ledger import account, move
from backend.payments.enums import AccountKind, PostingKind
from backend.payments.queries import budgets as queries
from backend.payments.refusals import BudgetTooSmall
from backend.payments.schemas import Line, NewBudget


@command
async def open_budget(actor: Actor, *, budget: NewBudget) -> int:
    """The budget of this key; a second call gives the first one's id."""
    name = " ".join(budget.name.split())
    problems = list(rules.budget_problems(name=name, year=budget.year, amount_fen=budget.amount_fen))
    if problems:
        raise Invalid(problems)
    known = await queries.id_of(budget.key)
    if known is not None:
        return known
    if await queries.budget_named(budget.union_id, budget.year, name) is not None:
        raise Conflict("budget_exists", name=name, year=budget.year)
    budget_id = ids.new_id()
    own = await account(key=f"budget:{budget_id}", kind=AccountKind.BUDGET, name=name)
    await database.insert(
        "budget",
        {
            "id": budget_id,
            "key": budget.key,
            "union_id": budget.union_id,
            "year": budget.year,
            "name": name,
            "amount_fen": budget.amount_fen,
            "account_id": own,
            "created_at": clock.now(),
            "version": 1,
        },
    )
    await _draw(actor, budget_id, own, budget.union_id, budget.amount_fen, version=1)
    detail = {"union": budget.union_id, "year": budget.year, "amount_fen": budget.amount_fen}
    await audit.record(actor, "budget.opened", object_kind="budget", object_id=budget_id, detail=detail)
    return budget_id


@command
async def change_budget(actor: Actor, *, budget_id: int, amount_fen: int, version: int) -> None:
    """Another amount for the year; never less than what was promised already."""
    problems = list(rules.amount_problems(amount_fen))
    if problems:
        raise Invalid(problems)
    before = await queries.budget_row(budget_id)
    changed = await database.execute(
        "UPDATE budget SET amount_fen = %s, version = version + 1 WHERE id = %s AND version = %s",
        amount_fen,
        budget_id,
        version,
    )
    if not changed:
        raise Conflict("budget_changed")
    more = amount_fen - before.amount_fen
    if more:
        await _draw(actor, budget_id, before.account_id, before.union_id, more, version=version + 1)
    detail = {"from_fen": before.amount_fen, "to_fen": amount_fen}
    await audit.record(actor, "budget.changed", object_kind="budget", object_id=budget_id, detail=detail)


async def _draw(actor: Actor, budget_id: int, own: int, union_id: int, amount_fen: int, *, version: int) -> None:
    """From where the union's money comes into the budget, or back."""
    source = await account(key=f"source:{union_id}", kind=AccountKind.SOURCE)
    left = await queries.left_in(own)
    await move(
        key=f"budget:{budget_id}:{version}",
        kind=PostingKind.OPEN if version == 1 else PostingKind.CHANGE,
        lines=[Line(source, -amount_fen), Line(own, amount_fen)],
        actor=actor,
        short=lambda _: BudgetTooSmall(left),
    )


@command
async def hold(actor: Actor, *, key: str, budget_id: int, amount_fen: int) -> int:
    """Promise a part of the budget to one purpose; the hold's id. BudgetTooSmall when there is not so much left."""
    if amount_fen <= 0:
        raise ValueError("a hold has an amount")
    budget, hold_id = await queries.budget_row(budget_id), ids.new_id()
    own = await account(key=f"held:{key}", kind=AccountKind.HELD, name=budget.name)
    row = {
        "id": hold_id,
        "key": key,
        "budget_id": budget_id,
        "account_id": own,
        "amount_fen": amount_fen,
        "created_at": clock.now(),
    }
    if not await database.insert_if_absent("budget_hold", row, key="`key`"):
        return await _held_before(key, budget_id, amount_fen)
    left = await queries.left_in(budget.account_id)
    await move(
        key=f"hold:{hold_id}",
        kind=PostingKind.HOLD,
        lines=[Line(budget.account_id, -amount_fen), Line(own, amount_fen)],
        actor=actor,
        short=lambda _: BudgetTooSmall(left),
    )
    detail = {"budget": budget_id, "amount_fen": amount_fen}
    await audit.record(actor, "budget.held", object_kind="budget_hold", object_id=hold_id, detail=detail)
    return hold_id


async def _held_before(key: str, budget_id: int, amount_fen: int) -> int:
    known = await queries.hold_of_key(key)
    if known is None or (known.budget_id, known.amount_fen) != (budget_id, amount_fen):
        raise ValueError(f"the hold {key} is another one")
    return known.id


@command
async def release_hold(actor: Actor, *, hold_id: int, key: str) -> int:
    """What is left of a hold goes back to its budget; how much that was, in fen. Nothing left is no error."""
    held = await queries.hold(hold_id)
    if held is None:
        raise NotFound()
    if held.left_fen == 0:
        return 0
    budget = await queries.budget_row(held.budget_id)
    await move(
        key=key,
        kind=PostingKind.RELEASE,
        lines=[Line(held.account_id, -held.left_fen), Line(budget.account_id, held.left_fen)],
        actor=actor,
        short=lambda _: Conflict("budget_changed"),
    )
    return held.left_fen
