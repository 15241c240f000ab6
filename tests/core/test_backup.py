"""Backup and restore: everything comes back, and nothing that is there is overwritten."""

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from backend.core.backup import BackupError, backup, restore
from backend.core.settings import Settings, load_keyring


def place(folder: Path) -> Settings:
    return Settings(environment="test", data_dir=folder)


def fill(settings: Settings) -> None:
    settings.data_dir.mkdir()
    load_keyring(settings)
    with closing(sqlite3.connect(settings.data_dir / "union.sqlite3")) as made:
        made.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, word TEXT)")
        made.execute("INSERT INTO thing VALUES (1, '㼆')")
        made.commit()
    (settings.data_dir / "files" / "aa").mkdir(parents=True)
    (settings.data_dir / "files" / "aa" / "blob").write_bytes(b"sealed")


def test_a_restored_place_is_the_same(tmp_path: Path) -> None:
    old, new = place(tmp_path / "old"), place(tmp_path / "new")
    fill(old)
    archive = backup(old, tmp_path / "backups" / "one.tar.gz")
    assert archive.stat().st_mode & 0o777 == 0o600
    restore(new, archive)
    with closing(sqlite3.connect(new.data_dir / "union.sqlite3")) as restored:
        assert restored.execute("SELECT id, word FROM thing").fetchall() == [(1, "㼆")]
    assert (new.data_dir / "files" / "aa" / "blob").read_bytes() == b"sealed"
    assert load_keyring(new) == load_keyring(old)


def test_a_restore_never_overwrites(tmp_path: Path) -> None:
    old = place(tmp_path / "old")
    fill(old)
    archive = backup(old, tmp_path / "one.tar.gz")
    with pytest.raises(BackupError, match="not empty"):
        restore(old, archive)


def test_a_backup_of_another_engine_is_refused(tmp_path: Path) -> None:
    new = place(tmp_path / "new")
    dump = tmp_path / "database.sql"
    dump.write_text("-- empty")
    with tarfile.open(tmp_path / "maria.tar.gz", "w:gz") as archive:
        archive.add(dump, arcname="database.sql")
    with pytest.raises(BackupError, match="MariaDB"):
        restore(new, tmp_path / "maria.tar.gz")
