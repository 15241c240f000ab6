"""Writing the large county: chunk by chunk, each whole or not at all, in several processes where the engine can."""

import asyncio
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import Any

from tortoise import Tortoise

from backend.casework.commands import tallies
from backend.core import audit, clock, database, ids, pinyin, reference
from backend.core.actor import SYSTEM
from backend.core.command import command
from backend.core.settings import Settings, SettingsError
from backend.demo import places
from backend.demo.bulk import figures, files, people
from backend.demo.bulk.people import Rows
from backend.demo.bulk.plan import Plan, draw_up
from backend.startup import start, stop

CHUNK = 2_000
CHUNKS_A_PROCESS = 5
MEMBERS_A_UNIT, MOST_UNITS = 500, 3_000
_CHUNK_OF_SLICES = 50
_TABLES = (
    "member",
    "membership_change",
    "account",
    "case_file",
    "case_key",
    "case_event",
    "step_decision",
    "case_tally",
)
MOST_MEMBERS, MOST_CASES_A_MEMBER = 10_000_000, 100

_MAKERS: dict[str, Callable[[Plan, range, str], Rows]] = {
    "members": people.member_rows,
    "cases": files.case_rows,
    "months": figures.tally_rows,
}
# Where the plan and each finished chunk are noted.
_MARK = "demo:"

Say = Callable[[str], None]


async def build(settings: Settings, *, members: int, cases: int, say: Say) -> None:
    """Bring the demo county up to so many members and cases. Begun and interrupted, it goes on where it was."""
    if not 1 <= members <= MOST_MEMBERS or not 0 <= cases <= members * MOST_CASES_A_MEMBER:
        raise SettingsError(f"members must be 1 to {MOST_MEMBERS:,}, and cases at most {MOST_CASES_A_MEMBER} a member")
    plan = await _plan(members, cases)
    for what in _MAKERS:
        total, size = _size(plan, what)
        waiting = await _waiting(what, -(-total // size))
        if not waiting:
            continue
        began = time.monotonic()
        await _spread(settings, plan, what, waiting, say)
        say(f"{what}: {total:,} in place after {time.monotonic() - began:.0f} s")
    await _count_own(plan)
    await _refresh_statistics()


def _size(plan: Plan, what: str) -> tuple[int, int]:
    """How many there will be, and how many are written in one transaction."""
    sizes = {"members": (plan.members, plan.chunk), "cases": (plan.cases, plan.chunk)}
    return sizes.get(what) or (len(figures.months(plan)), 1)


async def _count_own(plan: Plan) -> None:
    """The county had cases before: their slices are counted again, with what came to them."""
    for row in await database.rows("SELECT id FROM case_file WHERE id > %s", (plan.cases + 1) << 12):
        await tallies.mark(row["id"])
    while await tallies.recount(_CHUNK_OF_SLICES) == _CHUNK_OF_SLICES:
        pass


# ---- the plan ---------------------------------------------------------------------


async def _plan(members: int, cases: int) -> Plan:
    """The one that was begun, or a new one for what is missing. Another size than was begun is refused."""
    kept = await _marks("plan:")
    if not kept:
        kept = await _begin(members, cases)
    if (kept["members"], kept["cases"]) != (members, cases):
        raise SettingsError(
            f"this county was planned with {kept['members']:,} members and {kept['cases']:,} cases;"
            " give the same numbers to go on, or build another in an empty place"
        )
    until = datetime.fromtimestamp(kept["until"], UTC)
    return await draw_up(members=kept["new_members"], cases=kept["new_cases"], chunk=kept["chunk"], until=until)


@command
async def _begin(members: int, cases: int) -> dict[str, int]:
    there = {"members": await _count("member"), "cases": await _count("case_file")}
    if members < there["members"] or cases < there["cases"]:
        raise SettingsError(f"the county has {there['members']:,} members and {there['cases']:,} cases already")
    kept = {
        "members": members,
        "cases": cases,
        "new_members": max(1, members - there["members"]),
        "new_cases": max(1, cases - there["cases"]),
        "chunk": CHUNK,
        "until": int(clock.now().timestamp()),
    }
    for name, value in kept.items():
        await database.insert("sequence", {"name": f"{_MARK}plan:{name}", "next": value})
    await _insert("union_org", await _units(members))
    return kept


async def _count(table: str) -> int:
    return int(await database.scalar(f"SELECT COUNT(*) FROM {table}"))  # noqa: S608 - names from code only


async def _marks(kind: str) -> dict[str, int]:
    begin = f"{_MARK}{kind}"
    found = await database.rows("SELECT name, next FROM sequence WHERE name LIKE %s", begin + "%")
    return {row["name"].removeprefix(begin): row["next"] for row in found}


async def _units(members: int) -> list[dict[str, Any]]:
    """Workplaces below the towns, so that no union is absurdly large."""
    towns = await database.rows("SELECT id, path, division FROM union_org WHERE level = 'town' AND state = 'active'")
    by_division = {row["division"]: row for row in towns}
    made = []
    for number in range(min(members // MEMBERS_A_UNIT, MOST_UNITS)):
        town = places.TOWNS[number % len(places.TOWNS)]
        above, unit_id = by_division[town.division], (number + 1) << 12
        name = f"{town.name}第{number // len(places.TOWNS) + 1}企业工会"
        made.append(
            {
                "id": unit_id,
                "name": name,
                "initials": pinyin.initials(name)[:80],
                "kind": "grassroots",
                "level": "unit",
                "parent_id": above["id"],
                "path": f"{above['path']}{ids.public(unit_id)}/",
                "division": town.division,
                "created_at": clock.now(),
            }
        )
    return made


# ---- the chunks -------------------------------------------------------------------


async def _waiting(what: str, chunks: int) -> list[int]:
    done = {int(number) for number in await _marks(f"{what}:")}
    return [number for number in range(chunks) if number not in done]


async def _spread(settings: Settings, plan: Plan, what: str, waiting: list[int], say: Say) -> None:
    """SQLite has one writer, so it gets one process: this one. Others start only where there is work for them."""
    count = 1 if database.is_sqlite() else min(os.cpu_count() or 1, -(-len(waiting) // CHUNKS_A_PROCESS))
    if count == 1:
        await _write_all(plan, what, waiting, say)
        return
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(count, get_context("spawn"), _end_with, (os.getpid(),)) as pool:
        shares = [waiting[first::count] for first in range(count)]
        await asyncio.gather(*(loop.run_in_executor(pool, _process, settings, plan, what, share) for share in shares))


def _end_with(parent: int) -> None:
    """However the build ends: another may go on with it at once."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _process(settings: Settings, plan: Plan, what: str, share: list[int]) -> None:
    asyncio.run(_connected(settings, plan, what, share))


async def _connected(settings: Settings, plan: Plan, what: str, share: list[int]) -> None:
    await start(settings)
    try:
        await _write_all(plan, what, share, lambda text: print(text, flush=True))
    finally:
        await stop()


async def _write_all(plan: Plan, what: str, numbers: Iterable[int], say: Say) -> None:
    for done, number in enumerate(numbers, start=1):
        await write_chunk(plan, what, number)
        if done % 25 == 0:
            say(f"{what}: chunk {number}")


@command
async def write_chunk(plan: Plan, what: str, number: int) -> None:
    """The rows of one chunk and its mark, or nothing."""
    total, size = _size(plan, what)
    numbers = range(number * size, min((number + 1) * size, total))
    await database.insert("sequence", {"name": f"{_MARK}{what}:{number}", "next": 0})
    if what == "months":
        await database.execute("DELETE FROM case_tally WHERE month = %s", figures.months(plan)[number])
    for table, rows in _MAKERS[what](plan, numbers, reference.settings().county_division).items():
        await _insert(table, rows)
    detail = {"from": numbers.start, "to": numbers.stop}
    await audit.record(SYSTEM, f"demo.{what}", object_kind="demo", object_id=number, detail=detail)


async def _insert(table: str, rows: list[dict[str, Any]]) -> None:
    """Columns that the rows do not name get what the model says; those that may be empty are left out."""
    if not rows:
        return
    default = {name: value for name, value in _defaults(table).items() if name not in rows[0]}
    columns = ", ".join(f"`{name}`" for name in [*rows[0], *default])
    marks = ", ".join(["%s"] * (len(rows[0]) + len(default)))
    tail = list(default.values())
    await database.execute_many(
        f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608 - names from code only
        [[*row.values(), *tail] for row in rows],
    )


def _defaults(table: str) -> dict[str, Any]:
    model = next(one for one in Tortoise.apps["union"].values() if one._meta.db_table == table)
    return {name: one.default for name, one in model._meta.fields_map.items() if not one.pk and not one.null}


async def _refresh_statistics() -> None:
    """After a bulk load the optimiser still believes that the tables are empty."""
    for table in _TABLES:
        statement = f"ANALYZE {table}" if database.is_sqlite() else f"ANALYZE TABLE {table}"
        await database.rows(statement)
