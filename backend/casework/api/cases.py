"""JSON doors of services, cases, the desk's queue and attachments."""

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request, Response, delete, get, post, put
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    RequestBody,
    Schema,
)
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from backend.casework import catalogue, commands, queries, uploads
from backend.casework.receipts import course, receipt
from backend.casework.schemas import (
    AttachmentView,
    CaseRow,
    CaseView,
    CorrectionsInput,
    DecisionInput,
    DeskCase,
    DirectoryView,
    DraftInput,
    DraftView,
    QueueRow,
    RevealedView,
    ServiceView,
    SubmitInput,
)
from backend.web.access import PERSON, PUBLIC, SIGNED_IN, CurrentActor, may
from backend.web.client import CurrentClient
from backend.web.media import MULTIPART
from backend.web.paging import Page, PageLimit

AnyRequest = Request[Any, Any, Any]
_VIEW, _DECIDE = may("case.view"), may("case.decide")


@dataclass
class FileOperation(Operation):
    """Describes the multipart body, which the handler reads by itself."""

    def __post_init__(self) -> None:
        file = Schema(
            type=OpenAPIType.STRING,
            content_media_type="application/octet-stream",
            description="JPEG, PNG, WebP or PDF, up to 10 MB",
        )
        form = Schema(type=OpenAPIType.OBJECT, properties={"file": file}, required=["file"])
        self.request_body = RequestBody(content={"multipart/form-data": OpenAPIMediaType(schema=form)}, required=True)


@dataclass
class PrintOperation(Operation):
    """Describes an answer that is a page or, when asked for, a PDF file."""

    def __post_init__(self) -> None:
        page = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
        pdf = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, content_media_type="application/pdf"))
        content = {"text/html": page, "application/pdf": pdf}
        self.responses = {"200": OpenAPIResponse(description="The page, or the file", content=content)}


@get("/services", opt=PUBLIC, sync_to_thread=False)
def list_services(group: FromQuery[str] = "", q: FromQuery[str] = "") -> DirectoryView:
    """The whole service directory, those of a group, or those that everyday words mean."""
    return catalogue.directory(group=group, q=q)


@get("/services/{slug:str}", opt=PUBLIC)
async def show_service(
    slug: FromPath[str], actor: CurrentActor, invite: FromQuery[str] = "", division: FromQuery[str] = ""
) -> ServiceView:
    """What is asked, who may apply, which way it goes, and what is filled in already."""
    return await queries.service(slug, actor, given={"invite": invite, "division": division})


@put("/services/{slug:str}/draft", opt=PERSON)
async def save_draft(slug: FromPath[str], data: JSONBody[DraftInput], actor: CurrentActor) -> DraftView:
    """Replace the one live draft; never validated. A stale `version` is a 409 with the newer draft."""
    return await commands.save_draft(slug=slug, data=data, actor=actor)


@get("/services/{slug:str}/draft", opt=PERSON)
async def show_draft(slug: FromPath[str], actor: CurrentActor) -> DraftView:
    return await queries.draft(slug, actor)


@delete("/services/{slug:str}/draft", opt=PERSON, status_code=204)
async def discard_draft(slug: FromPath[str], actor: CurrentActor) -> None:
    await commands.discard_draft(slug=slug, actor=actor)


@post("/services/{slug:str}/cases", opt=PERSON, status_code=201)
async def submit_case(
    slug: FromPath[str], data: JSONBody[SubmitInput], actor: CurrentActor, client: CurrentClient
) -> CaseView:
    """Submit an application; every wrong field is named at once."""
    number = await commands.submit(slug=slug, data=data, actor=actor, nonce=client.idempotency_key)
    return await queries.own_case(number, actor)


@post("/desk/services/{slug:str}/cases", opt=may("case.file"), status_code=201)
async def file_case(
    slug: FromPath[str], data: JSONBody[SubmitInput], actor: CurrentActor, client: CurrentClient
) -> CaseView:
    """File for a person at the window, who may have no phone of their own."""
    number = await commands.file_at_window(slug=slug, data=data, actor=actor, nonce=client.idempotency_key)
    return await queries.case_after_act(number, actor)


@get("/cases", opt=PERSON)
async def list_cases(
    actor: CurrentActor,
    status: FromQuery[str] = "",
    limit: PageLimit = 20,
    cursor: FromQuery[str | None] = None,
) -> Page[CaseRow]:
    """My cases, newest first. `status` is one state, or `open` or `closed`."""
    return await queries.own_cases(actor, status=status, limit=limit, cursor=cursor)


@get("/cases/{number:str}", opt=PERSON)
async def show_case(number: FromPath[str], actor: CurrentActor) -> CaseView:
    return await queries.own_case(number, actor)


@post("/cases/{number:str}/corrections", opt=PERSON, status_code=200)
async def correct_case(number: FromPath[str], data: JSONBody[CorrectionsInput], actor: CurrentActor) -> CaseView:
    """Answer a return: only the flagged fields may change."""
    await commands.correct(number=number, data=data, actor=actor)
    return await queries.own_case(number, actor)


@post("/cases/{number:str}/withdraw", opt=PERSON, status_code=200)
async def withdraw_case(number: FromPath[str], actor: CurrentActor) -> CaseView:
    await commands.withdraw(number=number, actor=actor)
    return await queries.own_case(number, actor)


@post("/cases/{number:str}/urge", opt=PERSON, status_code=200)
async def urge_case(number: FromPath[str], actor: CurrentActor) -> CaseView:
    """Ask the desk to hurry, once in 24 hours."""
    await commands.urge(number=number, actor=actor)
    return await queries.own_case(number, actor)


@get("/cases/{number:str}/receipt", opt=PERSON, operation_class=PrintOperation)
async def show_receipt(
    request: AnyRequest,
    number: FromPath[str],
    actor: CurrentActor,
    form: Annotated[str, QueryParameter(name="format")] = "",
) -> Response[Any]:
    """The receipt as a printable page, or with `format=pdf` as PDF."""
    case = await queries.own_case(number, actor)
    applicant = await queries.applicant_of(number, actor)
    return await receipt(request, case, applicant=applicant, template="portal/casework/receipt.html", form=form)


@get("/cases/{number:str}/timeline", opt=PERSON, operation_class=PrintOperation)
async def show_course(
    request: AnyRequest,
    number: FromPath[str],
    actor: CurrentActor,
    form: Annotated[str, QueryParameter(name="format")] = "",
) -> Response[Any]:
    """What happened to the case so far as a printable page, or with `format=pdf` as PDF."""
    case = await queries.own_case(number, actor)
    applicant = await queries.applicant_of(number, actor)
    return await course(request, case, applicant=applicant, template="portal/casework/course.html", form=form)


@get("/desk/cases", opt=_VIEW)
async def list_desk_cases(
    actor: CurrentActor,
    service: FromQuery[str] = "",
    status: FromQuery[str] = "",
    overdue: FromQuery[bool] = False,
    q: FromQuery[str] = "",
    cover: FromQuery[str] = "",
    limit: PageLimit = 20,
    cursor: FromQuery[str | None] = None,
) -> Page[QueueRow]:
    """The queue of the desks I serve, by due time; with `cover` those of the colleague whom I cover."""
    wanted = queries.QueueQuery(service=service, status=status, overdue=overdue, q=q, cover=cover)
    found = await queries.desk_queue(actor, wanted, limit=limit, cursor=cursor)
    await queries.mark_present(found.items, actor)
    return found


@get("/desk/cases/{number:str}", opt=_VIEW)
async def show_desk_case(number: FromPath[str], actor: CurrentActor) -> DeskCase:
    """The case with duplicates, changes since the last round, checks, and what I may do."""
    return await queries.desk_case_answer(number, actor)


@post("/desk/cases/{number:str}/open", opt=_DECIDE, status_code=200)
async def take_up_case(number: FromPath[str], actor: CurrentActor) -> CaseView:
    """Tell the applicant that the desk has begun, and for three minutes colleagues that I have the case open."""
    await commands.take_up(number=number, actor=actor)
    return await queries.case_after_act(number, actor)


@post("/desk/cases/{number:str}/leave", opt=_DECIDE, status_code=204)
async def leave_case(number: FromPath[str], actor: CurrentActor) -> None:
    """I have it open no more."""
    await commands.presence.leave(number=number, actor=actor)


@post("/desk/cases/{number:str}/decisions", opt=_DECIDE, status_code=200)
async def decide_case(number: FromPath[str], data: JSONBody[DecisionInput], actor: CurrentActor) -> CaseView:
    """Approve, return, reject, transfer, hold or release. A lost race is a 409 with who and when."""
    await commands.decide(number=number, data=data, actor=actor)
    return await queries.case_after_act(number, actor)


@post("/desk/cases/{number:str}/reveal/{field:str}", opt=_DECIDE, status_code=200)
async def reveal_field(number: FromPath[str], field: FromPath[str], actor: CurrentActor) -> RevealedView:
    """One sensitive value, leaving a trace that its owner can read."""
    return await commands.reveal_field(number=number, field=field, actor=actor)


@post("/attachments", opt=SIGNED_IN | MULTIPART, status_code=201, operation_class=FileOperation)
async def upload(request: AnyRequest, actor: CurrentActor) -> AttachmentView:
    """One file of an application; it is named in `attachments` of a draft or a submission."""
    return await uploads.take_one(request, actor)


routes = [
    list_services,
    show_service,
    save_draft,
    show_draft,
    discard_draft,
    submit_case,
    file_case,
    list_cases,
    show_case,
    correct_case,
    withdraw_case,
    urge_case,
    show_receipt,
    show_course,
    list_desk_cases,
    show_desk_case,
    take_up_case,
    leave_case,
    decide_case,
    reveal_field,
    upload,
]
