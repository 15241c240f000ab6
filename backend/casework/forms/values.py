"""One parser a field kind: what a person typed or an app sent → the canonical value, or `InvalidValue`.

Each is total: any text, any JSON value, however long or odd, gives a value or a sentence that says what to do;
and each is idempotent: the canonical value parses to itself. No sentence repeats what was typed.
"""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from backend.core import clock, ids, money, national, reference
from backend.core.divisions import Divisions
from backend.core.national import InvalidValue

LONGEST_INPUT = 20_000
SHORT_TEXT = 200
LONG_TEXT = 3_000
FIRST_YEAR, LAST_YEAR = 1900, 2100
_LONGEST_NUMBER = 64

_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_INTEGER = re.compile(r"[+-]?[0-9]{1,15}\Z")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,6})?\Z")
_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})-([0-9]{1,2})|/([0-9]{1,2})/([0-9]{1,2})|\.([0-9]{1,2})\.([0-9]{1,2})"
                  r"|年([0-9]{1,2})月([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))\Z")  # fmt: skip
_MONTH = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})|年([0-9]{1,2})月|([0-9]{2}))\Z")
_TIME = re.compile(
    r"(.{6,11}?)[T\s]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?\Z"
)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}

Parser = Callable[[Any, date], Any]


def wrong(code: str, message: str) -> InvalidValue:
    return InvalidValue(code, message)


def plain(raw: Any) -> str:
    """The text itself, NFC and stripped; refuses what no person types."""
    if not isinstance(raw, str):
        raise wrong("not_text", "这一项应为文字")
    if len(raw) > LONGEST_INPUT:
        raise wrong("too_long", "填写的内容太长了，请缩短一些")
    if _UNREADABLE.search(raw := raw.replace("\r\n", "\n").replace("\r", "\n")):
        raise wrong("unreadable", "内容里有无法识别的字符，请删除后重新填写")
    return unicodedata.normalize("NFC", raw).strip()


def text(raw: Any, today: date) -> str:
    """One line."""
    return " ".join(plain(raw).split())


def longtext(raw: Any, today: date) -> str:
    return plain(raw)


def _numeric(raw: Any, code: str, sentence: str) -> str:
    """Half-width, without spaces, short enough to be a number."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise wrong(code, sentence)
    if isinstance(raw, float):
        if not math.isfinite(raw):
            raise wrong(code, sentence)
        return str(int(raw)) if raw.is_integer() and abs(raw) < 2**53 else repr(raw)
    if isinstance(raw, int):
        return str(raw) if abs(raw) < 10**20 else "9" * 20
    number = "".join(raw[:LONGEST_INPUT].translate(_FULL_WIDTH).split())
    if len(number) > _LONGEST_NUMBER:
        raise wrong("number_too_large", "数字太大了，请检查是不是多写了几位")
    return number


def _too_large(number: str) -> bool:
    return bool(re.fullmatch(r"[+-]?[0-9]{13,}(\.[0-9]*)?", number))


def integer(raw: Any, today: date) -> int:
    number = _numeric(raw, "not_integer", "请填写整数，例如 12")
    if _INTEGER.match(number):
        return int(number)
    if _too_large(number):
        raise wrong("number_too_large", "数字太大了，请检查是不是多写了几位")
    raise wrong("not_integer", "请填写整数，例如 12")


def decimal(raw: Any, today: date) -> str:
    """Canonical decimal text: no exponent, no needless zeros, "0" never "-0"."""
    number = _numeric(raw, "not_number", "请填写数字，例如 12.5")
    if _DECIMAL.match(number):
        value = f"{Decimal(number):f}"
        value = value.rstrip("0").rstrip(".") if "." in value else value
        return "0" if value in ("-0", "0") else value
    if _too_large(number):
        raise wrong("number_too_large", "数字太大了，请检查是不是多写了几位")
    raise wrong("not_number", "请填写数字，例如 12.5，小数点后面最多 6 位")


def percent(raw: Any, today: date) -> str:
    """5 for 5 %."""
    if isinstance(raw, str):
        raw = raw[:LONGEST_INPUT].strip().removesuffix("%").removesuffix("％")
    return decimal(raw, today)


def fen(raw: Any, today: date) -> int:
    """A JSON integer is fen; text is yuan as people write it."""
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        raise wrong("money_format", "金额应为以分为单位的整数，或写成 12300.50 这样的文字")
    if isinstance(raw, int):
        if raw < 0:
            raise wrong("money_negative", "金额不能是负数")
        if raw > money.MAX_FEN:
            raise wrong("money_too_large", "金额太大了，请检查是不是多写了几位")
        return raw
    if len(raw) > _LONGEST_NUMBER:
        raise wrong("money_too_large", "金额太大了，请检查是不是多写了几位")
    return money.fen_from_text(raw)


def flag(raw: Any, today: date) -> bool:
    """True or false alone; what a page's boxes send is read in page.py."""
    if isinstance(raw, bool):
        return raw
    raise wrong("not_bool", "请选“是”或“否”")


def _calendar_day(year: str, month: str, day: str) -> date:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        raise wrong("no_such_day", "没有这一天，请再看一遍日期") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise wrong("year_range", f"年份应在 {FIRST_YEAR} 到 {LAST_YEAR} 之间")
    return found


def _stamp(raw: Any, code: str, example: str) -> str:
    if not isinstance(raw, str) or len(raw) > _LONGEST_NUMBER:
        raise wrong(code, f"写法不对，请写成 {example} 这样")
    return raw.translate(_FULL_WIDTH).strip()


def day(raw: Any, today: date) -> str:
    found = _DAY.match("".join(_stamp(raw, "not_date", "2026-03-15").split()))
    if found is None:
        raise wrong("not_date", "日期的写法不对，请写成 2026-03-15 这样")
    year, month, number = (part for part in found.groups() if part is not None)
    return _calendar_day(year, month, number).isoformat()


def month(raw: Any, today: date) -> str:
    found = _MONTH.match("".join(_stamp(raw, "not_month", "2026-03").split()))
    if found is None:
        raise wrong("not_month", "年月的写法不对，请写成 2026-03 这样")
    year, number = (part for part in found.groups() if part is not None)
    return _calendar_day(year, number, "1").isoformat()[:7]


def year(raw: Any, today: date) -> int:
    number = _numeric(raw, "not_year", "请填写四位数的年份，例如 2026").removesuffix("年")
    if not re.fullmatch("[0-9]{4}", number):
        raise wrong("not_year", "请填写四位数的年份，例如 2026")
    if not FIRST_YEAR <= int(number) <= LAST_YEAR:
        raise wrong("year_range", f"年份应在 {FIRST_YEAR} 到 {LAST_YEAR} 之间")
    return int(number)


def moment(raw: Any, today: date) -> str:
    """Without an offset the time is that of China; canonical with +08:00, to the minute or second."""
    stamp = _stamp(raw, "not_datetime", "2026-03-15 09:30")
    found = _TIME.match(stamp)
    if found is None:
        raise wrong("not_datetime", "时间的写法不对，请写成 2026-03-15 09:30 这样")
    date_text, hour, minute, second, offset = found.groups()
    on = date.fromisoformat(day(date_text, today))
    try:
        zone = clock.CHINA if offset is None else datetime.fromisoformat(f"2000-01-01T00:00{offset}").tzinfo
        found_at = datetime(on.year, on.month, on.day, int(hour), int(minute), int(second or 0), tzinfo=zone)
        return clock.local(found_at).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        raise wrong("no_such_time", "没有这个时间，请再看一遍") from None


def _bounded(raw: Any) -> str:
    if not isinstance(raw, str):
        raise wrong("not_text", "这一项应为文字，请加引号填写")
    return raw[: _LONGEST_NUMBER * 2]


def id_no(raw: Any, today: date) -> str:
    allow = reference.settings().allow_synthetic_ids
    return national.parse_id_no(_bounded(raw), allow_synthetic=allow, today=today).number


def name(raw: Any, today: date) -> str:
    return national.parse_name(_bounded(raw))


def mobile(raw: Any, today: date) -> str:
    return national.parse_phone(_bounded(raw))


def credit_code(raw: Any, today: date) -> str:
    return national.parse_credit_code(_bounded(raw)).number


def bank_card(raw: Any, today: date) -> str:
    return national.parse_bank_card(_bounded(raw)).number


@lru_cache(maxsize=2)
def _codes_by_name(divisions: Divisions) -> dict[str, str]:
    """Full names, and short ones that only one division bears → code."""
    codes: dict[str, str] = {}
    short: dict[str, set[str]] = {}

    def visit(parent: str) -> None:
        for division in divisions.children(parent):
            codes[divisions.full_name(division.code)] = division.code
            short.setdefault(division.name, set()).add(division.code)
            visit(division.code)

    visit("")
    for called, found in short.items():
        if len(found) == 1:
            codes.setdefault(called, *found)
    return codes


def division(raw: Any, today: date) -> str:
    """A code of six, nine or twelve digits, withdrawn ones included, or the name of a division."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw) if abs(raw) < 10**12 else ""
    given = "".join(_bounded(raw).translate(_FULL_WIDTH).split())
    divisions = reference.divisions()
    if re.fullmatch("[0-9]{6}|[0-9]{9}|[0-9]{12}", given):
        if divisions.exists(given):
            return given
        raise wrong("no_such_division", "没有这个区划代码，请从列表里选择所在的乡镇街道")
    code = _codes_by_name(divisions).get(given)
    if code is None:
        raise wrong("no_such_division", "没有找到这个地方，请写全称，例如湖南省长沙市长沙县")
    return code


def county_division(raw: Any, today: date) -> str:
    """The county itself or a place in it."""
    code = division(raw, today)
    if not code.startswith(reference.settings().county_division):
        raise wrong("division_elsewhere", "这个地方不在本县范围内，请选择本县的乡镇街道")
    return code


def place(raw: Any, today: date) -> dict[str, str]:
    """{"lat": "28.25", "lng": "113.08"}, degrees as decimal text; also "28.25,113.08"."""
    sentence = "请填写纬度和经度，例如 28.25 和 113.08"
    if isinstance(raw, str) and len(raw) <= _LONGEST_NUMBER:
        parts = re.split("[,，]", raw)
        raw = dict(zip(("lat", "lng"), parts, strict=True)) if len(parts) == 2 else raw
    if not isinstance(raw, dict):
        raise wrong("not_place", sentence)
    found = {}
    for key, limit in (("lat", 90), ("lng", 180)):
        try:
            degrees = decimal(raw.get(key), today)
        except InvalidValue:
            raise wrong("not_place", sentence) from None
        if abs(Decimal(degrees)) > limit:
            raise wrong("place_range", "纬度在 -90 到 90 之间，经度在 -180 到 180 之间，请再看一遍")
        found[key] = degrees
    return found


def public_id(raw: Any, today: date) -> str:
    """The outside form of an identifier; whether it exists, and may be seen, is asked by who uses it."""
    given = raw.strip().lower() if isinstance(raw, str) and len(raw) <= _LONGEST_NUMBER else ""
    if ids.parse(given) is None:
        raise wrong("no_such_item", "请从列表里选择")
    return given


def storable(raw: Any) -> Any:
    """A single value of a draft: text without what cannot be stored, numbers in bounds; anything else is None."""
    if isinstance(raw, str):
        return unicodedata.normalize("NFC", _UNREADABLE.sub("", raw[:LONGEST_INPUT]))
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, int):
        return raw if abs(raw) < 10**15 else None
    return raw if isinstance(raw, float) and math.isfinite(raw) else None
