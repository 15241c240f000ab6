from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backend.core.national import (
    PROVINCE_PREFIXES,
    Gender,
    IdKind,
    IdNo,
    InvalidValue,
    age_on,
    mask_bank_card,
    mask_id_no,
    mask_name,
    mask_phone,
    parse_bank_card,
    parse_credit_code,
    parse_id_no,
    parse_name,
    parse_phone,
    same_name,
    synthetic_id_no,
    upgrade_15,
)

TODAY = date(2026, 11, 21)
SYNTHETIC = "990001199003071231"  # the synthetic number the examples below bend

births = st.dates(min_value=date(1900, 1, 1), max_value=TODAY)
sequences = st.integers(min_value=1, max_value=999)


def parse(text: str) -> IdNo:
    return parse_id_no(text, allow_synthetic=True, today=TODAY)


def refusal(text: str, *, allow_synthetic: bool = True) -> tuple[str, str]:
    with pytest.raises(InvalidValue) as caught:
        parse_id_no(text, allow_synthetic=allow_synthetic, today=TODAY)
    return caught.value.code, caught.value.message


@pytest.mark.parametrize(
    ("number", "birth", "gender", "kind"),
    [
        ("11010519491231002X", date(1949, 12, 31), Gender.FEMALE, IdKind.RESIDENT),
        ("34052419800101001X", date(1980, 1, 1), Gender.MALE, IdKind.RESIDENT),
        ("513101198201130014", date(1982, 1, 13), Gender.MALE, IdKind.RESIDENT),
        ("370101190102039973", date(1901, 2, 3), Gender.MALE, IdKind.RESIDENT),
        ("810000198506150012", date(1985, 6, 15), Gender.MALE, IdKind.HK_MO_TW),
        ("820000198506150014", date(1985, 6, 15), Gender.MALE, IdKind.HK_MO_TW),
        ("830000198506150016", date(1985, 6, 15), Gender.MALE, IdKind.HK_MO_TW),
        (SYNTHETIC, date(1990, 3, 7), Gender.MALE, IdKind.SYNTHETIC),
    ],
)
def test_published_examples(number: str, birth: date, gender: Gender, kind: IdKind) -> None:
    assert parse(number) == IdNo(number=number, division=number[:6], birth=birth, gender=gender, kind=kind)


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        " 110105 19491231 002x ",
        "１１０１０５１９４９１２３１００２ｘ",
        "1101 0519\u30004912\u00a031002X",
        "11010519491231002×",
        "'11010519491231002X",
        "\u202d11010519491231002X\u202c",
        "\ufeff11010519491231002X\t\n",
    ],
)
def test_the_ways_one_number_is_typed(typed: str) -> None:
    assert parse(typed).number == "11010519491231002X"


AGAIN = "请对照身份证再看一遍"
SCIENTIFIC = "这一格被电子表格改成了科学计数法，后几位数字已经丢失。请把该列设为文本后重新填写"
ZEROED = "末尾几位变成了 0，像是被电子表格改过。请把该列设为文本后重新填写"


@pytest.mark.parametrize(
    ("typed", "code", "message"),
    [
        ("", "id_no_empty", "请填写身份证号码"),
        (" \u200b\u3000", "id_no_empty", "请填写身份证号码"),
        ("99000119900307123", "id_no_length", "身份证号码是 18 位，您填了 17 位，少了 1 位"),
        ("9900011990030712314", "id_no_length", "身份证号码是 18 位，您填了 19 位，多了 1 位"),
        ("430121900307123", "id_no_15", "这是 15 位的旧号码，请输入 18 位身份证号码"),
        ("99000119900307123O", "id_no_characters", f"身份证号码的第 18 位不是数字，{AGAIN}"),
        ("九90001199003071233", "id_no_characters", f"身份证号码的第 1 位不是数字，{AGAIN}"),
        ("99000\u0661199003071233", "id_no_characters", f"身份证号码的第 6 位不是数字，{AGAIN}"),
        ("990001199003071X33", "id_no_characters", f"字母 X 只能在第 18 位，{AGAIN}"),
        ("990001********1233", "id_no_masked", "请填写完整的身份证号码，不能用 * 代替"),
        ("170101199003071233", "id_no_province", f"身份证号码的前两位不是任何省份的代码，{AGAIN}"),
        ("911124198108030024", "id_no_foreign", "9 开头的像是外国人永久居留身份证，请到工会窗口办理"),
        ("990001202302291234", "id_no_birth_date", f"身份证号码里没有这样的出生日期（第 7 至 14 位），{AGAIN}"),
        ("990001199004311234", "id_no_birth_date", f"身份证号码里没有这样的出生日期（第 7 至 14 位），{AGAIN}"),
        ("990001000001011234", "id_no_birth_date", f"身份证号码里没有这样的出生日期（第 7 至 14 位），{AGAIN}"),
        ("440524188001010014", "id_no_birth_too_early", f"身份证号码里的出生年份早于 1900 年，{AGAIN}"),
        ("990001189912311234", "id_no_birth_too_early", f"身份证号码里的出生年份早于 1900 年，{AGAIN}"),
        ("990001202611221234", "id_no_birth_future", f"身份证号码里的出生日期还没有到，{AGAIN}"),
        ("990001199003070002", "id_no_sequence", f"身份证号码的第 15 至 17 位不会是 000，{AGAIN}"),
        ("990001199003071234", "id_no_check_digit", f"最后一位校验不通过，{AGAIN}"),
        ("99000119900307123X", "id_no_check_digit", f"最后一位校验不通过，{AGAIN}"),
        ("4.30121E+17", "id_no_spreadsheet", SCIENTIFIC),
        ("４．３０１２１Ｅ＋１７", "id_no_spreadsheet", SCIENTIFIC),
        ("4.30121199003071e17", "id_no_spreadsheet", SCIENTIFIC),
        ("4E+17", "id_no_spreadsheet", SCIENTIFIC),
        ("990001199003071000.0", "id_no_spreadsheet", SCIENTIFIC),
        ("990001199003071000", "id_no_spreadsheet", ZEROED),
        ("990001199003070000", "id_no_spreadsheet", ZEROED),
    ],
)
def test_every_wrong_number_says_what_is_wrong(typed: str, code: str, message: str) -> None:
    assert refusal(typed) == (code, message)


def test_synthetic_numbers_only_where_allowed() -> None:
    assert refusal(SYNTHETIC, allow_synthetic=False) == (
        "id_no_synthetic",
        "99 开头的是演示用的号码，不能在这里使用",
    )
    assert parse(SYNTHETIC).kind == IdKind.SYNTHETIC


def test_a_leap_day_and_today_are_birth_dates() -> None:
    assert parse(synthetic_id_no(date(2024, 2, 29), 2)).birth == date(2024, 2, 29)
    assert parse(synthetic_id_no(TODAY, 2)).birth == TODAY
    assert parse(synthetic_id_no(date(1900, 1, 1), 2)).birth == date(1900, 1, 1)


def test_a_true_number_that_ends_in_zeros_is_no_spreadsheet_accident() -> None:
    ends_so = [n for day in range(1, 29) if (n := synthetic_id_no(date(1990, 3, day), 100)).endswith("000")]
    assert ends_so
    assert [parse(number).number for number in ends_so] == ends_so


@given(births, sequences, st.sampled_from(["00", *sorted(PROVINCE_PREFIXES)]))
def test_synthetic_numbers_read_back(birth: date, sequence: int, province: str) -> None:
    number = synthetic_id_no(birth, sequence, province=province)
    gender = Gender.MALE if sequence % 2 else Gender.FEMALE
    division = f"99{province}01"
    assert parse(number) == IdNo(number=number, division=division, birth=birth, gender=gender, kind=IdKind.SYNTHETIC)


def test_a_synthetic_number_by_hand() -> None:
    # 9*7 + 9*9 + 1*4 + 1*2 + 9*1 + 9*6 + 3*9 + 7*5 + 1*8 + 2*4 + 3*2 = 297, and 297 % 11 = 0 gives "1"
    assert synthetic_id_no(date(1990, 3, 7), 123) == SYNTHETIC


@pytest.mark.parametrize(("sequence", "province"), [(0, "00"), (1000, "00"), (1, "17"), (1, "99")])
def test_synthetic_numbers_refuse_what_they_cannot_hold(sequence: int, province: str) -> None:
    with pytest.raises(ValueError, match=r"outside|no province"):
        synthetic_id_no(date(1990, 3, 7), sequence, province=province)


@given(births, sequences, st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_wrong_digit_never_passes(birth: date, sequence: int, place: int, digit: str) -> None:
    number = synthetic_id_no(birth, sequence)
    assume(number[place] != digit)
    refusal(number[:place] + digit + number[place + 1 :])


@given(births, sequences, st.integers(0, 16))
def test_two_neighbours_exchanged_never_pass(birth: date, sequence: int, place: int) -> None:
    number = synthetic_id_no(birth, sequence)
    assume(number[place] != number[place + 1])
    refusal(number[:place] + number[place + 1] + number[place] + number[place + 2 :])


@given(st.text(max_size=24))
def test_any_text_is_a_number_or_a_refusal(text: str) -> None:
    for parser in (parse, parse_name, parse_phone, parse_bank_card, parse_credit_code):
        try:
            parser(text)
        except InvalidValue as refused:
            assert refused.code.isascii() and refused.message


def test_fifteen_digits_are_upgraded_for_the_roll_import() -> None:
    assert upgrade_15("110105491231002") == "11010519491231002X"
    assert upgrade_15(" １１０１０５ 491231002") == "11010519491231002X"
    assert upgrade_15("11010519491231002x") == "11010519491231002X"
    assert refusal(upgrade_15("4.30121E+14"))[0] == "id_no_spreadsheet"


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(1990, 3, 7), date(2026, 3, 6), 35),
        (date(1990, 3, 7), date(2026, 3, 7), 36),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2024, 2, 29), 16),
        (TODAY, TODAY, 0),
    ],
)
def test_age(birth: date, day: date, age: int) -> None:
    assert age_on(birth, day) == age


@given(births, st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 800))
def test_age_never_falls(birth: date, day: date, later: int) -> None:
    assert age_on(birth, day) <= age_on(birth, date.fromordinal(day.toordinal() + later))


@pytest.mark.parametrize(
    "typed",
    [
        "15400000001",
        "154 0000 0001",
        "154-0000-0001",
        "+86 154 0000 0001",
        "+8615400000001",
        "(+86)154-0000-0001",
        "008615400000001",
        "8615400000001",
        "１５４００００００ ０１",
        "\u202d+86 154 0000 0001\u202c",
        "154–0000–0001",
    ],
)
def test_the_ways_one_phone_is_typed(typed: str) -> None:
    assert parse_phone(typed) == "15400000001"


@pytest.mark.parametrize(
    ("typed", "code", "message"),
    [
        ("", "phone_empty", "请填写手机号"),
        ("1540000000", "phone_length", "手机号是 11 位，您填了 10 位，少了 1 位"),
        ("154000000011", "phone_length", "手机号是 11 位，您填了 12 位，多了 1 位"),
        ("12400000001", "phone_prefix", "手机号应当以 13 至 19 开头，请再看一遍"),
        ("1,400000001", "phone_characters", "手机号只能是数字，请再看一遍"),
        ("1540000000\u0661", "phone_characters", "手机号只能是数字，请再看一遍"),
        ("0731-84010000", "phone_landline", "这像是座机号码，请填写 11 位手机号"),
        ("154****0001", "phone_masked", "请填写完整的手机号，不能用 * 代替"),
        ("1.54E+10", "phone_spreadsheet", SCIENTIFIC),
    ],
)
def test_every_wrong_phone_says_what_is_wrong(typed: str, code: str, message: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_phone(typed)
    assert (caught.value.code, caught.value.message) == (code, message)


@given(st.sampled_from("3456789"), st.text("0123456789", min_size=9, max_size=9))
def test_every_prefix_from_13_to_19_is_a_phone(second: str, rest: str) -> None:
    assert parse_phone(f"1{second}{rest}") == f"1{second}{rest}"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("王小测", "王小测"),
        (" 王\u3000测\n", "王测"),
        ("王 小测", "王小测"),
        ("买买提·艾力", "买买提·艾力"),
        ("买买提 • 艾力", "买买提·艾力"),
        ("㼆测", "㼆测"),
        ("王𠮷", "王𠮷"),
        ("李〇", "李〇"),
        ("\U00031350\U000323af", "\U00031350\U000323af"),
        ("王\ufe00测\U000e0100", "王测"),
        ("\u200b王测\u202c", "王测"),
        ("\uf9dc测", "隆测"),
        ("测" * 25, "测" * 25),
        ("·".join("测" * 25), "·".join("测" * 25)),
    ],
)
def test_names(typed: str, name: str) -> None:
    assert parse_name(typed) == name


@pytest.mark.parametrize("dot", "·•‧・･．.。∙⋅")
def test_every_dot_becomes_the_one_separator(dot: str) -> None:
    assert parse_name(f"艾力{dot}买买提") == "艾力\u00b7买买提"
    assert same_name(f"艾力{dot}买买提", "艾力 · 买买提")


@pytest.mark.parametrize(
    ("typed", "code", "message"),
    [
        ("", "name_empty", "请填写姓名"),
        ("\u3000", "name_empty", "请填写姓名"),
        ("测", "name_length", "姓名至少要有 2 个汉字"),
        ("测" * 26, "name_length", "姓名最多 25 个汉字，您填了 26 个"),
        ("王*测", "name_masked", "请填写完整的姓名，不能用 * 代替"),
        ("·艾力", "name_separator", "姓名中间的“·”不能在开头、结尾，也不能连着用两个"),
        ("艾力.", "name_separator", "姓名中间的“·”不能在开头、结尾，也不能连着用两个"),
        ("艾力··买买提", "name_separator", "姓名中间的“·”不能在开头、结尾，也不能连着用两个"),
        ("买买提 艾力", "name_space", "姓名中间有空格。名字里有“·”的请用“·”代替空格，没有的请去掉空格"),
        ("买买提\u3000\u200b艾力", "name_space", "姓名中间有空格。名字里有“·”的请用“·”代替空格，没有的请去掉空格"),
        ("艾 买买提", "name_space", "姓名中间有空格。名字里有“·”的请用“·”代替空格，没有的请去掉空格"),
        ("J.Smith", "name_characters", "姓名请按身份证填写汉字，名字中间的点用“·”"),
        ("王小测1", "name_characters", "姓名请按身份证填写汉字，名字中间的点用“·”"),
        ("王\x00测", "name_characters", "姓名请按身份证填写汉字，名字中间的点用“·”"),
        ("王\n测", "name_characters", "姓名请按身份证填写汉字，名字中间的点用“·”"),
        ("ミャオ", "name_characters", "姓名请按身份证填写汉字，名字中间的点用“·”"),
        ("王\ud842", "name_rare", "姓名里有系统认不出的字，请换一种输入法再试，或到工会窗口办理"),
        ("王\ue000", "name_rare", "姓名里有系统认不出的字，请换一种输入法再试，或到工会窗口办理"),
    ],
)
def test_every_wrong_name_says_what_is_wrong(typed: str, code: str, message: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_name(typed)
    assert (caught.value.code, caught.value.message) == (code, message)


han = st.one_of(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.characters(min_codepoint=0x3400, max_codepoint=0x4DBF),
    st.integers(0x20000, 0x2A6DF).map(chr),
    st.integers(0x30000, 0x3134A).map(chr),
)


@given(st.lists(st.text(han, min_size=1, max_size=5), min_size=2, max_size=5))
def test_a_parsed_name_parses_to_itself(parts: list[str]) -> None:
    name = parse_name(" . ".join(parts))
    assert name == "·".join(parts)
    assert parse_name(name) == name
    name.encode("utf-8")


def test_names_are_compared_after_normalising() -> None:
    assert same_name("王 测", "王测")
    assert not same_name("王测", "王小测")


def test_masks_of_numbers() -> None:
    assert mask_id_no("430121199003071233") == "430121********1233"
    assert mask_phone("15400000001") == "154****0001"
    assert mask_bank_card("9999990000000014") == "************0014"
    assert [mask_id_no("1234567890"), mask_phone("1234"), mask_phone("")] == ["**********", "****", ""]


def test_logs_see_masked_numbers() -> None:
    assert repr(parse(SYNTHETIC)) == "IdNo(990001********1231)"
    assert str(parse_bank_card("9999990000000014")) == "BankCard(************0014)"


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小测", "王*测"),
        ("王测", "王*"),
        ("王李小测", "王**测"),
        ("欧阳小测", "欧阳*测"),
        ("欧阳测", "欧阳*"),
        ("司马", "司*"),
        ("买买提·艾力", "买**·*力"),
        ("阿·力", "阿·*"),
        ("𠮷小测", "𠮷*测"),
        ("测", "*"),
        ("", ""),
    ],
)
def test_masks_of_names(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@given(st.text(han, min_size=1, max_size=25))
def test_a_masked_name_hides_somebody(name: str) -> None:
    masked = mask_name(name)
    assert len(masked) == len(name)
    assert "*" in masked
