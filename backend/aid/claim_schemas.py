"""Inputs and Views of estimates, claims and what is left of a year."""

from datetime import date

import msgspec


class EstimateInput(msgspec.Struct, kw_only=True):
    """The sums of a settlement sheet, in fen. Without `plan` it is the usual one; which version of it, the day of
    admission says. `event` is one of the plan's lump sums."""

    plan: str | None = None
    event: str | None = None
    admit_date: date
    discharge_date: date
    total_fee_fen: int
    insurance_paid_fen: int
    other_paid_fen: int = 0
    self_pay_fund_fen: int
    self_fund_fen: int = 0


class AmountLine(msgspec.Struct, kw_only=True):
    label: str
    amount_fen: int


class Estimate(msgspec.Struct, kw_only=True):
    """`lines` add up to `benefit_fen`; `basis` adds up to `counted_fen`, the sum of which a part is paid. For what is
    in `exclusions` the plan does not pay."""

    benefit_fen: int
    lines: list[AmountLine]
    plan_version: str
    plan_name: str
    basis: list[AmountLine]
    counted_fen: int
    last_claim_day: str
    exclusions: list[str]


class Remaining(msgspec.Struct, kw_only=True):
    """What one's own plan still pays in one of its years."""

    plan: str
    plan_name: str
    year: int
    cap_fen: int
    granted_fen: int
    left_fen: int
    deductible_fen: int
    deductible_left_fen: int
    claims: list["GrantedClaim"]


class GrantedClaim(msgspec.Struct, kw_only=True):
    case_number: str
    admitted_on: str
    amount_fen: int


class RemainingList(msgspec.Struct, kw_only=True):
    items: list[Remaining]


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What an approved claim is granted. Without `plan_since` it was worked out by hand and has no cap to pass."""

    case_id: int
    case_number: str
    person_index: str
    plan: str
    plan_since: date | None
    year: int
    admitted_on: date
    base_fen: int
    deductible_fen: int
    amount_fen: int


class PlanChoices(msgspec.Struct, frozen=True, kw_only=True):
    """Value and words of each plan in force, and of each lump sum."""

    plans: list[tuple[str, str]]
    events: list[tuple[str, str]]


class PlanLine(msgspec.Struct, kw_only=True):
    """A figure of a plan's version in words."""

    label: str
    text: str


class PlanVersionView(msgspec.Struct, kw_only=True):
    name: str
    since: str
    until: str | None
    in_force: bool
    basis_text: str
    source: str
    figures: list[PlanLine]
    exclusions: list[str]


class PlanView(msgspec.Struct, kw_only=True):
    """`file` is where a county changes it."""

    slug: str
    name: str
    usual: bool
    file: str
    versions: list[PlanVersionView]


class PlanList(msgspec.Struct, kw_only=True):
    items: list[PlanView]
