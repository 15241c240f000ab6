"""Budgets: opened, changed, a part of one held for a purpose and given back. None can be promised twice over."""

import secrets

from tortoise.exceptions import IntegrityError

from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, Invalid, NotFound, invalid
from backend.core.money import yuan
from backend.payments import rules
from backend.payments.commands.ledger import account, move
from backend.payments.enums import AccountKind, PostingKind
from backend.payments.queries import budgets as queries
from backend.payments.refusals import BudgetTooSmall
from backend.payments.schemas import BudgetChange, BudgetInput, Line, NewBudget


@command
async def open_own_budget(actor: Actor, *, data: BudgetInput, nonce: str | None = None) -> str:
    """A budget of a union at which the actor manages budgets; its public id. The same nonce is one budget."""
    union_id = ids.parse(data.union_id) or 0
    if union_id not in queries.managed_unions(actor):
        raise NotFound()
    new = NewBudget(
        key=f"desk:{actor.account_id}:{nonce or secrets.token_urlsafe(16)}"[:70],
        union_id=union_id,
        name=data.name,
        year=data.year,
        amount_fen=data.amount_fen,
    )
    return ids.public(await open_budget(actor, budget=new))


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
    own = await account(key=f"budget:{budget.key}"[:80], kind=AccountKind.BUDGET, name=name)
    row = {
        "id": budget_id,
        "key": budget.key,
        "union_id": budget.union_id,
        "year": budget.year,
        "name": name,
        "amount_fen": budget.amount_fen,
        "account_id": own,
        "created_at": clock.now(),
        "version": 1,
    }
    try:
        await database.insert("budget", row)
    except IntegrityError as exc:
        if not database.is_duplicate(exc):
            raise
        # It came in between: by the same key it is this one, by its name somebody else's.
        known = await queries.id_of(budget.key)
        if known is None:
            raise Conflict("budget_exists", name=name, year=budget.year) from exc
        return known
    await _draw(actor, budget_id, own, budget.union_id, budget.amount_fen, version=1)
    detail = {"union": budget.union_id, "year": budget.year, "amount_fen": budget.amount_fen}
    await audit.record(actor, "budget.opened", object_kind="budget", object_id=budget_id, detail=detail)
    return budget_id


@command
async def change_budget(actor: Actor, *, budget: str, data: BudgetChange) -> None:
    """Another amount for the year of a budget that the actor manages; never less than what was promised already."""
    reason = " ".join(data.reason.split())
    problems = list(rules.change_problems(amount_fen=data.amount_fen, reason=reason))
    if problems:
        raise Invalid(problems)
    before = await queries.managed_budget(budget, actor)
    more = data.amount_fen - before.amount_fen
    if not more:
        raise invalid("amount_fen", "budget_unchanged")
    changed = await database.execute(
        "UPDATE budget SET amount_fen = %s, version = version + 1 WHERE id = %s AND version = %s",
        data.amount_fen,
        before.id,
        data.version,
    )
    if not changed:
        raise Conflict("budget_changed")
    promised = before.amount_fen - await queries.left_in(before.account_id)
    number, own = data.version + 1, before.account_id
    await _draw(actor, before.id, own, before.union_id, more, version=number, promised_fen=promised, reason=reason)
    detail = {"from_fen": before.amount_fen, "to_fen": data.amount_fen, "reason": reason}
    await audit.record(actor, "budget.changed", object_kind="budget", object_id=before.id, detail=detail)


async def _draw(
    actor: Actor,
    budget_id: int,
    own: int,
    union_id: int,
    amount_fen: int,
    *,
    version: int,
    promised_fen: int = 0,
    reason: str = "",
) -> None:
    """From where the union's money comes into the budget, or back."""
    source = await account(key=f"source:{union_id}", kind=AccountKind.SOURCE)
    await move(
        key=f"budget:{budget_id}:{version}",
        kind=PostingKind.OPEN if version == 1 else PostingKind.CHANGE,
        lines=[Line(source, -amount_fen), Line(own, amount_fen)],
        actor=actor,
        short=lambda _: invalid("amount_fen", "budget_below_promised", promised=yuan(promised_fen)),
        reason=reason,
    )


@command
async def hold(actor: Actor, *, key: str, budget_id: int, amount_fen: int, purpose: str = "") -> int:
    """Promise a part of the budget to one purpose, which statements name; the hold's id.

    BudgetTooSmall when there is not so much left.
    """
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
        reason=purpose,
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
async def release_hold(actor: Actor, *, hold_id: int, key: str, purpose: str = "") -> int:
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
        reason=purpose,
    )
    return held.left_fen
