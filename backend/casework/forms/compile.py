"""From the fields of a flow to parsers, once."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec

from backend.casework.enums import FieldKind
from backend.casework.flows import FieldSpec, Flow
from backend.casework.forms import values
from backend.core.national import InvalidValue

Options = Mapping[str, str]  # stored value → label
Reader = Callable[[Any, date, Options], Any]

_NO_OPTIONS: Options = {}
_LONGEST_CHOICE = 60

_SCALARS: dict[FieldKind, values.Parser] = {
    FieldKind.TEXT: values.text,
    FieldKind.LONGTEXT: values.longtext,
    FieldKind.ADDRESS: values.text,
    FieldKind.INT: values.integer,
    FieldKind.DECIMAL: values.decimal,
    FieldKind.PERCENT: values.percent,
    FieldKind.MONEY: values.fen,
    FieldKind.BOOL: values.flag,
    FieldKind.DATE: values.day,
    FieldKind.MONTH: values.month,
    FieldKind.YEAR: values.year,
    FieldKind.DATETIME: values.moment,
    FieldKind.ID_NO: values.id_no,
    FieldKind.NAME: values.name,
    FieldKind.MOBILE: values.mobile,
    FieldKind.USCC: values.credit_code,
    FieldKind.BANK_CARD: values.bank_card,
    FieldKind.DIVISION: values.division,
    FieldKind.GEO: values.place,
    FieldKind.FILE: values.public_id,
}

_LENGTHS = {
    FieldKind.TEXT: values.SHORT_TEXT,
    FieldKind.ADDRESS: values.SHORT_TEXT,
    FieldKind.LONGTEXT: values.LONG_TEXT,
}


class CompiledField(msgspec.Struct, frozen=True):
    spec: FieldSpec
    read: Reader
    sensitive: bool
    columns: tuple["CompiledField", ...] = ()
    many: bool = False  # takes a list: several choices or rows


class CompiledForm(msgspec.Struct, frozen=True):
    """`nested` are the fields whose HTML names have parts: tables, places, unions found by name."""

    fields: tuple[CompiledField, ...]
    ruled: tuple[CompiledField, ...]
    nested: frozenset[str]
    labels: dict[str, str]


def compiled(flow: Flow) -> CompiledForm:
    """Kept on the flow itself, like its cached properties."""
    kept = vars(flow)
    form: CompiledForm | None = kept.get("compiled_form")
    if form is None:
        form = kept["compiled_form"] = _compile(flow)
    return form


def max_length(spec: FieldSpec) -> int:
    """The most characters a text may have; 0 for other kinds."""
    if spec.kind not in _LENGTHS:
        return 0
    own = spec.rule.number("<=") if spec.rule is not None else None
    return int(own) if own is not None else _LENGTHS[spec.kind]


def _compile(flow: Flow) -> CompiledForm:
    fields = tuple(compile_field(spec) for spec in flow.fields)
    nested = (FieldKind.TABLE, FieldKind.GEO, FieldKind.ORG_REF)
    return CompiledForm(
        fields=fields,
        ruled=tuple(field for field in fields if field.spec.rule is not None),
        nested=frozenset(field.spec.name for field in fields if field.spec.kind in nested),
        labels={spec.name: spec.label for spec in flow.fields},
    )


def compile_field(spec: FieldSpec) -> CompiledField:
    return CompiledField(
        spec=spec,
        read=_reader(spec),
        sensitive=spec.is_sensitive,
        columns=tuple(compile_field(column) for column in spec.columns),
        many=spec.kind in (FieldKind.MULTI, FieldKind.TABLE),
    )


def _reader(spec: FieldSpec) -> Reader:
    if spec.kind == FieldKind.MULTI:
        return _several(spec)
    if spec.kind == FieldKind.ENUM or spec.lookup:
        return _one_of(spec)
    if spec.kind == FieldKind.ORG_REF:
        return _union
    if spec.kind == FieldKind.TABLE:
        return _unreadable
    parse = values.county_division if spec.within == "county" else _SCALARS[spec.kind]
    longest = max_length(spec)
    return _text_up_to(parse, longest) if longest else lambda raw, today, options: parse(raw, today)


def _unreadable(raw: Any, today: date, options: Options) -> Any:
    raise values.wrong("not_table", "这一项应为一行一行的明细")  # its rows are read one by one, in parse.py


def _text_up_to(parse: values.Parser, longest: int) -> Reader:
    def read(raw: Any, today: date, options: Options) -> str:
        text = parse(raw, today)
        if len(text) > longest:
            raise values.wrong("too_long", f"最多写 {longest} 个字，您写了 {len(text)} 个字")
        return text

    return read


def _one_of(spec: FieldSpec) -> Reader:
    own = spec.options

    def read(raw: Any, today: date, options: Options) -> str:
        return _choice(raw, own or options, today, open_ended=not own)

    return read


def _several(spec: FieldSpec) -> Reader:
    own = spec.options

    def read(raw: Any, today: date, options: Options) -> list[str]:
        offered = own or options
        given = raw if isinstance(raw, list) else [raw]
        if len(given) > max(len(offered), 100):
            raise values.wrong("not_an_option", "选的项目太多了，请从给出的选项中选择")
        chosen = {_choice(each, offered, today, open_ended=not own) for each in given}
        return [value for value in offered if value in chosen] if offered else sorted(chosen)

    return read


def _choice(raw: Any, offered: Options, today: date, *, open_ended: bool) -> str:
    """Without a list at hand (`open_ended`) the value is taken as it is; whoever uses it looks it up."""
    if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 10**15:
        raw = str(raw)
    value = values.text(raw, today)
    if value in offered or (open_ended and not offered and len(value) <= _LONGEST_CHOICE):
        return value
    raise values.wrong("not_an_option", "请从给出的选项中选择")


def _union(raw: Any, today: date, options: Options) -> str:
    value = values.public_id(raw, today)
    if options and value not in options:
        raise InvalidValue("not_an_option", "请从列表里选择一个工会")
    return value
