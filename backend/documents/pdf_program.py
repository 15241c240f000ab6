"""A program of its own that turns HTML into PDF; `pdf.py` keeps one running and talks to it in frames.

Usage: pdf_program.py ASSETS_FOLDER. A request is eight bytes of length and the HTML; the answer one byte
(1 for a PDF, 0 for a failure), eight bytes of length and the PDF or the error. It ends by itself when
nothing was asked for a while or its standard input closes.
"""

import os
import re
import resource
import select
import sys
from pathlib import Path
from typing import IO

import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

MEMORY = 1536 * 1024 * 1024
IDLE_SECONDS = 300.0
ASSETS_URL = "https://assets.invalid/assets/"
_ASSET = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")
_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}
_BASE = """
    @page { size: A4; margin: 18mm 16mm }
    html { font-family: "Noto Sans CJK SC", "Noto Serif CJK SC", sans-serif; font-size: 10.5pt; line-height: 1.6 }
"""


class OwnAssets(URLFetcher):
    """Opens data: addresses and files of our own assets folder, nothing else: no network, no disk."""

    def __init__(self, folder: Path) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False)
        self._folder = folder

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        name = url.removeprefix(ASSETS_URL)
        if name == url or not _ASSET.match(name):
            return super().fetch(url, headers)
        path = self._folder / name
        media_type = _TYPES.get(path.suffix, "application/octet-stream")
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": media_type})


class Inbox:
    """Whole frames from a pipe. Unbuffered: a buffer would hide a waiting request from `select`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def wait(self) -> bool:
        return bool(select.select([self._descriptor], [], [], IDLE_SECONDS)[0])

    def read(self, size: int) -> bytes:
        parts: list[bytes] = []
        while size > 0:
            part = os.read(self._descriptor, min(size, 1 << 20))
            if not part:
                break
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def serve(inbox: Inbox, outbox: IO[bytes], assets: Path) -> None:
    fetcher, fonts = OwnAssets(assets), FontConfiguration()
    base = weasyprint.CSS(string=_BASE, font_config=fonts)
    while inbox.wait():
        head = inbox.read(8)
        if len(head) < 8:
            return
        html = inbox.read(int.from_bytes(head, "big")).decode()
        try:
            document = weasyprint.HTML(string=html, base_url=ASSETS_URL, url_fetcher=fetcher)
            done, answer = 1, document.write_pdf(stylesheets=[base], font_config=fonts) or b""
        except Exception as exc:  # whatever it is, the caller is told and the next document is tried
            done, answer = 0, f"{type(exc).__name__}: {exc}".encode()
        outbox.write(bytes([done]) + len(answer).to_bytes(8, "big") + answer)
        outbox.flush()


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    serve(Inbox(sys.stdin.fileno()), sys.stdout.buffer, Path(sys.argv[1]))


if __name__ == "__main__":
    main()
