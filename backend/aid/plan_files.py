"""Reads config/benefits/ once at start. A problem in any file stops the start, with file, line and a sentence."""

import re
from pathlib import Path

from backend.aid.plan_check import check_plan
from backend.aid.plans import Plan, Plans
from backend.core.strict_yaml import Document, Problem, shown

FOLDER = "benefits"
_SLUG = re.compile(r"[a-z][a-z0-9_]{0,19}\Z")


class PlanError(Exception):
    """Every problem of every file, a line each."""


def read(config_dir: Path) -> tuple[Plans | None, list[Problem]]:
    folder = config_dir / FOLDER
    plans: list[Plan] = []
    problems = [Problem(shown(path, FOLDER), 1, "文件名要以 .yaml 结尾") for path in folder.glob("*.yml")]
    usual: list[Document] = []
    for path in sorted(folder.glob("*.yaml")):
        document = Document(shown(path, FOLDER))
        plan = document.read_file(path, Plan)
        if plan is not None:
            _check(plan, path, document, usual)
            plans.append(plan)
        problems += document.problems
    if not problems and not usual:
        problems.append(
            Problem(shown(folder / "*.yaml", FOLDER), 1, "要有一个计划写 usual: true，没有说是哪个计划时按它算")
        )
    if problems:
        return None, sorted(problems)
    return Plans(tuple(sorted(plans, key=lambda plan: (not plan.usual, plan.slug)))), []


def _check(plan: Plan, path: Path, document: Document, usual: list[Document]) -> None:
    if plan.slug != path.stem:
        document.report(("slug",), f"“{plan.slug}”和文件名不符，应为 {path.stem}")
    if not _SLUG.match(plan.slug):
        document.report(("slug",), f"“{plan.slug}”要用小写字母、数字和下划线，最多 20 个")
    if plan.usual and usual:
        document.report(("usual",), f"{usual[0].file} 也写了 usual: true，只能有一个")
    if plan.usual:
        usual.append(document)
    check_plan(plan, document)


def check(config_dir: Path) -> list[str]:
    """Every problem as `file:line: sentence`, empty when all is well. For `union catalogue check`."""
    return [str(problem) for problem in read(config_dir)[1]]


_current: Plans | None = None


def load(config_dir: Path) -> None:
    global _current  # noqa: PLW0603 - loaded once at start
    plans, problems = read(config_dir)
    if plans is None:
        raise PlanError("\n".join(map(str, problems)))
    _current = plans


def current() -> Plans:
    if _current is None:
        raise RuntimeError("plan_files.load was not called")
    return _current
