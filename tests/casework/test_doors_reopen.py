"""Doors of taking a refusal back: what they ask for, what the page keeps, and what the applicant is told."""

import pytest

from backend.casework import commands
from backend.casework.models import Case
from tests.casework.browser import browse, hidden
from tests.casework.world import World, aid_form, decide, person, sent


@pytest.fixture
async def refused(world: World) -> str:
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world)), actor=await person(world))
    await decide(number, world.officer, "approve", 1, comment="属实")
    await decide(number, world.clerk, "reject", 2, comment="不符合条件")
    return number


async def test_the_api(world: World, app: object, refused: str) -> None:
    desk = await browse(app, world.clerk)
    at = f"/api/v1/desk/cases/{refused}"
    assert (await desk.get(at)).json()["may"] == ["reopen"]
    empty = await desk.post(f"{at}/reopen", json={"reason": "", "version": 3})
    assert (empty.status_code, empty.json()["errors"]) == (
        422,
        [{"field": "reason", "message": "请写明为什么重新办理，申请人会看到。"}],
    )
    done = await desk.post(f"{at}/reopen", json={"reason": "核实后情况一致", "version": 3})
    assert done.status_code == 200, done.text
    assert (done.json()["status"], done.json()["step"]["name"], done.json()["decision"]) == ("in_review", "复审", None)
    again = await desk.post(f"{at}/reopen", json={"reason": "核实后情况一致", "version": 3})
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")
    below = await browse(app, world.officer)
    refusal = await below.post(f"{at}/reopen", json={"reason": "我来", "version": 4})
    assert (refusal.status_code, refusal.json()["code"]) == (409, "reopen_not_refused")


async def test_the_page(world: World, app: object, refused: str) -> None:
    desk = await browse(app, world.clerk)
    at = f"/desk/cases/{refused}"
    assert f'href="{at}/reopen"' in (await desk.get(at)).text
    asked = await desk.get(f"{at}/reopen")
    assert "上次不予通过的原因" in asked.text and "不符合条件" in asked.text
    empty = await desk.post(f"{at}/reopen", data={"reason": " ", "version": hidden(asked.text, "version")})
    assert empty.status_code == 422
    assert "请写明为什么重新办理" in empty.text
    stale = await desk.post(f"{at}/reopen", data={"reason": "核实后情况一致", "version": "2"})
    assert stale.status_code == 409
    assert "核实后情况一致" in stale.text
    done = await desk.post(f"{at}/reopen", data={"reason": "核实后情况一致", "version": "3"})
    assert (done.status_code, done.headers["location"]) == (303, at)
    opened = await desk.get(at)
    assert "第 2 轮（重新办理）" in opened.text
    assert (await Case.get(number=refused)).status == "in_review"
    assert (await desk.get(f"{at}/reopen")).status_code == 404


async def test_there_is_no_such_page_for_the_desk_below(world: World, app: object, refused: str) -> None:
    below = await browse(app, world.officer)
    assert "/reopen" not in (await below.get(f"/desk/cases/{refused}")).text
    assert (await below.get(f"/desk/cases/{refused}/reopen")).status_code == 404
    told = await below.post(f"/desk/cases/{refused}/reopen", data={"reason": "我来", "version": "3"})
    assert told.status_code == 403
    assert "重新办理要由作出决定的窗口或它的上级来办" in told.text
