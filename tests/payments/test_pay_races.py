"""Two at once: an amount is in one run, a run is checked once, an answer is booked once. Each with its guard off."""

from collections.abc import Coroutine
from typing import Any

import pytest

from backend.core import database
from backend.payments import commands
from backend.payments.run_schemas import CardInput, RetryInput, RunMove
from tests.allocation.samples import answers_of
from tests.payments.runs import Office, card_number, new_due
from tests.payments.samples import balances
from tests.unguarded import without_keys, without_lock, without_words
from tests.vouchers.world import broken


@pytest.mark.race(control="test_control_without_its_condition_an_amount_is_in_several_runs")
async def test_eight_makers_put_an_amount_into_one_run(office: Office) -> None:
    await office.dues(3)
    answers = await answers_of(*(office.make() for _ in range(8)))
    assert answers.pop("ok") == 1
    assert set(answers) <= {"pay_due_taken", "pay_nothing_due"}
    assert await database.scalar("SELECT COUNT(*) FROM pay_run") == 1
    assert (await balances())["held"] == 300_00
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_condition_an_amount_is_in_several_runs(office: Office) -> None:
    await office.dues(3)
    async with without_keys("pay_item"):
        with without_words(") AND state = 'waiting'", ")"):
            answers = await answers_of(*(office.make() for _ in range(8)))
        assert answers["ok"] > 1
        assert "an amount is in two live runs" in await broken()


@pytest.mark.race(control="test_control_without_its_condition_a_run_is_checked_several_times")
async def test_ten_checkers_check_a_run_once(office: Office) -> None:
    await office.dues(2)
    run = await office.make()
    move = RunMove(version=run.version)
    people = [office.second, office.county.leader] * 5
    answers = await answers_of(*(commands.check_run(actor, run=run.id, data=move) for actor in people))
    assert answers == {"ok": 1, "pay_run_moved": 9}
    assert await database.scalar("SELECT COUNT(*) FROM audit WHERE action = 'pay_run.checked'") == 1
    assert (await balances())["payable"] == 200_00
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_condition_a_run_is_checked_several_times(office: Office) -> None:
    await office.dues(2)
    run = await office.make()
    move = RunMove(version=run.version)
    words = " WHERE id = %s AND state = 'draft' AND version = %s"
    with without_lock(), without_words(words, " WHERE id = %s AND version >= %s"):
        await answers_of(*(commands.check_run(office.second, run=run.id, data=move) for _ in range(10)))
    assert await database.scalar("SELECT COUNT(*) FROM audit WHERE action = 'pay_run.checked'") > 1


@pytest.mark.race(control="test_control_without_lock_and_conditions_an_answer_is_booked_several_times")
async def test_an_answer_sent_ten_times_at_once_is_booked_once(office: Office) -> None:
    await office.dues(3)
    run = await office.sent()
    answers = await answers_of(*(office.answer(run.id, returned={2: "户名不符"}) for _ in range(10)))
    assert answers == {"ok": 10}
    assert (await balances())["paid"] == 200_00
    assert await office.left() == 9_800_00
    assert await database.scalar("SELECT COUNT(*) FROM outbox WHERE topic = 'payments.ResultsBooked'") == 1
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_lock_and_conditions_an_answer_is_booked_several_times(office: Office) -> None:
    await office.dues(3)
    run = await office.sent()
    async with without_keys("ledger_posting"):
        with (
            without_words(
                "UPDATE pay_run SET uploads = uploads + 1 WHERE", "UPDATE pay_run SET uploads = 1 WHERE 1 = 0 AND"
            ),
            without_words(" WHERE id = %s AND state = 'sent'", " WHERE id = %s"),
            without_words(" AND state = 'in_run'"),
            without_words(" AND (balance_fen + %s >= 0 OR kind = %s)", " AND (%s IS NOT NULL OR kind = %s)"),
        ):
            # Every answer has other words: the server counts what an update really changed.
            many: list[dict[int, str]] = [dict.fromkeys(range(1, 4), f"户名不符 {number}") for number in range(10)]
            await answers_of(*(office.answer(run.id, returned=one) for one in many))
        assert await office.left() > 10_000_00


@pytest.mark.race(control="test_control_without_its_condition_a_card_is_settled_several_times")
async def test_a_card_put_right_by_payee_and_staff_at_once_is_ready_once(office: Office) -> None:
    [due] = await office.dues(1)
    await office.answer((await office.sent()).id, returned={1: "户名不符"})
    answers = await answers_of(*_put_right(office, due))
    assert answers == {"ok": 1, "pay_card_settled": 9}
    assert (await office.make()).count == 1
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_condition_a_card_is_settled_several_times(office: Office) -> None:
    [due] = await office.dues(1)
    await office.answer((await office.sent()).id, returned={1: "户名不符"})
    words = " AND version = %s AND (state = 'returned' OR (state = 'waiting' AND card_index = ''))"
    with without_lock(), without_words(words, " AND version >= %s"):
        answers = await answers_of(*_put_right(office, due))
    assert answers["ok"] > 1


def _put_right(office: Office, due: str) -> list[Coroutine[Any, Any, object]]:
    payee = office.payees[0]
    own = [commands.correct_card(payee, due=due, data=CardInput(bank_card=card_number(n))) for n in range(5)]
    by_staff = RetryInput(reason="账户已经恢复")
    return [*own, *(commands.retry_due(office.county.treasurer, due=due, data=by_staff) for _ in range(5))]


@pytest.mark.race(control="test_control_without_its_key_an_amount_is_due_several_times")
async def test_an_amount_granted_twenty_times_at_once_is_due_once(office: Office) -> None:
    due = new_due(office.county, await office.county.member(), card=card_number(3))
    assert await answers_of(*(commands.record_due(office.second, due=due) for _ in range(20))) == {"ok": 20}
    many = [commands.record_dues(office.second, dues=[due]) for _ in range(5)]
    assert await answers_of(*many) == {"ok": 5}
    assert await database.scalar("SELECT COUNT(*) FROM payment_due") == 1
    assert await database.scalar("SELECT COUNT(*) FROM audit WHERE action IN ('payment.due', 'payment.dues')") == 1


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_an_amount_is_due_several_times(office: Office) -> None:
    due = new_due(office.county, await office.county.member(), card=card_number(3))
    async with without_keys("payment_due"):
        await answers_of(*(commands.record_due(office.second, due=due) for _ in range(20)))
        assert await database.scalar("SELECT COUNT(*) FROM payment_due") == 20
