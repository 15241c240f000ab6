"""Uploads: recognised by content, kept encrypted, whole or not at all."""

import io
import os
import resource
from collections.abc import Iterator
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from backend.core import clock, database, files, ids
from backend.core.command import command
from backend.core.errors import AppError, Gone, Invalid, NotFound, TooLarge, TooMany, Unavailable, UnsupportedMedia
from backend.core.models import StoredFile
from tests.core.test_pdf_safety import pdf

OWNER = 7


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, kind)
    return out.getvalue()


async def blobs() -> list[str]:
    root = files.path_of(1).parents[1]
    return sorted(path.name for path in root.glob("*/*"))


@pytest.fixture(autouse=True)
def _no_blobs_left(kernel: None) -> Iterator[None]:
    yield
    for path in files.path_of(1).parents[1].glob("*/*"):
        path.unlink()


async def test_a_photo_comes_back_as_it_was_kept(db: None) -> None:
    row = await files.store(picture(), name="/home/me/发票 1.jpeg", owner_id=OWNER, declared="image/jpeg")

    kept, content = await files.read(row.id)

    assert (kept.name, kept.media_type, kept.width, kept.height) == ("发票 1.jpg", "image/jpeg", 40, 30)
    assert (kept.size, kept.sha256, kept.owner_id) == (len(content), sha256(content).hexdigest(), OWNER)
    assert Image.open(io.BytesIO(content)).size == (40, 30)


async def test_what_lies_on_disk_is_sealed_to_its_row(db: None) -> None:
    first = await files.store(pdf(b"SecretDiagnosis"), name="a.pdf", owner_id=OWNER)
    second = await files.store(pdf(b"other"), name="b.pdf", owner_id=OWNER)
    path = files.path_of(first.id)

    assert b"SecretDiagnosis" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.name == ids.public(first.id)

    files.path_of(second.id).write_bytes(path.read_bytes())
    with pytest.raises(Gone) as refusal:
        await files.read(second.id)
    assert refusal.value.code == "file_damaged"


async def test_nothing_is_written_inside_a_command(db: None) -> None:
    @command
    async def inside() -> None:
        await files.store(picture(), name="a.jpg", owner_id=OWNER)

    with pytest.raises(RuntimeError, match="inside a command"):
        await inside()


REFUSED = {
    "gif with script": (b"GIF89a/*<script>*/", "x.gif", "", UnsupportedMedia, "file_type_refused"),
    "html named jpg": (
        b"<html><script>alert(1)</script>",
        "x.jpg",
        "image/jpeg",
        UnsupportedMedia,
        "file_type_refused",
    ),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "x.svg", "", UnsupportedMedia, "file_type_refused"),
    "zip": (b"PK\x03\x04" + b"\0" * 40, "x.zip", "", UnsupportedMedia, "file_type_refused"),
    "zip named pdf": (b"PK\x03\x04" + b"\0" * 40, "x.pdf", "", UnsupportedMedia, "file_type_refused"),
    "program": (b"MZ\x90\0" + b"\0" * 40, "x.png", "", UnsupportedMedia, "file_type_refused"),
    "tiff": (b"II*\0" + b"\0" * 40, "x.tif", "", UnsupportedMedia, "file_type_refused"),
    "jpeg 2000": (b"\0\0\0\x0cjP  \r\n\x87\n", "x.jp2", "", UnsupportedMedia, "file_type_refused"),
    "fits": (b"SIMPLE  =                    T", "x.jpg", "", UnsupportedMedia, "file_type_refused"),
    "pdf not at the start": (b"junk" + b"%PDF-1.7", "x.pdf", "", UnsupportedMedia, "file_type_refused"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0", "x.heic", "image/heic", UnsupportedMedia, "file_is_heic"),
    "nothing": (b"", "x.jpg", "", Invalid, "file_empty"),
    "png named jpg": (picture("PNG"), "x.jpg", "", UnsupportedMedia, "file_type_mismatch"),
    "jpeg named exe": (picture(), "x.exe", "", UnsupportedMedia, "file_type_mismatch"),
    "jpeg declared html": (picture(), "x.jpg", "text/html", UnsupportedMedia, "file_type_mismatch"),
    "pdf declared picture": (pdf(), "x.pdf", "image/png", UnsupportedMedia, "file_type_mismatch"),
    "only a beginning": (b"\xff\xd8\xff\xe0rest", "x.jpg", "", Invalid, "image_unreadable"),
    "riff but no webp": (b"RIFF\0\0\0\0AVI ", "x.webp", "", UnsupportedMedia, "file_type_refused"),
    "cut pdf": (b"%PDF-1.7\n1 0 obj", "x.pdf", "", Invalid, "pdf_incomplete"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_refused_and_nothing_is_left(db: None, case: str) -> None:
    content, name, declared, kind, code = REFUSED[case]

    with pytest.raises(kind) as refusal:
        await files.store(content, name=name, owner_id=OWNER, declared=declared)

    assert refusal.value.code == code
    assert refusal.value.detail
    assert await StoredFile.all().count() == 0
    assert await blobs() == []


@pytest.mark.parametrize(
    ("name", "declared"),
    [("a.JPG", "image/jpg"), ("a", ""), ("发票.2024", "application/octet-stream"), ("a.jfif", "image/pjpeg; x=y")],
)
def test_harmless_names_and_types_agree(name: str, declared: str) -> None:
    assert files.recognise(picture(), name=name, declared=declared) == "image/jpeg"


async def test_too_large_is_refused_before_anything_else(db: None) -> None:
    with pytest.raises(TooLarge) as refusal:
        await files.store(b"x" * (files.MAX_BYTES + 1), name="a.jpg", owner_id=OWNER)

    assert refusal.value.code == "file_too_large"


async def test_fifty_files_a_day_and_owner(db: None, freeze) -> None:
    freeze("2026-03-10T15:00:00+08:00")
    for _ in range(files.FILES_A_DAY):
        await files.keep(b"x", name="a", media_type="text/plain", owner_id=OWNER)

    with pytest.raises(TooMany) as refusal:
        await files.store(picture(), name="a.jpg", owner_id=OWNER)
    assert refusal.value.code == "too_many_files"
    assert refusal.value.retry_after == 9 * 3600 + 1
    assert (await files.store(picture(), name="a.jpg", owner_id=OWNER + 1)).owner_id == OWNER + 1
    at_window = await files.store(picture(), name="a.jpg", owner_id=OWNER, a_day=files.FILES_A_DAY_AT_WINDOW)
    assert at_window.owner_id == OWNER

    clock.advance(hours=9)
    assert (await files.store(picture(), name="a.jpg", owner_id=OWNER)).owner_id == OWNER


@pytest.mark.parametrize(
    ("given_name", "media_type", "kept"),
    [
        ("photo.webp", "image/jpeg", "photo.jpg"),
        ("../../etc/passwd", "application/pdf", "passwd.pdf"),
        ("C:\\Users\\我\\结算单.PDF", "application/pdf", "结算单.pdf"),
        ("a\x00b\r\nc\u202egnp.jpg", "image/jpeg", "abcgnp.jpg"),
        ("...", "image/png", "文件.png"),
        ("", "image/png", "文件.png"),
        ('a<b>:"|?*.png', "image/png", "a_b______.png"),
        ("报销.2024", "image/jpeg", "报销.2024.jpg"),
        ("x" * 300 + ".jpg", "image/jpeg", "x" * 100 + ".jpg"),
        ("roll.xlsx", "text/csv", "roll.xlsx"),
    ],
)
def test_names(given_name: str, media_type: str, kept: str) -> None:
    assert files.safe_name(given_name, media_type) == kept


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_name_leaves_its_folder_or_its_column(name: str) -> None:
    safe = files.safe_name(name, "image/jpeg")

    assert safe.endswith(".jpg")
    assert 0 < len(safe) <= 120
    assert "/" not in safe
    assert "\\" not in safe
    assert safe.isprintable()


async def test_headers_of_a_download(db: None) -> None:
    document = await files.store(pdf(), name='结算单".pdf', owner_id=OWNER)
    photo = await files.store(picture(), name="a b.jpg", owner_id=OWNER)

    headers = files.response_headers(document, inline=True)

    assert headers["content-disposition"] == (
        "attachment; filename=\"file.pdf\"; filename*=UTF-8''%E7%BB%93%E7%AE%97%E5%8D%95_.pdf"
    )
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["x-content-type-options"] == "nosniff"
    assert files.response_headers(photo, inline=True)["content-disposition"] == (
        "inline; filename=\"a b.jpg\"; filename*=UTF-8''a%20b.jpg"
    )


async def test_a_full_disk_is_a_sentence_and_leaves_nothing(db: None) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    big = pdf(os.urandom(3_000_000))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, before[1]))
    try:
        with pytest.raises(Unavailable) as refusal:
            await files.store(big, name="a.pdf", owner_id=OWNER)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert refusal.value.code == "storage_full"
    assert await blobs() == []
    assert await StoredFile.all().count() == 0
    assert (await files.store(big, name="a.pdf", owner_id=OWNER)).size == len(big)


async def test_unknown_and_lost_files(db: None) -> None:
    with pytest.raises(NotFound):
        await files.read(ids.new_id())
    row = await files.store(picture(), name="a.jpg", owner_id=OWNER)
    assert await files.missing_blobs() == []

    files.path_of(row.id).unlink()

    with pytest.raises(AppError) as refusal:
        await files.read(row.id)
    assert refusal.value.status == 410
    assert await files.missing_blobs() == [ids.public(row.id)]


async def test_the_sweep_removes_old_blobs_without_a_row_alone(db: None) -> None:
    kept = await files.store(picture(), name="a.jpg", owner_id=OWNER)
    crashed = await files.store(picture(), name="b.jpg", owner_id=OWNER)
    await database.execute("DELETE FROM stored_file WHERE id = %s", crashed.id)
    part = files.path_of(crashed.id).with_name(".half.part")
    part.write_bytes(b"half")
    young = files.path_of(ids.new_id())
    young.parent.mkdir(exist_ok=True)
    young.write_bytes(b"its row comes in a moment")
    old = clock.now().timestamp() - 3_600
    for path in (files.path_of(kept.id), files.path_of(crashed.id), part):
        os.utime(path, (old, old))

    assert await files.sweep_orphans() == 2

    assert await blobs() == sorted([ids.public(kept.id), young.name])
    assert await files.sweep_orphans() == 0
