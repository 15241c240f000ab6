"""Codes that nobody guesses, that show a slip of the finger, and pictures that a till checks by itself."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import crypto
from backend.core.settings import Settings, load_keyring
from backend.vouchers import codes
from tests.scale import sized

IDS = st.integers(min_value=1, max_value=2**63 - 1)


@given(IDS)
def test_a_code_is_typed_however_people_type(voucher_id: int) -> None:
    code = codes.code_of(voucher_id)
    assert len(code) == 16 and set(code) <= set(codes.ALPHABET)
    shown = codes.grouped(code)
    assert [len(group) for group in shown.split(" ")] == [4, 4, 4, 4]
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code)
    assert {codes.normal(text) for text in (code, shown, shown.lower(), shown.replace(" ", "-"), wide)} == {code}


@given(IDS, st.integers(0, 15), st.integers(1, 27))
def test_one_wrong_letter_shows(voucher_id: int, place: int, shift: int) -> None:
    code = codes.code_of(voucher_id)
    other = codes.ALPHABET[(codes.ALPHABET.index(code[place]) + shift) % 28]
    assert codes.normal(code[:place] + other + code[place + 1 :]) is None


@pytest.mark.parametrize("text", ["", "ABCD", "0" * 16, "ABCDEFGHJKLMNPQR2", "优" * 16, "A" * 4000])
def test_what_is_no_code(text: str) -> None:
    assert codes.normal(text) is None


def test_codes_do_not_repeat_and_favour_no_letter() -> None:
    many = sized(20_000, 1_000_000)
    made = [codes.code_of(number) for number in range(1, many + 1)]
    assert len(set(made)) == many
    counts = Counter("".join(made))
    expected = many * 16 / 28
    chi_square = sum((counts[letter] - expected) ** 2 / expected for letter in codes.ALPHABET)
    assert chi_square < 70  # 27 degrees of freedom: once in a hundred thousand


def test_the_hash_is_not_the_code_and_needs_the_key(settings: Settings) -> None:
    code = codes.code_of(42)
    assert codes.hash_of(code) != codes.hash_of(codes.code_of(43))
    assert codes.hash_of(code) == codes.stored_hash(42)
    mine = load_keyring(settings)
    before = (code, codes.hash_of(code), codes.public_key())
    try:
        crypto.configure(crypto.Keyring(mine.active, mine.encryption, b"i" * 32, b"s" * 32))
        after = (codes.code_of(42), codes.hash_of(code), codes.public_key())
    finally:
        crypto.configure(mine)
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, False, False]
    assert codes.hash_of(code) == before[1]


def test_a_picture_is_read_by_us_and_by_a_till() -> None:
    scan = codes.Scan(42, 43, 1_700_000_000)
    text = codes.scan_text(scan)
    assert text.startswith("V1.000000000001a.000000000001b.1700000000.")
    assert codes.read_scan(text) == scan
    assert codes.holds_for(codes.public_key(), text)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("1700000000", "1800000000"),
        lambda text: text.replace("000000000001a", "000000000001c"),
        lambda text: text[:-4] + "AAAA",
        lambda text: text.replace("V1.", "V2."),
        lambda text: text.rpartition(".")[0],
        lambda text: text + "." + "A" * 300,
        lambda text: "V1.....",
        lambda text: "扫一扫",
        lambda text: "",
    ],
)
def test_a_picture_that_is_not_ours(change: Callable[[str], str]) -> None:
    assert codes.read_scan(change(codes.scan_text(codes.Scan(42, 43, 1_700_000_000)))) is None
