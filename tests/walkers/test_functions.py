"""The register of functions against the product: every named door opens as it says, every named test exists."""

import ast
from functools import cache

import pytest

from backend import bindings
from backend.casework.catalogue import Catalogue, open_catalogue
from backend.core.settings import CONFIG_DIR, ROOT
from tests.walkers.doors import Door
from workers import schedule


@pytest.fixture(scope="module")
def shipped(kernel: None) -> Catalogue:
    return open_catalogue(CONFIG_DIR, bindings.BINDINGS)


def test_every_enabled_function_has_its_door(shipped: Catalogue, every_door: list[Door]) -> None:
    access = {door.name: door.access for door in every_door}
    wrong = {
        function.code: (function.door, function.permission, access.get(function.door))
        for function in shipped.enabled_functions()
        if not function.job and access.get(function.door) != function.permission
    }
    assert wrong == {}
    assert len(list(shipped.enabled_functions())) >= 9 * len(shipped.flows)


def test_what_the_system_does_by_itself_runs_by_the_clock(shipped: Catalogue) -> None:
    jobs = {function.code: function.job for function in shipped.enabled_functions() if function.job}
    assert jobs and set(jobs.values()) <= {job.name.removeprefix("cron:") for job in schedule.CRON}


def test_every_enabled_function_has_its_test(shipped: Catalogue) -> None:
    missing = [
        f"{function.code}: {function.test}"
        for function in shipped.enabled_functions()
        if function.test.partition("::")[2] not in _tests_in(function.test.partition("::")[0])
    ]
    assert missing == []


@cache
def _tests_in(file: str) -> frozenset[str]:
    path = ROOT / file
    if not (file.startswith("tests/") and path.is_file()):
        return frozenset()
    body = ast.parse(path.read_text("utf-8")).body
    found = (part.name for part in body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(name for name in found if name.startswith("test_"))
