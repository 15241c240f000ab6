"""Reads config/grading/ once at start. A problem in any file stops the start, with file, line and a sentence."""

from pathlib import Path

from backend.core.strict_yaml import Document, Problem, shown
from backend.grading.enums import CHAIR_GRADING, SOCIAL_WORKER
from backend.grading.scheme_check import check_chairs, check_workers
from backend.grading.schemes import ChairScheme, Schemes, WorkerScheme

FOLDER = "grading"


class SchemeError(Exception):
    """Every problem of every file, a line each."""


def read(config_dir: Path) -> tuple[Schemes | None, list[Problem]]:
    folder = config_dir / FOLDER
    chairs_file, workers_file = (Document(shown(folder / f"{slug}.yaml", FOLDER)) for slug in _SLUGS)
    chairs = chairs_file.read_file(folder / f"{CHAIR_GRADING}.yaml", ChairScheme)
    workers = workers_file.read_file(folder / f"{SOCIAL_WORKER}.yaml", WorkerScheme)
    if chairs is not None:
        _named(chairs.slug, CHAIR_GRADING, chairs_file)
        check_chairs(chairs, chairs_file)
    if workers is not None:
        _named(workers.slug, SOCIAL_WORKER, workers_file)
        check_workers(workers, workers_file)
    problems = [*chairs_file.problems, *workers_file.problems, *_strangers(folder)]
    if chairs is None or workers is None or problems:
        return None, sorted(problems)
    return Schemes(chairs, workers), []


_SLUGS = (CHAIR_GRADING, SOCIAL_WORKER)


def _named(slug: str, expected: str, document: Document) -> None:
    if slug != expected:
        document.report(("slug",), f"“{slug}”和文件名不符，应为 {expected}")


def _strangers(folder: Path) -> list[Problem]:
    """A file that nobody reads may be a rule that somebody relies on."""
    files = [path for path in folder.glob("*.y*ml") if path.name not in {f"{slug}.yaml" for slug in _SLUGS}]
    return [Problem(shown(path, FOLDER), 1, f"这个文件没有人读，只认 {'、'.join(_SLUGS)}") for path in files]


def check(config_dir: Path) -> list[str]:
    """Every problem as `file:line: sentence`, empty when all is well. For `union catalogue check`."""
    return [str(problem) for problem in read(config_dir)[1]]


_current: Schemes | None = None


def load(config_dir: Path) -> None:
    global _current  # noqa: PLW0603 - loaded once at start
    schemes, problems = read(config_dir)
    if schemes is None:
        raise SchemeError("\n".join(map(str, problems)))
    _current = schemes


def current() -> Schemes:
    if _current is None:
        raise RuntimeError("scheme_files.load was not called")
    return _current
