"""What cases of hardship bring about, and the class that their figures suggest to whoever decides."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from backend.aid import commands as aid
from backend.aid import hardship_lines, hardship_rules
from backend.aid import queries as files
from backend.aid.hardship_enums import Grade
from backend.aid.hardship_rules import SUDDEN, Figures
from backend.aid.hardship_schemas import Household, Relative, Reviewed
from backend.casework import queries as casework
from backend.casework.protocols import Approved, Checked, Question
from backend.core import national

Params = Mapping[str, Any]
Answer = dict[str, Any]

VISIT, CONFIRM, EDIT = "visit-record", "grade-confirm", "family-edit"


async def open_hardship(approved: Approved, params: Params) -> Answer:
    """The file of a household, or the one that somebody of it has, as the last act confirmed it."""
    values, case_id = approved.values, approved.case_id
    head = Relative(name=values["real_name"], id_no=values["id_no"], relation="本人")
    household = Household(
        case_id=case_id,
        case_number=approved.number,
        union_id=approved.target_union_id or approved.desk_union_id or 0,
        account_id=approved.applicant_id,
        people=(head, *map(_relative, await _family(case_id, values))),
        size=await casework.last_said(case_id, CONFIRM, "people"),
        income_fen=await _seen(case_id, "income_seen", values["income_total"]),
        expense_fen=await _seen(case_id, "expense_seen", values["rigid_expense"]),
        per_capita_fen=await casework.last_said(case_id, CONFIRM, "per_capita"),
        grade=Grade(await casework.last_said(case_id, CONFIRM, "grade")),
    )
    return await aid.open_file(approved.decided_by, household=household)


async def change_hardship(approved: Approved, params: Params) -> Answer:
    """A file is looked at again: another class or the same, or closed where the action names none."""
    values, said = approved.values, approved.act
    reviewed = Reviewed(
        act_id=approved.act_id or 0,
        reference=approved.number,
        file_no=str(values["file_no"]),
        per_capita_fen=said["per_capita"],
        income_fen=values["income_total"],
        expense_fen=values["rigid_expense"],
        grade=Grade(said["grade"]) if "grade" in said else None,
        help_until=date.fromisoformat(said["help_until"]) if "help_until" in said else None,
        exit_reason=str(values.get("exit_reason") or ""),
    )
    return await aid.review_file(approved.decided_by, reviewed=reviewed)


async def suggested_grade(question: Question) -> Checked:
    """By the figures of the visit where there was one, and else by those of the form."""
    values, case_id = question.values, question.case_id
    size = await _size(question)
    if size is None or "income_total" not in values or "rigid_expense" not in values:
        return Checked("人均月收入：还算不出来", None)
    figures = Figures(
        income_fen=await _seen(case_id, "income_seen", values["income_total"]),
        expense_fen=await _seen(case_id, "expense_seen", values["rigid_expense"]),
        people=size,
        sudden=bool(set(SUDDEN) & set(values.get("cause") or ())),
    )
    found = hardship_rules.suggest(figures, hardship_lines.on(question.today))
    asked = values.get("apply_kind")
    fits = found.grade is not None and asked in (None, found.grade.value)
    return Checked(found.text, True if fits else None)


async def _size(question: Question) -> int | None:
    if question.values.get("file_no"):
        file = await files.file_by_number(national.compact(str(question.values["file_no"])))
        return file.size if file is not None else None
    return len(await _family(question.case_id, question.values)) or None


async def _family(case_id: int | None, values: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """As it was told last."""
    edited = await casework.last_said(case_id, EDIT, "members") if case_id is not None else None
    return edited or values.get("family") or []


async def _seen(case_id: int | None, field: str, typed: int) -> int:
    """What the visit found counts, not what was typed."""
    seen = await casework.last_said(case_id, VISIT, field) if case_id is not None else None
    return typed if seen is None else int(seen)


def _relative(row: Mapping[str, Any]) -> Relative:
    return Relative(name=str(row["name"]), id_no=str(row.get("id_no") or ""), relation=str(row["relation"]))
