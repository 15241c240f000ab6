"""PDF rendering: Chinese text is really there, nothing is fetched, and a broken renderer is replaced."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import threading
import zlib
from collections.abc import Iterator

import pytest

from backend.core import pdf_safety
from backend.core.errors import Unavailable
from backend.documents import pdf, qr
from backend.documents.pdf import RenderFailed
from backend.web.pages import asset


@pytest.fixture(autouse=True, scope="module")
def _end_the_renderer() -> Iterator[None]:
    yield
    pdf.close()


def streams(content: bytes) -> bytes:
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    inflated = []
    for one in found:
        with contextlib.suppress(zlib.error):
            inflated.append(zlib.decompress(one))
    return b"\n".join(inflated)


async def test_chinese_text_can_be_selected_and_has_its_font() -> None:
    content = await pdf.render_pdf("<p>入会申请回执 𠮷 㼆</p>")

    assert content.startswith(b"%PDF-")
    inner = streams(content)
    assert b"CJK" in content + inner
    # The map from glyphs back to characters names each of them.
    for character in "入会回执𠮷㼆":
        assert character.encode("utf-16-be").hex().encode() in inner, character
    pdf_safety.check(content)


async def test_a_code_is_drawn() -> None:
    plain = await pdf.render_pdf("<p>x</p>")
    with_code = await pdf.render_pdf(f'<p>x</p><img src="{qr.data_uri("JR202603100001")}" alt="">')

    assert len(streams(with_code)) > len(streams(plain)) + 500


async def test_own_assets_are_found_by_the_address_that_pages_use() -> None:
    plain = await pdf.render_pdf("<p>x</p>")
    with_icon = await pdf.render_pdf(f'<p>x</p><img src="{asset("favicon.svg")}" alt="">')

    assert len(streams(with_icon)) > len(streams(plain)) + 100


async def test_nothing_is_fetched_from_network_or_disk(tmp_path) -> None:
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)

        def answer() -> None:
            with contextlib.suppress(OSError):
                while True:
                    caller, _ = server.accept()
                    asked.append(caller.recv(100))
                    caller.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        secret = tmp_path / "secret.svg"
        secret.write_text("<svg xmlns='http://www.w3.org/2000/svg'><text>SecretOnDisk</text></svg>")
        port = server.getsockname()[1]
        sources = [
            f"http://127.0.0.1:{port}/a.png",
            f"//127.0.0.1:{port}/a.png",
            f"ftp://127.0.0.1:{port}/a",
            f"file://{secret}",
            "/assets/../../../pyproject.toml",
            "https://assets.invalid/assets/..%2f..%2fbase.html",
        ]
        pictures = "".join(f'<img src="{one}"><object data="{one}"></object>' for one in sources)
        styles = "".join(f'<link rel="stylesheet" href="{one}"><link rel="attachment" href="{one}">' for one in sources)
        content = await pdf.render_pdf(f"<html><head>{styles}</head><body>{pictures}<p>x</p></body></html>")

    assert asked == []
    assert b"SecretOnDisk" not in content + streams(content)
    assert b"EmbeddedFile" not in content


async def test_twenty_at_once_are_served_in_turn_and_more_are_told() -> None:
    answers = await asyncio.gather(
        *(pdf.render_pdf(f"<p>{number}</p>") for number in range(pdf.WAITING_LIMIT + 5)), return_exceptions=True
    )

    refused = [one for one in answers if isinstance(one, Unavailable)]
    assert [one.code for one in refused] == ["pdf_busy"] * 5
    assert all(one.startswith(b"%PDF-") for one in answers if isinstance(one, bytes))


async def test_a_killed_renderer_is_replaced() -> None:
    await pdf.render_pdf("<p>x</p>")
    assert pdf._process is not None
    first = pdf._process.pid
    os.kill(first, signal.SIGKILL)

    assert (await pdf.render_pdf("<p>y</p>")).startswith(b"%PDF-")
    assert pdf._process.pid != first


async def test_a_document_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "SECONDS_A_DOCUMENT", 0.05)

    with pytest.raises(Unavailable):
        await pdf.render_pdf("<p>长</p>" * 20_000)

    monkeypatch.undo()
    assert (await pdf.render_pdf("<p>短</p>")).startswith(b"%PDF-")


async def test_what_cannot_be_laid_out_is_an_error_of_the_document() -> None:
    with pytest.raises(RenderFailed):
        await pdf.render_pdf("<div>" * 3_000)
