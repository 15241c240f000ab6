"""Why a JSON body was refused, field by field. Litestar names only the first wrong field."""

import types
from typing import Any, Union, get_args, get_origin

import msgspec

from backend.core.errors import FieldError, sentence


def body_errors(kind: Any, raw: bytes) -> list[FieldError]:
    """Every field of `raw` that does not fit the Struct `kind`."""
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return []
    if not isinstance(value, dict) or not _is_struct(kind):
        return [FieldError("", sentence("wrong_type_object"))]
    return _struct_errors(kind, value, "")


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _struct_errors(kind: type[msgspec.Struct], value: dict[str, Any], prefix: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for field in msgspec.structs.fields(kind):
        name = f"{prefix}{field.encode_name}"
        if field.encode_name not in value:
            if field.required:
                errors.append(FieldError(name, sentence("field_missing")))
            continue
        given = value[field.encode_name]
        if _is_struct(field.type) and isinstance(given, dict):
            errors += _struct_errors(field.type, given, f"{name}.")
        elif not _fits(field.type, given):
            errors.append(FieldError(name, _complaint(field.type)))
    return errors


def _fits(kind: Any, value: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except (msgspec.ValidationError, OverflowError):
        return False
    return True


def _complaint(kind: Any) -> str:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        kind = next(part for part in get_args(kind) if part is not type(None))
        origin = get_origin(kind)
    name = getattr(origin or kind, "__name__", "object")
    codes = {"str": "text", "int": "int", "bool": "bool", "date": "date", "list": "list", "dict": "object"}
    return sentence(f"wrong_type_{codes.get(name, 'object')}")
