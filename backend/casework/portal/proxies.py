"""Pages of filling in a form for somebody else, and of the word of whoever it is for."""

from typing import Any
from uuid import uuid4

from litestar import Request, Response, get, post
from litestar.params import FromPath

from backend.casework import catalogue, commands, queries, uploads
from backend.casework.enums import FieldKind
from backend.casework.forms import page as forms
from backend.casework.schemas import FieldView, ProxyInput
from backend.casework.uploads import Sent
from backend.core.actor import Actor
from backend.core.errors import AppError, FieldError
from backend.web.access import PERSON, CurrentActor
from backend.web.forms import read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
# Plain texts: a browser knows its owner's name and phone, and would fill those in.
_WHOM = {"name": ("对方姓名", "和身份证上一样"), "phone": ("对方手机号", "对方用这个号码登录、确认")}


@get("/services/{slug:str}/for-other", opt=PERSON)
async def show_form(request: AnyRequest, slug: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _form_page(request, slug, actor)


@post("/services/{slug:str}/for-other", opt=PERSON)
async def ask(request: AnyRequest, slug: FromPath[str], actor: CurrentActor) -> Response[Any]:
    flow = catalogue.flow(slug)
    sent = await uploads.read_sent(request, flow, actor)
    given = await read_form(request)
    whom = {key: given.one(f"other_{key}") for key in _WHOM}
    if sent.stays or sent.errors:
        return await _form_page(request, slug, actor, sent=sent, whom=whom, errors=sent.errors)
    data = ProxyInput(**whom, form=forms.whole(flow, sent.form), attachments=sent.held)
    try:
        await commands.proxies.ask(slug=slug, data=data, actor=actor, nonce=sent.key)
    except AppError as error:
        return await _form_page(request, slug, actor, sent=sent, whom=whom, errors=list(error.errors), error=error)
    return redirect("/me/filings")


@get("/me/filings", opt=PERSON)
async def list_filings(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    found = await queries.own_filings(actor)
    return page(request, "portal/casework/filings.html", title="代办", tab="me", found=found)


@get("/me/filings/{filing:str}", opt=PERSON)
async def show_filing(request: AnyRequest, filing: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _consent_page(request, filing, actor)


@post("/me/filings/{filing:str}/consent", opt=PERSON)
async def consent(request: AnyRequest, filing: FromPath[str], actor: CurrentActor) -> Response[Any]:
    try:
        number = await commands.proxies.consent(filing=filing, actor=actor)
    except AppError as error:
        if error.code == "proxy_over" or error.status == 404:
            raise
        return await _consent_page(request, filing, actor, error=error)
    return redirect(f"/cases/{number}/submitted")


@post("/me/filings/{filing:str}/refuse", opt=PERSON)
async def refuse(filing: FromPath[str], actor: CurrentActor) -> Response[Any]:
    await commands.proxies.refuse(filing=filing, actor=actor)
    return redirect("/me/filings")


@post("/me/filings/{filing:str}/cancel", opt=PERSON)
async def cancel(filing: FromPath[str], actor: CurrentActor) -> Response[Any]:
    await commands.proxies.cancel(filing=filing, actor=actor)
    return redirect("/me/filings")


async def _form_page(
    request: AnyRequest,
    slug: str,
    actor: Actor,
    *,
    sent: Sent | None = None,
    whom: dict[str, str] | None = None,
    errors: list[FieldError] | None = None,
    error: AppError | None = None,
) -> Response[str]:
    """All screens on one page; what no field is to blame for stands above them."""
    screens = await queries.proxy_screens(
        slug, actor, typed=sent.form if sent else {}, held=sent.held if sent else {}, errors=errors or []
    )
    item = queries.item(slug)
    wrong = {one.field: one.message for one in errors or ()}
    return page(
        request,
        "portal/casework/for_other.html",
        title=item.name,
        status=error.status if error else 422 if errors else 200,
        service=item,
        screens=screens,
        whom=[_whom_field(key, (whom or {}).get(key, ""), wrong.get(key, "")) for key in _WHOM],
        problem=error.detail if error and not errors else "",
        idempotency_key=sent.key if sent and sent.key else uuid4().hex,
    )


def _whom_field(key: str, value: str, error: str) -> FieldView:
    label, hint = _WHOM[key]
    return FieldView(
        name=f"other_{key}", label=label, kind=FieldKind.TEXT, required=True, hint=hint, value=value, error=error
    )


async def _consent_page(
    request: AnyRequest, filing: str, actor: Actor, *, error: AppError | None = None
) -> Response[str]:
    found = await queries.proxy_view(filing, actor)
    problems = [one.message for one in error.errors] or [error.detail] if error is not None else []
    status = error.status if error is not None else 200
    return page(
        request, "portal/casework/consent.html", title="替您填好的申请", status=status, filing=found, problems=problems
    )


routes = [show_form, ask, list_filings, show_filing, consent, refuse, cancel]
