"""Pictures that people upload are drawn anew: what is not a pixel (EXIF, GPS, thumbnails, hidden tails) is gone.

Decoding happens in a process per picture with 512 MB and 10 s (`image_program.py`), two at a time. The
answer comes back as bytes and one JSON line, never as a pickle: the process is not trusted.
"""

import asyncio
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import structlog

from backend.core.errors import Unavailable, invalid

log = structlog.get_logger(__name__)

MAX_PIXELS = 40_000_000
MAX_BYTES = 10 * 1024 * 1024
AT_ONCE = 2
# Longer than the processor time it may take: on a busy machine a process waits for its turn.
WALL_SECONDS = 30.0

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_PROGRAM = Path(__file__).with_name("image_program.py")
_threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="images")


class CleanImage(msgspec.Struct, frozen=True):
    """JPEG or PNG. Width and height are those of the upright picture."""

    content: bytes
    media_type: str
    width: int
    height: int


class _Answer(msgspec.Struct):
    media_type: str = ""
    width: int = 0
    height: int = 0
    problem: str = ""


async def clean(content: bytes, *, media_type: str) -> CleanImage:
    """Re-encode a JPEG, PNG or WebP picture; Invalid when it is broken or has too many pixels.

    A WebP picture comes back as JPEG, or as PNG when it has transparency.
    """
    return await asyncio.get_running_loop().run_in_executor(_threads, _clean, content, FORMATS[media_type])


def _clean(content: bytes, kind: str) -> CleanImage:
    argv = [sys.executable, "-I", str(_PROGRAM), kind, str(MAX_PIXELS), str(MAX_BYTES)]
    try:
        done = subprocess.run(argv, input=content, capture_output=True, timeout=WALL_SECONDS, check=False, env={})
    except (subprocess.TimeoutExpired, OSError) as exc:
        log.warning("image.no_turn", error=type(exc).__name__)
        raise Unavailable() from exc
    head, _, packed = done.stdout.partition(b"\n")
    try:
        answer = msgspec.json.decode(head, type=_Answer)
    except msgspec.MsgspecError:
        _note_death(done.returncode)
        raise invalid("file", "image_unreadable") from None
    if answer.problem == "image_too_many_pixels":
        raise invalid("file", "image_too_many_pixels")
    if answer.media_type not in FORMATS or not packed or len(packed) > MAX_BYTES:
        raise invalid("file", "image_unreadable")
    return CleanImage(packed, answer.media_type, answer.width, answer.height)


def _note_death(code: int) -> None:
    name = signal.Signals(-code).name if code < 0 else str(code)
    log.warning("image.process_died", ended_by=name)
