"""Imports that are killed, repeated, run twice at once or overtaken: the result is that of one clean run."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from backend.core import database, ids
from backend.core.actor import Actor
from backend.membership import commands, queries, roll
from backend.membership.commands import roll_chunks
from tests.membership.rolls import counts, line, request, roll_as_stored, run
from tests.membership.samples import Tree, admit, clerk
from tests.unguarded import without_keys, without_words


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roll_chunks, "CHUNK_ROWS", 10)
    monkeypatch.setattr("backend.membership.commands.roll.CHUNK_ROWS", 10)


class Killed(BaseException):
    """As if the process ended here: nothing of ours catches it."""


def dying(plain: Callable[..., Awaitable[object]], *, late: bool) -> Callable[..., Awaitable[object]]:
    async def dies(*args: object) -> object:
        if late:
            await plain(*args)
        raise Killed

    return dies


async def test_killed_in_the_middle_of_any_step_and_started_again(
    tree: Tree, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part of a chunk is interrupted before it ran and after it ran."""
    actor = await clerk(tree.town)
    rows = [line(number) for number in range(1, 36)] + [line(1), line(2, name="")]
    import_id = await request(actor, rows)
    number = ids.parse(import_id) or 0
    assert not await commands.import_chunk(number)

    for chunk, name in enumerate(("_surroundings", "_write", "_report", "_count"), start=1):
        for late in (False, True):
            before = await roll_as_stored()
            with monkeypatch.context() as patched, pytest.raises(Killed):
                patched.setattr(roll_chunks, name, dying(getattr(roll_chunks, name), late=late))
                await commands.import_chunk(number)
            assert await roll_as_stored() == before
        assert await commands.import_chunk(number) == (chunk == 4)

    view = await queries.import_view(import_id, actor)
    assert (view.state, view.total, view.done, counts(view)) == ("done", 37, 37, (35, 0, 0, 2))
    assert [row.row_no for row in view.rows] == list(range(2, 39))
    numbers = [row["member_no"] for row in await database.rows("SELECT member_no FROM member")]
    assert len(set(numbers)) == 35


async def test_a_large_sheet_outlasts_a_step(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is being read, steps end without doing anything; none of them begins to read again."""
    actor = await clerk(tree.town)
    import_id = await request(actor, [line(1), line(2)])
    number = ids.parse(import_id) or 0
    may_go_on, begun = threading.Event(), []
    plain = roll.read_rows

    def slowly(content: bytes) -> list[roll.RawRow]:
        begun.append(True)
        may_go_on.wait(30)
        return plain(content)

    monkeypatch.setattr(roll, "read_rows", slowly)
    monkeypatch.setattr("backend.membership.commands.roll.READING_STEP", 0.01)

    for _ in range(3):
        assert not await commands.import_chunk(number)
        assert (await queries.import_view(import_id, actor)).state == "waiting"
    may_go_on.set()
    await run(import_id)

    assert counts(await queries.import_view(import_id, actor)) == (2, 0, 0, 0)
    assert begun == [True]


async def forty_rows_by_three_workers(actor: Actor) -> str:
    import_id = await request(actor, [line(number) for number in range(1, 41)])
    number = ids.parse(import_id) or 0
    for _ in range(10):
        await asyncio.gather(*(commands.import_chunk(number) for _ in range(3)), return_exceptions=True)
    return import_id


@pytest.mark.race(is_control=True)
async def test_control_without_the_cursor_rows_are_worked_twice(tree: Tree, small_chunks: None) -> None:
    """The engines count rows that changed, so the UPDATE also has to change something for the second worker."""
    moved = "SET done = %s WHERE id = %s AND done = %s AND state = %s"
    always = "SET done = %s, updated = updated + 1 WHERE id = %s AND %s >= 0 AND state = %s"
    async with without_keys("roll_import_row"):
        with without_words(moved, always):
            await forty_rows_by_three_workers(await clerk(tree.town))
        assert await database.scalar("SELECT COUNT(*) FROM roll_import_row") > 40


@pytest.mark.race(control="test_control_without_the_cursor_rows_are_worked_twice")
async def test_steps_run_twice_at_once_count_once(tree: Tree, small_chunks: None) -> None:
    actor = await clerk(tree.town)
    import_id = await forty_rows_by_three_workers(actor)
    view = await queries.import_view(import_id, actor)
    assert (view.state, view.done, counts(view)) == ("done", 40, (40, 0, 0, 0))
    assert await database.scalar("SELECT COUNT(*) FROM member") == 40
    assert await database.scalar("SELECT COUNT(*) FROM roll_import_row") == 40


async def test_somebody_joins_while_their_row_is_decided(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = await clerk(tree.town)
    import_id = await request(actor, [line(1), line(2)])
    number = ids.parse(import_id) or 0
    await commands.import_chunk(number)
    plain, joined = roll_chunks._surroundings, []

    async def too_early(*args: object) -> object:
        """What was known before the other transaction committed."""
        around = await plain(*args)  # type: ignore[arg-type]
        if not joined:
            joined.append(True)
            around.known.clear()
        return around

    await admit(tree.couriers, 1, id_no=line(1)[1], name=line(1)[0], phone=line(1)[2])
    monkeypatch.setattr(roll_chunks, "_surroundings", too_early)

    assert await commands.import_chunk(number)

    view = await queries.import_view(import_id, actor)
    assert (view.added, view.updated + view.unchanged, view.refused) == (1, 1, 0)
    assert await database.scalar("SELECT COUNT(*) FROM member") == 2
