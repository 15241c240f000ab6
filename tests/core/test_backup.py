"""Backup and restore: everything comes back, and nothing that is there is overwritten."""

import os
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import msgspec
import pytest
from tortoise import Tortoise

from backend.casework import catalogue
from backend.casework import commands as casework
from backend.casework.schemas import SubmitInput
from backend.core import audit, crypto, database, files, ids, reference, schema
from backend.core.actor import Actor
from backend.core.backup import BackupError, backup, restore
from backend.core.settings import ROOT, Settings, load_keyring
from backend.demo.tree import PASSWORD, add_people, build_tree
from backend.home import doctor
from backend.identity import commands as identity
from backend.startup import start, stop
from tests.conftest import ENGINE
from tests.factories.application import cheap_hashes
from tests.factories.people import caller, join_form, somebody
from tests.factories.pictures import picture
from tests.servers import private_mariadb


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
        archive.add(dump, arcname="secrets.toml")
    with pytest.raises(BackupError, match="MariaDB"):
        restore(new, tmp_path / "maria.tar.gz")


def test_what_cannot_be_restored_is_said_in_a_sentence(tmp_path: Path) -> None:
    new = place(tmp_path / "new")
    whole = tmp_path / "whole.tar.gz"
    old = place(tmp_path / "old")
    fill(old)
    backup(old, whole)
    (tmp_path / "text.tar.gz").write_text("no archive")
    (tmp_path / "half.tar.gz").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    (tmp_path / "folder.tar.gz").mkdir()
    with tarfile.open(tmp_path / "other.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "text.tar.gz", arcname="readme")
    for name, words in (
        ("nowhere.tar.gz", "nowhere.tar.gz does not exist"),
        ("text.tar.gz", "is no whole backup"),
        ("half.tar.gz", "is no whole backup"),
        ("folder.tar.gz", "folder.tar.gz: Is a directory"),
        ("other.tar.gz", "holds no keys"),
    ):
        with pytest.raises(BackupError, match=words):
            restore(new, tmp_path / name)
    restore(new, whole)


def test_a_place_without_keys_is_not_backed_up(tmp_path: Path) -> None:
    old = place(tmp_path / "old")
    fill(old)
    (old.data_dir / "secrets.toml").unlink()
    with pytest.raises(BackupError, match=r"secrets\.toml is missing"):
        backup(old, tmp_path / "one.tar.gz")
    assert not (tmp_path / "one.tar.gz").exists()


def test_the_command_line_says_it_too(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "backend.cli", "restore", str(tmp_path / "nowhere.tar.gz"), "--data", str(tmp_path)]
    environment = {**os.environ, "UNION_DATABASE_URL": ""}
    done = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"union: {tmp_path / 'nowhere.tar.gz'} does not exist\n"


# ---- a whole product --------------------------------------------------------------


@pytest.fixture
def two_places(tmp_path: Path) -> Iterator[tuple[Settings, Settings]]:
    """One to be filled, and an empty one."""

    def at(name: str, url: str) -> Settings:
        return Settings(environment="demo", data_dir=tmp_path / name, database_url=url, allow_synthetic_ids=True)

    if ENGINE == "sqlite":
        yield at("old", ""), at("new", "")
        return
    with private_mariadb() as server:
        yield at("old", server.create("old_place")), at("new", server.create("new_place"))


@pytest.fixture
async def elsewhere(_schema: None, settings: Settings) -> AsyncIterator[None]:
    """The test connects to places of its own; what the other tests stand on comes back afterwards."""
    before = catalogue._current
    await database.disconnect()
    yield
    await database.disconnect()
    catalogue._current = before
    crypto.configure(load_keyring(settings))
    reference.load(settings)
    await database.connect(settings.database)


@asynccontextmanager
async def product(place: Settings) -> AsyncIterator[None]:
    place.data_dir.mkdir(parents=True, exist_ok=True)
    await schema.migrate(place.database)
    await start(place)
    try:
        yield
    finally:
        await stop()


@pytest.mark.slow
async def test_a_restored_product_holds_and_opens(elsewhere: None, two_places: tuple[Settings, Settings]) -> None:
    old, new = two_places
    async with product(old):
        with cheap_hashes():
            await add_people(await build_tree())
        number, photo = await one_joining()
        await audit.seal_all(old.audit_anchor)
        counts = await all_rows()
    archive = backup(old, old.data_dir.parent / "backup.tar.gz")

    restore(new, archive)

    async with product(new):
        assert await all_rows() == counts
        assert await doctor.examine() == []
        session = await identity.open_staff_session("demo-town", PASSWORD, None, caller())
        assert (session.token_type, session.pending) == ("Bearer", "")
        assert (await files.read(photo))[1] == picture_of_new(old, photo)
        row = (await database.rows("SELECT id, sealed FROM case_file WHERE number = %s", number))[0]
        opened = crypto.open_sealed(row["sealed"], context=f"case_file/sealed/{row['id']}")
        assert msgspec.json.decode(opened)["id_no"] == somebody(3).id_no
    if ENGINE == "mariadb":
        (new.data_dir / "secrets.toml").rename(new.data_dir / "kept.toml")
        (new.data_dir / "files").rename(new.data_dir / "kept")
        with pytest.raises(BackupError, match="the database is not empty"):
            restore(new, archive)


async def one_joining() -> tuple[str, int]:
    """A case with a photo, as a member sends it; its number and the photo's id."""
    who = somebody(3)
    account = await identity.account_for_phone(who.phone)
    photo = await files.store(picture(), name="照片.jpg", owner_id=account)
    form = join_form(who, division="990121001")
    data = SubmitInput(form=form, attachments={"work_proof": [ids.public(photo.id)]})
    actor = Actor(kind="person", account_id=account, display="154****0001")
    return await casework.submit(slug="member-join", data=data, actor=actor), photo.id


def picture_of_new(old: Settings, photo: int) -> bytes:
    """What the old place kept, opened by its own keys, which are those of the new one."""
    public = ids.public(photo)
    sealed = (old.data_dir / "files" / public[-2:] / public).read_bytes()
    return crypto.open_bytes(sealed, context=f"file/{photo}")


async def all_rows() -> dict[str, int]:
    tables = sorted(model._meta.db_table for model in Tortoise.apps["union"].values())
    return {table: int(await database.scalar(f"SELECT COUNT(*) FROM `{table}`")) for table in tables}
