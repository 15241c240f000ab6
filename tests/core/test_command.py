"""Commands: one transaction each, whole or not at all, whoever goes away."""

import asyncio
import contextlib
import sqlite3

import pytest
from tortoise.exceptions import OperationalError

from backend.core import clock, database, ids
from backend.core import command as command_module
from backend.core.command import after_commit, command
from backend.core.errors import Conflict
from tests.conftest import ENGINE

only_sqlite = pytest.mark.skipif(ENGINE != "sqlite", reason="SQLite alone is one file that is locked as a whole")


async def put(name: str, value: int) -> None:
    await database.insert("sequence", {"name": name, "next": value})


async def value_of(name: str) -> int | None:
    return await database.scalar("SELECT next FROM sequence WHERE name = %s", name)


@command
async def write_two(first: str, second: str, *, fail: bool = False) -> str:
    await put(first, 1)
    if fail:
        raise Conflict("not_found")
    await put(second, 2)
    return "done"


async def test_a_command_commits_everything_it_wrote(db: None) -> None:
    assert await write_two("a", "b") == "done"
    assert (await value_of("a"), await value_of("b")) == (1, 2)


async def test_a_failed_command_leaves_nothing(db: None) -> None:
    with pytest.raises(Conflict):
        await write_two("a", "b", fail=True)
    assert await value_of("a") is None


async def test_a_joined_command_shares_the_outer_transaction(db: None) -> None:
    @command
    async def outer() -> None:
        await write_two("a", "b")
        raise Conflict("not_found")

    with pytest.raises(Conflict):
        await outer()
    assert (await value_of("a"), await value_of("b")) == (None, None)


async def test_a_swallowed_failure_of_a_joined_command_commits_nothing(db: None) -> None:
    @command
    async def outer() -> None:
        await put("outer", 1)
        with contextlib.suppress(Conflict):
            await write_two("a", "b", fail=True)

    with pytest.raises(RuntimeError, match="swallowed"):
        await outer()
    assert await value_of("outer") is None


async def test_a_task_started_inside_a_command_must_not_join_it(db: None) -> None:
    @command
    async def outer() -> None:
        await asyncio.create_task(write_two("a", "b"))

    with pytest.raises(RuntimeError, match="must not join"):
        await outer()


async def test_after_commit_runs_only_after_a_commit(db: None) -> None:
    rung: list[str] = []

    @command
    async def ring(fail: bool) -> None:
        after_commit(lambda: rung.append("rung"))
        if fail:
            raise Conflict("not_found")

    with pytest.raises(Conflict):
        await ring(True)
    assert rung == []
    await ring(False)
    assert rung == ["rung"]


async def test_concurrent_commands_lose_no_update(db: None) -> None:
    await put("counter", 0)

    @command
    async def count_up() -> None:
        await database.execute("UPDATE sequence SET next = next + 1 WHERE name = %s", "counter")

    await asyncio.gather(*(count_up() for _ in range(200)))
    assert await value_of("counter") == 200


async def in_opposite_orders() -> list[object]:
    """Sixty commands update the same six rows, every other one from behind; how each ended."""
    names = [f"row{number}" for number in range(6)]
    for name in names:
        await put(name, 0)

    @command
    async def touch(order: list[str]) -> None:
        for name in order:
            await database.execute("UPDATE sequence SET next = next + 1 WHERE name = %s", name)

    answers = await asyncio.gather(
        *(touch(names if number % 2 else names[::-1]) for number in range(60)), return_exceptions=True
    )
    done = sum(answer is None for answer in answers)
    assert [await value_of(name) for name in names] == [done] * 6
    return list(answers)


@pytest.mark.race(control="test_control_a_deadlock_that_is_not_run_again_is_an_answer")
async def test_deadlocks_are_run_again_until_they_succeed(db: None) -> None:
    """The database breaks them, nobody notices."""
    assert await in_opposite_orders() == [None] * 60


@pytest.mark.race(is_control=True)
async def test_control_a_deadlock_that_is_not_run_again_is_an_answer(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_module, "is_retryable", lambda exc: False)
    failed = [answer for answer in await in_opposite_orders() if answer is not None]
    if database.is_sqlite():
        # One command writes at a time there, so none waits for another; see the next test for what it retries.
        assert failed == []
    else:
        assert failed


async def write_while_another_process_does() -> None:
    """Another process holds the whole SQLite file for a twentieth of a second, and nobody waits for it."""
    await database.execute("PRAGMA busy_timeout = 0")
    main = next(row for row in await database.rows("PRAGMA database_list") if row["name"] == "main")
    other = sqlite3.connect(main["file"], isolation_level=None, check_same_thread=False)
    try:
        other.execute("BEGIN IMMEDIATE")
        asyncio.get_running_loop().call_later(0.05, other.execute, "COMMIT")
        await write_two("a", "b")
    finally:
        await asyncio.sleep(0.06)
        other.close()
        await database.execute("PRAGMA busy_timeout = 10000")


@only_sqlite
@pytest.mark.race(control="test_control_a_busy_file_that_is_not_tried_again_is_an_answer")
async def test_a_busy_file_is_tried_again(db: None) -> None:
    await write_while_another_process_does()
    assert (await value_of("a"), await value_of("b")) == (1, 2)


@only_sqlite
@pytest.mark.race(is_control=True)
async def test_control_a_busy_file_that_is_not_tried_again_is_an_answer(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_module, "is_retryable", lambda exc: False)
    with pytest.raises(OperationalError, match="locked"):
        await write_while_another_process_does()
    assert await value_of("a") is None


async def test_ids_rise_and_survive_their_public_form() -> None:
    made = [ids.new_id() for _ in range(1000)]
    assert made == sorted(set(made))
    assert [ids.parse(ids.public(one)) for one in made] == made


@pytest.mark.parametrize("text", ["", "0", "１" * 13, "z" * 13, "../../etc/pass", "0" * 14, "u" * 13])
async def test_a_made_up_public_id_is_nobody(text: str) -> None:
    assert ids.parse(text) is None


async def test_insert_if_absent_inserts_once(db: None) -> None:
    row = {"name": "once", "next": 1}
    assert await database.insert_if_absent("sequence", row, key="name") is True
    assert await database.insert_if_absent("sequence", row | {"next": 9}, key="name") is False
    assert await value_of("once") == 1
    assert clock.monotonic() > 0
