import pytest

from backend.core.national import CreditCode, InvalidValue, parse_bank_card, parse_credit_code


def test_bank_cards() -> None:
    assert parse_bank_card("9999 9900 0000 0014").number == "9999990000000014"
    assert parse_bank_card("9999-9900-0000-0014").luhn_ok is True
    assert parse_bank_card("9999990000000015").luhn_ok is False
    assert parse_bank_card("９９９９９９００００００００１４").number == "9999990000000014"


@pytest.mark.parametrize(
    ("typed", "code", "message"),
    [
        ("", "bank_card_empty", "请填写银行卡号"),
        ("999999000000001", "bank_card_length", "银行卡号是 16 至 19 位，您填了 15 位"),
        ("9" * 20, "bank_card_length", "银行卡号是 16 至 19 位，您填了 20 位"),
        ("999999000000001A", "bank_card_characters", "银行卡号只能是数字，请对照银行卡再看一遍"),
        (
            "9.99999E+15",
            "bank_card_spreadsheet",
            "这一格被电子表格改成了科学计数法，后几位数字已经丢失。请把该列设为文本后重新填写",
        ),
        ("************0014", "bank_card_masked", "请填写完整的银行卡号，不能用 * 代替"),
    ],
)
def test_every_wrong_bank_card_says_what_is_wrong(typed: str, code: str, message: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_bank_card(typed)
    assert (caught.value.code, caught.value.message) == (code, message)


def test_credit_codes() -> None:
    union = parse_credit_code(" 81430121-xxte000146 ")
    assert union == CreditCode(number="81430121XXTE000146", registrar="8", division="430121", body_ok=True)
    assert union.is_union
    firm = parse_credit_code("91430121XXTE000145")
    assert (firm.registrar, firm.is_union) == ("9", False)
    assert parse_credit_code("91350100M000100Y43").number == "91350100M000100Y43"
    assert parse_credit_code("91430121XXTE000259").body_ok is False


@pytest.mark.parametrize(
    ("typed", "code", "message"),
    [
        ("", "credit_code_empty", "请填写统一社会信用代码"),
        ("430121000012345", "credit_code_15", "这是 15 位的旧注册号，请填写 18 位统一社会信用代码"),
        ("91430121XXTE00014", "credit_code_length", "统一社会信用代码是 18 位，您填了 17 位，少了 1 位"),
        (
            "9143O121XXTE000145",
            "credit_code_letters",
            "代码里没有字母 I、O、S、V、Z，请看看是不是把 0 写成了 O、把 1 写成了 I",
        ),
        (
            "N2430121XXTE000145",
            "credit_code_characters",
            "统一社会信用代码前 8 位是数字，后面只有数字和字母。若您的代码以字母开头，请到工会窗口办理",
        ),
        (
            "91430121XXTE00014码",
            "credit_code_characters",
            "统一社会信用代码前 8 位是数字，后面只有数字和字母。若您的代码以字母开头，请到工会窗口办理",
        ),
        (
            "91430121XXTE000146",
            "credit_code_check_digit",
            "最后一位校验不通过，请对照营业执照或法人证书再看一遍",
        ),
    ],
)
def test_every_wrong_credit_code_says_what_is_wrong(typed: str, code: str, message: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_credit_code(typed)
    assert (caught.value.code, caught.value.message) == (code, message)
