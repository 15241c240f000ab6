"""Doors and pages of the register: lists with counts, one worker explained, corrections that keep what was typed."""

from datetime import date
from typing import Any

from backend.core import ids
from backend.grading.enums import Post, YearResult
from tests.casework.browser import browse
from tests.grading.register import Register, row_of


async def test_the_list_tells_who_is_due(register: Register, app: Any) -> None:
    worker = await register.hire(date(2020, 4, 1), name="王小工")
    capped = await register.hire(date(2014, 3, 10), name="李小顶", grade=12)
    await register.appraised(worker, (2025, YearResult.COMPETENT))
    desk = await browse(app, register.clerk)
    shown = (await desk.get("/desk/social-workers")).text
    for words in ("全部在岗 2", "快到晋级日 1", "该轮训了 2", "已到顶级 1", "去年没有考核 1", "已离职 0"):
        assert words in shown, words
    assert f'href="/desk/social-workers/{worker}"' in shown
    due = (await desk.get("/desk/social-workers?due=grade&days=30")).text
    assert f'href="/desk/social-workers/{worker}"' in due and "4月1日" in due
    assert f'href="/desk/social-workers/{capped}"' not in due
    assert "没有这样的社工" in (await desk.get("/desk/social-workers?due=grade&days=10")).text
    assert "李小顶" in (await desk.get("/desk/social-workers?q=lxd")).text
    assert (await desk.get("/desk/social-workers?days=abc")).status_code == 422
    found = (await desk.get("/api/v1/desk/social-workers?due=grade&days=30")).json()
    assert [(one["id"], one["next_on"], one["due"]) for one in found["items"]] == [
        (worker, "2026-04-01", ["grade", "training"])
    ]
    counts = (await desk.get("/api/v1/desk/social-workers/counts?days=30")).json()
    assert counts == {
        "total": 2,
        "grade": 1,
        "confirm": 0,
        "training": 2,
        "capped": 1,
        "appraisal": 1,
        "left": 0,
    }


async def test_somebody_is_entered_on_the_page(register: Register, app: Any) -> None:
    desk = await browse(app, register.clerk)
    form = {
        "submission_key": "a",
        "name": "王小工",
        "id_no": register.number(),
        "union_id": ids.public(register.town.id),
        "hired_on": "2020-03-10",
        "post": "middle",
        "start_grade": "3",
        "reason": "聘用文件 2020-12",
    }
    wrong = await desk.post("/desk/social-workers", data=form)
    assert wrong.status_code == 422
    assert "级别不在岗位的区间里，中级岗是 4 到 15 级。" in wrong.text and 'value="聘用文件 2020-12"' in wrong.text
    done = await desk.post("/desk/social-workers", data=form | {"start_grade": "4"})
    assert done.status_code == 303
    again = await desk.post("/desk/social-workers", data=form | {"start_grade": "4"})
    assert again.headers["location"] == done.headers["location"]
    shown = (await desk.get(done.headers["location"])).text
    assert "已经登记入册。" in shown and "中级岗 6 级" in shown
    other = await desk.post("/desk/social-workers", data=form | {"start_grade": "4", "submission_key": "b"})
    assert (other.status_code, "这个人已经在社工台账里" in other.text) == (409, True)


async def test_a_correction_says_what_is_wrong_beside_its_field(register: Register, app: Any) -> None:
    worker = await register.hire(date(2020, 3, 11))
    await register.trained(worker, date(2021, 5, 1))
    desk, at = await browse(app, register.clerk), f"/desk/social-workers/{worker}"
    page = (await desk.get(at)).text
    assert "工龄又满 3 年，晋 1 级，到 2 级。" in page and "每月工资" in page
    form = {"version": "2", "hired_on": "2021-05-02", "post": "junior", "start_grade": "1", "reason": "档案核对"}
    wrong = await desk.post(f"{at}/corrections", data=form)
    assert wrong.status_code == 422
    assert "已经登记的考核、培训、中断或岗位变更比这一天还早" in wrong.text and 'value="2021-05-02"' in wrong.text
    missing = await desk.post(f"{at}/corrections", data=form | {"hired_on": "2019-03-01", "reason": ""})
    assert missing.status_code == 422 and 'value="2019-03-01"' in missing.text
    done = await desk.post(f"{at}/corrections", data=form | {"hired_on": "2019-03-01"})
    assert done.status_code == 303
    shown = (await desk.get(done.headers["location"])).text
    assert "已经更正，级别和日期都重新算过。" in shown and "原来：级别：2，入职日期：2020-03-11" in shown
    late = await desk.post(f"{at}/corrections", data=form | {"hired_on": "2018-03-01"})
    assert (late.status_code, "这份台账刚刚有别的变动" in late.text) == (409, True)


async def test_a_break_is_written_and_taken_back_on_the_page(register: Register, app: Any) -> None:
    worker = await register.hire(date(2024, 3, 10))
    desk, at = await browse(app, register.clerk), f"/desk/social-workers/{worker}"
    form = {"version": "1", "first_on": "2025-01-31", "last_on": "2025-01-01", "reason": "长期病假"}
    wrong = await desk.post(f"{at}/breaks", data=form)
    assert (wrong.status_code, "结束日期不能早于开始日期。" in wrong.text, "2025-01-31" in wrong.text) == (
        422,
        True,
        True,
    )
    await desk.post(f"{at}/breaks", data=form | {"first_on": "2025-01-01", "last_on": "2025-01-31"})
    assert (await row_of(worker))["next_on"] == "2027-04-10"
    found = (await desk.get(f"/api/v1{at}")).json()
    [one] = found["breaks"]
    back = {"version": 2, "break_id": one["id"], "first_on": "2025-01-01", "removed": True, "reason": "记错了人"}
    answer = await desk.post(f"/api/v1{at}/breaks", json=back)
    assert (answer.status_code, answer.json()["breaks"], answer.json()["worker"]["next_on"]) == (200, [], "2027-03-10")


async def test_a_reader_sees_and_changes_nothing(register: Register, app: Any) -> None:
    worker = await register.hire(date(2020, 3, 11), post=Post.SENIOR, grade=7)
    reader, at = await browse(app, register.leader), f"/desk/social-workers/{worker}"
    page = await reader.get(at)
    assert page.status_code == 200 and "更正入职情况" not in page.text
    assert "登记在岗社工" not in (await reader.get("/desk/social-workers")).text
    assert (await reader.post(f"{at}/breaks", data={})).status_code == 403
    stranger = await browse(app, register.far_clerk)
    assert (await stranger.get(at)).status_code == 404
    assert (await stranger.get(f"/api/v1{at}")).status_code == 404


async def test_a_worker_reads_grade_and_pay(register: Register, app: Any) -> None:
    worker = await register.hire(date(2020, 4, 1), post=Post.MIDDLE, grade=7)
    person = await register.account(worker)
    browser = await browse(app, person)
    [mine] = (await browser.get("/api/v1/me/grades")).json()["items"]
    assert (mine["scheme"], mine["grade"], mine["pay"]["total_fen"]) == ("social-worker", "8", 635_525)
    assert mine["next"] == {
        "grade": "中级岗 9 级",
        "missing": ["没有别的变动，2026年4月1日晋到 9 级。"],
        "on": "2026-04-01",
    }
    page = (await browser.get("/me/grades")).text
    for words in ("中级岗 8 级", "¥6355.25", "3650.00", "1405.25", "工龄又满 3 年，晋 1 级，到 8 级。"):
        assert words in page.replace(",", ""), words
