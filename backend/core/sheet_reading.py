"""What every list that people send in a sheet has in common: a heading somewhere at the top, days in many forms."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import TypeVar

from backend.core import sheets

T = TypeVar("T")

# Lines above the heading: a title, a note, who filled it in.
HEADING_ROWS = 20
# What one column is called in the sheets of many offices.
HEADINGS = {
    "name": "姓名 会员姓名 职工姓名 名字",
    "id_no": "身份证号 身份证号码 身份证 公民身份号码 公民身份证号码 证件号 证件号码 身份证件号码 会员身份证号",
    "phone": "手机号 手机号码 手机 联系电话 联系方式 电话 电话号码 移动电话 联系手机",
}

Columns = Mapping[str, int]  # field → its place in the line
Lines = Iterator[tuple[int, list[str]]]  # number in the sheet, cells

_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2}))?\s*[月日号]?\Z")
_EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})\Z")
_SERIAL = re.compile(r"[1-5]\d{4}\Z")  # days since 1899-12-30, as a sheet keeps dates: 1927 to 2064


def below_heading(
    content: bytes, recognise: Callable[[list[str]], Columns], take: Callable[[list[str], Columns, Lines], T]
) -> T | None:
    """`take` the lines below the first line that `recognise` finds columns in, of the first table with one; None where
    there is none. Takes seconds for a large sheet."""
    for table in sheets.tables(content):
        for number, cells in enumerate(table, start=1):
            columns = recognise(cells)
            if columns:
                return take(cells, columns, enumerate(table, start=number + 1))
            if number >= HEADING_ROWS:
                break
    return None


def plain_heading(text: str) -> str:
    """Without width, spaces, stars and what stands in brackets: “*身份证号（18 位）” is 身份证号."""
    return re.sub(r"\(.*?\)|\[.*?\]|[\s*:]", "", unicodedata.normalize("NFKC", text))


def parse_day(text: str) -> date | None:
    """2020-3-15, 2020/03/15, 2020年3月15日, 2020.3, 20200315, or the serial number a sheet keeps."""
    plain = unicodedata.normalize("NFKC", text).strip()
    plain = re.sub(r"\s+\d{1,2}:\d{2}(:\d{2})?\Z", "", plain)
    if _SERIAL.match(plain):
        return date(1899, 12, 30) + timedelta(days=int(plain))
    found = _DAY.match(plain) or _EIGHT_DIGITS.match(plain)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3] or 1))
    except ValueError:
        return None
