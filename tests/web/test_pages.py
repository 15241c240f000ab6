"""Words that pages put around values."""

from datetime import UTC, date, datetime

import pytest

from backend.web.pages import provisional


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 3, 17), ""),
        ("2026-03-17", ""),
        (None, ""),
        ("", ""),
        (date(2035, 3, 17), "（暂定）"),
        ("2035-03-17", "（暂定）"),
        (datetime(2035, 12, 31, 16, tzinfo=UTC), "（暂定）"),
    ],
)
def test_a_day_of_a_year_without_published_holidays_is_provisional(day: date | str | None, words: str) -> None:
    assert provisional(day) == words
