"""Desk pages of campaigns: draw up a plan, what was planned, how far it is handed out, what became of it."""

import secrets
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.core.actor import Actor
from backend.core.errors import AppError, Forbidden, Invalid, NotFound
from backend.membership import queries as members
from backend.vouchers import commands, queries, wizard
from backend.vouchers.enums import CampaignKind
from backend.vouchers.schemas import PreviewView
from backend.web.access import CurrentActor, may
from backend.web.form_pages import Choice, again, status_of
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_MANAGE = may("campaign.manage")
MOST_STATIONS_SHOWN = 100


@get("/voucher-campaigns", opt=_MANAGE)
async def list_campaigns(
    request: AnyRequest, actor: CurrentActor, cursor: FromQuery[str | None] = None
) -> Response[str]:
    found = await queries.desk_campaigns(actor, cursor=cursor)
    return page(
        request,
        "desk/vouchers/campaigns.html",
        title="消费券",
        tab="campaigns",
        campaigns=found.items,
        more_href=f"/desk/voucher-campaigns?cursor={found.next_cursor}" if found.next_cursor else "",
    )


@get("/voucher-campaigns/new", opt=_MANAGE)
async def new_campaign(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    return await _plan_page(request, actor)


@post("/voucher-campaigns/new", opt=_MANAGE)
async def propose_campaign(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        plan = wizard.plan_of(form, province=members.own_province())
        made = await commands.propose(data=plan, actor=actor, nonce=form.one("submission_key") or None)
    except (NotFound, Forbidden):
        raise
    except AppError as error:
        return await _plan_page(request, actor, form=form, error=error)
    return redirect(f"/desk/voucher-campaigns/{made.id}")


@post("/voucher-campaigns/preview", opt=_MANAGE)
async def preview_campaign(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    """Who would be meant, beside everything as it was typed."""
    form = await read_form(request)
    try:
        shown = await queries.preview(wizard.preview_of(form, province=members.own_province()), actor)
    except Invalid as error:
        return await _plan_page(request, actor, form=form, error=error)
    return await _plan_page(request, actor, form=form, preview=shown)


@get("/voucher-campaigns/{campaign:str}", opt=_MANAGE)
async def show_campaign(request: AnyRequest, campaign: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await campaign_page(request, campaign, actor)


@post("/voucher-campaigns/{campaign:str}/distribute", opt=_MANAGE)
async def distribute_campaign(request: AnyRequest, campaign: FromPath[str], actor: CurrentActor) -> Response[Any]:
    try:
        await commands.distribute(campaign=campaign, actor=actor)
    except AppError as error:
        return await campaign_page(request, campaign, actor, error=error)
    return redirect(f"/desk/voucher-campaigns/{campaign}")


@post("/voucher-campaigns/{campaign:str}/stop", opt=_MANAGE)
async def stop_distribution(request: AnyRequest, campaign: FromPath[str], actor: CurrentActor) -> Response[Any]:
    try:
        await commands.stop(campaign=campaign, actor=actor)
    except AppError as error:
        return await campaign_page(request, campaign, actor, error=error)
    return redirect(f"/desk/voucher-campaigns/{campaign}")


async def _plan_page(
    request: AnyRequest,
    actor: Actor,
    *,
    form: FormInput | None = None,
    error: AppError | None = None,
    preview: PreviewView | None = None,
) -> Response[str]:
    return page(
        request,
        "desk/vouchers/new.html",
        title="新建活动",
        tab="campaigns",
        status=status_of(error),
        choose=await wizard.choices_for(actor),
        preview=preview,
        cost=wizard.cost_of(form) if form else None,
        submission_key=(form.one("submission_key") if form else "") or secrets.token_urlsafe(16),
        **again(form, error, lists=("groups", "shops")),
    )


async def campaign_page(
    request: AnyRequest,
    campaign: str,
    actor: Actor,
    *,
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    """Whatever is wrong with the campaign itself (404) is not for this page to say."""
    shown = await queries.desk_campaign(campaign, actor)
    return page(
        request,
        "desk/vouchers/campaign.html",
        title=shown.name,
        tab="campaigns",
        status=status_of(error),
        campaign=shown,
        problem=error.detail if error and not form else "",
        stations=await _stations(actor) if shown.kind == CampaignKind.GIFT and shown.state == "open" else [],
        **again(form, error),
    )


async def _stations(actor: Actor) -> list[Choice]:
    found = (await queries.desk_stations(actor, limit=MOST_STATIONS_SHOWN)).items
    return [Choice(value=one.id, label=one.name) for one in found]


routes = [
    list_campaigns,
    new_campaign,
    propose_campaign,
    preview_campaign,
    show_campaign,
    distribute_campaign,
    stop_distribution,
]
