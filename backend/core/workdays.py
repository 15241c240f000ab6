"""Official working days: the published holiday calendar, a county's corrections, and honest guesses beyond.

The `chinesecalendar` package knows a fixed span of years. A file `<year>.yaml` corrects a known year or
supplies a new one; a year that neither knows counts Monday to Friday and is provisional.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import msgspec

_DAY = timedelta(days=1)


class _YearFile(msgspec.Struct, forbid_unknown_fields=True):
    """`holidays` are days off, `working_days` weekend days worked (调休); `source` names the notice."""

    source: str = ""
    holidays: list[date] = []
    working_days: list[date] = []


class Calendar:
    """Answers for any day; two calendars built from the same files answer alike."""

    def __init__(self, *, holidays: Iterable[date], working: Iterable[date], known: Iterable[int]) -> None:
        self._holidays = frozenset(holidays)
        self._working = frozenset(working)
        self._known_years = frozenset(known)
        self._years: dict[int, tuple[date, ...]] = {}

    def is_workday(self, day: date) -> bool:
        return day in self._working or (day.weekday() < 5 and day not in self._holidays)

    def is_provisional(self, day: date) -> bool:
        """The day's year is not published yet, so what is said of it may change."""
        return day.year not in self._known_years

    def provisional_years(self, first: date, last: date) -> list[int]:
        """Years touched by the range whose working days are a guess."""
        return [year for year in range(first.year, last.year + 1) if year not in self._known_years]

    def next_workday(self, day: date) -> date:
        """The day itself if it is worked, else the first worked day after it."""
        return day if self.is_workday(day) else self.add_workdays(day, 1)

    def add_workdays(self, day: date, n: int) -> date:
        """The n-th working day after `day`, before it for negative n; `day` unchanged for 0."""
        if n == 0:
            return day
        year = day.year
        days = self._workdays_of(year)
        index = bisect_right(days, day) + n - 1 if n > 0 else bisect_left(days, day) + n
        while index >= len(days):
            index -= len(days)
            year += 1
            days = self._workdays_of(year)
        while index < 0:
            year -= 1
            days = self._workdays_of(year)
            index += len(days)
        return days[index]

    def workdays_between(self, first: date, last: date) -> int:
        """Working days after `first` up to and including `last`; negative when `last` is earlier."""
        if last < first:
            return -self.workdays_between(last, first)
        if first.year == last.year:
            days = self._workdays_of(first.year)
            return bisect_right(days, last) - bisect_right(days, first)
        whole_years = sum(len(self._workdays_of(year)) for year in range(first.year, last.year))
        passed = bisect_right(self._workdays_of(first.year), first)
        return whole_years - passed + bisect_right(self._workdays_of(last.year), last)

    def due_on(self, start: date, days: int) -> date:
        """Last day of a limit of `days` working days; the day after `start` counts as day 1.

        A limit of 0 means the same day, or the first worked day after it.
        """
        if days < 0:
            raise ValueError(f"a limit of {days} working days")
        return self.add_workdays(start, days) if days else self.next_workday(start)

    def _workdays_of(self, year: int) -> tuple[date, ...]:
        if year not in self._years:
            start = date(year, 1, 1)
            length = (date(year, 12, 31) - start).days + 1
            every_day = (start + _DAY * offset for offset in range(length))
            self._years[year] = tuple(day for day in every_day if self.is_workday(day))
        return self._years[year]


def load_calendar(folder: Path) -> Calendar:
    """The package's years corrected by the folder's files; ValueError names a file that is wrong."""
    holidays = set(chinese_calendar.holidays)
    working = set(chinese_calendar.workdays)
    known = set(range(min(holidays).year, max(holidays).year + 1))
    for path in sorted(folder.glob("*.y*ml")):
        year, file = _read_year(path)
        known.add(year)
        holidays = (holidays - set(file.working_days)) | set(file.holidays)
        working = (working - set(file.holidays)) | set(file.working_days)
    return Calendar(holidays=holidays, working=working, known=known)


def _read_year(path: Path) -> tuple[int, _YearFile]:
    if path.suffix != ".yaml" or not (path.stem.isdecimal() and len(path.stem) == 4):
        raise ValueError(f"{path}: a holiday file is named after its year, for example 2027.yaml")
    try:
        file = msgspec.yaml.decode(path.read_bytes(), type=_YearFile)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path}: {error}") from error
    year = int(path.stem)
    for day in (*file.holidays, *file.working_days):
        if day.year != year:
            raise ValueError(f"{path}: {day} is not in {year}")
    if both := set(file.holidays) & set(file.working_days):
        raise ValueError(f"{path}: {min(both)} is listed as a holiday and as a working day")
    return year, file
