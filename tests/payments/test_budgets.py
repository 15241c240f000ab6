"""Budgets: what is promised is gone from what may be promised, and comes back when it was not needed."""

import pytest

from backend.core import database, ids
from backend.core.actor import GUEST, SYSTEM
from backend.core.errors import Conflict, FieldError, Invalid, NotFound
from backend.payments import commands, queries
from backend.payments.commands import BudgetTooSmall
from backend.payments.enums import AccountKind, PostingKind
from backend.payments.schemas import BudgetChange, BudgetInput, BudgetView, Line, NewBudget
from tests.payments.samples import TREASURER, UNION, account_of, balances, broken, budget_of


async def view(budget_id: int) -> BudgetView:
    return await queries.budget(ids.public(budget_id), TREASURER)


async def change(budget_id: int, amount_fen: int, version: int, reason: str = "年中追加") -> None:
    data = BudgetChange(amount_fen=amount_fen, reason=reason, version=version)
    await commands.change_budget(TREASURER, budget=ids.public(budget_id), data=data)


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
        union_name="星城县总工会",
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
    await change(budget_id, 250_00, 1)
    assert ((await view(budget_id)).amount_fen, (await view(budget_id)).left_fen) == (250_00, 190_00)
    with pytest.raises(Conflict) as late:
        await change(budget_id, 300_00, 1)
    assert late.value.code == "budget_changed"
    with pytest.raises(Invalid) as below:
        await change(budget_id, 59_99, 2)
    assert below.value.errors[0] == FieldError("amount_fen", "金额不能少于已经占用和用掉的 60.00 元。")
    await change(budget_id, 60_00, 2, " 年底  收回 ")
    lines = await queries.budget_statement(ids.public(budget_id), TREASURER)
    assert [(one.kind_text, one.reason, one.amount_fen, one.balance_fen) for one in lines.items] == [
        ("调整预算", "年底 收回", -190_00, 0),
        ("调整预算", "年中追加", 150_00, 190_00),
        ("占用预算", "", -60_00, 40_00),
        ("下达预算", "", 100_00, 100_00),
    ]
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
        await queries.budget(ids.public(made[0]), SYSTEM)


async def test_a_change_says_why_and_changes_something(db: None) -> None:
    budget_id = await budget_of(100_00)
    for amount_fen, reason, field in ((200_00, "追", "reason"), (100_00, "年中追加", "amount_fen"), (0, "", "reason")):
        with pytest.raises(Invalid) as refused:
            await change(budget_id, amount_fen, 1, reason)
        assert field in {one.field for one in refused.value.errors}
    assert (await view(budget_id)).version == 1


async def test_a_budget_is_opened_for_ones_own_union_only(db: None) -> None:
    data = BudgetInput(union_id=ids.public(UNION), name="消费券", year=2026, amount_fen=100_00)
    first = await commands.open_own_budget(TREASURER, data=data, nonce="once")
    assert await commands.open_own_budget(TREASURER, data=data, nonce="once") == first
    assert (await queries.budget(first, TREASURER)).left_fen == 100_00
    elsewhere = BudgetInput(union_id=ids.public(UNION + 1), name="消费券", year=2026, amount_fen=100_00)
    for actor, wrong in ((TREASURER, elsewhere), (GUEST, data), (SYSTEM, data)):
        with pytest.raises(NotFound):
            await commands.open_own_budget(actor, data=wrong)
    change_it = BudgetChange(amount_fen=1, reason="不是我的", version=1)
    with pytest.raises(NotFound):
        await commands.change_budget(SYSTEM, budget=first, data=change_it)
