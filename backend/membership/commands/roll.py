"""Bringing in an existing roll: a sheet is taken, cut into sealed chunks, and worked chunk by chunk.

Each step is one transaction that moves the cursor `done` only from where it stands, so a step that was
killed, repeated or run twice at the same time has its effect once.
"""

import asyncio
import threading
from concurrent.futures import Future

import msgspec
import structlog
from tortoise.exceptions import IntegrityError

from backend.core import audit, clock, crypto, database, files, ids, outbox, sheets
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import AppError
from backend.membership import roll
from backend.membership.commands.roll_chunks import CHUNK_ROWS, ImportJob, work_chunk
from backend.membership.enums import ImportState
from backend.membership.events import RollImportFinished, RollImportRequested
from backend.unions import queries as unions

log = structlog.get_logger(__name__)

IMPORT = "member.import"
_RACES = 3
# How long one step waits for a sheet that is being read; the next step goes on waiting.
READING_STEP = 15.0

_readings: dict[int, "Future[_Prepared | Exception]"] = {}


async def request_import(actor: Actor, *, content: bytes, name: str, union: str, dry_run: bool) -> str:
    """Take the sheet of a roll; its import follows. `union` bounds which unions its rows may name."""
    place = await unions.place_in_scope(union, actor, IMPORT)
    await asyncio.to_thread(sheets.check, content)
    # Never handed out again, and read by what it contains.
    kept = await files.keep(content, name=name, media_type="application/octet-stream", owner_id=actor.account_id)
    return await _open_import(actor, file_id=kept.id, union_id=place.id, dry_run=dry_run)


@command
async def _open_import(actor: Actor, *, file_id: int, union_id: int, dry_run: bool) -> str:
    import_id = ids.new_id()
    await database.insert(
        "roll_import",
        {
            "id": import_id,
            "union_id": union_id,
            "created_by": actor.account_id,
            "file_id": file_id,
            "dry_run": dry_run,
            "state": ImportState.WAITING.value,
            "problem": "",
            "total": 0,
            "done": 0,
            "added": 0,
            "updated": 0,
            "unchanged": 0,
            "refused": 0,
            "created_at": clock.now(),
        },
    )
    detail = {"union_id": union_id, "dry_run": dry_run}
    await audit.record(actor, "roll_import.requested", object_kind="roll_import", object_id=import_id, detail=detail)
    await outbox.emit(RollImportRequested(import_id), key=str(import_id))
    return ids.public(import_id)


async def import_chunk(import_id: int) -> bool:
    """One step of an import; True when there is nothing left to do. Call it again until then.

    The first steps read the sheet and set its rows aside; each further one works about 500 of them.
    """
    job = await _job(import_id)
    if job is None or job.state in (ImportState.DONE, ImportState.FAILED):
        return True
    if job.state == ImportState.WAITING:
        return await _prepare(job)
    for _ in range(_RACES):
        try:
            return await work_chunk(job)
        except IntegrityError:
            # Somebody joined by application while this chunk was decided; now their record is seen.
            log.info("roll_import.race", import_id=import_id)
    return await work_chunk(job)


async def _job(import_id: int) -> ImportJob | None:
    return await database.view(
        ImportJob,
        "SELECT i.id, i.union_id, u.path AS union_path, i.created_by, i.file_id, i.dry_run, i.state, i.total, i.done"
        " FROM roll_import i JOIN union_org u ON u.id = i.union_id WHERE i.id = %s",
        import_id,
    )


async def _prepare(job: ImportJob) -> bool:
    try:
        prepared = await _read(job)
    except AppError as exc:
        await _fail(job, exc.errors[0].message if exc.errors else exc.detail)
        return True
    if prepared is not None:
        await _set_aside(job, prepared)
    return False


async def _read(job: ImportJob) -> "_Prepared | None":
    """The sheet's rows, or None while they are still being read: a large one outlasts any task."""
    reading = _readings.get(job.id)
    if reading is None:
        _, content = await files.read(job.file_id)
        reading = _readings[job.id] = _start_reading(content)
    await asyncio.wait({asyncio.wrap_future(reading)}, timeout=READING_STEP)
    if not reading.done():
        return None
    _readings.pop(job.id, None)
    outcome = reading.result()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _start_reading(content: bytes) -> "Future[_Prepared | Exception]":
    """In a thread that nobody waits for when the process stops: it changes nothing outside of it.

    An error is its result: a step that stopped waiting must not leave one that nobody looks at.
    """
    reading: Future[_Prepared | Exception] = Future()

    def read() -> None:
        try:
            reading.set_result(_read_and_seal(content))
        except Exception as exc:
            reading.set_result(exc)

    threading.Thread(target=read, name="roll", daemon=True).start()
    return reading


class _Prepared(msgspec.Struct):
    """`chunks` are (id, start, sealed rows): they hold identity numbers, so not even for minutes readable."""

    total: int
    chunks: list[tuple[int, int, str]]


def _read_and_seal(content: bytes) -> _Prepared:
    rows = roll.read_rows(content)
    chunks = []
    for start in range(0, len(rows), CHUNK_ROWS):
        chunk_id = ids.new_id()
        text = msgspec.json.encode(rows[start : start + CHUNK_ROWS]).decode()
        chunks.append((chunk_id, start, crypto.seal(text, context=f"roll_import_chunk/sealed/{chunk_id}")))
    return _Prepared(len(rows), chunks)


@command
async def _set_aside(job: ImportJob, prepared: _Prepared) -> None:
    started = await database.execute(
        "UPDATE roll_import SET state = %s, total = %s WHERE id = %s AND state = %s",
        ImportState.RUNNING.value,
        prepared.total,
        job.id,
        ImportState.WAITING.value,
    )
    if not started:
        return
    for chunk_id, start, sealed in prepared.chunks:
        await database.insert(
            "roll_import_chunk", {"id": chunk_id, "import_id": job.id, "start": start, "sealed": sealed}
        )


@command
async def _fail(job: ImportJob, problem: str) -> None:
    failed = await database.execute(
        "UPDATE roll_import SET state = %s, problem = %s, finished_at = %s WHERE id = %s AND state = %s",
        ImportState.FAILED.value,
        problem[:200],
        clock.now(),
        job.id,
        ImportState.WAITING.value,
    )
    if failed:
        await outbox.emit(RollImportFinished(job.id), key=str(job.id))
