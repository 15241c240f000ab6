"""The register of functions says what is true: what counts as enabled has its door, its permission and its test."""

import ast
from functools import cache

import pytest

from backend import bindings
from backend.casework.catalogue import Catalogue, open_catalogue
from backend.casework.flows import Flow, FunctionSpec
from backend.core.settings import CONFIG_DIR, ROOT

Listed = list[tuple[Flow, FunctionSpec]]


@pytest.fixture(scope="module")
def shipped(kernel: None) -> Catalogue:
    return open_catalogue(CONFIG_DIR, bindings.BINDINGS)


@pytest.fixture(scope="module")
def enabled(shipped: Catalogue) -> Listed:
    found = [(flow, one) for flow in shipped.flows.values() for one in flow.functions if one.enabled]
    assert found
    return found


def test_its_action_or_paper_exists(enabled: Listed) -> None:
    actions = [one.code for flow, one in enabled if one.action and flow.action(one.action) is None]
    papers = [one.code for flow, one in enabled if one.document and flow.document(one.document) is None]
    assert (actions, papers) == ([], [])


def test_its_test_exists(enabled: Listed) -> None:
    assert [(one.code, one.test) for _, one in enabled if not is_test(one.test)] == []


def test_a_function_is_listed_once(shipped: Catalogue) -> None:
    codes = [one.code for flow in shipped.flows.values() for one in flow.functions]
    assert len(codes) == len(set(codes))


def test_what_only_some_flows_have_stands_in_these(shipped: Catalogue) -> None:
    """A ticket is closed, a place at something is given: the same decision under the name that the desk knows."""
    codes = {one.code for one in shipped.enabled_functions()}
    assert {code.partition(".")[0] for code in codes if code.endswith(".close")} == {
        "hotline-ticket", "labour-supervision", "tech-problem", "workers-congress",
    }  # fmt: skip
    assert {code.partition(".")[0] for code in codes if code.endswith(".review")} == {
        "activity-signup", "job-fair", "matchmaking", "psych-care", "skill-training",
    }  # fmt: skip


def is_test(node: str) -> bool:
    """Whether `tests/…/test_x.py::test_y` names a test that would run."""
    path, _, name = node.partition("::")
    return name.startswith("test_") and name in names_in(path)


@cache
def names_in(path: str) -> frozenset[str]:
    file = ROOT / path
    if not path.startswith("tests/") or not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize(
    ("node", "is_one"),
    [
        ("tests/casework/test_submit.py::test_an_invite_brings_its_union_and_is_used_up", True),
        ("tests/casework/test_submit.py::test_that_nobody_wrote", False),
        ("tests/casework/test_submit.py", False),
        ("tests/casework/test_nothing.py::test_an_invite_brings_its_union_and_is_used_up", False),
        ("backend/casework/catalogue.py::check", False),
    ],
)
def test_what_names_a_test(node: str, is_one: bool) -> None:
    assert is_test(node) is is_one
