"""A unit registers what it gave its members at a festival. Nobody gets more in a year than the rule allows: the rows of
the year are changed before the sums are looked at, so that two registrations at once see each other.
"""

import re
import secrets
from collections.abc import Sequence
from datetime import date

from backend.aid import condolence_files
from backend.aid import condolence_rules as rules
from backend.aid.condolence_enums import IssueState
from backend.aid.condolence_schemas import IssueInput, RevokeInput
from backend.aid.own_unions import own_post
from backend.aid.queries import festivals as queries
from backend.core import audit, clock, database, ids
from backend.core.actor import Actor, Post
from backend.core.command import command
from backend.core.errors import Conflict, Invalid, invalid
from backend.core.money import yuan
from backend.membership import queries as roll
from backend.membership.schemas import Selection

MOST_LISTED, _AT_ONCE = 500, 500
_ADD_SQLITE = (
    "INSERT INTO festival_year (id, `key`, member_id, year, worth_fen) VALUES (%s, %s, %s, %s, %s)"
    " ON CONFLICT(`key`) DO UPDATE SET worth_fen = worth_fen + excluded.worth_fen"
)
_ADD_MARIADB = (
    "INSERT INTO festival_year (id, `key`, member_id, year, worth_fen) VALUES (%s, %s, %s, %s, %s)"
    " ON DUPLICATE KEY UPDATE worth_fen = worth_fen + VALUES(worth_fen)"
)


@command
async def register_issue(actor: Actor, *, data: IssueInput, nonce: str | None = None) -> str:
    """The public id of what was given. The same nonce is one registration."""
    post = own_post(actor, queries.MANAGE, data.union_id)
    key = f"{actor.account_id}:{nonce or secrets.token_urlsafe(16)}"[:100]
    known = await database.scalar("SELECT id FROM festival_issue WHERE `key` = %s", key)
    if known is not None:
        return ids.public(known)
    goods = " ".join(data.goods.split())
    limits = condolence_files.on(data.given_on)
    problems = rules.issue_problems(
        data.festival, goods, data.worth_fen, data.given_on, limits=limits, today=clock.today()
    )
    wrong = list(problems)
    if wrong:
        raise Invalid(wrong)
    members = await _everyone(post) if data.everyone else await _listed(post, data.members)
    issue_id = ids.new_id()
    row = {
        "id": issue_id,
        "key": key,
        "union_id": post.union_id,
        "festival": data.festival.value,
        "year": data.given_on.year,
        "goods": goods,
        "worth_fen": data.worth_fen,
        "given_on": data.given_on,
        "everyone": data.everyone,
        "people": len(members),
        "state": IssueState.REGISTERED.value,
        "reason": "",
        "actor_id": actor.account_id,
        "at": clock.now(),
    }
    if not await database.insert_if_absent("festival_issue", row, key="`key`"):
        return ids.public(await database.scalar("SELECT id FROM festival_issue WHERE `key` = %s", key))
    await _count(members, data.given_on, data.worth_fen, limits.festival_year_fen)
    receipts = [[ids.new_id(), issue_id, member] for member in members]
    await database.execute_many("INSERT INTO festival_receipt (id, issue_id, member_id) VALUES (%s, %s, %s)", receipts)
    detail = {"union": post.union_id, "people": len(members), "worth_fen": data.worth_fen}
    await audit.record(actor, "festival.issued", object_kind="festival_issue", object_id=issue_id, detail=detail)
    return ids.public(issue_id)


@command
async def revoke_issue(actor: Actor, *, issue: str, data: RevokeInput) -> None:
    """It was registered by mistake: it counts for nobody any more."""
    reason = " ".join(data.reason.split())
    if not rules.PAPER[0] <= len(reason) <= rules.PAPER[1]:
        raise invalid("reason", "revoke_reason")
    found = await queries.managed_issue(issue, actor)
    changed = await database.execute(
        "UPDATE festival_issue SET state = %s, reason = %s WHERE id = %s AND state = %s",
        IssueState.REVOKED.value,
        reason,
        found.id,
        IssueState.REGISTERED.value,
    )
    if not changed:
        raise Conflict("festival_revoked")
    await database.execute(
        "UPDATE festival_year SET worth_fen = worth_fen - %s WHERE year = %s"
        " AND member_id IN (SELECT member_id FROM festival_receipt WHERE issue_id = %s)",
        found.worth_fen,
        found.year,
        found.id,
    )
    await audit.record(actor, "festival.revoked", object_kind="festival_issue", object_id=found.id)


# ---- who got it --------------------------------------------------------------------


async def _everyone(post: Post) -> list[int]:
    """Those of the unit itself in good standing, by rising ids."""
    selection = Selection(path=post.path, condition="m.union_id = %s", values=(post.union_id,))
    found: list[int] = []
    while part := await roll.select_ids(selection, after=found[-1] if found else 0, limit=_AT_ONCE * 10):
        found += part
    if not found:
        raise invalid("everyone", "festival_nobody")
    return found


async def _listed(post: Post, text: str) -> list[int]:
    """By rising ids; a number that is not on the unit's roll is named."""
    numbers = list(dict.fromkeys(re.findall(r"[0-9A-Za-z-]+", text)))
    if not numbers:
        raise invalid("members", "festival_members")
    if len(numbers) > MOST_LISTED:
        raise invalid("members", "festival_many", most=MOST_LISTED)
    marks = ", ".join(["%s"] * len(numbers))
    selection = Selection(
        path=post.path, condition=f"m.union_id = %s AND m.member_no IN ({marks})", values=(post.union_id, *numbers)
    )
    found = await roll.selected_members(selection, unknown=False, limit=len(numbers))
    there = {one.member_no for one in found.items}
    if missing := [one for one in numbers if one not in there]:
        raise invalid("members", "festival_unknown", numbers="、".join(missing[:5]), count=len(missing))
    return sorted(ids.parse(one.id) or 0 for one in found.items)


async def _count(members: Sequence[int], day: date, worth_fen: int, most_fen: int) -> None:
    """In the order of the ids, so that two registrations do not wait for each other."""
    over: list[int] = []
    for start in range(0, len(members), _AT_ONCE):
        group = members[start : start + _AT_ONCE]
        rows = [[ids.new_id(), f"{member}:{day.year}", member, day.year, worth_fen] for member in group]
        await database.execute_many(_ADD_SQLITE if database.is_sqlite() else _ADD_MARIADB, rows)
        marks = ", ".join(["%s"] * len(group))
        sql = f"SELECT member_id FROM festival_year WHERE year = %s AND worth_fen > %s AND member_id IN ({marks})"  # noqa: S608
        over += [row["member_id"] for row in await database.rows(sql, day.year, most_fen, *group)]
    if over:
        raise invalid("worth_fen", "festival_over", count=len(over), most=yuan(most_fen))
