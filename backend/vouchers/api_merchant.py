"""JSON doors of tills: what they take, give back, and are owed."""

from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from backend.vouchers import commands, queries
from backend.vouchers.shop_schemas import (
    OfflineAnswer,
    OfflineInput,
    OfflineTerms,
    RedemptionInput,
    RedemptionView,
    SettlementView,
    StatementView,
    UndoInput,
)
from backend.web.access import CurrentActor, may
from backend.web.downloads import sheet_file
from backend.web.paging import Page, PageLimit

_REDEEM = may("merchant.redeem")


@post("/merchant/redemptions", opt=_REDEEM, status_code=201)
async def redeem_voucher(data: JSONBody[RedemptionInput], actor: CurrentActor) -> RedemptionView:
    """Use a voucher. The same receipt, bill and voucher answer the same again; 409 `already_redeemed` tells in `at`,
    `shop` and `cashier` when and where it was used before."""
    return await commands.redeem(data=data, actor=actor)


@get("/merchant/redemptions", opt=_REDEEM)
async def list_redemptions(
    actor: CurrentActor,
    day: FromQuery[date | None] = None,
    limit: PageLimit = 20,
    cursor: FromQuery[str | None] = None,
) -> Page[RedemptionView]:
    """What my shop took on a day, today by default, the latest first."""
    return await queries.till_redemptions(actor, day=day, limit=limit, cursor=cursor)


@get("/merchant/redemptions/{redemption:str}", opt=_REDEEM)
async def show_redemption(redemption: FromPath[str], actor: CurrentActor) -> RedemptionView:
    return await queries.till_redemption(redemption, actor)


@post("/merchant/redemptions/{redemption:str}/undo", opt=_REDEEM, status_code=200)
async def undo_redemption(redemption: FromPath[str], data: JSONBody[UndoInput], actor: CurrentActor) -> RedemptionView:
    """Give a voucher back that was used today. 409 `undo_too_late` on any later day."""
    return await commands.undo(redemption=redemption, reason=data.reason, actor=actor)


@get("/merchant/offline", opt=_REDEEM)
async def show_offline_terms(actor: CurrentActor) -> OfflineTerms:
    """What a till needs before it loses its connection."""
    return await queries.offline_terms(actor)


@post("/merchant/offline/redemptions", opt=_REDEEM, status_code=200)
async def sync_redemptions(data: JSONBody[OfflineInput], actor: CurrentActor) -> OfflineAnswer:
    """Book what was taken without a connection. Each item is accepted or a conflict by itself; sending them again
    changes nothing."""
    return await commands.sync(data=data, actor=actor)


@get("/merchant/statements/{period:str}", opt=_REDEEM)
async def show_statement(
    period: FromPath[str], actor: CurrentActor, day: FromQuery[date | None] = None
) -> StatementView:
    """What my shop took in the day, the week or the month around `day`, without what was undone."""
    return await queries.till_statement(actor, period=period, day=day)


@get("/merchant/statements/{period:str}/sheet", opt=_REDEEM)
async def download_statement(
    period: FromPath[str], actor: CurrentActor, day: FromQuery[date | None] = None, format: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    """The same with one row for every use, as xlsx or csv."""
    return await sheet_file(*await queries.till_sheet(actor, period=period, day=day), format)


@get("/merchant/settlements", opt=_REDEEM)
async def list_settlements(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[SettlementView]:
    """What my shop was paid, the latest first."""
    return await queries.till_settlements(actor, limit=limit, cursor=cursor)


@get("/merchant/settlements/{settlement:str}/sheet", opt=_REDEEM)
async def download_settlement(
    settlement: FromPath[str], actor: CurrentActor, format: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    """One row for every use that it has paid, as xlsx or csv."""
    return await sheet_file(*await queries.till_settlement_sheet(settlement, actor), format)


routes: list[Any] = [
    redeem_voucher,
    list_redemptions,
    show_redemption,
    undo_redemption,
    show_offline_terms,
    sync_redemptions,
    show_statement,
    download_statement,
    list_settlements,
    download_settlement,
]
