"""What comes to entitled members without their asking: once a period, filled in, confirmed with one tap."""

import asyncio
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backend.casework import catalogue, commands, proactive, queries
from backend.casework.catalogue import open_catalogue
from backend.casework.enums import OfferState
from backend.casework.events import OffersMade
from backend.casework.models import Case
from backend.casework.queries import offers
from backend.casework.schemas import DraftInput
from backend.core import clock, database
from backend.core.actor import Actor
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.settings import CONFIG_DIR
from backend.identity.models import Account
from backend.notifications import templates
from tests.casework.browser import browse
from tests.casework.samples import folder
from tests.casework.world import SAMPLE_BINDINGS, World, audited, decide, join_form, person, sent
from tests.unguarded import without_keys, without_words
from workers import reactions

GIFT, BIRTHDAY, HEAT = "benefit-gift", "birthday", "summer-heat"


def text_of(slug: str) -> str:
    return (CONFIG_DIR / "catalogue" / f"{slug}.yaml").read_text("utf-8")


@pytest.fixture(autouse=True)
def gifts(services: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    base = folder(tmp_path / "gifts", member_join=text_of("member-join"), benefit_gift=text_of(GIFT))
    monkeypatch.setattr(catalogue, "_current", open_catalogue(base, SAMPLE_BINDINGS))
    templates.load(CONFIG_DIR)
    yield


async def member(world: World, sequence: int) -> Actor:
    """A courier born on 7 March, with an account."""
    worker = await person(world)
    number = await commands.submit(slug="member-join", data=sent(join_form(world, sequence)), actor=worker)
    await decide(number, world.officer, "approve", 1)
    member_id = await database.scalar("SELECT MAX(id) FROM member")
    await Account.filter(id=worker.account_id).update(member_id=member_id)
    return Actor(kind="person", account_id=worker.account_id, member_id=member_id, display=worker.display)


async def tell() -> None:
    """What the worker does with the events of new offers."""
    for row in await database.rows("SELECT payload FROM outbox WHERE topic = 'casework.OffersMade' ORDER BY id"):
        assert await reactions.filings.tell_of_offers(msgspec.json.decode(row["payload"], type=OffersMade), "k") is True


async def inbox(actor: Actor) -> list[dict[str, Any]]:
    return await database.rows(
        "SELECT title, text, link FROM notification WHERE account_id = %s AND event = 'offer.made'", actor.account_id
    )


async def test_offered_once_a_month_to_whoever_has_a_birthday(world: World) -> None:
    worker, other = await member(world, 1), await member(world, 2)
    await database.execute("UPDATE member SET birth_month = 4 WHERE id = %s", other.member_id)
    assert await commands.offers.offer_all() == 1
    await tell()
    assert await inbox(worker) == [
        {
            "title": "您可以领生日礼",
            "text": "这个月是您的生日，工会给您准备了一份生日礼。"
            "申请已经替您填好，看一眼，点一下“确认申请”就行，3月31日前有效。不需要可以不管它。",
            "link": "/me/offers/benefit-gift/birthday",
        }
    ]
    assert await inbox(other) == []
    assert await commands.offers.offer_all() == 0
    await tell()
    assert len(await inbox(worker)) == 1
    clock.freeze(clock.now().replace(month=4, day=1))
    assert await commands.offers.offer_all() == 1
    assert [one.rule for one in await queries.own_offers(other)] == [BIRTHDAY]
    assert await queries.own_offers(worker) == []  # March is over
    clock.freeze(clock.now().replace(year=2027, month=3))
    assert await commands.offers.offer_all() == 1


async def test_who_has_no_account_or_is_no_member_now_is_left_out(world: World) -> None:
    worker = await member(world, 1)
    await Account.filter(id=worker.account_id).update(member_id=None)
    assert await commands.offers.offer_all() == 0
    await Account.filter(id=worker.account_id).update(member_id=worker.member_id)
    await database.execute("UPDATE member SET status = 'kept'")
    assert await commands.offers.offer_all() == 0
    await database.execute("UPDATE member SET status = 'active'")
    assert await commands.offers.offer_all() == 1


async def test_the_heat_comes_to_those_who_work_outside(world: World) -> None:
    worker, indoors = await member(world, 1), await member(world, 2)
    await database.execute("UPDATE member SET birth_month = 1")
    await database.execute("UPDATE member SET newform_group = 'nurse' WHERE id = %s", indoors.member_id)
    assert await commands.offers.offer_all() == 0
    clock.freeze(clock.now().replace(month=6, day=15))
    assert await commands.offers.offer_all() == 1
    [line] = await queries.own_offers(worker)
    assert (line.rule, line.name, line.until) == (HEAT, "清凉包", "2026-09-15")
    clock.freeze(clock.now().replace(month=9, day=16))
    assert await queries.own_offers(worker) == []
    assert (await queries.own_offer(GIFT, HEAT, worker)).state == "over"
    with pytest.raises(Conflict) as refused:
        await commands.offers.confirm(slug=GIFT, rule=HEAT, actor=worker)
    assert refused.value.code == "offer_over"


async def test_one_tap_is_an_ordinary_application(world: World) -> None:
    worker = await member(world, 1)
    await commands.offers.offer_all()
    shown = await queries.own_offer(GIFT, BIRTHDAY, worker)
    assert [(field.label, field.display, field.source) for field in shown.fields] == [
        ("活动", "会员生日礼", "来自“生日礼”"),
        ("礼品", "生日礼包", "来自“生日礼”"),
        ("领取方式", "单位领取", "来自“生日礼”"),
        ("领取人", "王小测", "来自会员档案"),
        ("领取人手机", "154****0001", "来自会员档案"),
    ]
    assert (shown.state, shown.missing, shown.is_refused, shown.until) == ("offered", [], False, "2026-03-31")
    await commands.save_draft(slug=GIFT, data=DraftInput(form={"sku": "雨伞"}), actor=worker)
    number = await commands.offers.confirm(slug=GIFT, rule=BIRTHDAY, actor=worker)
    case = await queries.own_case(number, worker)
    assert (case.status, case.form["sku"], case.form["receiver_mobile"]) == ("submitted", "生日礼包", "154****0001")
    assert await commands.offers.confirm(slug=GIFT, rule=BIRTHDAY, actor=worker) == number
    assert await database.scalar("SELECT COUNT(*) FROM case_file WHERE flow = %s", GIFT) == 1
    assert (await queries.draft(GIFT, worker)).form == {"sku": "雨伞"}  # another wish of theirs
    done = await queries.own_offer(GIFT, BIRTHDAY, worker)
    assert (done.state, done.case_number) == ("confirmed", number)
    assert await queries.own_offers(worker) == []
    assert "offers.made" in await audited()


async def test_who_may_not_apply_may_not_confirm(world: World) -> None:
    worker = await member(world, 1)
    await commands.offers.offer_all()
    await database.execute("UPDATE member SET status = 'left'")
    with pytest.raises(Invalid) as refused:
        await commands.offers.confirm(slug=GIFT, rule=BIRTHDAY, actor=worker)
    assert refused.value.code == "not_member"
    assert (await queries.own_offer(GIFT, BIRTHDAY, worker)).state == "offered"
    assert await Case.filter(flow=GIFT).count() == 0


async def test_declined_now_or_for_good(world: World) -> None:
    worker = await member(world, 1)
    await commands.offers.offer_all()
    await commands.offers.decline(slug=GIFT, rule=BIRTHDAY, forever=False, actor=worker)
    assert (await queries.own_offer(GIFT, BIRTHDAY, worker)).state == "declined"
    assert await queries.own_offers(worker) == []
    await commands.offers.decline(slug=GIFT, rule=BIRTHDAY, forever=True, actor=worker)
    await commands.offers.decline(slug=GIFT, rule=BIRTHDAY, forever=True, actor=worker)
    clock.freeze(clock.now().replace(year=2027))
    assert await commands.offers.offer_all() == 0
    assert (await queries.own_offer(GIFT, BIRTHDAY, worker)).is_refused is True
    await commands.offers.ask_again(slug=GIFT, rule=BIRTHDAY, actor=worker)
    with pytest.raises(NotFound):
        await commands.offers.ask_again(slug=GIFT, rule=BIRTHDAY, actor=worker)
    assert await commands.offers.offer_all() == 1
    await commands.offers.decline(slug=GIFT, rule=BIRTHDAY, forever=False, actor=worker)
    assert await commands.offers.confirm(slug=GIFT, rule=BIRTHDAY, actor=worker)  # another mind


async def test_nobody_sees_what_came_to_another(world: World) -> None:
    worker, stranger = await member(world, 1), await person(world)
    await commands.offers.offer_all()
    moved = Actor(kind="person", account_id=worker.account_id, member_id=77)
    for actor in (stranger, moved, world.officer):
        assert await queries.own_offers(actor) == []
        with pytest.raises(NotFound):
            await queries.own_offer(GIFT, BIRTHDAY, actor)
        with pytest.raises(NotFound):
            await commands.offers.confirm(slug=GIFT, rule=BIRTHDAY, actor=actor)
        with pytest.raises(NotFound):
            await commands.offers.decline(slug=GIFT, rule=BIRTHDAY, forever=True, actor=actor)


@pytest.mark.parametrize(
    ("today", "period", "closes"),
    [
        ("2026-06-14", None, None),
        ("2026-06-15", "2026", date(2026, 9, 15)),
        ("2026-09-15", "2026", date(2026, 9, 15)),
        ("2026-09-16", None, None),
        ("2025-07-01", None, None),
    ],
)
def test_the_days_of_a_rule(today: str, period: str | None, closes: date | None) -> None:
    spec = proactive.rule_of(catalogue.flow(GIFT), HEAT)
    assert spec is not None
    found = proactive.window(spec, date.fromisoformat(today))
    assert (found.period if found else None, found.closes_on if found else None) == (period, closes)


def test_a_month_ends_with_its_last_day() -> None:
    spec = proactive.rule_of(catalogue.flow(GIFT), BIRTHDAY)
    assert spec is not None
    assert proactive.window(spec, date(2026, 2, 3)) == proactive.Window("2026-02", date(2026, 2, 28))
    spec = msgspec.structs.replace(spec, opens="02-29", closes="02-29")
    assert proactive.window(spec, date(2026, 2, 28)) == proactive.Window("2026-02", date(2026, 2, 28))


async def test_whoever_is_late_is_told(world: World) -> None:
    """A window that read the offer as open, while another confirmed it."""
    worker = await member(world, 1)
    await commands.offers.offer_all()
    stale = await offers.latest(GIFT, BIRTHDAY, worker)
    await commands.offers.confirm(slug=GIFT, rule=BIRTHDAY, actor=worker)
    with pytest.raises(Conflict) as refused:
        await commands.offers._settle(stale, OfferState.DECLINED)
    assert refused.value.code == "offer_settled"
    assert await database.scalar("SELECT state FROM offer") == "confirmed"


async def confirm_ten_times(worker: Actor) -> list[Any]:
    calls = (commands.offers.confirm(slug=GIFT, rule=BIRTHDAY, actor=worker) for _ in range(10))
    return await asyncio.gather(*calls, return_exceptions=True)


@pytest.mark.race(is_control=True)
async def test_control_without_key_and_condition_one_tap_is_many_cases(world: World) -> None:
    worker = await member(world, 1)
    await commands.offers.offer_all()
    async with without_keys("case_file"):
        with without_words(" AND state IN (%s, %s)", " AND %s <> %s"):
            await confirm_ten_times(worker)
        assert await database.scalar("SELECT COUNT(*) FROM case_file WHERE flow = %s", GIFT) > 1


@pytest.mark.race(control="test_control_without_key_and_condition_one_tap_is_many_cases")
async def test_ten_taps_are_one_case(world: World) -> None:
    worker = await member(world, 1)
    await commands.offers.offer_all()
    answers = await confirm_ten_times(worker)
    numbers = {answer for answer in answers if isinstance(answer, str)}
    assert len(numbers) == 1
    assert all(isinstance(answer, str) or answer.code == "offer_settled" for answer in answers)
    assert await database.scalar("SELECT COUNT(*) FROM case_file WHERE flow = %s", GIFT) == 1


DUPLICATES = " ON DUPLICATE KEY UPDATE `key` = `key`"


async def all_at_once() -> list[Any]:
    return await asyncio.gather(*(commands.offers.offer_all() for _ in range(4)), return_exceptions=True)


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_there_are_many_offers(world: World) -> None:
    await member(world, 1)
    async with without_keys("offer"):
        with without_words(" ON CONFLICT(`key`) DO NOTHING" if database.is_sqlite() else DUPLICATES):
            doubles = 0
            for _ in range(20):
                await database.execute("DELETE FROM offer")
                await all_at_once()
                doubles += await database.scalar("SELECT COUNT(*) FROM offer") > 1
        assert doubles > 0


@pytest.mark.race(control="test_control_without_its_key_there_are_many_offers")
async def test_four_workers_offer_once(world: World) -> None:
    worker = await member(world, 1)
    await all_at_once()
    assert await database.scalar("SELECT COUNT(*) FROM offer") == 1
    await tell()
    assert len(await inbox(worker)) == 1


async def test_the_doors(world: World, app: Any) -> None:
    worker, stranger = await member(world, 1), await person(world)
    await commands.offers.offer_all()
    base, door = "/api/v1/me/offers", f"/api/v1/me/offers/{GIFT}/{BIRTHDAY}"
    async with await browse(app, worker) as mine:
        assert [one["rule"] for one in (await mine.get(base)).json()["items"]] == [BIRTHDAY]
        assert (await mine.get(door)).json()["fields"][3]["source"] == "来自会员档案"
        declined = await mine.post(f"{door}/decline", json={"forever": True})
        assert (declined.status_code, declined.json()["state"], declined.json()["is_refused"]) == (
            200,
            "declined",
            True,
        )
        assert (await mine.delete(f"{door}/refusal")).json()["is_refused"] is False
        made = await mine.post(f"{door}/confirm")
        assert (made.status_code, made.json()["status"]) == (201, "submitted")
        assert (await mine.post(f"{door}/confirm")).json()["number"] == made.json()["number"]
    async with await browse(app, stranger) as other:
        assert (await other.get(door)).status_code == 404
        assert (await other.post(f"{door}/confirm")).json()["code"] == "no_offer"


async def test_the_pages(world: World, app: Any) -> None:
    worker = await member(world, 1)
    await commands.offers.offer_all()
    page, origin = f"/me/offers/{GIFT}/{BIRTHDAY}", {"origin": "http://test.invalid"}
    async with await browse(app, worker) as mine:
        assert "生日礼" in (await mine.get("/me/offers")).text
        assert page in (await mine.get("/")).text
        shown = (await mine.get(page)).text
        assert "确认申请" in shown
        assert "来自会员档案" in shown
        assert "154****0001" in shown
        refused = await mine.post(f"{page}/decline", data={"forever": "true"}, headers=origin)
        assert refused.headers["location"] == page
        assert "您选了以后不再提醒" in (await mine.get(page)).text
        await mine.post(f"{page}/ask-again", headers=origin)
        await database.execute("UPDATE member SET status = 'left'")
        wrong = await mine.post(f"{page}/confirm", headers=origin)
        assert (wrong.status_code, "您现在没有生效的会籍" in wrong.text) == (422, True)
        await database.execute("UPDATE member SET status = 'active'")
        made = await mine.post(f"{page}/confirm", headers=origin)
        number = await database.scalar("SELECT number FROM case_file WHERE flow = %s", GIFT)
        assert made.headers["location"] == f"/cases/{number}/submitted"
        assert "已经申请" in (await mine.get(page)).text


BROKEN = [
    ("finder: members.in_groups", "finder: members.nobody", "没有“members.nobody”这个查找办法"),
    ("opens: 06-15", "opens: 06-31", "日期写成“06-15”的形式"),
    ("closes: 09-15", "closes: 05-15", "结束的日子在开始之前"),
    ("sku: 清凉包, pickup: unit", "sku: 清凉包, pickup: moon", "“pickup”没有“moon”这个选项"),
    ("sku: 清凉包, pickup: unit", "pickup: unit", "必填的“sku”没有写在 form 里，也没有预填"),
    ("sku: 清凉包, pickup: unit", "sku: 清凉包, colour: red, pickup: unit", "没有“colour”这个栏目"),
    ("key: summer-heat", "key: birthday", "免申即享的规则“birthday”写了两次"),
    (
        "    summary: true\n",
        "    summary: true\n    attachments: [{name: proof, label: 证明, required: true}]\n",
        "要上传材料的业务不能免申即享",
    ),
    (
        "prefill: [member.name]}\n",
        "prefill: [member.name]}\n      - {name: ok, label: 同意, kind: bool, required: true}\n",
        "“ok”要本人同意，不能替人填好",
    ),
]


@pytest.mark.parametrize(("old", "new", "problem"), BROKEN)
def test_what_flow_files_may_not_say(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in text_of(GIFT)
    found = catalogue.check(folder(tmp_path / "x", benefit_gift=text_of(GIFT).replace(old, new, 1)), SAMPLE_BINDINGS)
    assert any(problem in one for one in found), found
