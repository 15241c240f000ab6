"""Budgets: what is promised is gone from what may be promised, and comes back when it was not needed."""

import pytest

from backend.core import database, ids
from backend.core.actor import GUEST, SYSTEM
from backend.core.errors import Conflict, Invalid, NotFound
from backend.payments import commands, queries
from backend.payments.commands import BudgetTooSmall
from backend.payments.enums import AccountKind, PostingKind
from backend.payments.schemas import BudgetView, Line, NewBudget
from tests.payments.samples import TREASURER, UNION, account_of, balances, broken, budget_of


async def view(budget_id: int) -> BudgetView:
    return await queries.budget(budget_id, TREASURER)


async def test_a_budget_is_held_given_out_and_given_back(db: None) -> None:
    budget_id = await budget_of(10_000_00, name="消费券")
    hold_id = await commands.hold(TREASURER, key="campaign:1", budget_id=budget_id, amount_fen=4_000_00)
    held = await queries.hold(hold_id)
    assert held is not None
    issued = await account_of(AccountKind.ISSUED)
    lines = [Line(held.account_id, -1_500_00), Line(issued, 1_500_00)]
    await commands.post(key="part 1", kind=PostingKind.ISSUE, lines=lines, actor=SYSTEM)
    assert await view(budget_id) == BudgetView(
        id=ids.public(budget_id),
        union_id=ids.public(UNION),
        name="消费券",
        year=2026,
        amount_fen=10_000_00,
        held_fen=2_500_00,
        gone_fen=1_500_00,
        left_fen=6_000_00,
        version=1,
    )
    assert await commands.release_hold(TREASURER, hold_id=hold_id, key="over") == 2_500_00
    assert await commands.release_hold(TREASURER, hold_id=hold_id, key="over") == 0
    now = await view(budget_id)
    assert (now.held_fen, now.gone_fen, now.left_fen) == (0, 1_500_00, 8_500_00)
    assert await broken() == []


async def test_a_budget_too_small_says_what_is_left_and_changes_nothing(db: None) -> None:
    budget_id = await budget_of(100_00)
    await commands.hold(TREASURER, key="a", budget_id=budget_id, amount_fen=60_00)
    with pytest.raises(BudgetTooSmall) as refused:
        await commands.hold(TREASURER, key="b", budget_id=budget_id, amount_fen=40_01)
    assert (refused.value.status, refused.value.code, refused.value.left_fen) == (422, "budget_too_small", 40_00)
    assert [(one.field, one.message) for one in refused.value.errors] == [("amount_fen", "预算不够，只剩 40.00 元。")]
    assert await balances() == {"source": -100_00, "budget": 40_00, "held": 60_00}
    assert await database.scalar("SELECT COUNT(*) FROM budget_hold") == 1
    await commands.hold(TREASURER, key="b", budget_id=budget_id, amount_fen=40_00)
    assert (await view(budget_id)).left_fen == 0


async def test_a_hold_is_made_once_by_its_key(db: None) -> None:
    budget_id = await budget_of(100_00)
    first = await commands.hold(TREASURER, key="a", budget_id=budget_id, amount_fen=60_00)
    assert await commands.hold(TREASURER, key="a", budget_id=budget_id, amount_fen=60_00) == first
    assert (await view(budget_id)).left_fen == 40_00
    with pytest.raises(ValueError, match="another one"):
        await commands.hold(TREASURER, key="a", budget_id=budget_id, amount_fen=1)


async def test_a_budget_is_changed_but_not_below_what_is_promised(db: None) -> None:
    budget_id = await budget_of(100_00)
    await commands.hold(TREASURER, key="a", budget_id=budget_id, amount_fen=60_00)
    await commands.change_budget(TREASURER, budget_id=budget_id, amount_fen=250_00, version=1)
    assert ((await view(budget_id)).amount_fen, (await view(budget_id)).left_fen) == (250_00, 190_00)
    with pytest.raises(Conflict) as late:
        await commands.change_budget(TREASURER, budget_id=budget_id, amount_fen=300_00, version=1)
    assert late.value.code == "budget_changed"
    with pytest.raises(BudgetTooSmall):
        await commands.change_budget(TREASURER, budget_id=budget_id, amount_fen=59_99, version=2)
    await commands.change_budget(TREASURER, budget_id=budget_id, amount_fen=60_00, version=2)
    assert (await view(budget_id)).left_fen == 0
    assert await broken() == []


@pytest.mark.parametrize(
    ("field", "changes", "message"),
    [
        ("name", {"name": "券"}, "预算名称要 2 到 40 个字。"),
        ("year", {"year": 1999}, "年度请填 2000 到 2100 之间的年份。"),
        ("amount_fen", {"amount_fen": 0}, "预算金额要大于 0，最多 100,000,000,000.00 元。"),
        ("amount_fen", {"amount_fen": -5}, "预算金额要大于 0，最多 100,000,000,000.00 元。"),
        ("amount_fen", {"amount_fen": 10**13 + 1}, "预算金额要大于 0，最多 100,000,000,000.00 元。"),
    ],
)
async def test_what_is_no_budget_is_said_beside_its_field(
    db: None, field: str, changes: dict[str, object], message: str
) -> None:
    given: dict[str, object] = {"key": "k", "union_id": UNION, "name": "消费券", "year": 2026, "amount_fen": 100}
    with pytest.raises(Invalid) as refused:
        await commands.open_budget(TREASURER, budget=NewBudget(**(given | changes)))  # type: ignore[arg-type]
    assert [(one.field, one.message) for one in refused.value.errors] == [(field, message)]
    assert await balances() == {}


async def test_one_budget_a_name_and_year(db: None) -> None:
    budget_id = await budget_of(100_00, name="消费券")
    with pytest.raises(Conflict) as refused:
        await budget_of(200_00, name=" 消费券 ")
    assert refused.value.code == "budget_exists"
    again = NewBudget(key="same", union_id=UNION, name="劳模慰问", year=2026, amount_fen=5_00)
    first = await commands.open_budget(TREASURER, budget=again)
    assert await commands.open_budget(TREASURER, budget=again) == first != budget_id


async def test_a_budget_is_seen_by_those_who_manage_it(db: None) -> None:
    made = [await budget_of(100_00) for _ in range(3)]
    first = await queries.own_budgets(TREASURER, limit=2)
    rest = await queries.own_budgets(TREASURER, limit=2, cursor=first.next_cursor)
    assert [ids.parse(one.id) for one in first.items + rest.items] == made[::-1]
    assert (await queries.own_budgets(GUEST)).items == []
    with pytest.raises(NotFound):
        await queries.budget(made[0], SYSTEM)
