"""Many at once promise no more than there is, and one key is one posting."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from backend.core import database
from backend.core.actor import SYSTEM
from backend.payments import commands, queries
from backend.payments.enums import AccountKind, PostingKind
from backend.payments.schemas import Line, NewBudget
from tests.allocation.samples import answers_of
from tests.payments.samples import TREASURER, UNION, account_of, balances, broken, budget_of
from tests.unguarded import without_keys, without_lock, without_words


@pytest.mark.race(control="test_control_without_its_condition_more_is_promised_than_there_is")
async def test_sixty_four_holds_of_a_budget_for_ten(db: None) -> None:
    budget_id = await budget_of(10_00)
    holds = (
        commands.hold(TREASURER, key=f"hold {number}", budget_id=budget_id, amount_fen=1_00) for number in range(64)
    )
    assert await answers_of(*holds) == {"ok": 10, "budget_too_small": 54}
    assert await balances() == {"source": -10_00, "held": 10_00}
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_condition_more_is_promised_than_there_is(db: None) -> None:
    budget_id = await budget_of(10_00)
    with without_lock(), without_words("(balance_fen + %s >= 0 OR kind = %s)", "%s <> 0 AND %s <> ''"):
        holds = (
            commands.hold(TREASURER, key=f"hold {number}", budget_id=budget_id, amount_fen=1_00) for number in range(64)
        )
        assert (await answers_of(*holds))["ok"] == 64
    assert "an account is overdrawn" in await broken()


@pytest.mark.race(control="test_control_without_its_key_it_is_posted_again")
async def test_one_key_fifty_times_is_one_posting(db: None) -> None:
    source, held = await account_of(AccountKind.SOURCE), await account_of(AccountKind.HELD)
    lines = [Line(source, -5_00), Line(held, 5_00)]
    made = await asyncio.gather(
        *(commands.post(key="once", kind=PostingKind.ISSUE, lines=lines, actor=SYSTEM) for _ in range(50))
    )
    assert len(set(made)) == 1
    assert await queries.balance(held) == 5_00


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_it_is_posted_again(db: None) -> None:
    source, held = await account_of(AccountKind.SOURCE), await account_of(AccountKind.HELD)
    lines = [Line(source, -5_00), Line(held, 5_00)]
    async with without_keys("ledger_posting"):
        await answers_of(
            *(commands.post(key="once", kind=PostingKind.ISSUE, lines=lines, actor=SYSTEM) for _ in range(50))
        )
        assert await queries.balance(held) > 5_00


@pytest.mark.race(control="test_control_without_its_key_it_is_posted_again")
async def test_postings_to_and_fro_between_the_same_accounts_never_jam(db: None) -> None:
    """Both ways at once: the order of the accounts is that of their ids, not that of the lines."""
    source, left, right = [
        await account_of(kind) for kind in (AccountKind.SOURCE, AccountKind.HELD, AccountKind.ISSUED)
    ]
    filling = [Line(source, -200_00), Line(left, 100_00), Line(right, 100_00)]
    await commands.post(key="fill", kind=PostingKind.OPEN, lines=filling, actor=SYSTEM)
    posts = (
        commands.post(
            key=f"move {number}",
            kind=PostingKind.ISSUE,
            lines=[Line(left, sign * 1_00), Line(right, -sign * 1_00)],
            actor=SYSTEM,
        )
        for number in range(100)
        for sign in (1 if number % 2 else -1,)
    )
    assert await answers_of(*posts) == {"ok": 100}
    assert (await queries.balance(left), await queries.balance(right)) == (100_00, 100_00)
    assert await database.scalar("SELECT COUNT(*) FROM ledger_posting") == 101


def opens(count: int) -> list[Coroutine[Any, Any, int]]:
    """One name and year, each under a key of its own."""
    return [
        commands.open_budget(
            TREASURER, budget=NewBudget(key=f"tap {number}", union_id=UNION, name="消费券", year=2026, amount_fen=1_00)
        )
        for number in range(count)
    ]


@pytest.mark.race(control="test_control_without_its_key_a_budget_is_opened_several_times")
async def test_a_budget_opened_by_twenty_is_one(db: None) -> None:
    assert await answers_of(*opens(20)) == {"ok": 1, "budget_exists": 19}
    assert await balances() == {"source": -1_00, "budget": 1_00}
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_a_budget_is_opened_several_times(db: None) -> None:
    async with without_keys("budget"):
        assert (await answers_of(*opens(20)))["ok"] > 1
