"""Amounts that an action of staff sets are looked at before they are written: what is wrong stands beside its field."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from backend.aid import grant_rules as rules
from backend.aid import intake_rules
from backend.aid import queries as aid
from backend.aid.grant_rules import Award, Event, Relief
from backend.aid.intake_schemas import IntakeFacts
from backend.bindings.persons import cases_of
from backend.casework import queries as casework
from backend.casework.protocols import Approved, Checked, Question
from backend.core import crypto
from backend.core.errors import FieldError, Invalid
from backend.unions import queries as unions

Params = Mapping[str, Any]
Answer = dict[str, Any]

QUICK, RANGES, LIMITS = "quick-aid", "amount_range_fen", "per_event_limit"
_AMOUNTS = {
    "on_higher": "on_file_higher_fen",
    "on_senior": "on_file_senior_fen",
    "off_higher": "off_file_higher_fen",
    "off_senior": "off_file_senior_fen",
}


async def check_promise(approved: Approved, params: Params) -> Answer:
    """What is promised in an emergency is not more than can be granted."""
    ranges = rules.ranges_of((await _params(approved))[RANGES])
    cause = str(approved.values["cause"])
    return _answer(rules.promise_problems(approved.act["amount"], cause=cause, ranges=ranges))


async def check_relief(approved: Approved, params: Params) -> Answer:
    """Temporary aid lies in the range of its kind, and what was promised before is taken from it."""
    said = approved.act
    relief = Relief(amount_fen=said["amount"], first_fen=said["paid_first"], due_fen=said["due_amount"])
    found = rules.relief_problems(
        relief,
        promised_fen=await casework.last_said(approved.case_id, QUICK, "amount") or 0,
        cause=str(approved.values["cause"]),
        ranges=rules.ranges_of((await _params(approved))[RANGES]),
    )
    return _answer(found)


async def check_award(approved: Approved, params: Params) -> Answer:
    """Money for a student is that of the standard, by the household's file and what is studied."""
    values, said, amounts = approved.values, approved.act, await _params(approved)
    numbers = [values[name] for name in ("id_no", "student_id") if values.get(name)]
    found = rules.award_problems(
        Award(standard=said["standard"], amount_fen=said["amount"]),
        stage=str(values["stage"]),
        on_file=any([await aid.is_on_file(crypto.blind_index("id_no", number)) for number in numbers]),
        amounts={standard: int(amounts[name]) for standard, name in _AMOUNTS.items()},
    )
    wrong = list(found)
    if not wrong and (intake := await _intake(approved)) is not None:
        wrong = list(intake_rules.grant_problems(intake, said["amount"]))
    return _answer(wrong)


async def _intake(approved: Approved) -> IntakeFacts | None:
    """The batch of the form; of one from before there were batches, that of the year in which it came."""
    year = str(approved.values.get("batch_ref") or "")
    union = await unions.place(approved.target_union_id or approved.desk_union_id or 0)
    path = union.path if union is not None else ""
    return await aid.intake_of_year(int(year) if year.isdigit() else approved.submitted_on.year, path)


async def check_visits(approved: Approved, params: Params) -> Answer:
    """Money for visits is not more than was asked for, and everybody of the list is counted."""
    values, said = approved.values, approved.act
    found = rules.visit_problems(
        said["amount"],
        said["people"],
        said["removed"],
        budget_fen=values["budget"],
        listed=len(values.get("targets") or ()),
    )
    return _answer(found)


async def comforted_before(question: Question) -> Checked:
    """Whether the same was comforted before, as often as the rule allows."""
    event, who = _event(question.values), await cases_of(question)
    if event is None or who.condition is None:
        return Checked("同样的事慰问过没有：查不到", None)
    forms = await casework.approved_forms(who, question.flow)
    earlier = [one for form in forms if (one := _event(form)) is not None]
    found = rules.comforted_before(event, str(question.params[LIMITS]), earlier)
    if not found:
        return Checked("同样的事没有慰问过", True)
    return Checked(f"同样的事已经慰问过：{'、'.join(day.isoformat() for day in sorted(found))}", False)


def _event(form: Mapping[str, Any]) -> Event | None:
    if not form.get("event") or not form.get("event_date"):
        return None
    return str(form["event"]), date.fromisoformat(str(form["event_date"]))


async def _params(approved: Approved) -> Mapping[str, Any]:
    """Those in force on the day of the decision."""
    return (await casework.record_by_id(approved.case_id)).spec.params_on(approved.decided_on)


def _answer(found: Iterable[FieldError]) -> Answer:
    wrong = list(found)
    if wrong:
        raise Invalid(wrong)
    return {}
