"""The register of social workers: what is written down, what follows from it, and who sees it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from backend.core import clock, database, ids
from backend.core.errors import Conflict, Invalid, NotFound
from backend.grading import commands, queries, scheme_files
from backend.grading.enums import Post, TrainingKind, WorkerDue, YearResult
from backend.grading.worker_schemas import BreakInput, WorkerCorrection
from tests.grading.register import Register, because, index_of, number_of, row_of
from tests.grading.samples import with_rules

EXCELLENT, COMPETENT, FAIL = YearResult.EXCELLENT, YearResult.COMPETENT, YearResult.FAIL


async def test_an_entry_is_reckoned_from_its_hiring(register: Register) -> None:
    worker = await register.hire(date(2020, 3, 10), grade=2)
    assert await row_of(worker) == {
        "hired_on": "2020-03-10",
        "start_grade": 2,
        "confirmed_grade": 4,
        "grade": 4,
        "post_now": "junior",
        "capped": False,
        "next_on": "2029-03-10",
        "training_due_on": "2023-03-10",
        "left_on": None,
        "version": 1,
    }
    shown = await queries.worker_page(worker, register.clerk)
    assert [(step.on, step.grade, step.why) for step in shown.steps] == [
        ("2020-03-10", 2, "hired"),
        ("2023-03-10", 3, "served"),
        ("2026-03-10", 4, "served"),
    ]
    assert [(line.name, line.amount_fen) for line in shown.pay.lines] == [
        ("基本工资", 305_000),
        ("绩效工资", 60_000),
        ("津贴补贴", 20_000),
        ("福利（单位缴纳）", 117_425),
    ]
    assert (shown.pay.total_fen, shown.pay.sample) == (502_425, True)
    assert shown.explanation == [
        "2020年3月10日入职，从初级岗 2 级起算，工龄每满 3 年晋 1 级。",
        "没有别的变动，2029年3月10日晋到 5 级。",
    ]
    assert shown.training_text == "入职以来没有培训过，2023年3月10日前要再轮训一次，已经过期。"
    assert shown.id_no == f"990001********{(await number_of(worker))[-4:]}"


async def test_one_person_is_entered_once(register: Register) -> None:
    number = register.number()
    await register.hire(date(2024, 1, 1), id_no=number)
    with pytest.raises(Conflict) as refused:
        await register.hire(date(2025, 1, 1), id_no=number, union=register.far_town)
    assert (refused.value.code, refused.value.detail) == (
        "worker_already_in",
        "这个人已经在社工台账里，不用再登记。",
    )


@pytest.mark.parametrize(
    ("post", "grade", "words"),
    [
        (Post.JUNIOR, 13, "级别不在岗位的区间里，初级岗是 1 到 12 级。"),
        (Post.MIDDLE, 3, "级别不在岗位的区间里，中级岗是 4 到 15 级。"),
        (Post.SENIOR, 6, "级别不在岗位的区间里，高级岗是 7 到 18 级。"),
    ],
)
async def test_a_grade_outside_its_post_is_refused_beside_its_field(
    register: Register, post: Post, grade: int, words: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await register.hire(date(2024, 1, 1), post=post, grade=grade)
    assert [(one.field, one.message) for one in refused.value.errors] == [("start_grade", words)]


async def test_the_twenty_ninth_of_february(register: Register, freeze: Callable[[str], datetime]) -> None:
    worker = await register.hire(date(2024, 2, 29))
    assert (await row_of(worker))["next_on"] == "2027-02-28"
    freeze("2027-02-27T23:00:00+08:00")
    await commands.settle_workers()
    assert (await row_of(worker))["grade"] == 1
    freeze("2027-02-28T00:30:00+08:00")
    await commands.settle_workers()
    found = await row_of(worker)
    assert (found["grade"], found["next_on"], found["confirmed_grade"]) == (2, "2030-02-28", 1)


async def test_a_break_is_written_put_right_and_taken_back(register: Register) -> None:
    worker = await register.hire(date(2024, 3, 10))
    data = BreakInput(first_on=date(2025, 1, 1), last_on=date(2025, 1, 31), reason="长期病假", version=1)
    await commands.write_break(register.clerk, worker=worker, data=data)
    assert (await row_of(worker))["next_on"] == "2027-04-10"
    shown = await queries.worker_page(worker, register.clerk)
    [one] = shown.breaks
    assert (one.first_on, one.last_on, one.days) == ("2025-01-01", "2025-01-31", 31)
    assert "2025年1月1日到2025年1月31日，共 31 天，服务中断，不计工龄。" in shown.explanation
    longer = BreakInput(
        break_id=one.id, first_on=date(2025, 1, 1), last_on=date(2025, 2, 28), reason="假条核对", version=2
    )
    await commands.write_break(register.clerk, worker=worker, data=longer)
    assert (await row_of(worker))["next_on"] == "2027-05-08"
    gone = BreakInput(break_id=one.id, first_on=date(2025, 1, 1), removed=True, reason="记错了人", version=3)
    await commands.write_break(register.clerk, worker=worker, data=gone)
    assert (await row_of(worker))["next_on"] == "2027-03-10"
    lines = (await queries.worker_page(worker, register.clerk)).history
    assert [(line.kind_text, line.before, line.after, line.reason, line.who) for line in lines] == [
        (
            "服务中断",
            ["中断自：2025-01-01", "中断至：2025-02-28"],
            [],
            "记错了人",
            "黄枫镇总工会 李大明",
        ),
        (
            "服务中断",
            ["中断自：2025-01-01", "中断至：2025-01-31"],
            ["中断自：2025-01-01", "中断至：2025-02-28"],
            "假条核对",
            "黄枫镇总工会 李大明",
        ),
        ("服务中断", [], ["中断自：2025-01-01", "中断至：2025-01-31"], "长期病假", "黄枫镇总工会 李大明"),
        (
            "登记入册",
            [],
            ["入职日期：2024-03-10", "录用岗位：初级岗", "起始级别：1"],
            "补录在岗人员",
            "星城县总工会 吴小安",
        ),
    ]


@pytest.mark.parametrize(
    ("first", "last", "field", "words"),
    [
        (date(2025, 2, 1), date(2025, 1, 31), "last_on", "结束日期不能早于开始日期。"),
        (date(2024, 3, 9), None, "first_on", "中断不能早于入职。"),
    ],
)
async def test_a_break_has_to_lie_in_service(
    register: Register, first: date, last: date | None, field: str, words: str
) -> None:
    worker = await register.hire(date(2024, 3, 10))
    with pytest.raises(Invalid) as refused:
        data = BreakInput(first_on=first, last_on=last, reason="长期病假", version=1)
        await commands.write_break(register.clerk, worker=worker, data=data)
    assert [(one.field, one.message) for one in refused.value.errors] == [(field, words)]


async def test_at_the_cap_the_grade_stays_and_is_said(register: Register) -> None:
    worker = await register.hire(date(2014, 3, 10), grade=11)
    found = await row_of(worker)
    assert (found["grade"], found["capped"], found["next_on"]) == (12, True, None)
    shown = await queries.worker_page(worker, register.clerk)
    assert shown.explanation[-1] == "已到初级岗最高的 12 级，要再往上升先转到更高的岗位。"
    assert [step.why for step in shown.steps] == ["hired", "served", "capped", "capped", "capped"]
    page = await queries.desk_workers(register.clerk, due=WorkerDue.CAPPED)
    assert [one.id for one in page.items] == [worker]


async def test_a_new_post_lifts_to_its_lowest_grade(register: Register) -> None:
    worker = await register.hire(date(2022, 6, 1))
    await register.appraised(worker, (2023, EXCELLENT), (2024, EXCELLENT))
    who = {"index": await index_of(worker), "because": because("竞聘上岗", "case:SG1")}
    await commands.change_post(register.leader, post=Post.MIDDLE, grade=4, **who)
    await commands.change_post(register.leader, post=Post.MIDDLE, grade=4, **who)
    found = await row_of(worker)
    assert (found["grade"], found["confirmed_grade"], found["post_now"], found["next_on"]) == (
        4,
        4,
        "middle",
        "2028-06-01",
    )
    [line] = [one for one in (await queries.worker_page(worker, register.clerk)).history if one.kind == "posted"]
    assert (line.before, line.after) == (["级别：2", "岗位：初级岗"], ["级别：4", "岗位：中级岗"])


@pytest.mark.parametrize(
    ("years", "post", "grade", "code", "words"),
    [
        (1, Post.MIDDLE, 4, "worker_excellent_short", "转到中级岗要年度考核优秀 2 次，台账里只有 1 次。"),
        (2, Post.MIDDLE, 5, "worker_grade_other", "级别不对，按台账算应是 4 级。"),
        (3, Post.SENIOR, 7, "worker_excellent_short", "转到高级岗要年度考核优秀 4 次，台账里只有 3 次。"),
        (4, Post.JUNIOR, 2, "worker_same_post", "这个人现在就在这个岗位上。"),
    ],
)
async def test_excellent_years_are_counted_from_the_register(
    register: Register, years: int, post: Post, grade: int, code: str, words: str
) -> None:
    worker = await register.hire(date(2020, 6, 1))
    await register.appraised(worker, *((2021 + number, EXCELLENT) for number in range(years)))
    with pytest.raises(Conflict) as refused:
        who = {"index": await index_of(worker), "because": because()}
        await commands.change_post(register.leader, post=post, grade=grade, **who)
    assert (refused.value.code, refused.value.detail) == (code, words)


@pytest.mark.parametrize(("counts", "next_on"), [(False, "2028-03-10"), (True, "2027-03-10")])
async def test_a_failed_year_counts_only_where_the_scheme_says_so(
    register: Register, monkeypatch: pytest.MonkeyPatch, counts: bool, next_on: str
) -> None:
    changed = type(scheme_files.current())(scheme_files.current().chairs, with_rules(failed_year_counts=counts))
    monkeypatch.setattr(scheme_files, "_current", changed)
    worker = await register.hire(date(2024, 3, 10))
    await register.appraised(worker, (2025, FAIL))
    assert (await row_of(worker))["next_on"] == next_on


async def test_promotion_is_confirmed_once_service_has_brought_it(
    register: Register, freeze: Callable[[str], datetime]
) -> None:
    worker = await register.hire(date(2023, 4, 1))
    index = await index_of(worker)
    with pytest.raises(Conflict) as early:
        await commands.promote_worker(register.leader, index=index, grade=2, because=because())
    assert early.value.detail == "还没到晋级的时候，按工龄现在是 1 级，已经核定。"
    freeze("2026-04-01T09:00:00+08:00")
    await commands.settle_workers()
    page = await queries.desk_workers(register.clerk, due=WorkerDue.CONFIRM)
    assert [(one.id, one.due_texts) for one in page.items] == [(worker, ["待核定晋级", "该轮训了", "去年没有考核"])]
    with pytest.raises(Conflict) as wrong:
        await commands.promote_worker(register.leader, index=index, grade=3, because=because())
    assert wrong.value.detail == "级别不对，按台账算应是 2 级。"
    await commands.promote_worker(register.leader, index=index, grade=2, because=because(key="case:1"))
    assert (await row_of(worker))["confirmed_grade"] == 2
    assert (await queries.desk_workers(register.clerk, due=WorkerDue.CONFIRM)).items == []


@pytest.mark.parametrize(
    ("year", "amount_fen", "words"),
    [
        (2025, 1_199_99, "年度绩效奖在 1200 元到 10000 元之间。"),
        (2025, 10_000_01, "年度绩效奖在 1200 元到 10000 元之间。"),
        (2024, 5_000_00, "考核结果不能发绩效奖，台账里 2024 年不够格。"),
        (2023, 5_000_00, "台账里没有 2023 年的考核结果，不能发绩效奖。"),
    ],
)
async def test_a_bonus_is_for_an_appraised_year_within_its_limits(
    register: Register, year: int, amount_fen: int, words: str
) -> None:
    worker = await register.hire(date(2020, 6, 1))
    await register.appraised(worker, (2024, FAIL), (2025, COMPETENT))
    with pytest.raises(Conflict) as refused:
        who = {"index": await index_of(worker), "because": because()}
        await commands.grant_bonus(register.leader, year=year, amount_fen=amount_fen, case_id=1, **who)
    assert refused.value.detail == words


async def test_a_bonus_is_due_once_for_a_person_and_a_year(register: Register) -> None:
    worker = await register.hire(date(2020, 6, 1))
    person = await register.account(worker)
    await register.appraised(worker, (2025, COMPETENT))
    index = await index_of(worker)
    grant = {"index": index, "year": 2025, "amount_fen": 1_200_00}
    await commands.grant_bonus(register.leader, case_id=7, because=because(key="case:7"), **grant)
    await commands.grant_bonus(register.leader, case_id=7, because=because(key="case:7"), **grant)
    with pytest.raises(Conflict) as again:
        await commands.grant_bonus(register.leader, case_id=8, because=because(key="case:8"), **grant)
    assert again.value.detail == "一年只发一次绩效奖，2025 年的已经由另一件办过。"
    for _ in range(2):
        assert await commands.pay_bonus(register.manager, case_id=7, case_number="SG2026-000007") == 1_200_00
    with pytest.raises(Conflict) as never:
        await commands.pay_bonus(register.manager, case_id=8, case_number="SG2026-000008")
    assert never.value.code == "bonus_not_granted"
    [due] = await database.rows("SELECT programme, amount_fen, account_id, payee_name, name FROM payment_due")
    assert due == {
        "programme": "social-worker",
        "amount_fen": 1_200_00,
        "account_id": person.account_id,
        "payee_name": "王小工",
        "name": "2025 年度社工年度绩效奖",
    }


@pytest.mark.parametrize(("day", "is_due"), [("2026-04-01", False), ("2026-04-02", True), ("2026-06-02", True)])
async def test_training_is_due_from_sixty_days_before_three_years(
    register: Register, freeze: Callable[[str], datetime], day: str, is_due: bool
) -> None:
    worker = await register.hire(date(2018, 1, 1))
    await register.trained(worker, date(2023, 6, 1))
    await register.trained(worker, date(2025, 6, 1), TrainingKind.EXAM)
    assert (await row_of(worker))["training_due_on"] == "2026-06-01"
    freeze(f"{day}T09:00:00+08:00")
    found = await queries.desk_workers(register.clerk, due=WorkerDue.TRAINING)
    assert [one.id for one in found.items] == ([worker] if is_due else [])
    assert (await queries.worker_counts(register.clerk)).training == int(is_due)


async def test_a_hiring_put_right_later_leaves_its_trace(register: Register) -> None:
    worker = await register.hire(date(2020, 3, 11))
    assert (await row_of(worker))["grade"] == 2
    data = WorkerCorrection(hired_on=date(2019, 3, 1), reason="档案核对，入职早一年", version=1)
    await commands.correct_worker(register.clerk, worker=worker, data=data)
    found = await row_of(worker)
    assert (found["grade"], found["confirmed_grade"], found["next_on"]) == (3, 2, "2028-03-01")
    shown = await queries.worker_page(worker, register.clerk)
    line = shown.history[0]
    assert (line.kind_text, line.before, line.after, line.reason, line.who) == (
        "更正",
        ["级别：2", "入职日期：2020-03-11"],
        ["级别：3", "入职日期：2019-03-01"],
        "档案核对，入职早一年",
        "黄枫镇总工会 李大明",
    )
    assert [step.on for step in shown.steps] == ["2019-03-01", "2022-03-01", "2025-03-01"]
    told = await database.rows("SELECT action FROM audit WHERE object_kind = 'social_worker' ORDER BY id")
    assert [row["action"] for row in told] == ["worker.changed", "worker.changed"]
    back = WorkerCorrection(hired_on=date(2020, 3, 11), reason="档案是别人的", version=2)
    await commands.correct_worker(register.clerk, worker=worker, data=back)
    assert (await row_of(worker))["grade"] == 2
    assert len((await queries.worker_page(worker, register.clerk)).history) == 3


async def test_a_correction_needs_a_reason_the_last_version_and_a_possible_day(register: Register) -> None:
    worker = await register.hire(date(2020, 3, 11))
    await register.trained(worker, date(2021, 5, 1))

    async def refused(error: type[Exception], **given: object) -> str:
        data = WorkerCorrection(**({"reason": "档案核对", "version": 2, "hired_on": date(2020, 1, 1)} | given))  # type: ignore[arg-type]
        with pytest.raises(error) as found:
            await commands.correct_worker(register.clerk, worker=worker, data=data)
        return found.value.code  # type: ignore[attr-defined]

    assert await refused(Invalid, reason=" ") == "worker_reason_missing"
    assert await refused(Conflict, version=1) == "worker_changed"
    assert await refused(Invalid, hired_on=date(2021, 5, 2)) == "worker_hired_after_facts"
    assert await refused(Conflict, hired_on=date(2020, 3, 11)) == "worker_same_as_before"
    assert (await row_of(worker))["hired_on"] == "2020-03-11"


async def test_whoever_left_may_come_back_and_begins_anew(
    register: Register, freeze: Callable[[str], datetime]
) -> None:
    worker = await register.hire(date(2018, 3, 10))
    number, index = await number_of(worker), await index_of(worker)
    await register.appraised(worker, (2019, EXCELLENT))
    await commands.leave_worker(register.leader, index=index, left_on=date(2026, 3, 9), because=because("辞职"))
    found = await row_of(worker)
    assert (found["grade"], found["next_on"], found["left_on"]) == (3, None, "2026-03-09")
    counts = await queries.worker_counts(register.clerk)
    assert (counts.total, counts.left, counts.training) == (0, 1, 0)
    with pytest.raises(Conflict) as gone:
        await commands.note_election(register.leader, index=index, because=because())
    assert gone.value.code == "worker_not_in_service"
    freeze("2026-09-01T09:00:00+08:00")
    assert await register.hire(date(2026, 9, 1), id_no=number, grade=2) == worker
    found = await row_of(worker)
    assert (found["grade"], found["next_on"], found["left_on"]) == (2, "2029-09-01", None)
    assert (await queries.worker_page(worker, register.clerk)).excellent == 0


async def test_two_unions_see_nothing_of_each_other(register: Register) -> None:
    ours = await register.hire(date(2020, 3, 10))
    theirs = await register.hire(date(2020, 3, 10), union=register.far_town)
    for actor, own, other in (
        (register.clerk, ours, theirs),
        (register.far_clerk, theirs, ours),
    ):
        assert [one.id for one in (await queries.desk_workers(actor)).items] == [own]
        assert (await queries.worker_counts(actor)).total == 1
        with pytest.raises(NotFound):
            await queries.worker_page(other, actor)
        with pytest.raises(NotFound):
            data = WorkerCorrection(hired_on=date(2019, 1, 1), reason="档案核对", version=1)
            await commands.correct_worker(actor, worker=other, data=data)
        index, today = await index_of(other), clock.today()
        assert await queries.is_in_post(index, actor, today, own=False) is False
        assert await queries.promotion(index, actor, today, own=False, grade=3) is None
    assert (await queries.worker_counts(register.manager)).total == 2
    with pytest.raises(NotFound):
        await queries.desk_workers(register.clerk, union=ids.public(register.far_town.id))
    with pytest.raises(NotFound):
        await register.hire(date(2024, 1, 1), by=register.clerk, union=register.far_town)


async def test_a_worker_reads_their_own_standing(register: Register) -> None:
    worker = await register.hire(date(2020, 4, 1), post=Post.MIDDLE, grade=7)
    person = await register.account(worker)
    [mine] = await queries.my_worker_grades(person)
    assert (mine.scheme, mine.period, mine.status, mine.grade, mine.grade_name) == (
        "social-worker",
        "2026",
        "in_post",
        "8",
        "中级岗 8 级",
    )
    assert mine.next is not None
    assert (mine.next.grade, mine.next.on, mine.next.missing) == (
        "中级岗 9 级",
        date(2026, 4, 1),
        ["没有别的变动，2026年4月1日晋到 9 级。"],
    )
    assert mine.pay is not None
    assert [(line.key, line.amount_fen) for line in mine.pay.lines] == [
        ("base", 365_000),
        ("performance", 90_000),
        ("allowance", 40_000),
        ("welfare", 140_525),
    ]
    assert await queries.my_worker_grades(register.manager) == []


async def test_what_is_kept_is_what_the_history_gives(register: Register) -> None:
    worker = await register.hire(date(2020, 3, 10))
    await register.hire(date(2021, 3, 10), name="李小社")
    assert await queries.reckoned_otherwise() == []
    await database.execute("UPDATE social_worker SET next_on = %s WHERE id = %s", date(2030, 1, 1), ids.parse(worker))
    assert await queries.reckoned_otherwise() == ["王小工"]
    await commands.settle_workers()
    assert await queries.reckoned_otherwise() == []


async def test_who_is_told_is_told_once(register: Register, freeze: Callable[[str], datetime]) -> None:
    worker = await register.hire(date(2023, 4, 1))
    person = await register.account(worker)
    freeze("2026-03-31T09:00:00+08:00")
    await commands.settle_workers()
    freeze("2026-04-01T00:30:00+08:00")
    for _ in range(3):
        await commands.settle_workers()
        clock.advance(hours=1)
    told = await database.rows("SELECT account_id, event, text FROM notification ORDER BY event, account_id")
    mine = [(row["event"], row["text"]) for row in told if row["account_id"] == person.account_id]
    assert mine == [
        (
            "worker.grade",
            "您在黄枫镇总工会的工龄到 2026-04-01 又满一段，按规定晋到 2 级。怎么算的、工资怎么变，点开就能看到。",
        ),
        ("worker.training", "按规定，您在 2026-04-01 前要再参加一次轮训，请和黄枫镇总工会商量时间。"),
    ]
    desk = [(row["event"], row["text"]) for row in told if row["account_id"] == register.clerk.account_id]
    assert desk == [
        ("worker.grade", "黄枫镇总工会有 1 名社工工龄到了晋级的年限，最早 2026-04-01，请核定。"),
        ("worker.training", "黄枫镇总工会有 1 名社工快到轮训期限，最早 2026-04-01，请安排。"),
    ]
    assert len(told) == 4


async def test_seven_hundred_and_fifteen_people_and_who_is_due(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reported size: as many statements as for nobody, and the figures that looking at each gives."""
    said = await statements_of(register, monkeypatch)
    await fill(715, register)
    assert await statements_of(register, monkeypatch) == said == 3
    counts = await queries.worker_counts(register.manager, days=90)
    today, warn = clock.today(), clock.today() + timedelta(days=60)
    rows = await database.rows("SELECT next_on, training_due_on FROM social_worker")
    days = [(str(row["next_on"]), str(row["training_due_on"])) for row in rows]
    until = (today + timedelta(days=90)).isoformat()
    assert counts.total == 715
    assert counts.grade == sum(on <= until for on, _ in days) > 20
    assert counts.training == sum(on <= warn.isoformat() for _, on in days) > 100
    assert counts.appraisal == 715
    seen, cursor = [], None
    while True:
        page = await queries.desk_workers(register.manager, due=WorkerDue.GRADE, days=90, limit=50, cursor=cursor)
        seen += [(one.next_on, one.id) for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(set(seen)) == counts.grade
    assert seen == sorted(seen)


async def statements_of(register: Register, monkeypatch: pytest.MonkeyPatch) -> int:
    said = 0
    plain = database.rows

    async def counting(sql: str, *params: object) -> list[dict[str, object]]:
        nonlocal said
        said += 1
        return await plain(sql, *params)

    with monkeypatch.context() as patch:
        patch.setattr(database, "rows", counting)
        await queries.desk_workers(register.manager, due=WorkerDue.GRADE, days=90, limit=100)
        await queries.desk_workers(register.manager, due=WorkerDue.APPRAISAL, limit=100)
        await queries.worker_counts(register.manager, days=90)
    return said


async def fill(count: int, register: Register) -> None:
    """Rows straight into the table, as the schedule then reckons them."""
    today = clock.today()
    rows = []
    for number in range(count):
        hired = date(2011, 1, 1) + timedelta(days=number * 7 % 5_000)
        rows.append(
            [
                *(ids.new_id(), f"社工{number}", "sg", f"{number:032d}", "", register.town.id, hired, "junior", 1),
                *(12, today - timedelta(days=1), 1, "junior", False, None, today, today, 1, clock.now()),
            ]
        )
    await database.execute_many(
        "INSERT INTO social_worker (id, name, initials, id_no_index, id_no_sealed, union_id, hired_on, post,"
        " start_grade, confirmed_grade, reckoned_on, grade, post_now, capped, next_on, training_due_on,"
        f" training_told_for, version, created_at) VALUES ({', '.join(['%s'] * 19)})",
        rows,
    )
    await commands.settle_workers()
