"""Desk pages of notices to many: drawn up, tried dry beside what was typed, begun, watched, stopped."""

import secrets
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.core.actor import Actor
from backend.core.errors import AppError, Forbidden, Invalid, NotFound
from backend.membership import queries as members
from backend.membership.enums import AIM_TEXT, GROUP_TEXT, OUTER_TEXT
from backend.membership.schemas import FactHelp
from backend.notifications import commands, queries
from backend.notifications.schemas import MassInput, MassPreview
from backend.web.access import CurrentActor, may
from backend.web.form_pages import Choice, again, choices, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_SEND = may(queries.SEND)


class Choices(msgspec.Struct):
    """What the page offers."""

    unions: list[Choice]
    aims: list[Choice]
    groups: list[Choice]
    outers: list[Choice]
    facts: list[FactHelp]


async def _choices_for(actor: Actor) -> Choices:
    unions = await queries.sending_unions(actor)
    return Choices(
        unions=[Choice(value=one.id, label=one.name, selected=one is unions[0]) for one in unions],
        aims=choices(AIM_TEXT),
        groups=choices(GROUP_TEXT),
        outers=choices(OUTER_TEXT),
        facts=members.target_facts(),
    )


@get("/mass-notices", opt=_SEND)
async def list_mass_notices(
    request: AnyRequest, actor: CurrentActor, cursor: FromQuery[str | None] = None
) -> Response[str]:
    found = await queries.mass_notices(actor, cursor=cursor)
    return page(
        request,
        "desk/notifications/notices.html",
        title="群发通知",
        tab="notices",
        notices=found.items,
        more_href=f"/desk/mass-notices?cursor={found.next_cursor}" if found.next_cursor else "",
    )


@get("/mass-notices/new", opt=_SEND)
async def new_mass_notice(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    return await _form_page(request, actor)


@post("/mass-notices/new", opt=_SEND)
async def compose_mass_notice(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        nonce = form.one("submission_key") or None
        mass = await commands.compose(data=_typed(form), actor=actor, nonce=nonce)
    except (NotFound, Forbidden):
        raise
    except AppError as error:
        return await _form_page(request, actor, form=form, error=error)
    return redirect(f"/desk/mass-notices/{mass}")


@post("/mass-notices/preview", opt=_SEND)
async def preview_mass_notice(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    """The dry run, beside everything as it was typed."""
    form = await read_form(request)
    try:
        shown = await queries.preview_mass(_typed(form), actor)
    except Invalid as error:
        return await _form_page(request, actor, form=form, error=error)
    return await _form_page(request, actor, form=form, preview=shown)


@get("/mass-notices/{mass:str}", opt=_SEND)
async def show_mass_notice(request: AnyRequest, mass: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _notice_page(request, mass, actor)


@post("/mass-notices/{mass:str}/start", opt=_SEND)
async def start_mass_notice(mass: FromPath[str], actor: CurrentActor) -> Response[Any]:
    await commands.start(notice=mass, actor=actor)
    return redirect(f"/desk/mass-notices/{mass}")


@post("/mass-notices/{mass:str}/stop", opt=_SEND)
async def stop_mass_notice(request: AnyRequest, mass: FromPath[str], actor: CurrentActor) -> Response[Any]:
    try:
        await commands.stop(notice=mass, actor=actor)
    except AppError as error:
        return await _notice_page(request, mass, actor, error=error)
    return redirect(f"/desk/mass-notices/{mass}")


def _typed(form: FormInput) -> MassInput:
    """Invalid names every wrong field at once."""
    values, wrong = dict(form.values), []
    try:
        values["target_rule"] = [members.rule_of(form, province=members.own_province())]
    except Invalid as refused:
        wrong = list(refused.errors)
    try:
        data = form_struct(FormInput(values=values, files={}), MassInput)
    except Invalid as refused:
        raise Invalid([*wrong, *refused.errors]) from refused
    if wrong:
        raise Invalid(wrong)
    return data


async def _form_page(
    request: AnyRequest,
    actor: Actor,
    *,
    form: FormInput | None = None,
    error: AppError | None = None,
    preview: MassPreview | None = None,
) -> Response[str]:
    return page(
        request,
        "desk/notifications/notice_new.html",
        title="新建通知",
        tab="notices",
        status=status_of(error),
        choose=await _choices_for(actor),
        preview=preview,
        submission_key=(form.one("submission_key") if form else "") or secrets.token_urlsafe(16),
        **again(form, error, lists=("groups",)),
    )


async def _notice_page(request: AnyRequest, mass: str, actor: Actor, *, error: AppError | None = None) -> Response[str]:
    """Whatever is wrong with the notice itself (404) is not for this page to say."""
    shown = await queries.mass_notice(mass, actor)
    return page(
        request,
        "desk/notifications/notice.html",
        title=shown.title,
        tab="notices",
        status=status_of(error),
        shown=shown,
        problem=error.detail if error else "",
    )


routes = [
    list_mass_notices,
    new_mass_notice,
    compose_mass_notice,
    preview_mass_notice,
    show_mass_notice,
    start_mass_notice,
    stop_mass_notice,
]
