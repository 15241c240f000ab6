"""An export made by real worker processes that are killed in the middle of it: every row is there once, in order.

Run by itself: `pytest tests/chaos/test_export.py`, with UNION_TEST_ENGINE=mariadb for the other engine.
"""

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from backend import bindings
from backend.casework import catalogue, queries
from backend.casework.commands import exports
from backend.casework.schemas import ExportInput
from backend.core import clock, crypto, database, doorbell, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.models import AccessTrace, StoredFile
from backend.core.settings import CONFIG_DIR, Settings
from tests.casework.exports import csv_rows
from tests.casework.world import new_union, staff
from tests.scale import sized
from tests.servers import Redis, private_redis
from tests.worker_processes import Workers, worker_processes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(sized(300, 3_600))]

MEMBERS = sized(20_000, 200_000)
ENROLLED_AT_ONCE = 1_000
KILLS = sized(1, 20)
COLUMNS = (
    "id, member_no, name, initials, id_no_index, id_no_sealed, phone_sealed, gender, birth_year, birth_month,"
    " household_province, status, status_since, union_id, division, employ_form, newform_group, employer, joined_on,"
    " version, created_at"
)


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with private_redis() as server:
        yield server


@pytest.fixture
def workers(redis: Redis, settings: Settings, tmp_path: Path) -> Iterator[Workers]:
    with worker_processes(settings, redis, tmp_path) as made:
        yield made


@pytest.fixture
async def manager(db: None, kernel: None, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """Of a county with all its members in one union."""
    monkeypatch.setattr(catalogue, "_current", catalogue.open_catalogue(CONFIG_DIR, bindings.BINDINGS))
    county = await new_union("星城县总工会", "county", "990121", None)
    await _enrol(county.id)
    return await staff("吴小安", (county, "admin"))


async def _enrol(union_id: int) -> None:
    for start in range(0, MEMBERS, ENROLLED_AT_ONCE):
        await _enrol_some(union_id, range(start, min(start + ENROLLED_AT_ONCE, MEMBERS)))


@command
async def _enrol_some(union_id: int, numbers: range) -> None:
    marks = ", ".join(["%s"] * len(COLUMNS.split(",")))
    await database.execute_many(
        f"INSERT INTO member ({COLUMNS}) VALUES ({marks})", [_member(number, union_id) for number in numbers]
    )


def _member(number: int, union_id: int) -> list[object]:
    member_id, day = ids.new_id(), date(2026, 3, 10)
    sealed = crypto.seal(f"99000119900307{number:04d}", context=f"member/id_no/{member_id}")
    who: list[object] = [member_id, f"99{number:08d}", "王小测", "wxc", str(number), sealed, "", "m", 1990, 3, ""]
    return [*who, "active", day, union_id, "990121001", "", "", "", day, 1, clock.now()]


async def test_killed_workers_lose_and_double_no_row(manager: Actor, workers: Workers, redis: Redis) -> None:
    await doorbell.connect_redis(redis.url)
    workers.start(2)
    data = ExportInput(kind="members", reason="名册核对", format="csv", reveal=True)
    export = await exports.request(data=data, actor=manager)
    number = ids.parse(export) or 0

    async def written() -> int:
        return int(await database.scalar("SELECT done FROM desk_export WHERE id = %s", number))

    for kill in range(KILLS):
        goal = MEMBERS * (kill + 1) // (KILLS + 2)

        async def reached(goal: int = goal) -> bool:
            return await written() >= goal

        # A lease of the one that is killed has to end first.
        await workers.until(reached, seconds=90, what=f"{goal} rows")
        for child in random.sample(workers.children, len(workers.children)):
            await workers.kill9(child)

    async def ended() -> bool:
        return await database.scalar("SELECT state FROM desk_export WHERE id = %s", number) in ("done", "failed")

    await workers.until(ended, seconds=120, what="the export")
    await doorbell.disconnect()
    view = await queries.own_export(export, manager)
    assert (view.state, view.problem, view.rows, view.total) == ("done", "", MEMBERS, MEMBERS)
    file = await exports.download(export=export, actor=manager)
    _, *rows = csv_rows(b"".join([piece async for piece in file.content]))
    assert [row[0].strip() for row in rows] == [f"99{one:08d}" for one in range(MEMBERS)]
    assert await AccessTrace.all().count() == MEMBERS
    pieces = await database.scalar("SELECT COUNT(*) FROM desk_export_part WHERE export_id = %s", number)
    assert await StoredFile.filter(owner_id=number).count() == pieces
