"""Issued papers: for whoever may read the case they belong to, and for anybody who holds one."""

from collections.abc import Collection
from datetime import date

import msgspec

from backend.core import database, reference
from backend.documents import codes
from backend.documents.schemas import DocumentBody, DocumentView

VERIFY_KIND = "document"
_LONGEST = 24
_COLUMNS = "number, `key`, title, issuer, subject, body, issued_on, voided_on"


class _Row(msgspec.Struct, kw_only=True):
    number: str
    key: str
    title: str
    issuer: str
    subject: str
    body: str
    issued_on: date
    voided_on: date | None


async def by_keys(keys: Collection[str]) -> dict[str, DocumentView]:
    """Issued papers by what they were issued for; one query."""
    if not keys:
        return {}
    marks = ", ".join(["%s"] * len(keys))
    sql = f"SELECT {_COLUMNS} FROM document WHERE `key` IN ({marks})"  # noqa: S608 - placeholders only
    return {row.key: _view(row) for row in await database.views(_Row, sql, *keys)}


async def of_prefix(prefix: str) -> dict[str, DocumentView]:
    """All papers whose key begins so, the oldest first: what was issued for one case."""
    sql = f"SELECT {_COLUMNS} FROM document WHERE `key` >= %s AND `key` < %s ORDER BY id"  # noqa: S608
    return {row.key: _view(row) for row in await database.views(_Row, sql, prefix, prefix + "~")}


async def verified(number: str, code: str) -> DocumentView | None:
    """The paper, for somebody who holds it: number and code belong together."""
    if len(number) > _LONGEST or not codes.holds(code, kind=VERIFY_KIND, number=number):
        return None
    row = await database.view(_Row, f"SELECT {_COLUMNS} FROM document WHERE number = %s", number)  # noqa: S608
    return None if row is None else _view(row)


def _view(row: _Row) -> DocumentView:
    code = codes.code_for(kind=VERIFY_KIND, number=row.number)
    return DocumentView(
        number=row.number,
        title=row.title,
        issuer=row.issuer,
        subject=row.subject,
        body=msgspec.json.decode(row.body, type=DocumentBody),
        issued_on=row.issued_on,
        voided_on=row.voided_on,
        verify_url=f"{reference.settings().base_url}/verify/{row.number}/{code}",
    )
