"""Every kind of field: what people type, what apps send, and anything else."""

from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.casework.enums import FieldKind
from backend.casework.flows import FieldSpec
from backend.casework.forms.compile import compile_field
from backend.core import ids
from backend.core.national import InvalidValue, synthetic_id_no

TODAY = date(2026, 3, 10)
UNION = ids.public(7)
OPTIONS = {"day": "白天", "night": "晚上", "1": "一级"}


def spec(kind: FieldKind) -> FieldSpec:
    choice = kind in (FieldKind.ENUM, FieldKind.MULTI)
    return FieldSpec(name="x", label="栏目", kind=kind, options=OPTIONS if choice else {})


def read(kind: FieldKind, raw: Any) -> Any:
    return compile_field(spec(kind)).read(raw, TODAY, {})


def refusal(kind: FieldKind, raw: Any) -> tuple[str, str]:
    with pytest.raises(InvalidValue) as caught:
        read(kind, raw)
    return caught.value.code, caught.value.message


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (FieldKind.TEXT, "  测试\n快运\u3000公司 ", "测试 快运 公司"),
        (FieldKind.TEXT, "e\u0301", "é"),
        (FieldKind.LONGTEXT, " 第一行\r\n第二行 ", "第一行\n第二行"),
        (FieldKind.ADDRESS, "星城路\t1 号", "星城路 1 号"),
        (FieldKind.INT, "１２ ", 12),
        (FieldKind.INT, 12, 12),
        (FieldKind.INT, 12.0, 12),
        (FieldKind.INT, "-3", -3),
        (FieldKind.DECIMAL, "12.50", "12.5"),
        (FieldKind.DECIMAL, 0.1, "0.1"),
        (FieldKind.DECIMAL, "-0.0", "0"),
        (FieldKind.DECIMAL, "+100", "100"),
        (FieldKind.PERCENT, "5.0 %", "5"),
        (FieldKind.MONEY, "￥12,300.5", 1_230_050),
        (FieldKind.MONEY, 1_230_050, 1_230_050),
        (FieldKind.MONEY, "0", 0),
        (FieldKind.BOOL, True, True),
        (FieldKind.BOOL, False, False),
        (FieldKind.DATE, "2026-3-5", "2026-03-05"),
        (FieldKind.DATE, "２０２６年３月５日", "2026-03-05"),
        (FieldKind.DATE, "20260305", "2026-03-05"),
        (FieldKind.DATE, "2026/03/05", "2026-03-05"),
        (FieldKind.MONTH, "2026年3月", "2026-03"),
        (FieldKind.MONTH, "202603", "2026-03"),
        (FieldKind.YEAR, "2026年", 2026),
        (FieldKind.YEAR, 1990, 1990),
        (FieldKind.DATETIME, "2026-03-05T09:30", "2026-03-05T09:30:00+08:00"),
        (FieldKind.DATETIME, "2026-03-05 9:30:15", "2026-03-05T09:30:15+08:00"),
        (FieldKind.DATETIME, "2026-03-05T01:30:00Z", "2026-03-05T09:30:00+08:00"),
        (FieldKind.ENUM, " day ", "day"),
        (FieldKind.ENUM, 1, "1"),
        (FieldKind.MULTI, ["night", "day", "night"], ["day", "night"]),
        (FieldKind.MULTI, "day", ["day"]),
        (FieldKind.ID_NO, "990001 19900307 123１", "990001199003071231"),
        (FieldKind.NAME, " 买买提.艾力 ", "买买提·艾力"),
        (FieldKind.MOBILE, "+86 154-0000-0001", "15400000001"),
        (FieldKind.USCC, "81430121xxte000146", "81430121XXTE000146"),
        (FieldKind.BANK_CARD, "9999 9900 0000 0014", "9999990000000014"),
        (FieldKind.DIVISION, "990121101", "990121101"),
        (FieldKind.DIVISION, 990121, "990121"),
        (FieldKind.DIVISION, "湖南省长沙市长沙县", "430121"),
        (FieldKind.GEO, {"lat": "28.250", "lng": 113.08}, {"lat": "28.25", "lng": "113.08"}),
        (FieldKind.GEO, "28.25，113.08", {"lat": "28.25", "lng": "113.08"}),
        (FieldKind.ORG_REF, UNION.upper(), UNION),
        (FieldKind.FILE, UNION, UNION),
    ],
)
def test_what_people_type_becomes_one_form(kind: FieldKind, raw: Any, expected: Any) -> None:
    assert read(kind, raw) == expected


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        (FieldKind.TEXT, "a\x00b", "unreadable"),
        (FieldKind.TEXT, "\ud800", "unreadable"),
        (FieldKind.TEXT, 5, "not_text"),
        (FieldKind.TEXT, "长" * 201, "too_long"),
        (FieldKind.TEXT, "长" * 20_001, "too_long"),
        (FieldKind.LONGTEXT, "长" * 3_001, "too_long"),
        (FieldKind.INT, "1e3", "not_integer"),
        (FieldKind.INT, "12.5", "not_integer"),
        (FieldKind.INT, True, "not_integer"),
        (FieldKind.INT, "1_0", "not_integer"),
        (FieldKind.INT, "١٢", "not_integer"),
        (FieldKind.INT, "9" * 30, "number_too_large"),
        (FieldKind.INT, 10**30, "number_too_large"),
        (FieldKind.INT, "9" * 10_000, "number_too_large"),
        (FieldKind.INT, float("nan"), "not_integer"),
        (FieldKind.DECIMAL, "NaN", "not_number"),
        (FieldKind.DECIMAL, "Infinity", "not_number"),
        (FieldKind.DECIMAL, float("inf"), "not_number"),
        (FieldKind.DECIMAL, "1.1234567", "not_number"),
        (FieldKind.MONEY, "12.345", "money_precision"),
        (FieldKind.MONEY, "-1", "money_negative"),
        (FieldKind.MONEY, -1, "money_negative"),
        (FieldKind.MONEY, 1.5, "money_format"),
        (FieldKind.MONEY, True, "money_format"),
        (FieldKind.MONEY, 10**30, "money_too_large"),
        (FieldKind.MONEY, "1.2万", "money_unit"),
        (FieldKind.BOOL, "maybe", "not_bool"),
        (FieldKind.BOOL, "true", "not_bool"),
        (FieldKind.BOOL, 1, "not_bool"),
        (FieldKind.DATE, "2026-02-30", "no_such_day"),
        (FieldKind.DATE, "1899-12-31", "year_range"),
        (FieldKind.DATE, "03/05/2026", "not_date"),
        (FieldKind.DATE, "2026-03-05T00:00", "not_date"),
        (FieldKind.DATE, 20260305, "not_date"),
        (FieldKind.MONTH, "2026-13", "no_such_day"),
        (FieldKind.YEAR, "26", "not_year"),
        (FieldKind.YEAR, "2101", "year_range"),
        (FieldKind.DATETIME, "2026-03-05", "not_datetime"),
        (FieldKind.DATETIME, "2026-03-05 25:00", "no_such_time"),
        (FieldKind.ENUM, "other", "not_an_option"),
        (FieldKind.MULTI, ["day", "other"], "not_an_option"),
        (FieldKind.MULTI, ["day"] * 101, "not_an_option"),
        (FieldKind.ID_NO, "990001199003071232", "id_no_check_digit"),
        (FieldKind.ID_NO, 990001199003071231, "not_text"),
        (FieldKind.ID_NO, "990001********1231", "id_no_masked"),
        (FieldKind.NAME, "王小测2", "name_characters"),
        (FieldKind.MOBILE, "1540000000", "phone_length"),
        (FieldKind.USCC, "8143", "credit_code_length"),
        (FieldKind.BANK_CARD, "1234", "bank_card_length"),
        (FieldKind.DIVISION, "999999", "no_such_division"),
        (FieldKind.DIVISION, "哪里也不是", "no_such_division"),
        (FieldKind.GEO, {"lat": "91", "lng": "0"}, "place_range"),
        (FieldKind.GEO, {"lat": "1"}, "not_place"),
        (FieldKind.GEO, "here", "not_place"),
        (FieldKind.ORG_REF, "7", "no_such_item"),
        (FieldKind.FILE, None, "no_such_item"),
    ],
)
def test_what_cannot_be_is_refused(kind: FieldKind, raw: Any, code: str) -> None:
    found, message = refusal(kind, raw)
    assert found == code
    assert message


@pytest.mark.parametrize("kind", [kind for kind in FieldKind if kind != FieldKind.TABLE])
def test_a_number_too_long_to_print_is_refused(kind: FieldKind) -> None:
    assert refusal(kind, 10**5000)[0]


def test_sentences_tell_what_to_do() -> None:
    assert refusal(FieldKind.DATE, "下周")[1] == "日期的写法不对，请写成 2026-03-15 这样"
    assert refusal(FieldKind.INT, "很多")[1] == "请填写整数，例如 12"
    assert refusal(FieldKind.TEXT, "长" * 201)[1] == "最多写 200 个字，您写了 201 个字"


def test_a_short_name_that_only_one_division_bears_is_enough() -> None:
    assert read(FieldKind.DIVISION, "长沙县") == "430121"
    assert refusal(FieldKind.DIVISION, "鼓楼区")[0] == "no_such_division"  # there are several


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
near_misses = st.text("0123456789０９.-+/:年月日TZ,，％%元¥ *··王小测on\x00\ud800\u3000", max_size=24)
single_kinds = st.sampled_from([kind for kind in FieldKind if kind != FieldKind.TABLE])


@given(kind=single_kinds, raw=json_values | near_misses)
@example(kind=FieldKind.GEO, raw={"lat": {}, "lng": []})
@example(kind=FieldKind.DATETIME, raw="9999-12-31T23:59-23:59")
def test_anything_becomes_a_canonical_value_or_a_sentence(kind: FieldKind, raw: Any) -> None:
    try:
        value = read(kind, raw)
    except InvalidValue as exc:
        assert exc.code
        assert exc.message
        return
    assert read(kind, value) == value


@given(
    value=st.tuples(st.dates(min_value=date(1900, 1, 1), max_value=TODAY), st.integers(1, 999)).map(
        lambda given: synthetic_id_no(*given)
    ),
    spaces=st.lists(st.integers(0, 17), max_size=3),
)
def test_an_identity_number_survives_spaces(value: str, spaces: list[int]) -> None:
    typed = value
    for place in spaces:
        typed = f"{typed[:place]} {typed[place:]}"
    assert read(FieldKind.ID_NO, typed.lower()) == value


@given(fen=st.integers(0, 10**14 - 1))
def test_money_reads_back_from_what_a_page_shows(fen: int) -> None:
    assert read(FieldKind.MONEY, f"{fen // 100}.{fen % 100:02d}") == fen
