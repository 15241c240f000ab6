"""Which programmes are paid out of the budget of which name: config/programmes.yaml, read once at start."""

from collections.abc import Mapping
from pathlib import Path

from backend.core.strict_yaml import Document, Problem
from backend.payments import rules

FILE = "programmes.yaml"
_PROGRAMME = 40


class ProgrammesError(Exception):
    """Every problem of the file, a line each."""


def read(config_dir: Path) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    document = Document(f"config/{FILE}")
    found: dict[str, tuple[str, ...]] | None = document.read_file(config_dir / FILE, dict[str, tuple[str, ...]])
    _check(found or {}, document)
    return found or {}, sorted(document.problems)


def _check(found: Mapping[str, tuple[str, ...]], document: Document) -> None:
    seen: dict[str, str] = {}
    for name, listed in found.items():
        if not rules.NAME[0] <= len(name) <= rules.NAME[1]:
            document.report((name,), f"预算名称要写 {rules.NAME[0]} 到 {rules.NAME[1]} 个字")
        if not listed:
            document.report((name,), f"“{name}”下面至少写一个项目")
        for index, programme in enumerate(listed):
            if not 1 <= len(programme) <= _PROGRAMME:
                document.report((name, index), f"项目代号要写 1 到 {_PROGRAMME} 个字")
            if programme in seen:
                document.report((name, index), f"“{programme}”在“{seen[programme]}”里也写了，一个项目只从一个预算付")
            seen[programme] = name


def check(config_dir: Path) -> list[str]:
    """Every problem as `file:line: sentence`, empty when all is well. For `union catalogue check`."""
    return [str(problem) for problem in read(config_dir)[1]]


_names: dict[str, tuple[str, ...]] = {}


def load(config_dir: Path) -> None:
    global _names  # noqa: PLW0603 - loaded once at start
    found, problems = read(config_dir)
    if problems:
        raise ProgrammesError("\n".join(map(str, problems)))
    _names = found


def budget_name(programme: str) -> str:
    """A programme that the file does not name has a budget of its own name."""
    return next((name for name, programmes in _names.items() if programme in programmes), programme)


def of_budget(name: str) -> tuple[str, ...]:
    return _names.get(name, (name,))
