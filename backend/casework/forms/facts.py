"""Form values and parameters as facts for predicates."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from backend.casework.enums import FieldKind
from backend.casework.flows import FieldSpec, Flow
from backend.core.predicates import Lookup

_MEANINGS: dict[FieldKind, Callable[[str], Any]] = {
    FieldKind.DATE: date.fromisoformat,
    FieldKind.DATETIME: datetime.fromisoformat,
    FieldKind.DECIMAL: Decimal,
    FieldKind.PERCENT: Decimal,
}


def typed(spec: FieldSpec, value: Any) -> Any:
    """A canonical value as what it means: dates and decimals instead of their text; None for other text there."""
    meaning = _MEANINGS.get(spec.kind)
    if meaning is None:
        return value
    try:
        return meaning(value)
    except (ValueError, TypeError, InvalidOperation):
        return None


def form_lookup(flow: Flow, values: Mapping[str, Any]) -> Lookup:
    """Looks at `values` when it is asked, so they may still be growing."""

    def lookup(name: str) -> Any:
        field_name = name.removeprefix("form.")
        value = values.get(field_name)
        spec = flow.field(field_name)
        return None if value is None or spec is None else typed(spec, value)

    return lookup


def form_facts(flow: Flow, values: Mapping[str, Any], today: date) -> dict[str, Any]:
    """`form.…` of what is filled in and `params.…` in force today, to be joined with the bound facts.

    Use with `predicates.evaluate(predicate, {**form_facts(…), **facts}.get, today=today)`.
    """
    facts = {f"params.{name}": value for name, value in flow.params_on(today).items()}
    for spec in flow.fields:
        if (value := values.get(spec.name)) is not None:
            facts[f"form.{spec.name}"] = typed(spec, value)
    return facts
