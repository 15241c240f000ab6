"""What the state numbers and names: identity numbers, phones, names, bank cards, credit codes.

Every parser takes what a person typed or a spreadsheet held, returns the one normal form and raises
`InvalidValue` with a sentence that says what to do. No sentence repeats the value: it may be logged.
Formats: GB 11643-1999 (identity numbers), GB 32100-2015 and GB 11714 (credit codes).
"""

import re
import unicodedata
from datetime import date
from enum import StrEnum

import msgspec
from stdnum import luhn
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidFormat
from stdnum.iso7064 import mod_11_2

_PROVINCES = """
    11 12 13 14 15  21 22 23  31 32 33 34 35 36 37  41 42 43 44 45 46  50 51 52 53 54
    61 62 63 64 65  71  81 82 83
"""
PROVINCE_PREFIXES = frozenset(_PROVINCES.split())
HK_MO_TW_PREFIXES = frozenset({"81", "82", "83"})
SYNTHETIC_PREFIX = "99"  # no province has it, so a made-up number can never be a person's

_SURNAMES = """
    欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 长孙 宇文 司徒 司空 夏侯 令狐 轩辕 澹台 公冶 宗政 濮阳
    淳于 单于 太叔 申屠 仲孙 钟离 鲜于 闾丘 亓官 呼延 万俟 闻人 赫连 拓跋 东郭 南宫 西门 独孤 端木 第五
"""
COMPOUND_SURNAMES = frozenset(_SURNAMES.split())

# With 〇 and the twelve unified characters that Unicode keeps among the compatibility ones.
_HAN = (
    "〇\u3400-\u4dbf\u4e00-\u9fff\ufa0e\ufa0f\ufa11\ufa13\ufa14\ufa1f\ufa21\ufa23\ufa24\ufa27-\ufa29"
    "\U00020000-\U0002a6df\U0002a700-\U0002ebe0\U0002ebf0-\U0002ee5d\U00030000-\U000323af"
)
_HAN_RUN = re.compile(rf"[{_HAN}]+\Z")
_SPACED = re.compile(rf"([{_HAN}]+)[^\S\n\r\t]+([{_HAN}]+)")
_SEPARATORS = re.compile("[\u00b7\u2022\u2027\u2219\u22c5\u30fb\uff65\uff0e\u3002.]")
_SEPARATOR = "\u00b7"
_VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SCIENTIFIC = re.compile(r"[0-9]+(\.[0-9]*)?E\+?[0-9]+\Z")
_FLOAT_TAIL = re.compile(r"[0-9]{15,}\.0*\Z")
_PHONE = re.compile(r"\A1[3-9][0-9]{9}\Z")
_TEXT_MARKS = "'`\u2018\u2019"  # what spreadsheets put before a number that is meant as text

_SPREADSHEET = "这一格被电子表格改成了科学计数法，后几位数字已经丢失。请把该列设为文本后重新填写"
_ID_AGAIN = "请对照身份证再看一遍"


class InvalidValue(Exception):
    """`code` is stable English; `message` tells the person in Chinese what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


class Gender(StrEnum):
    MALE = "male"
    FEMALE = "female"


class IdKind(StrEnum):
    RESIDENT = "resident"
    HK_MO_TW = "hk_mo_tw"
    SYNTHETIC = "synthetic"


class IdNo(msgspec.Struct, frozen=True):
    """In the 18-character form; `division` is the first six digits, possibly a withdrawn code."""

    number: str
    division: str
    birth: date
    gender: Gender
    kind: IdKind

    def __repr__(self) -> str:  # what lands in a log or a traceback says nothing of the person
        return f"IdNo({mask_id_no(self.number)})"


class BankCard(msgspec.Struct, frozen=True):
    """`luhn_ok` false is a warning only: some old domestic cards fail the check."""

    number: str
    luhn_ok: bool

    def __repr__(self) -> str:
        return f"BankCard({mask_bank_card(self.number)})"


class CreditCode(msgspec.Struct, frozen=True):
    """`registrar` is the first digit (8 = union, 9 = market regulation, 5 = civil affairs, 1 = public body).

    `body_ok` false is a warning only: the organisation code inside fails its own GB 11714 check.
    """

    number: str
    registrar: str
    division: str
    body_ok: bool

    @property
    def is_union(self) -> bool:
        return self.registrar == "8"


def compact(text: str) -> str:
    """Half-width, upper case, without spaces and the invisible marks that phones and spreadsheets add."""
    visible = (c for c in text.translate(_FULL_WIDTH) if not c.isspace() and unicodedata.category(c) != "Cf")
    return "".join(visible).lstrip(_TEXT_MARKS).upper()


def _require_plain(value: str, what: str, code: str) -> None:
    if not value:
        raise InvalidValue(f"{code}_empty", f"请填写{what}")
    if _SCIENTIFIC.match(value) or _FLOAT_TAIL.match(value):
        raise InvalidValue(f"{code}_spreadsheet", _SPREADSHEET)
    if "*" in value:
        raise InvalidValue(f"{code}_masked", f"请填写完整的{what}，不能用 * 代替")


def _off_by(have: int, want: int) -> str:
    return f"少了 {want - have} 位" if have < want else f"多了 {have - want} 位"


def parse_id_no(text: str, *, allow_synthetic: bool, today: date) -> IdNo:
    """Fifteen digits are refused with a hint; a roll import calls `upgrade_15` first."""
    number = compact(text).replace("×", "X")
    _require_id_shape(number)
    kind = _id_kind(number[:2], allow_synthetic=allow_synthetic)
    birth = _birth_in(number, today)
    _require_id_tail(number)
    gender = Gender.MALE if int(number[16]) % 2 else Gender.FEMALE
    return IdNo(number=number, division=number[:6], birth=birth, gender=gender, kind=kind)


def _require_id_shape(number: str) -> None:
    _require_plain(number, "身份证号码", "id_no")
    for position, char in enumerate(number, start=1):
        if char == "X" and position != 18:
            raise InvalidValue("id_no_characters", f"字母 X 只能在第 18 位，{_ID_AGAIN}")
        if char not in "0123456789X":
            raise InvalidValue("id_no_characters", f"身份证号码的第 {position} 位不是数字，{_ID_AGAIN}")
    if len(number) == 15:
        raise InvalidValue("id_no_15", "这是 15 位的旧号码，请输入 18 位身份证号码")
    if len(number) != 18:
        count = len(number)
        raise InvalidValue("id_no_length", f"身份证号码是 18 位，您填了 {count} 位，{_off_by(count, 18)}")


def _id_kind(prefix: str, *, allow_synthetic: bool) -> IdKind:
    if prefix == SYNTHETIC_PREFIX:
        if allow_synthetic:
            return IdKind.SYNTHETIC
        raise InvalidValue("id_no_synthetic", "99 开头的是演示用的号码，不能在这里使用")
    if prefix.startswith("9"):
        raise InvalidValue("id_no_foreign", "9 开头的像是外国人永久居留身份证，请到工会窗口办理")
    if prefix not in PROVINCE_PREFIXES:
        raise InvalidValue("id_no_province", f"身份证号码的前两位不是任何省份的代码，{_ID_AGAIN}")
    return IdKind.HK_MO_TW if prefix in HK_MO_TW_PREFIXES else IdKind.RESIDENT


def _birth_in(number: str, today: date) -> date:
    try:
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        message = f"身份证号码里没有这样的出生日期（第 7 至 14 位），{_ID_AGAIN}"
        raise InvalidValue("id_no_birth_date", message) from None
    if birth.year < 1900:
        raise InvalidValue("id_no_birth_too_early", f"身份证号码里的出生年份早于 1900 年，{_ID_AGAIN}")
    if birth > today:
        raise InvalidValue("id_no_birth_future", f"身份证号码里的出生日期还没有到，{_ID_AGAIN}")
    return birth


def _require_id_tail(number: str) -> None:
    checks = mod_11_2.is_valid(number)
    unused_sequence = number[14:17] == "000"
    # A spreadsheet keeps fifteen significant digits and fills the rest with zeros.
    if number.endswith("000") and (unused_sequence or not checks):
        message = "末尾几位变成了 0，像是被电子表格改过。请把该列设为文本后重新填写"
        raise InvalidValue("id_no_spreadsheet", message)
    if unused_sequence:
        raise InvalidValue("id_no_sequence", f"身份证号码的第 15 至 17 位不会是 000，{_ID_AGAIN}")
    if not checks:
        raise InvalidValue("id_no_check_digit", f"最后一位校验不通过，{_ID_AGAIN}")


def upgrade_15(text: str) -> str:
    """The 18-character form of a GB 11643-1989 number; anything else comes back cleaned, to be parsed."""
    number = compact(text)
    if not re.fullmatch(r"[0-9]{15}", number):
        return number
    body = f"{number[:6]}19{number[6:]}"
    return body + mod_11_2.calc_check_digit(body)


def synthetic_id_no(birth: date, sequence: int, *, province: str = "00") -> str:
    """A number nobody can have; odd `sequence` (1–999) is male.

    `province` makes a number whose household is that real province: "44" gives 994401…, still synthetic.
    """
    if not 1 <= sequence <= 999:
        raise ValueError(f"sequence {sequence} is outside 1-999")
    if province != "00" and province not in PROVINCE_PREFIXES:
        raise ValueError(f"{province} is no province")
    body = f"{SYNTHETIC_PREFIX}{province}01{birth:%Y%m%d}{sequence:03d}"
    return body + mod_11_2.calc_check_digit(body)


def age_on(birth: date, day: date) -> int:
    """Full years on that day; a birthday of 29 February counts from 1 March in common years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def parse_phone(text: str) -> str:
    """Eleven digits; who holds the number is proven by a code, not here."""
    phone = re.sub(r"[-()\u2010-\u2015\u2212]", "", compact(text))
    _require_plain(phone, "手机号", "phone")
    local = re.sub(r"\A(\+86|0086|86(?=1[0-9]{10}\Z))", "", phone)
    if _PHONE.match(local):
        return local
    if not re.fullmatch(r"[0-9]+", local):
        raise InvalidValue("phone_characters", "手机号只能是数字，请再看一遍")
    if local.startswith("0"):
        raise InvalidValue("phone_landline", "这像是座机号码，请填写 11 位手机号")
    if len(local) != 11:
        count = len(local)
        raise InvalidValue("phone_length", f"手机号是 11 位，您填了 {count} 位，{_off_by(count, 11)}")
    raise InvalidValue("phone_prefix", "手机号应当以 13 至 19 开头，请再看一遍")


def parse_name(text: str) -> str:
    """A name in Han characters, NFC, parts separated by U+00B7.

    One space behind a surname is padding; a space between longer parts may stand for a dot, and is asked about.
    """
    if any(len(right) > 2 or len(left) > 1 for left, right in _SPACED.findall(_visible(text.strip()))):
        raise InvalidValue("name_space", "姓名中间有空格。名字里有“·”的请用“·”代替空格，没有的请去掉空格")
    name = _name_without_spaces(text)
    if not name:
        raise InvalidValue("name_empty", "请填写姓名")
    if "*" in name:
        raise InvalidValue("name_masked", "请填写完整的姓名，不能用 * 代替")
    if any(unicodedata.category(c) in ("Co", "Cn", "Cs") and not _HAN_RUN.match(c) for c in name):
        raise InvalidValue("name_rare", "姓名里有系统认不出的字，请换一种输入法再试，或到工会窗口办理")
    parts = _SEPARATORS.split(name)
    if any(part and not _HAN_RUN.match(part) for part in parts):
        raise InvalidValue("name_characters", "姓名请按身份证填写汉字，名字中间的点用“·”")
    if not all(parts):
        raise InvalidValue("name_separator", "姓名中间的“·”不能在开头、结尾，也不能连着用两个")
    length = sum(map(len, parts))
    if length < 2:
        raise InvalidValue("name_length", "姓名至少要有 2 个汉字")
    if length > 25:
        raise InvalidValue("name_length", f"姓名最多 25 个汉字，您填了 {length} 个")
    return _SEPARATOR.join(parts)


def same_name(one: str, other: str) -> bool:
    """Equal as names, whatever dot or spacing either side used."""
    left, right = (_SEPARATORS.sub(_SEPARATOR, _name_without_spaces(name)) for name in (one, other))
    return left == right


def _name_without_spaces(text: str) -> str:
    # Two-character names are often padded with a wide space to line up with three; input methods add
    # invisible marks and variation selectors, which change the drawing of a character but not the name.
    visible = (c for c in _visible(text.strip()) if unicodedata.category(c) != "Zs")
    return unicodedata.normalize("NFC", "".join(visible))


def _visible(text: str) -> str:
    return _VARIATION.sub("", "".join(c for c in text if unicodedata.category(c) != "Cf"))


def parse_bank_card(text: str) -> BankCard:
    number = compact(text).replace("-", "")
    _require_plain(number, "银行卡号", "bank_card")
    if not re.fullmatch(r"[0-9]+", number):
        raise InvalidValue("bank_card_characters", "银行卡号只能是数字，请对照银行卡再看一遍")
    if not 16 <= len(number) <= 19:
        raise InvalidValue("bank_card_length", f"银行卡号是 16 至 19 位，您填了 {len(number)} 位")
    return BankCard(number=number, luhn_ok=luhn.is_valid(number))


def parse_credit_code(text: str) -> CreditCode:
    number = compact(text).replace("-", "")
    _require_plain(number, "统一社会信用代码", "credit_code")
    if re.fullmatch(r"[0-9]{15}", number):
        raise InvalidValue("credit_code_15", "这是 15 位的旧注册号，请填写 18 位统一社会信用代码")
    if len(number) != 18:
        message = f"统一社会信用代码是 18 位，您填了 {len(number)} 位，{_off_by(len(number), 18)}"
        raise InvalidValue("credit_code_length", message)
    if re.search("[IOSVZ]", number):
        message = "代码里没有字母 I、O、S、V、Z，请看看是不是把 0 写成了 O、把 1 写成了 I"
        raise InvalidValue("credit_code_letters", message)
    try:
        uscc.validate(number)
    except InvalidChecksum:
        message = "最后一位校验不通过，请对照营业执照或法人证书再看一遍"
        raise InvalidValue("credit_code_check_digit", message) from None
    except InvalidFormat:
        message = "统一社会信用代码前 8 位是数字，后面只有数字和字母。若您的代码以字母开头，请到工会窗口办理"
        raise InvalidValue("credit_code_characters", message) from None
    body_ok = _body_ok(number[8:17])
    return CreditCode(number=number, registrar=number[0], division=number[2:8], body_ok=body_ok)


def _body_ok(body: str) -> bool:
    """GB 11714: nine characters, the last checks the first eight."""
    total = sum(int(char, 36) * weight for char, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=False))
    return body[8] == "0123456789X"[-total % 11]


def mask_id_no(number: str) -> str:
    """430121********1233: what lies between the division and the last four is hidden."""
    return _mask_between(number, head=6, tail=4)


def mask_phone(phone: str) -> str:
    return _mask_between(phone, head=3, tail=4)


def mask_bank_card(number: str) -> str:
    return _mask_between(number, head=0, tail=4)


def _mask_between(text: str, *, head: int, tail: int) -> str:
    hidden = len(text) - head - tail
    if hidden < 4:  # too short to be the real thing, so nothing of it is safe to show
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[len(text) - tail :]


def mask_name(name: str) -> str:
    """王小测 → 王*测, 王测 → 王*, 欧阳小测 → 欧阳*测; dots stay: 买买提·艾力 → 买**·*力."""
    letters = [c for c in name if c != _SEPARATOR]
    if len(letters) < 2:
        return "*" * len(letters)
    shown_head = 2 if name[:2] in COMPOUND_SURNAMES and len(letters) > 2 else 1
    shown_tail = 1 if len(letters) > shown_head + 1 else 0
    last_shown = len(letters) - shown_tail
    masked = iter(c if i < shown_head or i >= last_shown else "*" for i, c in enumerate(letters))
    return "".join(c if c == _SEPARATOR else next(masked) for c in name)
