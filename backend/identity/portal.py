"""Pages of sign-in by phone, and what the profile page links to."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from backend.core import national
from backend.core.errors import AppError, TooMany
from backend.identity import commands, queries, rules
from backend.web.access import PUBLIC, SIGNED_IN, CurrentActor
from backend.web.client import CurrentClient
from backend.web.cookies import CLEAR_SITE_DATA, ended_session_cookie, session_cookie
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect
from backend.web.preferences import local_path

AnyRequest = Request[Any, Any, Any]


@get("/sign-in", opt=PUBLIC)
async def show_sign_in(request: AnyRequest, actor: CurrentActor, next: FromQuery[str] = "/") -> Response[Any]:
    if actor.signed_in:
        return redirect(local_path(next))
    return _page(request, "phone", FormInput(values={"next": [next]}, files={}))


@post("/sign-in/code", opt=PUBLIC, status_code=200)
async def send_code(request: AnyRequest, client: CurrentClient) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.request_code(form.one("phone"), client)
    except TooMany as error:
        # A code is on its way, or this page asked for another one: it can still be typed in.
        sent_before = error.code == "sms_too_often" or form.one("again")
        return _page(request, "code" if sent_before else "phone", form, error, waiting=True)
    except AppError as error:
        return _page(request, "phone", form, error)
    return _page(request, "code", form)


@post("/sign-in", opt=PUBLIC)
async def sign_in(request: AnyRequest, client: CurrentClient, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        answer = await commands.open_session(form.one("phone"), form.one("code"), client, replaces=actor.session_id)
    except AppError as error:
        return _page(request, "code", form, error)
    signed_in = redirect(local_path(form.one("next", "/")))
    signed_in.cookies.append(session_cookie(answer.access_token, max_age=answer.expires_in))
    return signed_in


def _page(
    request: AnyRequest, step: str, form: FormInput, error: AppError | None = None, *, waiting: bool = False
) -> Response[str]:
    """The step that is open, with what was typed and what was wrong with it."""
    errors = {field.field: field.message for field in error.errors} if error else {}
    answer = page(
        request,
        "portal/identity/sign_in.html",
        title="登录",
        status=error.status if error else 200,
        step=step,
        phone=form.one("phone"),
        phone_masked=national.mask_phone(national.compact(form.one("phone"))),
        next_path=local_path(form.one("next", "/")),
        expires_in=int(rules.CODE_LIFETIME.total_seconds()),
        retry_after=error.retry_after if waiting and error else rules.CODE_RETRY_SECONDS,
        waiting=waiting,
        errors=errors,
        problem=error.detail if error and not errors else "",
    )
    if error is not None and error.retry_after is not None:
        answer.headers["retry-after"] = str(error.retry_after)
    return answer


@post("/sign-out", opt=PUBLIC)
async def sign_out(actor: CurrentActor) -> Redirect:
    if actor.signed_in:
        await commands.end_current_session(actor)
    signed_out = redirect("/")
    signed_out.cookies.append(ended_session_cookie())
    signed_out.headers.update(CLEAR_SITE_DATA)
    return signed_out


@get("/me/sessions", opt=SIGNED_IN)
async def show_sessions() -> Redirect:
    """The devices are part of the profile page."""
    return redirect("/me#sessions")


@post("/me/sessions/{session:str}/end", opt=SIGNED_IN)
async def end_session(session: FromPath[str], actor: CurrentActor) -> Redirect:
    await commands.end_session(session, actor)
    return redirect("/me#sessions")


@get("/me/consents", opt=SIGNED_IN)
async def show_consents(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    consents = await queries.consents_of(actor)
    return page(request, "portal/identity/consents.html", title="授权与同意", consents=consents)


@post("/me/consents/{kind:str}/give", opt=SIGNED_IN)
async def give_consent(request: AnyRequest, kind: FromPath[str], actor: CurrentActor) -> Redirect:
    form = await read_form(request)
    await commands.give_consent(queries.consent_kind(kind), form.one("text_version"), channel="portal", actor=actor)
    return redirect("/me/consents")


@post("/me/consents/{kind:str}/withdraw", opt=SIGNED_IN)
async def withdraw_consent(kind: FromPath[str], actor: CurrentActor) -> Redirect:
    await commands.withdraw_consent(queries.consent_kind(kind), actor)
    return redirect("/me/consents")


routes = [
    show_sign_in,
    send_code,
    sign_in,
    sign_out,
    show_sessions,
    end_session,
    show_consents,
    give_consent,
    withdraw_consent,
]
