"""Inputs and Views of aid."""

from datetime import date

import msgspec

from backend.aid.enums import PolicyState


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """A case that enrols one person, or everybody of a list. `people` are row, name, identity number and shares."""

    case_id: int
    case_number: str
    union_id: int
    account_id: int | None
    plan: str
    plan_name: str
    year: int
    people: tuple[tuple[int, str, str, int], ...]

    @property
    def is_list(self) -> bool:
        return bool(self.people) and self.people[0][0] > 0


class FeeIn(msgspec.Struct, frozen=True, kw_only=True):
    act_id: int
    people: int
    amount_fen: int
    day: date


class FeeReturned(msgspec.Struct, frozen=True, kw_only=True):
    """`fee_id` is the fee that had come in."""

    fee_id: int
    amount_fen: int


class RefundInput(msgspec.Struct, kw_only=True):
    """`amount_fen` is what was paid back, by whoever paid it."""

    amount_fen: int
    refunded_on: date
    reason: str


class PolicyFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What rules ask about a policy."""

    id: int
    number: str
    case_id: int
    member_id: int | None
    account_id: int | None
    person_index: str
    plan: str
    plan_name: str
    year: int
    shares: int
    starts_on: date
    wait_end: date
    ends_on: date
    state: PolicyState


class PolicyView(msgspec.Struct, kw_only=True):
    """`waits_until` is the last day of waiting, where there is one. `case_number` is told to whoever enrolled alone:
    the certificate hangs there. `may_refund`: it has not begun yet, and fees may be given back. `may_renew`: it ends
    soon, or has ended."""

    id: str
    number: str
    plan: str
    plan_name: str
    year: int
    shares: int
    fee_fen: int
    holder_name: str
    starts_on: str
    waits_until: str | None
    ends_on: str
    renewed: bool
    state: str
    state_text: str
    union_name: str
    case_number: str | None
    may_renew: bool
    may_refund: bool
