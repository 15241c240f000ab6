"""The first screens of the portal, and the files that live at the top of the address space."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromQuery

from backend.casework import catalogue
from backend.casework import queries as casework
from backend.casework.schemas import OfferLine
from backend.core.errors import NotFound
from backend.grading import queries as grading
from backend.home import traces
from backend.home.schemas import Claimable, Shortcut
from backend.identity import queries as identity
from backend.membership import queries as membership
from backend.membership.enums import EFFECTIVE
from backend.vouchers import queries as vouchers
from backend.vouchers.schemas import CampaignView
from backend.web.access import PUBLIC, SIGNED_IN, CurrentActor
from backend.web.pages import DIST, date_zh, page
from backend.web.shared_pages import flow_files, shared

AnyRequest = Request[Any, Any, Any]

# Services by life event: name, address, icon, tone, and the service that has to be open for it.
_JOIN = ("我要入会", "/services/member-join", "join", "union", "member-join")
_SHORTCUTS = (
    ("医疗互助", "/services/mutual-aid-claim", "care", "union", "mutual-aid-claim"),
    ("困难帮扶", "/services?q=困难", "aid", "warn", "temporary-aid"),
    ("找工作", "/services?q=找工作", "work", "info", "job-recruitment"),
    ("竞赛报名", "/services?q=竞赛", "trophy", "warn", "skill-competition"),
    ("活动预约", "/services?q=活动", "activity", "ok", "activity-signup"),
    ("我的等级", "/me/grades", "grade", "plum", "chair-grading"),
    ("附近驿站", "/services?q=驿站", "station", "ok", "service-station"),
)
_CARD = Shortcut(name="会员卡", href="/me/card", icon="card", tone="union", is_open=True)


def _shortcuts(*, is_member: bool) -> list[Shortcut]:
    """Eight of them: whoever has joined finds the card where others find the way in."""
    listed = _SHORTCUTS if is_member else (_JOIN, *_SHORTCUTS)
    tiles = [
        Shortcut(name=name, href=href, icon=icon, tone=tone, is_open=casework.is_open(slug))
        for name, href, icon, tone, slug in listed
    ]
    return [_CARD, *tiles] if is_member else tiles


def _claimable(offers: list[OfferLine], campaigns: list[CampaignView]) -> list[Claimable]:
    vouchers_to_take = [
        Claimable(
            title=one.name,
            href=f"/vouchers/{one.id}",
            icon="gift" if one.kind == "gift" else "ticket",
            note=f"还剩 {one.left} 张",
            value=f"{date_zh(one.closes_at)}前",
        )
        for one in campaigns
    ]
    return vouchers_to_take + [
        Claimable(
            title=offer.name,
            href=f"/me/offers/{offer.slug}/{offer.rule}",
            icon=offer.icon,
            note="已填好，点一下就行",
            value=f"{date_zh(offer.until)}前",
        )
        for offer in offers
    ]


@get("/", opt=PUBLIC | shared(flow_files))
async def home(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    own_affairs = actor.kind == "person"
    member = await membership.own(actor) if own_affairs else None
    return page(
        request,
        "portal/home.html",
        tab="home",
        member=member,
        running=await casework.running_cases(actor) if own_affairs else [],
        shortcuts=_shortcuts(is_member=member is not None and member.status in EFFECTIVE),
        flows=catalogue.directory().flows,
        sheets=await grading.waiting_sheets(actor),
        claimable=_claimable(await casework.own_offers(actor), await vouchers.claimable(actor))
        if member is not None
        else [],
    )


@get("/me", opt=SIGNED_IN)
async def profile(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    return page(
        request,
        "portal/identity/profile.html",
        title="我的",
        tab="me",
        account=await identity.account_view(actor.account_id),
        member=await membership.own(actor),
        sessions=await identity.sessions_of(actor),
        consents=(await identity.consents_of(actor)).given,
        vouchers=await vouchers.usable_count(actor),
        views_count=len((await traces.who_viewed(actor)).items),
    )


@get("/me/views", opt=SIGNED_IN)
async def show_views(request: AnyRequest, actor: CurrentActor, cursor: FromQuery[str | None] = None) -> Response[str]:
    found = await traces.who_viewed(actor, cursor=cursor)
    return page(
        request,
        "portal/identity/views.html",
        title="谁看过我的资料",
        lines=found.items,
        more_href=f"/me/views?cursor={found.next_cursor}" if found.next_cursor else "",
    )


@get("/offline", opt=PUBLIC)
async def offline(request: AnyRequest) -> Response[str]:
    return page(request, "offline.html", title="没有网络")


@get("/api/docs", opt=PUBLIC)
async def api_docs(request: AnyRequest) -> Response[str]:
    return page(request, "api_docs.html", title="接口文档")


@get(["/sw.js", "/app.webmanifest"], opt=PUBLIC)
async def unhashed(request: AnyRequest) -> Response[bytes]:
    """The service worker must live at the top to look after every page; browsers check it for changes."""
    name = request.scope["path"].removeprefix("/")
    media = "text/javascript" if name == "sw.js" else "application/manifest+json"
    return Response((DIST / name).read_bytes(), media_type=media, headers={"cache-control": "no-cache"})


@get("/favicon.ico", opt=PUBLIC)
async def no_icon() -> None:
    raise NotFound()


routes = [home, profile, show_views, offline, api_docs, unhashed, no_icon]
