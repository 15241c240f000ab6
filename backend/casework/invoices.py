"""Invoices that a form counts on: fields and columns named `invoice_no`, with `invoice_code` beside it where the
invoice has one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from backend.core.national import compact

NUMBER, CODE = "invoice_no", "invoice_code"
_LONGEST = 60


def numbers_of(values: Mapping[str, Any]) -> list[str]:
    """In one normal form, in the order of the form; one that is written twice is there twice."""
    return [number for row in _rows(values) if (number := _number(row))]


def _rows(values: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield values
    for value in values.values():
        if isinstance(value, list):
            yield from (row for row in value if isinstance(row, dict))


def _number(row: Mapping[str, Any]) -> str:
    number, code = (compact(str(row.get(name) or "")) for name in (NUMBER, CODE))
    return f"{code}{number}"[:_LONGEST] if number else ""
