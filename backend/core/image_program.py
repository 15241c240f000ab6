"""A program of its own that re-encodes one picture under hard limits; `images.py` starts it.

Usage: image_program.py FORMAT MAX_PIXELS MAX_BYTES, the picture on stdin. It writes one JSON line, then,
if that line names a media type, the new picture. It imports nothing of the product: whoever takes it
over through a broken picture finds no keys, no settings and no connection.
"""

import io
import json
import resource
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 10
# Lossless pictures beyond this take longer than the limit to pack; they become JPEG.
PNG_PIXELS = 8_000_000


def limit_self() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def clean(content: bytes, kind: str, max_pixels: int, max_bytes: int) -> tuple[dict[str, object], bytes]:
    """The picture upright, without anything but its pixels. ValueError carries the problem's code."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - after the limits are set

    Image.MAX_IMAGE_PIXELS = None  # our own check is stricter and comes before any pixel is decoded
    with Image.open(io.BytesIO(content), formats=[kind]) as source:
        if source.width * source.height > max_pixels:
            raise ValueError("image_too_many_pixels")
        source.load()
        ImageOps.exif_transpose(source, in_place=True)
        picture = _plain(source, keep_alpha=kind != "JPEG")
    picture.info = {}
    lossless = kind == "PNG" or "A" in picture.mode
    if lossless and picture.width * picture.height <= PNG_PIXELS:
        packed = _save(picture, "PNG", optimize=False, compress_level=6)
        if len(packed) <= max_bytes:
            return _facts(picture, "image/png"), packed
    return _as_jpeg(_flat(picture), max_bytes)


def _as_jpeg(picture: "Image.Image", max_bytes: int) -> tuple[dict[str, object], bytes]:
    quality = 88
    while len(packed := _save(picture, "JPEG", quality=quality)) > max_bytes:
        if quality < 80:
            picture = picture.reduce(2)
        quality = 75
    return _facts(picture, "image/jpeg"), packed


def _facts(picture: "Image.Image", media_type: str) -> dict[str, object]:
    return {"width": picture.width, "height": picture.height, "media_type": media_type}


def _plain(picture: "Image.Image", *, keep_alpha: bool) -> "Image.Image":
    """In a mode that both outputs know: L, RGB, or with an alpha channel LA, RGBA."""
    if picture.mode.startswith("I;16"):
        picture = picture.point(lambda value: value / 256)
        return picture.convert("L")
    if picture.mode in ("L", "RGB", *(("LA", "RGBA") if keep_alpha else ())):
        # Copying one of these would not fit beside itself. One colour that means "transparent" is lost.
        return picture
    if keep_alpha and picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode in ("1", "I", "F", "LA", "La") else "RGB")


def _flat(picture: "Image.Image") -> "Image.Image":
    """On white paper, for JPEG."""
    from PIL import Image  # noqa: PLC0415

    if "A" not in picture.mode:
        return picture
    paper = Image.new(picture.mode[:-1], picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper


def _save(picture: "Image.Image", kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, exif=b"", **options)
    return out.getvalue()


def main() -> None:
    limit_self()
    kind, max_pixels, max_bytes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    content, packed = sys.stdin.buffer.read(), b""
    try:
        answer, packed = clean(content, kind, max_pixels, max_bytes)
    except ValueError as exc:
        known = exc.args and exc.args[0] == "image_too_many_pixels"
        answer = {"problem": exc.args[0] if known else "image_unreadable"}
    except Exception:  # the picture may break the decoder in any way it likes
        answer = {"problem": "image_unreadable"}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + packed)


if __name__ == "__main__":
    main()
