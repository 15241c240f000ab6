"""The answers of the product's lists, written by hand with the standard library and Jinja2 alone.

The raw floor and the peers share it, so that every server gives the same answer; `__main__` compares them.
What the product loads once at start comes from the file BENCH_FACTS.
"""

import base64
import json
import os
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

CHINA = timezone(timedelta(hours=8))
LIMIT = 20
TEMPLATES = Path(__file__).resolve().parents[2] / "portal_templates"

_FACTS = json.loads(Path(os.environ["BENCH_FACTS"]).read_text("utf-8"))
_WORKDAYS = [date.fromisoformat(day) for day in _FACTS["workdays"]]
_STEPS, _DIVISIONS = _FACTS["steps"], _FACTS["divisions"]
_STATUS = {"submitted": "已提交", "in_review": "审核中"}
_HEADLINES = {"submitted": "{}已收到，等待审核", "in_review": "{}正在审核"}
_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass
class Service:
    slug: str
    name: str


@dataclass
class Step:
    index: int
    name: str
    role: str
    desk: str
    state: str
    days: int


@dataclass
class CaseRow:
    number: str
    service: Service
    status: str
    status_text: str
    tone: str
    headline: str
    submitted_at: str
    due_on: str | None
    days_left: int | None
    steps: list[Step]
    unread_messages: int


@dataclass
class QueueRow:
    number: str
    service: Service
    status: str
    subject: str
    summary: str
    division: str
    due_on: str | None
    calendar_due_on: str | None
    due_text: str
    tone: str
    round: int
    step_name: str
    version: int
    flagged: bool
    urged: bool
    submitted_at: str
    in_batch: bool
    asking: bool
    unread_messages: int
    open_by: str
    asked: bool
    recused: bool
    signed: bool


@dataclass
class CasePage:
    items: list[CaseRow]
    next_cursor: str | None


@dataclass
class QueuePage:
    items: list[QueueRow]
    next_cursor: str | None


_SERVICE = Service(**_FACTS["service"])


def today() -> date:
    return datetime.now(CHINA).date()


def due_on(start: date) -> date:
    """The last day of the service's limit."""
    return _WORKDAYS[bisect_right(_WORKDAYS, start) + _FACTS["limit"] - 1]


def case_row(
    *,
    number: str,
    status: str,
    step_index: int,
    plan: str,
    submitted_at: datetime,
    due_on: date | None,
    desk_name: str,
    now: date,
) -> CaseRow:
    """One line of "my cases"; the benchmark's are all waiting at a desk."""
    left = None if due_on is None else _days_left(now, due_on)
    return CaseRow(
        number=number,
        service=_SERVICE,
        status=status,
        status_text=_STATUS[status],
        tone="late" if left is not None and left < 0 else "info",
        headline=_HEADLINES[status].format(desk_name),
        submitted_at=_iso(submitted_at),
        due_on=None if due_on is None else due_on.isoformat(),
        days_left=left,
        steps=[Step(-1, "已提交", "", "", "done", 0), *_steps(plan, step_index, desk_name)],
        unread_messages=0,
    )


def _steps(plan: str, current: int, desk_name: str) -> list[Step]:
    steps = []
    for index in map(int, plan.split(",")):
        step = _STEPS[index]
        state = "current" if index == current else "done" if index < current else "ahead"
        desk = desk_name if state == "current" else step["place"]
        steps.append(Step(index, step["name"], step["role"], desk, state, step["days"]))
    return steps


def case_page(rows: list[CaseRow], ids: list[int]) -> CasePage:
    """`rows` were read with one more than fit."""
    more = len(rows) > LIMIT
    return CasePage(rows[:LIMIT], _cursor(_public(ids[LIMIT - 1])) if more else None)


def queue_page(rows: list[dict[str, Any]], now: date) -> QueuePage:
    kept = rows[:LIMIT]
    cursor = None
    if len(rows) > LIMIT:
        cursor = _cursor(kept[-1]["due_on"].isoformat(), _public(kept[-1]["id"]))
    return QueuePage([_queue_row(row, now) for row in kept], cursor)


def _queue_row(row: dict[str, Any], now: date) -> QueueRow:
    due_text, tone = _due_words(row["due_on"], now)
    return QueueRow(
        number=row["number"],
        service=_SERVICE,
        status=row["status"],
        subject=_mask_name(row["subject_name"]),
        summary=row["summary"],
        division=_DIVISIONS[row["division"]],
        due_on=row["due_on"].isoformat(),
        calendar_due_on=None,
        due_text=due_text,
        tone=tone,
        round=row["round"],
        step_name=_STEPS[row["step_index"]]["name"],
        version=row["version"],
        flagged=bool(row["desk_flagged"]),
        urged=row["urge_count"] > 0,
        submitted_at=_iso(row["submitted_at"]),
        in_batch=row["batch_id"] is not None,
        asking=row["open_questions"] > 0,
        unread_messages=row["desk_unread"],
        open_by="",
        asked=False,
        recused=False,
        signed=False,
    )


def _mask_name(name: str) -> str:
    head = 2 if name.startswith("欧阳") and len(name) > 2 else 1
    letters = [letter for letter in name if letter != "·"]
    tail = len(letters) - 1 if len(letters) > head + 1 else len(letters)
    masked = iter([letter if at < head or at >= tail else "*" for at, letter in enumerate(letters)])
    return "".join("·" if letter == "·" else next(masked) for letter in name)


def _due_words(due: date, now: date) -> tuple[str, str]:
    left = _days_left(now, due)
    if left < 0:
        return f"逾期 {-left} 天", "late"
    if due == now:
        return "今天到期", "late"
    if due == now + timedelta(days=1):
        return "明天到期", "warn"
    year = "" if due.year == now.year else f"{due.year}年"
    return f"{year}{due.month}月{due.day}日", "warn" if left <= 1 else "info"


def _days_left(now: date, due: date) -> int:
    left = bisect_right(_WORKDAYS, due) - bisect_right(_WORKDAYS, now)
    return min(left, -1) if due < now else left


def _iso(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(CHINA).isoformat(timespec="seconds")


def _public(identifier: int) -> str:
    return "".join(_BASE32[identifier >> shift & 31] for shift in range(60, -1, -5))


def _cursor(*values: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")


@dataclass
class _Frame:
    title: str
    active_tab: str
    notice: str
    path: str
    theme: str
    size: str
    county_name: str
    is_demo: bool
    htmx: bool


@dataclass
class _Viewer:
    signed_in: bool
    staff: bool
    name: str
    display: str
    unread: int


def cases_html(found: CasePage, *, display: str, counts: dict[str, int], unread: int) -> str:
    """The product's page of one's own cases, from its own template."""
    more = f"/cases?status=open&cursor={found.next_cursor}" if found.next_cursor else ""
    return _TEMPLATE.render(
        page=_Frame("办件", "cases", "", "/cases", "auto", "normal", _FACTS["county_name"], is_demo=False, htmx=False),
        viewer=_Viewer(signed_in=True, staff=False, name=display, display=display, unread=unread),
        shell=None,
        shown="open",
        rows=found.items,
        counts=counts,
        drafts=[],
        more_href=more,
    )


def grouped(by_status: dict[str, int]) -> dict[str, int]:
    """How many cases are open and closed."""
    opened = sum(by_status.get(status, 0) for status in ("submitted", "in_review", "returned", "on_hold"))
    return {"open": opened, "closed": sum(by_status.values()) - opened}


def _date_zh(value: str) -> str:
    day = date.fromisoformat(value[:10])
    text = f"{day.month}月{day.day}日"
    return text if day.year == today().year else f"{day.year}年{text}"


def _provisional(value: str) -> str:
    return "（暂定）" if int(value[:4]) in _FACTS["provisional_years"] else ""


def _environment() -> Environment:
    names = json.loads((TEMPLATES / "assets" / "dist" / "manifest.json").read_bytes())
    built = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    built.globals["asset"] = lambda name: f"/assets/{names[name]}"
    built.filters.update(date_zh=_date_zh, date_zh_week=_date_zh, datetime_zh=_date_zh, yuan=str)
    built.filters["provisional"] = _provisional
    return built


_TEMPLATE = _environment().get_template("portal/casework/cases.html")
