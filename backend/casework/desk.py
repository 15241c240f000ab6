"""Pages of the desk: the queue, a case with its decision, sensitive values."""

from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath

from backend.casework import (
    commands,
    desk_acts,
    desk_batches,
    desk_filing,
    desk_records,
    desk_statistics,
    queries,
)
from backend.casework.queries import QueueQuery
from backend.casework.receipts import course, receipt
from backend.casework.schemas import DecisionInput, DeskCaseView, FieldComment
from backend.core.actor import Actor
from backend.core.errors import AppError, Conflict, NotFound
from backend.web.access import CurrentActor, may
from backend.web.forms import FormInput, read_form
from backend.web.pages import is_htmx, page, redirect

AnyRequest = Request[Any, Any, Any]
_VIEW, _DECIDE = may("case.view"), may("case.decide")
_ROWS = 50

PHRASES = (
    "照片不清楚，请对着光重拍，四个角都要拍到。",
    "请写单位全称，与劳动合同或营业执照一致。",
    "与身份证不一致，请照着身份证重新填写。",
    "请补传盖章的那一页。",
    "材料齐全，情况属实。",
    "不属于本工会，请改选工作所在地的工会。",
)
_HEADINGS = {
    "mine": "待我办理",
    "due_today": "今天到期",
    "held": "已挂起",
    "done_today": "今天已办",
}


@get("/cases", opt=_VIEW)
async def show_queue(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    context = await _queue(request, actor)
    return page(request, "desk/casework/queue.html", title=context["heading"], **context)


@get("/cases/{number:str}", opt=_VIEW)
async def show_case(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _case_page(request, number, actor)


@post("/cases/{number:str}/open", opt=_DECIDE, status_code=204)
async def take_up(number: FromPath[str], actor: CurrentActor) -> None:
    """Sent by the page when a clerk has the case before them."""
    await commands.take_up(number=number, actor=actor)


@post("/cases/{number:str}/decisions", opt=_DECIDE)
async def decide(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.decide(number=number, data=_decision(form), actor=actor)
    except NotFound:
        raise
    except AppError as error:
        return await _case_page(request, number, actor, form=form, error=error)
    following = await queries.next_in_queue(actor)
    return redirect(f"/desk/cases{'/' + following if following else ''}{_query(request)}")


@post("/cases/{number:str}/reveal/{field:str}", opt=_DECIDE)
async def reveal_field(
    request: AnyRequest, number: FromPath[str], field: FromPath[str], actor: CurrentActor
) -> Response[str]:
    opened = await commands.reveal_field(number=number, field=field, actor=actor)
    return page(
        request,
        "desk/casework/revealed.html",
        title=opened.label,
        tab="mine",
        label=opened.label,
        value=opened.value,
        back=f"/desk/cases/{number}",
    )


@get("/cases/{number:str}/receipt", opt=_VIEW)
async def show_receipt(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[Any]:
    seen = await queries.desk_case(number, actor)
    form = request.query_params.get("format", "")
    return await receipt(request, seen.case, applicant=seen.subject, template="desk/casework/receipt.html", form=form)


@get("/cases/{number:str}/timeline", opt=_VIEW)
async def show_course(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[Any]:
    seen = await queries.desk_case(number, actor)
    form = request.query_params.get("format", "")
    return await course(request, seen.case, applicant=seen.subject, template="desk/casework/course.html", form=form)


def _wanted(request: AnyRequest) -> QueueQuery:
    given = request.query_params
    return QueueQuery(
        service=given.get("service", ""),
        status=given.get("status", ""),
        overdue=given.get("overdue", "") in ("1", "true"),
        due=given.get("due", ""),
        done=given.get("done", ""),
        q=given.get("q", "")[:200],
    )


def _tab(wanted: QueueQuery) -> str:
    if wanted.done:
        return "done_today"
    if wanted.due:
        return "due_today"
    return "held" if wanted.status == "on_hold" else "mine"


def _query(request: AnyRequest) -> str:
    """Kept on every link, so that the list stays the same while one works through it."""
    given = {name: value for name, value in request.query_params.items() if name != "cursor"}
    return f"?{urlencode(given)}" if given else ""


async def _queue(request: AnyRequest, actor: Actor) -> dict[str, Any]:
    wanted = _wanted(request)
    found = await queries.desk_queue(actor, wanted, limit=_ROWS, cursor=request.query_params.get("cursor"))
    query, params = _query(request), request.query_params
    more = f"{query}{'&' if query else '?'}cursor={quote(found.next_cursor)}" if found.next_cursor else ""
    tab = _tab(wanted)
    return {
        "tab": tab,
        "heading": "搜索结果" if wanted.q else _HEADINGS[tab],
        "rows": found.items,
        "filters": queries.queue_filters(await queries.desk_counts(actor), wanted) if tab == "mine" else [],
        "q": wanted.q,
        # Ticking and deciding together belongs to the list of what waits, not to searches and archives.
        "picking": tab in ("mine", "due_today") and not wanted.q and actor.can("case.decide"),
        "filter_values": {name: given for name in ("service", "overdue", "due") if (given := params.get(name))},
        "query": query,
        "more_href": f"/desk/cases{more}" if more else "",
    }


async def _case_page(
    request: AnyRequest, number: str, actor: Actor, *, form: FormInput | None = None, error: AppError | None = None
) -> Response[str]:
    """The case beside its queue; htmx asks for the case alone."""
    opened = await queries.desk_case(number, actor)
    around = {"tab": "mine", "query": _query(request)} if is_htmx(request) else await _queue(request, actor)
    return page(
        request,
        "desk/casework/case.html",
        title=f"{opened.case.service.name} {opened.case.number}",
        status=error.status if error else 200,
        opened=opened,
        phrases=PHRASES,
        quote=await queries.quote_of(number, actor),
        **await _places(opened, actor),
        **_again(form, error),
        **around,
    )


async def _places(opened: DeskCaseView, actor: Actor) -> dict[str, Any]:
    if "transfer" not in opened.may:
        return {"transfer_unions": [], "transfer_roles": []}
    options = await queries.transfer_options(opened.case.number, actor)
    return {"transfer_unions": options.unions, "transfer_roles": options.roles}


def _decision(form: FormInput) -> DecisionInput:
    """What the action bar sent. A day that is none is left to the command, which says what it needs."""
    return DecisionInput(
        action=form.one("action"),
        version=int(version) if (version := form.one("version")).isdecimal() and len(version) < 10 else 0,
        comment=form.one("comment"),
        corrections=[FieldComment(field=name, comment=form.one(f"comment.{name}")) for name in _flags(form)],
        until=_day(form.one("until")),
        message=form.one("message"),
        to_union=form.one("to_union"),
        role=form.one("role"),
    )


def _flags(form: FormInput) -> list[str]:
    return list(dict.fromkeys(form.values.get("flag", [])))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _again(form: FormInput | None, error: AppError | None) -> dict[str, Any]:
    """What was typed and what is wrong with it, by the names the page knows."""
    if form is None or error is None:
        return {"given": {}, "flags": {}, "errors": {}, "lost": ""}
    flags = _flags(form)
    lost = isinstance(error, Conflict)
    wrong = {_place_of(each.field, flags): each.message for each in error.errors}
    return {
        "given": {name: form.one(name) for name in ("comment", "until", "message", "to_union", "role")},
        "flags": {name: form.one(f"comment.{name}") for name in flags},
        "errors": {} if lost else wrong or {"": error.detail},
        "lost": error.detail if lost else "",
    }


def _place_of(field: str, flags: list[str]) -> str:
    """`corrections.2.comment` belongs beside the third flagged field."""
    head, _, rest = field.partition(".")
    index, _, part = rest.partition(".")
    if head == "corrections" and part == "comment" and index.isdecimal() and int(index) < len(flags):
        return f"comment.{flags[int(index)]}"
    return head if head in ("comment", "until", "message", "to_union", "role", "corrections") else ""


routes = [
    show_queue,
    show_case,
    take_up,
    decide,
    reveal_field,
    show_receipt,
    show_course,
    *desk_filing.routes,
    *desk_acts.routes,
    *desk_batches.routes,
    *desk_statistics.routes,
    *desk_records.routes,
]
