"""What was sent → canonical values and every error at once."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from backend.casework.enums import FieldKind
from backend.casework.flows import FieldSpec, Flow
from backend.casework.forms import checks, values
from backend.casework.forms.compile import CompiledField, CompiledForm, compiled
from backend.casework.forms.facts import form_lookup
from backend.casework.forms.masks import HIDDEN, is_masked, known_cell, unmask, unmasked
from backend.core.errors import FieldError
from backend.core.national import InvalidValue
from backend.core.predicates import evaluate

Raw = Mapping[str, Any]
Choices = Mapping[str, Mapping[str, str]]  # run-time options: field → {stored value: label}

MOST_ROWS = 5_000
MOST_ROW_ERRORS = 100
_DEEPEST = 3  # a table is a list of rows of cells; what is nested deeper is not blank but wrong
_EMPTY: Mapping[str, Any] = {}
_NESTED = re.compile(r"([a-z][a-z0-9_]*)[.\[]([0-9]{1,4}|lat|lng|q)\]?(?:[.\[]([a-z][a-z0-9_]*)\]?)?\Z")
_NO_FORM = CompiledForm((), (), frozenset(), {})
_CHOSEN = frozenset((FieldKind.ENUM, FieldKind.MULTI, FieldKind.DIVISION, FieldKind.ORG_REF, FieldKind.DATE))


class Parsed(msgspec.Struct, frozen=True):
    """`values` are stored plain, `sensitive` sealed; both only hold what was filled in."""

    values: dict[str, Any]
    sensitive: dict[str, Any]
    errors: list[FieldError]

    @property
    def all(self) -> dict[str, Any]:
        return {**self.values, **self.sensitive}


class Collected(msgspec.Struct, frozen=True):
    """A draft's content: what was typed, not yet judged."""

    values: dict[str, Any]
    sensitive: dict[str, Any]


def parse_form(
    flow: Flow,
    raw: Raw,
    *,
    files: Mapping[str, Sequence[str]] | None = None,
    today: date,
    known: Mapping[str, Any] = _EMPTY,
    choices: Choices = _EMPTY,
    only: Collection[str] | None = None,
) -> Parsed:
    """`known` holds what the system has already: stored values that a masked one stands for, and what
    fills the fields that no person fills. `files` are attachment ids by slot; None leaves them unjudged.
    With `only` (a correction) all other fields keep their known value. A field that was given back has to be
    sent, if only to say that it stays; one that opened along with it may be left out.
    """
    form = compiled(flow)
    reading = _Reading(form, shaped(form, raw), today, known, choices)
    opened = None if only is None else unlocked(flow, only)
    found: dict[str, Any] = {}
    lookup = form_lookup(flow, found)
    for field in form.fields:
        spec = field.spec
        if spec.when is not None and evaluate(spec.when, lookup, today=today) is not True:
            continue
        unsent = spec.name not in reading.given
        if opened is not None and unsent and spec.name in (only or ()):
            reading.wrong(spec.name, "请修改这一项；确实不用改的，也要原样再交一次")
        before = known.get(spec.name)
        kept = opened is not None and (spec.name not in opened or (unsent and before is not None))
        value = before if kept else reading.read(field)
        if value is not None:
            found[spec.name] = value
    _keep_rules(reading, found, opened)
    if files is not None:
        _judge_files(flow, files, found, reading, opened)
    for key in raw:
        if not _is_known(form, key):
            reading.wrong(key[:40], "这项业务的表里没有这一项")
    return _split(form, found, reading.in_order(flow))


def _is_known(form: CompiledForm, key: str) -> bool:
    """A field by its name, or a part of one as pages send it."""
    if key in form.labels:
        return True
    nested = _NESTED.match(key)
    return nested is not None and nested[1] in form.nested


def unlocked(flow: Flow, flagged: Collection[str]) -> frozenset[str]:
    """The flagged fields and slots, and those that are only asked depending on one of them."""
    opened = set(flagged)
    for spec in (*flow.fields, *flow.attachments):  # a condition looks back, never ahead
        if spec.when is not None and any(name.removeprefix("form.") in opened for name in spec.when.facts):
            opened.add(spec.name)
    return frozenset(opened)


def collect(flow: Flow, raw: Raw, *, known: Mapping[str, Any] = _EMPTY) -> Collected:
    """For a draft: fields of the form alone, as typed, without what cannot be stored.

    `known` is the draft before: masked values that come back stand for what it held.
    """
    form = compiled(flow)
    given = shaped(form, raw)
    plain: dict[str, Any] = {}
    sensitive: dict[str, Any] = {}
    for field in form.fields:
        typed = _typed(field, given.get(field.spec.name))
        if not _blank(typed):
            (sensitive if field.sensitive else plain)[field.spec.name] = typed
    return Collected(plain, unmasked(flow, sensitive, known))


def shaped(form: CompiledForm, raw: Raw) -> Raw:
    """`roster.0.name` or `roster[0][name]` become rows, `place.lat` a place, `union.q` what was searched for."""
    parts = [
        (found, value)
        for key, value in raw.items()
        if ("." in key or "[" in key) and (found := _NESTED.match(key)) and found[1] in form.nested
    ]
    if not parts:
        return raw
    given = dict(raw)
    rows: dict[str, dict[int, dict[str, Any]]] = {}
    for found, value in parts:
        name, part, column = found.groups()
        if column is not None and part.isdigit():
            rows.setdefault(name, {}).setdefault(int(part), {})[column] = _last(value)
        elif part in ("lat", "lng"):
            place = given.get(name)
            given[name] = {**(place if isinstance(place, dict) else {}), part: _last(value)}
    for name, numbered in rows.items():
        given[name] = [numbered[number] for number in sorted(numbered)]
    return given


class _Reading:
    """One pass over one form."""

    def __init__(self, form: CompiledForm, given: Raw, today: date, known: Mapping[str, Any], choices: Choices) -> None:
        self.form = form
        self.given = given
        self.today = today
        self.known = known
        self.choices = choices
        self.errors: dict[str, list[FieldError]] = {}

    def wrong(self, name: str, message: str, *, at: str = "") -> None:
        """`at` is where the message belongs, where that is not the field itself but a cell."""
        self.errors.setdefault(name, []).append(FieldError(at or name, message))

    def in_order(self, flow: Flow) -> list[FieldError]:
        if not self.errors:
            return []
        names = [spec.name for spec in (*flow.fields, *flow.attachments)]
        names += [name for name in self.errors if name not in names]
        return [error for name in names for error in self.errors.get(name, ())]

    def read(self, field: CompiledField) -> Any:
        spec = field.spec
        name = spec.name
        raw = self.given.get(name) if spec.filled_by == "person" else None
        if not field.many:
            raw = _last(raw)
        if _blank(raw) and _blank(raw := self._unsaid(spec)):
            self._nothing(spec)
            return None
        known = self.known.get(name)
        if field.columns:
            return self._rows(field, raw, known)
        try:
            value = _whole(spec, raw, known) if field.sensitive else raw
            return field.read(value, self.today, self.choices.get(name, _EMPTY))
        except InvalidValue as exc:
            self.wrong(name, exc.message)
            return None

    def _unsaid(self, spec: FieldSpec) -> Any:
        """What a field holds that nobody filled in: what the system knows, or a consent given with another one."""
        if spec.filled_by == "system":
            known = self.known.get(spec.name)
            return spec.default if _blank(known) else known
        implied = spec.implied_by and spec.name not in self.given and self.given.get(spec.implied_by) is True
        return True if implied else None

    def _nothing(self, spec: FieldSpec) -> None:
        if not _blank(_last(self.given.get(f"{spec.name}.q"))):
            self.wrong(spec.name, "还没有选中，请从找到的结果里选一个")
        elif spec.required:
            self.wrong(spec.name, missing(spec))

    def _rows(self, field: CompiledField, raw: Any, known: Any) -> list[dict[str, Any]] | None:
        spec = field.spec
        if not isinstance(raw, list) or not all(isinstance(row, dict) for row in raw):
            self.wrong(spec.name, "这一项应为一行一行的明细")
            return None
        if len(raw) > MOST_ROWS:
            self.wrong(spec.name, f"最多填 {MOST_ROWS} 行，现在有 {len(raw)} 行")
            return None
        rows = []
        before = len(self.errors.get(spec.name, ()))
        for index, row in enumerate(raw):
            if not all(_blank(_last(row.get(column.spec.name))) for column in field.columns):
                rows.append(self._row(field, index, row, known))
            if len(self.errors.get(spec.name, ())) - before > MOST_ROW_ERRORS:
                return None
        if sentence := missing(spec) if not rows and spec.required else checks.wrong_rows(spec.rows, len(rows)):
            self.wrong(spec.name, sentence)
        return rows if rows and len(self.errors.get(spec.name, ())) == before else None

    def _row(self, field: CompiledField, index: int, row: Mapping[str, Any], known: Any) -> dict[str, Any]:
        cells: dict[str, Any] = {}
        for column in field.columns:
            name = column.spec.name
            at = f"{field.spec.name}.{index}.{name}"
            raw = row.get(name) if column.many else _last(row.get(name))
            if _blank(raw):
                if column.spec.required:
                    self.wrong(field.spec.name, missing(column.spec), at=at)
                continue
            try:
                raw = _whole(column.spec, raw, known_cell(column.spec, known, index, raw))
                cells[name] = column.read(raw, self.today, self.choices.get(f"{field.spec.name}.{name}", _EMPTY))
            except InvalidValue as exc:
                self.wrong(field.spec.name, exc.message, at=at)
                continue
            if sentence := checks.broken(column.spec, cells[name], cells, self.today, _EMPTY):
                self.wrong(field.spec.name, sentence, at=at)
        return cells


def parse_row(field: CompiledField, row: Raw, *, today: date) -> tuple[dict[str, Any], list[FieldError]]:
    """One row of a table by itself, judged as those of a form are; errors are named by the column."""
    reading = _Reading(_NO_FORM, _EMPTY, today, _EMPTY, _EMPTY)
    cells = reading._row(field, 0, row, None)
    found = reading.errors.get(field.spec.name, ())
    return cells, [FieldError(error.field.rpartition(".")[2], error.message) for error in found]


def missing(spec: FieldSpec) -> str:
    """What to say of a required field that is empty."""
    if spec.kind == FieldKind.BOOL:
        return "请先阅读并勾选这一项" if spec.rule is not None else "请选“是”或“否”"
    if spec.kind == FieldKind.FILE:
        return f"请上传{spec.label}"
    return f"请选择{spec.label}" if spec.kind in _CHOSEN or spec.lookup else f"请填写{spec.label}"


def _keep_rules(reading: _Reading, found: dict[str, Any], opened: Collection[str] | None) -> None:
    form = reading.form
    for field in form.ruled:
        spec = field.spec
        if spec.name not in found:
            continue
        sentence = checks.broken(spec, found[spec.name], found, reading.today, form.labels)
        if not sentence:
            continue
        if opened is None or spec.name in opened:
            reading.wrong(spec.name, sentence)
        else:  # the field is closed, so the open one it is compared with has to change
            for other in spec.rule.fields if spec.rule is not None else ():
                if other in opened:
                    reading.wrong(other, f"与“{spec.label}”对不上，那一栏{sentence}")


def _judge_files(
    flow: Flow,
    files: Mapping[str, Sequence[str]],
    found: Mapping[str, Any],
    reading: _Reading,
    opened: Collection[str] | None,
) -> None:
    lookup = form_lookup(flow, found)
    for slot in flow.attachments:
        if opened is not None and slot.name not in opened:
            continue
        count = len(files.get(slot.name, ()))
        asked = slot.when is None or evaluate(slot.when, lookup, today=reading.today) is True
        if count > slot.max_files:
            reading.wrong(slot.name, f"最多上传 {slot.max_files} 个，现在有 {count} 个")
        elif slot.required and asked and not count:
            reading.wrong(slot.name, f"请上传{slot.label}")
    for name in files:
        if flow.slot(name) is None and flow.field(name) is None:
            reading.wrong(name[:40], "这项业务没有这个上传位置")


def _split(form: CompiledForm, found: dict[str, Any], errors: list[FieldError]) -> Parsed:
    sensitive = {field.spec.name: found.pop(field.spec.name) for field in form.fields
                 if field.sensitive and field.spec.name in found}  # fmt: skip
    return Parsed(found, sensitive, errors)


def _last(raw: Any) -> Any:
    """An HTML form sends lists; of one control the last value counts."""
    return (raw[-1] if raw else None) if isinstance(raw, list) else raw


def _blank(raw: Any, depth: int = 0) -> bool:
    if isinstance(raw, str):
        return not raw or raw.isspace()
    if isinstance(raw, list | dict):
        parts = raw.values() if isinstance(raw, dict) else raw
        return depth < _DEEPEST and all(_blank(part, depth + 1) for part in parts)
    return raw is None


def _whole(spec: FieldSpec, raw: Any, known: Any) -> Any:
    """Like `unmask`, refusing stars that stand for nothing where the field's parser would take them."""
    value = unmask(spec, raw, known)
    if value == HIDDEN and is_masked(spec, value):
        raise values.wrong("masked", "请重新填写这一项，不能用 * 代替")
    return value


def _typed(field: CompiledField, raw: Any) -> Any:
    """The shape the field needs and nothing that a database or a page could choke on."""
    if field.columns:
        rows = [row for row in raw[:MOST_ROWS] if isinstance(row, dict)] if isinstance(raw, list) else []
        cells = [{c.spec.name: _typed(c, row.get(c.spec.name)) for c in field.columns} for row in rows]
        return [{name: cell for name, cell in row.items() if not _blank(cell)} for row in cells]
    if field.many:
        items = raw if isinstance(raw, list) else [raw]
        return [text for item in items[:100] if isinstance(text := values.storable(item), str)]
    if field.spec.kind == FieldKind.GEO and isinstance(raw, dict):
        return {part: values.storable(raw[part]) for part in ("lat", "lng") if part in raw}
    return values.storable(_last(raw))
