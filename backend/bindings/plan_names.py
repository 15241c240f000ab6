"""Flow files offer what the plans in config/benefits/ have: plans, lump sums and exclusions. One that is missing, or
that no plan has any more, stops the start.
"""

from collections.abc import Iterator, Mapping

from backend.aid import plan_files
from backend.aid.plans import Plans, PlanVersion
from backend.casework import catalogue
from backend.casework.catalogue import Catalogue
from backend.casework.flows import FieldSpec, Flow

ENROL, CLAIM = "mutual-aid-enrol", "mutual-aid-claim"
PLAN, EVENT, EXCLUDED, EXCLUSION, CALCULATION = "plan_ref", "event", "excluded", "code", "calc-confirm"


class PlanNameError(Exception):
    """Every choice that does not agree, a line each."""


def require_agreement() -> None:
    wrong = problems(catalogue.current(), plan_files.current())
    if wrong:
        raise PlanNameError("\n".join(wrong))


def problems(flows: Catalogue, plans: Plans) -> list[str]:
    """As `file: sentence`, empty when all is well. A county need not have both services."""
    versions = [version for plan in plans.all for version in plan.versions]
    found: list[str] = []
    if enrol := flows.flows.get(ENROL):
        found += _compared(enrol, "互助计划", _options(enrol.fields, PLAN), {plan.slug for plan in plans.all})
    if claim := flows.flows.get(CLAIM):
        found += _compared(claim, "定额补助的情形", _options(claim.fields, EVENT), _lump_sums(versions))
        found += _compared(claim, "不补助的条目", _exclusions_of(claim), _excluded(versions))
    return found


def _compared(flow: Flow, what: str, offered: Mapping[str, str], known: set[str]) -> Iterator[str]:
    file = f"config/catalogue/{flow.slug}.yaml"
    if missing := known - set(offered):
        yield f"{file}: {what}少了 config/benefits 里的 {'、'.join(sorted(missing))}"
    if unknown := set(offered) - known:
        yield f"{file}: {what}里的 {'、'.join(sorted(unknown))} 在 config/benefits 里没有"


def _options(fields: tuple[FieldSpec, ...], name: str) -> Mapping[str, str]:
    return next((field.options for field in fields if field.name == name), {})


def _exclusions_of(claim: Flow) -> Mapping[str, str]:
    action = claim.action(CALCULATION)
    tables = [field for field in action.fields if field.name == EXCLUDED] if action else []
    return _options(tables[0].columns, EXCLUSION) if tables else {}


def _lump_sums(versions: list[PlanVersion]) -> set[str]:
    return {one.code for version in versions for one in version.lump_sums}


def _excluded(versions: list[PlanVersion]) -> set[str]:
    return {one.code for version in versions for one in version.exclusions}
