"""Sensitive values as they may be shown, and how to tell that one comes back unchanged."""

from collections.abc import Mapping
from typing import Any

from backend.casework.enums import FieldKind
from backend.casework.flows import FieldSpec, Flow
from backend.core import national

HIDDEN = "******"

_MASKS = {
    FieldKind.ID_NO: national.mask_id_no,
    FieldKind.MOBILE: national.mask_phone,
    FieldKind.BANK_CARD: national.mask_bank_card,
    FieldKind.NAME: national.mask_name,
}


def mask(spec: FieldSpec, value: Any) -> Any:
    """The value itself unless the field is sensitive; of a table, its sensitive cells."""
    if value is None or not spec.is_sensitive:
        return value
    if spec.kind == FieldKind.TABLE:
        columns = {column.name: column for column in spec.columns}
        rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
        return [{name: mask(columns[name], cell) for name, cell in row.items() if name in columns} for row in rows]
    hide = _MASKS.get(spec.kind)
    return hide(value) if hide is not None and isinstance(value, str) else HIDDEN


def is_masked(spec: FieldSpec, text: Any) -> bool:
    """Whether it looks like something `mask` made: then it is no answer but the absence of one."""
    if not spec.is_sensitive or not isinstance(text, str):
        return False
    return "*" in text if spec.kind in _MASKS else text.strip() == HIDDEN


def masked(flow: Flow, values: Mapping[str, Any]) -> dict[str, Any]:
    """All values in the order of the form, fit to be shown."""
    return {spec.name: mask(spec, values[spec.name]) for spec in flow.fields if values.get(spec.name) is not None}


def unmask(spec: FieldSpec, text: Any, known: Any) -> Any:
    """What a masked value stands for, if it is the mask of what is known; otherwise as it came."""
    if not is_masked(spec, text) or known is None:
        return text
    shown = mask(spec, known)
    return known if isinstance(shown, str) and shown.strip() == text.strip() else text


def known_cell(column: FieldSpec, known: Any, index: int, text: Any) -> Any:
    """For a masked cell: the same cell of the known rows, or, where rows moved, the only one that looks so."""
    if not is_masked(column, text) or not isinstance(known, list):
        return None
    here = known[index] if index < len(known) else None
    cell = here.get(column.name) if isinstance(here, dict) else None
    if unmask(column, text, cell) != text:
        return cell
    cells = [row.get(column.name) if isinstance(row, dict) else None for row in known]
    alike = {cell for cell in cells if isinstance(cell, str) and unmask(column, text, cell) != text}
    return alike.pop() if len(alike) == 1 else None


def unmasked(flow: Flow, values: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Collected values of a form, with each masked one put back from those known before."""
    whole = dict(values)
    for spec in flow.fields:
        if spec.name not in whole or not spec.is_sensitive:
            continue
        value, before = whole[spec.name], known.get(spec.name)
        whole[spec.name] = _rows(spec, value, before) if spec.columns else unmask(spec, value, before)
    return whole


def _rows(spec: FieldSpec, rows: list[dict[str, Any]], known: Any) -> list[dict[str, Any]]:
    columns = {column.name: column for column in spec.columns}
    return [
        {name: unmask(columns[name], cell, known_cell(columns[name], known, index, cell)) for name, cell in row.items()}
        for index, row in enumerate(rows)
    ]
