"""Desk pages of visits: whom to visit, the lists, and each with its people and goods."""

import secrets
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.aid import commands, queries
from backend.aid.hardship_enums import GRADE_TEXT
from backend.aid.own_unions import union_choices
from backend.aid.visit_enums import SEASON_TEXT
from backend.aid.visit_schemas import TargetPreview, TargetQuery, VisitInput
from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.membership import queries as roll
from backend.membership.enums import GROUP_TEXT
from backend.web.access import CurrentActor, may
from backend.web.downloads import sheet_file
from backend.web.form_pages import again, choices, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_PERMISSION = "condolence.manage"
_CHOOSE, _VIEW = may(_PERMISSION), may("aid.view")
_LISTS = ("grades", "groups", "members")


@get("/visit-lists", opt=_VIEW)
async def list_visits(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    return page(
        request,
        "desk/aid/visits.html",
        title="走访名单",
        tab="visits",
        visits=await queries.visit_lists(actor),
        may_choose=actor.can(_PERMISSION),
    )


@get("/visit-targets", opt=_CHOOSE)
async def choose_targets(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    """Nothing is looked for before something is asked."""
    sent = request.query_params
    form = FormInput({name: sent.getall(name) for name in sent}, {})
    if not form.one("season"):
        return await _targets_page(request, actor)
    try:
        found = await queries.targets(actor, form_struct(form, TargetQuery))
    except NotFound:
        raise
    except AppError as error:
        return await _targets_page(request, actor, form=form, error=error)
    return await _targets_page(request, actor, form=form, found=found)


@post("/visit-lists", opt=_CHOOSE)
async def make_list(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        data = form_struct(form, VisitInput)
        visit = await commands.make_visit_list(actor, data=data, nonce=form.one("submission_key") or None)
    except NotFound:
        raise
    except AppError as error:
        return await _again(request, actor, form, error)
    return redirect(f"/desk/visit-lists/{visit}")


async def _again(request: AnyRequest, actor: Actor, form: FormInput, error: AppError) -> Response[str]:
    """With the people who were found, as long as what was asked can be understood."""
    try:
        found = await queries.targets(actor, form_struct(form, TargetQuery))
    except AppError:
        found = None
    return await _targets_page(request, actor, form=form, error=error, found=found)


async def _targets_page(
    request: AnyRequest,
    actor: Actor,
    *,
    form: FormInput | None = None,
    error: AppError | None = None,
    found: TargetPreview | None = None,
) -> Response[str]:
    return page(
        request,
        "desk/aid/targets.html",
        title="筛选走访对象",
        tab="visits",
        status=status_of(error),
        found=found,
        sent=form is not None and "members" in form.values,
        unions=union_choices(actor, _PERMISSION),
        seasons=choices(SEASON_TEXT),
        grades=choices(GRADE_TEXT),
        groups=choices(GROUP_TEXT),
        facts=roll.target_facts(),
        today=clock.today().isoformat(),
        submission_key=secrets.token_urlsafe(16),
        **again(form, error, lists=_LISTS),
    )


@get("/visit-lists/{visit:str}", opt=_VIEW)
async def show_visit(request: AnyRequest, visit: FromPath[str], actor: CurrentActor) -> Response[str]:
    shown = await queries.visit_page(visit, actor)
    return page(
        request,
        "desk/aid/visit.html",
        title=shown.visit.name,
        tab="visits",
        shown=shown,
        visit=shown.visit,
        may_choose=actor.can(_PERMISSION),
    )


@get("/visit-lists/{visit:str}/people", opt=_CHOOSE)
async def download_people(
    visit: FromPath[str], actor: CurrentActor, format: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    """As the list of a plan takes it."""
    return await sheet_file(*await queries.people_sheet(visit, actor), format)


@get("/visit-lists/{visit:str}/goods", opt=_VIEW)
async def download_goods(visit: FromPath[str], actor: CurrentActor, format: FromQuery[str] = "xlsx") -> Response[bytes]:
    return await sheet_file(*await queries.goods_sheet(visit, actor), format)


routes = [list_visits, choose_targets, make_list, show_visit, download_people, download_goods]
