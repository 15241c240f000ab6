"""What may be exported, by whom and how narrowed: the same answer for the form, the request and the worker."""

from collections.abc import Mapping
from datetime import date

import msgspec

from backend.casework import catalogue
from backend.casework.enums import ExportFormat
from backend.casework.protocols import ExportFilter, ExportKind
from backend.casework.queries import records
from backend.casework.schemas import ExportField, ExportFormView, ExportInput, OptionView
from backend.core.actor import Actor
from backend.core.errors import FieldError, Forbidden, Invalid, NotFound, invalid, sentence
from backend.unions import queries as unions

EXPORT, REVEAL = "export.make", "export.reveal"
LONGEST_REASON = 200
_SHORTEST_REASON = 2
_LONGEST_VALUE = 60
_FORMAT_TEXT = {
    ExportFormat.XLSX: "Excel",
    ExportFormat.CSV: "CSV",
    ExportFormat.ZIP: "压缩包",
}


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """An export that can be made. `actor` is kept to the posts by which it can."""

    kind: ExportKind
    format: ExportFormat
    filters: dict[str, str]
    said: str
    reveal: bool
    actor: Actor


def kind_of(name: str) -> ExportKind | None:
    return catalogue.bindings().export_kinds.get(name)


def formats_of(kind: ExportKind) -> tuple[ExportFormat, ...]:
    return (ExportFormat.ZIP,) if kind.opens else (ExportFormat.XLSX, ExportFormat.CSV)


def kept_to(actor: Actor, kind: ExportKind, *, reveal: bool) -> Actor:
    """Who holds the rights together somewhere exports what lies there, and nothing of their other posts."""
    needed = {EXPORT, kind.permission} | ({REVEAL} if reveal else set())
    posts = tuple(post for post in actor.posts if needed <= post.permissions)
    if not posts:
        raise Forbidden("export_reveal_refused" if reveal and actor.can(EXPORT) else "not_allowed")
    return msgspec.structs.replace(actor, posts=posts)


async def check(data: ExportInput, actor: Actor) -> Checked:
    """Invalid names every wrong field at once."""
    kind = kind_of(data.kind)
    if kind is None:
        raise invalid("kind", "wrong_value")
    errors: list[FieldError] = []
    if data.format and data.format not in formats_of(kind):
        errors.append(FieldError("format", sentence("wrong_value")))
    if not _SHORTEST_REASON <= len(data.reason.strip()) <= LONGEST_REASON:
        errors.append(FieldError("reason", sentence("export_reason", limit=LONGEST_REASON)))
    given = {name: _text(value) for name, value in data.filters.items() if value not in ("", False)}
    reveal = (data.reveal and bool(kind.masks)) or (kind.opens and not given.get("number"))
    kept = kept_to(actor, kind, reveal=reveal)
    words = []
    for name, spec in kind.filters.items():
        if spec.needed and name not in given:
            errors.append(FieldError(f"filters.{name}", sentence("export_needed", what=spec.label)))
    for name, value in given.items():
        spec = kind.filters.get(name)
        label = await _meaning(spec, value, kept, kind) if spec else None
        if spec is None or label is None:
            errors.append(FieldError(f"filters.{name}"[:60], sentence(_refusal(spec))))
        else:
            words.append(f"{spec.label}：{label}")
    if errors:
        raise Invalid(errors)
    return Checked(
        kind=kind,
        format=ExportFormat(data.format) if data.format else formats_of(kind)[0],
        filters=given,
        said="；".join(words)[:200],
        reveal=reveal,
        actor=kept,
    )


def _refusal(spec: ExportFilter | None) -> str:
    if spec is None:
        return "wrong_value"
    return "case_not_found" if spec.kind == "text" else "export_filter"


def _text(value: object) -> str:
    return "1" if value is True else str(value).strip()


async def _meaning(spec: ExportFilter, value: str, actor: Actor, kind: ExportKind) -> str | None:
    """The value in words; None when there is no such."""
    if len(value) > _LONGEST_VALUE:
        return None
    if spec.kind == "date":
        try:
            return date.fromisoformat(value).isoformat() if len(value) == len("2026-01-01") else None
        except ValueError:
            return None
    try:
        if spec.kind == "union":
            return (await unions.place_in_scope(value, actor, kind.permission)).name
        if spec.kind == "text":
            return (await records.record(value, actor)).number
    except NotFound:
        return None
    return (await spec.options(actor)).get(value) if spec.options else None


async def export_form(name: str, given: Mapping[str, str], actor: Actor) -> ExportFormView:
    """NotFound for a kind that there is not; what is given and means nothing is left out."""
    kind = kind_of(name)
    if kind is None:
        raise NotFound()
    kept = kept_to(actor, kind, reveal=False)
    may_reveal = any({EXPORT, REVEAL, kind.permission} <= post.permissions for post in actor.posts)
    fields, along = [], []
    for key, spec in kind.filters.items():
        value = given.get(key, "")[:_LONGEST_VALUE]
        if kind.opens and not may_reveal and spec.kind != "text":
            continue  # one case is all that they may open
        options = await spec.options(kept) if spec.options and (spec.offered or value) else {}
        field = ExportField(
            needed=spec.needed,
            name=key,
            label=spec.label,
            kind=spec.kind,
            value=value,
            options=[OptionView(value=one, label=label, selected=one == value) for one, label in options.items()],
        )
        if spec.offered:
            fields.append(field)
        elif value in options:
            along.append(field)
    return ExportFormView(
        kind=name,
        title=kind.title,
        fields=fields,
        kept=along,
        formats=[OptionView(value=one.value, label=_FORMAT_TEXT[one]) for one in formats_of(kind)],
        masks=kind.masks,
        may_reveal=may_reveal,
        opens=kind.opens,
    )


def kinds_for(actor: Actor) -> list[tuple[str, ExportKind]]:
    """Those of which the actor may export something."""
    return [
        (name, kind)
        for name, kind in catalogue.bindings().export_kinds.items()
        if any({EXPORT, kind.permission} <= post.permissions for post in actor.posts)
    ]
