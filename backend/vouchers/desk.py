"""Desk pages of campaigns: what was planned, how far it is handed out, what became of it."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.core.actor import Actor
from backend.core.errors import AppError
from backend.vouchers import commands, queries
from backend.web.access import CurrentActor, may
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_MANAGE = may("campaign.manage")


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


@get("/voucher-campaigns/{campaign:str}", opt=_MANAGE)
async def show_campaign(request: AnyRequest, campaign: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _campaign_page(request, campaign, actor)


@post("/voucher-campaigns/{campaign:str}/distribute", opt=_MANAGE)
async def distribute_campaign(request: AnyRequest, campaign: FromPath[str], actor: CurrentActor) -> Response[Any]:
    try:
        await commands.distribute(campaign=campaign, actor=actor)
    except AppError as error:
        return await _campaign_page(request, campaign, actor, error=error)
    return redirect(f"/desk/voucher-campaigns/{campaign}")


@post("/voucher-campaigns/{campaign:str}/stop", opt=_MANAGE)
async def stop_distribution(request: AnyRequest, campaign: FromPath[str], actor: CurrentActor) -> Response[Any]:
    try:
        await commands.stop(campaign=campaign, actor=actor)
    except AppError as error:
        return await _campaign_page(request, campaign, actor, error=error)
    return redirect(f"/desk/voucher-campaigns/{campaign}")


async def _campaign_page(
    request: AnyRequest, campaign: str, actor: Actor, *, error: AppError | None = None
) -> Response[str]:
    """Whatever is wrong with the campaign itself (404) is not for this page to say."""
    shown = await queries.desk_campaign(campaign, actor)
    return page(
        request,
        "desk/vouchers/campaign.html",
        title=shown.name,
        tab="campaigns",
        status=error.status if error else 200,
        campaign=shown,
        problem=error.detail if error else "",
    )


routes = [list_campaigns, show_campaign, distribute_campaign, stop_distribution]
