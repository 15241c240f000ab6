"""A simple HTML form as an input Struct, with every wrong field named at once.

A field whose name ends with `_fen` is typed in yuan.
"""

from typing import Any, TypeVar, get_origin

import msgspec

from backend.core.errors import FieldError, Invalid, sentence
from backend.core.money import fen_from_text
from backend.core.national import InvalidValue
from backend.web.forms import FormInput

T = TypeVar("T", bound=msgspec.Struct)

_TICKED = ("on", "1", "true", "yes")


def form_struct(form: FormInput, kind: type[T]) -> T:
    """An empty field counts as not given; an absent tick box as no; a list takes every value of its name."""
    values: dict[str, Any] = {}
    wrong: list[FieldError] = []
    for field in msgspec.structs.fields(kind):
        given = _given(form, field)
        if given is None:
            if field.required:
                wrong.append(FieldError(field.encode_name, sentence("field_missing")))
            continue
        try:
            values[field.encode_name] = _value(given, field)
        except InvalidValue as error:
            wrong.append(FieldError(field.encode_name, f"{error.message}。"))
        except (msgspec.ValidationError, OverflowError):
            wrong.append(FieldError(field.encode_name, sentence("wrong_value")))
    if wrong:
        raise Invalid(wrong)
    return kind(**values)


def _value(given: Any, field: msgspec.structs.FieldInfo) -> Any:
    if field.encode_name.endswith("_fen"):
        return fen_from_text(given)
    return msgspec.convert(given, field.type, strict=False)


def _given(form: FormInput, field: msgspec.structs.FieldInfo) -> Any:
    name = field.encode_name
    if field.type is bool:
        return form.one(name) in _TICKED
    if get_origin(field.type) is list:
        return [value for value in form.values.get(name, []) if value]
    return form.one(name) or None
