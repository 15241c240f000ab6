"""Plain forms as Structs."""

from datetime import date

import msgspec
import pytest

from backend.core.errors import Invalid
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput
from backend.web.qr import qr_svg


class Wish(msgspec.Struct, kw_only=True):
    name: str
    amount: int
    on: date
    colours: list[str]
    urgent: bool = False
    note: str = "none"


def form(**values: str | list[str]) -> FormInput:
    return FormInput(values={k: v if isinstance(v, list) else [v] for k, v in values.items()}, files={})


def test_values_become_what_the_struct_says() -> None:
    given = form(name=" 王小测 ", amount="3", on="2026-03-10", colours=["red", "", "blue"], urgent="on", note="")
    assert form_struct(given, Wish) == Wish(
        name="王小测", amount=3, on=date(2026, 3, 10), colours=["red", "blue"], urgent=True, note="none"
    )


def test_what_is_absent_is_no_or_the_default() -> None:
    wish = form_struct(form(name="x", amount="1", on="2026-03-10"), Wish)
    assert (wish.urgent, wish.colours, wish.note) == (False, [], "none")


def test_every_wrong_field_is_named() -> None:
    with pytest.raises(Invalid) as caught:
        form_struct(form(name="  ", amount="many", on="tomorrow"), Wish)
    assert {error.field: error.message for error in caught.value.errors} == {
        "name": "这一项必须填写。",
        "amount": "这一项的值不正确。",
        "on": "这一项的值不正确。",
    }


@pytest.mark.parametrize("amount", ["9" * 40, "1.5", "NaN", "0x10", "１"])
def test_odd_numbers_are_refused(amount: str) -> None:
    given = form(name="x", amount=amount, on="2026-03-10")
    if amount == "9" * 40:
        assert form_struct(given, Wish).amount > 2**63  # the command bounds it
    else:
        with pytest.raises(Invalid):
            form_struct(given, Wish)


def test_a_qr_picture_has_a_name_and_no_style() -> None:
    picture = qr_svg("https://union.example/i/ABCDEFGH", "扫码加入 <工会>")
    assert picture.startswith('<svg role="img" ')
    assert "<title>扫码加入 &lt;工会&gt;</title>" in picture
    assert "style" not in picture
    assert picture == qr_svg("https://union.example/i/ABCDEFGH", "扫码加入 <工会>")
