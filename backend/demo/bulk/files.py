"""Rows of cases with their history."""

from datetime import timedelta
from typing import Any

import msgspec

from backend.casework import contents
from backend.casework.contents import Content
from backend.casework.enums import CaseAction, CaseStatus, KeyKind
from backend.casework.timeline import APPLICANT
from backend.core import crypto
from backend.demo import places
from backend.demo.bulk import lives, people
from backend.demo.bulk.lives import Life
from backend.demo.bulk.people import Person, Rows
from backend.demo.bulk.plan import Plan, Seat, Service

_DECIDED = {
    CaseStatus.APPROVED: (CaseAction.APPROVE, "材料核对无误"),
    CaseStatus.REJECTED: (CaseAction.REJECT, "不在本县工作，请向工作所在地工会申请。"),
    CaseStatus.RETURNED: (CaseAction.RETURN, "请写全称。"),
}
_HOLD_MESSAGE = "正在等待单位开具证明，收到后继续办理。"


class _Made(msgspec.Struct, frozen=True, kw_only=True):
    """One case while its rows are made."""

    ordinal: int
    service: Service
    life: Life
    who: Person
    seat: Seat
    member: bool

    @property
    def id(self) -> int:
        return (self.ordinal + 1) << 12


def case_rows(plan: Plan, ordinals: range, county: str) -> Rows:
    tables = ("case_file", "case_key", "case_event", "step_decision", "correction", "account")
    rows: Rows = {table: [] for table in tables}
    for ordinal in ordinals:
        made = _made(plan, ordinal)
        case = _case(plan, made, county)
        rows["case_file"].append(case)
        rows["case_key"] += _keys(case)
        rows["case_event"] += _events(made)
        rows["step_decision"] += _decisions(made)
        rows["correction"] += _corrections(made)
        if not made.member and made.who.account_id is not None:
            rows["account"].append(people.account_row(made.who, member=None, at=made.life.submitted))
    return rows


def _keys(case: dict[str, Any]) -> list[dict[str, Any]]:
    found = {KeyKind.ID_NO: case["id_no_index"], KeyKind.PHONE: case["phone_index"]}
    return [
        {"id": case["id"] + nth, "case_id": case["id"], "kind": kind.value, "key_index": index}
        for nth, (kind, index) in enumerate(found.items())
        if index is not None
    ]


def _made(plan: Plan, ordinal: int) -> _Made:
    service, life = lives.service_of(plan, ordinal), lives.life(plan, ordinal)
    number, member = _applicant(plan, ordinal, life)
    seat = _seat(service, ordinal, number)
    return _Made(ordinal=ordinal, service=service, life=life, who=people.person(number), seat=seat, member=member)


def _applicant(plan: Plan, ordinal: int, life: Life) -> tuple[int, bool]:
    """Whose case it is, and whether a member's: who joins with success is one now, who else wants to join is not."""
    member = not lives.service_of(plan, ordinal).joins or life.status is CaseStatus.APPROVED
    nth = ordinal // len(plan.services)
    return (nth % plan.members if member else plan.members + nth), member


def _seat(service: Service, ordinal: int, number: int) -> Seat:
    seats = service.seats[number % len(places.TOWNS)]
    return seats[lives.mixed(ordinal + 1) % len(seats)]


def seat_of(plan: Plan, ordinal: int, life: Life) -> Seat:
    """The desk that has or had the case."""
    return _seat(lives.service_of(plan, ordinal), ordinal, _applicant(plan, ordinal, life)[0])


def _case(plan: Plan, made: _Made, county: str) -> dict[str, Any]:
    service, life, seat, who = made.service, made.life, made.seat, made.who
    due = plan.due[made.ordinal % len(plan.services)][life.day]
    ticking = life.status in (CaseStatus.SUBMITTED, CaseStatus.IN_REVIEW)
    action, comment = _DECIDED.get(life.status, (None, ""))
    held = life.status is CaseStatus.ON_HOLD
    return {
        "id": made.id,
        "number": lives.number_of(plan, made.ordinal),
        "flow": service.slug,
        "flow_version": service.version,
        "status": life.status.value,
        "step_index": seat.step_index,
        "plan": str(seat.step_index),
        "version": 1 if ticking else 2,
        "applicant_id": who.account_id,
        "filed_by": seat.account_id if who.account_id is None else None,
        "member_id": people.member_id(who.number) if made.member and not service.joins else None,
        "target_union_id": seat.union_id,
        "desk_union_id": seat.union_id,
        "desk_role": seat.role,
        "submitted_at": life.submitted,
        "due_on": due if ticking else None,
        "next_due_on": due if ticking else None,
        "passed": "{}",
        "days_left": None if ticking else max(service.limit - life.wait, 0),
        "reminded": "overdue" if ticking and due < plan.until.date() else "",
        "held_until": plan.until.date() + timedelta(days=10) if held else None,
        "hold_message": _HOLD_MESSAGE if held else "",
        "decided_at": life.ended if action else None,
        "decision_action": action.value if action else None,
        "decision_comment": comment,
        "outcome": _outcome(made, county),
        **_content(made),
        **_running(made),
    }


def _content(made: _Made) -> dict[str, Any]:
    service, who = made.service, made.who
    values, summary = service.forms[lives.mixed(made.ordinal) % len(service.forms)]
    division = places.TOWNS[who.town].division
    given = {"name": who.name, "id_no": who.id_no, "mobile": who.phone, "division": division}
    named = {field: (role, given[role]) for role, field in service.subject.items()}
    plain = values | {field: value for field, (role, value) in named.items() if role not in service.sealed}
    sealed = {field: value for field, (role, value) in named.items() if role in service.sealed}
    stored = contents.pack(Content(plain, sealed, {}), context=contents.case_context(made.id))
    return {
        "subject_name": who.name,
        "subject_initials": who.initials,
        "phone_index": crypto.blind_index("phone", who.phone) if "mobile" in service.subject else None,
        "summary": summary,
        "division": division,
        **stored.columns(),
    }


def _running(made: _Made) -> dict[str, Any]:
    service, status = made.service, made.life.status
    index = crypto.blind_index("id_no", made.who.id_no) if "id_no" in service.subject else None
    ended = status in (CaseStatus.APPROVED, CaseStatus.REJECTED, CaseStatus.WITHDRAWN)
    # Each applicant has one joining, so no two of them hold the same key; a member may have several other cases.
    running = service.one_running and service.joins and not ended
    return {"id_no_index": index, "running_key": f"{service.slug}:{index}" if running else None}


def _outcome(made: _Made, county: str) -> str | None:
    service = made.service
    if made.life.status is not CaseStatus.APPROVED or service.outcome is None:
        return None
    number = people.number_of(made.who.number, county)
    told = {"text": service.outcome, "member_no": number, "rejoined": False, "card": None}
    return msgspec.json.encode(told).decode()


def _events(made: _Made) -> list[dict[str, Any]]:
    life = made.life
    applicant = made.who.account_id is not None
    found = [_event(made, 0, CaseAction.SUBMIT, life.submitted, by_desk=not applicant)]
    if life.status is CaseStatus.IN_REVIEW:
        found.append(_event(made, 1, CaseAction.OPEN, life.submitted + timedelta(minutes=15), by_desk=True))
    elif life.status is CaseStatus.WITHDRAWN:
        found.append(_event(made, 1, CaseAction.WITHDRAW, life.ended, by_desk=not applicant))
    elif life.status is CaseStatus.ON_HOLD:
        found.append(_event(made, 1, CaseAction.HOLD, life.ended, by_desk=True, comment=_HOLD_MESSAGE))
    elif life.status in _DECIDED:
        action, comment = _DECIDED[life.status]
        found.append(_event(made, 1, action, life.ended, by_desk=True, comment=comment))
    return found


def _event(made: _Made, index: int, action: CaseAction, at: Any, *, by_desk: bool, comment: str = "") -> dict[str, Any]:
    return {
        "id": made.id + index,
        "case_id": made.id,
        "at": at,
        "action": action.value,
        "actor_kind": "staff" if by_desk else "person",
        "actor_id": made.seat.account_id if by_desk else made.who.account_id,
        "actor_label": made.seat.label if by_desk else APPLICANT,
        "comment": comment,
        "step_index": made.seat.step_index,
        "round": 1,
    }


def _decisions(made: _Made) -> list[dict[str, Any]]:
    if made.life.status not in _DECIDED:
        return []
    action, _ = _DECIDED[made.life.status]
    return [
        {
            "id": made.id,
            "case_id": made.id,
            "step_index": made.seat.step_index,
            "round": 1,
            "action": action.value,
            "actor_id": made.seat.account_id,
            "at": made.life.ended,
        }
    ]


def _corrections(made: _Made) -> list[dict[str, Any]]:
    if made.life.status is not CaseStatus.RETURNED:
        return []
    row = {"id": made.id, "case_id": made.id, "round": 1}
    return [row | {"field": made.service.correctable, "comment": _DECIDED[CaseStatus.RETURNED][1]}]
