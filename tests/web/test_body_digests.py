"""Two sendings of one form have one digest, however they are cut and bounded."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.web.body_digests import digest_for

Part = tuple[str, str, bytes]
parts = st.lists(
    st.tuples(
        st.sampled_from(["file", "to", "名"]), st.sampled_from(["", "a.pdf", "照片.jpg"]), st.binary(max_size=200)
    ),
    max_size=4,
)


def form(sent: list[Part], boundary: str) -> bytes:
    out = b""
    for name, file, content in sent:
        said = f'form-data; name="{name}"' + (f'; filename="{file}"' if file else "")
        out += f"--{boundary}\r\nContent-Disposition: {said}\r\n\r\n".encode() + content + b"\r\n"
    return out + f"--{boundary}--\r\n".encode()


def digest(sent: list[Part], boundary: str, size: int) -> str:
    body = form(sent, boundary)
    taken = digest_for(f"multipart/form-data; boundary={boundary}")
    for first in range(0, len(body), size):
        taken.update(body[first : first + size])
    return taken.hexdigest()


@given(parts, st.integers(1, 50))
def test_cuts_and_boundaries_do_not_matter(sent: list[Part], size: int) -> None:
    assert digest(sent, "aaaa-7f3e-never-inside", size) == digest(sent, "bbbb-19c2-never-inside", 100_000)


@given(parts, parts)
def test_another_content_is_another_digest(one: list[Part], other: list[Part]) -> None:
    if one != other:
        assert digest(one, "never-inside-5c1d", 64) != digest(other, "never-inside-5c1d", 64)


@pytest.mark.parametrize("body", [b"", b"--x", b"nothing of the kind", b"--x\r\nhalf", b"--x\r\n: \r\n\r\n--x--"])
def test_what_is_no_form_is_compared_as_it_is(body: bytes) -> None:
    taken = digest_for("multipart/form-data; boundary=x")
    taken.update(body)
    assert taken.hexdigest() == hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; x=\xff"])
def test_a_form_without_a_boundary_is_no_error(kind: str) -> None:
    taken = digest_for(kind)
    taken.update(b"--x\r\n")
    assert len(taken.hexdigest()) == 64


def test_other_bodies_are_compared_as_they_are() -> None:
    taken = digest_for("application/json")
    taken.update(b"{}")
    assert taken.hexdigest() == hashlib.sha256(b"{}").hexdigest()
