"""Exports as pages and the API take and show them."""

import msgspec

from backend.casework.schemas.forms import OptionView


class ExportInput(msgspec.Struct, kw_only=True):
    """`filters` are those of the kind; without `format` a table is xlsx and attachments are a zip."""

    kind: str
    reason: str = ""
    filters: dict[str, str | bool | int] = {}
    format: str = ""
    reveal: bool = False


class ExportStarted(msgspec.Struct):
    id: str


class ExportView(msgspec.Struct, kw_only=True):
    """`rows` are written of `total`; `url` is there while the file is. `who` and `downloads` are for auditors."""

    id: str
    number: str
    kind: str
    title: str
    format: str
    filters: dict[str, str]
    said: str  # the filters in words
    reason: str
    reveal: bool
    state: str
    problem: str
    rows: int
    total: int
    size: int
    url: str | None
    requested_at: str
    finished_at: str | None
    expires_at: str | None
    who: str
    downloads: int | None = None


class ExportField(msgspec.Struct, kw_only=True):
    """A filter as the form of an export asks for it."""

    name: str
    label: str
    kind: str  # choice, union, date or text
    value: str
    needed: bool
    options: list[OptionView] = []


class ExportFormView(msgspec.Struct, kw_only=True):
    """What can be chosen before an export of one kind begins; `kept` came from the list and goes along."""

    kind: str
    title: str
    fields: list[ExportField]
    kept: list[ExportField]
    formats: list[OptionView]
    masks: str  # what stays masked
    may_reveal: bool
    opens: bool
