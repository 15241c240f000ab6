"""Pages and doors of condolences: standards, what was given at festivals, and a member's year."""

import asyncio
from datetime import date
from typing import Any

import pytest

from backend.aid import commands, queries
from backend.aid.condolence_enums import Festival, LifeEvent
from backend.aid.condolence_schemas import IssueInput, StandardInput
from backend.bindings import condolences
from backend.casework import commands as casework
from backend.casework.commands.outcomes import approved_case
from backend.casework.models import Case
from backend.casework.schemas import ActInput, DecisionInput
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import AppError, Invalid
from backend.home import invariants
from tests.aid.samples import number
from tests.aid.test_grants import asked
from tests.aid.test_policies import as_member
from tests.bindings.acting import ask
from tests.casework.browser import browse
from tests.casework.world import World, staff
from tests.unguarded import without_words

PAPER = "工会委员会第 3 次会议"


async def faults() -> list[str]:
    return [name for name, sql in invariants.CONDOLENCES.items() if await database.rows(sql)]


async def test_a_unit_sets_its_standards_within_the_limit(world: World, app: Any) -> None:
    officer, at = await browse(app, world.officer), "/desk/condolence-standards"
    assert "还没有自定标准" in (await officer.get(at)).text
    assert at in (await officer.get("/desk/cases")).text
    typed = {"event": "birth", "amount_fen": "1000.01", "since": "2026-03-10", "paper": PAPER}
    wrong = await officer.post(at, data=typed)
    assert wrong.status_code == 422
    assert (
        "“生育”最高 1,000.00 元，不能再高。" in wrong.text and 'value="1000.01"' in wrong.text and PAPER in wrong.text
    )
    assert (await officer.post(at, data=typed | {"amount_fen": "800"})).status_code == 303
    shown = (await officer.get(at)).text
    assert "生育 ¥800.00" in shown and "邹小红登记" in shown and "现在有效" in shown
    held = await officer.post(at, data=typed | {"amount_fen": "900"})
    assert (held.status_code, "今天已经有一个标准开始用了" in held.text) == (409, True)
    # One that is still to come may be changed.
    coming = {"event": "birth", "amount_fen": 900_00, "since": "2026-04-01", "paper": PAPER}
    for amount_fen in (900_00, 950_00):
        made = await officer.post("/api/v1" + at, json=coming | {"amount_fen": amount_fen})
        assert made.status_code == 201
    table = (await officer.get("/api/v1" + at)).json()
    assert [(one["amount_fen"], one["state"]) for one in table["items"]] == [(950_00, "ahead"), (800_00, "now")]
    assert len(table["limits"]) == len(LifeEvent)
    assert await database.scalar("SELECT COUNT(*) FROM audit WHERE action = 'condolence.standard'") == 3
    other = await officer.post("/api/v1" + at, json=coming | {"union_id": ids.public(world.far_unit.id)})
    assert other.status_code == 404
    assert (await (await browse(app, world.aid)).get(at)).status_code == 403


async def test_a_case_has_the_sum_of_its_day_and_keeps_it(world: World, app: Any) -> None:
    clock.freeze(clock.start_of(date(2026, 2, 1)))
    early = StandardInput(event=LifeEvent.BIRTH, amount_fen=700_00, since=date(2026, 2, 1), paper=PAPER)
    await commands.set_standard(world.officer, data=early)
    clock.freeze(clock.start_of(date(2026, 3, 10)))
    await commands.set_standard(
        world.officer,
        data=StandardInput(event=LifeEvent.BIRTH, amount_fen=800_00, since=date(2026, 3, 10), paper=PAPER),
    )

    async def sum_on(day: str, event: str = "birth", **typed: Any) -> Any:
        values = {"event": event, "event_date": day}
        question = ask(values=values, target_union_id=world.unit.id)
        return (await condolences.condolence_figures(question, typed)).get("amount")

    assert [await sum_on(day) for day in ("2026-01-31", "2026-02-01", "2026-03-09", "2026-03-10")] == [
        500_00,
        700_00,
        700_00,
        800_00,
    ]
    assert await sum_on("2026-03-10", "illness") == 800_00  # the usual one
    assert await condolences.condolence_figures(ask(), {}) == {}
    with pytest.raises(Invalid) as refused:
        await sum_on("2026-03-09", amount=800_00)
    [said] = refused.value.errors
    assert said.field == "amount" and said.message.startswith("按标准应是 700.00 元（本会标准，2026-02-01起")
    chair, finance = await staff("何小平", (world.unit, "chair")), await staff("许小安", (world.unit, "finance"))
    case = await asked(world, "member-condolence", "proof", event="birth", event_date="2026-03-01")
    acted = ActInput(form={"checked": True, "goods": "奶粉"})
    await casework.perform(number=case, action="amount-set", data=acted, actor=world.officer)
    for actor in (world.officer, chair, finance):
        version = await database.scalar("SELECT version FROM case_file WHERE number = %s", case)
        await casework.decide(number=case, data=DecisionInput(action="approve", version=version), actor=actor)
    later = StandardInput(event=LifeEvent.BIRTH, amount_fen=900_00, since=date(2026, 3, 11), paper=PAPER)
    clock.freeze(clock.start_of(date(2026, 3, 11)))
    await commands.set_standard(world.officer, data=later)
    assert await database.scalar("SELECT amount_fen FROM payment_due") == 700_00
    assert await database.scalar("SELECT amount_fen FROM condolence_grant") == 700_00
    stored = approved_case(await Case.get(number=case), world.officer)
    params = {"programme": "member-condolence", "act": "amount-set"}
    assert (await condolences.grant_condolence(stored, params))["due_fen"] == 700_00  # twice is once
    assert await database.scalar("SELECT COUNT(*) FROM condolence_grant") == 1
    assert await faults() == []


# ---- festivals ---------------------------------------------------------------------


async def no_of(actor: Actor) -> str:
    return await database.scalar("SELECT member_no FROM member WHERE id = %s", actor.member_id)


def goods(worth_fen: int = 200_00, **more: Any) -> IssueInput:
    given: dict[str, Any] = {"festival": Festival.SPRING, "goods": "大米", "given_on": date(2026, 2, 10)}
    said: dict[str, Any] = given | {"worth_fen": worth_fen} | more
    return IssueInput(**said)


async def test_a_unit_registers_what_it_gave_at_a_festival(world: World, app: Any) -> None:
    first, second = await as_member(world), await as_member(world, 2)
    officer, at = await browse(app, world.officer), "/desk/festival-issues"
    assert "这一年还没有登记" in (await officer.get(at)).text
    typed = {"festival": "spring", "goods": "大米 10 公斤", "worth_fen": "300", "given_on": "2026-02-10"}
    wrong = await officer.post(at, data=typed)
    assert wrong.status_code == 422 and "请勾选全体会员，或者写会员号。" in wrong.text and "大米 10 公斤" in wrong.text
    unknown = await officer.post(at, data=typed | {"members": f"{await no_of(first)}、9901219999999999"})
    assert "有 1 个会员号不在本会名册里，例如 9901219999999999" in unknown.text
    once = {"everyone": "1", "submission_key": "one"}
    for _ in range(2):
        assert (await officer.post(at, data=typed | once)).status_code == 303
    assert "全体会员 2 人" in (await officer.get(at)).text
    listed = {"festival": "spring", "goods": "春联", "worth_fen": 20_00, "given_on": "2026-02-11"}
    made = await officer.post("/api/v1" + at, json=listed | {"members": await no_of(second)})
    assert (made.status_code, made.json()["people"], made.json()["total_fen"]) == (201, 1, 20_00)
    assert (await officer.get("/api/v1" + at)).json()["total_fen"] == 620_00
    door = f"{at}/{made.json()['id']}/revoke"
    short = await officer.post(door, data={"reason": "错"})
    assert short.status_code == 422 and "请写明为什么撤销" in short.text
    assert (await officer.post(door, data={"reason": "登记错了"})).status_code == 303
    twice = await officer.post("/api/v1" + door, json={"reason": "登记错了"})
    assert (twice.status_code, twice.json()["code"]) == (409, "festival_revoked")
    assert (await queries.condolence_usage(second)).goods_fen == 300_00
    assert (await (await browse(app, world.clerk)).post(door, data={"reason": "登记错了"})).status_code == 403
    assert (await officer.get("/api/v1" + at + "?year=2027")).status_code == 422
    assert await faults() == []


async def test_nobody_is_given_more_in_a_year_than_the_rule_allows(world: World) -> None:
    first, second = await as_member(world), await as_member(world, 2)
    await commands.register_issue(world.officer, data=goods(1_500_00, everyone=True))
    with pytest.raises(Invalid) as refused:
        await commands.register_issue(world.officer, data=goods(500_01, everyone=True))
    assert refused.value.errors[0].field == "worth_fen" and "有 2 个人" in refused.value.errors[0].message
    await commands.register_issue(world.officer, data=goods(500_00, members=await no_of(first)))
    with pytest.raises(Invalid):
        await commands.register_issue(world.officer, data=goods(1, members=await no_of(first)))
    last_year = goods(2_000_00, members=await no_of(first), given_on=date(2025, 12, 31))
    await commands.register_issue(world.officer, data=last_year)
    assert (await queries.condolence_usage(first)).goods_fen == 2_000_00
    assert (await queries.condolence_usage(first, year=2025)).goods_fen == 2_000_00
    assert (await queries.condolence_usage(second)).goods_fen == 1_500_00
    assert await faults() == []


@pytest.mark.race(control="test_without_the_rows_of_the_year_two_registrations_pass_the_limit")
async def test_two_registrations_at_once_do_not_pass_the_limit(world: World) -> None:
    found = await at_once(world)
    assert sorted(found) == ["festival_over", "ok", "ok"]
    assert await faults() == []


@pytest.mark.race(is_control=True)
async def test_without_the_rows_of_the_year_two_registrations_pass_the_limit(world: World) -> None:
    with without_words("AND worth_fen > %s", "AND worth_fen > %s + 100000000"):
        assert await at_once(world) == ["ok"] * 3
    assert await database.scalar("SELECT worth_fen FROM festival_year") == 2_400_00


async def at_once(world: World) -> list[str]:
    """Three registrations of 800 yuan, of which two fit into 2,000."""
    actor = await as_member(world)
    listed = goods(800_00, members=await no_of(actor))

    async def one() -> str:
        try:
            await commands.register_issue(world.officer, data=listed)
        except AppError as refused:
            return refused.code
        return "ok"

    return list(await asyncio.gather(*(one() for _ in range(3))))


# ---- a member's year ---------------------------------------------------------------


async def test_a_member_sees_what_they_had_this_year(world: World, app: Any) -> None:
    actor = await as_member(world)
    browser = await browse(app, actor)
    assert "2026 年没有慰问记录" in (await browser.get("/me/condolences")).text
    assert "/me/condolences" in (await browser.get("/me")).text
    await commands.register_issue(world.officer, data=goods(200_00, everyone=True))
    await database.insert(
        "condolence_grant",
        {
            "id": ids.new_id(),
            "case_id": 1,
            "case_number": "WH2026-000001",
            "person_index": await database.scalar("SELECT id_no_index FROM member WHERE id = %s", actor.member_id),
            "union_id": world.unit.id,
            "event": "marriage",
            "event_date": date(2026, 3, 1),
            "amount_fen": 500_00,
            "goods": "",
            "granted_on": date(2026, 3, 5),
        },
    )
    page = (await browser.get("/me/condolences")).text
    for words in ("结婚", "¥500.00", "春节", "大米", "¥200.00", "星城快递工会"):
        assert words in page
    seen = (await browser.get("/api/v1/me/condolences")).json()
    assert (seen["year"], seen["condolence_fen"], seen["goods_fen"]) == (2026, 500_00, 200_00)
    assert [one["event_text"] for one in seen["condolences"]] == ["结婚"]
    assert (await browser.get("/api/v1/me/condolences?year=2025")).json()["goods"] == []
    assert (await browser.get("/api/v1/me/condolences?year=1999")).status_code == 422
    another = await browse(app, await as_member(world, 2))
    assert (await another.get("/api/v1/me/condolences")).json()["condolence_fen"] == 0
    assert number() not in page
