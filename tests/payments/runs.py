"""A county that pays: amounts that are due, runs of them, and the bank's answers."""

from itertools import count
from typing import Any

import msgspec

from backend.core import crypto, database, ids, national
from backend.core.actor import Actor
from backend.core.sheets import csv_bytes
from backend.payments import commands, layout_files, queries, result_files
from backend.payments.bank_files import BankFile
from backend.payments.enums import DueSource
from backend.payments.run_schemas import NewRun, ResultRow, ResultView, RunMove, RunView
from backend.payments.schemas import NewBudget, NewDue
from tests.casework.world import staff
from tests.vouchers.world import County

BUDGET = "医疗互助"
_numbers = count(1)


def card_number(number: int) -> str:
    """A card with a right check digit."""
    stem = f"622202{number % 10**12:012d}"
    return next(stem + digit for digit in "0123456789" if national.parse_bank_card(stem + digit).luhn_ok)


def new_due(
    county: County,
    payee: Actor,
    *,
    fen: int = 100_00,
    card: str = "",
    name: str = "王小测",
    programme: str = "mutual-aid",
) -> NewDue:
    return NewDue(
        key=f"test:{next(_numbers)}",
        source=DueSource.CASE,
        programme=programme,
        name="医疗互助理赔",
        amount_fen=fen,
        payee_name=name,
        account_id=payee.account_id,
        member_id=payee.member_id,
        union_id=county.unit.id,
        bank_name="星城银行",
        card_sealed=crypto.seal(card, context="test/card/1") if card else "",
        card_context="test/card/1",
    )


async def due(county: County, payee: Actor, **more: Any) -> str:
    """The public id of an amount that waits."""
    new = new_due(county, payee, **{"card": card_number(payee.member_id or 1), **more})
    await commands.record_due(county.treasurer, due=new)
    return ids.public(int(await database.scalar("SELECT id FROM payment_due WHERE `key` = %s", new.key)))


class Office(msgspec.Struct):
    """Its second treasurer checks what the first makes."""

    county: County
    second: Actor
    budget_id: int
    payees: list[Actor] = []

    async def dues(self, number: int, *, fen: int = 100_00) -> list[str]:
        made = []
        for _ in range(number):
            payee = await self.county.member()
            self.payees.append(payee)
            made.append(await due(self.county, payee, fen=fen))
        return made

    async def make(self, *, nonce: str | None = None, dues: list[str] | None = None, layout: str = "") -> RunView:
        union = ids.public(self.county.union.id)
        data = NewRun(union_id=union, budget_name=BUDGET, year=2026, dues=dues or [], layout=layout)
        made = await commands.make_run(self.county.treasurer, data=data, nonce=nonce)
        return await self.run(made)

    async def run(self, run: str) -> RunView:
        return await queries.desk_run(run, self.county.treasurer)

    async def check(self, run: RunView) -> RunView:
        await commands.check_run(self.second, run=run.id, data=RunMove(version=run.version))
        return await self.run(run.id)

    async def sent(self) -> RunView:
        """A run of all that waits, whose file the bank has."""
        run = await self.check(await self.make())
        await commands.bank_file(self.county.treasurer, run=run.id)
        return await self.run(run.id)

    async def answer(self, run: str, *, returned: dict[int, str] | None = None, fitting: bool = False) -> ResultView:
        """The bank says of every item that it was paid, but for the returned ones by their place."""
        rows = await self.answer_rows(run, returned or {})
        content = csv_bytes(["明细号", "金额", "结果", "失败原因"], rows)
        return await self.book(run, self.read(content), fitting=fitting)

    async def book(self, run: str, rows: list[ResultRow], *, fitting: bool = False) -> ResultView:
        return await commands.book_results(self.county.treasurer, run=run, rows=rows, fitting=fitting)

    async def sent_file(self, run: str) -> list[list[str]]:
        return (await self.file(run)).rows

    async def file(self, run: str, part: int = 1) -> BankFile:
        return await commands.bank_file(self.county.treasurer, run=run, part=part)

    def read(self, content: bytes, layout: str = "") -> list[ResultRow]:
        found = layout_files.layout_named(layout)
        assert found is not None
        return result_files.read(content, found)

    async def answer_rows(self, run: str, returned: dict[int, str]) -> list[list[str]]:
        found = await database.rows(
            "SELECT `key`, seq, amount_fen FROM pay_item WHERE run_id = %s ORDER BY seq", ids.parse(run)
        )
        return [
            [
                row["key"],
                f"{row['amount_fen'] / 100:.2f}",
                "失败" if row["seq"] in returned else "成功",
                returned.get(row["seq"], ""),
            ]
            for row in found
        ]

    async def left(self) -> int:
        return (await queries.budget_row(self.budget_id)).left_fen


async def open_office(county: County, *, budget_fen: int = 10_000_00) -> Office:
    new = NewBudget(key="pay", union_id=county.union.id, name=BUDGET, year=2026, amount_fen=budget_fen)
    budget_id = await commands.open_budget(county.treasurer, budget=new)
    return Office(county=county, second=await staff("钱小二", (county.union, "dept_finance")), budget_id=budget_id)
