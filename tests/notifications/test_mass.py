"""Notices to many: tried dry, sent once to each, watched, stopped, gone on with."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
import pytest

from backend.channels import sms
from backend.core import database, ids
from backend.core.actor import Actor
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.settings import Settings
from backend.home import doctor
from backend.notifications import commands, queries
from backend.notifications.commands import mass
from backend.notifications.schemas import DeliveryResult, MassInput, MassView
from backend.unions.models import Union
from tests.casework.browser import application, browse
from tests.casework.world import new_union, staff
from tests.notifications.many import enrol
from tests.unguarded import without_lock, without_words

pytestmark = pytest.mark.usefixtures("db", "kernel", "morning")


@pytest.fixture
def morning(freeze: Callable[[str], datetime], settings: Settings) -> datetime:
    sms.configure(settings)
    return freeze("2026-03-10T09:00:00+08:00")


class Desk(msgspec.Struct):
    county: Union
    sender: Actor

    async def draft(self, **changes: Any) -> str:
        """The public id of a notice to all members, by short message too."""
        return await commands.compose(data=self.words(**changes), actor=self.sender)

    def words(self, **changes: Any) -> MassInput:
        given = {"title": "端午慰问", "text": "请到社区工会领取。", "by_sms": True, **changes}
        return MassInput(union_id=ids.public(self.county.id), **given)

    async def start(self, notice: str) -> None:
        await commands.start(notice=notice, actor=self.sender)

    async def look(self, notice: str) -> MassView:
        return await queries.mass_notice(notice, self.sender)


@pytest.fixture
async def desk() -> Desk:
    county = await new_union("星城县总工会", "county", "990121", None)
    return Desk(county=county, sender=await staff("邹小红", (county, "dept_welfare")))


async def roll(desk: Desk, count: int, *, first: int = 1, **more: Any) -> list[int]:
    members = [await enrol(number, **more) for number in range(first, first + count)]
    await database.execute("UPDATE member SET union_id = %s", desk.county.id)
    return members


async def run(notice: str) -> None:
    """As the worker does it."""
    mass_id = ids.parse(notice)
    assert mass_id is not None
    while not await commands.run_mass(mass_id):
        pass


async def written() -> tuple[int, int]:
    counts = [await database.scalar(f"SELECT COUNT(*) FROM {table}") for table in ("notification", "delivery")]
    return counts[0], counts[1]


async def test_the_dry_run_says_whom_it_reaches_and_what_it_costs(desk: Desk) -> None:
    await roll(desk, 3)  # with accounts
    await roll(desk, 2, first=4, account=False, phone=9)  # one phone for two
    await roll(desk, 1, first=6, account=False)  # none at all
    shown = await queries.preview_mass(desk.words(), desk.sender)
    assert (shown.members, shown.inboxes, shown.duplicates, shown.without_phone) == (6, 3, 1, 1)
    assert (shown.messages, shown.pieces, shown.cost_fen) == (4, 1, 18)
    assert shown.sms_text == "星城县总工会通知：端午慰问。请登录数字工会，在“消息”里查看全文。"
    assert [one.name for one in shown.sample] == ["王*测"] * 5
    assert shown.target_text == "全体在册会员"
    inbox_only = await queries.preview_mass(desk.words(by_sms=False), desk.sender)
    assert (inbox_only.members, inbox_only.messages, inbox_only.cost_fen) == (6, 0, 0)
    nobody = await queries.preview_mass(desk.words(target_rule="member.gender == f"), desk.sender)
    assert (nobody.members, nobody.sample) == (0, [])
    assert await written() == (0, 0)


async def test_long_texts_count_as_several(settings: Settings) -> None:
    sms.configure(msgspec.structs.replace(settings, sms_sign_name="星城工会"))
    assert [sms.pieces("字" * length) for length in (64, 65, 128, 129)] == [1, 2, 2, 3]
    assert [sms.cost_fen(count) for count in (0, 1, 2, 1_000)] == [0, 5, 9, 4_500]
    sms.configure(settings)


async def test_everybody_is_told_once_however_often_it_is_started(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mass, "PART", 3)
    await roll(desk, 8)
    notice = await desk.draft()
    assert (await desk.look(notice)).preview is not None
    assert await written() == (0, 0)
    await desk.start(notice)
    await desk.start(notice)
    await run(notice)
    await desk.start(notice)
    await run(notice)
    assert await written() == (8, 8)
    shown = await desk.look(notice)
    assert (shown.state, shown.total, shown.done, shown.percent, shown.inboxes) == ("done", 8, 8, 100, 8)
    assert (shown.sms.written, shown.sms.left, shown.going, shown.preview) == (8, 8, True, None)
    assert await database.scalar("SELECT COUNT(*) FROM outbox WHERE topic = 'notifications.MassNoticeMoved'") == 1
    [row] = await database.rows("SELECT DISTINCT title, text FROM notification")
    assert (row["title"], row["text"]) == ("端午慰问", "请到社区工会领取。（星城县总工会）")
    messages = await commands.lease_deliveries(100)
    results = [DeliveryResult(message=one, provider_id="p") for one in messages[:7]]
    await commands.record_deliveries([*results, DeliveryResult(message=messages[7], error="no", refused=True)])
    after = (await desk.look(notice)).sms
    assert (after.sent, after.failed, after.left) == (7, 1, 0)
    assert not (await desk.look(notice)).going
    check = doctor._INVARIANTS["a mass notice is done, but not all on its list were told"]
    assert await database.rows(check) == []
    await database.execute("UPDATE mass_notice SET done = 7")
    assert [ids.public(row["example"]) for row in await database.rows(check)] == [notice]


async def test_stopping_holds_what_has_not_left_and_going_on_lets_it_go(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mass, "PART", 2)
    await roll(desk, 6)
    notice = await desk.draft()
    await desk.start(notice)
    found = await queries.managed_notice(notice, desk.sender)
    for _ in range(2):  # the list is made, one part is written
        assert not await mass._step(found)
        found = await queries.managed_notice(notice, desk.sender)
    assert await written() == (2, 2)
    await commands.stop(notice=notice, actor=desk.sender)
    assert not (await desk.look(notice)).going
    await run(notice)
    assert await written() == (2, 2)
    assert await commands.lease_deliveries(100) == []
    with pytest.raises(Conflict, match="mass_notice_not_going"):
        await commands.stop(notice=notice, actor=desk.sender)
    await desk.start(notice)
    await run(notice)
    assert await written() == (6, 6)
    assert len(await commands.lease_deliveries(100)) == 6


async def test_messages_can_be_stopped_when_all_is_written(desk: Desk) -> None:
    await roll(desk, 4)
    notice = await desk.draft()
    await desk.start(notice)
    await run(notice)
    left = await commands.lease_deliveries(1)
    await commands.stop(notice=notice, actor=desk.sender)
    await run(notice)
    assert await commands.lease_deliveries(100) == []
    await commands.record_deliveries([DeliveryResult(message=left[0], provider_id="p")])
    shown = await desk.look(notice)
    assert (shown.state, shown.sms.sent, shown.sms.left) == ("stopped", 1, 3)
    await desk.start(notice)
    await run(notice)
    assert len(await commands.lease_deliveries(100)) == 3
    assert (await desk.look(notice)).state == "done"


async def test_only_below_the_own_union_and_only_with_sound_words(desk: Desk) -> None:
    elsewhere = await new_union("湘城县总工会", "county", "990122", None)
    other = await staff("王小安", (elsewhere, "admin"))
    notice = await desk.draft()
    for act in (commands.start, commands.stop, queries.mass_notice):
        with pytest.raises(NotFound):
            if act is queries.mass_notice:
                await queries.mass_notice(notice, other)
            else:
                await act(notice=notice, actor=other)
    with pytest.raises(NotFound):
        await commands.compose(data=desk.words(), actor=other)
    with pytest.raises(NotFound):
        await queries.preview_mass(desk.words(), other)
    assert (await queries.mass_notices(other)).items == []
    with pytest.raises(Invalid) as wrong:
        await desk.draft(title="  ", text="")
    assert [one.field for one in wrong.value.errors] == ["title", "text"]
    for rule in ("member.age > 3", "member.household_province != 43"):
        with pytest.raises(Invalid):
            await desk.draft(target_rule=rule)


async def test_one_form_is_one_notice(desk: Desk) -> None:
    made = {await commands.compose(data=desk.words(), actor=desk.sender, nonce="one") for _ in range(2)}
    assert len(made) == 1 and await database.scalar("SELECT COUNT(*) FROM mass_notice") == 1


@pytest.mark.race(control="test_without_the_cursor_some_count_twice_and_others_are_left_out")
async def test_workers_at_once_tell_each_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await _done_by_several(desk, monkeypatch) == (30, 30, 30)


@pytest.mark.race(is_control=True)
async def test_without_the_cursor_some_count_twice_and_others_are_left_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with without_lock(), without_words(" AND next_part = %s", " AND next_part >= %s * 0"):
        done, inboxes, messages = await _done_by_several(desk, monkeypatch)
    assert done > 30 and inboxes < 30 and messages < 30


async def _done_by_several(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int, int]:
    """Each of the first part's readers goes on with it."""
    monkeypatch.setattr(mass, "PART", 10)
    await roll(desk, 30)
    notice = await desk.draft()
    await desk.start(notice)
    await mass._step(await queries.managed_notice(notice, desk.sender))
    for _ in range(3):
        found = await queries.managed_notice(notice, desk.sender)
        await asyncio.gather(*(mass._step(found) for _ in range(4)))
    return (await desk.look(notice)).done, *await written()


async def test_the_pages(desk: Desk, settings: Settings) -> None:
    await roll(desk, 5)
    app = application(settings)
    page = await browse(app, desk.sender)
    form = {
        "union_id": ids.public(desk.county.id),
        "title": "端午慰问",
        "text": "请到社区<b>领取</b>。",
        "by_sms": "on",
    }
    dry = await page.post("/desk/mass-notices/preview", data=form)
    assert dry.status_code == 200 and "5 条" in dry.text and "¥0.23" in dry.text and "请到社区&lt;b&gt;" in dry.text
    wrong = await page.post("/desk/mass-notices/new", data={**form, "title": "", "aim": "groups"})
    assert wrong.status_code == 422 and "请到社区&lt;b&gt;" in wrong.text and "请改好标出的 2 处" in wrong.text
    at = (await page.post("/desk/mass-notices/new", data=form)).headers["location"]
    draft = (await page.get(at)).text
    assert "开始发送" in draft and "every 1s" not in draft and "没有手机号" in draft
    assert (await page.post(f"{at}/start")).headers["location"] == at
    going = (await page.get(at)).text
    assert 'hx-trigger="every 1s"' in going and "停止发送" in going
    await page.post(f"{at}/stop")
    again = await page.post(f"{at}/stop")
    assert again.status_code == 409 and "现在没有在发送" in again.text and "接着发送" in again.text
    await page.post(f"{at}/start")
    await run(at.rpartition("/")[2])
    done = (await page.get(at)).text
    assert "已处理 5 / 5 人，100%" in done and "短信待发" in done
    assert "端午慰问" in (await page.get("/desk/mass-notices")).text
    assert (await (await browse(app, await staff("李小安", (desk.county, "leader")))).get(at)).status_code == 403
