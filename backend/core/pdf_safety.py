"""Which PDF files are taken: whole ones, without a password and without anything that acts by itself.

A PDF is kept as it came and only ever handed out as a download. The check reads names outside streams,
and those inside object streams; it is no renderer, so what it cannot read it refuses.
"""

import re
import zlib
from collections.abc import Iterator

from backend.core.errors import invalid

_NAME_ENDS = rb"(?![A-Za-z0-9_.\-])"
# Four letters that stand in any compressed picture by chance, so it counts only outside streams.
_SHORT_KEY = re.compile(rb"/JS" + _NAME_ENDS)
_ACTIVE = rb"JavaScript|Launch|EmbeddedFiles?|RichMedia|Rendition|XFA|GoToE|ImportData"
_KEYS = re.compile(rb"/(?:" + _ACTIVE + rb")" + _NAME_ENDS)
_ENCRYPTED = re.compile(rb"/Encrypt" + _NAME_ENDS)
_OBJECT_STREAM = re.compile(rb"/Type\s*/ObjStm" + _NAME_ENDS)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM_BEGINS = re.compile(rb"(?<!end)stream\r?\n")
_FILTER = re.compile(rb"/Filter\s*(\[[^\]]*\]|/[A-Za-z0-9]+)")
_PREDICTOR = re.compile(rb"/Predictor\s+([0-9]+)")

MAX_HEAD = 4_000
MAX_INFLATED = 32 * 1024 * 1024
MAX_TAIL = 1_024
# Ten megabytes of compressed pictures hold some forty thousand by chance.
MAX_ESCAPES = 200_000


def check(content: bytes) -> None:
    """Raise Invalid with the reason why this PDF is not taken."""
    end = content.rfind(b"%%EOF")
    if end < 0:
        raise invalid("file", "pdf_incomplete")
    if content[end + 5 :].strip(b"\r\n\t\0 ") or b"startxref" not in content[max(0, end - MAX_TAIL) : end]:
        # Something else hangs behind the PDF, or its end was cut off and patched.
        raise invalid("file", "pdf_incomplete")
    if content.count(b"#") > MAX_ESCAPES:
        raise invalid("file", "pdf_unreadable")
    streams = list(_streams(content))
    outside = _plain_names(_between(content, streams))
    if _ENCRYPTED.search(outside):
        raise invalid("file", "pdf_protected")
    if _SHORT_KEY.search(outside) or _KEYS.search(_plain_names(content)):
        raise invalid("file", "pdf_active")
    for inner in _object_streams(content, streams):
        names = _plain_names(inner)
        if _SHORT_KEY.search(names) or _KEYS.search(names):
            raise invalid("file", "pdf_active")


def _plain_names(data: bytes) -> bytes:
    """Names may be written with escapes: /J#53 is /JS."""
    return _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), data)


def _streams(content: bytes) -> Iterator[tuple[int, int]]:
    """Where each stream's bytes begin and end."""
    at = 0
    while (keyword := _STREAM_BEGINS.search(content, at)) is not None:
        end = content.find(b"endstream", keyword.end())
        if end < 0:
            raise invalid("file", "pdf_incomplete")
        yield keyword.end(), end
        at = end


def _between(content: bytes, streams: list[tuple[int, int]]) -> bytes:
    starts = [0, *(end for _, end in streams)]
    ends = [*(begin for begin, _ in streams), len(content)]
    return b"".join(content[start:end] for start, end in zip(starts, ends, strict=True))


def _object_streams(content: bytes, streams: list[tuple[int, int]]) -> Iterator[bytes]:
    room, before = MAX_INFLATED, 0
    for begin, end in streams:
        head = content[max(before, begin - MAX_HEAD) : begin]
        head = _plain_names(head[head.rfind(b" obj") + 1 :])
        before = end
        if _OBJECT_STREAM.search(head):
            inner = _inflated(head, content[begin:end], room)
            room -= len(inner)
            if room <= 0:
                raise invalid("file", "pdf_unreadable")
            yield inner


def _inflated(head: bytes, body: bytes, room: int) -> bytes:
    named = _FILTER.search(head)
    if named is None:
        return body
    predictor = _PREDICTOR.search(head)
    if named[1].strip(b"[] ") not in (b"/FlateDecode", b"/Fl") or (predictor and predictor[1] != b"1"):
        raise invalid("file", "pdf_unreadable")
    try:
        return zlib.decompressobj().decompress(body, room)
    except zlib.error:
        raise invalid("file", "pdf_unreadable") from None
