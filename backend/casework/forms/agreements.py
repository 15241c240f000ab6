"""What a form asks somebody to agree to: only they themselves can."""

from backend.casework.enums import FieldKind
from backend.casework.flows import FieldSpec, Flow


def is_agreement(spec: FieldSpec) -> bool:
    """A yes that must be given."""
    must = spec.rule is not None and any(bound.operand.flag is True for bound in spec.rule.bounds)
    return spec.kind == FieldKind.BOOL and spec.filled_by == "person" and must


def agreements(flow: Flow) -> list[tuple[str, str]]:
    """(field, label)."""
    return [(spec.name, spec.label) for spec in flow.fields if is_agreement(spec)]
