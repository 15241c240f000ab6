"""Staff accounts and their posts."""

import secrets
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from backend.core.actor import Actor
from backend.core.errors import AppError, Forbidden, NotFound
from backend.unions import commands, queries
from backend.unions.desk.forms import notice, union_choices
from backend.unions.schemas import StaffInput, StaffMade
from backend.web.access import CurrentActor, may
from backend.web.form_pages import Choice, again, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
MANAGE = "staff.manage"


@get("/staff", opt=may(MANAGE))
async def show_staff(
    request: AnyRequest,
    actor: CurrentActor,
    q: FromQuery[str] = "",
    done: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    return await _staff_page(request, actor, q=q, cursor=cursor, done=done)


async def _staff_page(
    request: AnyRequest,
    actor: Actor,
    *,
    q: str = "",
    cursor: str | None = None,
    done: str = "",
    made: StaffMade | None = None,
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    """`made` carries a first password, shown this once."""
    found = await queries.staff_in_scope(actor, q=q, cursor=cursor)
    more = urlencode({"q": q, "cursor": found.next_cursor})
    return page(
        request,
        "desk/unions/staff.html",
        title="人员与岗位",
        tab="staff",
        notice=notice(done),
        status=status_of(error),
        staff=found.items,
        unions=union_choices(await queries.choices_in_scope(actor, MANAGE, q=q)),
        roles=[Choice(value=role.code, label=role.name) for role in queries.grantable_roles(actor)],
        q=q,
        made={"username": made.username, "password": made.first_password} if made else None,
        more_href=f"/desk/staff?{more}" if found.next_cursor else "",
        submission_key=secrets.token_urlsafe(16),
        **again(form, error, lists=("roles",)),
    )


@post("/staff", opt=may(MANAGE), status_code=200)
async def create_staff(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    form = await read_form(request)
    try:
        made = await commands.create_staff(form_struct(form, StaffInput), actor)
    except NotFound:
        raise
    except AppError as error:
        return await _staff_page(request, actor, form=form, error=error)
    return await _staff_page(request, actor, made=made)


@post("/staff/{account:str}/posts", opt=may(MANAGE))
async def grant_post(request: AnyRequest, account: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.grant_post(account, form.one("union_id"), form.one("role"), actor)
    except (NotFound, Forbidden):
        raise
    except AppError as error:
        return await _staff_page(request, actor, form=form, error=error)
    return redirect("/desk/staff?done=granted")


@post("/staff/{account:str}/posts/{held:str}/end", opt=may(MANAGE))
async def revoke_post(account: FromPath[str], held: FromPath[str], actor: CurrentActor) -> Redirect:
    await commands.revoke_post(account, held, actor)
    return redirect("/desk/staff?done=ended")


@post("/staff/{account:str}/disable", opt=may(MANAGE))
async def disable_staff(account: FromPath[str], actor: CurrentActor) -> Redirect:
    await commands.set_staff_enabled(account, enabled=False, actor=actor)
    return redirect("/desk/staff?done=disabled")


@post("/staff/{account:str}/enable", opt=may(MANAGE))
async def enable_staff(account: FromPath[str], actor: CurrentActor) -> Redirect:
    await commands.set_staff_enabled(account, enabled=True, actor=actor)
    return redirect("/desk/staff?done=enabled")


@post("/staff/{account:str}/reset", opt=may(MANAGE), status_code=200)
async def reset_staff(request: AnyRequest, account: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _staff_page(request, actor, made=await commands.reset_staff(account, actor))


routes = [
    show_staff,
    create_staff,
    grant_post,
    revoke_post,
    disable_staff,
    enable_staff,
    reset_staff,
]
