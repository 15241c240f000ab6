"""Pages for members: the card, confirming one's record, and what a scan of a card shows."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from backend.core import clock
from backend.core.errors import AppError
from backend.membership import commands, queries
from backend.membership.schemas import CardCheck, ScanPage
from backend.web.access import PERSON, PUBLIC, CurrentActor
from backend.web.forms import read_form
from backend.web.pages import is_htmx, page, redirect

AnyRequest = Request[Any, Any, Any]


@get("/me/card", opt=PERSON)
async def show_card(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    if actor.member_id is None:
        return redirect("/me/confirm")
    template = "card_code.html" if is_htmx(request) else "card.html"
    return page(request, f"portal/membership/{template}", title="会员证", card=await queries.card(actor))


@get("/me/confirm", opt=PERSON)
async def show_confirm(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    return redirect("/me/card") if actor.member_id is not None else _confirm_page(request)


@post("/me/confirm", opt=PERSON)
async def confirm_identity(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.confirm_identity(actor, id_no=form.one("id_no"))
    except AppError as error:
        return _confirm_page(request, id_no=form.one("id_no"), error=error)
    return redirect("/me/card")


@post("/me/member/disown", opt=PERSON)
async def disown_member(actor: CurrentActor) -> Redirect:
    await commands.disown(actor)
    return redirect("/me")


def _confirm_page(request: AnyRequest, *, id_no: str = "", error: AppError | None = None) -> Response[str]:
    problem = "" if error is None else (error.errors[0].message if error.errors else error.detail)
    return page(
        request,
        "portal/membership/confirm.html",
        title="我已经是会员",
        status=error.status if error else 200,
        id_no=id_no,
        problem=problem,
    )


@get("/c/{code:str}", opt=PUBLIC)
async def check_card(request: AnyRequest, code: FromPath[str]) -> Response[str]:
    checked = await queries.check_card(code)
    return page(
        request,
        "documents/verify.html",
        title="会员证核验",
        document=_scan_page(checked),
        checked_at=clock.iso(clock.now()),
    )


def _scan_page(checked: CardCheck) -> ScanPage:
    facts = [("姓名", checked.name), ("所属工会", checked.union), ("会籍", checked.status_text)]
    return ScanPage(
        headline="会员身份有效" if checked.valid else checked.reason,
        tone="ok" if checked.valid else "late",
        kind_text="会员证",
        number=checked.member_no,
        facts=facts if checked.name else [],
    )


routes = [show_card, show_confirm, confirm_identity, disown_member, check_card]
