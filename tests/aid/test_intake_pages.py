"""Pages and doors of yearly batches, what they refuse, and that nothing is granted beyond them."""

import asyncio
from datetime import date
from typing import Any

import pytest

from backend.aid import commands, queries
from backend.aid.intake_enums import Exclusion
from backend.aid.intake_schemas import ExclusionInput, IntakeGrant, IntakeInput, Listing
from backend.bindings import grants, intakes
from backend.casework import commands as casework
from backend.casework.schemas import SubmitInput
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.home import invariants
from tests.aid.samples import number
from tests.aid.test_grants import about, asked, wrong
from tests.aid.test_policies import as_member
from tests.bindings.acting import ask
from tests.casework.browser import browse
from tests.casework.world import World
from tests.factories.pictures import upload
from tests.unguarded import without_lock, without_words

STUDENT = {
    "student_name": "王小乙",
    "student_id": number(2),
    "relation": "child",
    "school": "星城大学",
    "stage": "bachelor",
    "enrol_kind": "new",
    "school_kind": "public",
    "other_aid": False,
    "family_status": "off_file",
}
PLAN = {
    "year": "2026",
    "title": "2026 年金秋助学",
    "text": "考上大学的都可以申请。",
    "opens_on": "2026-03-10",
    "closes_on": "2026-03-31",
    "budget_fen": "10000",
    "quota": "2",
}


async def published(world: World, **more: Any) -> str:
    days = {"opens_on": date(2026, 3, 10), "closes_on": date(2026, 3, 31)}
    plan: dict[str, Any] = {"year": 2026, "title": "2026 年金秋助学", "text": "说明", "budget_fen": 10_000_00} | days
    return await commands.publish_intake(world.aid, data=IntakeInput(**(plan | more)))


async def apply(world: World, actor: Actor, **more: Any) -> str:
    """What somebody is told who applies with everything that is asked for; nothing where it went well."""
    own = {
        "real_name": "王小测",
        "id_no": number(),
        "mobile": "15400000001",
        "org_ref": ids.public(world.unit.id),
        "account_name": "王小测",
        "bank_name": "演示银行星城支行",
        "bank_card": "6222020000000000000",
    }
    papers = {slot: [await upload(actor)] for slot in ("admission", "household_book")}
    data = SubmitInput(form=own | STUDENT | more, attachments=papers)
    try:
        await casework.submit(slug="student-aid", data=data, actor=actor)
    except AppError as refused:
        return f"{refused.code}: {refused.detail}"
    return ""


async def faults() -> list[str]:
    return [name for name, sql in invariants.INTAKES.items() if await database.rows(sql)]


async def test_a_county_publishes_a_batch_and_changes_it(world: World, app: Any) -> None:
    aid, at = await browse(app, world.aid), "/desk/aid-batches"
    assert "还没有批次" in (await aid.get(at)).text
    refused = await aid.post(at, data=PLAN | {"closes_on": "2026-03-09", "quota": "0"})
    assert refused.status_code == 422
    for words in ("最后一天不能早于今天和开始受理的日子", "名额要在 1 到", "考上大学的都可以申请。"):
        assert words in refused.text
    made = await aid.post(at, data=PLAN)
    assert made.status_code == 303
    here = made.headers["location"].partition("?")[0]
    shown = (await aid.get(here)).text
    assert "正在受理" in shown and "¥10,000.00" in shown and "2 人" in shown
    again = await aid.post(f"/api/v1{at}", json=PLAN | {"year": 2026, "budget_fen": 1, "quota": None})
    assert (again.status_code, again.json()["code"]) == (409, "intake_exists")
    change = {"text": "说明改了", "closes_on": "2026-04-30", "budget_fen": "20000", "version": "1"}
    assert (await aid.post(here, data=change | {"budget_fen": "0"})).status_code == 422
    assert (await aid.post(here, data=change)).status_code == 303
    old = await aid.post(here, data=change)
    assert (old.status_code, "刚刚有变动" in old.text) == (409, True)
    visitor = await browse(app)
    assert "2026 年金秋助学" in (await visitor.get("/aid-batches")).text
    page = (await visitor.get(here.removeprefix("/desk"))).text
    assert "说明改了" in page and "高收费民办学校" in page and "现在没有公示的名单" in page
    officer = await browse(app, world.officer)
    assert "2026 年金秋助学" in (await officer.get(at)).text and "发布一批" not in (await officer.get(at)).text
    assert (await officer.post(at, data=PLAN)).status_code == 403
    assert (await aid.post(f"{here}/close")).status_code == 303
    assert (await aid.post(f"/api/v1{here}/close")).json()["code"] == "intake_closed"
    assert (await visitor.get("/api/v1/aid/batches")).json()[0]["phase"] == "over"
    assert (await visitor.get("/aid-batches/0000000000001")).status_code == 404


async def test_one_applies_inside_an_open_batch_only(world: World) -> None:
    actor = await as_member(world)
    closed = "batch_closed: 今年的金秋助学还没有开始或者已经截止，请留意工会通知。"
    assert await apply(world, actor) == closed
    intake = await published(world)
    assert await apply(world, actor, batch_ref="2020") == ""  # what is sent for it counts for nothing
    form = await database.scalar("SELECT form FROM case_file")
    assert '"batch_ref":"2026"' in form.replace(" ", "")
    question = ask(values={"batch_ref": "2026"}, target_union_id=world.unit.id)
    clock.freeze(clock.start_of(date(2026, 4, 1)))
    assert await intakes.is_open(ask(values={"batch_ref": "2026"}, target_union_id=world.unit.id)) is False
    clock.freeze(clock.start_of(date(2026, 3, 12)))
    assert await intakes.is_open(question) is True
    await commands.close_intake(world.aid, intake=intake)
    assert await intakes.is_open(question) is False
    sent = ask(values={"batch_ref": "2026"}, target_union_id=world.unit.id, case_id=1)
    assert await intakes.is_open(sent) is True  # what was sent in time is corrected in time
    assert await intakes.is_open(ask(values={"batch_ref": "2025"}, case_id=1)) is False


async def test_a_county_says_what_excludes_and_the_refusal_says_so(world: World, app: Any) -> None:
    await published(world)
    aid, at = await browse(app, world.aid), "/desk/aid-exclusions"
    assert (await aid.get(at)).text.count("县里的一般规定") == len(Exclusion)
    typed = {"code": "costly", "since": "2026-03-09", "paper": "2026 年实施方案"}
    refused = await aid.post(at, data=typed)
    assert refused.status_code == 422 and "从今天起一年内的日子都可以" in refused.text
    member = await as_member(world)
    refusals = {
        "costly": "school_costly: 高收费民办学校不在今年的资助范围内。",
        "military": "school_military: 军校不在今年的资助范围内。",
        "abroad": "school_abroad: 自费留学不在今年的资助范围内。",
    }
    for kind, words in refusals.items():
        assert await apply(world, member, school_kind=kind) == words
    assert (await apply(world, member, other_aid=True)).startswith("aided_elsewhere")
    assert (await aid.post(at, data=typed | {"since": "2026-03-10"})).status_code == 303
    assert await apply(world, member, school_kind="costly") == ""
    held = await aid.post(at, data=typed | {"since": "2026-03-10", "excluded": "1"})
    assert (held.status_code, "今天已经开始用了" in held.text) == (409, True)
    for excluded in (False, True):
        coming = {"code": "costly", "since": "2026-04-01", "paper": "方案", "excluded": excluded}
        assert (await aid.post(f"/api/v1{at}", json=coming)).status_code == 201
    shown = (await aid.get(f"/api/v1{at}")).json()
    [one] = [one for one in shown if one["code"] == "costly"]
    assert (one["excluded"], one["since"], one["coming"]) == (False, "2026-03-10", "2026-04-01起排除")
    assert (await (await browse(app, world.officer)).post(at, data=typed)).status_code == 403


async def test_who_was_helped_by_the_union_this_year_may_be_excluded(world: World) -> None:
    case = await asked(world, "temporary-aid", "proof", **RELIEF)
    union_aid = intakes.excludes(Exclusion.UNION_AID)
    question = ask(values={"id_no": number()}, target_union_id=world.unit.id)
    assert await union_aid(question) is False
    data = ExclusionInput(code=Exclusion.UNION_AID, excluded=True, since=clock.today(), paper="实施方案")
    await commands.set_exclusion(world.aid, data=data)
    assert await union_aid(question) is False
    sql = "UPDATE case_file SET status = 'approved', decided_at = %s WHERE number = %s"
    await database.execute(sql, clock.now(), case)
    assert await union_aid(question) is True
    assert await union_aid(ask(values={"id_no": number(3)}, target_union_id=world.unit.id)) is False
    elsewhere = ask(values={"id_no": number()}, target_union_id=world.county.id)
    assert await union_aid(elsewhere) is True


RELIEF = {
    "cause": "disaster",
    "event_date": "2026-03-01",
    "loss_amount": "8000",
    "request_amount": "2000",
    "statement": "家里着火了，东西都烧了，没有地方住。",
    "family_size": 3,
    "family_income_month": "3000",
}


# ---- what is granted ---------------------------------------------------------------


def grant(world: World, case: int, student: str = "", amount_fen: int = 4_000_00) -> IntakeGrant:
    listing = Listing(
        case_id=case,
        case_number=f"ZX2026-{case:06d}",
        year=2026,
        name="王*测",
        union_id=world.unit.id,
        path=world.unit.path,
        stage="bachelor",
    )
    return IntakeGrant(listing=listing, student_index=student or f"student {case}", amount_fen=amount_fen)


async def told(world: World, *grants_: IntakeGrant) -> list[str]:
    async def one(each: IntakeGrant) -> str:
        try:
            await commands.grant_in_intake(world.aid, grant=each)
        except AppError as refused:
            return refused.code
        return "ok"

    return [await one(each) for each in grants_]


async def test_quota_and_budget_hold_to_the_fen_and_a_student_has_one(world: World) -> None:
    assert await told(world, grant(world, 1)) == ["intake_unknown"]
    intake = await published(world, budget_fen=12_000_00, quota=3)
    assert await told(world, grant(world, 1), grant(world, 1), grant(world, 2, "student 1")) == [
        "ok",
        "ok",
        "intake_student_twice",
    ]
    assert await told(world, grant(world, 2), grant(world, 3, amount_fen=4_000_01)) == ["ok", "intake_no_room"]
    assert await told(world, grant(world, 3), grant(world, 4, amount_fen=1)) == ["ok", "intake_no_room"]
    shown = (await queries.desk_intake(intake, world.aid)).intake
    assert (shown.granted, shown.granted_fen, shown.left_fen) == (3, 12_000_00, 0)
    made_up = "a grant of a batch is due in another amount, or its case is not approved"
    assert await faults() == [made_up]
    with pytest.raises(NotFound):
        await commands.close_intake(world.officer, intake=intake)


async def test_the_sum_that_staff_set_has_to_fit(world: World) -> None:
    await published(world, budget_fen=3_999_99)
    case = await asked(world, "student-aid", "admission", "household_book", **STUDENT)
    off = {"standard": "off_higher", "amount": 4_000_00}
    found = await wrong(grants.check_award, await about(world, case, **off))
    assert found == {"amount": "这个批次的预算只剩 3,999.99 元。"}


async def at_once(world: World) -> list[str]:
    async def one(case: int) -> str:
        [answer] = await told(world, grant(world, case))
        return answer

    return sorted(await asyncio.gather(*(one(case) for case in range(1, 9))))


@pytest.mark.race(control="test_control_without_its_condition_a_batch_grants_too_much")
async def test_eight_at_once_get_two_places(world: World) -> None:
    await published(world, quota=2)
    assert await at_once(world) == ["intake_no_room"] * 6 + ["ok"] * 2
    assert await database.scalar("SELECT granted FROM aid_intake") == 2


@pytest.mark.race(is_control=True)
async def test_control_without_its_condition_a_batch_grants_too_much(world: World) -> None:
    await published(world, quota=2, budget_fen=100_000_00)
    with without_lock(), without_words("(quota IS NULL OR granted < quota)", "1 = 1"):
        assert await at_once(world) == ["ok"] * 8
    assert "a batch has granted more than its quota or its budget" in await faults()


async def test_the_list_of_a_batch_is_masked_and_leads_to_its_notice(world: World, app: Any) -> None:
    intake = await published(world)
    case = await asked(world, "student-aid", "admission", "household_book", **STUDENT)
    officer = await browse(app, world.officer)
    seen = {"how": "chsi", "enrolled": True, "in_scope": True, "kinship": True}
    door = f"/api/v1/desk/cases/{case}/actions"
    assert (await officer.post(f"{door}/school-verify", json={"form": seen})).status_code in (200, 201)
    assert (await officer.post(f"{door}/publicity", json={"form": {}})).status_code in (200, 201)
    visitor = await browse(app)
    page = (await visitor.get(f"/aid-batches/{intake}")).text
    assert "王*测" in page and "王小测" not in page and "王小乙" not in page and "星城大学" not in page
    [listed] = (await visitor.get(f"/api/v1/aid/batches/{intake}")).json()["listed"]
    assert (listed["name"], listed["running"], listed["closes_on"]) == ("王*测", True, "2026-03-17")
    assert (await visitor.get(f"/notices/{listed['notice']}")).status_code == 200
    [entry] = (await queries.desk_intake(intake, world.aid)).entries
    assert (entry.case_number, entry.amount_fen) == (case, None)
    assert (await queries.desk_intake(intake, world.far_clerk)).entries == []
    clock.freeze(clock.start_of(date(2026, 4, 17)))
    assert (await visitor.get(f"/api/v1/aid/batches/{intake}")).json()["listed"] == []
