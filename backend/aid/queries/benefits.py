"""Estimates, what a claim would be granted, and what is left of a year."""

from collections.abc import Iterator
from datetime import date

import msgspec

from backend.aid import estimates, plan_files, plan_words, policy_rules, rules
from backend.aid.claim_rules import Claim
from backend.aid.claim_schemas import (
    Estimate,
    EstimateInput,
    GrantedClaim,
    PlanChoices,
    PlanList,
    Remaining,
    RemainingList,
)
from backend.aid.plans import Plan, PlanVersion
from backend.aid.rules import NOTHING_USED, Costs, Used
from backend.aid.schemas import PolicyFacts
from backend.core import clock, database
from backend.core.actor import Actor
from backend.membership import queries as roll


class Stay(msgspec.Struct, frozen=True, kw_only=True):
    """What a form says of a stay in hospital, so far; `policy` is the one that the claim rests on."""

    case_id: int | None
    person_index: str | None
    policy: PolicyFacts | None
    admitted_on: date
    discharged_on: date
    costs: Costs
    event: str = ""


class _Granted(msgspec.Struct, kw_only=True):
    plan: str
    year: int
    case_number: str
    admitted_on: date
    amount_fen: int
    deductible_fen: int


async def estimate(data: EstimateInput) -> Estimate:
    """The same arithmetic that decides a case, for somebody who had nothing else in the year."""
    return estimates.estimate(data)


async def claim_of(stay: Stay) -> Claim:
    """The stay under the plan of its policy, or of the usual plan where the policy is not kept here, after what the
    person has had in the same year by other cases."""
    slug, version = _version_of(stay)
    if stay.policy is not None:
        year = policy_rules.year_of_policy(stay.policy.year, stay.policy.starts_on, stay.admitted_on)
    elif version is not None:
        year = rules.year_of(version, stay.admitted_on, stay.discharged_on)
    else:
        year = stay.admitted_on.year
    return Claim(
        plan=slug,
        version=version,
        year=year,
        admitted_on=stay.admitted_on,
        costs=stay.costs,
        used=await _used(stay, slug, year),
        shares=stay.policy.shares if stay.policy is not None else 1,
        event=stay.event,
    )


def _version_of(stay: Stay) -> tuple[str, PlanVersion | None]:
    plans = plan_files.current()
    slug = stay.policy.plan if stay.policy is not None else plans.usual.slug
    plan = plans.named(slug)
    return slug, plan.of_stay(stay.admitted_on, stay.discharged_on) if plan is not None else None


async def _used(stay: Stay, plan: str, year: int) -> Used:
    if stay.person_index is None:
        return NOTHING_USED
    found = await database.view(
        Used,
        "SELECT CAST(COALESCE(SUM(b.amount_fen), 0) AS SIGNED) AS amount_fen,"
        " CAST(COALESCE(SUM(b.deductible_fen), 0) AS SIGNED) AS deductible_fen,"
        " CAST(COALESCE(SUM(b.base_fen - b.deductible_fen), 0) AS SIGNED) AS counted_fen"
        " FROM aid_benefit b JOIN aid_year y ON y.id = b.year_id WHERE y.`key` = %s AND b.case_id <> %s",
        year_key(stay.person_index, plan, year),
        stay.case_id or 0,
    )
    return found or NOTHING_USED


def year_key(person_index: str, plan: str, year: int) -> str:
    return f"{person_index}:{plan}:{year}"


async def event_fits(stay: Stay) -> bool | None:
    """Whether the plan has a lump sum for what happened; None for a plan that nobody wrote down."""
    version = _version_of(stay)[1]
    return version.lump_sum(stay.event) is not None if version is not None else None


async def claim_days(stay: Stay) -> int | None:
    """How many days after the discharge a claim may come in; None for a plan that nobody wrote down."""
    version = _version_of(stay)[1]
    return version.claim_deadline_days if version is not None else None


# ---- what is left of a year ----------------------------------------------------------


async def remaining(actor: Actor) -> RemainingList:
    """For every plan and year of one's own policies, and those in which something was granted; the latest first."""
    index = await roll.id_no_index(actor.member_id) if actor.kind == "person" and actor.member_id is not None else None
    if index is None:
        return RemainingList(items=[])
    granted = await database.views(
        _Granted,
        "SELECT y.plan, y.year, b.case_number, b.admitted_on, b.amount_fen, b.deductible_fen FROM aid_year y"
        " JOIN aid_benefit b ON b.year_id = y.id WHERE y.person_index = %s ORDER BY b.id",
        index,
    )
    held = await database.rows(
        "SELECT DISTINCT plan, year FROM aid_policy WHERE person_index = %s AND state = 'in_force'", index
    )
    years = {(row["plan"], row["year"]) for row in held} | {(one.plan, one.year) for one in granted}
    items = [found for plan, year in sorted(years, key=_latest) for found in _left(plan, year, granted)]
    return RemainingList(items=items)


def _latest(plan_year: tuple[str, int]) -> tuple[int, str]:
    return -plan_year[1], plan_year[0]


def _left(slug: str, year: int, granted: list[_Granted]) -> Iterator[Remaining]:
    """Nothing for a plan that nobody wrote down: it has no cap that could be told."""
    plan = plan_files.current().named(slug)
    version = _version_of_year(plan, year) if plan is not None else None
    if plan is None or version is None:
        return
    mine = [one for one in granted if (one.plan, one.year) == (slug, year)]
    used = Used(amount_fen=sum(one.amount_fen for one in mine), deductible_fen=sum(one.deductible_fen for one in mine))
    yield Remaining(
        plan=slug,
        plan_name=plan.name,
        year=year,
        cap_fen=version.cap_fen.per_year,
        granted_fen=used.amount_fen,
        left_fen=rules.cap_left(version, used),
        deductible_fen=version.deductible_fen,
        deductible_left_fen=rules.deductible_left(version, used),
        claims=[
            GrantedClaim(
                case_number=one.case_number, admitted_on=one.admitted_on.isoformat(), amount_fen=one.amount_fen
            )
            for one in mine
        ],
    )


def _version_of_year(plan: Plan, year: int) -> PlanVersion | None:
    """In the year itself that of today, of another one the last that began before it was over."""
    return plan.on(max(date(year, 1, 1), min(clock.today(), date(year, 12, 31))))


# ---- plans ---------------------------------------------------------------------------


async def plan_list() -> PlanList:
    """Every plan with its versions, where they come from and which is in force."""
    return PlanList(items=[plan_words.plan_view(plan, clock.today()) for plan in plan_files.current().all])


def plan_choices() -> PlanChoices:
    """What may be chosen for an estimate: the plans in force, the usual one first, and their lump sums."""
    found = [(plan, plan.on(clock.today())) for plan in plan_files.current().all]
    return PlanChoices(
        plans=[(plan.slug, plan.name) for plan, version in found if version is not None],
        events=[
            (one.code, f"{plan.name}：{one.name}")
            for plan, version in found
            if version is not None
            for one in version.lump_sums
        ],
    )
