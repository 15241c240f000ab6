"""Cases of the service write the register: checked beside their fields, true with their approval."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from backend.bindings import workers
from backend.casework.protocols import Approved, Question
from backend.core import clock, crypto, database, ids
from backend.core.actor import Actor
from backend.core.errors import Conflict, Invalid
from backend.grading.enums import Post, YearResult
from tests.grading.register import Register, number_of, row_of

FLOW = "social-worker"


def approved(register: Register, number: int, **values: Any) -> Approved:
    form = {"basis": "会议纪要 3 号", "worker_name": "王小工"} | values
    return Approved(
        case_id=number,
        number=f"SG2026-{number:06d}",
        flow=FLOW,
        values=form,
        applicant_id=None,
        member_id=None,
        target_union_id=register.town.id,
        desk_union_id=register.county.id,
        submitted_on=clock.today(),
        decided_on=clock.today(),
        decided_by=register.leader,
    )


def asked(actor: Actor, **values: Any) -> Question:
    return Question(flow=FLOW, actor=actor, today=clock.today(), values=values, params={}, member_id=actor.member_id)


async def id_of(number: str) -> str:
    index = crypto.blind_index("id_no", number)
    return ids.public(await database.scalar("SELECT id FROM social_worker WHERE id_no_index = %s", index))


async def test_a_hiring_enters_the_register_once(register: Register) -> None:
    number = register.number()
    case = approved(register, 1, biz_kind="hire", worker_id=number, hire_date="2026-04-01", post_band="junior", grade=2)
    for _ in range(2):
        await workers.write_worker(case, {})
    found = await row_of(await id_of(number))
    assert (found["hired_on"], found["grade"], found["next_on"]) == ("2026-04-01", 2, "2029-04-01")
    rows = await database.rows("SELECT reference, reason, `key` FROM social_worker_history")
    assert rows == [{"reference": "SG2026-000001", "reason": "会议纪要 3 号", "key": "case:SG2026-000001"}]


async def test_what_the_rules_refuse_is_said_to_whoever_decides(register: Register) -> None:
    number = register.number()
    for given, words in (
        ({"biz_kind": "promote", "grade": 2}, "社工台账里没有这个人，请核对证件号，或先办理招录。"),
        (
            {"biz_kind": "hire", "hire_date": "2026-04-01", "post_band": "senior", "grade": 2},
            "社工台账没有写成，级别不在岗位的区间里，高级岗是 7 到 18 级。",
        ),
    ):
        with pytest.raises(Conflict) as refused:
            await workers.write_worker(approved(register, 1, worker_id=number, **given), {})
        assert refused.value.detail == words


async def test_each_kind_of_case_writes_its_line(register: Register) -> None:
    worker = await register.hire(date(2020, 6, 1))
    number = await number_of(worker)
    said: list[dict[str, Any]] = [
        {"biz_kind": "appraise", "appraise_year": 2024, "appraise_result": "excellent"},
        {"biz_kind": "appraise", "appraise_year": 2025, "appraise_result": "excellent"},
        {"biz_kind": "train", "training_kind": "cycle", "trained_on": "2026-03-01", "training_hours": "24"},
        {"biz_kind": "band_change", "post_band": "middle", "grade": 4},
        {"biz_kind": "elect"},
        {"biz_kind": "exit", "left_on": "2026-03-31"},
    ]
    for at, values in enumerate(said):
        await workers.write_worker(approved(register, at + 1, worker_id=number, **values), {})
    kinds = await database.rows("SELECT kind FROM social_worker_history ORDER BY id")
    assert [row["kind"] for row in kinds] == [
        *("entered", "appraised", "appraised", "trained", "posted", "elected", "left"),
    ]
    found = await row_of(worker)
    assert (found["post_now"], found["grade"], found["training_due_on"], found["left_on"]) == (
        "middle",
        4,
        "2029-03-01",
        "2026-03-31",
    )


async def test_a_bonus_goes_from_the_case_to_the_payment(register: Register) -> None:
    worker = await register.hire(date(2020, 6, 1))
    await register.appraised(worker, (2025, YearResult.COMPETENT))
    bonus = {"biz_kind": "bonus", "worker_id": await number_of(worker), "appraise_year": 2025}
    with pytest.raises(Conflict) as outside:
        await workers.write_worker(approved(register, 1, bonus_amount=1_000_001, **bonus), {})
    assert outside.value.detail == "年度绩效奖在 1200 元到 10000 元之间。"
    case = approved(register, 2, bonus_amount=300_000, **bonus)
    await workers.write_worker(case, {})
    with pytest.raises(Conflict) as again:
        await workers.write_worker(approved(register, 3, bonus_amount=300_000, **bonus), {})
    assert again.value.code == "bonus_granted"
    for _ in range(2):
        assert (await workers.pay_worker_bonus(case, {}))["due_fen"] == 300_000
    due = await database.rows("SELECT case_id, programme, amount_fen FROM payment_due")
    assert due == [{"case_id": 2, "programme": FLOW, "amount_fen": 300_000}]


async def test_facts_tell_what_is_against_it(register: Register) -> None:
    worker = await register.hire(date(2023, 2, 1))
    number, clerk = await number_of(worker), register.clerk
    assert await workers.in_post(asked(clerk, worker_id=number)) is True
    assert await workers.in_post(asked(clerk, worker_id=register.number())) is False
    promote = {"worker_id": number, "biz_kind": "promote"}
    assert await workers.promotion(asked(clerk, grade=2, **promote)) == "worker_not_due"
    change = {"worker_id": number, "biz_kind": "band_change", "post_band": "middle"}
    assert await workers.post_change(asked(clerk, grade=4, **change)) == "worker_excellent_short"
    await register.appraised(worker, (2024, YearResult.EXCELLENT), (2025, YearResult.EXCELLENT))
    assert await workers.post_change(asked(clerk, grade=4, **change)) == "ok"
    bonus = {"worker_id": number, "biz_kind": "bonus", "bonus_amount": 300_000}
    assert await workers.bonus(asked(clerk, appraise_year=2025, **bonus)) == "ok"
    assert await workers.bonus(asked(clerk, appraise_year=2023, **bonus)) == "bonus_not_appraised"
    assert await workers.grade_fits(asked(clerk, post_band=Post.SENIOR.value, grade=6)) is False


async def test_strangers_learn_nothing_and_the_worker_everything(register: Register) -> None:
    worker = await register.hire(date(2020, 6, 1))
    other = await register.hire(date(2020, 6, 1))
    number, mine = await number_of(worker), await register.account(worker)
    stranger = await register.account(other)
    assert await workers.in_post(asked(stranger, worker_id=number)) is None
    assert await workers.may_ask(asked(stranger, worker_id=number)) is False
    assert await workers.in_post(asked(mine, worker_id=number)) is True
    assert await workers.may_ask(asked(mine, worker_id=number)) is True
    assert await workers.in_post(asked(register.far_clerk, worker_id=number)) is False


async def test_a_training_outside_service_is_refused_beside_its_day(register: Register) -> None:
    worker = await register.hire(date(2020, 6, 1))
    case = approved(register, 1, worker_id=await number_of(worker))
    act = {"kind": "cycle", "on_day": "2020-05-31", "hours": "8", "content": "工会业务"}
    with pytest.raises(Invalid) as refused:
        await workers.train_worker(msgspec.structs.replace(case, act=act, act_id=5), {})
    assert [one.field for one in refused.value.errors] == ["on_day"]
    late = act | {"on_day": (clock.today() - timedelta(days=1)).isoformat()}
    await workers.train_worker(msgspec.structs.replace(case, act=late, act_id=6), {})
    assert (await row_of(worker))["training_due_on"] == "2029-03-09"
