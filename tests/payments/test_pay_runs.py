"""Runs are made by one and checked by another, hold the budget, and pay each amount once."""

import pytest

from backend.core import clock, database, ids
from backend.core.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from backend.payments import commands, queries
from backend.payments.queries.payable import payable_list
from backend.payments.run_schemas import CardInput, NewRun, RetryInput, RunMove, RunRefusal
from tests.payments.runs import BUDGET, Office, card_number, due
from tests.payments.samples import balances
from tests.vouchers.world import broken


async def refused(attempt: object, kind: type[AppError] = Conflict) -> str:
    with pytest.raises(kind) as error:
        await attempt  # type: ignore[misc]
    return error.value.code


async def test_made_checked_sent_and_paid_it_moves_through_the_books(office: Office) -> None:
    await office.dues(3)
    run = await office.make()
    assert (run.number[:6], len(run.number)) == ("ZF2026", 11)
    assert (run.state, run.count, run.total_fen) == ("draft", 3, 300_00)
    held = await balances()
    assert (held["held"], await office.left()) == (300_00, 9_700_00)
    checked = await office.check(run)
    assert (checked.state, checked.maker, checked.checker) == ("checked", "钱小安", "钱小二")
    assert (await balances())["payable"] == 300_00
    assert (await office.sent_file(run.id))[0][0] == run.number
    assert (await office.run(run.id)).state == "exported"
    answered = await office.answer(run.id)
    assert (answered.applied, answered.paid, answered.returned, answered.problems) == (True, 3, 0, [])
    settled = await office.run(run.id)
    assert (settled.state, settled.paid, settled.paid_fen) == ("settled", 3, 300_00)
    sums = await balances()
    assert (sums["paid"], sums.get("payable"), sums.get("held")) == (300_00, None, None)
    assert {one.state for one in (await queries.own_dues(office.payees[0])).items} == {"paid"}
    assert await broken() == []


async def test_the_maker_does_not_check(office: Office) -> None:
    await office.dues(1)
    run = await office.make()
    move = RunMove(version=run.version)
    assert await refused(commands.check_run(office.county.treasurer, run=run.id, data=move), Forbidden) == (
        "pay_four_eyes"
    )
    assert await refused(commands.check_run(office.county.welfare, run=run.id, data=move), NotFound) == "not_found"
    assert await refused(commands.check_run(office.second, run=run.id, data=RunMove(version=7))) == "pay_run_moved"
    await commands.check_run(office.county.leader, run=run.id, data=move)
    assert (await office.run(run.id)).checker == "吴小平"
    again = RunMove(version=run.version + 1)
    assert await refused(commands.check_run(office.second, run=run.id, data=again)) == "pay_run_moved"


async def test_an_amount_is_in_one_live_run(office: Office) -> None:
    dues = await office.dues(2)
    run = await office.make(nonce="one")
    assert (await office.make(nonce="one")).id == run.id
    assert await refused(office.make()) == "pay_nothing_due"
    assert await refused(office.make(dues=dues)) == "pay_due_taken"
    refusal = RunRefusal(version=run.version, reason="金额要再核实")
    await commands.cancel_run(office.county.leader, run=run.id, data=refusal, permission=queries.CHECK)
    assert (await office.run(run.id)).state == "cancelled"
    assert await office.left() == 10_000_00
    second = await office.check(await office.make(dues=dues[:1]))
    await commands.cancel_run(
        office.county.treasurer, run=second.id, data=RunRefusal(version=second.version, reason="重新制单")
    )
    assert (await balances()).get("payable") is None
    assert await office.left() == 10_000_00
    assert await database.scalar("SELECT COUNT(*) FROM pay_item WHERE live IS NOT NULL") == 0
    assert (await office.make()).count == 2
    assert await broken() == []


async def test_a_budget_is_not_overdrawn(office: Office) -> None:
    await office.dues(2, fen=6_000_00)
    assert await refused(office.make(), Invalid) == "budget_too_small"
    assert await database.scalar("SELECT COUNT(*) FROM payment_due WHERE state = 'waiting'") == 2
    assert await office.left() == 10_000_00
    data = NewRun(union_id=ids.public(office.county.union.id), budget_name=BUDGET, year=2027)
    assert await refused(commands.make_run(office.county.treasurer, data=data), Invalid) == "pay_budget_missing"
    assert await database.scalar("SELECT COUNT(*) FROM pay_run") == 0


async def test_two_cards_of_one_person_stop_the_run(office: Office) -> None:
    await office.dues(1)
    torn = await office.county.member()
    first = await due(office.county, torn, card=card_number(1), name="李小测")
    await due(office.county, torn, card=card_number(2), name="李小测")
    with pytest.raises(Conflict) as error:
        await office.make()
    assert (error.value.code, "李小测，共 1 人" in error.value.detail) == ("pay_cards_differ", True)
    found = await payable_list(
        office.county.treasurer, union=ids.public(office.county.union.id), budget_name=BUDGET, year=2026
    )
    assert (found.conflicts, len(found.dues), found.left_fen) == (["李小测"], 3, 10_000_00)
    assert (await office.make(dues=[first])).count == 1


async def test_without_a_card_it_is_listed_apart_until_there_is_one(office: Office) -> None:
    payee = await office.county.member()
    mine = await due(office.county, payee, card="")
    assert await refused(office.make()) == "pay_nothing_due"
    [listed] = (await queries.held_up(office.county.treasurer)).items
    assert (listed.id, listed.card_masked) == (mine, "")
    [own] = (await queries.own_dues(payee)).items
    assert (own.may_correct, own.state_text) == (True, "已核定，等待拨付，请补充银行卡")
    needed = commands.retry_due(office.county.treasurer, due=mine, data=RetryInput(reason="窗口补登"))
    assert await refused(needed, Invalid) == "invalid_fields"
    await commands.correct_card(payee, due=mine, data=CardInput(bank_card=card_number(5)))
    assert (await office.make()).count == 1


async def test_a_returned_amount_is_paid_again_once(office: Office) -> None:
    await office.dues(2)
    run = await office.sent()
    answered = await office.answer(run.id, returned={1: "账户已销户"})
    assert (answered.paid, answered.returned) == (1, 1)
    payee, other = office.payees
    [own] = (await queries.own_dues(payee)).items
    assert (own.state, own.reason, own.may_correct) == ("returned", "账户已销户", True)
    assert await refused(office.make()) == "pay_nothing_due"
    assert await office.left() == 9_900_00
    wrong = commands.correct_card(payee, due=own.id, data=CardInput(bank_card="6222020000000000001"))
    assert await refused(wrong, Invalid) == "pay_card_digit"
    stranger = commands.correct_card(other, due=own.id, data=CardInput(bank_card=card_number(9)))
    assert await refused(stranger, NotFound) == "not_found"
    await commands.correct_card(payee, due=own.id, data=CardInput(bank_card=card_number(9)))
    again = commands.correct_card(payee, due=own.id, data=CardInput(bank_card=card_number(8)))
    assert await refused(again) == "pay_card_settled"
    second = await office.sent()
    [item] = (await queries.run_items(second.id, office.county.treasurer)).items
    assert (item.attempt, item.card_masked[-4:], second.count) == (2, card_number(9)[-4:], 1)
    await office.answer(second.id)
    assert (await balances())["paid"] == 200_00
    assert await database.scalar("SELECT COUNT(*) FROM pay_item WHERE live IS NOT NULL") == 2
    assert await broken() == []


async def test_a_payment_that_came_back_later_is_reversed_once(office: Office) -> None:
    await office.dues(1)
    run = await office.sent()
    await office.answer(run.id)
    [item] = (await queries.run_items(run.id, office.county.treasurer)).items
    assert await refused(commands.reverse_item(office.second, item=item.id, reason="x"), Invalid) == "invalid_fields"
    assert await commands.reverse_item(office.second, item=item.id, reason="银行次日退汇") == run.id
    late = commands.reverse_item(office.second, item=item.id, reason="银行次日退汇")
    assert await refused(late) == "pay_item_unpaid"
    assert (await balances()).get("paid") is None
    assert await office.left() == 10_000_00
    [own] = (await queries.own_dues(office.payees[0])).items
    assert own.state == "returned"
    await commands.retry_due(office.county.treasurer, due=own.id, data=RetryInput(reason="账户已经恢复"))
    await office.answer((await office.sent()).id)
    assert (await balances())["paid"] == 100_00
    assert await broken() == []


async def test_the_file_is_the_same_again_and_leaves_a_trace(office: Office) -> None:
    await office.dues(2)
    run = await office.make()
    assert await refused(commands.bank_file(office.county.treasurer, run=run.id)) == "pay_run_unchecked"
    await office.check(run)
    assert await refused(commands.bank_file(office.county.leader, run=run.id), NotFound) == "not_found"
    first = await commands.bank_file(office.county.treasurer, run=run.id)
    await queries.desk_run(run.id, office.county.treasurer)
    assert await commands.bank_file(office.county.treasurer, run=run.id) == first
    heading, rows, name = first.head, first.rows, first.name
    assert (heading[1], rows[0][1], rows[0][2], rows[0][5], name) == (
        "明细号",
        f"{run.number}-0001",
        "王小测",
        "100.00",
        f"拨付批次{run.number}",
    )
    assert rows[0][3] == card_number(office.payees[0].member_id or 0)
    assert await database.scalar("SELECT COUNT(*) FROM access_trace WHERE field = %s", f"export:{run.number}") == 2
    assert await database.scalar("SELECT COUNT(*) FROM audit WHERE action = 'pay_run.downloaded'") == 2
    left = RunRefusal(version=(await office.run(run.id)).version, reason="送错了")
    assert await refused(commands.cancel_run(office.county.treasurer, run=run.id, data=left)) == "pay_run_moved"


async def test_a_statement_says_where_the_money_of_a_year_is(office: Office) -> None:
    await office.dues(2)
    run = await office.sent()
    await office.answer(run.id, returned={2: "户名不符"})
    await office.dues(1, fen=50_00)
    await office.make()
    [line, _] = sorted(await queries.pay_statement(office.county.treasurer), key=lambda one: one.budget_name)
    assert (line.budget_name, line.amount_fen, line.paid_fen, line.held_fen, line.payable_fen) == (
        BUDGET,
        10_000_00,
        100_00,
        50_00,
        0,
    )
    assert (line.left_fen, line.other_fen, line.paid, line.returned) == (9_850_00, 0, 1, 1)
    heading, rows, name = await queries.pay_statement_sheet(office.county.treasurer)
    assert (len(rows), rows[-1][4], rows[-1][6], name) == (4, "1 笔", "100.00", "拨付明细2026")
    assert (rows[0][8], rows[1][9], heading[6]) == (clock.today().isoformat(), "户名不符", "金额（元）")
