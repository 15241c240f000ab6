"""The audit log shows any change, gap or cut tail in what was sealed."""

import pytest

from backend.core import audit, clock, database
from backend.core.actor import SYSTEM
from backend.core.command import command


@command
async def act(count: int) -> None:
    for n in range(count):
        await audit.record(SYSTEM, "test.act", object_kind="thing", object_id=n, detail={"step": n})


@pytest.fixture
async def sealed(db: None, freeze) -> list[int]:
    freeze("2026-03-10T09:00:00+08:00")
    await act(5)
    clock.advance(minutes=1)
    assert await audit.seal() == 5
    await act(4)
    clock.advance(minutes=1)
    assert await audit.seal() == 4
    return [row["id"] for row in await database.rows("SELECT id FROM audit ORDER BY id")]


async def test_an_untouched_log_holds(sealed: list[int]) -> None:
    assert await audit.verify() == []


async def test_young_rows_wait(db: None, freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    await act(3)
    assert await audit.seal() == 0


async def test_a_changed_row_is_found(sealed: list[int]) -> None:
    await database.execute("UPDATE audit SET action = %s WHERE id = %s", "test.other", sealed[6])
    assert [finding.problem for finding in await audit.verify()] == ["a row was changed"]


async def test_a_deleted_row_is_found(sealed: list[int]) -> None:
    await database.execute("DELETE FROM audit WHERE id = %s", sealed[1])
    assert [(finding.seal_id, finding.problem) for finding in await audit.verify()] == [
        (1, "5 rows were sealed, 4 are there")
    ]


async def test_a_row_slipped_into_a_sealed_range_is_found(sealed: list[int]) -> None:
    await database.execute("UPDATE audit SET id = id - 1 WHERE id = %s", sealed[0])
    assert [finding.problem for finding in await audit.verify()] == ["a row was changed"]


async def test_a_missing_seal_is_found(sealed: list[int]) -> None:
    await database.execute("DELETE FROM audit_seal WHERE id = 1")
    assert "a seal is missing before this one" in [finding.problem for finding in await audit.verify()]


async def test_a_seal_made_without_our_key_is_found(sealed: list[int]) -> None:
    await database.execute("UPDATE audit_seal SET signature = %s WHERE id = 2", "0" * 64)
    assert [finding.problem for finding in await audit.verify()] == ["the seal was not made with our key"]


async def test_a_cut_tail_is_found_by_the_anchor(sealed: list[int], tmp_path) -> None:
    anchor = tmp_path / "audit-head"
    await audit.seal_all(anchor)
    assert await audit.verify(anchor) == []
    await database.execute("DELETE FROM audit_seal WHERE id = 2")
    await database.execute("DELETE FROM audit WHERE id >= %s", sealed[5])
    assert [finding.problem for finding in await audit.verify()] == []
    assert [finding.problem for finding in await audit.verify(anchor)] == ["the end of the log was cut off"]
