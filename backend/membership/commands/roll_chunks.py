"""One chunk of a roll: some 500 rows decided against what is known, in one transaction and few statements."""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from backend.core import audit, clock, crypto, database, ids, outbox, pinyin, reference
from backend.core.actor import Actor
from backend.core.command import command
from backend.membership import roll, rules
from backend.membership.commands.history import change_row, insert_changes
from backend.membership.enums import ImportState, MemberStatus, RowResult
from backend.membership.events import RollImportFinished
from backend.unions.enums import UnionState
from backend.unions.rules import subtree

T = TypeVar("T")

CHUNK_ROWS = 500


class ImportJob(msgspec.Struct, kw_only=True):
    id: int
    union_id: int
    union_path: str
    created_by: int
    file_id: int
    dry_run: bool
    state: str
    total: int
    done: int


class _Chunk(msgspec.Struct):
    id: int
    sealed: str


class _Union(msgspec.Struct):
    id: int
    name: str
    division: str
    state: str
    accepts_members: bool

    @property
    def is_open(self) -> bool:
        return self.accepts_members and self.state == UnionState.ACTIVE


class _Surroundings(msgspec.Struct):
    """What the rows of one chunk are compared with: records and unions by name, phones that open a card."""

    known: dict[str, roll.Known]
    unions: dict[str, _Union]
    holders: dict[str, int]


@command
async def work_chunk(job: ImportJob) -> bool:
    """Work the rows from the job's cursor on; True when they were the last. Does nothing if the cursor moved."""
    upto = min(job.done + CHUNK_ROWS, job.total)
    # First of all, so that a second worker waits here and then finds the cursor moved.
    claimed = await database.execute(
        "UPDATE roll_import SET done = %s WHERE id = %s AND done = %s AND state = %s",
        upto,
        job.id,
        job.done,
        ImportState.RUNNING.value,
    )
    if not claimed:
        return False
    parsed = [_parse(row) for row in await _rows(job)]
    people = [one for one in parsed if isinstance(one, roll.RollPerson)]
    around = await _surroundings(job, people)
    outcomes = [one if isinstance(one, roll.Outcome) else _decide(job, one, around) for one in parsed]
    if not job.dry_run:
        await _write(job, people, outcomes, around)
    await _report(job, outcomes)
    await _count(job, outcomes)
    if upto < job.total:
        return False
    await _finish(job)
    return True


async def _rows(job: ImportJob) -> list[roll.RawRow]:
    chunk = await database.view(
        _Chunk, "SELECT id, sealed FROM roll_import_chunk WHERE import_id = %s AND start = %s", job.id, job.done
    )
    assert chunk is not None, "the cursor always stands at the start of a chunk"
    text = crypto.open_sealed(chunk.sealed, context=f"roll_import_chunk/sealed/{chunk.id}")
    return msgspec.json.decode(text, type=list[roll.RawRow])


def _parse(row: roll.RawRow) -> roll.RollPerson | roll.Outcome:
    return roll.parse_row(row, allow_synthetic=reference.settings().allow_synthetic_ids, today=clock.today())


# ---- what the rows meet ----------------------------------------------------------


class _KnownRow(roll.Known, kw_only=True):
    id_no_index: str
    union_path: str


_KNOWN = (
    "SELECT m.id, m.id_no_index, m.name, m.status, m.version, m.union_id, u.name AS union_name, u.path AS union_path,"
    " m.phone_index, m.employ_form, m.newform_group, m.employer, m.joined_on,"
    " 0 AS in_scope, a.phone_index IS NOT NULL AS bound"
    " FROM member m JOIN union_org u ON u.id = m.union_id LEFT JOIN account a ON a.member_id = m.id"
)
_UNIONS = "SELECT id, name, division, state, accepts_members FROM union_org"


async def _surroundings(job: ImportJob, people: Sequence[roll.RollPerson]) -> _Surroundings:
    indexes = [_id_index(person) for person in people]
    known = await _in_list(_KnownRow, f"{_KNOWN} WHERE m.id_no_index IN", indexes)
    for row in known:
        row.in_scope = row.union_path.startswith(job.union_path)
    phones = [_phone_index(person) for person in people if person.phone]
    holders = await _in_list(
        _Holder, "SELECT phone_index, member_id FROM account WHERE member_id IS NOT NULL AND phone_index IN", phones
    )
    return _Surroundings(
        known={row.id_no_index: row for row in known},
        unions=await _unions(job, {person.union for person in people if person.union}),
        holders={row.phone_index: row.member_id for row in holders},
    )


class _Holder(msgspec.Struct):
    phone_index: str
    member_id: int


async def _unions(job: ImportJob, names: set[str]) -> dict[str, _Union]:
    """The unions of the job's branch by name; "" is the one the import was made for."""
    found: dict[str, _Union] = {}
    own = await database.view(_Union, f"{_UNIONS} WHERE id = %s", job.union_id)
    assert own is not None
    found[""] = own
    if names:
        marks = ", ".join(["%s"] * len(names))
        named = await database.views(
            _Union,
            f"{_UNIONS} WHERE path >= %s AND path < %s AND name IN ({marks})",
            *subtree(job.union_path),
            *names,
        )
        found |= {union.name: union for union in named}
    return found


async def _in_list(kind: type[T], sql: str, values: Sequence[str]) -> list[T]:
    if not values:
        return []
    marks = ", ".join(["%s"] * len(values))
    return await database.views(kind, f"{sql} ({marks})", *values)


def _id_index(person: roll.RollPerson) -> str:
    return crypto.blind_index("id_no", person.id_no.number)


def _phone_index(person: roll.RollPerson) -> str:
    return crypto.blind_index("phone", person.phone)


# ---- deciding --------------------------------------------------------------------


def _decide(job: ImportJob, person: roll.RollPerson, around: _Surroundings) -> roll.Outcome:
    union = around.unions.get(person.union)
    if union is None:
        return roll.refused(person.row_no, "union", f"没有找到工会“{person.union[:60]}”，或不在您管理的范围内")
    known = around.known.get(_id_index(person))
    phone_index, note = _phone_of(person, known, around)
    if known is not None:
        outcome = roll.decide_known(
            person,
            known,
            union_id=union.id if person.union else None,
            phone_index=phone_index,
            masked_union=rules.mask_union(known.union_name),
        )
    elif not union.is_open:
        return roll.refused(person.row_no, "union", f"“{union.name}”不直接接收会员，请在“所属工会”一列写明基层工会")
    else:
        outcome = roll.Outcome(person.row_no, RowResult.ADDED, message="；".join(person.notes)[:200])
    if note and outcome.result is not RowResult.REFUSED:
        outcome.field, outcome.message = "phone", "；".join(filter(None, [note, outcome.message]))[:200]
    return outcome


def _phone_of(person: roll.RollPerson, known: roll.Known | None, around: _Surroundings) -> tuple[str | None, str]:
    """The phone's index, unless it opens somebody else's card: then messages would go to a stranger."""
    if not person.phone:
        return None, ""
    index = _phone_index(person)
    holder = around.holders.get(index)
    if holder is not None and (known is None or holder != known.id):
        return None, "手机号已绑定另一位会员，没有登记，请核对"
    return index, ""


# ---- writing ---------------------------------------------------------------------


async def _write(
    job: ImportJob, people: Sequence[roll.RollPerson], outcomes: Sequence[roll.Outcome], around: _Surroundings
) -> None:
    by_row = {outcome.row_no: outcome for outcome in outcomes}
    added = [person for person in people if by_row[person.row_no].result is RowResult.ADDED]
    if added:
        await _add(job, added, around)
    for person in people:
        changes = by_row[person.row_no].changes
        if changes:
            await _update(around.known[_id_index(person)], changes, person)
    actor = Actor(kind="staff", account_id=job.created_by)
    detail = {"from": outcomes[0].row_no, "to": outcomes[-1].row_no, "added": len(added)}
    await audit.record(actor, "roll_import.rows", object_kind="roll_import", object_id=job.id, detail=detail)


async def _add(job: ImportJob, people: Sequence[roll.RollPerson], around: _Surroundings) -> None:
    numbers = await _numbers(len(people))
    members = [_member_row(person, number, around) for person, number in zip(people, numbers, strict=True)]
    columns = ", ".join(members[0])
    marks = ", ".join(["%s"] * len(members[0]))
    await database.execute_many(
        f"INSERT INTO member ({columns}) VALUES ({marks})",  # noqa: S608 - our own column names
        [list(row.values()) for row in members],
    )
    await insert_changes(
        [
            change_row(
                member_id=row["id"],
                before=None,
                after=(MemberStatus.ACTIVE, row["union_id"]),
                reason="导入会员名册",
                reference=ids.public(job.id),
                actor_id=job.created_by,
            )
            for row in members
        ]
    )


async def _numbers(count: int) -> list[str]:
    """Exactly as many as are needed: `next_number` would take a block for each."""
    county, year = reference.settings().county_division, clock.today().year
    series = rules.number_series(county, year)
    await database.insert_if_absent("sequence", {"name": series, "next": 1}, key="name")
    await database.execute("UPDATE sequence SET next = next + %s WHERE name = %s", count, series)
    first = int(await database.scalar("SELECT next FROM sequence WHERE name = %s", series)) - count
    return [rules.member_number(county, year, first + step) for step in range(count)]


def _member_row(person: roll.RollPerson, number: str, around: _Surroundings) -> dict[str, Any]:
    member_id, union, today = ids.new_id(), around.unions[person.union], clock.today()
    phone_index, _ = _phone_of(person, None, around)
    return {
        "id": member_id,
        "member_no": number,
        "name": person.name,
        "initials": pinyin.name_initials(person.name)[:25],
        "id_no_index": _id_index(person),
        "id_no_sealed": crypto.seal(person.id_no.number, context=f"member/id_no/{member_id}"),
        "phone_index": phone_index,
        "phone_sealed": crypto.seal(person.phone, context=f"member/phone/{member_id}") if phone_index else "",
        "gender": rules.gender_letter(person.id_no),
        "birth_year": person.id_no.birth.year,
        "birth_month": person.id_no.birth.month,
        "household_province": reference.divisions().household_province(person.id_no.number)[:2],
        "status": MemberStatus.ACTIVE.value,
        "status_since": person.joined_on or today,
        "union_id": union.id,
        "division": union.division,
        "employ_form": person.employ_form,
        "newform_group": person.newform_group,
        "employer": person.employer,
        "joined_on": person.joined_on or today,
        "version": 1,
        "created_at": clock.now(),
    }


async def _update(known: roll.Known, changes: dict[str, object], person: roll.RollPerson) -> None:
    if "phone_index" in changes:
        changes = changes | {"phone_sealed": crypto.seal(person.phone, context=f"member/phone/{known.id}")}
    assignments = ", ".join(f"{column} = %s" for column in changes)
    await database.execute(
        f"UPDATE member SET {assignments}, version = version + 1 WHERE id = %s",  # noqa: S608 - our own columns
        *changes.values(),
        known.id,
    )


async def _report(job: ImportJob, outcomes: Sequence[roll.Outcome]) -> None:
    await database.execute_many(
        "INSERT INTO roll_import_row (id, import_id, row_no, result, field, message) VALUES (%s, %s, %s, %s, %s, %s)",
        [(ids.new_id(), job.id, one.row_no, one.result.value, one.field, one.message) for one in outcomes],
    )


async def _count(job: ImportJob, outcomes: Sequence[roll.Outcome]) -> None:
    counts = [sum(one.result is result for one in outcomes) for result in RowResult]
    await database.execute(
        "UPDATE roll_import SET added = added + %s, updated = updated + %s, unchanged = unchanged + %s,"
        " refused = refused + %s WHERE id = %s",
        *counts,
        job.id,
    )


async def _finish(job: ImportJob) -> None:
    await database.execute("DELETE FROM roll_import_chunk WHERE import_id = %s", job.id)
    await database.execute(
        "UPDATE roll_import SET state = %s, finished_at = %s WHERE id = %s",
        ImportState.DONE.value,
        clock.now(),
        job.id,
    )
    await outbox.emit(RollImportFinished(job.id), key=str(job.id))
