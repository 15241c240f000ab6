"""Making invites, and the poster to print."""

import secrets
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.unions import commands, queries
from backend.unions.desk.forms import notice, union_choices
from backend.unions.enums import InviteChannel
from backend.unions.schemas import InviteInput
from backend.web.access import CurrentActor, may
from backend.web.form_pages import again, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
MAKE = "invite.make"


@get("/invites", opt=may(MAKE))
async def show_invites(
    request: AnyRequest,
    actor: CurrentActor,
    q: FromQuery[str] = "",
    done: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    return await _invites_page(request, actor, q=q, cursor=cursor, done=done)


@post("/invites", opt=may(MAKE))
async def make_invite(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        data = form_struct(form, InviteInput)
        if data.place:
            data.channel = InviteChannel.STATION_QR
        made = await commands.make_invite(data, actor, nonce=form.one("submission_key"))
    except NotFound:
        raise
    except AppError as error:
        return await _invites_page(request, actor, form=form, error=error)
    return redirect(f"/desk/invites/{made.id}/poster")


async def _invites_page(
    request: AnyRequest,
    actor: Actor,
    *,
    q: str = "",
    cursor: str | None = None,
    done: str = "",
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    found = await queries.invites_of(actor, cursor=cursor)
    return page(
        request,
        "desk/unions/invites.html",
        title="邀请入会",
        tab="invites",
        notice=notice(done),
        status=status_of(error),
        q=q,
        invites=found.items,
        more_href=f"/desk/invites?cursor={found.next_cursor}" if found.next_cursor else "",
        unions=union_choices(await queries.choices_in_scope(actor, MAKE, q=q)),
        submission_key=secrets.token_urlsafe(16),
        **again(form, error),
    )


@post("/invites/{invite:str}/revoke", opt=may(MAKE))
async def revoke_invite(invite: FromPath[str], actor: CurrentActor) -> Redirect:
    await commands.revoke_invite(invite, actor)
    return redirect("/desk/invites?done=revoked")


@get("/invites/{invite:str}/poster", opt=may(MAKE))
async def show_poster(request: AnyRequest, invite: FromPath[str], actor: CurrentActor) -> Response[str]:
    poster = await queries.invite_poster(invite, actor)
    return page(
        request,
        "desk/unions/poster.html",
        title="入会海报",
        tab="invites",
        invite=poster.invite,
        qr_svg=poster.qr_svg,
    )


routes = [show_invites, make_invite, revoke_invite, show_poster]
