"""What straight-through approval did, and what it would have done with cases that people decided."""

from collections import Counter
from datetime import timedelta
from typing import Any

from backend.casework import catalogue, straight_through
from backend.casework.enums import CaseStatus, StraightVerdict
from backend.casework.flows import Flow, StraightThrough
from backend.casework.queries import records
from backend.casework.queries.scope import sees_everything
from backend.casework.schemas import DryRun, RuleLine, StraightLine, StraightList
from backend.casework.straight_through import AUTOMATIC
from backend.core import clock, database
from backend.core.actor import Actor
from backend.core.errors import NotFound, invalid
from backend.unions import rules as union_rules

STATS = "stats.view"
LATELY = 30
LONGEST = 365
# What a page asks facts about in the time that somebody waits for it.
MOST_ON_A_PAGE = 200
_EVERY = 1_000_000


async def straight_list(actor: Actor) -> StraightList:
    """Every service that names rules, in one query of figures, inside the actor's branches."""
    condition, values = _scope(actor)
    found = await database.rows(
        "SELECT j.flow, j.verdict, COUNT(*) AS cases,"  # noqa: S608
        " COUNT(CASE WHEN c.status = %s OR c.round > 1 THEN 1 END) AS refused"
        " FROM straight_judgement j JOIN case_file c ON c.id = j.case_id"
        " LEFT JOIN union_org t ON t.id = c.target_union_id"
        f" WHERE j.at >= %s AND {condition} GROUP BY j.flow, j.verdict",
        CaseStatus.REJECTED.value,
        clock.now() - timedelta(days=LATELY),
        *values,
    )
    counts = {(row["flow"], row["verdict"]): row for row in found}
    flows = [flow for flow in catalogue.current().flows.values() if flow.straight_through is not None]
    return StraightList(days=LATELY, items=[_line(flow, counts) for flow in sorted(flows, key=lambda one: one.name)])


def _line(flow: Flow, counts: dict[tuple[str, str], Any]) -> StraightLine:
    spec = _spec(flow)
    nothing = {"cases": 0, "refused": 0}
    by_verdict = {verdict: counts.get((flow.slug, verdict.value), nothing) for verdict in StraightVerdict}
    return StraightLine(
        slug=flow.slug,
        name=flow.name,
        is_on=spec.is_on(clock.today()),
        since=spec.since.isoformat() if spec.since else None,
        sample_percent=spec.sample_percent,
        approved=by_verdict[StraightVerdict.APPROVED]["cases"],
        sampled=by_verdict[StraightVerdict.SAMPLED]["cases"],
        left=by_verdict[StraightVerdict.LEFT]["cases"],
        sampled_refused=by_verdict[StraightVerdict.SAMPLED]["refused"],
    )


async def dry_run(slug: str, actor: Actor, *, days: int = 90, most: int | None = MOST_ON_A_PAGE) -> DryRun:
    """Judge the newest `most` cases that people decided in the last `days`; nothing is written."""
    flow = catalogue.flow(slug)
    spec = _spec(flow)
    if not 1 <= days <= LONGEST:
        raise invalid("days", "wrong_value")
    limit = _EVERY if most is None else most
    since = clock.now() - timedelta(days=days)
    found = await records.decided_by_people(flow.slug, since, _scope(actor), limit=limit + 1)
    cases, is_cut = found[:limit], len(found) > limit
    clean, failed = [], Counter[str]()
    for case in cases:
        judged = await straight_through.judge(flow, case.question(AUTOMATIC))
        failed.update(set(judged.failed))
        clean += [case] if judged.is_clean else []
    return DryRun(
        slug=flow.slug,
        name=flow.name,
        is_on=spec.is_on(clock.today()),
        since=spec.since.isoformat() if spec.since else None,
        sample_percent=spec.sample_percent,
        steps=list(spec.steps),
        days=days,
        looked_at=len(cases),
        is_cut=is_cut,
        clean=len(clean),
        sampled=sum(straight_through.is_sampled(case.id, spec.sample_percent) for case in clean),
        approved=sum(case.status == CaseStatus.APPROVED for case in clean),
        refused=[case.number for case in clean if case.status == CaseStatus.REJECTED],
        returned=[case.number for case in clean if case.status == CaseStatus.APPROVED and case.round > 1],
        rules=[RuleLine(text=text, failed=failed[text]) for text in _texts(flow, spec)],
    )


def _texts(flow: Flow, spec: StraightThrough) -> list[str]:
    """Of everything that is judged and has words in the flow file."""
    checks = [check.text for check in flow.eligibility.checks]
    return list(dict.fromkeys([*checks, *(rule.text for rule in spec.rules)]))


def _spec(flow: Flow) -> StraightThrough:
    if flow.straight_through is None:
        raise NotFound("no_straight_through")
    return flow.straight_through


def _scope(actor: Actor) -> tuple[str, list[Any]]:
    """Cases whose target union, `t`, lies where the actor may read figures."""
    if actor.kind == "system" or sees_everything(actor, STATS):
        return "1 = 1", []
    condition, values = union_rules.within("t.path", actor.scope(STATS))
    return condition, [*values]
