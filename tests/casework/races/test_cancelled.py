"""People go away at every step of a submission and of a decision: it is done whole, or it never began."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest
import uvicorn

from backend.casework import commands
from backend.core import clock, database
from backend.core.actor import Actor
from backend.core.command import drain
from tests.cancelling import Progress, connections_in_use, watched
from tests.casework.browser import browse
from tests.casework.world import World, aid_form, decide, person, sent
from tests.servers import free_port

pytestmark = pytest.mark.slow

# How many rows one of these acts writes: a case that was filed has also come to a desk.
TABLES = {
    "submission": {"case_file": 1, "case_event": 1, "outbox": 2, "audit": 1},
    "decision": {"step_decision": 1, "case_event": 1, "outbox": 1, "audit": 1},
}


async def rows(act: str) -> list[int]:
    return [int(await database.scalar(f"SELECT COUNT(*) FROM {table}")) for table in TABLES[act]]


def times(act: str, before: list[int], after: list[int]) -> set[float]:
    """How often each table says that the act was done."""
    counts = zip(TABLES[act].values(), before, after, strict=True)
    return {(now - then) / rows_of_one for rows_of_one, then, now in counts}


async def cancelled(call: Callable[[], Awaitable[Any]], step: int) -> tuple[Progress, Any]:
    task = asyncio.ensure_future(call())
    progress = Progress(step, task.cancel)
    with watched(progress):
        [ended] = await asyncio.gather(task, return_exceptions=True)
        await drain()
    return progress, ended


async def at_every_step(act: str, make: Callable[[int], Awaitable[Callable[[], Awaitable[Any]]]]) -> None:
    """`make(n)` prepares the n-th call, each alike."""
    await (await make(1))()
    step, whole = 0, 0
    while True:
        call = await make(step + 2)
        before = await rows(act)
        progress, ended = await cancelled(call, step)
        assert connections_in_use() == 0, step
        if step >= len(progress.sent):
            assert times(act, before, await rows(act)) == {1}
            break
        assert isinstance(ended, asyncio.CancelledError), step
        began = any(sql.startswith("BEGIN") for sql in progress.sent[: step + 1])
        assert times(act, before, await rows(act)) == ({1} if began else {0}), (step, progress.sent[step])
        whole += began
        step += 1
    assert whole >= 8, progress.sent
    assert progress.sent[-1] == "COMMIT"


async def test_a_submission_is_filed_whole_or_not_at_all(world: World) -> None:
    async def make(sequence: int) -> Callable[[], Awaitable[str]]:
        owner = await person(world)
        form = sent(aid_form(world, sequence))
        return lambda: commands.submit(slug="sample-aid", data=form, actor=owner)

    await at_every_step("submission", make)


async def test_a_decision_is_made_whole_or_not_at_all(world: World) -> None:
    async def make(sequence: int) -> Callable[[], Awaitable[None]]:
        form = sent(aid_form(world, sequence, target_org=""))
        number = await commands.submit(slug="sample-aid", data=form, actor=await person(world))
        return lambda: decide(number, world.clerk, "reject", 1, comment="不符合条件")

    await at_every_step("decision", make)


@pytest.fixture
async def port(app: Any) -> AsyncIterator[int]:
    """The application behind a real server and a real socket, in this loop."""
    config = uvicorn.Config(app, port=free_port(), lifespan="off", log_config=None, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110 - the server tells it in no other way
        await asyncio.sleep(0.01)
    yield config.port
    server.should_exit = True
    await running


async def post_and_leave(port: int, request: bytes, step: int) -> Progress:
    """Send it; the connection is torn down when this statement is on its way. Wait for what goes on without us."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    progress = Progress(step, writer.transport.abort)
    with watched(progress):
        writer.write(request)
        with contextlib.suppress(ConnectionError, EOFError):
            await reader.readuntil(b"\r\n\r\n")
        deadline, seen = clock.monotonic() + 5, -1
        while clock.monotonic() < deadline and (len(progress.sent) != seen or connections_in_use()):
            seen = len(progress.sent)
            await asyncio.sleep(0.05)
        await drain()
    writer.close()
    return progress


async def test_a_phone_that_hangs_up_has_filed_one_case_and_hears_of_it_later(
    world: World, app: Any, port: int
) -> None:
    step, hung_up = 0, True
    while hung_up:
        owner = await person(world)
        request, again = await filing(owner, app, port, msgspec.json.encode({"form": aid_form(world, step + 1)}))
        before = await rows("submission")
        progress = await post_and_leave(port, request, step)
        hung_up = step < len(progress.sent)
        assert connections_in_use() == 0, step
        assert times("submission", before, await rows("submission")) in ({0}, {1}), step
        answer = await again()
        assert answer.status_code == 201, answer.text
        assert times("submission", before, await rows("submission")) == {1}, step
        step += 1
    assert step > 12


async def filing(owner: Actor, app: Any, port: int, body: bytes) -> tuple[bytes, Callable[[], Awaitable[Any]]]:
    """The request as it is on the wire, and the same once more from a phone that has its network back."""
    phone = await browse(app, owner)
    path, key = "/api/v1/services/sample-aid/cases", secrets.token_hex(8)
    lines = [
        f"POST {path} HTTP/1.1",
        f"host: 127.0.0.1:{port}",
        f"authorization: {phone.headers['authorization']}",
        f"idempotency-key: {key}",
        "content-type: application/json",
        f"content-length: {len(body)}",
    ]
    headers = {"idempotency-key": key, "content-type": "application/json"}
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body, lambda: phone.post(path, content=body, headers=headers)
