"""An invoice counts for one case at a time: from its submission until it is withdrawn or rejected."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from backend.casework import invoices


def test_where_invoices_stand() -> None:
    values: dict[str, Any] = {
        "invoice_no": " 12 34 ",
        "bills": [{"invoice_no": "ａ1"}, {"invoice_no": "a1", "invoice_code": "０9"}, {"other": "5"}, "x"],
        "others": ["7"],
        "note": "8",
    }
    assert invoices.numbers_of(values) == ["1234", "A1", "09A1"]
    assert invoices.numbers_of({}) == []


@given(
    st.dictionaries(
        st.sampled_from(["invoice_no", "invoice_code", "rows"]),
        st.none() | st.text("aB1１ -", max_size=90) | st.lists(st.none(), max_size=3),
    )
)
def test_whatever_is_there_gives_plain_numbers(values: dict[str, Any]) -> None:
    for number in invoices.numbers_of(values):
        assert number == number.upper()
        assert 0 < len(number) <= 60
