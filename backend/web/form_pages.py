"""What pages with a form have in common: choices, and what was typed when something of it was wrong."""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from backend.core.errors import AppError
from backend.web.forms import FormInput


class Choice(msgspec.Struct):
    value: str
    label: str
    selected: bool = False


def choices(names: Mapping[Any, str]) -> list[Choice]:
    return [Choice(value=str(value), label=label) for value, label in names.items()]


def again(form: FormInput | None, error: AppError | None, *, lists: Collection[str] = ()) -> dict[str, Any]:
    """For a page's context: what was typed, and what was wrong with it ("" is the form as a whole)."""
    errors = {field.field: field.message for field in error.errors} if error else {}
    if error is not None and not errors:
        errors[""] = error.detail
    typed = form.values.items() if form else ()
    return {"given": {name: list(all_) if name in lists else all_[-1] for name, all_ in typed}, "errors": errors}


def status_of(error: AppError | None) -> int:
    return error.status if error else 200
