"""An archive made piece by piece is one that everybody opens, wherever it was cut."""

import io
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from backend.core import zip_pieces


def archive(pieces: list[bytes], papers: list[tuple[str, bytes]]) -> bytes:
    written, entries = b"", []
    for name, content in papers:
        piece, entry = zip_pieces.whole(name, content, len(written))
        written += piece
        entries.append(entry)
    header, grown = zip_pieces.begin("长表.xml", len(written))
    written += header
    for content in pieces:
        piece, grown = zip_pieces.grow(grown, content)
        written += piece
    tail, grown = zip_pieces.end(grown)
    written += tail
    return written + zip_pieces.directory([*entries, grown], len(written))


@given(st.lists(st.binary(max_size=3_000), max_size=6), st.lists(st.binary(max_size=500), max_size=3))
def test_what_went_in_comes_out(pieces: list[bytes], papers: list[bytes]) -> None:
    named = [(f"RH2026-00000{number}/证件.jpg", content) for number, content in enumerate(papers)]
    made = zipfile.ZipFile(io.BytesIO(archive(pieces, named)))
    assert made.testzip() is None
    assert made.read("长表.xml") == b"".join(pieces)
    assert [(name, made.read(name)) for name in made.namelist()[:-1]] == named


def test_what_repeats_gets_smaller_and_photos_stay_as_they_are() -> None:
    made = zipfile.ZipFile(io.BytesIO(archive([b"<row/>" * 1_000] * 3, [("a.jpg", b"x" * 100)])))
    table = made.getinfo("长表.xml")
    assert (table.file_size, table.compress_size < 400) == (18_000, True)
    assert made.getinfo("a.jpg").compress_type == zipfile.ZIP_STORED
