"""Forms as pages show them: screens of fields with values, errors, the clerk's comments and where values come from."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from backend.casework.enums import FieldKind
from backend.casework.flows import AttachmentSpec, FieldSpec, Flow, FormScreen
from backend.casework.forms.compile import compiled, max_length
from backend.casework.forms.limits import Limits
from backend.casework.forms.masks import mask
from backend.casework.forms.parse import Choices, shaped
from backend.casework.forms.words import say
from backend.casework.protocols import Prefilled
from backend.casework.schemas import FieldView, FileView, OptionView, ScreenView, SlotView
from backend.core import clock, reference
from backend.core.errors import FieldError
from backend.core.predicates import browser_condition

MOST_OPTIONS = 200
FIRST_ROWS = 5
ANSWER_ROWS = 100
_NOTHING: Mapping[str, Any] = {}


class _Page:
    """What one rendering draws from."""

    def __init__(
        self,
        *,
        errors: Sequence[FieldError],
        comments: Mapping[str, str],
        choices: Choices,
        today: date,
        typed: bool,
        sources: Mapping[str, str] = _NOTHING,
        most_rows: int = 0,
        by_sheet: bool = False,
        always_kept: Collection[str] = (),
    ) -> None:
        self.errors: dict[str, str] = {}
        for error in errors:
            self.errors.setdefault(error.field, error.message)
        self.comments = comments
        self.choices = choices
        self.today = today
        self.typed = typed
        self.sources = sources
        self.most_rows = most_rows
        self.by_sheet = by_sheet
        self.always_kept = always_kept


def render_screens(
    flow: Flow,
    values: Mapping[str, Any],
    errors: Sequence[FieldError] = (),
    prefill: Mapping[str, Prefilled] = _NOTHING,
    comments: Mapping[str, str] = _NOTHING,
    only: Collection[str] | None = None,
    *,
    files: Mapping[str, list[FileView]] = _NOTHING,
    choices: Choices = _NOTHING,
    typed: bool = False,
    sources: Mapping[str, str] = _NOTHING,
    most_rows: int = 0,
    by_sheet: bool = False,
    always_kept: Collection[str] = (),
) -> list[ScreenView]:
    """`values` are stored ones, shown masked, or with `typed` what this person just sent, shown as it is.

    A prefilled value stands where `values` have none. `only` leaves out all other fields and empty screens.
        sources=sources,
    A table of more than `most_rows` is not for typing any more: its first rows are shown, and how many there are.
    `by_sheet` says that a button leads to the page on which a table is filled from a sheet; `always_kept` are tables
    whose rows came from one, however few.
    """
    page = _Page(
        errors=errors,
        comments=comments,
        choices=choices,
        today=clock.today(),
        typed=typed,
        sources=sources,
        most_rows=most_rows,
        by_sheet=by_sheet,
        always_kept=always_kept,
    )
    given = shaped(compiled(flow), values)
    screens = []
    for screen in flow.screens:
        shown = [spec for spec in screen.fields if _is_shown(spec, only)]
        slots = [slot for slot in screen.attachments if only is None or slot.name in only]
        if shown or slots or (screen.summary and only is None):
            screens.append(_screen(screen, shown, slots, given, prefill, files, page))
    return screens


def render_answers(
    flow: Flow, values: Mapping[str, Any], *, choices: Choices = _NOTHING, changed: Mapping[str, str | None] = _NOTHING
) -> list[FieldView]:
    """What was filled in, to be read: masked, in words, of a long table the first rows. `changed` are the words of
    the round before."""
    page = _Page(errors=(), comments={}, choices=choices, today=clock.today(), typed=False, most_rows=ANSWER_ROWS)
    views = []
    for spec in flow.fields:
        if values.get(spec.name) is not None or spec.name in changed:
            view = _field(spec, values.get(spec.name), page)
            view.changed_from = changed.get(spec.name)
            views.append(view)
    return views


def _is_shown(spec: FieldSpec, only: Collection[str] | None) -> bool:
    return spec.filled_by == "person" if only is None else spec.name in only


def _screen(
    screen: FormScreen,
    fields: Sequence[FieldSpec],
    slots: Sequence[AttachmentSpec],
    given: Mapping[str, Any],
    prefill: Mapping[str, Prefilled],
    files: Mapping[str, list[FileView]],
    page: _Page,
) -> ScreenView:
    views = []
    for spec in fields:
        value = given.get(spec.name)
        filled = prefill.get(spec.name) if value in (None, "", []) else None
        if filled is not None:
            view = _field(spec, mask(spec, filled.value), page)
            view.source = filled.source
        elif spec.kind == FieldKind.FILE:
            view = _field(spec, None, page)
            view.value = files.get(spec.name, [])
        else:
            searched = given.get(f"{spec.name}.q")
            view = _field(spec, value, page)
            view.display = view.display or (_text(searched) if searched else "")
            view.source = page.sources.get(spec.name, "")
        views.append(view)
    return ScreenView(
        key=screen.key,
        title=screen.title,
        intro=screen.intro,
        fields=views,
        slots=[_slot(slot, files.get(slot.name, []), page) for slot in slots],
        summary=screen.summary,
    )


def _field(spec: FieldSpec, value: Any, page: _Page, *, at: str = "", table: str = "") -> FieldView:
    """`at` is where messages about a cell are filed: `table.0.column`."""
    at = at or spec.name
    choices = page.choices.get(f"{table}.{spec.name}" if table else spec.name, _NOTHING)
    value = _single(spec, value)
    shown = value if page.typed else mask(spec, value)
    options = _options(spec, shown, choices)
    view = FieldView(
        name=spec.name,
        label=spec.label,
        kind=spec.kind,
        required=spec.required,
        hint=spec.hint,
        placeholder=spec.placeholder,
        value=_for_input(spec, shown, has_options=bool(options)),
        display=say(spec, mask(spec, value), choices),
        error=page.errors.get(at, ""),
        comment=page.comments.get(at, ""),
        options=options,
        max_length=max_length(spec),
        sensitive=spec.is_sensitive,
        when=browser_condition(spec.when) if spec.when is not None else "",
        folded=spec.folded,
        must_be_yes=any(bound.operand.flag is True for bound in spec.rule.bounds) if spec.rule is not None else False,
    )
    if spec.kind in (FieldKind.DATE, FieldKind.MONTH):
        view.min, view.max = _edge(spec, ">", page.today), _edge(spec, "<", page.today)
    if spec.columns:
        _add_rows(view, spec, value, page)
    return view


def _add_rows(view: FieldView, spec: FieldSpec, value: Any, page: _Page) -> None:
    rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
    bare = _Page(errors=(), comments={}, choices=page.choices, today=page.today, typed=page.typed)
    view.value = None
    view.by_sheet = page.by_sheet
    if 0 < page.most_rows < len(rows) or spec.name in page.always_kept:
        view.kept, view.error = len(rows), view.error or _of_rows(spec, page)
        rows = rows[: FIRST_ROWS if page.typed else page.most_rows]
    view.columns = [_field(column, None, bare, table=spec.name) for column in spec.columns]
    view.rows = [
        [
            _field(column, row.get(column.name), page, at=f"{spec.name}.{index}.{column.name}", table=spec.name)
            for column in spec.columns
        ]
        for index, row in enumerate(rows)
    ]
    view.max = _rows_at_most(spec.rows)


def _of_rows(spec: FieldSpec, page: _Page) -> str:
    """What is wrong in rows that are not shown, the first few of them."""
    labels = {column.name: column.label for column in spec.columns}
    found = []
    for at, message in page.errors.items():
        name, _, rest = at.partition(".")
        index, _, column = rest.partition(".")
        if name == spec.name and index.isdecimal():
            found.append(f"第 {int(index) + 1} 行{labels.get(column, '')}：{message}")
    return "；".join(found[:FIRST_ROWS])


def _rows_at_most(rows: Limits | None) -> str:
    most = rows.number("<=") if rows is not None else None
    return "" if most is None else str(most)


def _slot(slot: AttachmentSpec, files: list[FileView], page: _Page) -> SlotView:
    return SlotView(
        name=slot.name,
        label=slot.label,
        required=slot.required,
        max_files=slot.max_files,
        hint=slot.hint,
        files=files,
        error=page.errors.get(slot.name, ""),
        comment=page.comments.get(slot.name, ""),
        folded=slot.folded,
    )


def _text(value: Any) -> str:
    value = value[-1] if isinstance(value, list) and value else value
    return value if isinstance(value, str) else ""


def _options(spec: FieldSpec, value: Any, choices: Mapping[str, str]) -> list[OptionView]:
    offered = spec.options or choices or _divisions_offered(spec)
    chosen = {value} if isinstance(value, str) else set(map(str, value)) if isinstance(value, list) else set()
    return [OptionView(each, label, each in chosen) for each, label in list(offered.items())[:MOST_OPTIONS]]


def _divisions_offered(spec: FieldSpec) -> Mapping[str, str]:
    """The county's own townships where a flow asks for one of them."""
    if spec.kind != FieldKind.DIVISION or spec.within != "county":
        return _NOTHING
    return {row.code: row.name for row in reference.divisions().children(reference.settings().county_division)}


def _for_input(spec: FieldSpec, value: Any, *, has_options: bool) -> Any:
    """As the control takes it: yuan for money, local time without offset, the name of a division to type over."""
    if spec.kind == FieldKind.MONEY and isinstance(value, int) and not isinstance(value, bool):
        return f"{value // 100}.{value % 100:02d}"
    if spec.kind == FieldKind.DATETIME and isinstance(value, str):
        return value[:16]
    if spec.kind == FieldKind.DIVISION and isinstance(value, str) and not has_options:
        return reference.divisions().full_name(value) or value
    return value


def _single(spec: FieldSpec, value: Any) -> Any:
    """HTML forms send lists; a single control shows the last."""
    if isinstance(value, list) and spec.kind not in (FieldKind.MULTI, FieldKind.TABLE):
        return value[-1] if value else None
    return value


def _edge(spec: FieldSpec, side: str, today: date) -> str:
    """The first or last day that a date control offers."""
    for bound in spec.rule.bounds if spec.rule is not None else ():
        if bound.operand.today and bound.operator in (side, f"{side}="):
            day = bound.operand.day(today).isoformat()
            return day[:7] if spec.kind == FieldKind.MONTH else day
    return ""
