"""JSON doors of condolences: a unit's standards, what it gave at festivals, and what one member had in a year."""

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from backend.aid import commands, queries
from backend.aid.condolence_schemas import (
    IssueInput,
    IssueList,
    IssueView,
    RevokeInput,
    StandardInput,
    StandardTable,
    Usage,
)
from backend.web.access import PERSON, CurrentActor, may
from backend.web.client import CurrentClient

_MANAGE = may("condolence.manage")


@get("/desk/condolence-standards", opt=_MANAGE)
async def list_standards(actor: CurrentActor) -> StandardTable:
    """The limits of today and what my unions have set within them, the latest first."""
    return await queries.standard_table(actor)


@post("/desk/condolence-standards", opt=_MANAGE, status_code=201)
async def set_standard(data: JSONBody[StandardInput], actor: CurrentActor) -> StandardTable:
    """From today or later; 422 above the limit of that day, 409 `standard_holds` where one has begun on it."""
    await commands.set_standard(actor, data=data)
    return await queries.standard_table(actor)


@get("/desk/festival-issues", opt=_MANAGE)
async def list_issues(actor: CurrentActor, year: FromQuery[int | None] = None) -> IssueList:
    """What my unions gave their members at the festivals of a year."""
    return await queries.issues(actor, year=year)


@post("/desk/festival-issues", opt=_MANAGE, status_code=201)
async def register_issue(data: JSONBody[IssueInput], actor: CurrentActor, client: CurrentClient) -> IssueView:
    """422 beside `worth_fen` where somebody would get more in the year than the rule allows."""
    issue = await commands.register_issue(actor, data=data, nonce=client.idempotency_key)
    return await queries.issue(issue, actor)


@post("/desk/festival-issues/{issue:str}/revoke", opt=_MANAGE, status_code=200)
async def revoke_issue(issue: FromPath[str], data: JSONBody[RevokeInput], actor: CurrentActor) -> IssueView:
    """It was registered by mistake; 409 `festival_revoked` the second time."""
    await commands.revoke_issue(actor, issue=issue, data=data)
    return await queries.issue(issue, actor)


@get("/me/condolences", opt=PERSON)
async def show_usage(actor: CurrentActor, year: FromQuery[int | None] = None) -> Usage:
    """My condolences and festival goods of a year, with their sums; this year where none is said."""
    return await queries.condolence_usage(actor, year=year)


routes = [list_standards, set_standard, list_issues, register_issue, revoke_issue, show_usage]
