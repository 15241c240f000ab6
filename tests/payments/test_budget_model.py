"""Random work on budgets against a plain model: open, change, hold, release, spend, use, reverse. After every
operation both say the same, and what is held, gone and left of every budget is the same again and again.

Two thousand in `make test`, a hundred thousand in `make soak`.
"""

import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import msgspec
import pytest

from backend.core import database, ids
from backend.core.actor import SYSTEM
from backend.core.errors import AppError
from backend.payments import commands, queries
from backend.payments.enums import AccountKind, PostingKind
from backend.payments.schemas import BudgetChange, Line, NewBudget
from tests.payments.samples import TREASURER, UNION, account_of, broken
from tests.scale import sized

OPERATIONS = sized(2_000, 100_000)
LOOK_EVERY = sized(200, 5_000)
MOST_BUDGETS = 30
AMOUNTS = (1, 99, 5_00, 120_00, 3_000_00)


class Held(msgspec.Struct):
    budget: int
    amount: int
    left: int
    key: str


class Moved(msgspec.Struct):
    """A posting that may be reversed: what it takes from where in the model, and puts where."""

    key: str
    amount: int
    out_of: str
    into: str
    reversed_by: str = ""


class Model(msgspec.Struct):
    """Money by place: "left 3" of a budget, "held 7" of a hold, "issued 3", "payable 3"."""

    amount: dict[int, int] = {}
    version: dict[int, int] = {}
    place: dict[str, int] = {}
    holds: dict[int, Held] = {}
    moved: list[Moved] = []

    def move(self, out_of: str, into: str, amount: int) -> bool:
        if self.place[out_of] < amount:
            return False
        self.place[out_of] -= amount
        self.place[into] = self.place.get(into, 0) + amount
        return True

    def held_of(self, budget: int) -> int:
        return sum(self.place[f"held {one}"] for one, hold in self.holds.items() if hold.budget == budget)


class Run:
    """The model, the product, and the chance that both follow. `accounts` is where the ledger keeps each place."""

    def __init__(self) -> None:
        self.chance = random.Random(20261127)
        self.model = Model()
        self.accounts: dict[str, int] = {}
        self.number = 0
        self.counts: dict[str, int] = {}

    async def step(self) -> None:
        self.number += 1
        operations: list[Callable[[], Awaitable[tuple[str, str]]]] = [
            self.open, self.change, self.hold, self.hold, self.release, self.spend, self.spend, self.spend,
            self.use, self.reverse, self.reverse,
        ]  # fmt: skip
        operation = self.chance.choice(operations) if self.model.amount else self.open
        expected, answer = await operation()
        assert answer == expected, f"operation {self.number}, {operation.__name__}"
        name = f"{operation.__name__} {answer}"
        self.counts[name] = self.counts.get(name, 0) + 1

    def some_budget(self) -> int:
        return self.chance.choice(list(self.model.amount))

    async def open(self) -> tuple[str, str]:
        """A new one, the same again, or another under a name that is taken."""
        index = self.chance.randrange(MOST_BUDGETS)
        amount = self.chance.choice(AMOUNTS) * 100
        known = f"model {index}" in self.accounts
        taken = known and self.chance.random() < 0.2
        key = f"other {self.number}" if taken else f"model {index}"
        new = NewBudget(key=key, union_id=UNION, name=f"预算{index}号", year=2026, amount_fen=amount)
        answer, budget = await _answer(commands.open_budget(TREASURER, budget=new))
        if known:
            return ("budget_exists" if taken else "ok"), answer
        row = await queries.budget_row(budget)
        self.model.amount[budget], self.model.version[budget] = amount, 1
        self.model.place |= {f"left {budget}": amount, f"issued {budget}": 0, f"payable {budget}": 0}
        self.accounts |= {f"model {index}": budget, f"left {budget}": row.account_id}
        for name, kind in (("issued", AccountKind.ISSUED), ("payable", AccountKind.PAYABLE)):
            self.accounts[f"{name} {budget}"] = await account_of(kind)
        return "ok", answer

    async def change(self) -> tuple[str, str]:
        budget = self.some_budget()
        before, version = self.model.amount[budget], self.model.version[budget]
        promised = before - self.model.place[f"left {budget}"]
        about = self.chance.choice((before, before, before, promised))
        amount = max(0, about + self.chance.choice((-1, 0, 1, 1)) * self.chance.choice(AMOUNTS) * 10)
        stale = self.chance.random() < 0.1
        data = BudgetChange(amount_fen=amount, reason=f"第{self.number}次", version=version - stale)
        answer, _ = await _answer(commands.change_budget(TREASURER, budget=ids.public(budget), data=data))
        left = f"left {budget}"
        if amount == 0:
            return "invalid_fields", answer
        if amount == before:
            return "budget_unchanged", answer
        if stale:
            return "budget_changed", answer
        if self.model.place[left] + amount - before < 0:
            return "budget_below_promised", answer
        self.model.place[left] += amount - before
        self.model.amount[budget], self.model.version[budget] = amount, version + 1
        return "ok", answer

    async def hold(self) -> tuple[str, str]:
        """A new hold, or one that was made before."""
        if self.model.holds and self.chance.random() < 0.1:
            hold = self.chance.choice(list(self.model.holds))
            again = self.model.holds[hold]
            asked = {"key": again.key, "budget_id": again.budget, "amount_fen": again.amount}
            answer, same = await _answer(commands.hold(TREASURER, **asked))
            assert same == hold
            return "ok", answer
        budget, amount, key = self.some_budget(), self.chance.choice(AMOUNTS) * 3, f"hold {self.number}"
        answer, hold = await _answer(commands.hold(TREASURER, key=key, budget_id=budget, amount_fen=amount))
        if self.model.place[f"left {budget}"] < amount:
            return "budget_too_small", answer
        found = await queries.hold(hold)
        assert found is not None
        self.model.holds[hold] = Held(budget, amount, amount, key)
        self.accounts[f"held {hold}"] = found.account_id
        self._note(f"hold:{hold}", amount, f"left {budget}", f"held {hold}")
        return "ok", answer

    async def release(self) -> tuple[str, str]:
        if not self.model.holds:
            return "ok", "ok"
        hold = self.chance.choice(list(self.model.holds)[-60:])
        left = self.model.place[f"held {hold}"]
        answer, back = await _answer(commands.release_hold(TREASURER, hold_id=hold, key=f"release {self.number}"))
        assert back == left
        self.model.move(f"held {hold}", f"left {self.model.holds[hold].budget}", left)
        return "ok", answer

    async def spend(self) -> tuple[str, str]:
        """Out of a hold into the hands of members."""
        if not self.model.holds:
            return "ok", "ok"
        hold = self.chance.choice(list(self.model.holds)[-60:])
        into = f"issued {self.model.holds[hold].budget}"
        return await self._post(PostingKind.ISSUE, f"held {hold}", into, self.chance.choice(AMOUNTS[:3]))

    async def use(self) -> tuple[str, str]:
        budget = self.some_budget()
        return await self._post(
            PostingKind.REDEEM, f"issued {budget}", f"payable {budget}", self.chance.choice(AMOUNTS)
        )

    async def _post(self, kind: PostingKind, out_of: str, into: str, amount: int) -> tuple[str, str]:
        key = f"post {self.number}"
        lines = [Line(self.accounts[out_of], -amount), Line(self.accounts[into], amount)]
        answer, _ = await _answer(commands.post(key=key, kind=kind, lines=lines, actor=SYSTEM))
        return ("ok" if self._note(key, amount, out_of, into) else "account_too_small"), answer

    def _note(self, key: str, amount: int, out_of: str, into: str) -> bool:
        moved = self.model.move(out_of, into, amount)
        if moved:
            self.model.moved.append(Moved(key, amount, out_of, into))
        return moved

    async def reverse(self) -> tuple[str, str]:
        """What was held, spent or used: back, unless it is gone from there or was taken back before."""
        if not self.model.moved:
            return "ok", "ok"
        moved = self.chance.choice(self.model.moved[-80:])
        key = moved.reversed_by if moved.reversed_by and self.chance.random() < 0.3 else f"back {self.number}"
        answer, _ = await _answer(commands.reverse(SYSTEM, posting_key=moved.key, key=key, reason="录错了"))
        if moved.reversed_by:
            return ("ok" if moved.reversed_by == key else "already_reversed"), answer
        if not self.model.move(moved.into, moved.out_of, moved.amount):
            return "account_too_small", answer
        moved.reversed_by = key
        return "ok", answer

    async def require_same(self) -> None:
        found = await database.rows("SELECT id, balance_fen FROM ledger_account WHERE kind <> 'source'")
        assert {row["id"]: row["balance_fen"] for row in found} == {
            self.accounts[place]: fen for place, fen in self.model.place.items()
        }
        for budget, amount in self.model.amount.items():
            shown, held = await queries.budget(ids.public(budget), TREASURER), self.model.held_of(budget)
            left = self.model.place[f"left {budget}"]
            gone = self.model.place[f"issued {budget}"] + self.model.place[f"payable {budget}"]
            assert (shown.amount_fen, shown.held_fen, shown.gone_fen, shown.left_fen) == (amount, held, gone, left)
            assert shown.version == self.model.version[budget]


async def _answer(attempt: Coroutine[Any, Any, Any]) -> tuple[str, Any]:
    try:
        return "ok", await attempt
    except AppError as refused:
        return refused.code, None


@pytest.mark.slow
async def test_random_work_on_budgets_agrees_with_a_plain_model(db: None) -> None:
    run = Run()
    for number in range(OPERATIONS):
        await run.step()
        if number % LOOK_EVERY == 0:
            await run.require_same()
    await run.require_same()
    assert await broken() == []
    # Every kind of answer came up, so the agreement is about something.
    for name in ("budget_exists", "budget_below_promised", "budget_changed", "budget_too_small", "already_reversed"):
        assert any(one.endswith(f" {name}") for one in run.counts), (name, run.counts)
    print(dict(sorted(run.counts.items())))
