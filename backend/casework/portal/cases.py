"""Pages of services and of one's own cases."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from backend.casework import catalogue, commands, queries
from backend.casework.receipts import course, receipt
from backend.core import clock
from backend.core.files import response_headers
from backend.web.access import PERSON, PUBLIC, SIGNED_IN, CurrentActor
from backend.web.pages import page, redirect
from backend.web.shared_pages import flow_files, shared

AnyRequest = Request[Any, Any, Any]


@get("/services", opt=PUBLIC | shared(flow_files))
async def directory(request: AnyRequest, q: FromQuery[str] = "", group: FromQuery[str] = "") -> Response[str]:
    found = catalogue.directory(group=group, q=q)
    return page(request, "portal/casework/directory.html", title="办事", tab="services", directory=found, q=q)


@get("/services/{slug:str}", opt=PUBLIC)
async def show_service(request: AnyRequest, slug: FromPath[str], actor: CurrentActor) -> Response[str]:
    service = await queries.service(slug, actor)
    own = actor.kind == "person" and service.enabled
    return page(
        request,
        "portal/casework/service.html",
        title=service.name,
        service=service,
        eligibility=service.eligibility,
        slots=service.form.attachments,
        steps=service.steps,
        screens=len(catalogue.flow(slug).screens) if service.enabled else 0,
        functions=[one for one in service.functions if one.enabled],
        running=await queries.running_case(slug, actor) if own else None,
        draft=await queries.draft_or_none(slug, actor) if own else None,
    )


@get("/cases", opt=PERSON)
async def list_cases(
    request: AnyRequest, actor: CurrentActor, status: FromQuery[str] = "open", cursor: FromQuery[str | None] = None
) -> Response[str]:
    found = await queries.own_cases(actor, status=status, cursor=cursor)
    return page(
        request,
        "portal/casework/cases.html",
        title="办件",
        tab="cases",
        shown=status,
        rows=found.items,
        counts=await queries.own_counts(actor),
        drafts=await queries.own_drafts(actor) if status == "open" and cursor is None else [],
        more_href=f"/cases?status={status}&cursor={found.next_cursor}" if found.next_cursor else "",
    )


@get("/cases/{number:str}", opt=PERSON)
async def show_case(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[str]:
    case = await queries.own_case(number, actor)
    return page(
        request,
        "portal/casework/case.html",
        title="办件进度",
        case=case,
        pace=await queries.pace_of(case.service.slug),
        returned=queries.returned_lines(case),
        quote=await queries.own_quote(number, actor),
        slots=queries.own_slots(case),
        urged_today=queries.urged_today(case),
    )


@get("/cases/{number:str}/submitted", opt=PERSON)
async def show_submitted(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[str]:
    case = await queries.own_case(number, actor)
    return page(request, "portal/casework/submitted.html", title="提交成功", case=case)


@post("/cases/{number:str}/withdraw", opt=PERSON)
async def withdraw_case(number: FromPath[str], actor: CurrentActor) -> Redirect:
    await commands.withdraw(number=number, actor=actor)
    return redirect(f"/cases/{number}")


@post("/cases/{number:str}/urge", opt=PERSON)
async def urge_case(number: FromPath[str], actor: CurrentActor) -> Redirect:
    await commands.urge(number=number, actor=actor)
    return redirect(f"/cases/{number}")


@get("/cases/{number:str}/receipt", opt=PERSON)
async def show_receipt(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[Any]:
    case = await queries.own_case(number, actor)
    applicant = await queries.applicant_of(number, actor)
    form = request.query_params.get("format", "")
    return await receipt(request, case, applicant=applicant, template="portal/casework/receipt.html", form=form)


@get("/cases/{number:str}/timeline", opt=PERSON)
async def show_course(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[Any]:
    case = await queries.own_case(number, actor)
    applicant = await queries.applicant_of(number, actor)
    form = request.query_params.get("format", "")
    return await course(request, case, applicant=applicant, template="portal/casework/course.html", form=form)


@get("/verify/{number:str}/{code:str}", opt=PUBLIC)
async def verify(request: AnyRequest, number: FromPath[str], code: FromPath[str]) -> Response[str]:
    found = await queries.verify_or_none(number, code)
    return page(
        request,
        "documents/verify.html",
        title="回执核验",
        status=200 if found else 404,
        document=found,
        checked_at=clock.iso(clock.now()),
    )


@get("/files/{file:str}", opt=SIGNED_IN)
async def show_file(file: FromPath[str], actor: CurrentActor) -> Response[bytes]:
    """A photo or document: one's own, or of a case one may see. Staff leave a trace."""
    row, content = await commands.open_file(await queries.file_access(file, actor), actor)
    return Response(content, media_type=row.media_type, headers=response_headers(row, inline=True))


routes = [
    directory,
    show_service,
    list_cases,
    show_case,
    show_submitted,
    withdraw_case,
    urge_case,
    show_receipt,
    show_course,
    verify,
    show_file,
]
