"""Whether two requests are the same: a digest of the body, taken while it is read."""

import hashlib
from typing import Protocol

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header


class Digest(Protocol):
    def update(self, chunk: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


def digest_for(content_type: str) -> Digest:
    if not content_type.lower().startswith("multipart/"):
        return hashlib.sha256()
    _, options = parse_options_header(content_type)
    return PartsDigest(options.get(b"boundary", b""))


class PartsDigest:
    """Of the parts of a form: what each says of itself, and its content. The boundary differs with every sending.

    Bytes that are no form are compared as they are; the door refuses them anyway.
    """

    def __init__(self, boundary: bytes) -> None:
        self._whole, self._parts, self._part = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()
        self._readable, self._ended = True, False
        self._parser = MultipartParser(
            boundary,
            callbacks={
                "on_part_begin": self._begin,
                "on_header_field": self._take,
                "on_header_value": self._take,
                "on_header_end": self._separate,
                "on_headers_finished": self._separate,
                "on_part_data": self._take,
                "on_part_end": self._end,
                "on_end": self._finish,
            },
        )

    def update(self, chunk: bytes, /) -> None:
        self._whole.update(chunk)
        if self._readable:
            try:
                self._parser.write(chunk)
            except FormParserError:
                self._readable = False

    def hexdigest(self) -> str:
        return (self._parts if self._readable and self._ended else self._whole).hexdigest()

    def _begin(self) -> None:
        self._part = hashlib.sha256()

    def _take(self, content: bytes, start: int, end: int) -> None:
        self._part.update(memoryview(content)[start:end])

    def _separate(self) -> None:
        self._part.update(b"\r\n")

    def _end(self) -> None:
        self._parts.update(self._part.digest())

    def _finish(self) -> None:
        self._ended = True
