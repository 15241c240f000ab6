"""Campaigns by lot: numbers, one draw, vouchers for the winners, words for the others, and a proof for everybody."""

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backend.allocation import commands as allocation
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import Conflict
from backend.core.settings import CONFIG_DIR
from backend.membership.enums import Outer
from backend.notifications import templates
from backend.payments import queries as money
from backend.vouchers import commands, queries
from backend.vouchers.enums import CampaignMode
from tests.casework.browser import browse, hidden
from tests.vouchers.test_distribution import finished
from tests.vouchers.world import County, broken, opened
from workers import schedule, tasks

CLOSES = datetime(2026, 3, 20, 10, 0, tzinfo=UTC)


async def lottery(county: County, *, total: int = 3, **more: Any) -> str:
    return await opened(county, mode=CampaignMode.LOTTERY, total=total, **more)


async def entered(county: County, campaign: str, count: int) -> list[Actor]:
    """So many members who take part, numbered from 1."""
    found = [await county.member() for _ in range(count)]
    for number, member in enumerate(found, 1):
        mine = await commands.enter(campaign=campaign, actor=member)
        assert (mine.number, mine.state) == (number, "entered")
    return found


async def drawn() -> None:
    """The entries close, the draw is held, and everybody has theirs and is told."""
    clock.freeze(CLOSES)
    templates.load(CONFIG_DIR)
    assert await commands.draw_due(20) == 1
    await finished(await database.scalar("SELECT id FROM voucher_distribution"))
    await tasks.drain_outbox({})


async def holders() -> set[int]:
    return {row["member_id"] for row in await database.rows("SELECT member_id FROM voucher")}


async def titles(member: Actor) -> list[str]:
    sql = "SELECT title FROM notification WHERE account_id = %s ORDER BY id"
    return [row["title"] for row in await database.rows(sql, member.account_id)]


async def test_as_many_win_as_there_are_vouchers_and_everybody_is_told(county: County) -> None:
    campaign = await lottery(county, total=3)
    people = await entered(county, campaign, 10)
    await drawn()
    result = await queries.public_draw(campaign)
    assert (len(result.order), len(result.winners), result.state) == (10, 3, "drawn")
    assert await holders() == {people[number - 1].member_id for number in result.winners}
    for number, person in enumerate(people, 1):
        won = number in result.winners
        assert await titles(person) == (["您抽中了一张券"] if won else ["这次没有抽中"])
        entry = (await queries.standing(campaign, person)).entry
        assert entry is not None
        assert (entry.state, entry.rank) == ("won" if won else "lost", result.order.index(number) + 1)
    assert await broken() == []


async def test_the_draw_is_held_once_and_again_changes_nothing(county: County) -> None:
    campaign = await lottery(county)
    await entered(county, campaign, 5)
    await drawn()
    before = await queries.public_draw(campaign)
    assert await commands.draw_due(20) == 0
    await commands.distribute(campaign=campaign, actor=county.welfare)
    await finished(await database.scalar("SELECT id FROM voucher_distribution"))
    assert await queries.public_draw(campaign) == before
    assert len(await holders()) == 3


async def test_fewer_entries_than_vouchers_all_win_and_the_rest_goes_back_at_the_end(county: County) -> None:
    campaign = await lottery(county, total=5)
    people = await entered(county, campaign, 2)
    await drawn()
    assert await holders() == {one.member_id for one in people}
    clock.freeze(datetime(2026, 4, 2, tzinfo=UTC))
    assert await commands.expire(20) == 1
    budget = await money.budget_row(ids.parse(county.budget) or 0)
    assert (budget.held_fen, budget.left_fen) == (0, 1_000_000_00)
    assert await broken() == []


async def test_nobody_entered(county: County) -> None:
    campaign = await lottery(county)
    await drawn()
    shown = await queries.desk_campaign(campaign, county.welfare)
    assert shown.distribution is not None and shown.draw is not None
    assert (shown.distribution.state, shown.issued, shown.draw.entered) == ("done", 0, 0)


async def test_a_draw_is_not_held_before_its_entries_close(county: County) -> None:
    campaign = await lottery(county)
    await entered(county, campaign, 4)
    assert await commands.draw_due(20) == 0
    before = await queries.public_draw(campaign)
    assert (before.seed, before.order, before.entries, before.entered) == ("", [], [], 4)
    await drawn()
    assert (await queries.public_draw(campaign)).commitment == before.commitment


async def test_who_may_not_enter_is_told_why(county: County) -> None:
    campaign = await lottery(county, target_rule="member.household_province != 43", outer=Outer.EXCLUDE)
    member = await county.member(household="44")
    await commands.enter(campaign=campaign, actor=member)
    claimed = await opened(county)
    cases = [
        ("already_claimed", campaign, member),
        ("not_eligible", campaign, await county.member()),
        ("not_eligible", campaign, await county.member(household="")),
        ("campaign_no_lots", claimed, member),
    ]
    for code, which, who in cases:
        with pytest.raises(Conflict) as refused:
            await commands.enter(campaign=which, actor=who)
        assert refused.value.code == code
    with pytest.raises(Conflict, match="campaign_draws_lots"):
        await commands.claim(campaign=campaign, actor=member)
    with pytest.raises(Conflict, match="campaign_not_distributed"):
        await commands.distribute(campaign=campaign, actor=county.welfare)
    clock.freeze(CLOSES)
    with pytest.raises(Conflict, match="entries_closed"):
        await commands.enter(campaign=campaign, actor=await county.member(household="44"))


async def test_the_same_tap_is_the_same_entry(county: County) -> None:
    campaign, member = await lottery(county), await county.member()
    first = await commands.enter(campaign=campaign, actor=member, nonce="tap")
    assert await commands.enter(campaign=campaign, actor=member, nonce="tap") == first


async def test_the_doctor_finds_a_voucher_of_somebody_who_did_not_win(county: County) -> None:
    campaign = await lottery(county)
    people = await entered(county, campaign, 5)
    await drawn()
    result = await queries.public_draw(campaign)
    loser = people[result.order[-1] - 1]
    voucher = await database.scalar("SELECT MIN(id) FROM voucher")
    await database.execute("UPDATE voucher SET member_id = %s WHERE id = %s", loser.member_id, voucher)
    assert "a voucher of a draw is with somebody who did not win it" in await broken()


async def test_the_published_numbers_are_recomputed_by_the_published_program(county: County, tmp_path: Path) -> None:
    campaign = await lottery(county)
    await entered(county, campaign, 12)
    await drawn()
    (tmp_path / "draw.json").write_bytes(msgspec.json.encode(await queries.public_draw(campaign)))
    (tmp_path / "verify.py").write_text(queries.DRAW_PROGRAM)
    line = [sys.executable, "-I", "verify.py", "draw.json"]
    done = await asyncio.to_thread(subprocess.run, line, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["commitment holds: True", "order holds: True", "winners hold: True"]


async def test_the_schedule_draws(county: County) -> None:
    campaign = await lottery(county)
    await entered(county, campaign, 2)
    clock.freeze(CLOSES)
    await schedule.draw_lots({})
    assert (await queries.public_draw(campaign)).state == "drawn"


async def test_a_closed_campaign_keeps_its_pool_closed(county: County) -> None:
    campaign = await lottery(county)
    await entered(county, campaign, 4)
    await drawn()
    clock.freeze(datetime(2026, 4, 2, tzinfo=UTC))
    await commands.expire(20)
    pool_id = await database.scalar("SELECT draw_id FROM voucher_campaign")
    with pytest.raises(Conflict):
        await allocation.claim(pool_id=pool_id, person_id=1, key="late", actor=county.welfare)
    assert (await queries.public_draw(campaign)).state == "drawn"


# ---- pages ------------------------------------------------------------------------


async def test_a_member_enters_on_the_page_and_sees_the_result(county: County, app: Any) -> None:
    campaign, member = await lottery(county, total=1), await county.member()
    browser, at = await browse(app, member), f"/vouchers/{campaign}"
    assert campaign in (await browser.get("/")).text
    page = (await browser.get(at)).text
    assert "报名参加抽签" in page
    entered = await browser.post(f"{at}/enter", data={"nonce": hidden(page, "nonce")})
    assert (entered.status_code, entered.headers["location"]) == (303, at)
    waiting = (await browser.get(at)).text
    assert "您已经报名，号码是 1" in waiting and "报名参加抽签" not in waiting
    assert campaign not in (await browser.get("/")).text
    again = await browser.post(f"{at}/enter", data={"nonce": "other"})
    assert again.status_code == 409 and "没有报上名" in again.text
    draw = (await browser.get(f"{at}/draw")).text
    assert "还没有抽签" in draw and "抽签时公布" in draw
    await drawn()
    won = (await browser.get(at)).text
    assert "您已经有 1 张" in won
    result, published = (await browser.get(f"{at}/draw")).text, await queries.public_draw(campaign)
    assert "<li>1</li>" in result and published.seed in result and published.commitment in result
    told = await browser.get(f"/api/v1/voucher-campaigns/{campaign}/draw")
    assert json.loads(told.text) == msgspec.to_builtins(published)


async def test_who_lost_is_told_on_the_page(county: County, app: Any) -> None:
    campaign = await lottery(county, total=1)
    people = await entered(county, campaign, 2)
    await drawn()
    number = (await queries.public_draw(campaign)).order[1]
    page = (await (await browse(app, people[number - 1])).get(f"/vouchers/{campaign}")).text
    assert "这次没有抽中" in page and f"您的号码是 {number}。" in page
    assert "已经抽完" in page


async def test_the_desk_sees_how_many_take_part(county: County, app: Any) -> None:
    campaign = await lottery(county)
    await entered(county, campaign, 4)
    desk = await browse(app, county.welfare)
    shown = (await desk.get(f"/desk/voucher-campaigns/{campaign}")).text
    assert "4 人报名，抽 3 张" in shown and "截止后自动抽签" in shown and "开始发放" not in shown
    await drawn()
    assert "已发 3 / 3 张，100%" in (await desk.get(f"/desk/voucher-campaigns/{campaign}")).text


async def test_only_draws_have_a_page_of_lots(county: County, app: Any) -> None:
    campaign = await opened(county)
    guest = await browse(app)
    assert (await guest.get(f"/vouchers/{campaign}/draw")).status_code == 404
    assert (await guest.get("/api/v1/voucher-campaigns/0000000000001/draw")).status_code == 404
