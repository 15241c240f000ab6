"""Desk pages of members: search, one member, sensitive values, import of a roll."""

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from backend.core import ids, sheets
from backend.core.actor import Actor
from backend.core.errors import AppError
from backend.membership import commands, queries
from backend.membership.enums import RELEASE_REASON_TEXT
from backend.membership.queries.imports import REPORT_HEADER
from backend.membership.roll import FIELD_LABELS, TEMPLATE_HEADER
from backend.membership.schemas import Option
from backend.membership.uploads import sheet_of
from backend.web.access import CurrentActor, may
from backend.web.forms import read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]

_VIEW = may("member.view")
_IMPORT = may("member.import")
_RELEASE = may("phone.release")
_MANAGE = may("member.manage")


@get("/members", opt=_VIEW)
async def list_members(
    request: AnyRequest, actor: CurrentActor, q: FromQuery[str] = "", cursor: FromQuery[str | None] = None
) -> Response[str]:
    found = await queries.members_in_scope(actor, q=q, cursor=cursor)
    more = f"/desk/members?q={quote(q)}&cursor={found.next_cursor}" if found.next_cursor else ""
    return page(
        request,
        "desk/membership/members.html",
        title="会员名册",
        tab="members",
        members=found.items,
        q=q,
        unbound=await queries.unbound_phone(q, actor),
        reasons=[Option(value=reason.value, label=text) for reason, text in RELEASE_REASON_TEXT.items()],
        may_import=actor.can("member.import"),
        may_export=actor.can("export.make"),
        more_href=more,
    )


@get("/members/{member:str}", opt=_VIEW)
async def show_member(request: AnyRequest, member: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _member_page(request, member, actor)


@post("/members/{member:str}/reveal/{field:str}", opt=_VIEW)
async def reveal_field(
    request: AnyRequest, member: FromPath[str], field: FromPath[str], actor: CurrentActor
) -> Response[str]:
    opened = await commands.reveal_field(actor, member=member, field=field)
    return page(
        request,
        "desk/casework/revealed.html",
        title=opened.label,
        tab="members",
        label=opened.label,
        value=opened.value,
        back=f"/desk/members/{member}",
    )


@post("/members/{member:str}/release-phone", opt=_RELEASE)
async def release_phone(request: AnyRequest, member: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.release_phone(actor, member=member, reason=form.one("reason"))
    except AppError as error:
        return await _member_page(request, member, actor, error, "release")
    return redirect(f"/desk/members/{member}")


@post("/members/{member:str}/phone", opt=_RELEASE)
async def register_phone(request: AnyRequest, member: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.register_phone(actor, member=member, phone=form.one("phone"), reason=form.one("reason"))
    except AppError as error:
        return await _member_page(request, member, actor, error, "phone")
    return redirect(f"/desk/members/{member}")


@post("/members/{member:str}/acts", opt=_MANAGE)
async def change_membership(request: AnyRequest, member: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    version = form.version()
    act, reason = form.one("act"), form.one("reason")
    try:
        await commands.change_at_desk(actor, member=member, act=act, reason=reason, version=version)
    except AppError as error:
        return await _member_page(request, member, actor, error, "acts")
    return redirect(f"/desk/members/{member}")


@post("/phones/release", opt=_RELEASE)
async def release_unbound(request: AnyRequest, actor: CurrentActor) -> Redirect:
    """The number of an account that belongs to no member."""
    form = await read_form(request)
    await commands.release_unbound(actor, phone=form.one("phone"), reason=form.one("reason"))
    return redirect("/desk/members")


async def _member_page(
    request: AnyRequest, member: str, actor: Actor, error: AppError | None = None, sent: str = ""
) -> Response[str]:
    """`sent` is the form that was refused: it is open, with what is wrong in it."""
    found = await queries.detail(member, actor)
    return page(
        request,
        "desk/membership/member.html",
        title=found.member.name,
        tab="members",
        status=error.status if error else 200,
        member=found.member,
        facts=found.facts,
        sensitive=found.sensitive,
        history=found.history,
        version=found.version,
        acts=found.acts,
        may_release=found.may_release,
        may_register=found.may_register,
        sent=sent,
        errors=_errors(error),
    )


def _errors(error: AppError | None) -> dict[str, str]:
    if error is None:
        return {}
    return {one.field: one.message for one in error.errors} or {"": error.detail}


@get("/members/import", opt=_IMPORT)
async def show_imports(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    return await _import_page(request, actor)


@get("/members/import/{import_id:str}", opt=_IMPORT)
async def show_import(request: AnyRequest, import_id: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _import_page(request, actor, import_id=import_id)


@post("/members/import", opt=_IMPORT)
async def start_import(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    try:
        sheet = await sheet_of(request, actor)
        started = await commands.request_import(
            actor, content=sheet.content, name=sheet.name, union=sheet.union, dry_run=sheet.dry_run
        )
    except AppError as error:
        return await _import_page(request, actor, error=error)
    return redirect(f"/desk/members/import/{started}")


async def _import_page(
    request: AnyRequest, actor: Actor, *, import_id: str = "", error: AppError | None = None
) -> Response[str]:
    problem = "" if error is None else (error.errors[0].message if error.errors else error.detail)
    current = await queries.import_view(import_id, actor) if import_id else None
    for row in current.rows if current else ():
        row.field = FIELD_LABELS.get(row.field, "")
    return page(
        request,
        "desk/membership/import.html",
        title="导入会员名册",
        tab="members",
        status=error.status if error else 200,
        imports=await queries.imports_of(actor),
        current=current,
        unions=queries.import_options(actor),
        problem=problem,
        submission_key=ids.public(ids.new_id()),
    )


@get("/members/import/template", opt=_IMPORT)
async def download_template() -> Response[bytes]:
    content = await asyncio.to_thread(sheets.xlsx_bytes, TEMPLATE_HEADER, [], title="会员名册", to_fill_in=True)
    return _download(content, sheets.XLSX, "会员名册模板.xlsx")


@get("/members/import/{import_id:str}/report", opt=_IMPORT)
async def download_report(
    import_id: FromPath[str], actor: CurrentActor, format: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    rows: Sequence[tuple[int, str, str, str]] = await queries.report_rows(import_id, actor)
    if format == "csv":
        return _download(await asyncio.to_thread(sheets.csv_bytes, REPORT_HEADER, rows), sheets.CSV, "导入结果.csv")
    return _download(await asyncio.to_thread(sheets.xlsx_bytes, REPORT_HEADER, rows), sheets.XLSX, "导入结果.xlsx")


def _download(content: bytes, media_type: str, name: str) -> Response[bytes]:
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type=media_type, headers=headers)


routes = [
    list_members,
    show_imports,
    start_import,
    download_template,
    show_import,
    download_report,
    show_member,
    reveal_field,
    release_phone,
    register_phone,
    change_membership,
    release_unbound,
]
