"""Chairs of the demo county: last year's appraisal, published and owed, and this year's, half scored."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from stdnum import luhn

from backend.casework import commands as casework
from backend.casework.schemas import DecisionInput, SubmitInput
from backend.core import clock, database, ids, reference
from backend.core.actor import Actor
from backend.demo import places
from backend.demo.tree import County
from backend.grading import commands as grading
from backend.grading import scheme_files
from backend.grading.chair_inputs import NewPeriod, PanelInput, SheetInput, VetoInput

# Of each chair: the number of the town, the share of all points that they give themselves, the township and the panel.
CHAIRS = (
    (0, 95, 88, 74),
    (1, 90, 80, 62),
    (2, 92, 85, 61),
    (3, 100, 96, 78),
    (5, 88, 70, 45),
    (6, 97, 90, 91),
)
PANEL = ("demo-admin", "town-02", "town-03", "town-04")
SCORED_SO_FAR = 2  # of this year, by the panel; demo-town has still to score theirs


class Chair(NamedTuple):
    """Somebody who joined through the portal, as they gave their name and identity number then."""

    actor: Actor
    name: str
    id_no: str


async def appraise(county: County, people: Sequence[Chair], now: datetime) -> None:
    """Time is set back for last year's; this year's sheets are written up to now."""
    last, this = clock.local(now).year - 1, clock.local(now).year
    at = county.unions[places.COUNTY]
    _days_ago(now, 22)
    chairs = [await _apply(county, number, who, last) for number, who in enumerate(people)]
    period = await _open(county, at, last)
    for number, chair in enumerate(chairs):
        await _score(county, period, number, chair, list(PANEL))
    veto = VetoInput(candidate=chairs[5], veto="fraud", reason="虚报活动两场，经核实扣回经费")
    await grading.set_veto(county.staff["demo-county"], period=period, data=veto)
    await grading.publish(county.staff["demo-county"], period=period)
    _days_ago(now, 15)
    await grading.publish(county.staff["demo-county"], period=period)
    await grading.record_subsidies(county.staff["demo-county"], period=period)
    _days_ago(now, 4)
    chairs = [await _apply(county, number, who, this) for number, who in enumerate(people)]
    running = await _open(county, at, this)
    for number, chair in enumerate(chairs):
        if number:
            await _score(county, running, number, chair, list(PANEL[: SCORED_SO_FAR + number % 2]))


def _days_ago(now: datetime, workdays: int) -> None:
    day = reference.calendar().add_workdays(clock.local(now).date(), -workdays)
    clock.freeze(clock.start_of(day) + timedelta(hours=10))


async def _apply(county: County, number: int, who: Chair, year: int) -> str:
    """Approved by the township and the county; the candidate."""
    town = places.TOWNS[CHAIRS[number][0]]
    unit = next(one for one in town.units if one.endswith("有限公司工会"))
    form = {
        "year": year,
        "chair_name": who.name,
        "chair_id": who.id_no,
        "post_kind": "full_time_vice" if number == 2 else "chair",
        "union_ref": county.unions[unit],
        "in_post_since": f"{clock.today().year - 1}-07-01" if number == 1 else "2020-05-01",
        "bank_card": _card(number),
        "self_scores": _self_assessment(CHAIRS[number][1]),
        "truth_ok": True,
    }
    case = await casework.submit(slug="chair-grading", data=SubmitInput(form=form), actor=who.actor)
    clerk = "demo-town" if CHAIRS[number][0] == 0 else f"town-{CHAIRS[number][0] + 1:02d}"
    for username in (clerk, "demo-county"):
        version = await database.scalar("SELECT version FROM case_file WHERE number = %s", case)
        data = DecisionInput(action="approve", version=version, comment="任职属实")
        await casework.decide(number=case, data=data, actor=county.staff[username])
    return ids.public(await database.scalar("SELECT id FROM grading_candidate WHERE case_number = %s", case))


def _card(number: int) -> str:
    digits = f"99999900000{number + 100:04d}"
    return digits + luhn.calc_check_digit(digits)


def _self_assessment(total: int) -> list[dict[str, str]]:
    """Five abilities with twenty points each, filled up one after another."""
    parts = scheme_files.current().chairs.versions[0].parts
    lines = []
    for part in parts:
        if not part.bonus:
            points = min(20, total)
            total -= points
            lines.append({"item": part.name, "score": str(points), "evidence": "见佐证材料"})
    return lines


async def _open(county: County, union: str, year: int) -> str:
    manager = county.staff["demo-county"]
    period = await grading.open_period(manager, data=NewPeriod(union_id=union, year=year))
    panel = [ids.public(county.staff[username].account_id) for username in PANEL]
    await grading.set_panel(manager, period=period, data=PanelInput(assessors=panel))
    return period


async def _score(county: County, period: str, number: int, chair: str, panel: list[str]) -> None:
    """The township's sheet, and those of these members of the panel; nobody writes two."""
    town, _, by_town, by_panel = CHAIRS[number]
    clerk = "demo-town" if town == 0 else f"town-{town + 1:02d}"
    await _sheet(county.staff[clerk], period, chair, by_town)
    for at, username in enumerate(one for one in panel if one != clerk):
        await _sheet(county.staff[username], period, chair, by_panel + at - 1)


async def _sheet(actor: Actor, period: str, chair: str, total: int) -> None:
    left, scores = Decimal(total), {}
    for item in scheme_files.current().chairs.versions[0].items:
        scores[item.key] = min(left, item.most)
        left -= scores[item.key]
    await grading.score(actor, period=period, data=SheetInput(candidate=chair, scores=scores))
