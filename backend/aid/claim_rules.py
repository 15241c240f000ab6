"""What a claim is granted: worked out by the plan, and what staff may make of it. No clock, no database."""

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from backend.aid import rules
from backend.aid.plans import PlanVersion
from backend.aid.rules import Benefit, Costs, Excluded, Used
from backend.core.errors import FieldError, Invalid, sentence
from backend.core.money import yuan


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A stay under a plan. Without a version nobody wrote the plan down: staff work it out by hand."""

    plan: str
    version: PlanVersion | None
    year: int
    admitted_on: date
    costs: Costs
    used: Used
    shares: int
    event: str = ""  # which of the plan's lump sums it brings

    @property
    def version_name(self) -> str:
        return f"{self.plan}@{self.version.since}" if self.version is not None else self.plan


class ExcludedSaid(msgspec.Struct, frozen=True, kw_only=True):
    """A part that staff took out by one of the plan's exclusions, and why."""

    code: str
    amount_fen: int
    reason: str


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What staff typed: what is excluded, another base or amount than was worked out, and why."""

    base_fen: int | None = None
    amount_fen: int | None = None
    reason: str = ""
    excluded: tuple[ExcludedSaid, ...] = ()


class Confirmed(msgspec.Struct, frozen=True, kw_only=True):
    """`how` is for the applicant, a line for each part."""

    base_fen: int
    deductible_fen: int
    cap_left_fen: int | None
    amount_fen: int
    version_name: str
    how: str


def worked_out(claim: Claim, excluded: Sequence[Excluded] = ()) -> Benefit | None:
    if claim.version is None:
        return None
    return rules.work_out(
        claim.version,
        claim.costs,
        used=claim.used,
        shares=claim.shares,
        lump_sum=claim.version.lump_sum(claim.event),
        excluded=excluded,
    )


def confirmed(claim: Claim, said: Said) -> Confirmed:
    """Never more than the plan gives for what the form says: whoever finds other figures on the papers has the form
    corrected. Less takes one of the plan's exclusions, or a reason."""
    whole = worked_out(claim)
    if claim.version is None or whole is None:
        return _by_hand(claim, said)
    excluded = _excluded(claim.version, whole, said.excluded)
    found = worked_out(claim, excluded) or whole
    base, amount = _of_hand(said.base_fen, whole.base_fen, found.base_fen), said.amount_fen
    if base > found.base_fen:
        raise Invalid([_wrong("base_amount", "benefit_base_too_high", base=yuan(found.base_fen))])
    lowered = base < found.base_fen
    if lowered:
        less = Excluded(label="核定时另外减少", amount_fen=found.base_fen - base)
        found = worked_out(claim, [*excluded, less]) or found
    amount = _of_hand(amount, whole.amount_fen if excluded else None, found.amount_fen)
    if amount > found.amount_fen:
        raise Invalid([_wrong("amount", "benefit_amount_too_high", amount=yuan(found.amount_fen))])
    if (lowered or amount != found.amount_fen) and not said.reason:
        raise Invalid([_wrong("reason", "benefit_reason_missing")])
    return Confirmed(
        base_fen=base,
        deductible_fen=found.deductible_fen,
        cap_left_fen=found.cap_left_fen,
        amount_fen=amount,
        version_name=claim.version_name,
        how="\n".join(_explained(found, amount, said.reason)),
    )


def _of_hand(typed: int | None, begun: int | None, found: int) -> int:
    """What was typed; the figure that the form began with, sent back as it was, is none beside exclusions."""
    return found if typed is None or (typed == begun and typed > found) else typed


def _excluded(version: PlanVersion, whole: Benefit, said: Sequence[ExcludedSaid]) -> list[Excluded]:
    """By the plan's own list, and together no more than there is."""
    found, left = list[Excluded](), whole.basis[0].amount_fen
    for row, one in enumerate(said):
        exclusion = version.exclusion(one.code)
        if exclusion is None:
            raise Invalid([_wrong(f"excluded.{row}.code", "benefit_exclusion_unknown", names=_names(version))])
        if one.amount_fen > left:
            raise Invalid([_wrong(f"excluded.{row}.amount", "benefit_exclusion_too_high", left=yuan(left))])
        left -= one.amount_fen
        found.append(Excluded(label=f"不补助：{exclusion.name}（{one.reason}）", amount_fen=one.amount_fen))
    return found


def _names(version: PlanVersion) -> str:
    return "、".join(one.name for one in version.exclusions) or "没有"


def _by_hand(claim: Claim, said: Said) -> Confirmed:
    missing = {"base_amount": said.base_fen, "amount": said.amount_fen, "reason": said.reason or None}
    wrong = [_wrong(field, "benefit_by_hand") for field, value in missing.items() if value is None]
    if wrong or said.base_fen is None or said.amount_fen is None:
        raise Invalid(wrong)
    most = min(said.base_fen, claim.costs.out_of_pocket_fen)
    if said.amount_fen > most:
        raise Invalid([_wrong("amount", "benefit_amount_too_high", amount=yuan(most))])
    return Confirmed(
        base_fen=said.base_fen,
        deductible_fen=0,
        cap_left_fen=None,
        amount_fen=said.amount_fen,
        version_name=claim.version_name,
        how=f"人工核定：{said.reason}",
    )


def _explained(found: Benefit, amount: int, reason: str) -> Iterator[str]:
    for line in found.basis:
        yield f"{line.label} {yuan(line.amount_fen)} 元"
    yield f"按 {yuan(found.counted_fen)} 元计算"
    for line in found.lines:
        yield f"{line.label}：{yuan(line.amount_fen)} 元"
    if amount != found.amount_fen:
        yield f"核定时减少：{yuan(amount - found.amount_fen)} 元"
    if reason:
        yield f"核定说明：{reason}"
    yield f"核定补助 {yuan(amount)} 元"


def in_words(found: Benefit) -> str:
    """The way to the sum of which a part is paid, in one sentence."""
    first, *others = found.basis
    parts = [f"{first.label} {yuan(first.amount_fen)} 元"]
    parts += [f"减{line.label} {yuan(-line.amount_fen)} 元" for line in others]
    return f"{'，'.join(parts)}，按 {yuan(found.counted_fen)} 元计算。"


def _wrong(field: str, code: str, **words: str) -> FieldError:
    return FieldError(field, sentence(code, **words))
