"""Random movements of money against a plain model: the same balances and the same refusals after every one.

A thousand in `make test`, a hundred thousand in `make soak`.
"""

import random
from collections.abc import Coroutine
from typing import Any

import msgspec
import pytest

from backend.core import database
from backend.core.actor import SYSTEM
from backend.core.errors import AppError
from backend.payments import commands, queries
from backend.payments.enums import AccountKind, PostingKind
from backend.payments.schemas import Line
from tests.payments.samples import TREASURER, broken, budget_of
from tests.scale import sized

MOVES = sized(1_000, 100_000)
LOOK_EVERY = sized(100, 5_000)


class Model(msgspec.Struct):
    """What a ledger is: amounts by account, and what was moved by which key."""

    balance: dict[int, int]
    moved: dict[str, dict[int, int]]
    reversed_by: dict[str, str]
    sources: set[int]

    def post(self, key: str, lines: dict[int, int], *, short: str = "account_too_small") -> str:
        if key in self.moved:
            return "ok"
        if any(self.balance[one] + fen < 0 for one, fen in lines.items() if one not in self.sources):
            return short
        self.moved[key] = lines
        for one, fen in lines.items():
            self.balance[one] += fen
        return "ok"

    def reverse(self, posting: str, key: str) -> str:
        if posting not in self.moved:
            return "not_found"
        if self.reversed_by.get(posting, key) != key:
            return "already_reversed"
        said = self.post(key, {one: -fen for one, fen in self.moved[posting].items()})
        if said == "ok":
            self.reversed_by[posting] = key
        return said


@pytest.mark.slow
async def test_random_movements_agree_with_a_plain_model(db: None) -> None:
    chance = random.Random(20260310)
    budget_id = await budget_of(1_000_00)
    [budget] = await database.rows("SELECT account_id FROM budget WHERE id = %s", budget_id)
    [source] = await database.rows("SELECT id FROM ledger_account WHERE kind = 'source'")
    own = budget["account_id"]
    others = [await commands.account(key=f"model {one}", kind=AccountKind.ISSUED) for one in range(6)]
    model = Model({source["id"]: -1_000_00, own: 1_000_00, **dict.fromkeys(others, 0)}, {}, {}, {source["id"]})
    for number in range(MOVES):
        expected, answer = await _move(chance, model, number, budget_id, own)
        assert answer == expected, f"move {number}"
        if number % LOOK_EVERY == 0:
            await _require_same(model)
    await _require_same(model)
    assert await broken() == []


async def _move(chance: random.Random, model: Model, number: int, budget_id: int, own: int) -> tuple[str, str]:
    """One move on both: what the model says of it, and what the product does."""
    amount = chance.choice((1, 99, 1_00, 20_00, 500_00))
    kind = chance.random()
    keys = list(model.moved)[-50:]
    if kind < 0.2:
        return await _hold(model, number, budget_id, own, amount)
    if kind < 0.35 and keys:
        posting, key = chance.choice(keys), f"back {number}"
        if posting in model.reversed_by and chance.random() < 0.5:
            key = model.reversed_by[posting]
        expected = model.reverse(posting, key)
        return expected, await _code(commands.reverse(SYSTEM, posting_key=posting, key=key, reason="试"))
    if kind < 0.4 and keys:
        key = chance.choice(keys)
        lines = model.moved[key]
        return model.post(key, lines), await _code(_post(key, lines))
    accounts = chance.sample(list(model.balance)[:40], k=chance.choice((2, 2, 3)))
    parts = [amount] if len(accounts) == 2 else [amount, 7]
    lines = {accounts[0]: -sum(parts), **dict(zip(accounts[1:], parts, strict=True))}
    key = f"move {number}"
    return model.post(key, lines), await _code(_post(key, lines))


async def _hold(model: Model, number: int, budget_id: int, own: int, amount: int) -> tuple[str, str]:
    """The ledger knows a hold by its id, which only the product gives."""
    held = await commands.account(key=f"held:hold {number}", kind=AccountKind.HELD)
    model.balance[held] = 0
    try:
        made = await commands.hold(TREASURER, key=f"hold {number}", budget_id=budget_id, amount_fen=amount)
        key, answer = f"hold:{made}", "ok"
    except AppError as refused:
        key, answer = "", refused.code
    return model.post(key, {own: -amount, held: amount}, short="budget_too_small"), answer


async def _post(key: str, lines: dict[int, int]) -> int:
    return await commands.post(
        key=key, kind=PostingKind.ISSUE, lines=[Line(one, fen) for one, fen in lines.items()], actor=SYSTEM
    )


async def _code(attempt: Coroutine[Any, Any, int]) -> str:
    try:
        await attempt
    except AppError as refused:
        return refused.code
    return "ok"


async def _require_same(model: Model) -> None:
    found = await database.rows("SELECT id, balance_fen FROM ledger_account")
    assert {row["id"]: row["balance_fen"] for row in found} == model.balance
    one = next(iter(model.balance))
    assert await queries.balance(one) == model.balance[one]
