import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.money import MAX_FEN, fen_from_text, yuan
from backend.core.national import InvalidValue


@pytest.mark.parametrize(
    ("fen", "text"),
    [(0, "0.00"), (5, "0.05"), (380000, "3,800.00"), (1230050, "12,300.50"), (-1, "-0.01"), (-380000, "-3,800.00")],
)
def test_fen_as_yuan(fen: int, text: str) -> None:
    assert yuan(fen) == text


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("12,300.5", 1230050),
        ("0", 0),
        ("0.29", 29),
        ("1.1", 110),
        ("￥80", 8000),
        ("¥ 1,000", 100000),
        ("１００．５０元", 10050),
        (" 12 300.05 ", 1230005),
        ("1，200", 120000),
        ("007", 700),
        ("999,999,999,999.99", MAX_FEN),
    ],
)
def test_yuan_as_fen(text: str, fen: int) -> None:
    assert fen_from_text(text) == fen


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("", "money_empty", "请填写金额"),
        ("元", "money_empty", "请填写金额"),
        ("-5", "money_negative", "金额不能是负数"),
        ("1.2万", "money_unit", "请把金额写成以元为单位的数字，例如 12000"),
        ("1,23", "money_format", "金额的写法不对，请写成 12300.50 这样的数字"),
        ("1.2.3", "money_format", "金额的写法不对，请写成 12300.50 这样的数字"),
        (".5", "money_format", "金额的写法不对，请写成 12300.50 这样的数字"),
        ("1e5", "money_format", "金额的写法不对，请写成 12300.50 这样的数字"),
        ("12²", "money_format", "金额的写法不对，请写成 12300.50 这样的数字"),
        ("NaN", "money_format", "金额的写法不对，请写成 12300.50 这样的数字"),
        ("1.005", "money_precision", "金额最多写到分，小数点后面最多两位"),
        ("1000000000000", "money_too_large", "金额太大了，请检查是不是多写了几位"),
        ("9" * 5000, "money_too_large", "金额太大了，请检查是不是多写了几位"),
    ],
)
def test_every_wrong_amount_says_what_is_wrong(text: str, code: str, message: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        fen_from_text(text)
    assert (caught.value.code, caught.value.message) == (code, message)


@given(st.integers(0, MAX_FEN))
def test_what_is_shown_reads_back(fen: int) -> None:
    assert fen_from_text(yuan(fen)) == fen
    assert fen_from_text(f"{fen // 100}.{fen % 100:02d}") == fen


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_a_refusal(text: str) -> None:
    try:
        assert 0 <= fen_from_text(text) <= MAX_FEN
    except InvalidValue as refused:
        assert refused.code.startswith("money_")
