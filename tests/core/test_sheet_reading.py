"""Lists as offices send them: the heading wherever it stands, days however they are written."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core import sheet_reading, sheets


def test_the_heading_is_found_below_a_title() -> None:
    content = sheets.csv_bytes(["二季度花名册"], [["制表人", "李"], ["姓 名", "*身份证号（18 位）"], ["王小测", "1"]])
    wanted = ["姓名", "身份证号"]

    def recognise(cells: list[str]) -> dict[str, int]:
        plain = [sheet_reading.plain_heading(cell) for cell in cells]
        return {name: plain.index(name) for name in wanted} if plain == wanted else {}

    found = sheet_reading.below_heading(content, recognise, lambda heading, columns, lines: (columns, list(lines)))
    assert found == ({"姓名": 0, "身份证号": 1}, [(4, ["王小测", "1"])])
    assert sheet_reading.below_heading(content, lambda cells: {}, lambda *found: found) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2020-03-05", date(2020, 3, 5)),
        ("2020/3/5", date(2020, 3, 5)),
        ("2020.3.5", date(2020, 3, 5)),
        ("2020年3月5日", date(2020, 3, 5)),
        ("2020年3月5号", date(2020, 3, 5)),
        ("２０２０年３月５日", date(2020, 3, 5)),
        ("20200305", date(2020, 3, 5)),
        ("2020-03-05 09:30:00", date(2020, 3, 5)),
        ("2020年3月", date(2020, 3, 1)),
        ("2020.3", date(2020, 3, 1)),
        ("43895", date(2020, 3, 5)),
        ("2020-13-01", None),
        ("20200231", None),
        ("3/5/2020", None),
        ("五月", None),
        ("", None),
        ("99999999999", None),
    ],
)
def test_days_as_people_write_them(text: str, day: date | None) -> None:
    assert sheet_reading.parse_day(text) == day


@settings(deadline=None)
@given(st.text(max_size=30))
def test_no_text_breaks_a_day(text: str) -> None:
    assert isinstance(sheet_reading.parse_day(text), date | None)
