import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.pinyin import initials, name_initials


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("王小测", "wxc"),
        ("长沙县总工会", "csxzgh"),
        ("买买提·艾力", "mmtal"),
        ("第3分会 ABC公司", "d3fhabcgs"),
        ("Ａ１号", "a1h"),
        ("", ""),
        ("·", ""),
    ],
)
def test_initials(text: str, short: str) -> None:
    assert initials(text) == short


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("王小测", "wxc"),
        ("曾小测", "zxc"),
        ("仇小测", "qxc"),
        ("区小测", "oxc"),
        ("翟小测", "zxc"),
        ("单小测", "sxc"),
        ("单于小测", "cyxc"),
        ("长孙小测", "zsxc"),
        ("小曾", "xc"),
        ("", ""),
    ],
)
def test_a_surname_keeps_its_own_sound(name: str, short: str) -> None:
    assert name_initials(name) == short


@given(st.text(max_size=30))
def test_the_short_form_is_plain_letters_and_digits(text: str) -> None:
    short = initials(text)
    assert short == "" or (short.isascii() and short.isalnum() and short == short.lower())
