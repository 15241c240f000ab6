"""Where permission lives: a person sees their own cases, staff those of their branches of the tree."""

from typing import Any

from backend.core.actor import Actor
from backend.unions import queries as unions
from backend.unions import rules as union_rules

VIEW = "case.view"

# Every read that `visible_to` restricts joins the desk's union as `d` and the target union as `t`.
JOINS = " LEFT JOIN union_org d ON d.id = c.desk_union_id LEFT JOIN union_org t ON t.id = c.target_union_id"


def visible_to(actor: Actor) -> tuple[str, list[Any]]:
    """A condition on `case_file c` with `JOINS`, and its values. A stranger finds nothing."""
    if actor.kind == "system":
        return "1 = 1", []
    conditions: list[str] = []
    values: list[Any] = []
    if actor.kind == "person":
        conditions += ["c.applicant_id = %s", "c.member_id = %s"]
        values += [actor.account_id, actor.member_id or 0]
    for column in ("d.path", "t.path"):
        condition, bounds = union_rules.within(column, actor.scope(VIEW))
        conditions.append(condition)
        values += bounds
    return f"({' OR '.join(conditions)})", values


async def sees_unions(actor: Actor, *union_ids: int | None) -> bool:
    """Whether one of these unions lies in a branch where the actor may see cases."""
    found = await unions.places({union_id for union_id in union_ids if union_id is not None})
    return any(actor.covers(VIEW, one.path) for one in found.values())


def sees_everything(actor: Actor, permission: str = VIEW) -> bool:
    """At the root of the tree the scope excludes nobody, and a condition would only cost time."""
    return any(path.count("/") == 2 for path in actor.scope(permission))
