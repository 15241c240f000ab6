"""Who may apply, and what they have to have been through before."""

from collections.abc import Collection
from datetime import datetime
from itertools import product
from typing import Any

import msgspec

from backend.casework import catalogue
from backend.casework.flows import Flow
from backend.core import clock, predicates
from backend.core.predicates import Predicate
from backend.unions.models import Union
from tests.casework.flows.cases import Prepared, fill_for, submit
from tests.casework.flows.county import MAN, OUTSIDER, WOMAN, Applicant, Caller, County
from tests.casework.flows.performing import nothing_to_see, pass_steps
from tests.factories.application import MORNING


class Past(msgspec.Struct, frozen=True):
    """What somebody has been through: services with the kind of application, so many days ago. `field` asks for the
    number that the first of them gave.
    """

    services: tuple[tuple[str, str], ...] = ()
    field: str = ""
    days: int = 0


PASTS: dict[str, tuple[Past, ...]] = {
    "hardship-review": (
        Past((("hardship-file", ""),), "file_no"),
        Past((("hardship-file", ""), ("hardship-review", "form.review_kind == exit")), "file_no"),
    ),
    "member-status": (Past(), Past((("member-status", "form.action == keep"),))),
    "social-worker": (
        Past(),
        Past((("social-worker", "form.biz_kind == hire"),)),
        Past((("social-worker", "form.biz_kind == hire"), ("social-worker", "form.biz_kind == appraise"))),
    ),
    "mutual-aid-claim": (Past((("mutual-aid-enrol", "form.enrol_mode == self"),), "policy_no", days=60),),
}
MEMBERS_FIRST, OTHERS_FIRST = (MAN, WOMAN, OUTSIDER), (OUTSIDER, MAN, WOMAN)


async def prepare(flow: Flow, county: County, **how: Any) -> Prepared:
    found, refusals = await look_for(flow, county, **how)
    assert found is not None, f"{flow.slug}: nobody is let in: {refusals}"
    return found


async def look_for(
    flow: Flow,
    county: County,
    *,
    clerk: Caller | None = None,
    wanted: Collection[Predicate] | None = None,
    hard: Collection[Predicate] = (),
    target: Union | None = None,
    kinds: tuple[str, ...] = (),
) -> tuple[Prepared | None, dict[str, list[str]]]:
    """The first applicant whom the conditions let in, on the morning when all journeys begin, or why each was not.

    `wanted` are conditions that should hold if they can, all of the flow's when nothing is said, and `hard` some
    that have to; `target` is the union that the case should go to. With a `clerk` it is filed at the window.
    """
    refusals: dict[str, list[str]] = {}
    pasts = PASTS.get(flow.slug, (Past(),))
    for kind, listed, past in product(kinds or _kinds(flow), ((), await county.colleagues()), pasts):
        clock.freeze(datetime.fromisoformat(MORNING))
        who = await _been_through(past, county, await county.applicant(kind))
        if who is None:
            continue
        found = await fill_for(flow, county, who, actor=clerk, wanted=wanted, hard=hard, target=target, listed=listed)
        failed = _not_met(flow, found, hard)
        if not failed:
            return found, {}
        refusals[f"{kind}, {len(listed)} members listed"] = failed
    return None, refusals


def _kinds(flow: Flow) -> tuple[str, ...]:
    return MEMBERS_FIRST if {"member", "unit", "union"} & set(flow.audience) else OTHERS_FIRST


async def _been_through(past: Past, county: County, who: Applicant) -> Applicant | None:
    """None where the earlier services would not have had them."""
    for slug, condition in past.services:
        flow, hard = catalogue.flow(slug), [predicates.parse(condition)] if condition else []
        found = await fill_for(flow, county, who, wanted=(), hard=hard)
        if _not_met(flow, found, hard):
            return None
        case = await submit(flow, county, found)
        await pass_steps(case, nothing_to_see(flow))
        if past.field and not who.known:
            who = msgspec.structs.replace(who, known={past.field: case.seen["outcome"]["record_no"]})
    clock.advance(days=past.days)
    return who


def _not_met(flow: Flow, found: Prepared, hard: Collection[Predicate]) -> list[str]:
    """What keeps this applicant out with this form."""
    must = [(check.code, check.predicate) for check in flow.eligibility.checks if check.on_false == "refuse"]
    must += [(one.text, one) for one in hard]
    return [name for name, predicate in must if not found.filler.holds(predicate, found.values)]
