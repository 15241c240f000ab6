"""One archive with everything, and back: database, uploaded files, and the secrets that open them.

A backup is a tar of `database.sql` or `union.sqlite3`, `files/` and `secrets.toml`. It opens every
sensitive value, so it belongs where only the keeper of the system can read it (mode 0600).
"""

import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from backend.core.settings import Settings, secrets_path


class BackupError(Exception):
    """The backup or restore cannot be done; the message says why."""


def backup(settings: Settings, target: Path) -> Path:
    """Write everything to `target` (a .tar.gz); the database is read as of one moment."""
    if not secrets_path(settings).exists():
        raise BackupError(f"{secrets_path(settings)} is missing: without its keys a backup could never be read")
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".unfinished")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        dump = _dump(settings, Path(folder))
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as raw, tarfile.open(fileobj=raw, mode="w:gz", compresslevel=3) as archive:
            archive.add(dump, arcname=dump.name)
            archive.add(secrets_path(settings), arcname="secrets.toml")
            if (settings.data_dir / "files").exists():
                archive.add(settings.data_dir / "files", arcname="files")
    unfinished.replace(target)
    return target


def restore(settings: Settings, source: Path) -> None:
    """Bring a backup into an empty place. An existing database or files folder is never overwritten."""
    if (settings.data_dir / "files").exists() or secrets_path(settings).exists():
        raise BackupError(f"{settings.data_dir} is not empty: move it away first")
    with _opened(source) as archive:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.data_dir) as folder:
            unpacked = Path(folder)
            _extract(archive, unpacked)
            _put_in_place(settings, unpacked)


@contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(source) as archive:
            yield archive
    except FileNotFoundError as exc:
        raise BackupError(f"{exc.filename or source} does not exist") from exc
    except (tarfile.TarError, EOFError, zlib.error) as exc:
        raise BackupError(f"{source} is no whole backup: {exc}") from exc
    except OSError as exc:
        raise BackupError(f"{exc.filename or source}: {exc.strerror or exc}") from exc


def _put_in_place(settings: Settings, unpacked: Path) -> None:
    if not (unpacked / "secrets.toml").exists():
        raise BackupError("the archive holds no keys, so it is no backup of ours")
    _load(settings, unpacked)
    if (unpacked / "files").exists():
        (unpacked / "files").rename(settings.data_dir / "files")
    secrets_path(settings).parent.mkdir(parents=True, exist_ok=True)
    shutil.move(unpacked / "secrets.toml", secrets_path(settings))


def _extract(archive: tarfile.TarFile, folder: Path) -> None:
    """Plain files only, inside `folder`: tarfile's own filters are missing from the first 3.11 releases."""
    for member in archive.getmembers():
        target = (folder / member.name).resolve()
        if not target.is_relative_to(folder.resolve()) or not (member.isfile() or member.isdir()):
            raise BackupError(f"{member.name} does not belong into a backup")
        if member.isfile():
            target.parent.mkdir(parents=True, exist_ok=True)
            content = archive.extractfile(member)
            with target.open("wb") as out:
                shutil.copyfileobj(content, out)  # type: ignore[arg-type] - regular files have content


def _is_sqlite(settings: Settings) -> bool:
    return settings.database.startswith("sqlite:")


def _sqlite_path(settings: Settings) -> Path:
    return Path(unquote(urlsplit(settings.database).path))


def _dump(settings: Settings, folder: Path) -> Path:
    if _is_sqlite(settings):
        copy = folder / "union.sqlite3"
        with closing(sqlite3.connect(_sqlite_path(settings))) as live, closing(sqlite3.connect(copy)) as saved:
            live.backup(saved)
        return copy
    dump = folder / "database.sql"
    options = ["--single-transaction", "--quick", "--hex-blob", "--default-character-set=utf8mb4"]
    with dump.open("wb") as out:
        _mariadb(settings, "mariadb-dump", options, folder, stdout=out)
    return dump


def _load(settings: Settings, unpacked: Path) -> None:
    if _is_sqlite(settings):
        if not (unpacked / "union.sqlite3").exists():
            raise BackupError("this backup is of a MariaDB database; set database_url to an empty MariaDB")
        if _sqlite_path(settings).exists():
            raise BackupError("the database exists already: move it away first")
        (unpacked / "union.sqlite3").rename(_sqlite_path(settings))
        return
    if not (unpacked / "database.sql").exists():
        raise BackupError("this backup is of an SQLite database; unset database_url")
    tables = _mariadb(settings, "mariadb", ["--batch", "--execute", "SHOW TABLES"], unpacked, stdout=subprocess.PIPE)
    if tables:
        raise BackupError("the database is not empty: create an empty one first")
    with (unpacked / "database.sql").open("rb") as dump:
        _mariadb(settings, "mariadb", [], unpacked, stdin=dump)


def _mariadb(
    settings: Settings, program: str, options: list[str], folder: Path, *, stdin: object = None, stdout: object = None
) -> bytes:
    """Run a MariaDB client; the password goes through a private file, never the command line."""
    parts = urlsplit(settings.database)
    defaults = folder / "client.cnf"
    defaults.touch(mode=0o600)
    password = unquote(parts.password or "").replace("\\", "\\\\").replace('"', '\\"')
    defaults.write_text(
        f'[client]\nuser="{unquote(parts.username or "")}"\npassword="{password}"\n'
        f"host={parts.hostname or '127.0.0.1'}\nport={parts.port or 3306}\nprotocol=tcp\n",
        "utf-8",
    )
    command = [program, f"--defaults-extra-file={defaults}", *options, parts.path.lstrip("/")]
    try:
        done = subprocess.run(command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, check=False)  # type: ignore[call-overload]
    except FileNotFoundError as exc:
        raise BackupError(f"{program} is not installed: on Debian it comes with the package mariadb-client") from exc
    finally:
        defaults.unlink()
    if done.returncode != 0:
        raise BackupError(f"{program}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout or b""
