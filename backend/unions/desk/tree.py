"""The tree of unions: list, search, create, rename, move, dissolve."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.core import ids, reference
from backend.core.actor import Actor
from backend.core.errors import AppError, Forbidden, NotFound, invalid
from backend.unions import commands, queries
from backend.unions.desk.forms import notice, version_of
from backend.unions.enums import KIND_NAMES, LEVEL_NAMES
from backend.unions.schemas import UnionInput
from backend.web.access import CurrentActor, may
from backend.web.form_pages import Choice, again, choices, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
MANAGE = "union.manage"


@get("/unions", opt=may(MANAGE))
async def show_unions(
    request: AnyRequest,
    actor: CurrentActor,
    q: FromQuery[str] = "",
    done: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    found = await queries.list_tree(actor, q=q, cursor=cursor)
    more = urlencode({"q": q, "cursor": found.next_cursor})
    return page(
        request,
        "desk/unions/tree.html",
        title="组织",
        tab="unions",
        notice=notice(done),
        nodes=found.items,
        q=q,
        more_href=f"/desk/unions?{more}" if found.next_cursor else "",
    )


@get("/unions/{union:str}", opt=may(MANAGE))
async def show_union(
    request: AnyRequest, union: FromPath[str], actor: CurrentActor, done: FromQuery[str] = ""
) -> Response[str]:
    return await _union_page(request, actor, union, done=done)


async def _union_page(
    request: AnyRequest,
    actor: Actor,
    union: str,
    *,
    done: str = "",
    failed: str = "",
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    """`failed` names the form that is shown again: child, name, move or dissolve."""
    opened = await queries.open_union(union, actor)
    parents = await queries.possible_parents(opened.node, actor) if opened.may_move else []
    return page(
        request,
        "desk/unions/union.html",
        title=opened.node.name,
        tab="unions",
        notice=notice(done),
        status=status_of(error),
        union=opened.node,
        trail=opened.trail,
        children=opened.children,
        may_manage=opened.may_manage,
        may_move=opened.may_move,
        kinds=choices(KIND_NAMES),
        levels=choices(LEVEL_NAMES),
        divisions=_divisions(opened.node.division),
        parents=[Choice(value=one.id, label=one.name) for one in parents],
        form=failed,
        **again(form, error),
    )


def _divisions(code: str) -> list[Choice]:
    """The county of this division and its townships."""
    divisions = reference.divisions()
    county = divisions.county_of(code) or reference.settings().county_division
    known = [divisions.get(county), *divisions.children(county)]
    return [Choice(value=one.code, label=one.name, selected=one.code == code) for one in known if one]


@post("/unions", opt=may(MANAGE))
async def create_union(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        made = await commands.create_union(form_struct(form, UnionInput), actor)
    except (NotFound, Forbidden):
        raise
    except AppError as error:
        return await _union_page(request, actor, form.one("parent_id"), failed="child", form=form, error=error)
    return redirect(f"/desk/unions/{ids.public(made)}?done=created")


@post("/unions/{union:str}/name", opt=may(MANAGE))
async def rename_union(request: AnyRequest, union: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.rename_union(union, form.one("name"), version_of(form), actor)
    except (NotFound, Forbidden):
        raise
    except AppError as error:
        return await _union_page(request, actor, union, failed="name", form=form, error=error)
    return redirect(f"/desk/unions/{union}?done=renamed")


@post("/unions/{union:str}/move", opt=may(MANAGE))
async def move_union(request: AnyRequest, union: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.move_union(union, form.one("parent_id"), version_of(form), actor)
    except (NotFound, Forbidden):
        raise
    except AppError as error:
        return await _union_page(request, actor, union, failed="move", form=form, error=error)
    return redirect(f"/desk/unions/{union}?done=moved")


@post("/unions/{union:str}/dissolve", opt=may(MANAGE))
async def dissolve_union(request: AnyRequest, union: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        if form.one("confirm") != (await queries.place_in_scope(union, actor, MANAGE)).name:
            raise invalid("confirm", "union_confirm")
        await commands.dissolve_union(union, version_of(form), actor)
    except (NotFound, Forbidden):
        raise
    except AppError as error:
        return await _union_page(request, actor, union, failed="dissolve", form=form, error=error)
    return redirect("/desk/unions?done=dissolved")


routes = [show_unions, show_union, create_union, rename_union, move_union, dissolve_union]
