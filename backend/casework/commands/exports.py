"""Taking tables and attachments out: asked for with a reason, made by the worker piece by piece, gone after a week.

Each piece moves the cursor only from where it stands, in one transaction with the traces of those whose values it
opens: a step that was killed, repeated or run twice at the same time has its effect once.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import msgspec
import structlog

from backend.casework.commands import export_pieces
from backend.casework.commands.export_pieces import Around, Made
from backend.casework.enums import ExportFormat, ExportState
from backend.casework.events import ExportRequested
from backend.casework.protocols import ExportKind, ExportRow, ExportWanted
from backend.casework.queries.exporting import Checked, check, kept_to, kind_of
from backend.casework.queries.staff import actor_of
from backend.casework.schemas import ExportInput
from backend.core import audit, clock, database, files, ids, outbox, sequences
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import AppError, Conflict, Gone, NotFound, TooMany, invalid, sentence
from backend.core.reveal import trace_export
from backend.core.sheet_pieces import MAX_ROWS, Frame
from backend.core.zip_pieces import Entry

log = structlog.get_logger(__name__)

KEEP = timedelta(days=7)
LOST_AFTER = timedelta(days=1)
ROWS = 2_000
FILES = 1
MOST_UNFINISHED = 3
MAX_TRIES = 5
# Shorter than a reaction may take, so that other work has its turn between.
STEP_SECONDS = 8.0
_UNFINISHED = (ExportState.WAITING.value, ExportState.RUNNING.value)


# ---- asking -----------------------------------------------------------------------


async def request(*, data: ExportInput, actor: Actor) -> str:
    """The public id of an export that the worker will make."""
    return await _open(await check(data, actor), data, actor)


@command
async def _open(wanted: Checked, data: ExportInput, actor: Actor) -> str:
    unfinished = await database.scalar(
        "SELECT COUNT(*) FROM desk_export WHERE created_by = %s AND state IN (%s, %s)", actor.account_id, *_UNFINISHED
    )
    if unfinished >= MOST_UNFINISHED:
        raise TooMany("export_too_many", retry_after=60, limit=MOST_UNFINISHED)
    now, export_id, post = clock.now(), ids.new_id(), wanted.actor.posts[0]
    year = clock.today().year
    row = {
        "id": export_id,
        "number": f"DC{year}-{await sequences.next_number(f'export:{year}'):06d}",
        "kind": data.kind,
        "format": wanted.format.value,
        "filters": msgspec.json.encode(wanted.filters).decode(),
        "said": wanted.said,
        "reveal": wanted.reveal,
        "reason": data.reason.strip(),
        "created_by": actor.account_id,
        "union_id": post.union_id,
        "actor_label": f"{post.union_name} {actor.display}".strip()[:80],
        "state": ExportState.WAITING.value,
        "problem": "",
        "attempt": 1,
        "tries": 0,
        "total": 0,
        "done": 0,
        "parts": 0,
        "cursor": 0,
        "size": 0,
        "archive": "null",
        "created_at": now,
        "asked_at": now,
    }
    await database.insert("desk_export", row)
    detail = {"kind": data.kind, "format": wanted.format.value, "filters": wanted.filters, "reveal": wanted.reveal}
    await audit.record(actor, "export.requested", object_kind="export", object_id=export_id, detail=detail)
    await outbox.emit(ExportRequested(export_id, 1), key=f"{export_id}:1")
    return ids.public(export_id)


@command
async def restart(*, export: str, actor: Actor) -> None:
    """One's own that failed, from the beginning."""
    job = await _own(export, actor)
    changed = await database.execute(
        "UPDATE desk_export SET state = %s, problem = '', attempt = attempt + 1, tries = 0, total = 0, done = 0,"
        " parts = 0, `cursor` = 0, size = 0, archive = 'null', finished_at = NULL,"
        " asked_at = %s WHERE id = %s AND attempt = %s AND state = %s",
        ExportState.WAITING.value,
        clock.now(),
        job.id,
        job.attempt,
        ExportState.FAILED.value,
    )
    if not changed:
        raise Conflict("export_not_failed")
    await database.execute("DELETE FROM desk_export_part WHERE export_id = %s", job.id)
    await audit.record(actor, "export.restarted", object_kind="export", object_id=job.id)
    await outbox.emit(ExportRequested(job.id, job.attempt + 1), key=f"{job.id}:{job.attempt + 1}")


# ---- fetching ---------------------------------------------------------------------


class Download(msgspec.Struct, frozen=True):
    name: str
    media_type: str
    size: int
    content: AsyncIterator[bytes]


async def download(*, export: str, actor: Actor) -> Download:
    """The file, a piece at a time; each fetching stands in the audit log."""
    job, parts = await _note_download(export, actor)
    kind = _kind(job)
    name = export_pieces.file_name(kind.title, job.number, actor.display, job.format.value)
    return Download(name, export_pieces.MEDIA_TYPES[job.format], job.size, _content(parts))


@command
async def _note_download(export: str, actor: Actor) -> "tuple[_Job, list[int]]":
    job = await _own(export, actor)
    kept_to(actor, _kind(job), reveal=job.reveal)
    if job.state in _UNFINISHED or job.state == ExportState.FAILED:
        raise Conflict("export_not_done")
    if job.state != ExportState.DONE or job.expires_at is None or job.expires_at <= clock.now():
        raise Gone("export_expired")
    await audit.record(actor, "export.downloaded", object_kind="export", object_id=job.id)
    return job, [part.file_id for part in await _parts(job.id)]


async def _content(file_ids: list[int]) -> AsyncIterator[bytes]:
    for file_id in file_ids:
        _, piece = await files.read(file_id)
        yield piece


# ---- making -----------------------------------------------------------------------


class _Job(msgspec.Struct, kw_only=True):
    id: int
    number: str
    kind: str
    format: ExportFormat
    filters: dict[str, str]
    reveal: bool
    reason: str
    created_by: int
    actor_label: str
    state: ExportState
    attempt: int
    tries: int
    total: int
    done: int
    parts: int
    cursor: int
    size: int
    archive: str
    created_at: datetime
    expires_at: datetime | None

    @property
    def sheet(self) -> Entry | None:
        return msgspec.json.decode(self.archive, type=Entry | None)


class _Part(msgspec.Struct):
    file_id: int
    entries: list[Entry]


_COLUMNS = ", ".join(f"`{field.encode_name}`" for field in msgspec.structs.fields(_Job))
_JOB = f"SELECT {_COLUMNS} FROM desk_export"  # noqa: S608


async def run(export_id: int, attempt: int) -> bool:
    """Make pieces for some seconds; False when there is more to do."""
    until = clock.monotonic() + STEP_SECONDS
    while True:
        job = await _begin(export_id, attempt)
        if job is None:
            return True
        if job.tries > MAX_TRIES:
            await _fail(job, sentence("export_gave_up"))
            return True
        try:
            finished = await _piece(job)
        except AppError as error:
            if error.status == 503:  # the disk or the database: the same piece again, later
                raise
            await _fail(job, error.errors[0].message if error.errors else error.detail)
            return True
        if finished:
            return True
        if clock.monotonic() > until:
            return False


@command
async def _begin(export_id: int, attempt: int) -> _Job | None:
    """Count the try before the work: a piece that kills its worker each time ends the export with a sentence."""
    await database.execute(
        "UPDATE desk_export SET tries = tries + 1 WHERE id = %s AND attempt = %s AND state IN (%s, %s)",
        export_id,
        attempt,
        *_UNFINISHED,
    )
    return await database.view(
        _Job, f"{_JOB} WHERE id = %s AND attempt = %s AND state IN (%s, %s)", export_id, attempt, *_UNFINISHED
    )


async def _piece(job: _Job) -> bool:
    """The beginning, some rows, or the end. True when it was the end."""
    kind = _kind(job)
    actor = kept_to(await actor_of(job.created_by), kind, reveal=job.reveal)
    wanted = ExportWanted(actor=actor, filters=job.filters, reveal=job.reveal, through=job.id)
    if job.state == ExportState.WAITING:
        job.total = await _counted(kind, wanted)
        await _keep(job, await export_pieces.first(await _around(job, kind, wanted)), [], actor)
        return False
    around = await _around(job, kind, wanted)
    rows = await kind.rows(wanted, job.cursor, FILES if kind.opens else ROWS)
    if rows:
        made = await export_pieces.following(around, rows, done=job.done, size=job.size, sheet=job.sheet)
        await _keep(job, made, rows, actor)
        return False
    entries = [entry for part in await _parts(job.id) for entry in part.entries]
    await _keep(job, await export_pieces.last(around, entries, size=job.size, sheet=job.sheet), [], actor, end=True)
    # What a step that was killed or overtaken left behind.
    await files.erase(job.id, but={part.file_id for part in await _parts(job.id)})
    return True


async def _counted(kind: ExportKind, wanted: ExportWanted) -> int:
    total = await kind.count(wanted)
    if total > MAX_ROWS:
        raise invalid("filters", "export_too_many_rows", limit=MAX_ROWS, count=total)
    if total == 0:
        raise invalid("filters", "export_empty")
    return total


async def _around(job: _Job, kind: ExportKind, wanted: ExportWanted) -> Around:
    mark = f"{job.number} {job.actor_label} {clock.local(job.created_at):%Y-%m-%d %H:%M}"
    columns = await kind.columns(wanted) if kind.columns else ()
    frame = Frame(title=kind.title, mark=mark, columns=columns, rows=job.total)
    return Around(format=job.format, frame=frame, reason=job.reason)


async def _keep(job: _Job, made: Made, rows: list[ExportRow], actor: Actor, *, end: bool = False) -> None:
    """The piece on disk first, then all that says it is there, together."""
    name = f"{job.number}.{job.parts}"
    kept = await files.keep(made.content, name=name, media_type="application/octet-stream", owner_id=job.id)
    await _note_piece(job, kept.id, made, rows, actor, end=end)


@command
async def _note_piece(job: _Job, file_id: int, made: Made, rows: list[ExportRow], actor: Actor, *, end: bool) -> None:
    state, now = (ExportState.DONE, clock.now()) if end else (ExportState.RUNNING, None)
    guard, values = _where_it_stood(job)
    moved = await database.execute(
        "UPDATE desk_export SET state = %s, tries = 0, total = %s, done = done + %s, parts = parts + 1, `cursor` = %s,"  # noqa: S608
        f" size = size + %s, archive = %s, finished_at = %s, expires_at = %s WHERE id = %s{guard}",
        state.value,
        job.total,
        len(rows),
        rows[-1].key if rows else job.cursor,
        len(made.content),
        msgspec.json.encode(made.open_entry).decode(),
        now,
        now + KEEP if now else None,
        job.id,
        *values,
    )
    if not moved:
        log.info("export.overtaken", export_id=job.id)
        return
    entries = msgspec.json.encode(made.entries).decode()
    part = {"id": ids.new_id(), "export_id": job.id, "number": job.parts, "file_id": file_id, "entries": entries}
    await database.insert("desk_export_part", part)
    if job.reveal or _kind(job).opens:
        await trace_export(actor, {row.subject for row in rows if row.subject}, field=f"export:{job.number}")
    if end:
        await audit.record(actor, "export.made", object_kind="export", object_id=job.id, detail={"rows": job.done})


def _where_it_stood(job: _Job) -> tuple[str, list[object]]:
    """What makes a piece the next one; the race test shows what happens without it."""
    return " AND attempt = %s AND parts = %s AND state IN (%s, %s)", [job.attempt, job.parts, *_UNFINISHED]


async def _fail(job: _Job, problem: str) -> None:
    if await _note_failure(job, problem):
        await files.erase(job.id)


@command
async def _note_failure(job: _Job, problem: str) -> bool:
    """False when it was settled or started again meanwhile."""
    failed = await database.execute(
        "UPDATE desk_export SET state = %s, problem = %s, finished_at = %s"
        " WHERE id = %s AND attempt = %s AND state IN (%s, %s)",
        ExportState.FAILED.value,
        problem[:200],
        clock.now(),
        job.id,
        job.attempt,
        *_UNFINISHED,
    )
    if failed:
        await database.execute("DELETE FROM desk_export_part WHERE export_id = %s", job.id)
    return failed > 0


# ---- ending -----------------------------------------------------------------------


async def end_old(limit: int) -> int:
    """Delete files whose week is over and say of exports that nobody works on that they failed; how many there were."""
    now = clock.now()
    over = await database.views(
        _Job, f"{_JOB} WHERE state = %s AND expires_at <= %s LIMIT %s", ExportState.DONE.value, now, limit
    )
    for job in over:
        await _expire(job.id)
        await files.erase(job.id)
    lost = await database.views(
        _Job,
        f"{_JOB} WHERE state IN (%s, %s) AND asked_at <= %s LIMIT %s",
        *_UNFINISHED,
        now - LOST_AFTER,
        limit,
    )
    for job in lost:
        await _fail(job, sentence("export_gave_up"))
    return len(over) + len(lost)


@command
async def _expire(export_id: int) -> None:
    """The line stays: it says who took what out."""
    await database.execute("UPDATE desk_export SET state = %s WHERE id = %s", ExportState.EXPIRED.value, export_id)
    await database.execute("DELETE FROM desk_export_part WHERE export_id = %s", export_id)


async def _own(export: str, actor: Actor) -> _Job:
    job = await database.view(
        _Job, f"{_JOB} WHERE id = %s AND created_by = %s", ids.parse(export) or 0, actor.account_id
    )
    if job is None:
        raise NotFound("export_unknown")
    return job


async def _parts(export_id: int) -> list[_Part]:
    return await database.views(
        _Part, "SELECT file_id, entries FROM desk_export_part WHERE export_id = %s ORDER BY number", export_id
    )


def _kind(job: _Job) -> ExportKind:
    kind = kind_of(job.kind)
    if kind is None:
        raise Conflict("export_unknown")
    return kind
