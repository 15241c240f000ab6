"""HTML to PDF with WeasyPrint, in one long-lived process beside this one.

Its own process because laying out a page keeps the interpreter busy for a second, and because it reads
what people wrote. It starts with the first document, ends when idle and is replaced when it breaks.
"""

import asyncio
import atexit
import contextlib
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import structlog

from backend.core.errors import Unavailable
from backend.core.settings import TEMPLATES_DIR

log = structlog.get_logger(__name__)

SECONDS_A_DOCUMENT = 30.0
WAITING_LIMIT = 20

_PROGRAM = Path(__file__).with_name("pdf_program.py")
_ASSETS = TEMPLATES_DIR / "assets" / "dist"
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pdf")
_process: subprocess.Popen[bytes] | None = None
_waiting = 0


class RenderFailed(Exception):
    """The HTML cannot be laid out; the text is WeasyPrint's own."""


class _Broken(Exception):
    """The process ended in the middle of an answer, or was ended because it took too long."""


async def render_pdf(html: str) -> bytes:
    """The document as PDF. Styles and pictures come from `/assets/…` and `data:` addresses alone."""
    global _waiting  # noqa: PLW0603 - one queue a process
    if _waiting >= WAITING_LIMIT:
        raise Unavailable("pdf_busy")
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_thread, _render, html.encode())
    finally:
        _waiting -= 1


def close() -> None:
    """End the process; the next document starts another."""
    global _process
    process, _process = _process, None
    if process is None:
        return
    process.kill()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()
    process.wait()


def _render(html: bytes) -> bytes:
    try:
        return _ask(html)
    except (_Broken, OSError) as exc:
        # It may have ended by itself after a quiet while; a second failure is the document's.
        log.info("pdf.restarted", error=type(exc).__name__)
        close()
    try:
        return _ask(html)
    except (_Broken, OSError) as exc:
        close()
        log.error("pdf.failed", error=type(exc).__name__)
        raise Unavailable("pdf_busy") from exc


def _ask(html: bytes) -> bytes:
    process = _running()
    assert process.stdin is not None
    assert process.stdout is not None
    alarm = threading.Timer(SECONDS_A_DOCUMENT, process.kill)
    alarm.start()
    try:
        process.stdin.write(len(html).to_bytes(8, "big") + html)
        process.stdin.flush()
        head = _read(process.stdout, 9)
        answer = _read(process.stdout, int.from_bytes(head[1:], "big"))
    finally:
        alarm.cancel()
    if not head[0]:
        raise RenderFailed(answer.decode("utf-8", "replace"))
    return answer


def _running() -> subprocess.Popen[bytes]:
    global _process  # noqa: PLW0603 - one renderer a process
    if _process is not None and _process.poll() is not None:
        close()
    if _process is None:
        argv = [sys.executable, "-I", str(_PROGRAM), str(_ASSETS)]
        _process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={"LANG": "C.UTF-8"}
        )
    return _process


def _read(pipe: IO[bytes], size: int) -> bytes:
    content = pipe.read(size)
    if len(content) < size:
        raise _Broken
    return content


atexit.register(close)
