"""Key rotation: everything sealed moves to the active key, and then the old key is not needed by anything."""

import io
import secrets
from collections.abc import Iterator
from datetime import date

import msgspec
import pytest
from PIL import Image
from tortoise import Tortoise, fields
from tortoise.fields.base import Field
from tortoise.models import Model

from backend.core import clock, crypto, database, files, ids, rotation
from backend.core.crypto import Keyring
from backend.core.rotation import SealedColumn
from backend.core.settings import Settings, load_keyring
from backend.home.sealed import SEALED_COLUMNS

NAMES = [f"{one.table}.{one.column}" for one in SEALED_COLUMNS]


@pytest.fixture
def old(settings: Settings) -> Iterator[Keyring]:
    present = load_keyring(settings)
    remove_blobs()
    yield present
    crypto.configure(present)
    remove_blobs()


def remove_blobs() -> None:
    """Those of other tests too: a rotation goes over all there are."""
    for path in files.path_of(1).parents[1].glob("*/*"):
        path.unlink()


def with_new_key(old: Keyring) -> Keyring:
    return msgspec.structs.replace(old, active="k2", encryption={**old.encryption, "k2": secrets.token_bytes(32)})


def without_old_key(both: Keyring) -> Keyring:
    return msgspec.structs.replace(both, encryption={"k2": both.encryption["k2"]})


def filler(field: Field, row_id: int) -> object:
    """Any value that the column takes; unique ones differ by row."""
    if isinstance(field, fields.BooleanField):
        return False
    if isinstance(field, fields.DatetimeField):
        return clock.now()
    if isinstance(field, fields.DateField):
        return date(2026, 3, 10)
    if isinstance(field, fields.CharField):
        return str(row_id)[-field.max_length :]
    if isinstance(field, fields.SmallIntField):
        return row_id % 1_000
    return "" if isinstance(field, fields.TextField) else row_id % 1_000_000


def model_of(table: str) -> type[Model]:
    return next(one for one in Tortoise.apps["union"].values() if one._meta.db_table == table)


async def add_row(columns: list[SealedColumn]) -> int:
    """A row of the table of these columns, each holding its own name."""
    row_id = ids.new_id()
    values: dict[str, object] = {}
    for name, field in model_of(columns[0].table)._meta.fields_map.items():
        if not field.null:
            values[name] = filler(field, row_id)
    values["id"] = row_id
    for one in columns:
        values[one.column] = crypto.seal(one.column, context=one.context.format(id=row_id))
    await database.insert(columns[0].table, values)
    return row_id


async def sealed_rows(*, each: int) -> dict[SealedColumn, list[int]]:
    kept: dict[SealedColumn, list[int]] = {}
    for table in dict.fromkeys(one.table for one in SEALED_COLUMNS):
        columns = [one for one in SEALED_COLUMNS if one.table == table]
        rows = [await add_row(columns) for _ in range(each)]
        kept |= dict.fromkeys(columns, rows)
    return kept


async def clear_value(column: SealedColumn, row_id: int) -> str:
    sealed = await database.scalar(
        f"SELECT {column.column} FROM {column.table} WHERE id = %s",
        row_id,
    )
    return crypto.open_sealed(sealed, context=column.context.format(id=row_id))


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(out, "JPEG")
    return out.getvalue()


async def test_after_a_rotation_nothing_needs_the_old_key(db: None, old: Keyring) -> None:
    rows = await sealed_rows(each=3)
    stored = [await files.store(photo(), name="照片.jpg", owner_id=7) for _ in range(2)]
    clear = [(await files.read(one.id))[1] for one in stored]
    both = with_new_key(old)
    crypto.configure(both)

    assert await rotation.rotate(SEALED_COLUMNS) == dict.fromkeys(NAMES, 3) | {"files": 2}
    assert await rotation.rotate(SEALED_COLUMNS) == dict.fromkeys([*NAMES, "files"], 0)

    crypto.configure(without_old_key(both))
    assert {one: [await clear_value(one, row) for row in kept] for one, kept in rows.items()} == {
        one: [one.column] * 3 for one in SEALED_COLUMNS
    }
    assert [(await files.read(one.id))[1] for one in stored] == clear


async def test_more_rows_than_one_chunk(db: None, old: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "CHUNK", 2)
    await sealed_rows(each=5)
    crypto.configure(with_new_key(old))
    assert await rotation.rotate(SEALED_COLUMNS) == dict.fromkeys(NAMES, 5) | {"files": 0}


async def test_a_rotated_blob_is_private_and_leaves_nothing_beside_it(db: None, old: Keyring) -> None:
    row = await files.store(photo(), name="照片.jpg", owner_id=7)
    path = files.path_of(row.id)
    crypto.configure(with_new_key(old))

    assert await files.rotate() == 1

    assert path.read_bytes().startswith(b"k2.")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == [path.name]


async def test_a_damaged_blob_does_not_stop_the_others(db: None, old: Keyring) -> None:
    broken = await files.store(photo(), name="a.jpg", owner_id=7)
    whole = await files.store(photo(), name="b.jpg", owner_id=7)
    clear = (await files.read(whole.id))[1]
    files.path_of(broken.id).write_bytes(b"k1." + bytes(100))
    both = with_new_key(old)
    crypto.configure(both)

    assert await files.rotate() == 1

    crypto.configure(without_old_key(both))
    assert (await files.read(whole.id))[1] == clear
    assert files.path_of(broken.id).read_bytes() == b"k1." + bytes(100)
