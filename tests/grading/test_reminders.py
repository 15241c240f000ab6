"""Assessors are told of the sheets that wait for them: once, before the closing day, and where they work."""

from datetime import date
from typing import Any

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.settings import CONFIG_DIR
from backend.grading import commands, queries
from backend.grading.chair_inputs import (
    ClosingInput,
    NewPeriod,
    PanelInput,
    RecusalInput,
    TownInput,
    WithdrawalInput,
)
from backend.home.shell import load_shell
from backend.notifications import templates
from tests.casework.browser import browse
from tests.casework.world import staff
from tests.factories.application import drain
from tests.grading.test_rounds import refusal, send
from tests.grading.world import County, sheet
from workers import schedule


async def told(actor: Actor, notice: str = "grade.sheets") -> list[str]:
    found = await database.rows(
        "SELECT title FROM notification WHERE account_id = %s AND event = %s ORDER BY id", actor.account_id, notice
    )
    return [row["title"] for row in found]


async def close(county: County, period: str, on: date) -> None:
    await commands.set_closing_day(county.manager, period=period, data=ClosingInput(closes_on=on))


async def test_each_assessor_is_told_once_of_all_their_sheets(county: County) -> None:
    templates.load(CONFIG_DIR)
    for town in (0, 0, 1):
        await county.chair(town=town)
    period = await county.period()
    await drain()
    waits = "2026 年度等级考核有 {} 人等您评"
    assert [await told(one) for one in county.panel] == [[waits.format(3)]] * 3
    assert [await told(one) for one in county.clerks] == [[waits.format(2)], [waits.format(1)]]
    assert await told(county.manager) == []
    # More people and the same panel again: whoever was told is told no second time; the new one is.
    await county.chair()
    fourth = await staff("李评四", (county.union, "leader"))
    panel = [ids.public(one.account_id) for one in (*county.panel, fourth)]
    await commands.set_panel(county.manager, period=period, data=PanelInput(assessors=panel))
    await drain()
    assert [await told(one) for one in (*county.panel, fourth)] == [[waits.format(3)]] * 3 + [[waits.format(4)]]
    second = await staff("黄小二", (county.towns[1], "desk"))
    town = TownInput(assessor=ids.public(second.account_id), town=ids.public(county.towns[1].id))
    await commands.set_town_assessor(county.manager, period=period, data=town)
    await drain()
    assert await told(second) == [waits.format(1)]


async def test_a_reminder_comes_before_the_closing_day_and_only_to_whoever_is_not_done(county: County) -> None:
    templates.load(CONFIG_DIR)
    first, second, third = [await county.chair() for _ in range(3)]
    period = await county.period()
    await close(county, period, date(2026, 12, 8))
    for chair in (first, second, third):
        await sheet(county.panel[0], period, chair, 80)
    await sheet(county.panel[1], period, first, 80)
    reason = RecusalInput(candidate=second.id, reason="曾是同事")
    await commands.recuse(county.panel[1], period=period, data=reason)
    out = WithdrawalInput(candidate=third.id, on=date(2026, 6, 30), reason="调走")
    await commands.withdraw(county.manager, period=period, data=out)
    assert await commands.remind_assessors() == 0  # a week is left
    clock.advance(days=4)
    assert await commands.remind_assessors() == 2
    assert await commands.remind_assessors() == 0
    due = "grade.sheets_due"
    assert [await told(one, due) for one in county.panel] == [[], [], ["还有 2 人没评，2026年12月8日截止"]]
    assert await told(county.clerks[0], due) == ["还有 2 人没评，2026年12月8日截止"]
    await close(county, period, date(2026, 12, 7))
    assert await commands.remind_assessors() == 2  # another day is another reminder
    clock.advance(days=4)
    assert await commands.remind_assessors() == 0  # it is over


async def test_the_cron_reminds_once_an_hour_at_most(county: County) -> None:
    templates.load(CONFIG_DIR)
    await county.chair()
    period = await county.period()
    await close(county, period, date(2026, 12, 2))
    for _ in range(2):
        await schedule.remind_assessors({})
    assert await database.scalar("SELECT COUNT(*) FROM notification WHERE event = 'grade.sheets_due'") == 4
    assert await database.scalar("SELECT COUNT(*) FROM cron_tick WHERE id LIKE 'remind_assessors:%%'") == 1


async def test_what_waits_stands_where_assessors_work(county: County, app: Any) -> None:
    first, second = await county.chair(), await county.chair(town=1)
    assert await queries.waiting_sheets(county.panel[0]) == 0
    period = await county.period()
    assert [await queries.waiting_sheets(one) for one in (*county.panel, *county.clerks)] == [2, 2, 2, 1, 1]
    assert [await queries.waiting_sheets(one) for one in (county.far, first.actor)] == [0, 0]
    work = {one.key: (one.label, one.href, one.count) for one in (await load_shell(county.panel[0], 0)).work}
    assert work["sheets"] == ("等我评分", "/desk/grading", 2)
    tablet = await browse(app, county.panel[0])
    assert "等我评分" in (await tablet.get("/desk/grading")).text
    home = (await tablet.get("/")).text
    assert "等级考核等我评分" in home and "2 人" in home
    await sheet(county.panel[0], period, first, 80)
    reason = RecusalInput(candidate=second.id, reason="曾是同事")
    await commands.recuse(county.panel[0], period=period, data=reason)
    assert await queries.waiting_sheets(county.panel[0]) == 0
    assert "sheets" not in {one.key for one in (await load_shell(county.panel[0], 0)).work}
    assert "等级考核等我评分" not in (await tablet.get("/")).text
    out = WithdrawalInput(candidate=second.id, on=date(2026, 6, 30), reason="调走")
    await commands.withdraw(county.manager, period=period, data=out)
    assert await queries.waiting_sheets(county.clerks[1]) == 0


async def test_the_closing_day_is_set_at_the_desk(county: County, app: Any) -> None:
    union = ids.public(county.union.id)
    past = NewPeriod(union_id=union, year=2026, closes_on=date(2026, 11, 30))
    assert await refusal(commands.open_period(county.manager, data=past)) == "grading_closes_past"
    new = {"union_id": union, "year": 2026, "closes_on": "2026-12-15"}
    made = (await send(app, county.manager, "/desk/grading", new, 201))["period"]
    assert made["closes_on"] == "2026-12-15"
    at = f"/desk/grading/{made['id']}"
    moved = await send(app, county.manager, f"{at}/closing-day", {"closes_on": "2026-12-18"})
    assert moved["period"]["closes_on"] == "2026-12-18"
    desk = await browse(app, county.manager)
    wrong = await desk.post(f"{at}/closing-day", data={"closes_on": "2026-11-01"})
    assert (wrong.status_code, 'value="2026-11-01"' in wrong.text, 'id="f-closes_on-error"' in wrong.text) == (
        422,
        True,
        True,
    )
    assert (await desk.post(f"{at}/closing-day", data={"closes_on": "2026-12-20"})).status_code == 303
    assert 'value="2026-12-20"' in (await desk.get(at)).text
