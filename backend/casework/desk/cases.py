"""Pages of the desk: the queue, a case with its decision, sensitive values."""

from datetime import date
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.params import FromPath

from backend.casework import commands, queries
from backend.casework.desk.exports import form_address
from backend.casework.desk.lists import query_of, wanted_of
from backend.casework.queries import QueueQuery
from backend.casework.receipts import course, receipt
from backend.casework.schemas import DecisionInput, DeskCaseView, FieldComment
from backend.core import clock, reference
from backend.core.actor import Actor
from backend.core.errors import AppError, Conflict, NotFound
from backend.web.access import CurrentActor, may
from backend.web.forms import FormInput, read_form
from backend.web.pages import is_htmx, page, redirect

AnyRequest = Request[Any, Any, Any]
_VIEW, _DECIDE = may("case.view"), may("case.decide")
_ROWS = 50
_HOLD_DAYS = 5  # working days that a hold is offered for

# What has to be done first before this step can be passed: nobody else was faster.
_FIRST = ("step_needs_action", "notice_running")

_HEADINGS = {
    "mine": "待我办理",
    "due_today": "今天到期",
    "held": "已挂起",
    "done_today": "今天已办",
    "asked": "待答复",
}


@get("/cases", opt=_VIEW)
async def show_queue(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    context = await _queue(request, actor)
    return page(request, "desk/casework/queue.html", title=context["heading"], **context)


@get("/cases/{number:str}", opt=_VIEW)
async def show_case(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _case_page(request, number, actor)


@post("/cases/{number:str}/open", opt=_DECIDE, status_code=200)
async def take_up(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[str]:
    """Sent by the page when a clerk has the case before them, and every minute after; who else has it is answered."""
    await commands.take_up(number=number, actor=actor)
    return page(request, "desk/casework/presence.html", open_by=await queries.present_at(number, actor))


@post("/cases/{number:str}/leave", opt=_DECIDE, status_code=204)
async def leave(number: FromPath[str], actor: CurrentActor) -> None:
    """Sent by the page when it is left."""
    await commands.presence.leave(number=number, actor=actor)


@post("/cases/{number:str}/decisions", opt=_DECIDE)
async def decide(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    place = await queries.place_of(number)
    try:
        await commands.decide(number=number, data=_decision(form), actor=actor)
    except NotFound:
        raise
    except AppError as error:
        return await _case_page(request, number, actor, form=form, error=error)
    wanted = wanted_of(request)
    # Decisions go down a list. What a search found is decided by itself, and the queue goes on.
    is_list = not (wanted.q or wanted.done or request.query_params.get("asked"))
    following = await queries.next_in_queue(actor, besides=number, wanted=wanted if is_list else None, after=place)
    return redirect(f"/desk/cases{'/' + following if following else ''}{query_of(request) if is_list else ''}")


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


def _tab(wanted: QueueQuery) -> str:
    if wanted.done:
        return "done_today"
    if wanted.due:
        return "due_today"
    return "held" if wanted.status == "on_hold" else "mine"


async def _queue(request: AnyRequest, actor: Actor) -> dict[str, Any]:
    wanted, params, query = wanted_of(request), request.query_params, query_of(request)
    asked, cursor = params.get("asked") == "1" and not wanted.q, params.get("cursor")
    if asked:
        found = await queries.asked_queue(actor, limit=_ROWS, cursor=cursor)
    else:
        found = await queries.desk_queue(actor, wanted, limit=_ROWS, cursor=cursor)
    more = f"{query}{'&' if query else '?'}cursor={quote(found.next_cursor)}" if found.next_cursor else ""
    tab = "asked" if asked else _tab(wanted)
    filters = queries.queue_filters(await queries.desk_counts(actor), wanted, actor) if tab == "mine" else []
    return {
        "tab": tab,
        "heading": "搜索结果" if wanted.q else _HEADINGS[tab],
        "rows": await queries.mark_present(found.items, actor),
        "filters": filters,
        "q": wanted.q,
        # Ticking and deciding together belongs to the list of what waits, not to searches and archives.
        "picking": tab in ("mine", "due_today") and not wanted.q and actor.can("case.decide"),
        "matching": next((one.count for one in filters if one.active), 0 if more else len(found.items)),
        "query": query,
        "export_href": _export_href(wanted, actor),
        "more_href": f"/desk/cases{more}" if more else "",
    }


def _export_href(wanted: QueueQuery, actor: Actor) -> str:
    """For the list as it stands; what was searched or done today is no list of a desk."""
    if wanted.q or wanted.done:
        return ""
    filters = {
        "desk": "mine",
        "service": wanted.service,
        "status": wanted.status or "waiting",
        "overdue": "1" if wanted.overdue else "",
        "due": "1" if wanted.due else "",
    }
    return form_address(actor, "cases", filters)


async def _case_page(
    request: AnyRequest, number: str, actor: Actor, *, form: FormInput | None = None, error: AppError | None = None
) -> Response[str]:
    """The case beside its queue; htmx asks for the case alone."""
    opened = await queries.desk_case(number, actor)
    around = {"tab": "mine", "query": query_of(request)} if is_htmx(request) else await _queue(request, actor)
    return page(
        request,
        "desk/casework/case.html",
        title=f"{opened.case.service.name} {opened.case.number}",
        status=error.status if error else 200,
        opened=opened,
        phrases=await queries.phrases(actor) if opened.may else [],
        said="",
        hold_until=reference.calendar().add_workdays(clock.today(), _HOLD_DAYS).isoformat(),
        may_export=actor.can("export.make"),
        quote=await queries.quote_of(number, actor),
        **await _places(opened, actor),
        **_again(form, error),
        **around,
    )


async def _places(opened: DeskCaseView, actor: Actor) -> dict[str, Any]:
    if "transfer" not in opened.may:
        return {"transfer_unions": [], "transfer_roles": [], "transfer_held": {}}
    options = await queries.transfer_options(opened.case.number, actor)
    return {"transfer_unions": options.unions, "transfer_roles": options.roles, "transfer_held": options.held}


def _decision(form: FormInput) -> DecisionInput:
    """What the action bar sent. A day that is none is left to the command, which says what it needs. A phrase that
    was chosen stands for a comment that was left empty."""
    phrase = form.one("phrase")
    return DecisionInput(
        action=form.one("action"),
        version=form.version(),
        comment=form.one("comment") or phrase,
        corrections=[FieldComment(field=name, comment=form.one(f"comment.{name}")) for name in _flags(form)],
        until=_day(form.one("until")),
        message=form.one("message") or (phrase if form.one("action") == "hold" else ""),
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
    lost = isinstance(error, Conflict) and error.code not in _FIRST
    wrong = {_place_of(each.field, flags): each.message for each in error.errors}
    return {
        "given": {name: form.one(name) for name in ("comment", "until", "message", "to_union", "role", "phrase")},
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
    leave,
    decide,
    reveal_field,
    show_receipt,
    show_course,
]
