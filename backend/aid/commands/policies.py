"""Policies are opened when a case is approved whose fee is in, once for each person; before they begin their fee may
be given back. Whoever decided was authorised where the decision was made.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from backend.aid import policy_rules as rules
from backend.aid.enums import FeeKind, PolicyState
from backend.aid.events import PolicyNearEnd
from backend.aid.policy_rules import Entrant, Refused, Terms
from backend.aid.queries import enrolments, policies
from backend.aid.queries.enrolments import SortedOut
from backend.aid.schemas import Enrolment, FeeIn, FeeReturned, RefundInput
from backend.core import audit, clock, database, ids, outbox, sequences
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, FieldError, Invalid, sentence
from backend.core.money import yuan
from backend.membership import queries as roll

PREFIX, NAME = "YLHZ", "职工医疗互助凭证"
REFUSED_SHOWN = 200
_AT_ONCE = 500


@command
async def note_fee(actor: Actor, *, enrolment: Enrolment, terms: Terms, fee: FeeIn) -> None:
    """The fee of a case came in. It has to be that of the people who can take part, to the fen."""
    found = await enrolments.sorted_out(enrolment, terms)
    _require_somebody(enrolment, found)
    people, due = len(found.entrants), rules.fee_of(found.entrants, terms)
    wrong = []
    if fee.people != people:
        code = "enrol_people_of_list" if found.refused else "enrol_people"
        words = sentence(code, people=people, refused=len(found.refused), rows=_rows_in_words(found.refused))
        wrong.append(FieldError("people", words))
    if fee.amount_fen != due:
        shares = sum(one.shares for one in found.entrants)
        words = sentence("enrol_fee", people=people, shares=shares, each=yuan(terms.fee_fen), due=yuan(due))
        wrong.append(FieldError("amount", words))
    if wrong:
        raise Invalid(wrong)
    await _supersede_fee(enrolment.case_id)
    await _write_fee(f"act:{fee.act_id}", FeeKind.IN, enrolment.case_id, people, fee.amount_fen, fee.day)
    detail = {"people": people, "amount_fen": fee.amount_fen}
    await audit.record(actor, "aid.fee_in", object_kind="case", object_id=enrolment.case_id, detail=detail)


@command
async def open_policies(actor: Actor, *, enrolment: Enrolment, terms: Terms) -> dict[str, Any]:
    """A policy for everybody who can take part; what the applicant reads of it. A second call gives the first one."""
    if not await policies.count_of_case(enrolment.case_id):
        found = await enrolments.sorted_out(enrolment, terms)
        _require_somebody(enrolment, found)
        await _require_fee(enrolment, found.entrants, terms)
        await _insert(enrolment, found.entrants, terms)
        detail = {"plan": enrolment.plan, "year": enrolment.year, "people": len(found.entrants)}
        await audit.record(actor, "aid.enrolled", object_kind="case", object_id=enrolment.case_id, detail=detail)
    return await _report(enrolment, terms)


@command
async def refund_policy(actor: Actor, *, policy: str, data: RefundInput) -> None:
    """Give the fee of one policy back, before the policy begins."""
    found = await policies.managed_policy(policy, actor)
    today, reason = clock.today(), " ".join(data.reason.split())
    wrong = list(rules.refund_problems(data, reason, due_fen=found.fee_fen, today=today))
    if wrong:
        raise Invalid(wrong)
    if not found.refundable:
        raise Conflict("refund_not_allowed")
    if found.starts_on <= today:
        raise Conflict("refund_too_late")
    changed = await database.execute(
        "UPDATE aid_policy SET state = %s, holds_key = NULL, ended_at = %s, version = version + 1"
        " WHERE id = %s AND state = %s",
        PolicyState.REFUNDED.value,
        clock.now(),
        found.id,
        PolicyState.IN_FORCE.value,
    )
    if not changed:
        raise Conflict("refund_moved")
    await _write_fee(f"refund:{found.id}", FeeKind.REFUND, found.case_id, 1, found.fee_fen, data.refunded_on)
    detail = {"amount_fen": found.fee_fen, "reason": reason}
    await audit.record(actor, "aid.refunded", object_kind="policy", object_id=found.id, detail=detail)


@command
async def return_fee(actor: Actor, *, case_id: int) -> FeeReturned | None:
    """The fee of a case that came to nothing goes back; None where none came in. A second call gives the first one.
    Whoever pays it out does so by the answer."""
    fee = await policies.fee_going_back(case_id)
    if fee is None or await policies.count_of_case(case_id):
        return None
    if await _supersede_fee(case_id):
        key, today = f"return:{fee.fee_id}", clock.today()
        await _write_fee(key, FeeKind.RETURN, case_id, 0, fee.amount_fen, today, source_id=fee.fee_id)
        detail = {"amount_fen": fee.amount_fen}
        await audit.record(actor, "aid.fee_returned", object_kind="case", object_id=case_id, detail=detail)
    return fee


@command
async def remind_policies(limit: int) -> int:
    """Say once of each policy that it ends soon, unless its holder has the next one."""
    today = clock.today()
    found = await policies.near_end(today, today + policies.RENEW_BEFORE, limit)
    for policy_id in found:
        await database.execute("UPDATE aid_policy SET reminded_on = %s WHERE id = %s", today, policy_id)
        await outbox.emit(PolicyNearEnd(policy_id), key=str(policy_id))
    return len(found)


# ---- who takes part ----------------------------------------------------------------


def _require_somebody(enrolment: Enrolment, found: SortedOut) -> None:
    if not found.entrants:
        code = found.refused[0].code if found.refused else "enrol_nobody"
        raise Conflict("enrol_none_of_list" if enrolment.is_list else code, reason=sentence(code).rstrip("。"))


def _rows_in_words(refused: Sequence[Refused]) -> str:
    shown = "、".join(str(one.row) for one in refused[:10])
    return f"第 {shown} 行" + ("等" if len(refused) > 10 else "")


# ---- fees --------------------------------------------------------------------------


async def _require_fee(enrolment: Enrolment, entrants: Sequence[Entrant], terms: Terms) -> None:
    """The list may have changed, or somebody else's case have come first, since the fee was looked at."""
    fee = await policies.fee_in(enrolment.case_id)
    if fee is None:
        raise Conflict("enrol_fee_missing")
    due = rules.fee_of(entrants, terms)
    if (fee.people, fee.amount_fen) != (len(entrants), due):
        raise Conflict("enrol_fee_differs", people=len(entrants), due=yuan(due), amount=yuan(fee.amount_fen))


async def _supersede_fee(case_id: int) -> int:
    return await database.execute("UPDATE aid_fee SET live = NULL WHERE case_id = %s AND live IS NOT NULL", case_id)


async def _write_fee(
    key: str, kind: FeeKind, case_id: int, people: int, amount_fen: int, day: date, *, source_id: int | None = None
) -> None:
    row = {
        "id": ids.new_id(),
        "key": key,
        "live": str(case_id) if kind is FeeKind.IN else None,
        "case_id": case_id,
        "source_id": source_id,
        "kind": kind.value,
        "people": people,
        "amount_fen": amount_fen,
        "day": day,
        "at": clock.now(),
    }
    await database.insert("aid_fee", row)


# ---- rows --------------------------------------------------------------------------


async def _insert(enrolment: Enrolment, entrants: Sequence[Entrant], terms: Terms) -> None:
    """In a few statements, however long the list is. Whoever enrols the same person at the same moment waits here."""
    today = clock.today()
    serials = await sequences.next_numbers(f"register:{PREFIX}:{today.year}", len(entrants))
    written = 0
    for start in range(0, len(entrants), _AT_ONCE):
        part = entrants[start : start + _AT_ONCE]
        indexes = [one.index for one in part]
        before = await policies.last_days(indexes, enrolment.plan, but_case=enrolment.case_id)
        members = await roll.ids_by_id_no(indexes)
        rows = [
            _row(one, enrolment, serial, before.get(one.index), members.get(one.index), terms, today)
            for one, serial in zip(part, serials[start : start + _AT_ONCE], strict=True)
        ]
        await _insert_absent(rows)
        written += len(rows)
    if await policies.count_of_case(enrolment.case_id) != written:
        raise Conflict("enrol_taken_meanwhile")


def _row(
    one: Entrant,
    enrolment: Enrolment,
    serial: int,
    before: date | None,
    member_id: int | None,
    terms: Terms,
    today: date,
) -> dict[str, Any]:
    span = rules.span(enrolment.year, today, before, terms)
    return {
        "id": ids.new_id(),
        "number": f"{PREFIX}{today.year}-{serial:06d}",
        "holds_key": enrolments.holds_key(one.index, enrolment),
        "case_id": enrolment.case_id,
        "case_number": enrolment.case_number,
        "row_no": one.row,
        "union_id": enrolment.union_id,
        "account_id": enrolment.account_id,
        "member_id": member_id,
        "person_index": one.index,
        "holder_name": one.name[:30],
        "plan": enrolment.plan,
        "plan_name": enrolment.plan_name,
        "year": enrolment.year,
        "shares": one.shares,
        "fee_fen": one.shares * terms.fee_fen,
        "starts_on": span.starts_on,
        "wait_end": span.wait_end,
        "ends_on": span.ends_on,
        "renewed": span.renewed,
        "refundable": terms.refundable,
        "state": PolicyState.IN_FORCE.value,
        "created_at": clock.now(),
        "version": 1,
    }


async def _insert_absent(rows: Sequence[dict[str, Any]]) -> None:
    names = ", ".join(f"`{column}`" for column in rows[0])
    marks = ", ".join(["%s"] * len(rows[0]))
    absent = "ON CONFLICT(holds_key) DO NOTHING" if database.is_sqlite() else "ON DUPLICATE KEY UPDATE id = id"
    await database.execute_many(
        f"INSERT INTO aid_policy ({names}) VALUES ({marks}) {absent}",  # noqa: S608 - names from code only
        [tuple(row.values()) for row in rows],
    )


async def _report(enrolment: Enrolment, terms: Terms) -> dict[str, Any]:
    """From what is there, so that it is the same whenever it is asked."""
    held = await policies.of_case(enrolment.case_id)
    if not enrolment.is_list:
        [one] = held
        said = {"record_no": one.number, "record_name": NAME, "valid_until": one.ends_on.isoformat()}
        return said | ({} if one.renewed else {"waits_until": one.wait_end.isoformat()})
    rows = {one.row_no for one in held}
    refused = [one for one in (await enrolments.sorted_out(enrolment, terms)).refused if one.row not in rows]
    return {
        "enrolled": len(held),
        "refused": len(refused),
        "refused_rows": [{"row": one.row, "reason": sentence(one.code)} for one in refused[:REFUSED_SHOWN]],
    }
