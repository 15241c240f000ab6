"""Questions between desks through the API and through the pages."""

import pytest

from backend.casework import commands
from backend.core import ids
from tests.casework.browser import browse
from tests.casework.world import World, aid_form, person, sent


@pytest.fixture
async def number(world: World) -> str:
    form = sent(aid_form(world, target_org=""))
    return await commands.submit(slug="sample-aid", data=form, actor=await person(world))


def form_of(world: World, **more: str) -> dict[str, str]:
    return {"to_union": ids.public(world.far_town.id), "role": "desk", "text": "你们那里有这家单位吗？"} | more


async def test_the_contract(world: World, app: object, number: str) -> None:
    desk, far = await browse(app, world.clerk), await browse(app, world.far_clerk)
    asked = await desk.post(f"/api/v1/desk/cases/{number}/questions", json=form_of(world, due_on="2026-03-12"))
    assert asked.status_code == 201, asked.text
    question = asked.json()
    assert {name: question[name] for name in ("case_number", "desk", "due_on", "state", "shared", "may_answer")} == {
        "case_number": number,
        "desk": "松坡镇总工会 窗口经办",
        "due_on": "2026-03-12",
        "state": "open",
        "shared": False,
        "may_answer": False,
    }
    again = await desk.post(f"/api/v1/desk/cases/{number}/questions", json=form_of(world))
    assert (again.status_code, again.json()["code"]) == (409, "question_open")
    [waiting] = (await far.get("/api/v1/desk/questions")).json()["items"]
    assert (waiting["id"], waiting["may_answer"]) == (question["id"], True)
    seen = (await far.get(f"/api/v1/desk/cases/{number}")).json()
    assert (seen["may"], [one["id"] for one in seen["questions"]]) == ([], [question["id"]])
    body = {"verdict": "for_reference", "text": "没有听说过"}
    path = f"/api/v1/desk/questions/{question['id']}/answer"
    wrong = await far.post(path, json=body | {"verdict": "yes"})
    assert (wrong.status_code, [one["field"] for one in wrong.json()["errors"]]) == (422, ["verdict"])
    assert (await desk.post(path, json=body)).status_code == 404
    answered = await far.post(path, json=body)
    assert (answered.status_code, answered.json()["verdict_text"]) == (200, "供参考")
    late = await far.post(path, json=body)
    assert (late.status_code, late.json()["code"], late.json()["by"]) == (
        409,
        "question_answered",
        "松坡镇总工会 周*华",
    )
    assert (await far.get(f"/api/v1/desk/cases/{number}")).status_code == 404
    [listed] = (await desk.get(f"/api/v1/desk/cases/{number}/questions")).json()["items"]
    assert (listed["answer"], listed["answered_by"]) == ("没有听说过", "松坡镇总工会 周*华")
    assert (await far.get("/api/v1/desk/questions?status=answered")).json()["items"][0]["id"] == question["id"]
    assert (await far.get("/api/v1/desk/questions?status=odd")).status_code == 422


async def test_pages_of_lists_one_after_the_other(world: World, app: object) -> None:
    desk, far = await browse(app, world.clerk), await browse(app, world.far_clerk)
    for sequence in (1, 2, 3):
        form = sent(aid_form(world, sequence, target_org=""))
        number = await commands.submit(slug="sample-aid", data=form, actor=await person(world))
        await desk.post(f"/api/v1/desk/cases/{number}/questions", json=form_of(world, text=str(sequence)))
    for state in ("open", "answered"):
        first = (await far.get(f"/api/v1/desk/questions?status={state}&limit=2")).json()
        rest = (await far.get(f"/api/v1/desk/questions?status={state}&limit=2&cursor={first['next_cursor']}")).json()
        texts = [one["text"] for one in first["items"] + rest["items"]]
        assert texts == {"open": ["1", "2", "3"], "answered": ["3", "2", "1"]}[state]
        assert rest["next_cursor"] is None
        for one in first["items"] + rest["items"]:
            body = {"verdict": "agree", "text": "好"}
            await far.post(f"/api/v1/desk/questions/{one['id']}/answer", json=body)


async def test_from_the_bar_to_the_answer_through_the_pages(world: World, app: object, number: str) -> None:
    desk, far = await browse(app, world.clerk), await browse(app, world.far_clerk)
    assert f'href="/desk/cases/{number}/questions"' in (await desk.get(f"/desk/cases/{number}")).text
    page = await desk.get(f"/desk/cases/{number}/questions")
    assert 'value="2026-03-13"' in page.text  # what the flow says
    wrong = await desk.post(f"/desk/cases/{number}/questions", data=form_of(world, text="", due_on="soon"))
    assert wrong.status_code == 422
    assert "请写明要征询什么" in wrong.text
    assert "请选一个今天起 60 天以内的日期" in wrong.text
    assert f'value="{ids.public(world.far_town.id)}" selected' in wrong.text
    sent_on = await desk.post(f"/desk/cases/{number}/questions", data=form_of(world, due_on=""))
    assert (sent_on.status_code, sent_on.headers["location"]) == (303, f"/desk/cases/{number}")
    shown = (await desk.get(f"/desk/cases/{number}")).text
    assert "还有 1 个征询没有答复" in shown
    assert "征询中" in (await desk.get("/desk/cases")).text

    queue = (await far.get("/desk/cases?asked=1")).text
    assert "征询您的意见" in queue
    assert "3月13日前答复" in queue
    assert f'href="/desk/cases/{number}?asked=1"' in queue
    opened = (await far.get(f"/desk/cases/{number}?asked=1")).text
    assert "请您的窗口答复" in opened
    assert 'name="version"' not in opened  # nothing to decide
    question = opened.partition('action="/desk/questions/')[2].partition("/")[0]
    assert (await far.get(f"/desk/questions/{question}")).status_code == 200
    refused = await far.post(f"/desk/questions/{question}/answer", data={"text": "有的"})
    assert refused.status_code == 422
    assert "请选择同意、不同意或供参考" in refused.text
    assert ">有的</textarea>" in refused.text
    done = await far.post(f"/desk/questions/{question}/answer", data={"verdict": "agree", "text": "有的"})
    assert (done.status_code, done.headers["location"]) == (303, "/desk/cases?asked=1")
    assert "没有等您答复的征询" in (await far.get("/desk/cases?asked=1")).text
    late = await far.post(f"/desk/questions/{question}/answer", data={"verdict": "agree", "text": "有的"})
    assert late.status_code == 409
    assert "已由松坡镇总工会 周*华答复" in late.text
    assert "有的" in (await desk.get(f"/desk/cases/{number}")).text


async def test_a_batch_shows_what_is_not_answered_yet(world: World, app: object, number: str) -> None:
    desk = await browse(app, world.clerk)
    await desk.post(f"/api/v1/desk/cases/{number}/questions", json=form_of(world))
    body = {"action": "approve", "cases": [{"number": number, "version": 1}], "preview": True}
    [row] = (await desk.post("/api/v1/desk/decisions", json=body)).json()["results"]
    assert (row["ok"], row["asking"]) == (True, True)
    preview = await desk.post("/desk/batches/preview", data={"action": "approve", "pick": f"{number}:1"})
    assert "征询还没有答复" in preview.text


async def test_the_applicant_sees_only_that_one_asks(world: World, app: object) -> None:
    owner = await person(world)
    form = sent(aid_form(world, target_org=""))
    number = await commands.submit(slug="sample-aid", data=form, actor=owner)
    desk, own = await browse(app, world.clerk), await browse(app, owner)
    await desk.post(f"/api/v1/desk/cases/{number}/questions", json=form_of(world))
    shown = (await own.get(f"/cases/{number}")).text
    assert "正在征询松坡镇总工会的意见" in shown
    assert "你们那里有这家单位吗" not in shown
    assert "你们那里有这家单位吗" not in (await own.get(f"/api/v1/cases/{number}")).text
    assert (await own.get(f"/desk/cases/{number}/questions")).status_code == 403
