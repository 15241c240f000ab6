"""Pages of tills, on a phone: take a voucher, give it back, see what the shop is owed."""

from datetime import date, timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import AppError, sentence
from backend.core.money import fen_from_text
from backend.core.national import InvalidValue
from backend.vouchers import commands, queries, redeeming
from backend.vouchers.shop_schemas import RedemptionInput
from backend.web.access import PUBLIC, CurrentActor, may
from backend.web.downloads import sheet_file
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_REDEEM = may("merchant.redeem")
_EMPTY = {"code": "", "amount": "", "receipt_no": ""}
# What the API calls a field, and what the page does.
_FIELDS = {"amount_fen": "amount"}


@get("/merchant", opt=_REDEEM)
async def show_till(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    return await _till_page(request, actor, _EMPTY)


@post("/merchant", opt=_REDEEM)
async def redeem_voucher(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    values = {name: form.one(name) for name in _EMPTY}
    amount_fen, errors = _amount(form)
    if errors:
        return await _till_page(request, actor, values, errors=errors)
    data = RedemptionInput(code=values["code"], amount_fen=amount_fen, receipt_no=values["receipt_no"])
    try:
        taken = await commands.redeem(data=data, actor=actor)
    except AppError as error:
        errors = {_FIELDS.get(one.field, one.field): one.message for one in error.errors}
        return await _till_page(request, actor, values, errors=errors, refusal=error)
    return redirect(f"/merchant/redemptions/{taken.id}")


def _amount(form: FormInput) -> tuple[int, dict[str, str]]:
    """The bill in fen. Where it is none, everything else that is wrong is named with it."""
    try:
        return fen_from_text(form.one("amount")), {}
    except InvalidValue as error:
        others = redeeming.use_problems(receipt_no=form.one("receipt_no"), amount_fen=1)
        errors = {one.field: one.message for one in others} | {"amount": f"{error.message}。"}
        return 0, errors if form.one("code") else errors | {"code": sentence("voucher_unknown")}


async def _till_page(
    request: AnyRequest,
    actor: Actor,
    values: dict[str, str],
    *,
    errors: dict[str, str] | None = None,
    refusal: AppError | None = None,
) -> Response[str]:
    answer = page(
        request,
        "portal/merchant/till.html",
        title="商户核销",
        tab="till",
        status=refusal.status if refusal else 422 if errors else 200,
        till=await queries.till_of(actor),
        today=await queries.till_statement(actor, period="day"),
        paid=await queries.last_settlement(actor),
        values=values,
        errors=errors or {},
        refusal=refusal if refusal and not errors else None,
    )
    if refusal is not None and refusal.retry_after is not None:
        answer.headers["retry-after"] = str(refusal.retry_after)
    return answer


@get("/merchant/offline", opt=PUBLIC)
async def show_offline_till(request: AnyRequest) -> Response[str]:
    """Kept on the phone for the time without a connection: it knows nobody, what it shows comes from there."""
    return page(request, "portal/merchant/offline.html", title="断网核销")


@get("/merchant/redemptions", opt=_REDEEM)
async def list_redemptions(
    request: AnyRequest,
    actor: CurrentActor,
    day: FromQuery[date | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    shown = day or clock.today()
    found = await queries.till_redemptions(actor, day=shown, cursor=cursor)
    return page(
        request,
        "portal/merchant/redemptions.html",
        title="核销记录",
        tab="redemptions",
        till=await queries.till_of(actor),
        day=shown,
        rows=found.items,
        more_href=f"/merchant/redemptions?day={shown}&cursor={found.next_cursor}" if found.next_cursor else "",
    )


@get("/merchant/redemptions/{redemption:str}", opt=_REDEEM)
async def show_redemption(request: AnyRequest, redemption: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _redemption_page(request, redemption, actor)


@post("/merchant/redemptions/{redemption:str}/undo", opt=_REDEEM)
async def undo_redemption(request: AnyRequest, redemption: FromPath[str], actor: CurrentActor) -> Response[Any]:
    reason = (await read_form(request)).one("reason")
    try:
        await commands.undo(redemption=redemption, reason=reason, actor=actor)
    except AppError as error:
        if error.status == 404:
            raise
        return await _redemption_page(request, redemption, actor, reason=reason, error=error)
    return redirect(f"/merchant/redemptions/{redemption}")


async def _redemption_page(
    request: AnyRequest, redemption: str, actor: Actor, *, reason: str = "", error: AppError | None = None
) -> Response[str]:
    wrong = error.errors[0].message if error and error.errors else ""
    return page(
        request,
        "portal/merchant/redemption.html",
        title="核销结果",
        status=error.status if error else 200,
        till=await queries.till_of(actor),
        taken=await queries.till_redemption(redemption, actor),
        reason=reason,
        wrong=wrong,
        problem=error.detail if error and not wrong else "",
    )


@get("/merchant/statement", opt=_REDEEM)
async def show_statement(
    request: AnyRequest,
    actor: CurrentActor,
    period: FromQuery[str] = "day",
    day: FromQuery[date | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    found = await queries.till_statement(actor, period=period, day=day)
    paid = await queries.till_settlements(actor, limit=10, cursor=cursor)
    after = found.to_on + timedelta(days=1)
    return page(
        request,
        "portal/merchant/statement.html",
        title="对账",
        tab="statement",
        till=await queries.till_of(actor),
        period=period,
        statement=found,
        before=found.from_on - timedelta(days=1),
        after=after if after <= clock.today() else None,
        is_present=found.from_on <= clock.today() <= found.to_on,
        settlements=paid.items,
        more_href=f"/merchant/statement?period={period}&cursor={paid.next_cursor}" if paid.next_cursor else "",
    )


@get("/merchant/statement/sheet", opt=_REDEEM)
async def download_statement(
    actor: CurrentActor,
    period: FromQuery[str] = "day",
    day: FromQuery[date | None] = None,
    format: FromQuery[str] = "xlsx",
) -> Response[bytes]:
    return await sheet_file(*await queries.till_sheet(actor, period=period, day=day), format)


@get("/merchant/settlements/{settlement:str}/sheet", opt=_REDEEM)
async def download_settlement(
    settlement: FromPath[str], actor: CurrentActor, format: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    return await sheet_file(*await queries.till_settlement_sheet(settlement, actor), format)


routes: list[Any] = [
    show_till,
    redeem_voucher,
    show_offline_till,
    list_redemptions,
    show_redemption,
    undo_redemption,
    show_statement,
    download_statement,
    download_settlement,
]
