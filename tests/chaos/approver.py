"""A process that approves every open case, two desks at each of them at once: `python -m tests.chaos.approver WRITERS`.

The settings of the product are in the environment. `ok` and the number follow an approval that was acknowledged, or
every case of a batch that was; `failed` and the code an answer that nobody can know the end of. With `unguarded` as
second word, what keeps one approval from being two is switched off. The first process, by `prepare COUNT`, makes the
cases.
"""

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Any

import pytest

from backend import startup
from backend.casework import commands
from backend.casework.commands import batches, transitions
from backend.casework.schemas import BatchInput, BatchItem
from backend.core import clock, database, national, queue
from backend.core.actor import Actor
from backend.core.errors import AppError
from backend.core.settings import load_settings
from tests.casework.world import build, decide, person, sent
from tests.chaos.payer import actor_of

SLUG = "sample-grant"
BIRTHDAY = date(1990, 3, 7)
TOGETHER = 5
_OPEN = "SELECT number FROM case_file WHERE status IN ('submitted', 'in_review') AND batch_id IS NULL ORDER BY number"

FLOW = """\
slug: sample-grant
version: 1
name: 示例补助
initials: slbz
group: aid
audience: [member]
icon: aid
summary: 只给测试用
number_prefix: SG
limit_working_days: 2
subject: {name: real_name, id_no: id_no, division: division, summary: [real_name]}
eligibility: {text: 有困难的职工}
steps:
  - {name: 审定, role: desk, level: town, days: 2}
outcomes:
  - {kind: record_due, text: 列入待付款, params: {programme: mutual-aid, amount: fee}}
screens:
  - key: all
    title: 全部
    fields:
      - {name: real_name, label: 姓名, kind: name, required: true}
      - {name: id_no, label: 身份证号, kind: id_no, required: true}
      - {name: division, label: 乡镇街道, kind: division, required: true}
      - {name: fee, label: 金额, kind: money, required: true, rule: '>0'}
"""


async def prepare(cases: int) -> None:
    world = await build()
    owner = await person(world)
    for number in range(1, cases + 1):
        form = {"real_name": "王小测", "id_no": national.synthetic_id_no(BIRTHDAY, number), "division": "990121001"}
        form["fee"] = str(100 + number)
        await commands.submit(slug=SLUG, data=sent(form), actor=owner)


async def approve(numbers: list[str], desks: list[Actor]) -> None:
    """Each until it is known to be decided: an answer that was lost is asked for again."""
    for number in numbers:
        for pause in count():
            await asyncio.sleep(min(pause, 4) * 0.05)
            if await _attempt(number, desks):
                break


async def _attempt(number: str, desks: list[Actor]) -> bool:
    try:
        [case] = await database.rows("SELECT version, status FROM case_file WHERE number = %s", number)
    except Exception as error:
        return _failed(error)
    if case["status"] == "approved":
        return True
    answers = await asyncio.gather(
        *(decide(number, desk, "approve", case["version"]) for desk in desks), return_exceptions=True
    )
    for answer in answers:
        if answer is None:
            print("ok", number, flush=True)
        else:
            _failed(answer)
    return None in answers


async def approve_together(numbers: list[str], desk: Actor) -> None:
    """By a batch, which a worker runs. Its ten minutes are over at once."""
    while True:
        try:
            marks = ", ".join(["%s"] * len(numbers))
            found = await database.rows(f"SELECT number, version FROM case_file WHERE number IN ({marks})", *numbers)
            data = BatchInput(action="approve", cases=[BatchItem(**row) for row in found])
            await batches.start(data=data, actor=desk)
            break
        except Exception as error:
            if isinstance(error, AppError) and error.status < 500:
                return
            _failed(error)
            await asyncio.sleep(0.05)
    print("batch", " ".join(numbers), flush=True)


async def hurry() -> None:
    """What only time brings about: the end of the ten minutes."""
    while True:
        with contextlib.suppress(Exception):
            now = clock.now()
            await database.execute("UPDATE batch SET due_at = %s WHERE state = 'pending' AND due_at > %s", now, now)
            late = "UPDATE outbox SET next_at = %s WHERE topic = 'casework.BatchDue' AND next_at > %s AND attempts = 0"
            if await database.execute(late, now, now):
                queue.ring()
        await asyncio.sleep(0.2)


def _failed(error: Any) -> bool:
    code = error.code if isinstance(error, AppError) else f"{type(error).__name__}: {error}"
    print("failed", code, flush=True)
    return False


@contextlib.contextmanager
def without_guards() -> Iterator[None]:
    """No condition on the case, no unique decision, and an amount is written down however often it is granted."""
    insert_if_absent = database.insert_if_absent

    async def insert_anyway(name: str, row: dict[str, Any], *, key: str) -> bool:
        if name != "payment_due":
            return await insert_if_absent(name, row, key=key)
        await database.insert(name, row)
        return True

    async def twice(*_: Any) -> None:
        return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transitions, "_guard", lambda version, while_in: ("", []))
        patch.setattr(transitions, "decided_once", twice)
        patch.setattr(database, "insert_if_absent", insert_anyway)
        yield


async def work(writers: int, *, alone: bool) -> None:
    """One in three is decided by batches, the others by two desks at once; `alone` leaves out the batches."""
    found = await database.rows(
        "SELECT DISTINCT account_id FROM staff_post WHERE role = 'desk' AND union_id IN"
        " (SELECT desk_union_id FROM case_file) ORDER BY account_id"
    )
    desks = [await actor_of(row["account_id"], "李大明") for row in found]
    assert len(desks) == 2
    numbers = [row["number"] for row in await database.rows(_OPEN)]
    groups = [numbers[start : start + TOGETHER] for start in range(0, len(numbers), TOGETHER)]
    single = groups if alone else [some for place, some in enumerate(groups) if place % 3]
    together = [] if alone else groups[::3]
    shares = [[number for some in single[writer::writers] for number in some] for writer in range(writers)]
    pushing = asyncio.create_task(hurry())
    await asyncio.gather(
        *(approve(share, desks) for share in shares), *(approve_together(some, desks[0]) for some in together)
    )
    pushing.cancel()


async def main(word: str, number: int, guards: str = "") -> None:
    await startup.start(load_settings())
    if word == "prepare":
        await prepare(number)
    else:
        with without_guards() if guards == "unguarded" else contextlib.nullcontext():
            await work(number, alone=guards == "unguarded")
    await startup.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:4]))
