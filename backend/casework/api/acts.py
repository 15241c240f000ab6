"""JSON doors of a flow's own actions, of papers and of public notices."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from backend.casework import commands, printing, queries
from backend.casework.schemas import ActInput, CaseView, PublicNoticeView
from backend.web.access import PERSON, PUBLIC, CurrentActor, may
from backend.web.client import CurrentClient
from backend.web.paging import Page, PageLimit

AnyRequest = Request[Any, Any, Any]
Format = Annotated[str, QueryParameter(name="format")]


class ObjectionInput(msgspec.Struct, kw_only=True):
    text: str


class FindingInput(msgspec.Struct, kw_only=True):
    upheld: bool
    finding: str


@post("/cases/{number:str}/actions/{action:str}", opt=PERSON, status_code=200)
async def act(
    number: FromPath[str],
    action: FromPath[str],
    data: JSONBody[ActInput],
    actor: CurrentActor,
    client: CurrentClient,
) -> CaseView:
    """Do one of the actions that the service offers beside applying; `actions` of the case names those open now."""
    await commands.perform(number=number, action=action, data=data, actor=actor, nonce=client.idempotency_key)
    return await queries.own_case(number, actor)


@post("/desk/cases/{number:str}/actions/{action:str}", opt=may("case.decide"), status_code=200)
async def act_at_desk(
    number: FromPath[str],
    action: FromPath[str],
    data: JSONBody[ActInput],
    actor: CurrentActor,
    client: CurrentClient,
) -> CaseView:
    """The same for staff: a visit record, a reply, minutes, a public notice."""
    await commands.perform(number=number, action=action, data=data, actor=actor, nonce=client.idempotency_key)
    return await queries.case_after_act(number, actor)


@get("/cases/{number:str}/documents/{document:str}", opt=PERSON)
async def show_document(
    request: AnyRequest, number: FromPath[str], document: FromPath[str], actor: CurrentActor, form: Format = ""
) -> Response[Any]:
    """A paper of my case as a printable page, or with `format=pdf` as PDF."""
    paper = await queries.own_document(number, document, actor)
    return await printing.paper(
        request, paper, template="portal/casework/document.html", back=f"/cases/{number}", form=form
    )


@get("/desk/cases/{number:str}/documents/{document:str}", opt=may("case.view"))
async def show_desk_document(
    request: AnyRequest, number: FromPath[str], document: FromPath[str], actor: CurrentActor, form: Format = ""
) -> Response[Any]:
    paper = await queries.desk_document(number, document, actor)
    back = f"/desk/cases/{number}"
    return await printing.paper(request, paper, template="desk/casework/document.html", back=back, form=form)


@get("/notices", opt=PUBLIC)
async def list_notices(limit: PageLimit = 20, cursor: FromQuery[str | None] = None) -> Page[PublicNoticeView]:
    """Public notices that hang now, the latest first; names are masked."""
    return await queries.public_notices(limit=limit, cursor=cursor)


@get("/notices/{notice:str}", opt=PUBLIC)
async def show_notice(notice: FromPath[str]) -> PublicNoticeView:
    return await queries.public_notice(notice)


@post("/notices/{notice:str}/objections", opt=PERSON, status_code=201)
async def object_to(notice: FromPath[str], data: JSONBody[ObjectionInput], actor: CurrentActor) -> PublicNoticeView:
    """Bring an objection forward, once a person."""
    await commands.object_to(notice=notice, text=data.text, actor=actor)
    return await queries.public_notice(notice)


@post("/desk/objections/{objection:str}", opt=may("case.decide"), status_code=200)
async def settle_objection(objection: FromPath[str], data: JSONBody[FindingInput], actor: CurrentActor) -> CaseView:
    """What the desk found about an objection."""
    number = await commands.settle(objection=objection, upheld=data.upheld, finding=data.finding, actor=actor)
    return await queries.case_after_act(number, actor)


routes = [
    act,
    act_at_desk,
    show_document,
    show_desk_document,
    list_notices,
    show_notice,
    object_to,
    settle_objection,
]
