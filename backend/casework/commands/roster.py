"""People of a list who join together. The first of them join with the decision, the others in parts after it; a row
that cannot be admitted says why and holds up nobody.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from backend.casework.commands.access import content_of
from backend.casework.commands.outcomes import approved_case
from backend.casework.events import RosterApproved
from backend.casework.models import Case
from backend.casework.protocols import Approved
from backend.core import database, ids, outbox
from backend.core.actor import SYSTEM, Actor
from backend.core.command import command
from backend.membership import commands as members
from backend.membership.enums import EmployForm, NewformGroup
from backend.membership.schemas import NewMember

ROWS_AT_ONCE = 50
_REFUSED_SHOWN = 20
_Row = Mapping[str, Any]


@command
async def admit_roster(actor: Actor, *, approved: Approved, table: str) -> dict[str, Any]:
    """Admit the first rows; the rest follows. What the applicant reads of it."""
    rows = _rows(approved.values, table)
    if not rows:
        return {}
    if not await _go_on(actor, approved, rows):
        await outbox.emit(RosterApproved(approved.case_id, table), key=str(approved.case_id))
    return await _report(approved.case_id, len(rows))


@command
async def go_on_with_roster(case_id: int, table: str) -> bool:
    """The next rows; True when none is left, and the applicant reads the final count."""
    case = await Case.get(id=case_id)
    rows = _rows(content_of(case).values, table)
    finished = await _go_on(SYSTEM, approved_case(case, SYSTEM), rows)
    if finished:
        outcome = msgspec.json.decode(case.outcome or "{}") | await _report(case_id, len(rows))
        text = msgspec.json.encode(outcome).decode()
        await database.execute("UPDATE case_file SET outcome = %s WHERE id = %s", text, case_id)
    return finished


def _rows(values: Mapping[str, Any], table: str) -> Sequence[_Row]:
    rows = values.get(table)
    return rows if isinstance(rows, list) else []


async def _go_on(actor: Actor, approved: Approved, rows: Sequence[_Row]) -> bool:
    sql = "SELECT COUNT(*) FROM roster_row WHERE case_id = %s"
    done = int(await database.scalar(sql, approved.case_id))
    for number, row in enumerate(rows[done : done + ROWS_AT_ONCE], start=done + 1):
        await _admit(actor, approved, number, row)
    return done + ROWS_AT_ONCE >= len(rows)


async def _admit(actor: Actor, approved: Approved, number: int, row: _Row) -> None:
    applicant = _applicant(row, approved.values)
    problem = await members.why_not(applicant)
    member_id = None
    if problem is None:
        admitted = await members.admit(
            actor,
            applicant=applicant,
            union_id=approved.target_union_id or 0,
            account_id=None,
            reference=approved.number,
        )
        member_id = admitted.id
    written = {"case_id": approved.case_id, "row_no": number, "member_id": member_id, "problem": problem or ""}
    await database.insert("roster_row", {"id": ids.new_id(), **written})


def _applicant(row: _Row, values: Mapping[str, Any]) -> NewMember:
    """What a row does not say, the form around it may."""
    group = str(row.get("newform_group") or row.get("group") or "")
    newform = group in set(NewformGroup)
    return NewMember(
        name=str(row.get("name") or row.get("real_name") or ""),
        id_no=str(row.get("id_no") or ""),
        phone=str(row.get("mobile") or row.get("phone") or ""),
        division=str(row.get("division") or values.get("division") or ""),
        employ_form=str(row.get("employ_form") or (EmployForm.NEWFORM if newform else EmployForm.CONTRACT)),
        newform_group=group if newform else "",
        employer=str(row.get("employer") or row.get("unit") or values.get("org_name") or ""),
    )


async def _report(case_id: int, total: int) -> dict[str, Any]:
    refused = await database.rows(
        "SELECT row_no, problem FROM roster_row WHERE case_id = %s AND member_id IS NULL ORDER BY row_no", case_id
    )
    done = int(await database.scalar("SELECT COUNT(*) FROM roster_row WHERE case_id = %s", case_id))
    return {
        "joined": done - len(refused),
        "refused": len(refused),
        "waiting": total - done,
        "refused_rows": [{"row": row["row_no"], "reason": row["problem"]} for row in refused[:_REFUSED_SHOWN]],
    }
