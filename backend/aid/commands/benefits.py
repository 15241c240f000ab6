"""What claims are granted. Whoever decided was authorised where the decision was made."""

from datetime import date

import msgspec

from backend.aid import plan_files
from backend.aid.claim_schemas import Grant
from backend.aid.plan_enums import Scope
from backend.aid.plans import PlanVersion
from backend.aid.queries.benefits import year_key
from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, invalid
from backend.core.money import yuan


@command
async def grant_benefit(actor: Actor, *, grant: Grant) -> int:
    """The amount in fen that an approved claim is granted, zero included; a second call gives that of the first.

    Two claims of one person at a time cannot pass the cap together, nor have the year's deductible taken twice: the
    later one is refused, and worked out anew.
    """
    if (before := await _granted(grant.case_id)) is not None:
        return before
    year_id = await _year_of(grant)
    await _take(year_id, grant)
    benefit_id = ids.new_id()
    row = {
        "id": benefit_id,
        "case_id": grant.case_id,
        "case_number": grant.case_number,
        "year_id": year_id,
        "plan": grant.plan,
        "plan_since": grant.plan_since,
        "admitted_on": grant.admitted_on,
        "base_fen": grant.base_fen,
        "deductible_fen": grant.deductible_fen,
        "amount_fen": grant.amount_fen,
        "granted_at": clock.now(),
    }
    await database.insert("aid_benefit", row)
    detail = {"plan": grant.plan, "year": grant.year, "amount_fen": grant.amount_fen}
    await audit.record(actor, "aid.granted", object_kind="case", object_id=grant.case_id, detail=detail)
    return grant.amount_fen


class _Granted(msgspec.Struct, kw_only=True):
    year_id: int
    plan: str
    plan_since: date | None


@command
async def raise_benefit(actor: Actor, *, case_id: int, more_fen: int, most_fen: int) -> None:
    """After an appeal: so much more than was granted, up to `most_fen` in all and to what is left of the year. For an
    act that is done once."""
    granted = await database.view(
        _Granted, "SELECT year_id, plan, plan_since FROM aid_benefit WHERE case_id = %s", case_id
    )
    if granted is None:
        raise Conflict("benefit_not_granted")
    version = _named(granted.plan, granted.plan_since)
    raised = await database.execute(
        "UPDATE aid_benefit SET amount_fen = amount_fen + %s WHERE case_id = %s AND amount_fen + %s <= %s",
        more_fen,
        case_id,
        more_fen,
        most_fen,
    )
    if not raised:
        raise invalid("more", "benefit_over_cost", most=yuan(most_fen))
    moved = await database.execute(
        "UPDATE aid_year SET amount_fen = amount_fen + %s WHERE id = %s AND amount_fen + %s <= %s",
        more_fen,
        granted.year_id,
        more_fen,
        version.cap_fen.per_year if version else _NO_LIMIT,
    )
    if not moved:
        raise invalid("more", "benefit_over_cap")
    detail = {"more_fen": more_fen}
    await audit.record(actor, "aid.raised", object_kind="case", object_id=case_id, detail=detail)


async def _granted(case_id: int) -> int | None:
    return await database.scalar("SELECT amount_fen FROM aid_benefit WHERE case_id = %s", case_id)


async def _year_of(grant: Grant) -> int:
    key = year_key(grant.person_index, grant.plan, grant.year)
    row = {
        "id": ids.new_id(),
        "key": key,
        "person_index": grant.person_index,
        "plan": grant.plan,
        "year": grant.year,
        "deductible_fen": 0,
        "amount_fen": 0,
    }
    await database.insert_if_absent("aid_year", row, key="`key`")
    return int(await database.scalar("SELECT id FROM aid_year WHERE `key` = %s", key))


async def _take(year_id: int, grant: Grant) -> None:
    """The year's sums move only as far as the plan lets them."""
    cap, deductible = _limits(_named(grant.plan, grant.plan_since), grant)
    moved = await database.execute(
        "UPDATE aid_year SET amount_fen = amount_fen + %s, deductible_fen = deductible_fen + %s"
        " WHERE id = %s AND amount_fen + %s <= %s AND deductible_fen + %s <= %s",
        grant.amount_fen,
        grant.deductible_fen,
        year_id,
        grant.amount_fen,
        cap,
        grant.deductible_fen,
        deductible,
    )
    if not moved:
        raise Conflict("benefit_year_moved")


def _named(name: str, since: date | None) -> PlanVersion | None:
    """A claim that was worked out by hand has none. One that is not in the files any more has to be worked out anew."""
    if since is None:
        return None
    plan = plan_files.current().named(name)
    version = plan.version(since) if plan is not None else None
    if version is None:
        raise Conflict("benefit_plan_gone", plan=f"{name}@{since}")
    return version


_NO_LIMIT = 2**62


def _limits(version: PlanVersion | None, grant: Grant) -> tuple[int, int]:
    """Of the year, for what is granted and for what is taken as deductible."""
    if version is None:
        return _NO_LIMIT, _NO_LIMIT
    once_a_year = version.deductible_scope is Scope.PER_YEAR
    return version.cap_fen.per_year, version.deductible_fen if once_a_year else _NO_LIMIT
