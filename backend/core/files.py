"""Files on disk: recognised by content, cleaned, encrypted, written whole or not at all.

A blob comes before its row, so a crash leaves at worst a blob without a row, which `sweep_orphans`
removes. Nothing here may run inside a command: writing to a disk cannot be rolled back.
"""

import asyncio
import errno
import os
import re
import unicodedata
from collections.abc import Collection, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import structlog

from backend.core import clock, crypto, database, ids, images, pdf_safety, reference
from backend.core.command import command, in_command
from backend.core.errors import Gone, NotFound, TooLarge, TooMany, Unavailable, UnsupportedMedia, invalid
from backend.core.models import StoredFile

log = structlog.get_logger(__name__)

MAX_BYTES = 10 * 1024 * 1024
FILES_A_DAY = 50
# A window takes in the papers of everybody who comes.
FILES_A_DAY_AT_WINDOW = 1_000
# Longer than any upload runs, shorter than the hour after which doctor complains.
ORPHAN_AGE = timedelta(minutes=30)

PDF = "application/pdf"
_EXTENSIONS = {
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "image/png": ("png",),
    "image/webp": ("webp",),
    PDF: ("pdf",),
}
_DECLARED_ALIASES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}
_UNDECLARED = ("", "application/octet-stream", "binary/octet-stream")
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,5})\Z")
_FORBIDDEN_IN_NAMES = re.compile(r'[<>:"|?*\\/]')
MAX_NAME = 100


async def store(
    content: bytes, *, name: str, owner_id: int, declared: str = "", a_day: int = FILES_A_DAY
) -> StoredFile:
    """Take an upload: JPEG, PNG, WebP or PDF up to 10 MB, at most so many `a_day` of one owner.

    `declared` is the media type the sender named; it and the name's extension may be missing but must not
    contradict the content. Pictures are re-encoded, so size, hash and type are those of what is kept.
    """
    if len(content) > MAX_BYTES:
        raise TooLarge("file_too_large")
    media_type = recognise(content, name=name, declared=declared)
    await _require_quota(owner_id, a_day)
    if media_type == PDF:
        await asyncio.to_thread(pdf_safety.check, content)
        return await keep(content, name=name, media_type=PDF, owner_id=owner_id)
    image = await images.clean(content, media_type=media_type)
    return await keep(
        image.content,
        name=name,
        media_type=image.media_type,
        owner_id=owner_id,
        width=image.width,
        height=image.height,
    )


def recognise(content: bytes, *, name: str, declared: str = "") -> str:
    """The media type by the first bytes, if name and declared type agree with it."""
    if not content:
        raise invalid("file", "file_empty")
    media_type = _sniff(content)
    extension = _EXTENSION.search(name)
    # "发票.2024" has no extension; one of digits alone is a part of the name.
    if extension and not extension[1].isdigit() and extension[1].lower() not in _EXTENSIONS[media_type]:
        raise UnsupportedMedia("file_type_mismatch")
    said = declared.partition(";")[0].strip().lower()
    if said not in _UNDECLARED and _DECLARED_ALIASES.get(said, said) != media_type:
        raise UnsupportedMedia("file_type_mismatch")
    return media_type


def _sniff(content: bytes) -> str:
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    if re.match(rb"%PDF-[12]\.[0-9]", content):
        return PDF
    if content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"heim", b"mif1", b"msf1", b"hevc"):
        raise UnsupportedMedia("file_is_heic")
    raise UnsupportedMedia("file_type_refused")


async def _require_quota(owner_id: int, a_day: int) -> None:
    since = clock.start_of(clock.today())
    stored = await database.scalar(
        "SELECT COUNT(*) FROM stored_file WHERE owner_id = %s AND created_at >= %s", owner_id, since
    )
    if stored >= a_day:
        left = since + timedelta(days=1) - clock.now()
        raise TooMany("too_many_files", retry_after=int(left.total_seconds()) + 1, limit=a_day)


async def keep(
    content: bytes, *, name: str, media_type: str, owner_id: int, width: int = 0, height: int = 0
) -> StoredFile:
    """Encrypt and write what is already known to be harmless; no limit, no quota, any type."""
    if in_command():
        raise RuntimeError("a file cannot be written inside a command")
    row = StoredFile(
        id=ids.new_id(),
        owner_id=owner_id,
        name=safe_name(name, media_type),
        media_type=media_type,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        width=width,
        height=height,
        created_at=clock.now(),
    )
    await asyncio.to_thread(_write, path_of(row.id), content, _context(row.id))
    await _insert(row)
    return row


@command
async def _insert(row: StoredFile) -> None:
    await row.save(force_create=True)


async def read(file_id: int) -> tuple[StoredFile, bytes]:
    """The row and the clear content. Who may see it is the caller's question."""
    row = await StoredFile.get_or_none(id=file_id)
    if row is None:
        raise NotFound()
    try:
        content = await asyncio.to_thread(_open, path_of(file_id), _context(file_id))
    except (FileNotFoundError, crypto.Unreadable) as exc:
        log.error("file.damaged", file_id=file_id, error=type(exc).__name__)
        raise Gone("file_damaged") from exc
    return row, content


def path_of(file_id: int) -> Path:
    """The last letters of an id are random, so the folders fill evenly."""
    public = ids.public(file_id)
    return _root() / public[-2:] / public


def response_headers(row: StoredFile, *, inline: bool = False) -> dict[str, str]:
    """For handing a file out. Only pictures are ever shown in place; everything else is a download."""
    return download_headers(row.name, row.media_type, shown=inline and row.media_type.startswith("image/"))


def download_headers(name: str, media_type: str, *, shown: bool = False) -> dict[str, str]:
    plain = f"file{Path(name).suffix}" if name.isascii() is False else name
    return {
        "content-type": media_type,
        "content-disposition": (
            f"{'inline' if shown else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
        ),
        "content-security-policy": "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-store",
    }


def safe_name(name: str, media_type: str) -> str:
    """The last part of a path, without control and invisible characters, ending like its content."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
    stem = _FORBIDDEN_IN_NAMES.sub("_", " ".join(visible.split())).strip(" .")
    known = _EXTENSIONS.get(media_type)
    if known is None:
        return stem[-MAX_NAME:] or "文件"
    extension = _EXTENSION.search(stem)
    if extension and any(extension[1].lower() in group for group in _EXTENSIONS.values()):
        stem = stem[: extension.start()].strip(" .")
    return f"{stem[:MAX_NAME] or '文件'}.{known[0]}"


async def erase(owner_id: int, *, but: Collection[int] = ()) -> int:
    """Remove what this owner kept, all `but` these; the number removed. The rows go first: blobs that a crash leaves
    behind are orphans."""
    if in_command():
        raise RuntimeError("a file cannot be removed inside a command")
    found = await database.rows("SELECT id FROM stored_file WHERE owner_id = %s", owner_id)
    gone = [row["id"] for row in found if row["id"] not in but]
    for start in range(0, len(gone), 500):
        some = gone[start : start + 500]
        await _forget(some)
        await asyncio.to_thread(_unlink_all, [path_of(one) for one in some])
    return len(gone)


@command
async def _forget(file_ids: list[int]) -> None:
    marks = ", ".join(["%s"] * len(file_ids))
    await database.execute(f"DELETE FROM stored_file WHERE id IN ({marks})", *file_ids)  # noqa: S608


async def sweep_orphans() -> int:
    """Remove blobs that never got a row, and half-written ones; the number removed."""
    before = (clock.now() - ORPHAN_AGE).timestamp()
    removed = 0
    old = await asyncio.to_thread(lambda: list(_blobs_before(before)))
    for start in range(0, len(old), 500):
        some = old[start : start + 500]
        wanted = {path: file_id for path in some if (file_id := ids.parse(path.name)) is not None}
        known = await _known(list(wanted.values()))
        orphans = [path for path in some if wanted.get(path) not in known]
        await asyncio.to_thread(_unlink_all, orphans)
        removed += len(orphans)
    if removed:
        log.info("files.swept", removed=removed)
    return removed


async def rotate() -> int:
    """Seal with the active key what an older one sealed; the number of blobs changed.

    A blob is written once, so nobody's newer content can be lost; one that does not open stays as it is.
    """
    changed = 0
    for path in await asyncio.to_thread(lambda: list(_blobs())):
        file_id = ids.parse(path.name)
        if file_id is not None and await asyncio.to_thread(_rotate_blob, path, _context(file_id)):
            changed += 1
    return changed


async def missing_blobs() -> list[str]:
    """Public ids of rows whose blob is gone: damage, to be restored from a backup."""
    found, after = [], 0
    while some := await database.rows("SELECT id FROM stored_file WHERE id > %s ORDER BY id LIMIT 1000", after):
        numbers = [row["id"] for row in some]
        after = numbers[-1]
        absent = await asyncio.to_thread(lambda these=numbers: [one for one in these if not path_of(one).exists()])
        found += [ids.public(one) for one in absent]
    return found


async def _known(file_ids: list[int]) -> set[int | None]:
    if not file_ids:
        return set()
    marks = ", ".join(["%s"] * len(file_ids))
    rows = await database.rows(f"SELECT id FROM stored_file WHERE id IN ({marks})", *file_ids)  # noqa: S608
    return {row["id"] for row in rows}


def _root() -> Path:
    return reference.settings().data_dir / "files"


def _context(file_id: int) -> str:
    return f"file/{file_id}"


def _open(path: Path, context: str) -> bytes:
    return crypto.open_bytes(path.read_bytes(), context=context)


def _rotate_blob(path: Path, context: str) -> bool:
    try:
        sealed = path.read_bytes()
        if not crypto.needs_rotation(sealed):
            return False
        content = crypto.open_bytes(sealed, context=context)
    except FileNotFoundError:
        return False
    except crypto.Unreadable:
        log.error("file.damaged", file=path.name)
        return False
    _write(path, content, context)
    return True


def _write(path: Path, content: bytes, context: str) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sealed = crypto.seal_bytes(content, context=context)
        with open(part, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as blob:
            blob.write(sealed)
            blob.flush()
            os.fsync(blob.fileno())
        part.replace(path)
        _sync_folder(path.parent)
    except OSError as exc:
        part.unlink(missing_ok=True)
        if exc.errno not in _DISK_FULL:
            raise
        log.error("files.disk_full")
        raise Unavailable("storage_full", retry_after=600) from exc


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _blobs() -> Iterator[Path]:
    return (path for path in _root().glob("*/*") if path.is_file())


def _blobs_before(moment: float) -> Iterator[Path]:
    for path in _blobs():
        try:
            if path.stat().st_mtime < moment:
                yield path
        except FileNotFoundError:
            continue


def _unlink_all(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
