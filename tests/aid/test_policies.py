"""Policies: opened once by an approved case, for one person or a list; given back; reminded of."""

import asyncio
import time
from datetime import date
from typing import Any

import msgspec
import pytest

from backend.aid import commands, queries
from backend.aid.enums import Standing
from backend.aid.schemas import RefundInput
from backend.bindings import facts, prefills
from backend.core import clock, database
from backend.core.actor import Actor
from backend.core.errors import AppError, Conflict, Invalid, NotFound
from backend.home import invariants
from backend.notifications import queries as notifications
from tests.aid.samples import TERMS, alone, enrolled, fee, number, paid, together
from tests.bindings.acting import ask, member
from tests.casework.world import World, person
from workers import tasks


async def wrong() -> list[str]:
    """What the doctor finds in policies; the cases around them are made up here."""
    made_up = "a policy belongs to no approved case"
    return [name for name, sql in invariants.AID.items() if name != made_up and await database.rows(sql)]


async def as_member(world: World, sequence: int = 1) -> Actor:
    """Somebody signed in whose record has this number."""
    admitted = await member(world, sequence)
    found = await person(world)
    await database.execute("UPDATE account SET member_id = %s WHERE id = %s", admitted.id, found.account_id)
    return msgspec.structs.replace(found, member_id=admitted.id)


# ---- one person --------------------------------------------------------------------


async def test_an_approved_case_opens_one_policy_once(world: World) -> None:
    actor = await as_member(world)
    enrolment = alone(world, account_id=actor.account_id, shares=2)
    answer = await enrolled(world, enrolment, 1, 120_00)
    assert answer == {
        "record_no": "YLHZ2026-000001",
        "record_name": "职工医疗互助凭证",
        "valid_until": "2027-03-09",
        "waits_until": "2026-04-08",
    }
    assert await commands.open_policies(world.aid, enrolment=enrolment, terms=TERMS) == answer
    [seen] = (await queries.own_policies(actor)).items
    assert (seen.number, seen.holder_name, seen.plan_name, seen.year) == ("YLHZ2026-000001", "王小测", "住院", 2026)
    assert (seen.shares, seen.fee_fen, seen.state, seen.state_text) == (2, 120_00, "waiting", "等待期")
    assert (seen.starts_on, seen.waits_until, seen.ends_on) == ("2026-03-10", "2026-04-08", "2027-03-09")
    assert (seen.case_number, seen.union_name, seen.may_refund) == ("HB2026-000001", "星城快递工会", False)
    assert await queries.own_policy(seen.id, actor) == seen
    assert await wrong() == []


async def test_nobody_has_a_plan_of_a_year_twice(world: World) -> None:
    await enrolled(world, alone(world))
    with pytest.raises(Conflict) as refused:
        await paid(world, alone(world, 2))
    assert (refused.value.code, "本年度已经参加了" in refused.value.detail) == ("enrol_has_policy", True)
    for other in (alone(world, 3, plan="critical"), alone(world, 4, year=2027), alone(world, 5, 2)):
        await enrolled(world, other)
    assert await database.scalar("SELECT COUNT(*) FROM aid_policy") == 4
    assert await wrong() == []


async def test_who_goes_on_without_a_gap_does_not_wait_again(world: World) -> None:
    await enrolled(world, alone(world))
    clock.freeze(clock.start_of(date(2027, 2, 1)))
    answer = await enrolled(world, alone(world, 2, year=2027))
    assert "waits_until" not in answer
    clock.freeze(clock.start_of(date(2028, 3, 12)))
    late = await enrolled(world, alone(world, 3, year=2028))
    days = await database.rows("SELECT starts_on, wait_end, ends_on, renewed FROM aid_policy ORDER BY id")
    assert [tuple(str(value) for value in list(row.values())[:3]) for row in days] == [
        ("2026-03-10", "2026-04-08", "2027-03-09"),
        ("2027-03-10", "2027-03-09", "2028-03-09"),
        ("2028-03-12", "2028-04-10", "2029-03-11"),
    ]
    assert [bool(row["renewed"]) for row in days] == [False, True, False]
    assert late["waits_until"] == "2028-04-10"


# ---- fees --------------------------------------------------------------------------


async def test_the_fee_has_to_be_that_of_the_people(world: World) -> None:
    enrolment = alone(world, shares=2)
    with pytest.raises(Invalid) as refused:
        await commands.note_fee(world.aid, enrolment=enrolment, terms=TERMS, fee=fee(2, 119_99))
    assert {one.field: one.message for one in refused.value.errors} == {
        "people": "能参加的是 1 人，请核对。",
        "amount": "应收 120.00 元：1 人，共 2 份，每份 60.00 元。",
    }
    assert await database.scalar("SELECT COUNT(*) FROM aid_fee") == 0
    with pytest.raises(Conflict) as missing:
        await commands.open_policies(world.aid, enrolment=enrolment, terms=TERMS)
    assert missing.value.code == "enrol_fee_missing"
    await paid(world, enrolment, 1, 120_00)
    await paid(world, enrolment, 1, 120_00)  # corrected: the last one counts
    await commands.open_policies(world.aid, enrolment=enrolment, terms=TERMS)
    assert await database.scalar("SELECT COUNT(*) FROM aid_fee WHERE live IS NOT NULL") == 1
    assert await wrong() == []


async def test_what_came_in_before_the_list_changed_is_looked_at_again(world: World) -> None:
    people = [(1, "甲", number(1), 1), (2, "乙", number(2), 1)]
    first = together(world, people, 1)
    await paid(world, first, 2, 120_00)
    await enrolled(world, alone(world, 2))
    with pytest.raises(Conflict) as differs:
        await commands.open_policies(world.aid, enrolment=first, terms=TERMS)
    assert "登记的到账金额是 120.00 元，现在能参加的是 1 人，应收 60.00 元" in differs.value.detail
    assert (await enrolled(world, first, 1, 60_00))["enrolled"] == 1
    assert await wrong() == []


# ---- lists -------------------------------------------------------------------------


async def test_a_list_enrols_who_can_and_reports_who_cannot(world: World) -> None:
    await enrolled(world, alone(world, 9, 3))
    people = [
        (1, "甲", number(1), 1),
        (2, "乙", number(2), 2),
        (3, "丙", number(3), 1),
        (4, "丁", number(4, date(1960, 1, 1)), 1),
        (5, "戊", number(1), 1),
    ]
    enrolment = together(world, people)
    with pytest.raises(Invalid) as refused:
        await commands.note_fee(world.aid, enrolment=enrolment, terms=TERMS, fee=fee(5, 360_00))
    assert {one.field: one.message for one in refused.value.errors} == {
        "people": "名单里能参加的是 2 人，有 3 人不能参加（第 3、4、5 行），请核对。",
        "amount": "应收 180.00 元：2 人，共 3 份，每份 60.00 元。",
    }
    answer = await enrolled(world, enrolment, 2, 180_00)
    assert answer == {
        "enrolled": 2,
        "refused": 3,
        "refused_rows": [
            {"row": 3, "reason": "本年度已经参加了这个计划，不用再交。"},
            {"row": 4, "reason": "超过参加的最高年龄，不能参加。"},
            {"row": 5, "reason": "名单里前面已经有这个人。"},
        ],
    }
    assert await commands.open_policies(world.aid, enrolment=enrolment, terms=TERMS) == answer
    assert await wrong() == []


async def test_a_list_of_nobody_enrols_nobody(world: World) -> None:
    for people in ([], [(1, "丁", number(4, date(1960, 1, 1)), 1)]):
        with pytest.raises(Conflict):
            await paid(world, together(world, people), 0, 0)
    assert await database.scalar("SELECT COUNT(*) FROM aid_policy") == 0


async def test_a_whole_company_enrols_in_few_statements(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [(n, "王小测", number(n % 999 + 1, date(1980 + n // 999, 1, 1)), 1) for n in range(1, 5001)]
    enrolment = together(world, people)
    await paid(world, enrolment, 5000, 300_000_00)
    seen: list[str] = []
    for name in ("rows", "execute", "execute_many"):
        original = getattr(database, name)

        async def noted(sql: str, *params: Any, original: Any = original) -> Any:
            seen.append(sql)
            return await original(sql, *params)

        monkeypatch.setattr(database, name, noted)
    began = time.monotonic()
    answer = await commands.open_policies(world.aid, enrolment=enrolment, terms=TERMS)
    assert time.monotonic() - began < 10
    assert (answer["enrolled"], answer["refused"]) == (5000, 0)
    assert len(seen) <= 80
    assert await database.scalar("SELECT COUNT(DISTINCT number) FROM aid_policy") == 5000
    assert await wrong() == []


async def test_whom_the_unit_enrolled_sees_it(world: World) -> None:
    actor = await as_member(world, 2)
    await enrolled(world, together(world, [(1, "甲", number(1), 1), (2, "乙", number(2), 1)]), 2, 120_00)
    [seen] = (await queries.own_policies(actor)).items
    assert (seen.number, seen.holder_name, seen.case_number) == ("YLHZ2026-000002", "乙", None)
    stranger = await person(world)
    assert (await queries.own_policies(stranger)).items == []
    with pytest.raises(NotFound):
        await queries.own_policy(seen.id, stranger)


# ---- given back --------------------------------------------------------------------


async def policy_of(case: int) -> str:
    found = await queries.desk_policies(Actor(kind="system"))
    return next(one.id for one in found.items if one.case_number == f"HB2026-{case:06d}")


def back(amount_fen: int = 60_00, reason: str = "不在本单位了") -> RefundInput:
    return RefundInput(amount_fen=amount_fen, refunded_on=clock.today(), reason=reason)


async def test_a_policy_is_given_back_before_it_begins(world: World) -> None:
    await enrolled(world, alone(world, 1, year=2027))
    policy = await policy_of(1)
    with pytest.raises(Invalid) as refused:
        wrong_all = RefundInput(amount_fen=59_99, refunded_on=date(2026, 3, 11), reason=" ")
        await commands.refund_policy(world.aid, policy=policy, data=wrong_all)
    assert {one.field: one.message for one in refused.value.errors} == {
        "amount_fen": "应退 60.00 元，请核对。",
        "refunded_on": "退费日期不能晚于今天。",
        "reason": "请写明退费的原因，2 到 100 个字。",
    }
    await commands.refund_policy(world.aid, policy=policy, data=back())
    assert (await queries.desk_policy(policy, world.aid)).state == Standing.REFUNDED
    with pytest.raises(Conflict) as twice:
        await commands.refund_policy(world.aid, policy=policy, data=back())
    assert twice.value.code == "refund_moved"
    await enrolled(world, alone(world, 2, year=2027))  # the place is free again
    assert await wrong() == []


async def test_a_policy_that_began_or_lies_elsewhere_is_not_given_back(world: World) -> None:
    await enrolled(world, alone(world))
    policy = await policy_of(1)
    with pytest.raises(Conflict) as late:
        await commands.refund_policy(world.aid, policy=policy, data=back())
    assert late.value.code == "refund_too_late"
    for stranger in (world.far_clerk, world.clerk, world.officer):
        with pytest.raises(NotFound):
            await commands.refund_policy(stranger, policy=policy, data=back())
    fixed = msgspec.structs.replace(TERMS, refundable=False)
    other = alone(world, 2, 2, year=2027)
    await paid(world, other)
    await commands.open_policies(world.aid, enrolment=other, terms=fixed)
    with pytest.raises(Conflict) as never:
        await commands.refund_policy(world.aid, policy=await policy_of(2), data=back())
    assert never.value.code == "refund_not_allowed"


# ---- desks, rules, reminders --------------------------------------------------------


async def test_a_desk_finds_those_of_its_unions(world: World) -> None:
    await enrolled(world, alone(world))
    await enrolled(world, alone(world, 2, year=2027))
    assert [one.holder_name for one in (await queries.desk_policies(world.clerk)).items] == ["王*测", "王*测"]
    for q, state, count in (
        ("ylhz2026-000001", None, 1),
        ("王小", None, 2),
        ("李", None, 0),
        ("", Standing.WAITING, 1),
        ("", Standing.NOT_STARTED, 1),
        ("", Standing.EFFECTIVE, 0),
        ("", Standing.ENDED, 0),
        ("", Standing.REFUNDED, 0),
    ):
        assert len((await queries.desk_policies(world.aid, q=q, state=state)).items) == count
    assert (await queries.desk_policies(world.far_clerk)).items == []
    with pytest.raises(NotFound):
        await queries.desk_policy(await policy_of(1), world.far_clerk)
    first = await queries.desk_policies(world.clerk, limit=1)
    second = await queries.desk_policies(world.clerk, limit=1, cursor=first.next_cursor)
    assert [one.number for one in first.items + second.items] == ["YLHZ2026-000002", "YLHZ2026-000001"]


def about(sequence: int = 1, **more: Any) -> Any:
    return ask(values={"id_no": number(sequence), **more})


async def test_what_claims_ask_of_a_policy(world: World) -> None:
    plan = {"plan_ref": "hospital", "period": 2026}
    assert await facts.policy_status(about()) is None
    assert await facts.plan_period_free(about(**plan)) is True
    answer = await enrolled(world, alone(world))
    for question in (about(), about(policy_no=answer["record_no"]), about(policy_no="ylhz2026-000001 ")):
        assert await facts.policy_status(question) == "effective"
        assert await facts.policy_wait_end(question) == date(2026, 4, 8)
        assert await facts.policy_end_date(question) == date(2027, 3, 9)
    assert await facts.policy_status(about(2, policy_no=answer["record_no"])) == "other"
    assert await facts.policy_end_date(about(policy_no="YLHZ1999-000001")) is None
    assert await facts.plan_period_free(about(**plan)) is False
    assert await facts.plan_period_free(ask(values={"id_no": number(), **plan}, case_id=1)) is True
    clock.freeze(clock.start_of(date(2027, 3, 10)))
    assert await facts.policy_status(about()) == "ended"
    # Who went to hospital before the end claims after it.
    assert await facts.policy_status(about(admit_date="2027-03-09")) == "effective"
    await database.execute("UPDATE aid_policy SET state = 'refunded', holds_key = NULL")
    assert await facts.policy_status(about()) == "refunded"


async def test_a_claim_offers_the_policies_of_its_member(world: World) -> None:
    actor = await as_member(world)
    assert await prefills.policy_number(actor, {}) is None
    await enrolled(world, alone(world))
    clock.freeze(clock.start_of(date(2026, 5, 1)))
    await enrolled(world, alone(world, 2, plan="critical", plan_name="重大疾病"))
    found = await prefills.policy_number(actor, {})
    assert found is not None
    assert found.value == "YLHZ2026-000001"
    assert found.source == ("您的住院互助凭证，2027-03-09止，您还有 YLHZ2026-000002（重大疾病，2027-04-30止）")
    assert await prefills.policy_number(world.clerk, {}) is None


async def test_a_holder_is_reminded_once_unless_it_is_renewed(world: World) -> None:
    actor = await as_member(world)
    await enrolled(world, alone(world, account_id=actor.account_id))
    await enrolled(world, alone(world, 2, 2))
    clock.freeze(clock.start_of(date(2027, 2, 6)))
    assert await commands.remind_policies(100) == 0
    await enrolled(world, alone(world, 3, 2, year=2027))
    clock.freeze(clock.start_of(date(2027, 2, 7)))
    assert [await commands.remind_policies(100) for _ in range(2)] == [1, 0]
    await tasks.drain_outbox({})
    notice = (await notifications.inbox(actor, limit=50)).items[0]
    policy = (await queries.own_policies(actor)).items[0]
    assert policy.may_renew
    at = f"/services/mutual-aid-enrol/apply?renew={policy.id}"
    assert (notice.title, notice.link) == ("医疗互助快到期了", at)
    assert notice.text == (
        "您的住院互助（凭证 YLHZ2026-000001）3月9日 到期。到期前续上没有等待期；断了再参加，要重新等。"
    )


# ---- races -------------------------------------------------------------------------


@pytest.mark.race(control="test_without_the_unique_key_somebody_has_a_plan_twice")
async def test_ten_cases_at_once_open_one_policy(world: World) -> None:
    answers = await open_at_once(world)
    assert len([one for one in answers if isinstance(one, dict)]) == 1
    assert {one.code for one in answers if isinstance(one, AppError)} <= {
        "enrol_has_policy",
        "enrol_taken_meanwhile",
    }
    assert await database.scalar("SELECT COUNT(*) FROM aid_policy") == 1
    assert await wrong() in ([], ["the policies of a case cost something else than came in"])


@pytest.mark.race(is_control=True)
async def test_without_the_unique_key_somebody_has_a_plan_twice(world: World) -> None:
    """The control of the race above: the guard is off."""
    if database.is_sqlite():
        pytest.skip("SQLite runs one command after the other")
    sql = "SHOW INDEX FROM aid_policy WHERE Column_name = 'holds_key'"
    [index] = {row["Key_name"] for row in await database.rows(sql)}
    await database.execute(f"ALTER TABLE aid_policy DROP INDEX `{index}`")
    try:
        await open_at_once(world)
        made = await database.scalar("SELECT COUNT(*) FROM aid_policy")
    finally:
        await database.execute("DELETE FROM aid_policy")
        await database.execute(f"ALTER TABLE aid_policy ADD UNIQUE INDEX `{index}` (holds_key)")
    assert made > 1


async def open_at_once(world: World) -> list[Any]:
    """Ten cases for the same person, each with its fee in."""
    cases = [alone(world, case) for case in range(1, 11)]
    for one in cases:
        await paid(world, one)

    async def opened(case: int) -> Any:
        return await commands.open_policies(world.aid, enrolment=cases[case], terms=TERMS)

    return await asyncio.gather(*(opened(case) for case in range(10)), return_exceptions=True)
