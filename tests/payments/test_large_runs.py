"""A run of thousands: made, checked, sent in several files, booked, all to the fen; and what each step took."""

import pytest
import structlog

from backend.core import clock, database
from backend.core.sheets import csv_bytes
from backend.payments import commands
from backend.payments.schemas import NewBudget
from tests.payments.runs import Office, card_number, new_due
from tests.payments.samples import balances
from tests.scale import sized
from tests.vouchers.world import broken

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ITEMS = sized(1_200, 5_000)
log = structlog.get_logger(__name__)


class Steps:
    """Seconds from one step to the next."""

    def __init__(self) -> None:
        self.taken: dict[str, float] = {}
        self._since = clock.monotonic()

    def done(self, step: str) -> None:
        self.taken[step] = round(clock.monotonic() - self._since, 2)
        self._since = clock.monotonic()


async def test_thousands_are_paid_by_one_run(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    new = NewBudget(key="more", union_id=office.county.union.id, name="临时救助", year=2026, amount_fen=ITEMS * 2 * 100)
    await commands.open_budget(office.county.treasurer, budget=new)
    payee = await office.county.member()
    dues = [
        new_due(office.county, payee, fen=101 + number % 7, card=card_number(7), programme="mutual-aid")
        for number in range(ITEMS)
    ]
    total = sum(one.amount_fen for one in dues)
    await commands.record_dues(office.county.treasurer, dues=dues)
    steps = Steps()
    run = await office.make()
    steps.done("made")
    assert (run.count, run.total_fen, run.files) == (ITEMS, total, -(-ITEMS // 1_000))
    run = await office.check(run)
    steps.done("checked")
    files = [await office.file(run.id, part) for part in range(1, run.files + 1)]
    steps.done("files")
    assert len({row[1] for file in files for row in file.rows}) == ITEMS
    content = csv_bytes(["明细号", "金额", "结果"], [[row[1], row[5], "成功"] for file in files for row in file.rows])
    view = await office.book(run.id, office.read(content))
    steps.done("booked")
    assert (view.paid, view.problems) == (ITEMS, [])
    assert (await office.run(run.id)).state == "settled"
    assert (await balances())["paid"] == total
    assert await database.scalar("SELECT COUNT(*) FROM ledger_posting WHERE kind = 'pay'") == ITEMS
    assert await broken() == []
    with capsys.disabled():
        log.info("large_run", items=ITEMS, **steps.taken)
