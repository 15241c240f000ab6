"""Pages of campaigns, which everybody may see, and of one's own wallet."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.core import ids
from backend.core.actor import Actor
from backend.core.errors import AppError
from backend.vouchers import commands, queries
from backend.web.access import PERSON, PUBLIC, CurrentActor
from backend.web.forms import read_form
from backend.web.pages import is_htmx, page, redirect
from backend.web.shared_pages import shared

AnyRequest = Request[Any, Any, Any]
_PUBLIC = PUBLIC | shared(queries.as_shown_now)


@get("/vouchers", opt=_PUBLIC)
async def list_campaigns(request: AnyRequest, cursor: FromQuery[str | None] = None) -> Response[str]:
    found = await queries.public_campaigns(cursor=cursor)
    return page(
        request,
        "portal/vouchers/campaigns.html",
        title="消费券",
        campaigns=found.items,
        more_href=f"/vouchers?cursor={found.next_cursor}" if found.next_cursor else "",
    )


@get("/vouchers/given", opt=PUBLIC)
async def list_given(request: AnyRequest, cursor: FromQuery[str | None] = None) -> Response[str]:
    found = await queries.gifts_given(cursor=cursor)
    return page(
        request,
        "portal/vouchers/given.html",
        title="礼品发放公示",
        campaigns=found.items,
        more_href=f"/vouchers/given?cursor={found.next_cursor}" if found.next_cursor else "",
    )


@get("/shops", opt=PUBLIC)
async def list_shops(
    request: AnyRequest, q: FromQuery[str] = "", division: FromQuery[str] = "", cursor: FromQuery[str | None] = None
) -> Response[str]:
    """By township, so that nobody has to tell where they are."""
    found = await queries.nearby_shops(q=q, division=division, cursor=cursor)
    query = {"q": q, "division": division, "cursor": found.next_cursor or ""}
    return page(
        request,
        "portal/vouchers/shops.html",
        title="附近优惠商户",
        shops=found.items,
        townships=await queries.townships_with_shops(),
        q=q,
        division=division,
        more_href=f"/shops?{urlencode(query)}" if found.next_cursor else "",
    )


@get("/vouchers/{campaign:str}", opt=_PUBLIC)
async def show_campaign(request: AnyRequest, campaign: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _campaign_page(request, campaign, actor)


@get("/vouchers/{campaign:str}/left", opt=_PUBLIC)
async def show_left(request: AnyRequest, campaign: FromPath[str]) -> Response[Any]:
    """The part of the page that says how many are left; it is asked for every second."""
    if not is_htmx(request):
        return redirect(f"/vouchers/{campaign}")
    return page(request, "portal/vouchers/left.html", campaign=await queries.public_campaign(campaign))


@post("/vouchers/{campaign:str}/claim", opt=PERSON)
async def claim_voucher(request: AnyRequest, campaign: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        taken = await commands.claim(
            campaign=campaign, actor=actor, nonce=form.one("nonce") or None, station=form.one("station")
        )
    except AppError as error:
        if error.status not in (409, 422):
            raise
        return await _campaign_page(request, campaign, actor, error=error, chosen=form.one("station"))
    return redirect(f"/me/vouchers/{taken.id}")


@post("/vouchers/{campaign:str}/enter", opt=PERSON)
async def enter_draw(request: AnyRequest, campaign: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.enter(campaign=campaign, actor=actor, nonce=form.one("nonce") or None)
    except AppError as error:
        if error.status != 409:
            raise
        return await _campaign_page(request, campaign, actor, error=error)
    return redirect(f"/vouchers/{campaign}")


@get("/vouchers/{campaign:str}/draw", opt=_PUBLIC)
async def show_draw(request: AnyRequest, campaign: FromPath[str]) -> Response[str]:
    draw = await queries.public_draw(campaign)
    return page(request, "portal/vouchers/draw.html", title="抽签结果", draw=draw, program=queries.DRAW_PROGRAM)


@get("/me/vouchers", opt=PERSON)
async def show_wallet(
    request: AnyRequest, actor: CurrentActor, over: FromQuery[bool] = False, cursor: FromQuery[str | None] = None
) -> Response[str]:
    """Those that may be used, or the others."""
    found = await queries.own_vouchers(actor, usable=not over, cursor=cursor)
    more = f"/me/vouchers?over={int(over)}&cursor={found.next_cursor}" if found.next_cursor else ""
    return page(
        request, "portal/vouchers/wallet.html", title="我的券包", vouchers=found.items, over=over, more_href=more
    )


@get("/me/vouchers/{voucher:str}", opt=PERSON)
async def show_voucher(request: AnyRequest, voucher: FromPath[str], actor: CurrentActor) -> Response[str]:
    shown = await queries.own_voucher(voucher, actor)
    code = await queries.scan_code(voucher, actor) if shown.state == "issued" else None
    template = "voucher_code.html" if is_htmx(request) and code else "voucher.html"
    return page(request, f"portal/vouchers/{template}", title=shown.name, voucher=shown, code=code)


async def _campaign_page(
    request: AnyRequest, campaign: str, actor: Actor, *, error: AppError | None = None, chosen: str = ""
) -> Response[str]:
    shown = await queries.public_campaign(campaign)
    return page(
        request,
        "portal/vouchers/campaign.html",
        title=shown.name,
        status=error.status if error else 200,
        campaign=shown,
        standing=await queries.standing(campaign, actor) if actor.kind == "person" else None,
        nonce=ids.public(ids.new_id()) if actor.kind == "person" else "",
        problem=error.detail if error else "",
        errors={one.field: one.message for one in error.errors} if error else {},
        chosen=chosen,
    )


routes = [
    list_campaigns,
    list_given,
    list_shops,
    show_campaign,
    show_left,
    claim_voucher,
    enter_draw,
    show_draw,
    show_wallet,
    show_voucher,
]
