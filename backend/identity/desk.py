"""Desk pages of sign-in, password and second factor."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from backend.core import reference
from backend.core.actor import Actor
from backend.core.errors import AppError, invalid
from backend.identity import commands, queries
from backend.identity.commands import Begun
from backend.identity.enums import Pending
from backend.web.access import PUBLIC, STAFF_PENDING, CurrentActor
from backend.web.client import CurrentClient
from backend.web.cookies import CLEAR_SITE_DATA, ended_session_cookie, session_cookie
from backend.web.forms import read_form
from backend.web.pages import page, redirect
from backend.web.preferences import local_path

AnyRequest = Request[Any, Any, Any]

_FIRST = {Pending.PASSWORD: "/desk/password", Pending.TOTP: "/desk/totp"}


@get("/sign-in", opt=PUBLIC)
async def show_sign_in(request: AnyRequest, actor: CurrentActor, next: FromQuery[str] = "/desk") -> Response[Any]:
    if actor.is_staff:
        return redirect(_FIRST.get(Pending(actor.pending)) or local_path(next, "/desk"))
    return _sign_in_page(request, next_path=local_path(next, "/desk"))


@post("/sign-in", opt=PUBLIC)
async def sign_in(request: AnyRequest, client: CurrentClient, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    next_path = local_path(form.one("next", "/desk"), "/desk")
    username, password = form.one("username"), form.values.get("password", [""])[-1]
    try:
        answer = await commands.open_staff_session(
            username, password, form.one("otp"), client, replaces=actor.session_id
        )
    except AppError as error:
        return _sign_in_page(request, next_path=next_path, username=username, error=error)
    signed_in = redirect(_FIRST.get(Pending(answer.pending)) or next_path)
    signed_in.cookies.append(session_cookie(answer.access_token, max_age=answer.expires_in))
    return signed_in


def _sign_in_page(
    request: AnyRequest, *, next_path: str, username: str = "", error: AppError | None = None
) -> Response[str]:
    answer = page(
        request,
        "desk/sign_in.html",
        title="窗口登录",
        status=error.status if error else 200,
        next_path=next_path,
        username=username,
        otp_needed=reference.settings().is_production,
        **_complaint(error),
    )
    if error is not None and error.retry_after is not None:
        answer.headers["retry-after"] = str(error.retry_after)
    return answer


@post("/sign-out", opt=PUBLIC)
async def sign_out(actor: CurrentActor) -> Redirect:
    if actor.signed_in:
        await commands.end_current_session(actor)
    signed_out = redirect("/desk/sign-in")
    signed_out.cookies.append(ended_session_cookie())
    signed_out.headers.update(CLEAR_SITE_DATA)
    return signed_out


@get("/password", opt=STAFF_PENDING)
async def show_password(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    return _password_page(request, actor)


@post("/password", opt=STAFF_PENDING)
async def change_password(request: AnyRequest, actor: CurrentActor, client: CurrentClient) -> Response[Any]:
    form = await read_form(request)
    current, new, again = (form.values.get(name, [""])[-1] for name in ("current", "new", "again"))
    try:
        if new != again:
            raise invalid("again", "password_repeat")
        begun = await commands.change_password(current, new, actor=actor, client=client)
    except AppError as error:
        return _password_page(request, actor, error)
    return _renewed(begun, "/desk/totp" if reference.settings().is_production else "/desk")


def _password_page(request: AnyRequest, actor: Actor, error: AppError | None = None) -> Response[str]:
    return page(
        request,
        "desk/identity/password.html",
        title="修改密码",
        status=error.status if error else 200,
        must=actor.pending == Pending.PASSWORD,
        **_complaint(error),
    )


@get("/totp", opt=STAFF_PENDING)
async def show_totp(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    return await _totp_page(request, actor)


@post("/totp", opt=STAFF_PENDING)
async def enrol_totp(request: AnyRequest, actor: CurrentActor, client: CurrentClient) -> Response[Any]:
    form = await read_form(request)
    try:
        begun = await commands.confirm_totp(form.one("code"), form.one("current_code"), actor=actor, client=client)
    except AppError as error:
        return await _totp_page(request, actor, error)
    return _renewed(begun, "/desk")


async def _totp_page(request: AnyRequest, actor: Actor, error: AppError | None = None) -> Response[str]:
    offer = await commands.offer_totp(actor)
    account = (await queries.staff_accounts([actor.account_id]))[actor.account_id]
    return page(
        request,
        "desk/identity/totp.html",
        title="绑定动态口令",
        status=error.status if error else 200,
        secret=offer.secret,
        qr_svg=offer.qr_svg,
        enrolled=account.has_totp,
        **_complaint(error),
    )


def _complaint(error: AppError | None) -> dict[str, Any]:
    """Sentences beside the fields, or one above them."""
    errors = {field.field: field.message for field in error.errors} if error else {}
    return {"errors": errors, "problem": error.detail if error and not errors else ""}


def _renewed(begun: Begun, path: str) -> Redirect:
    """Every session ended with the old credential; this browser goes on with a new one."""
    answer = redirect(path)
    answer.cookies.append(session_cookie(begun.token, max_age=begun.expires_in))
    return answer


routes = [show_sign_in, sign_in, sign_out, show_password, change_password, show_totp, enrol_totp]
