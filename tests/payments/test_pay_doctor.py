"""The doctor finds what is wrong with payments: the control of every `broken() == []` of these tests."""

import pytest

from backend.core import database
from backend.home.doctor_payments import PAYMENTS
from tests.payments.runs import Office
from tests.vouchers.world import broken

FAULTS = {
    "a paid item moved no money, or money that was moved back": (
        "DELETE FROM ledger_posting WHERE `key` LIKE 'pay-item:%' AND kind = 'pay'"
    ),
    "what was paid from a budget is not the sum of its items": (
        "UPDATE ledger_account SET balance_fen = 1 WHERE `key` LIKE 'paid:budget:%'"
    ),
    "a run owes something else than its items": "UPDATE ledger_account SET balance_fen = 1 WHERE `key` LIKE 'run:%'",
    "a draft does not hold its total, or another run still holds some": (
        "UPDATE ledger_account SET balance_fen = 1 WHERE `key` LIKE 'held:run:%'"
    ),
    "an amount is in two live runs": "UPDATE pay_item SET due_id = (SELECT MIN(id) FROM payment_due)",
    "an item is live after its end, or not before": "UPDATE pay_item SET live = NULL WHERE state = 'paid'",
    "a run's total is not that of its items": "UPDATE pay_run SET total_fen = total_fen + 1",
    "an amount and its item do not agree": "UPDATE payment_due SET state = 'waiting' WHERE state = 'paid'",
    "a settled run has items that nobody answered": "UPDATE pay_item SET state = 'sent' WHERE state = 'paid'",
    "a run was checked by its maker": "UPDATE pay_run SET checker_id = maker_id",
    "a returned amount has no way on": (
        "UPDATE payment_due SET account_id = NULL, member_id = NULL, union_id = NULL WHERE state = 'returned'"
    ),
}


@pytest.mark.parametrize("name", sorted(PAYMENTS))
async def test_every_fault_is_found(office: Office, name: str) -> None:
    await office.dues(3)
    await office.answer((await office.sent()).id, returned={3: "户名不符"})
    assert await broken() == []
    await database.execute(FAULTS[name].replace("%", "%%"))
    assert name in await broken()
