"""What the demo county pays: aid that was granted, one run that the bank has answered with a card that came back, and
one that waits to be checked."""

from typing import Any

from backend.core import clock, crypto, database, ids, national
from backend.core.actor import Actor
from backend.demo import places
from backend.demo.tree import County
from backend.payments import commands as payments
from backend.payments.enums import DueSource
from backend.payments.run_schemas import NewRun, ResultRow, RunMove
from backend.payments.schemas import NewBudget, NewDue

BUDGET = "医疗互助"
BUDGET_FEN = 200_000_00
PAID, DRAFTED = 6, 4
TRIES = 102  # the number of the member whom visitors sign in as
_CONTEXT = "demo/card/1"


async def pay_out(county: County) -> None:
    """Made by one and checked by another, as everywhere."""
    maker, checker = county.staff["demo-finance"], county.staff["demo-admin"]
    budget = NewBudget(
        key="demo:pay",
        union_id=ids.parse(county.unions[places.COUNTY]) or 0,
        name=BUDGET,
        year=clock.today().year,
        amount_fen=BUDGET_FEN,
    )
    await payments.open_budget(checker, budget=budget)
    people = await _payees(PAID + DRAFTED)
    await _grant(maker, people[:PAID])
    await _settle(county, maker, checker)
    await _grant(maker, people[PAID:])
    await _make(county, maker)


async def _payees(count: int) -> list[dict[str, Any]]:
    """Members with accounts, first the one who may try the demo."""
    known = crypto.blind_index("phone", places.phone_number(TRIES))
    return await database.rows(
        "SELECT m.id, m.name, m.union_id, a.id AS account_id FROM member m JOIN account a ON a.member_id = m.id"
        " ORDER BY CASE WHEN a.phone_index = %s THEN 0 ELSE 1 END, a.id LIMIT %s",
        known,
        count,
    )


async def _grant(maker: Actor, people: list[dict[str, Any]]) -> None:
    dues = [
        NewDue(
            key=f"demo:{person['id']}",
            source=DueSource.GRADING,
            programme="mutual-aid",
            name="职工医疗互助",
            amount_fen=(800 + person["id"] % 97 * 10) * 100,
            payee_name=person["name"],
            account_id=person["account_id"],
            member_id=person["id"],
            union_id=person["union_id"],
            bank_name="星城农商行",
            card_sealed=crypto.seal(_card(person["id"]), context=_CONTEXT),
            card_context=_CONTEXT,
        )
        for person in people
    ]
    await payments.record_dues(maker, dues=dues)


def _card(number: int) -> str:
    """Nobody's, with a right check digit."""
    stem = f"999999{number % 10**12:012d}"
    return next(stem + digit for digit in "0123456789" if national.parse_bank_card(stem + digit).luhn_ok)


async def _make(county: County, maker: Actor) -> str:
    data = NewRun(union_id=county.unions[places.COUNTY], budget_name=BUDGET, year=clock.today().year)
    return await payments.make_run(maker, data=data)


async def _settle(county: County, maker: Actor, checker: Actor) -> None:
    """The bank paid all but the first, whose card was given up."""
    run = await _make(county, maker)
    await payments.check_run(checker, run=run, data=RunMove(version=1))
    await payments.bank_file(maker, run=run)
    items = await database.rows("SELECT `key`, amount_fen FROM pay_item WHERE run_id = %s ORDER BY seq", ids.parse(run))
    rows = [
        ResultRow(line=line, key=item["key"], amount_fen=item["amount_fen"], paid=line > 2, reason="账户已销户")
        for line, item in enumerate(items, start=2)
    ]
    await payments.book_results(maker, run=run, rows=rows)
