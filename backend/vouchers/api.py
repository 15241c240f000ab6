"""JSON doors of campaigns and of the wallet."""

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from backend.vouchers import commands, queries
from backend.vouchers.schemas import (
    CampaignInput,
    CampaignView,
    DeskCampaignView,
    DeskVoucherView,
    DrawView,
    EntryView,
    GivenView,
    PreviewInput,
    PreviewView,
    ProposedView,
    ReasonInput,
    VoucherCode,
    VoucherView,
)
from backend.vouchers.shop_schemas import NearbyShop
from backend.web.access import PERSON, PUBLIC, CurrentActor, may
from backend.web.client import CurrentClient
from backend.web.paging import Page, PageLimit

_MANAGE = may("campaign.manage")


@get("/voucher-campaigns", opt=PUBLIC)
async def list_campaigns(limit: PageLimit = 20, cursor: FromQuery[str | None] = None) -> Page[CampaignView]:
    """Campaigns whose vouchers still live, the latest first."""
    return await queries.public_campaigns(limit=limit, cursor=cursor)


@get("/shops", opt=PUBLIC)
async def list_shops(
    q: FromQuery[str] = "",
    division: FromQuery[str] = "",
    limit: PageLimit = 20,
    cursor: FromQuery[str | None] = None,
) -> Page[NearbyShop]:
    """Shops that take vouchers, by township; `division` is the code of one, `q` a part of a name, an address or what
    members get."""
    return await queries.nearby_shops(q=q, division=division, limit=limit, cursor=cursor)


@get("/voucher-campaigns/{campaign:str}", opt=PUBLIC)
async def show_campaign(campaign: FromPath[str]) -> CampaignView:
    return await queries.public_campaign(campaign)


@post("/voucher-campaigns/{campaign:str}/claims", opt=PERSON, status_code=201)
async def claim_voucher(
    campaign: FromPath[str], actor: CurrentActor, client: CurrentClient, station: FromQuery[str] = ""
) -> VoucherView:
    """Take a voucher; of a gift with stations, at one of them. 409 `sold_out`, `already_claimed` or `not_eligible` when
    there is none for me."""
    return await commands.claim(campaign=campaign, actor=actor, nonce=client.idempotency_key, station=station)


@post("/voucher-campaigns/{campaign:str}/entries", opt=PERSON, status_code=201)
async def enter_draw(campaign: FromPath[str], actor: CurrentActor, client: CurrentClient) -> EntryView:
    """Take part in a draw. 409 `already_claimed` or `not_eligible`, `entries_closed` after its end."""
    return await commands.enter(campaign=campaign, actor=actor, nonce=client.idempotency_key)


@get("/voucher-campaigns/{campaign:str}/draw", opt=PUBLIC)
async def show_draw(campaign: FromPath[str]) -> DrawView:
    """The commitment; once the lots are drawn, everything that is needed to draw them again."""
    return await queries.public_draw(campaign)


@get("/me/vouchers", opt=PERSON)
async def list_own_vouchers(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[VoucherView]:
    """My vouchers, the latest first."""
    return await queries.own_vouchers(actor, limit=limit, cursor=cursor)


@get("/me/vouchers/{voucher:str}", opt=PERSON)
async def show_own_voucher(voucher: FromPath[str], actor: CurrentActor) -> VoucherView:
    return await queries.own_voucher(voucher, actor)


@get("/me/vouchers/{voucher:str}/qr", opt=PERSON)
async def show_code(voucher: FromPath[str], actor: CurrentActor) -> VoucherCode:
    """What the till scans. It lives a minute; fetch it again before `expires_in`."""
    return await queries.scan_code(voucher, actor)


@post("/desk/voucher-campaigns", opt=_MANAGE, status_code=201)
async def propose_campaign(data: JSONBody[CampaignInput], actor: CurrentActor, client: CurrentClient) -> ProposedView:
    """Propose a campaign. It opens when somebody else approves its case."""
    return await commands.propose(data=data, actor=actor, nonce=client.idempotency_key)


@post("/desk/voucher-campaigns/preview", opt=_MANAGE, status_code=200)
async def preview_target(data: JSONBody[PreviewInput], actor: CurrentActor) -> PreviewView:
    """Who would be meant by a rule, and of whom it is not known."""
    return await queries.preview(data, actor)


@get("/desk/voucher-campaigns", opt=_MANAGE)
async def list_desk_campaigns(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[DeskCampaignView]:
    return await queries.desk_campaigns(actor, limit=limit, cursor=cursor)


@get("/desk/voucher-campaigns/{campaign:str}", opt=_MANAGE)
async def show_desk_campaign(campaign: FromPath[str], actor: CurrentActor) -> DeskCampaignView:
    return await queries.desk_campaign(campaign, actor)


@post("/desk/voucher-campaigns/{campaign:str}/distribute", opt=_MANAGE, status_code=202)
async def distribute_campaign(campaign: FromPath[str], actor: CurrentActor) -> DeskCampaignView:
    """Hand it out to everybody who is meant; goes on where it was stopped."""
    await commands.distribute(campaign=campaign, actor=actor)
    return await queries.desk_campaign(campaign, actor)


@post("/desk/voucher-campaigns/{campaign:str}/stop", opt=_MANAGE, status_code=200)
async def stop_distribution(campaign: FromPath[str], actor: CurrentActor) -> DeskCampaignView:
    """Stop handing it out, after the part that is on its way."""
    await commands.stop(campaign=campaign, actor=actor)
    return await queries.desk_campaign(campaign, actor)


@get("/gift-statistics", opt=PUBLIC)
async def list_given(limit: PageLimit = 20, cursor: FromQuery[str | None] = None) -> Page[GivenView]:
    """How many gifts were given, by campaign and place; nobody is named."""
    return await queries.gifts_given(limit=limit, cursor=cursor)


@get("/desk/vouchers", opt=_MANAGE)
async def find_vouchers(actor: CurrentActor, q: FromQuery[str] = "") -> list[DeskVoucherView]:
    """By the code of one or by its owner's number; none without either."""
    return await queries.find_vouchers(actor, q)


@get("/desk/vouchers/{voucher:str}", opt=_MANAGE)
async def show_desk_voucher(voucher: FromPath[str], actor: CurrentActor) -> DeskVoucherView:
    return await queries.desk_voucher(voucher, actor)


@post("/desk/vouchers/{voucher:str}/freeze", opt=_MANAGE, status_code=200)
async def freeze_voucher(voucher: FromPath[str], data: JSONBody[ReasonInput], actor: CurrentActor) -> DeskVoucherView:
    """Nobody uses it until it is let go again; 409 `freeze_not_usable` of one that is used, kept, frozen or over."""
    await commands.freeze(voucher=voucher, reason=data.reason, actor=actor)
    return await queries.desk_voucher(voucher, actor)


@post("/desk/vouchers/{voucher:str}/thaw", opt=_MANAGE, status_code=200)
async def thaw_voucher(voucher: FromPath[str], data: JSONBody[ReasonInput], actor: CurrentActor) -> DeskVoucherView:
    await commands.thaw(voucher=voucher, reason=data.reason, actor=actor)
    return await queries.desk_voucher(voucher, actor)


routes = [
    list_campaigns,
    list_shops,
    show_campaign,
    claim_voucher,
    enter_draw,
    show_draw,
    list_own_vouchers,
    show_own_voucher,
    show_code,
    propose_campaign,
    preview_target,
    list_desk_campaigns,
    show_desk_campaign,
    distribute_campaign,
    stop_distribution,
    list_given,
    find_vouchers,
    show_desk_voucher,
    freeze_voucher,
    thaw_voucher,
]
