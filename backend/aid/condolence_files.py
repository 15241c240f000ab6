"""Reads config/condolences.yaml once at start. What is wrong stops the start, with file, line and a sentence."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import msgspec

from backend.aid.condolence_enums import EVENT_TEXT, LifeEvent
from backend.aid.condolence_rules import Limits
from backend.core.strict_yaml import Document, Problem

FILE = "condolences.yaml"
MOST_FEN = 100_000_00


class CondolencesError(Exception):
    """Every problem, a line each."""


class _File(msgspec.Struct, frozen=True, kw_only=True):
    versions: tuple[Limits, ...]


def read(config_dir: Path) -> tuple[tuple[Limits, ...] | None, list[Problem]]:
    document = Document(f"config/{FILE}")
    found = document.read_file(config_dir / FILE, _File)
    if found is not None:
        _check(found.versions, document)
    if found is None or document.problems:
        return None, sorted(document.problems)
    return found.versions, []


def _check(versions: tuple[Limits, ...], document: Document) -> None:
    if not versions:
        document.report(("versions",), "至少要有一个版本")
    for index, (earlier, later) in enumerate(pairwise(versions), 1):
        if later.since <= earlier.since:
            words = f"{later.since} 不比上一个版本的 {earlier.since} 晚，版本要按日期先后写"
            document.report(("versions", index, "since"), words)
    for index, limits in enumerate(versions):
        _check_sums(index, limits, document)


def _check_sums(index: int, limits: Limits, document: Document) -> None:
    for event in LifeEvent:
        known = limits.events.get(event)
        if known is None:
            document.report(("versions", index, "events"), f"没有写 {event.value}（{EVENT_TEXT[event]}）")
        elif not 0 < known.usual_fen <= known.most_fen <= MOST_FEN:
            words = f"一般标准要在 1 分到上限之间，上限不超过 {MOST_FEN}"
            document.report(("versions", index, "events", event.value), words)
    if not 0 < limits.festival_year_fen <= MOST_FEN:
        document.report(("versions", index, "festival_year_fen"), f"要在 1 到 {MOST_FEN} 之间")


def check(config_dir: Path) -> list[str]:
    """Every problem as `file:line: sentence`, empty when all is well. For `union catalogue check`."""
    return [str(problem) for problem in read(config_dir)[1]]


_current: tuple[Limits, ...] = ()


def load(config_dir: Path) -> None:
    global _current  # noqa: PLW0603 - loaded once at start
    versions, problems = read(config_dir)
    if versions is None:
        raise CondolencesError("\n".join(map(str, problems)))
    _current = versions


def on(day: date) -> Limits:
    """Those that hold on a day; before the first version, that one."""
    if not _current:
        raise RuntimeError("condolence_files.load was not called")
    return next((one for one in reversed(_current) if one.since <= day), _current[0])
