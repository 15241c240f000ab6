from datetime import date

import msgspec


class DocumentTable(msgspec.Struct):
    columns: list[str]
    rows: list[list[str]]


class DocumentBody(msgspec.Struct):
    paragraphs: list[str]
    table: DocumentTable | None = None


class Paper(msgspec.Struct, kw_only=True):
    """What stands on a paper that is about to be issued. `subject` is masked: verifiers read it."""

    title: str
    issuer: str
    subject: str
    body: DocumentBody


class DocumentView(msgspec.Struct, kw_only=True):
    """A paper to be shown or printed; `verify_url` is empty for one that has no number of its own."""

    number: str
    title: str
    issuer: str
    subject: str
    body: DocumentBody
    issued_on: date
    voided_on: date | None = None
    verify_url: str = ""
