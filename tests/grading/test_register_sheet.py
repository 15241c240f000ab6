"""The register by a sheet, and what happened years ago: nothing is lost, and what is wrong is named by its cell."""

from datetime import date
from typing import Any

import pytest

from backend.core import clock, database, ids, sheets
from backend.core.errors import Invalid
from backend.grading import commands, queries
from backend.grading.enums import TrainingKind, YearResult
from backend.grading.register_sheet import template_header
from backend.grading.worker_schemas import TrainingInput, WorkerImport, YearInput
from tests.casework.browser import browse
from tests.grading.register import Register, number_of, row_of
from tests.grading.test_rounds import refusal

HEAD = template_header(date(2026, 3, 10))
TOWN = "黄枫镇总工会"


def line(number: str, *, name: str = "王小工", union: str = TOWN, **more: str) -> list[str]:
    cells = {
        "姓名": name,
        "身份证号": number,
        "用人的工会": union,
        "入职日期": "2015-06-01",
        "入职岗位": "初级岗",
        "入职级别": "1",
    }
    return [(cells | more).get(column, "") for column in HEAD]


def sheet(*rows: list[str]) -> bytes:
    return sheets.xlsx_bytes(HEAD, rows, to_fill_in=True)


async def bring(register: Register, content: bytes, *, dry_run: bool = False, by: Any = None) -> WorkerImport:
    actor = by or register.manager
    return await commands.import_workers(actor, content=content, reason="岗级文件 7 号", dry_run=dry_run)


def counts(made: WorkerImport) -> tuple[int, int, int, int]:
    return made.added, made.updated, made.unchanged, made.refused


async def test_a_sheet_brings_history_and_the_same_again_changes_nothing(register: Register) -> None:
    past = {"转岗日期": "2022-07-01", "转入岗位": "中级岗", "上次轮训日期": "2024-05-20"}
    years = {"2023年考核": "优秀", "2024年考核": "称职", "2025年考核": "优秀"}
    first, second = register.number(), register.number()
    content = sheet(line(first, **past, **years), line(second, name="李小红"))
    tried = await bring(register, content, dry_run=True)
    assert (tried.dry_run, counts(tried), tried.problems) == (True, (2, 0, 0, 0), [])
    assert await database.scalar("SELECT COUNT(*) FROM social_worker") == 0
    assert counts(await bring(register, content)) == (2, 0, 0, 0)
    worker = ids.public(await database.scalar("SELECT id FROM social_worker WHERE name = '王小工'"))
    found = await row_of(worker)
    # Junior 1 from June 2015, 2 in 2018, 3 in 2021; the middle post lifts to 4, and June 2024 brings 5.
    assert (found["grade"], found["post_now"], found["next_on"]) == (5, "middle", "2027-06-01")
    assert (found["training_due_on"], await number_of(worker)) == ("2027-05-20", first)
    page = await queries.worker_page(worker, register.manager)
    assert page.excellent == 2
    assert [one.kind for one in page.history] == [
        *("trained", "appraised", "appraised", "appraised", "posted", "entered"),
    ]
    assert {one.reason for one in page.history} == {"岗级文件 7 号"}
    assert counts(await bring(register, content)) == (0, 0, 2, 0)
    later = sheet(line(first, **past, **years), line(second, name="李小红", **years))
    assert counts(await bring(register, later)) == (0, 1, 1, 0)
    assert await database.scalar("SELECT COUNT(*) FROM social_worker_year") == 6
    assert await queries.reckoned_otherwise() == []


async def test_what_is_wrong_is_named_by_row_and_column_and_the_rest_comes_in(register: Register) -> None:
    far = await register.hire(date(2020, 1, 1), union=register.far_town)
    there = await register.hire(date(2020, 1, 1))
    good = register.number()
    rows = [
        line(good, name="赵好"),
        line("110101199003070000", name="3", 入职日期="2015-02-30", 入职岗位="主任", 入职级别="一"),
        line(good, name="赵又"),
        line(register.number(), union="月球工会", 入职级别="13"),
        line(register.number(), **{"2023年考核": "很好", "2025年考核": "优秀"}),
        line(await number_of(far), 入职日期="2020-01-01"),
        line(await number_of(there), 入职日期="2019-01-01"),
        line(register.number(), 上次轮训日期="2014-01-01", 入职日期="2024-06-01", **{"2023年考核": "称职"}),
    ]
    made = await bring(register, sheet(*rows), by=register.clerk)
    assert (made.total, counts(made)) == (8, (1, 0, 0, 7))
    named = [(one.row_no, one.column) for one in made.problems]
    assert named == [
        *((3, "姓名"), (3, "身份证号"), (3, "入职日期"), (3, "入职岗位"), (3, "入职级别")),
        (4, "身份证号"),
        *((5, "用人的工会"), (5, "入职级别")),
        (6, "2023年考核"),
        (7, "身份证号"),
        (8, "入职日期"),
        *((9, "上次轮训日期"), (9, "2023年考核")),
    ]
    said = {(one.row_no, one.column): one.message for one in made.problems}
    assert said[3, "入职日期"] == "日期看不懂或没有这一天，请写成 2020-03-15 这样"
    assert said[4, "身份证号"] == "和第 2 行是同一个证件号，只看前面那一行"
    assert said[5, "用人的工会"] == "没有找到工会“月球工会”，或不在您管理的范围内"
    assert said[7, "身份证号"] == "这个证件号已经在册，不在您管理的范围内"
    assert said[8, "入职日期"] == "和台账里的不一样，要改请到本人页更正"
    assert not [one for one in made.problems if good in one.message]
    for content in (b"a,b\n1,2\n", sheet()):
        with pytest.raises(Invalid):
            await bring(register, content)


async def test_seven_hundred_and_fifteen_people_come_in_at_once(register: Register) -> None:
    years = {"2024年考核": "称职", "2025年考核": "优秀"}
    people = [line(register.number(), name="王小工", 上次轮训日期="2025-03-01", **years) for _ in range(715)]
    assert counts(await bring(register, sheet(*people))) == (715, 0, 0, 0)
    assert (await queries.worker_counts(register.manager)).total == 715
    assert counts(await bring(register, sheet(*people))) == (0, 0, 715, 0)
    for table, many in (("", 715), ("_year", 1_430), ("_training", 715), ("_history", 2_860)):
        assert await database.scalar(f"SELECT COUNT(*) FROM social_worker{table}") == many


async def test_old_results_and_trainings_are_entered_and_put_right_at_the_desk(register: Register) -> None:
    worker = await register.hire(date(2015, 6, 1))

    async def version() -> int:
        return (await row_of(worker))["version"]

    async def year(result: YearResult, at: int = 2020) -> None:
        data = YearInput(year=at, result=result, reason="旧档案", version=await version())
        await commands.write_year(register.manager, worker=worker, data=data)

    assert (await row_of(worker))["grade"] == 4
    await year(YearResult.FAIL)
    assert (await row_of(worker))["next_on"] == "2028-06-01"  # the failed year does not count
    assert await refusal(year(YearResult.FAIL)) == "worker_same_as_before"
    assert await refusal(year(YearResult.FAIL, 2014)) == "worker_year_outside"
    await year(YearResult.COMPETENT)
    assert (await row_of(worker))["next_on"] == "2027-06-01"
    course = TrainingInput(on=date(2024, 5, 20), kind=TrainingKind.CYCLE, reason="旧档案", version=await version())
    await commands.write_training(register.manager, worker=worker, data=course)
    assert (await row_of(worker))["training_due_on"] == "2027-05-20"
    [kept] = (await queries.worker_page(worker, register.manager)).trainings
    right = TrainingInput(
        on=date(2023, 5, 20),
        kind=TrainingKind.CYCLE,
        training_id=kept.id,
        reason="证书上是 2023 年",
        version=await version(),
    )
    await commands.write_training(register.manager, worker=worker, data=right)
    page = await queries.worker_page(worker, register.manager)
    assert (page.worker.training_due_on, len(page.trainings)) == ("2026-05-20", 1)
    assert "培训日期：2024-05-20" in page.history[0].before and "培训日期：2023-05-20" in page.history[0].after
    gone = TrainingInput(
        on=date(2023, 5, 20),
        kind=TrainingKind.CYCLE,
        training_id=page.trainings[0].id,
        removed=True,
        reason="不是他",
        version=page.version,
    )
    await commands.write_training(register.manager, worker=worker, data=gone)
    assert (await row_of(worker))["training_due_on"] == "2018-06-01"
    assert await refusal(commands.write_training(register.manager, worker=worker, data=gone)) == "worker_changed"
    assert await refusal(commands.write_training(register.far_clerk, worker=worker, data=gone)) == "not_found"
    assert await queries.reckoned_otherwise() == []


async def test_the_pages_of_the_register(register: Register, app: Any) -> None:
    worker = await register.hire(date(2023, 4, 1), name="李到期")
    desk, at = await browse(app, register.manager), "/desk/social-workers"
    assert f'href="{at}/import"' in (await desk.get(at)).text
    template = await desk.get(f"{at}/import/template")
    assert template.content.startswith(b"PK")
    files = {"sheet": ("台账.xlsx", sheet(line(register.number()), line("1")), sheets.XLSX)}
    none = await desk.post(f"{at}/import", data={"reason": "文件"})
    assert (none.status_code, "文件" in none.text) == (422, True)
    tried = await desk.post(f"{at}/import", data={"reason": "岗级文件", "dry_run": "true"}, files=files)
    assert tried.status_code == 200 and "共 2 行" in tried.text and "台账没有任何改动" in tried.text
    assert "<td>3</td><td>身份证号</td>" in tried.text and 'value="岗级文件"' in tried.text
    made = await desk.post(f"/api/v1{at}/import", data={"reason": "岗级文件", "dry_run": "false"}, files=files)
    assert (made.status_code, made.json()["added"], made.json()["refused"]) == (200, 1, 1)
    due = (await desk.get(f"{at}/due-list?days=90")).text
    assert "快到晋级日（1 人）" in due and "李到期" in due and "该轮训了" in due
    person = f"{at}/{worker}"
    wrong = await desk.post(f"{person}/years", data={"year": "2024", "result": "", "reason": "x", "version": "1"})
    assert (wrong.status_code, 'value="2024"' in wrong.text) == (422, True)
    year = {"year": "2024", "result": "excellent", "reason": "旧档案", "version": "1"}
    assert (await desk.post(f"{person}/years", data=year)).status_code == 303
    early = {"on": "2020-01-01", "kind": "cycle", "reason": "旧档案", "version": "2"}
    wrong = await desk.post(f"{person}/trainings", data=early)
    assert (wrong.status_code, 'value="2020-01-01"' in wrong.text) == (422, True)
    assert (await desk.post(f"{person}/trainings", data=early | {"on": "2025-01-06"})).status_code == 303
    shown = (await desk.get(person)).text
    assert "2024 年 · 优秀" in shown and "2025年1月6日 · 轮训" in shown
    assert clock.today().isoformat() == "2026-03-10"
