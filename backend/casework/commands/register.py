"""Entries in registers: opened by a case, changed by a later one, ended by time. Whoever decided was authorised where
the decision was made; each change has a key made of what caused it and happens once.
"""

from datetime import date, timedelta

import msgspec

from backend.casework.commands.access import flow_of
from backend.casework.enums import RecordState
from backend.casework.events import RecordNearEnd
from backend.casework.models import Case, RegisterEntry
from backend.casework.protocols import Approved
from backend.casework.queries import register
from backend.core import audit, clock, database, ids, outbox, predicates, sequences
from backend.core.actor import SYSTEM, Actor
from backend.core.command import command
from backend.core.errors import Conflict
from backend.membership import queries as members

REMIND_BEFORE = timedelta(days=30)
_BY_TIME = "期满"


@command
async def open_entry(
    actor: Actor, *, approved: Approved, kind: str, name: str, prefix: str, months: int | None = None
) -> RegisterEntry:
    """The entry of this kind that the case opens: a second call gives the first one."""
    key = f"{approved.case_id}:{kind}"
    known = await RegisterEntry.get_or_none(key=key)
    if known is not None:
        return known
    case, today = await Case.get(id=approved.case_id), approved.decided_on
    entry_id = ids.new_id()
    row = {
        "id": entry_id,
        "number": await _next_number(prefix, today),
        "key": key,
        "kind": kind,
        "name": name[:40],
        "flow": case.flow,
        "case_id": case.id,
        "account_id": case.applicant_id,
        "member_id": await _member(case),
        "id_no_index": case.id_no_index,
        "union_id": case.target_union_id,
        "subject_name": case.subject_name,
        "state": RecordState.ACTIVE.value,
        "opened_on": today,
        "valid_until": _last_day(today, months),
        "reminded_of": None,
        "data": msgspec.json.encode({"summary": case.summary}).decode(),  # the line that the queue showed
        "version": 1,
    }
    if not await database.insert_if_absent("register_entry", row, key="`key`"):
        return await RegisterEntry.get(key=key)
    detail = {"kind": kind, "case": case.id}
    await audit.record(actor, "record.opened", object_kind="record", object_id=entry_id, detail=detail)
    return await RegisterEntry.get(id=entry_id)


async def _next_number(prefix: str, today: date) -> str:
    serial = await sequences.next_number(f"register:{prefix}:{today.year}")
    return f"{prefix}{today.year}-{serial:06d}"


async def _member(case: Case) -> int | None:
    """Whom the entry is about: the person whose number the form has, else the applicant where members and workers
    apply at all; an entry of a union or a workplace is about nobody."""
    if case.id_no_index is not None:
        found = await members.facts_by_id_no(case.id_no_index)
        return found.id if found else None
    return case.member_id if {"member", "worker"} & set(flow_of(case).audience) else None


def _last_day(opened: date, months: int | None) -> date | None:
    return predicates.back(opened, -months, "m") - timedelta(days=1) if months else None


@command
async def change_entry(
    actor: Actor, *, approved: Approved, kind: str, state: RecordState, months: int | None = None
) -> RegisterEntry:
    """Change the entry that the case is about, and with `months` let it hold so long from today."""
    case = await Case.get(id=approved.case_id)
    key = f"{approved.act_id or approved.case_id}:{kind}:{state.value}"
    entry = await register.entry_of_change(key) or await register.meant_by(case, approved.values, kind)
    if entry is None:
        raise Conflict("record_unknown")
    until = _last_day(clock.today(), months) or entry.valid_until
    await _move(actor, entry, state, key=key, reference=approved.reference, valid_until=until)
    return await RegisterEntry.get(id=entry.id)


async def _move(
    actor: Actor, entry: RegisterEntry, state: RecordState, *, key: str, reference: str, valid_until: date | None
) -> None:
    """Nothing when this change was made before. A lost race is a Conflict."""
    change = {
        "id": ids.new_id(),
        "key": key,
        "entry_id": entry.id,
        "from_state": entry.state,
        "to_state": state.value,
        "reference": reference,
        "actor_id": actor.account_id,
        "at": clock.now(),
    }
    if not await database.insert_if_absent("register_change", change, key="`key`"):
        return
    changed = await database.execute(
        "UPDATE register_entry SET state = %s, valid_until = %s, version = version + 1 WHERE id = %s AND version = %s",
        state.value,
        valid_until,
        entry.id,
        entry.version,
    )
    if not changed:
        raise Conflict("record_changed")
    detail = {"from": entry.state, "to": state.value, "reference": reference}
    await audit.record(actor, "record.changed", object_kind="record", object_id=entry.id, detail=detail)


async def run(limit: int) -> int:
    """What time does to registers, up to `limit` entries of each sort; fewer than `limit`: nothing is left."""
    return await end_past(limit) + await remind(limit)


@command
async def end_past(limit: int) -> int:
    """End what held until a day that is over."""
    found = (
        await RegisterEntry.filter(
            state__in=[RecordState.ACTIVE.value, RecordState.SUSPENDED.value], valid_until__lt=clock.today()
        )
        .order_by("id")
        .limit(limit)
    )
    for entry in found:
        key = f"{entry.id}:until:{entry.valid_until}"
        last = entry.valid_until
        await _move(SYSTEM, entry, RecordState.ENDED, key=key, reference=_BY_TIME, valid_until=last)
    return len(found)


@command
async def remind(limit: int) -> int:
    """Once for each last day that comes near."""
    today = clock.today()
    found = await database.rows(
        "SELECT id, valid_until FROM register_entry WHERE state = %s AND valid_until >= %s AND valid_until <= %s"
        " AND (reminded_of IS NULL OR reminded_of <> valid_until) ORDER BY id LIMIT %s",
        RecordState.ACTIVE.value,
        today,
        today + REMIND_BEFORE,
        limit,
    )
    for row in found:
        await database.execute("UPDATE register_entry SET reminded_of = valid_until WHERE id = %s", row["id"])
        await outbox.emit(RecordNearEnd(row["id"]), key=f"{row['id']}:{row['valid_until']}")
    return len(found)
