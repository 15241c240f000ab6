"""What an HTML form sends, as an app would send it: boxes as true or false, nothing for what was left empty."""

from typing import Any

from backend.casework.enums import FieldKind
from backend.casework.flows import Flow

_WORDS = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}


def read(flow: Flow, form: dict[str, Any]) -> dict[str, Any]:
    """Words of boxes and pairs of choices become booleans; anything else stays as it came."""
    flags = {spec.name for spec in flow.fields if spec.kind == FieldKind.BOOL}
    cells = {
        (spec.name, column.name) for spec in flow.fields for column in spec.columns if column.kind == FieldKind.BOOL
    }
    return {name: _flag(value) if _is_flag(name, flags, cells) else value for name, value in form.items()}


def _is_flag(name: str, flags: set[str], cells: set[tuple[str, str]]) -> bool:
    parts = name.split(".")
    return name in flags or (len(parts) == 3 and (parts[0], parts[2]) in cells)


def _flag(value: Any) -> Any:
    word = value[-1] if isinstance(value, list) and value else value
    return _WORDS.get(word, word) if isinstance(word, str) else word


def take_kept(flow: Flow, form: dict[str, Any]) -> frozenset[str]:
    """Tables that the page shows without sending their rows (`roster.kept`): the draft holds them, and they stay as
    they are there. The marks are taken out of `form`."""
    marks = {f"{spec.name}.kept": spec.name for spec in flow.fields if spec.kind == FieldKind.TABLE}
    return frozenset(name for mark, name in marks.items() if form.pop(mark, None) is not None)


def whole(flow: Flow, form: dict[str, Any]) -> dict[str, Any]:
    """With every field that was asked: a box that was not ticked sends nothing, and that is an answer too."""
    return {spec.name: "" for spec in flow.fields if flow.asks(spec.name)} | form
