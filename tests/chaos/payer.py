"""A process that pays everything that is due, run by run, until nothing is: `python -m tests.chaos.payer`.

The settings of the product are in the environment; the accounts of who makes, of who checks and the union are given.
Whatever an earlier one left half done is gone on with.
"""

import asyncio
import sys

from backend import startup
from backend.core import database, ids
from backend.core.actor import Actor
from backend.core.settings import load_settings
from backend.payments import commands
from backend.payments.run_schemas import NewRun, ResultRow, RunMove
from backend.unions import queries as unions

ITEMS = 10


async def pay(maker: Actor, checker: Actor, union: str) -> bool:
    """One step of the oldest run that is not settled, or a new run; False when nothing is due any more."""
    found = await database.rows(
        "SELECT id, state, version FROM pay_run WHERE state IN ('draft', 'checked', 'exported') ORDER BY id LIMIT 1"
    )
    if not found:
        return await _make(maker, union)
    run = ids.public(found[0]["id"])
    match found[0]["state"]:
        case "draft":
            await commands.check_run(checker, run=run, data=RunMove(version=found[0]["version"]))
        case "checked":
            await commands.bank_file(maker, run=run)
        case _:
            await commands.book_results(maker, run=run, rows=await _answer(found[0]["id"]))
    return True


async def _make(maker: Actor, union: str) -> bool:
    due = await database.rows("SELECT id FROM payment_due WHERE state = 'waiting' ORDER BY id LIMIT %s", ITEMS)
    if due:
        some = [ids.public(row["id"]) for row in due]
        await commands.make_run(maker, data=NewRun(union_id=union, budget_name="医疗互助", year=2026, dues=some))
    return bool(due)


async def _answer(run_id: int) -> list[ResultRow]:
    items = await database.rows("SELECT `key`, amount_fen FROM pay_item WHERE run_id = %s ORDER BY seq", run_id)
    return [
        ResultRow(line=line, key=item["key"], amount_fen=item["amount_fen"], paid=True)
        for line, item in enumerate(items, start=2)
    ]


async def actor_of(account_id: int, display: str) -> Actor:
    posts = await unions.posts_of(account_id)
    return Actor(kind="staff", account_id=account_id, display=display, posts=posts)


async def main(maker_id: int, checker_id: int, union: str) -> None:
    await startup.start(load_settings())
    maker, checker = await actor_of(maker_id, "钱小甲"), await actor_of(checker_id, "钱小乙")
    while await pay(maker, checker, union):
        print("step", flush=True)
    await startup.stop()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
