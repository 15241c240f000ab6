"""Who may open a file: who sent it, whose case it belongs to, and staff who see that case."""

import msgspec

from backend.casework.queries import recusals
from backend.casework.queries.scope import JOINS, VIEW, is_asked
from backend.core import database, ids
from backend.core.actor import Actor
from backend.core.errors import Forbidden, NotFound


class FileAccess(msgspec.Struct, frozen=True, kw_only=True):
    """`subject` is whose data it is, for the trace of a staff member who opens it; None for one's own."""

    file_id: int
    subject: tuple[str, int] | None = None


class _Row(msgspec.Struct, kw_only=True):
    owner_id: int
    case_id: int | None
    applicant_id: int | None
    member_id: int | None
    desk_path: str | None
    target_path: str | None


_FILE = (
    "SELECT f.owner_id, c.id AS case_id, c.applicant_id, c.member_id, d.path AS desk_path, t.path AS target_path"
    " FROM stored_file f LEFT JOIN case_attachment a ON a.file_id = f.id LEFT JOIN case_file c ON c.id = a.case_id"
)
# Sheets of a whole roll are kept in the same place; they are nobody's to fetch again.
_KINDS = "(f.media_type LIKE 'image/%%' OR f.media_type = 'application/pdf')"


async def file_access(public_id: str, actor: Actor) -> FileAccess:
    file_id = ids.parse(public_id) or 0
    row = await database.view(_Row, f"{_FILE}{JOINS} WHERE f.id = %s AND {_KINDS}", file_id)
    if row is None or not actor.signed_in:
        raise NotFound()
    if actor.account_id in (row.owner_id, row.applicant_id) or actor.member_id == row.member_id is not None:
        return FileAccess(file_id=file_id)
    if row.case_id is None or not await _may_see(row.case_id, row, actor):
        raise NotFound()
    if await recusals.of_one(row.case_id, actor) is not None:
        raise Forbidden("recused")
    return FileAccess(file_id=file_id, subject=_subject(row.case_id, row))


async def _may_see(case_id: int, row: _Row, actor: Actor) -> bool:
    seen = any(actor.covers(VIEW, path) for path in (row.desk_path, row.target_path) if path)
    return seen or (actor.is_staff and await is_asked(case_id, actor))


def _subject(case_id: int, row: _Row) -> tuple[str, int]:
    if row.member_id is not None:
        return "member", row.member_id
    return ("account", row.applicant_id) if row.applicant_id is not None else ("case", case_id)
