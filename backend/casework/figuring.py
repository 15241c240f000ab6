"""Figures in the form of an action that nobody has to work out, from the function bound to it."""

from collections.abc import Mapping
from typing import Any

from backend.casework import catalogue
from backend.casework.flows import ActionSpec
from backend.casework.protocols import Question
from backend.core.errors import Invalid


async def figures(spec: ActionSpec, question: Question, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What the form holds beside what was typed."""
    return await catalogue.bindings().figures[spec.figures](question, typed) if spec.figures else {}


async def begun(spec: ActionSpec, question: Question) -> dict[str, Any]:
    """What the form begins with: nothing where nobody can work it out yet."""
    try:
        return await figures(spec, question, {})
    except Invalid:
        return {}
