from hypothesis import given, settings
from hypothesis import strategies as st

from backend.documents import codes


def test_a_code_belongs_to_one_kind_and_number(kernel: None) -> None:
    code = codes.code_for(kind="receipt", number="JR202603100001")

    assert code == codes.code_for(kind="receipt", number="JR202603100001")
    assert codes.holds(code, kind="receipt", number="JR202603100001")
    assert not codes.holds(code, kind="certificate", number="JR202603100001")
    assert not codes.holds(code, kind="receipt", number="JR202603100002")
    # The boundary between kind and number is part of what is signed.
    assert codes.code_for(kind="a", number="bc") != codes.code_for(kind="ab", number="c")


@settings(deadline=None)
@given(st.text(min_size=1, max_size=40))
def test_nothing_in_a_code_can_be_misread(kernel: None, number: str) -> None:
    code = codes.code_for(kind="receipt", number=number)

    assert len(code) == codes.LENGTH + 1
    assert not set(code.replace("-", "")) & set("ILOU")


@settings(deadline=None)
@given(st.integers(0, 10**9))
def test_people_type_codes_in_many_ways(kernel: None, number: int) -> None:
    code = codes.code_for(kind="receipt", number=str(number))

    for typed in (
        code.lower(),
        code.replace("-", ""),
        f" {code} ",
        code.replace("0", "O").replace("1", "l"),
        code.replace("-", " - "),
        "".join(chr(ord(c) + 0xFEE0) for c in code),
    ):
        assert codes.holds(typed, kind="receipt", number=str(number)), typed


@settings(deadline=None)
@given(st.text(max_size=100))
def test_other_text_is_no_code(kernel: None, text: str) -> None:
    assert not codes.holds(text, kind="receipt", number="JR202603100001")
