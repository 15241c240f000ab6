"""What units gave at festivals."""

from datetime import date, datetime

import msgspec

from backend.aid import condolence_files
from backend.aid.condolence_enums import FESTIVAL_TEXT, ISSUE_TEXT, Festival, IssueState
from backend.aid.condolence_schemas import IssueList, IssueView
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound, invalid
from backend.unions import queries as unions

MANAGE = "condolence.manage"
_SHOWN = 200
_EARLIEST = 2020


class _Row(msgspec.Struct, kw_only=True):
    id: int
    union_name: str
    festival: Festival
    year: int
    goods: str
    worth_fen: int
    given_on: date
    everyone: bool
    people: int
    state: IssueState
    reason: str
    at: datetime


_ROWS = (
    "SELECT i.id, u.name AS union_name, i.festival, i.year, i.goods, i.worth_fen, i.given_on, i.everyone, i.people,"
    " i.state, i.reason, i.at FROM festival_issue i JOIN union_org u ON u.id = i.union_id"
)


class ManagedIssue(msgspec.Struct, frozen=True):
    id: int
    year: int
    worth_fen: int


async def issues(actor: Actor, *, year: int | None = None) -> IssueList:
    """Of the unions where the actor manages condolences, in one year; the latest first."""
    this = clock.today().year
    wanted = this if year is None else year
    if not _EARLIEST <= wanted <= this:
        raise invalid("year", "wrong_value")
    condition, values = unions.visible_to(actor, MANAGE)
    found = await database.views(
        _Row, f"{_ROWS} WHERE {condition} AND i.year = %s ORDER BY i.id DESC LIMIT %s", *values, wanted, _SHOWN
    )
    total = sum(one.worth_fen * one.people for one in found if one.state is IssueState.REGISTERED)
    most = condolence_files.on(min(date(wanted, 12, 31), clock.today())).festival_year_fen
    return IssueList(year=wanted, most_fen=most, total_fen=total, items=[_view(one) for one in found])


async def issue(issue: str, actor: Actor) -> IssueView:
    condition, values = unions.visible_to(actor, MANAGE)
    found = await database.view(_Row, f"{_ROWS} WHERE i.id = %s AND {condition}", ids.parse(issue) or 0, *values)
    if found is None:
        raise NotFound()
    return _view(found)


async def managed_issue(issue: str, actor: Actor) -> ManagedIssue:
    """For the command: of a union of which the actor is staff, not of one below."""
    own = {post.union_id for post in actor.posts if MANAGE in post.permissions}
    marks = ", ".join(["%s"] * len(own)) or "NULL"
    found = await database.view(
        ManagedIssue,
        f"SELECT id, year, worth_fen FROM festival_issue WHERE id = %s AND union_id IN ({marks})",  # noqa: S608
        ids.parse(issue) or 0,
        *own,
    )
    if found is None:
        raise NotFound()
    return found


def _view(row: _Row) -> IssueView:
    return IssueView(
        id=ids.public(row.id),
        union_name=row.union_name,
        festival=row.festival,
        festival_text=FESTIVAL_TEXT[row.festival],
        goods=row.goods,
        worth_fen=row.worth_fen,
        given_on=row.given_on.isoformat(),
        everyone=row.everyone,
        people=row.people,
        total_fen=row.worth_fen * row.people,
        state=row.state.value,
        state_text=ISSUE_TEXT[row.state],
        reason=row.reason,
        at=clock.iso(row.at) or "",
    )
