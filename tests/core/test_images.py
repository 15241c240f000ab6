"""Pictures: only pixels survive, upright; what is broken or too big is refused, fast."""

import asyncio
import io
import signal
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from backend.core import image_program, images
from backend.core.errors import Invalid

GPS = 0x8825
ORIENTATION = 0x0112
MAKER = 0x010F


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def photo(width: int = 60, height: int = 40, mode: str = "RGB") -> Image.Image:
    picture = Image.new(mode, (width, height), "white")
    picture.paste(Image.new(mode, (width // 2, height // 2), "red" if mode != "L" else 40), (0, 0))
    return picture


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def exif_with_place() -> Image.Exif:
    exif = Image.Exif()
    exif[MAKER] = "SecretPhone 7"
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS).update({1: "N", 2: (28.0, 13.0, 59.5), 3: "E", 4: (113.0, 4.0, 48.25)})
    return exif


async def test_where_and_with_what_a_photo_was_taken_is_gone() -> None:
    content = encoded(photo(), "JPEG", exif=exif_with_place(), comment=b"SecretComment", icc_profile=b"SecretProfile")
    assert b"SecretPhone" in content

    clean = await images.clean(content, media_type="image/jpeg")

    assert clean.media_type == "image/jpeg"
    for planted in (b"SecretPhone", b"SecretComment", b"SecretProfile", b"Exif"):
        assert planted not in clean.content
    assert dict(opened(clean.content).getexif()) == {}


async def test_a_rotated_photo_is_upright() -> None:
    content = encoded(photo(60, 40), "JPEG", exif=exif_with_place(), quality=95)

    clean = await images.clean(content, media_type="image/jpeg")

    upright = opened(clean.content)
    assert (clean.width, clean.height) == upright.size == (40, 60)
    # Turned by a quarter to the right: what was top left is top right.
    top_right = upright.convert("RGB").getpixel((38, 2))
    assert isinstance(top_right, tuple)
    assert top_right[0] > 200
    assert top_right[1] < 60


async def test_png_text_and_transparency() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "SecretAuthor")
    notes.add_itxt("XML:com.adobe.xmp", "SecretXmp", zip=True)
    content = encoded(photo(mode="RGBA"), "PNG", pnginfo=notes)

    clean = await images.clean(content, media_type="image/png")

    assert (clean.media_type, opened(clean.content).mode) == ("image/png", "RGBA")
    assert opened(clean.content).info == {}
    assert b"SecretAuthor" not in clean.content


@pytest.mark.parametrize(
    ("mode", "alpha", "expected"), [("RGB", False, "image/jpeg"), ("RGBA", True, "image/png")], ids=["plain", "alpha"]
)
async def test_webp_becomes_what_every_reader_knows(mode: str, alpha: bool, expected: str) -> None:
    picture = photo(mode=mode)
    if alpha:
        picture.putalpha(128)

    clean = await images.clean(encoded(picture, "WEBP"), media_type="image/webp")

    assert clean.media_type == expected
    assert opened(clean.content).size == (60, 40)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "I;16", "CMYK"])
async def test_every_colour_mode_is_taken(mode: str) -> None:
    kind, media_type = ("JPEG", "image/jpeg") if mode == "CMYK" else ("PNG", "image/png")
    picture = Image.new(mode, (30, 20)) if mode == "I;16" else photo(30, 20).convert(mode)

    clean = await images.clean(encoded(picture, kind), media_type=media_type)

    assert (clean.width, clean.height) == (30, 20)


async def test_deep_grey_stays_grey() -> None:
    """A 16-bit scan is scaled, not clipped to white."""
    picture = Image.new("I;16", (8, 8), 128 * 256)

    clean = await images.clean(encoded(picture, "PNG"), media_type="image/png")

    assert opened(clean.content).getpixel((4, 4)) == 128


async def test_a_tail_behind_the_picture_is_cut_off() -> None:
    content = encoded(photo(), "JPEG") + b"<script>alert(1)</script>PK\x03\x04SecretZip"

    clean = await images.clean(content, media_type="image/jpeg")

    assert b"script" not in clean.content
    assert b"SecretZip" not in clean.content


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(b"\0" * 4096)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("width", "height"), [(65_000, 65_000), (40_000_001, 1), (8_001, 5_000)])
async def test_too_many_pixels_are_refused_by_the_header(width: int, height: int) -> None:
    started = time.monotonic()

    with pytest.raises(Invalid) as refusal:
        await images.clean(png_header(width, height), media_type="image/png")

    assert refusal.value.code == "image_too_many_pixels"
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
async def test_a_cut_upload_is_refused(kind: str, media_type: str, part: float) -> None:
    content = encoded(Image.effect_noise((120, 120), 60).convert("RGB"), kind)

    with pytest.raises(Invalid) as refusal:
        await images.clean(content[: int(len(content) * part)], media_type=media_type)

    assert refusal.value.code == "image_unreadable"


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n", b"GIF89a" + b"\0" * 50, b"not a picture", b""])
async def test_other_formats_are_not_even_tried(content: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        await images.clean(content, media_type="image/png")

    assert refusal.value.code == "image_unreadable"


def run_limited(code: str) -> subprocess.CompletedProcess[str]:
    """Python code in a process that has taken the program's limits upon itself."""
    prepare = f"import sys; sys.path.insert(0, {str(Path(image_program.__file__).parent)!r})\n"
    prepare += "import image_program, resource; image_program.limit_self()\n"
    argv = [sys.executable, "-I", "-c", prepare + code]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_the_process_cannot_take_more_memory() -> None:
    died = run_limited("bytearray(image_program.MEMORY)")

    assert died.returncode == 1
    assert "MemoryError" in died.stderr


def test_the_kernel_ends_the_process_that_computes_too_long() -> None:
    died = run_limited("resource.setrlimit(resource.RLIMIT_CPU, (1, 11))\nwhile True: pass")

    assert died.returncode == -signal.SIGXCPU
    assert run_limited("print(resource.getrlimit(resource.RLIMIT_CPU))").stdout == "(10, 11)\n"


def test_the_process_writes_no_files(tmp_path: Path) -> None:
    died = run_limited(f"open({str(tmp_path / 'x')!r}, 'wb', buffering=0).write(b'x')")

    assert died.returncode != 0
    assert (tmp_path / "x").read_bytes() == b""


@pytest.mark.slow
async def test_the_loop_turns_while_pictures_are_decoded() -> None:
    content = encoded(Image.effect_noise((3_000, 2_000), 60).convert("RGB"), "JPEG")
    turns, stop = 0, asyncio.Event()

    async def watch() -> None:
        nonlocal turns
        while not stop.is_set():
            turns += 1
            await asyncio.sleep(0)

    watcher = asyncio.create_task(watch())
    await asyncio.gather(*(images.clean(content, media_type="image/jpeg") for _ in range(4)))
    stop.set()
    await watcher

    # Decoding in the loop would leave it a turn or two for each picture.
    assert turns > 100


@pytest.mark.slow
async def test_the_largest_allowed_picture_fits_into_the_limits() -> None:
    content = encoded(Image.linear_gradient("L").resize((8_000, 5_000)).convert("RGBA"), "PNG", compress_level=1)

    clean = await images.clean(content, media_type="image/png")

    assert (clean.media_type, clean.width, clean.height) == ("image/jpeg", 8_000, 5_000)
    assert len(clean.content) <= images.MAX_BYTES


@pytest.mark.slow
async def test_a_result_that_is_too_big_is_drawn_smaller() -> None:
    content = encoded(Image.effect_noise((5_000, 4_000), 120).convert("RGB"), "JPEG", quality=60)

    clean = await images.clean(content, media_type="image/jpeg")

    assert len(clean.content) <= images.MAX_BYTES
    assert (clean.width, clean.height) in ((5_000, 4_000), (2_500, 2_000))
