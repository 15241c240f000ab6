"""Hardship files: opened once for a household by an approved case, looked at again, closed and opened again by later
ones. Whoever decided was authorised where the decision was made; a change has a key made of the act that caused it.
"""

from collections.abc import Sequence
from typing import Any

from backend.aid import hardship_lines
from backend.aid import hardship_rules as rules
from backend.aid.hardship_enums import FILE_TEXT, GRADE_TEXT, FileChange, FileState, Grade
from backend.aid.hardship_schemas import FileFacts, Household, Relative, Reviewed
from backend.aid.queries import hardship
from backend.core import audit, clock, crypto, database, ids, national, sequences
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict

PREFIX, NAME = "KNDA", "困难职工档案"


@command
async def open_file(actor: Actor, *, household: Household) -> dict[str, Any]:
    """The household's file; where somebody of it is in an open one, the others are put into that."""
    people = _distinct(household.people)
    known = await hardship.file_of_change(f"open:{household.case_id}")
    if known is None:
        there = await hardship.open_files_of(list(people))
        if len(there) > 1:
            raise Conflict("hardship_two_files", numbers="、".join(one.number for one in there))
        known = await (_link(actor, there[0], household, people) if there else _open(actor, household, people))
    return _answer(await hardship.file_by_id(known))


@command
async def review_file(actor: Actor, *, reviewed: Reviewed) -> dict[str, Any]:
    """What a later case says: another class or the same, closed, or open again."""
    key = f"act:{reviewed.act_id}"
    done = await hardship.file_of_change(key)
    if done is not None:
        return _answer(await hardship.file_by_id(done))
    file = await hardship.file_by_number(national.compact(reviewed.file_no))
    if file is None:
        raise Conflict("hardship_file_unknown")
    kind = _kind_of(file, reviewed.grade)
    grade = reviewed.grade or file.grade
    await _change(file, kind, grade, reviewed)
    await _note(key, file.id, kind, grade, reviewed.per_capita_fen, reviewed.reference, actor)
    detail = {"kind": kind.value, "from": file.grade.value, "to": grade.value, "reference": reviewed.reference}
    await audit.record(actor, "hardship.changed", object_kind="hardship", object_id=file.id, detail=detail)
    return _answer(await hardship.file_by_id(file.id))


def _kind_of(file: FileFacts, grade: Grade | None) -> FileChange:
    if file.state is FileState.CLOSED:
        if grade is None:
            raise Conflict("hardship_closed")
        return FileChange.REOPENED
    if grade is None:
        return FileChange.CLOSED
    return FileChange.REVIEWED if grade is file.grade else FileChange.REGRADED


def _answer(file: FileFacts) -> dict[str, Any]:
    return {
        "record_no": file.number,
        "record_name": NAME,
        "record_state": f"{GRADE_TEXT[file.grade]}，{FILE_TEXT[file.state]}",
    }


def _distinct(people: Sequence[Relative]) -> dict[str, Relative]:
    """By their blind indexes; whoever stands there twice counts once, those without a number not at all."""
    found: dict[str, Relative] = {}
    for one in people:
        if one.id_no:
            found.setdefault(crypto.blind_index("id_no", one.id_no), one)
    return found


async def _open(actor: Actor, household: Household, people: dict[str, Relative]) -> int:
    today, file_id = clock.today(), ids.new_id()
    serial = await sequences.next_number(f"register:{PREFIX}:{today.year}")
    head_index, head = next(iter(people.items()))
    row = {
        "id": file_id,
        "number": f"{PREFIX}{today.year}-{serial:06d}",
        "case_id": household.case_id,
        "case_number": household.case_number,
        "union_id": household.union_id,
        "account_id": household.account_id,
        "head_index": head_index,
        "head_name": head.name[:30],
        "size": household.size,
        "income_fen": household.income_fen,
        "expense_fen": household.expense_fen,
        "per_capita_fen": household.per_capita_fen,
        "grade": household.grade.value,
        "state": FileState.OPEN.value,
        "opened_on": today,
        "review_due_on": rules.review_day(today, hardship_lines.on(today)),
        "exit_reason": "",
        "version": 1,
    }
    await database.insert("hardship_file", row)
    await _put_in(file_id, people)
    await _note_opening(FileChange.OPENED, file_id, household, actor)
    return file_id


async def _link(actor: Actor, file: FileFacts, household: Household, people: dict[str, Relative]) -> int:
    """The figures and the class stay what they were: that is for a review to say."""
    there = await hardship.people_in(file.id)
    await _put_in(file.id, {index: one for index, one in people.items() if index not in there})
    await _note_opening(FileChange.LINKED, file.id, household, actor)
    return file.id


async def _put_in(file_id: int, people: dict[str, Relative]) -> None:
    """In the order of their indexes, so that two households with the same people do not wait for each other."""
    for index, one in sorted(people.items()):
        row = {
            "id": ids.new_id(),
            "file_id": file_id,
            "person_index": index,
            "active_key": index,
            "name": one.name[:30],
            "relation": one.relation[:10],
        }
        if not await database.insert_if_absent("hardship_person", row, key="active_key"):
            raise Conflict("hardship_taken_meanwhile")


async def _note_opening(kind: FileChange, file_id: int, household: Household, actor: Actor) -> None:
    key, each = f"open:{household.case_id}", household.per_capita_fen
    await _note(key, file_id, kind, household.grade, each, household.case_number, actor)
    detail = {"kind": kind.value, "case": household.case_id, "grade": household.grade.value}
    await audit.record(actor, "hardship.opened", object_kind="hardship", object_id=file_id, detail=detail)


async def _note(
    key: str, file_id: int, kind: FileChange, grade: Grade, per_capita_fen: int, reference: str, actor: Actor
) -> None:
    row = {
        "id": ids.new_id(),
        "key": key,
        "file_id": file_id,
        "kind": kind.value,
        "grade": grade.value,
        "per_capita_fen": per_capita_fen,
        "reference": reference,
        "actor_id": actor.account_id,
        "at": clock.now(),
    }
    await database.insert("hardship_change", row)


async def _change(file: FileFacts, kind: FileChange, grade: Grade, reviewed: Reviewed) -> None:
    """A lost race is a Conflict."""
    today, closed = clock.today(), kind is FileChange.CLOSED
    changed = await database.execute(
        "UPDATE hardship_file SET grade = %s, state = %s, income_fen = %s, expense_fen = %s, per_capita_fen = %s,"
        " review_due_on = %s, help_until = %s, exit_reason = %s, version = version + 1 WHERE id = %s AND version = %s",
        grade.value,
        (FileState.CLOSED if closed else FileState.OPEN).value,
        reviewed.income_fen,
        reviewed.expense_fen,
        reviewed.per_capita_fen,
        rules.review_day(today, hardship_lines.on(today)),
        reviewed.help_until if closed else None,
        reviewed.exit_reason if closed else "",
        file.id,
        file.version,
    )
    if not changed:
        raise Conflict("hardship_moved")
    if closed:
        await database.execute("UPDATE hardship_person SET active_key = NULL WHERE file_id = %s", file.id)
    elif kind is FileChange.REOPENED:
        await _hold_people_again(file)


async def _hold_people_again(file: FileFacts) -> None:
    people = await hardship.people_in(file.id)
    if taken := await hardship.open_files_of(list(people)):
        raise Conflict("hardship_two_files", numbers="、".join(one.number for one in taken))
    await database.execute("UPDATE hardship_person SET active_key = person_index WHERE file_id = %s", file.id)
