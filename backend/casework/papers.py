"""The text of papers and public notices: names in braces become words, once, when they are issued."""

import re
from collections.abc import Mapping
from typing import Any

from backend.casework.flows import DocumentSpec, Flow
from backend.casework.forms import words
from backend.documents.schemas import DocumentBody, DocumentTable

NOTHING = "——"
_NAME = re.compile(r"\{([a-z]+(?:\.[a-z0-9_-]+){0,2})\}")
CASE_WORDS = ("number", "submitted_on", "decided_on", "service")


def names_in(text: str) -> list[str]:
    """What is filled in: `form.union_name`, `act.record.minutes`, `case.number`."""
    return _NAME.findall(text)


def fill(text: str, said: Mapping[str, str]) -> str:
    return _NAME.sub(lambda found: said.get(found[1]) or NOTHING, text)


def form_words(flow: Flow, values: Mapping[str, Any], *, under: str, choices: words.Choices) -> dict[str, str]:
    """The values of a form in words, masked where they are sensitive; `under` is `form` or `act.<key>`."""
    return {f"{under}.{spec.name}": words.display(spec, values.get(spec.name), choices) for spec in flow.fields}


def body_of(spec: DocumentSpec, flow: Flow, values: Mapping[str, Any], said: Mapping[str, str]) -> DocumentBody:
    return DocumentBody([fill(line, said) for line in spec.body], _table(spec, flow, values))


def _table(spec: DocumentSpec, flow: Flow, values: Mapping[str, Any]) -> DocumentTable | None:
    field = flow.field(spec.table) if spec.table else None
    rows = values.get(spec.table)
    if field is None or not isinstance(rows, list):
        return None
    cells = [[words.display(column, row.get(column.name)) for column in field.columns] for row in rows]
    return DocumentTable([column.label for column in field.columns], cells)
