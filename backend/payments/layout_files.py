"""Reads config/banks/ once at start. A problem in any file stops the start, with file, line and a sentence."""

from pathlib import Path

from backend.core.strict_yaml import Document, Problem, shown
from backend.payments.bank_layouts import Layout
from backend.payments.layout_check import check_layout

FOLDER = "banks"


class LayoutError(Exception):
    """Every problem of every file, a line each."""


def read(config_dir: Path) -> tuple[tuple[Layout, ...], list[Problem]]:
    """The usual one first."""
    folder = config_dir / FOLDER
    layouts: list[Layout] = []
    problems = [Problem(shown(path, FOLDER), 1, "文件名要以 .yaml 结尾") for path in folder.glob("*.yml")]
    usual = ""
    for path in sorted(folder.glob("*.yaml")):
        document = Document(shown(path, FOLDER))
        layout = document.read_file(path, Layout)
        if layout is not None:
            if layout.slug != path.stem:
                document.report(("slug",), f"“{layout.slug}”和文件名不符，应为 {path.stem}")
            if layout.usual and usual:
                document.report(("usual",), f"{usual} 也写了 usual: true，只能有一个")
            usual = usual or (document.file if layout.usual else "")
            check_layout(layout, document)
            layouts.append(layout)
        problems += document.problems
    if not problems and not usual:
        text = "要有一个格式写 usual: true，没有选的时候按它做银行文件"
        problems.append(Problem(shown(folder / "*.yaml", FOLDER), 1, text))
    return tuple(sorted(layouts, key=lambda one: (not one.usual, one.slug))), sorted(problems)


def check(config_dir: Path) -> list[str]:
    """Every problem as `file:line: sentence`, empty when all is well. For `union catalogue check`."""
    return [str(problem) for problem in read(config_dir)[1]]


_current: tuple[Layout, ...] = ()


def load(config_dir: Path) -> None:
    global _current  # noqa: PLW0603 - loaded once at start
    layouts, problems = read(config_dir)
    if problems:
        raise LayoutError("\n".join(map(str, problems)))
    _current = layouts


def all_layouts() -> tuple[Layout, ...]:
    """The usual one first."""
    if not _current:
        raise RuntimeError("layout_files.load was not called")
    return _current


def layout_named(slug: str) -> Layout | None:
    """Without a name the usual one."""
    return next((one for one in all_layouts() if not slug or one.slug == slug), None)
