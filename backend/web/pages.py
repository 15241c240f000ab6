"""HTML answers. `page()` renders a template with what every page needs: title, tab, theme, viewer."""

import functools
from datetime import date, datetime
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.enums import MediaType
from litestar.response import Redirect

from backend.core import clock, money, reference
from backend.core.settings import TEMPLATES_DIR
from backend.web.access import actor_of

DIST = TEMPLATES_DIR / "assets" / "dist"
THEMES = ("auto", "light", "dark")
SIZES = ("normal", "elder")
_WEEKDAYS = "一二三四五六日"


class Viewer(msgspec.Struct, kw_only=True):
    signed_in: bool
    staff: bool
    display: str
    unread: int


class PageFrame(msgspec.Struct, kw_only=True):
    """What base.html needs. `htmx` says that only a fragment was asked for."""

    title: str
    active_tab: str
    notice: str
    path: str
    theme: str
    size: str
    county_name: str
    is_demo: bool
    htmx: bool


@functools.cache
def asset_names() -> dict[str, str]:
    manifest = DIST / "manifest.json"
    if not manifest.exists():
        raise RuntimeError("the front-end assets are not built; `make` does it")
    return msgspec.json.decode(manifest.read_bytes(), type=dict[str, str])


def asset(name: str) -> str:
    return f"/assets/{asset_names()[name]}"


def _moment(value: date | datetime | str) -> date | datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    return clock.local(value) if isinstance(value, datetime) else value


def date_zh(value: date | datetime | str | None) -> str:
    """3月27日, with the year when it is not this one."""
    if value is None or value == "":
        return ""
    moment = _moment(value)
    text = f"{moment.month}月{moment.day}日"
    return text if moment.year == clock.today().year else f"{moment.year}年{text}"


def date_zh_week(value: date | datetime | str | None) -> str:
    if value is None or value == "":
        return ""
    return f"{date_zh(value)}(周{_WEEKDAYS[_moment(value).weekday()]})"


def provisional(value: date | str | None) -> str:
    """（暂定） behind a day that was counted before its year's holidays were published."""
    if value is None or value == "":
        return ""
    moment = _moment(value)
    day = moment.date() if isinstance(moment, datetime) else moment
    return "（暂定）" if reference.calendar().is_provisional(day) else ""


def time_zh(value: datetime | str) -> str:
    """10:32 of today; an earlier day with its date."""
    moment = _moment(value)
    if not isinstance(moment, datetime):
        return date_zh(moment)
    return f"{moment:%H:%M}" if moment.date() == clock.today() else datetime_zh(moment)


def datetime_zh(value: datetime | str | None) -> str:
    if value is None or value == "":
        return ""
    moment = _moment(value)
    return f"{date_zh(value)} {moment:%H:%M}" if isinstance(moment, datetime) else date_zh(moment)


@functools.cache
def environment() -> Environment:
    built = Environment(
        loader=FileSystemLoader(TEMPLATES_DIR),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=reference.settings().is_demo,
    )
    built.globals["asset"] = asset
    built.filters.update(yuan=money.yuan, date_zh=date_zh, date_zh_week=date_zh_week, datetime_zh=datetime_zh)
    built.filters.update(provisional=provisional, time_zh=time_zh)
    return built


def is_htmx(request: Request[Any, Any, Any]) -> bool:
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-history-restore-request") != "true"


def page(
    request: Request[Any, Any, Any],
    template: str,
    *,
    title: str = "",
    tab: str = "",
    notice: str = "",
    status: int = 200,
    **context: Any,
) -> Response[str]:
    """Render `template` with `page` (the frame), `viewer`, at the desk `shell`, and the given Views."""
    frame = _frame(request, title=title, tab=tab, notice=notice)
    shell = request.scope["state"]["frame"].shell
    content = environment().get_template(template).render(page=frame, viewer=_viewer(request), shell=shell, **context)
    return Response(content=content, status_code=status, media_type=MediaType.HTML)


def redirect(path: str) -> Redirect:
    """See other: after a POST the browser shows `path`, and reloading it repeats nothing."""
    return Redirect(path, status_code=303)


def _frame(request: Request[Any, Any, Any], *, title: str, tab: str, notice: str) -> PageFrame:
    settings = reference.settings()
    theme, size = request.cookies.get("theme", "auto"), request.cookies.get("size", "normal")
    return PageFrame(
        title=title or settings.county_name,
        active_tab=tab,
        notice=notice,
        path=request.scope["path"],
        theme=theme if theme in THEMES else "auto",
        size=size if size in SIZES else "normal",
        county_name=settings.county_name,
        is_demo=settings.is_demo,
        htmx=is_htmx(request),
    )


def _viewer(request: Request[Any, Any, Any]) -> Viewer:
    actor = actor_of(request)
    unread = request.scope["state"]["frame"].unread
    return Viewer(signed_in=actor.signed_in, staff=actor.is_staff, display=actor.display, unread=unread)
