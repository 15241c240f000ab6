"""Reads config/hardship.yaml once at start. What is wrong stops the start, with file, line and a sentence."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import msgspec

from backend.aid.hardship_rules import Lines
from backend.core.strict_yaml import Document, Problem

FILE = "hardship.yaml"
MOST_LINE_FEN = 100_000_00


class LinesError(Exception):
    """Every problem, a line each."""


class _File(msgspec.Struct, frozen=True, kw_only=True):
    versions: tuple[Lines, ...]


def read(config_dir: Path) -> tuple[tuple[Lines, ...] | None, list[Problem]]:
    document = Document(f"config/{FILE}")
    found = document.read_file(config_dir / FILE, _File)
    if found is not None:
        _check(found.versions, document)
    if found is None or document.problems:
        return None, sorted(document.problems)
    return found.versions, []


def _check(versions: tuple[Lines, ...], document: Document) -> None:
    if not versions:
        document.report(("versions",), "至少要有一个版本")
    for index, (earlier, later) in enumerate(pairwise(versions), 1):
        if later.since <= earlier.since:
            words = f"{later.since} 不比上一个版本的 {earlier.since} 晚，版本要按日期先后写"
            document.report(("versions", index, "since"), words)
    for index, lines in enumerate(versions):
        for name, least, most in _RANGES:
            if not least <= getattr(lines, name) <= most:
                document.report(("versions", index, name), f"{getattr(lines, name)} 要在 {least} 到 {most} 之间")


_RANGES = (
    ("dibao_line_fen", 1, MOST_LINE_FEN),
    ("relative_percent", 100, 1000),
    ("accident_percent", 1, 1000),
    ("review_months", 1, 60),
    ("warn_days", 0, 180),
)


def check(config_dir: Path) -> list[str]:
    """Every problem as `file:line: sentence`, empty when all is well. For `union catalogue check`."""
    return [str(problem) for problem in read(config_dir)[1]]


_current: tuple[Lines, ...] = ()


def load(config_dir: Path) -> None:
    global _current  # noqa: PLW0603 - loaded once at start
    versions, problems = read(config_dir)
    if versions is None:
        raise LinesError("\n".join(map(str, problems)))
    _current = versions


def on(day: date) -> Lines:
    """Those that hold on a day; before the first version, that one."""
    if not _current:
        raise RuntimeError("hardship_lines.load was not called")
    return next((one for one in reversed(_current) if one.since <= day), _current[0])
