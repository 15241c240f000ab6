"""A form as pages show it: its screens, fields, choices and files."""

from typing import Any

import msgspec

from backend.casework.enums import FieldKind


class OptionView(msgspec.Struct):
    value: str
    label: str
    selected: bool = False


class FieldView(msgspec.Struct, kw_only=True):
    """One field as a form shows it. `value` is what was typed or stored (masked where sensitive)."""

    name: str
    label: str
    kind: FieldKind
    required: bool = False
    hint: str = ""
    placeholder: str = ""
    value: Any = None
    display: str = ""  # value in words, for reading
    error: str = ""
    comment: str = ""  # the clerk's words when returned
    source: str = ""  # "来自会员档案" for prefilled values
    options: list[OptionView] = []
    columns: list["FieldView"] = []  # of a table
    rows: list[list["FieldView"]] = []  # of a table
    kept: int = 0  # of a table too long to be typed or shown: how many rows it has, of which `rows` are the first
    by_sheet: bool = False  # the table may be filled from a sheet
    sheet_at: str = ""  # of a table that is corrected from one: the address of the page
    min: str = ""
    max: str = ""
    max_length: int = 0
    sensitive: bool = False
    changed_from: str | None = None  # at the desk: the value of the round before
    when: str = ""  # shown only while this holds: "employ_form=newform" or "kind=a|b"
    folded: bool = False  # behind 补充信息（选填）
    must_be_yes: bool = False  # a consent: one box to tick, where any other yes/no is a pair of choices


class FileView(msgspec.Struct, kw_only=True):
    id: str
    name: str
    media_type: str
    size: int
    url: str
    is_image: bool = False
    is_new: bool = False  # brought by the current round


class SlotView(msgspec.Struct, kw_only=True):
    """A place for attachments in a form."""

    name: str
    label: str
    required: bool
    max_files: int
    hint: str = ""
    files: list[FileView] = []
    error: str = ""
    comment: str = ""
    folded: bool = False  # behind 补充信息（选填）


class ScreenView(msgspec.Struct, kw_only=True):
    """One screen of a form: a question group of at most seven fields."""

    key: str
    title: str
    intro: str = ""
    fields: list[FieldView] = []
    slots: list[SlotView] = []
    summary: bool = False  # shows what the screens before hold


class FormView(msgspec.Struct, kw_only=True):
    fields: list[FieldView]
    attachments: list[SlotView]


class AttachmentView(msgspec.Struct, kw_only=True):
    id: str
    name: str
    media_type: str
    size: int
    sha256: str
