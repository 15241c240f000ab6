"""When something comes to entitled members without their asking, and what is filled in. Pure: days and files go in."""

import calendar
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from backend.casework.flows import Flow, ProactiveSpec
from backend.casework.protocols import Prefilled


class Window(msgspec.Struct, frozen=True):
    """A period in which it is offered once to each: "2026" or "2026-03"."""

    period: str
    closes_on: date


def window(spec: ProactiveSpec, today: date) -> Window | None:
    """The one that is open; None outside the days of the file."""
    opens, closes = (date.fromisoformat(f"{today.year}-{_in_year(day, today)}") for day in (spec.opens, spec.closes))
    if today < spec.since or not opens <= today <= closes:
        return None
    if spec.period == "year":
        return Window(str(today.year), closes)
    last = today.replace(day=calendar.monthrange(today.year, today.month)[1])
    return Window(today.isoformat()[:7], min(last, closes))


def _in_year(day: str, today: date) -> str:
    """The last of February is a day earlier in most years."""
    return "02-28" if day == "02-29" and not calendar.isleap(today.year) else day


def rule_of(flow: Flow, key: str) -> ProactiveSpec | None:
    return next((spec for spec in flow.proactive if spec.key == key), None)


def offer_key(flow: str, rule: str, member_id: int, period: str) -> str:
    return f"{flow}:{rule}:{member_id}:{period}"


def refusal_key(flow: str, rule: str, member_id: int) -> str:
    return f"{flow}:{rule}:{member_id}"


def filled_in(spec: ProactiveSpec, prefilled: Mapping[str, Prefilled]) -> dict[str, Prefilled]:
    """The whole form with its sources: what the file says for everybody goes before what is known of the person."""
    said = {name: Prefilled(value, f"来自“{spec.name}”") for name, value in spec.form.items()}
    return {**prefilled, **said}


def answers(filled: Mapping[str, Prefilled]) -> dict[str, Any]:
    return {name: answer.value for name, answer in filled.items()}
