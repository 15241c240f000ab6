"""What conditions and forms of enrolment ask of the plans: who may take part and when, and the fee."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from backend.aid import queries as aid
from backend.aid.plans import Plan, PlanVersion
from backend.aid.policy_rules import Terms, fee_of
from backend.aid.queries import SortedOut
from backend.aid.schemas import Enrolment, FeeReturned
from backend.bindings.aid import UNIT, people_of, terms_for
from backend.casework import queries as casework
from backend.casework.protocols import Question, Quoted, QuoteLine
from backend.casework.queries.records import CaseRecord
from backend.core import clock
from backend.core.money import yuan
from backend.payments.enums import DueSource
from backend.payments.schemas import NewDue

Figures = dict[str, Any]
EARLY, OPEN, CLOSED = "early", "open", "closed"
PAID, NOTED, PAYER = "fee-pay", "fee-in", "payer"
BACK = "mutual-aid-fee"  # the programme


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The plan of a form, and the day by which its version goes."""

    plan: Plan
    version: PlanVersion
    year: int
    day: date


# ---- facts ------------------------------------------------------------------------


async def plan_in_force(question: Question) -> bool | None:
    if not question.values.get("plan_ref") or not question.values.get("period"):
        return None
    return await _asked(question) is not None


async def plan_audience(question: Question) -> str | None:
    """`woman` where only women take part, else `member`."""
    asked = await _asked(question)
    if asked is None:
        return None
    return "woman" if asked.version.only_women else "member"


async def plan_max_shares(question: Question) -> int | None:
    asked = await _asked(question)
    return asked.version.max_shares if asked else None


async def plan_window(question: Question) -> str | None:
    """Whether one may enrol for the year on the day of asking."""
    asked = await _asked(question)
    if asked is None:
        return None
    opens, closes = asked.version.window.days(asked.year)
    return EARLY if asked.day < opens else CLOSED if asked.day > closes else OPEN


async def _asked(question: Question) -> _Asked | None:
    plan, year = question.values.get("plan_ref"), question.values.get("period")
    if not plan or not year:
        return None
    day = await _day(question)
    found = aid.plan_for(str(plan), int(year), day)
    return _Asked(plan=found[0], version=found[1], year=int(year), day=day) if found is not None else None


async def _day(question: Question) -> date:
    """On which it was handed in, or today."""
    if question.case_id is None:
        return question.today
    return clock.local((await casework.record_by_id(question.case_id)).submitted_at).date()


# ---- the fee ----------------------------------------------------------------------


class _Due(msgspec.Struct, frozen=True, kw_only=True):
    asked: _Asked
    terms: Terms
    found: SortedOut

    @property
    def fee_fen(self) -> int:
        return fee_of(self.found.entrants, self.terms)

    @property
    def shares(self) -> int:
        return sum(one.shares for one in self.found.entrants)


async def quote_fee(question: Question) -> Quoted | None:
    """What is to be paid for those who can take part."""
    due = await _due(question)
    if due is None:
        return None
    people = len(due.found.entrants)
    line = QuoteLine(f"{people} 人，共 {due.shares} 份 × {yuan(due.terms.fee_fen)} 元", due.fee_fen)
    out = f"名单里有 {len(due.found.refused)} 人不能参加，没有算。" if due.found.refused and _is_list(question) else ""
    return Quoted(due.fee_fen, (line,), f"{out}{_waiting(due.terms)}。", "应交互助费")


async def fee_to_pay(question: Question, typed: Mapping[str, Any]) -> Figures:
    """What whoever pays reads: how much, to which account and with which reference, and what differs from that."""
    due, case = await _due(question), await _case_number(question)
    account = " ".join(str(question.params[f"fee_account_{part}"]) for part in ("name", "no", "bank"))
    figures: Figures = {"account": account, "reference": case}
    if due is None:
        return figures
    figures["due"] = due.fee_fen
    if typed.get("amount") is not None:
        figures["compared"] = _compared(typed["amount"], due.fee_fen)
    return figures


async def fee_to_reconcile(question: Question, typed: Mapping[str, Any]) -> Figures:
    """What whoever looks at the bank's lines reads: how much is due, how it was said to be paid, how long they wait."""
    due = await _due(question)
    figures: Figures = {"reported": await _reported(question)}
    if due is None:
        return figures
    return figures | {"due": due.fee_fen, "wait_days": due.terms.waiting_days, "plan": due.asked.plan.name}


def _compared(said: int, due: int) -> str:
    if said == due:
        return "和应交的一样"
    return f"比应交的{'少' if said < due else '多'} {yuan(abs(said - due))} 元，请和县总工会核对"


async def _reported(question: Question) -> str:
    said = await casework.last_act(question.case_id, PAID) if question.case_id is not None else None
    if said is None:
        return "还没有人报过交费"
    digits = f"，付款账号尾号 {said['last_digits']}" if said.get("last_digits") else "，见转账截图"
    return f"{said['paid_on']} 付 {yuan(said['amount'])} 元{digits}"


async def _case_number(question: Question) -> str:
    return (await casework.record_by_id(question.case_id)).number if question.case_id is not None else ""


def _waiting(terms: Terms) -> str:
    if not terms.waiting_days:
        return "没有等待期"
    gap = f"断开不超过 {terms.gap_days} 天" if terms.gap_days else "不断开"
    return f"第一次参加的等待期 {terms.waiting_days} 天，{gap}接着参加的没有"


async def _due(question: Question) -> _Due | None:
    """None while the form does not say who takes part in what."""
    asked, values = await _asked(question), question.values
    needed = ("roster",) if _is_list(question) else ("real_name", "id_no", "shares")
    if asked is None or not values.get("enrol_mode") or any(not values.get(name) for name in needed):
        return None
    terms = terms_for(values, asked.day, question.params)
    enrolment = Enrolment(
        case_id=question.case_id or 0,
        case_number="",
        union_id=0,
        account_id=None,
        plan=asked.plan.slug,
        plan_name=asked.plan.name,
        year=asked.year,
        people=people_of(values),
    )
    return _Due(asked=asked, terms=terms, found=await aid.sorted_out(enrolment, terms))


def _is_list(question: Question) -> bool:
    return question.values.get("enrol_mode") == UNIT


# ---- back to whoever paid -----------------------------------------------------------


async def due_of_returned(case: CaseRecord, returned: FeeReturned) -> NewDue:
    """To the name that the payment came from. Its payee gives the bank card on the page of the amount."""
    payers = [await casework.last_said(case.id, action, PAYER) for action in (NOTED, PAID)]
    payer = next((str(one) for one in payers if one), case.subject_name)
    return NewDue(
        key=f"{case.id}:{BACK}:{returned.fee_id}",
        source=DueSource.CASE,
        case_id=case.id,
        case_number=case.number,
        programme=BACK,
        name="退回的医疗互助费",
        amount_fen=returned.amount_fen,
        payee_name=payer,
        account_id=case.applicant_id,
        member_id=case.member_id,
        union_id=case.target_union_id or case.desk_union_id,
    )
