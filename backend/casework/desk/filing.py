"""Window filing: staff apply for somebody who has no phone, read it out, and hand over the receipt."""

from typing import Any
from uuid import uuid4

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.casework import catalogue, commands, queries, uploads
from backend.casework.forms import page as forms
from backend.casework.schemas import SubmitInput
from backend.casework.uploads import Sent
from backend.core.actor import Actor
from backend.core.errors import AppError, Conflict, FieldError
from backend.web.access import CurrentActor, may
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_FILE = may("case.file")


@get("/filing", opt=_FILE)
async def choose_service(request: AnyRequest, q: FromQuery[str] = "") -> Response[str]:
    items = queries.enabled_items(q)
    return page(request, "desk/casework/filing.html", title="窗口代办", tab="filing", items=items, q=q)


@get("/filing/{slug:str}", opt=_FILE)
async def show_form(request: AnyRequest, slug: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _form_page(request, slug, actor)


@post("/filing/{slug:str}", opt=_FILE)
async def file_case(request: AnyRequest, slug: FromPath[str], actor: CurrentActor) -> Response[Any]:
    flow = catalogue.flow(slug)
    sent = await uploads.read_sent(request, flow, actor)
    if sent.stays or sent.errors:
        return await _form_page(request, slug, actor, sent=sent, errors=sent.errors)
    data = SubmitInput(form=forms.whole(flow, sent.form), attachments=sent.held)
    try:
        number = await commands.file_at_window(slug=slug, data=data, actor=actor, nonce=sent.key)
    except AppError as error:
        if isinstance(error, Conflict) and "url" in error.extra:
            return redirect(error.extra["url"])
        return await _form_page(request, slug, actor, sent=sent, errors=list(error.errors), error=error)
    return redirect(f"/desk/filing/done/{number}")


@get("/filing/done/{number:str}", opt=_FILE)
async def show_filed(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[str]:
    case = await queries.desk_case(number, actor)
    return page(request, "desk/casework/filed.html", title="已提交", tab="filing", case=case.case, subject=case.subject)


async def _form_page(
    request: AnyRequest,
    slug: str,
    actor: Actor,
    *,
    sent: Sent | None = None,
    errors: list[FieldError] | None = None,
    error: AppError | None = None,
) -> Response[str]:
    """All screens on one wide page. What no field is to blame for stands above them."""
    item = queries.item(slug)
    screens = await queries.blank_screens(
        slug,
        typed=sent.form if sent else {},
        held=sent.held if sent else {},
        errors=errors or [],
        owner_id=actor.account_id,
    )
    known = {name for names in queries.screens_of(catalogue.flow(slug)) for name in names}
    beside = any(each.field.split(".")[0] in known for each in errors or ())
    return page(
        request,
        "desk/casework/file.html",
        title=item.name,
        tab="filing",
        status=error.status if error else 422 if errors else 200,
        service=item,
        screens=screens,
        problem=error.detail if error and not beside else "",
        submission_key=sent.key if sent and sent.key else uuid4().hex,
    )


routes = [choose_service, show_form, file_case, show_filed]
