"""Numbers beside the desk's navigation and filters."""

from typing import Any

from backend.casework import catalogue
from backend.casework.enums import CaseStatus, QuestionState
from backend.casework.queries.queue import QueueQuery
from backend.casework.queries.scope import at_desks, desks_of
from backend.casework.schemas import DeskCounts, DeskLoad, QueueFilter
from backend.core import clock, database, ids
from backend.core.actor import Actor

_COUNTED = (
    "SELECT desk_union_id, desk_role, flow, status, COUNT(*) AS cases,"
    " SUM(CASE WHEN next_due_on = %s THEN 1 ELSE 0 END) AS due_today,"
    " SUM(CASE WHEN next_due_on < %s THEN 1 ELSE 0 END) AS overdue FROM case_file"
)
_WAITING = (CaseStatus.SUBMITTED, CaseStatus.IN_REVIEW, CaseStatus.ON_HOLD)


async def desk_counts(actor: Actor) -> DeskCounts:
    """Three queries, over what is open at the actor's desks alone."""
    done, asked = await _done_today(actor), await _asked(actor)
    counts = DeskCounts(
        mine=0,
        due_today=0,
        overdue=0,
        held=0,
        done_today=done,
        asked=asked,
        services={},
        covered={ids.public(post.holder_id): 0 for post in actor.posts if post.holder_id},
    )
    for row in await _open(actor):
        if row["status"] == CaseStatus.ON_HOLD:
            counts.held += row["cases"]
            continue
        counts.mine += row["cases"]
        counts.due_today += int(row["due_today"] or 0)
        counts.overdue += int(row["overdue"] or 0)
        counts.services[row["flow"]] = counts.services.get(row["flow"], 0) + row["cases"]
        for account in counts.covered:
            if (row["desk_union_id"], row["desk_role"]) in desks_of(actor, cover=account):
                counts.covered[account] += row["cases"]
    return counts


async def _done_today(actor: Actor) -> int:
    if not actor.is_staff:
        return 0
    return await database.scalar(
        "SELECT COUNT(DISTINCT case_id) FROM step_decision WHERE actor_id = %s AND at >= %s",
        actor.account_id,
        clock.start_of(clock.today()),
    )


async def _asked(actor: Actor) -> int:
    if not desks_of(actor):
        return 0
    condition, values = at_desks(actor)
    sql = f"SELECT COUNT(*) FROM case_question q WHERE {condition} AND q.state = %s"  # noqa: S608
    return await database.scalar(sql, *values, QuestionState.OPEN.value)


async def _open(actor: Actor) -> list[dict[str, Any]]:
    desks = desks_of(actor)
    if not desks:
        return []
    today = clock.today()
    one_of = " OR ".join(["(desk_union_id = %s AND desk_role = %s)"] * len(desks))
    marks = ", ".join(["%s"] * len(_WAITING))
    return await database.rows(
        f"{_COUNTED} WHERE ({one_of}) AND status IN ({marks}) GROUP BY desk_union_id, desk_role, flow, status",
        today,
        today,
        *(part for desk in desks for part in desk),
        *(status.value for status in _WAITING),
    )


_LOADS = (
    "SELECT desk_union_id AS union_id, desk_role AS role,"
    " CAST(SUM(CASE WHEN status <> %s THEN 1 ELSE 0 END) AS SIGNED) AS waiting,"
    " CAST(SUM(CASE WHEN status <> %s AND next_due_on = %s THEN 1 ELSE 0 END) AS SIGNED) AS due_today,"
    " CAST(SUM(CASE WHEN status <> %s AND next_due_on < %s THEN 1 ELSE 0 END) AS SIGNED) AS overdue FROM case_file"
)


async def desk_loads() -> list[DeskLoad]:
    """What waits at every desk where something does, counted as `desk_counts` does; held cases wait for their day."""
    held, today = CaseStatus.ON_HOLD.value, clock.today()
    marks = ", ".join(["%s"] * len(_WAITING))
    found = await database.views(
        DeskLoad,
        f"{_LOADS} WHERE status IN ({marks}) AND desk_union_id IS NOT NULL GROUP BY desk_union_id, desk_role",
        *(held, held, today, held, today),
        *(status.value for status in _WAITING),
    )
    return [one for one in found if one.waiting]


def queue_filters(counts: DeskCounts, wanted: QueueQuery, actor: Actor) -> list[QueueFilter]:
    """Everything, the desks of each colleague whom one covers, what is late, and one for each service that waits."""
    narrowed = wanted.service or wanted.overdue or wanted.status or wanted.due or wanted.done or wanted.cover
    plain = not (narrowed or wanted.q)
    filters = [QueueFilter(label="全部", query="", count=counts.mine, active=plain)]
    holders = {ids.public(post.holder_id): post.holder for post in actor.posts if post.holder_id}
    for account, count in counts.covered.items():
        label, active = f"代{holders[account]}", wanted.cover == account
        filters.append(QueueFilter(label=label, query=f"?cover={account}", count=count, active=active))
    if counts.overdue or wanted.overdue:
        filters.append(QueueFilter(label="逾期", query="?overdue=1", count=counts.overdue, active=wanted.overdue))
    services = {**counts.services, **({wanted.service: 0} if wanted.service not in counts.services else {})}
    for slug, count in sorted(services.items(), key=lambda one: -one[1]):
        item = catalogue.current().item(slug)
        if item is not None:
            active = wanted.service == slug
            filters.append(QueueFilter(label=item.name, query=f"?service={slug}", count=count, active=active))
    return filters
