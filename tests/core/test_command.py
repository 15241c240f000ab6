"""Commands: one transaction each, whole or not at all, whoever goes away."""

import asyncio
import contextlib

import pytest

from backend.core import clock, database, ids
from backend.core.command import after_commit, command, drain
from backend.core.errors import Conflict


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


async def _cancel_after(steps: int, name: str) -> None:
    task = asyncio.create_task(write_two(f"{name}-a", f"{name}-b"))
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_a_cancelled_request_never_leaves_half_a_command(db: None) -> None:
    """Cancel at each of the first sixty steps of the loop: both rows or none, and no connection is lost."""
    for steps in range(60):
        await _cancel_after(steps, f"s{steps}")
    await drain()
    for steps in range(60):
        pair = await value_of(f"s{steps}-a"), await value_of(f"s{steps}-b")
        assert pair in ((None, None), (1, 2)), steps
    # Cancelled before its task began, a command may never have run; afterwards it always ends.
    assert await value_of("s59-a") == 1
    assert await write_two("last-a", "last-b") == "done"


async def test_concurrent_commands_lose_no_update(db: None) -> None:
    await put("counter", 0)

    @command
    async def count_up() -> None:
        await database.execute("UPDATE sequence SET next = next + 1 WHERE name = %s", "counter")

    await asyncio.gather(*(count_up() for _ in range(200)))
    assert await value_of("counter") == 200


@pytest.mark.race
async def test_deadlocks_are_run_again_until_they_succeed(db: None) -> None:
    """Sixty commands update the same rows in opposite orders; the database breaks them, nobody notices."""
    names = [f"row{n}" for n in range(6)]
    for name in names:
        await put(name, 0)

    @command
    async def touch(order: list[str]) -> None:
        for name in order:
            await database.execute("UPDATE sequence SET next = next + 1 WHERE name = %s", name)

    await asyncio.gather(*(touch(names if n % 2 else names[::-1]) for n in range(60)))
    assert [await value_of(name) for name in names] == [60] * 6


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
