"""An estimate: what the plan would pay for one stay, were it the first of its year."""

from collections.abc import Iterable, Iterator

from backend.aid import plan_files, rules
from backend.aid.claim_schemas import AmountLine, Estimate, EstimateInput
from backend.aid.plans import Plan, PlanVersion, version_name
from backend.aid.rules import Costs, Line
from backend.core.errors import FieldError, Invalid, sentence
from backend.core.money import MAX_FEN

_SUMS = ("total_fee_fen", "insurance_paid_fen", "other_paid_fen", "self_pay_fund_fen", "self_fund_fen")


def estimate(data: EstimateInput) -> Estimate:
    """Every wrong field is named at once."""
    plan, version, wrong = _plan(data)
    wrong += list(_wrong(data))
    lump_sum = version.lump_sum(data.event) if version is not None and data.event else None
    if version is not None and data.event and lump_sum is None:
        names = "、".join(one.code for one in version.lump_sums) or "空着"
        wrong.append(FieldError("event", sentence("plan_event_unknown", names=names)))
    if plan is None or version is None or wrong:
        raise Invalid(wrong)
    found = rules.work_out(version, costs_of(data), lump_sum=lump_sum)
    return Estimate(
        benefit_fen=found.amount_fen,
        lines=_lines(found.lines),
        plan_version=version_name(plan, version),
        plan_name=plan.name,
        basis=_lines(found.basis),
        counted_fen=found.counted_fen,
        last_claim_day=rules.last_claim_day(version, data.discharge_date).isoformat(),
        exclusions=[one.name for one in version.exclusions],
    )


def costs_of(data: EstimateInput) -> Costs:
    return Costs(
        total_fee_fen=data.total_fee_fen,
        insurance_paid_fen=data.insurance_paid_fen,
        self_pay_fund_fen=data.self_pay_fund_fen,
        self_fund_fen=data.self_fund_fen,
        other_paid_fen=data.other_paid_fen,
    )


def _plan(data: EstimateInput) -> tuple[Plan | None, PlanVersion | None, list[FieldError]]:
    plans = plan_files.current()
    plan = plans.named(data.plan) if data.plan else plans.usual
    if plan is None:
        names = "、".join(one.slug for one in plans.all)
        return None, None, [FieldError("plan", sentence("plan_unknown", names=names))]
    version = plan.of_stay(data.admit_date, data.discharge_date)
    if version is None:
        return plan, None, [FieldError("admit_date", sentence("plan_not_in_force", name=plan.name))]
    return plan, version, []


def _wrong(data: EstimateInput) -> Iterator[FieldError]:
    if data.discharge_date < data.admit_date:
        yield FieldError("discharge_date", sentence("discharge_before_admission"))
    sums = {name: getattr(data, name) for name in _SUMS}
    unfit = {name for name, fen in sums.items() if not 0 <= fen <= MAX_FEN}
    for name in _SUMS:
        if name in unfit:
            yield FieldError(name, sentence("sum_out_of_range"))
        elif not unfit and sums[name] > data.total_fee_fen:
            yield FieldError(name, sentence("sum_above_total"))
    parts = data.insurance_paid_fen + data.self_pay_fund_fen + data.self_fund_fen
    if not unfit and max(sums.values()) <= data.total_fee_fen < parts:
        yield FieldError("total_fee_fen", sentence("sums_do_not_add_up"))


def _lines(lines: Iterable[Line]) -> list[AmountLine]:
    return [AmountLine(label=line.label, amount_fen=line.amount_fen) for line in lines]
