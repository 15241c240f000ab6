"""Where permission lives: a person sees their own cases, staff those of their branches of the tree."""

from typing import Any

from backend.casework.enums import QuestionState
from backend.core import database, ids
from backend.core.actor import Actor
from backend.unions import queries as unions
from backend.unions import rules as union_rules

VIEW = "case.view"
DECIDE = "case.decide"

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


def desks_of(actor: Actor, *, cover: str = "") -> list[tuple[int, str]]:
    """Union and role of each desk, once; with `cover` only those of that colleague."""
    posts = [post for post in actor.posts if DECIDE in post.permissions]
    if cover:
        posts = [post for post in posts if post.holder_id and ids.public(post.holder_id) == cover]
    return list(dict.fromkeys((post.union_id, role) for post in posts for role in post.roles))


def at_desks(actor: Actor) -> tuple[str, list[Any]]:
    """A condition on `case_question q`, and its values: it is put to a desk that the actor serves."""
    desks = desks_of(actor)
    one_of = " OR ".join(["(q.union_id = %s AND q.role = %s)"] * len(desks)) or "1 = 0"
    return f"({one_of})", [part for desk in desks for part in desk]


def readable_by(actor: Actor) -> tuple[str, list[Any]]:
    """`visible_to`, and cases about which a desk of the actor is asked, until it has answered."""
    condition, values = visible_to(actor)
    if not actor.is_staff:
        return condition, values
    one_of, desks = at_desks(actor)
    asked = f"SELECT 1 FROM case_question q WHERE q.case_id = c.id AND q.state = %s AND {one_of}"  # noqa: S608
    return f"({condition} OR EXISTS ({asked}))", [*values, QuestionState.OPEN.value, *desks]


async def is_asked(case_id: int, actor: Actor) -> bool:
    """Whether a question about this case waits for a desk of the actor's."""
    condition, values = at_desks(actor)
    sql = f"SELECT q.id FROM case_question q WHERE q.case_id = %s AND q.state = %s AND {condition} LIMIT 1"  # noqa: S608
    return await database.scalar(sql, case_id, QuestionState.OPEN.value, *values) is not None


async def sees_unions(actor: Actor, *union_ids: int | None) -> bool:
    """Whether one of these unions lies in a branch where the actor may see cases."""
    found = await unions.places({union_id for union_id in union_ids if union_id is not None})
    return any(actor.covers(VIEW, one.path) for one in found.values())


def sees_everything(actor: Actor, permission: str = VIEW) -> bool:
    """At the root of the tree the scope excludes nobody, and a condition would only cost time."""
    return any(path.count("/") == 2 for path in actor.scope(permission))
