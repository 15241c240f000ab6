"""Log lines: one JSON object each on standard output, scrubbed of everything personal.

Our own loggers are structlog's and write directly; those of libraries come over a handler. Both end in the
same last step, so nothing reaches the stream that did not pass the scrubber.
"""

import contextlib
import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, BinaryIO, cast

import msgspec
import structlog

from backend.core import scrub

# These say each statement, address or message with its values below the level given here.
_CAPPED = {
    "tortoise": logging.INFO,
    "tortoise.db_client": logging.INFO,
    "aiosqlite": logging.INFO,
    "arq": logging.WARNING,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "weasyprint": logging.ERROR,
    "fontTools": logging.ERROR,
    "uvicorn.access": logging.CRITICAL,  # our own request line names the route, not the path
}

_encode = msgspec.json.Encoder(enc_hook=repr).encode


def configure(level: str = "INFO", stream: BinaryIO | None = None) -> None:
    """Set up both kinds of loggers of this process. Again with other values replaces the first set-up."""
    number = logging.getLevelNamesMapping()[level.upper()]
    out = cast(BinaryIO, _Sturdy(stream or sys.stdout.buffer))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.format_exc_info,
            _last_step,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.BytesLoggerFactory(out),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [_Bridge(out)]
    root.setLevel(number)
    for name, lowest in _CAPPED.items():
        library = logging.getLogger(name)
        library.handlers = []
        library.propagate = True
        library.setLevel(max(number, lowest))
    logging.captureWarnings(True)
    sys.excepthook = _uncaught


def line(event: MutableMapping[str, Any]) -> bytes:
    """The event as one line of JSON, scrubbed."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    try:
        return _encode({"at": at, **scrub.fields(event)})
    except Exception as exc:
        # A line that cannot be written must not hide that something happened.
        return _encode({"at": at, "level": "error", "event": "log.unwritable", "error": type(exc).__name__})


def _last_step(logger: Any, method: str, event: MutableMapping[str, Any]) -> bytes:
    return line(event)


class _Sturdy:
    """A stream whose reader may be gone or whose disk may be full: work goes on, its lines are lost."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, content: bytes) -> None:
        with contextlib.suppress(OSError):
            self._stream.write(content)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()


class _Bridge(logging.Handler):
    """Takes the records of libraries."""

    def __init__(self, out: BinaryIO) -> None:
        super().__init__()
        self._out = structlog.BytesLogger(out)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            event = {"level": record.levelname.lower(), "logger": record.name, "event": record.getMessage()}
            if record.exc_info:
                event["exception"] = _EXCEPTION.formatException(record.exc_info)
            self._out.msg(line(event))
        except Exception:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Python's own way would print the record's arguments unscrubbed."""
        self._out.msg(line({"level": "error", "logger": record.name, "event": "log.unwritable"}))


_EXCEPTION = logging.Formatter()


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("backend").critical("uncaught", exc_info=(kind, error, trace))
