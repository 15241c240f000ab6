"""Which answers of an earlier application may stand in a new one. Pure: flows and values go in."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from backend.casework.enums import FieldKind
from backend.casework.flows import FieldSpec, Flow
from backend.casework.forms import checks
from backend.casework.forms.compile import CompiledField, compiled
from backend.core.national import InvalidValue

# Who somebody is and where they live, work and are paid. What happened, when and for how much is told anew.
BY_THEMSELVES = frozenset(
    (
        FieldKind.NAME,
        FieldKind.ID_NO,
        FieldKind.MOBILE,
        FieldKind.USCC,
        FieldKind.BANK_CARD,
        FieldKind.ADDRESS,
        FieldKind.DIVISION,
        FieldKind.ORG_REF,
    )
)
# Rows of an event, files of one case, and a yes that was given for one application.
NEVER = frozenset((FieldKind.TABLE, FieldKind.FILE, FieldKind.GEO, FieldKind.BOOL))


def is_reusable(spec: FieldSpec) -> bool:
    """By its kind, unless the flow file says otherwise; never what the system fills in."""
    if spec.filled_by == "system" or spec.kind in NEVER:
        return False
    return spec.kind in BY_THEMSELVES if spec.reuse is None else spec.reuse


def names(flow: Flow) -> frozenset[str]:
    return frozenset(spec.name for spec in flow.fields if is_reusable(spec))


def answers(flow: Flow, earlier: Flow, values: Mapping[str, Any], today: date) -> Iterator[tuple[str, Any]]:
    """(field, value) of what `values`, held by a case of `earlier`, may say in `flow` and still can today.

    In another service only what bears the same name, kind and label means the same.
    """
    for field in compiled(flow).fields:
        spec, before = field.spec, earlier.field(field.spec.name)
        if before is None or not is_reusable(spec) or values.get(spec.name) is None or before.kind != spec.kind:
            continue
        if earlier.slug != flow.slug and not (before.label == spec.label and is_reusable(before)):
            continue
        if still_right(field, values[spec.name], today):
            yield spec.name, values[spec.name]


def still_right(field: CompiledField, value: Any, today: date) -> bool:
    """Options may have gone, a township may be another county's, a rule may be stricter by now."""
    try:
        value = field.read(value, today, {})
    except InvalidValue:
        return False
    return not checks.broken(field.spec, value, {}, today, {})


def unchanged(flow: Flow, name: str, before: Any, after: Any, today: date) -> bool:
    """Whether an answer is the one that was filled in, also where a page sends it back in its own words."""
    field = next((one for one in compiled(flow).fields if one.spec.name == name), None)
    return field is not None and _meaning(field, before, today) == _meaning(field, after, today) is not None


def _meaning(field: CompiledField, value: Any, today: date) -> Any:
    try:
        return field.read(value[-1] if isinstance(value, list) and value and not field.many else value, today, {})
    except InvalidValue:
        return value
