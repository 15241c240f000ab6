"""Which PDF files are taken."""

import os
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core import pdf_safety
from backend.core.errors import Invalid


def pdf(stream: bytes = b"BT (hello) Tj ET", *, extra: bytes = b"", trailer: bytes = b"") -> bytes:
    """A small PDF in the order of its parts; `extra` is one more object, `trailer` goes into the trailer."""
    return (
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        b"4 0 obj\n<< /Length " + str(len(stream)).encode() + b" >>\nstream\n" + stream + b"\nendstream\nendobj\n"
        + extra
        + b"xref\n0 1\ntrailer\n<< /Root 1 0 R " + trailer + b">>\nstartxref\n9\n%%EOF\n"
    )  # fmt: skip


def packed(inner: bytes, head: bytes = b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode") -> bytes:
    return b"7 0 obj\n<< " + head + b" >>\nstream\r\n" + zlib.compress(inner) + b"\nendstream\nendobj\n"


def code_of(content: bytes) -> str:
    try:
        pdf_safety.check(content)
    except Invalid as refusal:
        return refusal.code
    return "taken"


@pytest.mark.parametrize(
    "extra",
    [
        b"5 0 obj\n<< /S /JavaScript /JS (app.alert(1)) >>\nendobj\n",
        b"5 0 obj\n<< /S /Rendition /JS 6 0 R >>\nendobj\n",
        b"5 0 obj\n<</JS(x)>>\nendobj\n",
        b"5 0 obj\n<< /S /J#61vaScript >>\nendobj\n",
        b"5 0 obj\n<< /#4A#53 (x) >>\nendobj\n",
        b"5 0 obj\n<< /S /Launch /F (cmd.exe) >>\nendobj\n",
        b"5 0 obj\n<< /Names << /EmbeddedFiles 6 0 R >> >>\nendobj\n",
        b"5 0 obj\n<< /Type /EmbeddedFile >>\nendobj\n",
        b"5 0 obj\n<< /XFA 6 0 R >>\nendobj\n",
        packed(b"5 0 << /S /JavaScript >>"),
        packed(b"5 0 << /JS (x) >>"),
        packed(b"5 0 << /Launch 1 0 R >>", b"/Type/ObjStm/Filter[/FlateDecode]"),
        packed(b"5 0 << /JS (x) >>", b"/Type /Obj#53tm /Filter /Fl"),
    ],
)
def test_what_acts_by_itself_is_refused(extra: bytes) -> None:
    assert code_of(pdf(extra=extra)) == "pdf_active"


def test_words_in_the_text_are_no_actions() -> None:
    assert code_of(pdf(extra=packed(b"5 0 << /Title (about /JSON and Launching) >>"))) == "taken"
    assert code_of(pdf(b"a picture holds /JS by chance")) == "taken"


def test_a_password_is_refused() -> None:
    assert code_of(pdf(trailer=b"/Encrypt 9 0 R ")) == "pdf_protected"


@pytest.mark.parametrize(
    "content",
    [
        pdf()[:-10],
        pdf()[:120],
        pdf() + b"PK\x03\x04 a zip behind it",
        pdf().replace(b"startxref", b""),
        pdf().replace(b"endstream", b""),
        b"%PDF-1.7\n%%EOF",
    ],
)
def test_half_a_file_or_two_in_one_is_refused(content: bytes) -> None:
    assert code_of(content) == "pdf_incomplete"


@pytest.mark.parametrize(
    "extra",
    [
        packed(b"x", b"/Type /ObjStm /Filter /LZWDecode"),
        packed(b"x", b"/Type /ObjStm /Filter [/ASCII85Decode /FlateDecode]"),
        packed(b"x", b"/Type /ObjStm /Filter /FlateDecode /DecodeParms << /Predictor 12 >>"),
        packed(b"\0" * (pdf_safety.MAX_INFLATED + 1)),
        b"7 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\nnot zlib\nendstream\nendobj\n",
    ],
)
def test_what_cannot_be_looked_into_is_refused(extra: bytes) -> None:
    assert code_of(pdf(extra=extra)) == "pdf_unreadable"


def test_white_space_behind_the_end_is_harmless() -> None:
    assert code_of(pdf() + b"\r\n\0\0") == "taken"


@settings(deadline=None)
@given(st.binary(max_size=2_000))
def test_no_bytes_break_the_check(noise: bytes) -> None:
    assert code_of(pdf(noise)) in ("taken", "pdf_active", "pdf_protected", "pdf_incomplete", "pdf_unreadable")


@pytest.mark.parametrize(
    "brick", [b"<<", b"stream\n", b"1 0 obj <</Type/ObjStm>>stream\nendstream ", b"#41", b"/Filter ["]
)
def test_nasty_files_take_no_longer_than_others(brick: bytes) -> None:
    started = time.monotonic()

    code_of(pdf(extra=brick * (4_000_000 // len(brick))))

    assert time.monotonic() - started < 15


def test_random_pictures_inside_are_taken() -> None:
    assert code_of(pdf(os.urandom(2_000_000).replace(b"endstream", b""))) == "taken"
