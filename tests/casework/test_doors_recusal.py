"""Doors of having no say: a clerk's own page with relatives, and asking to be left out of a case."""

import pytest

from backend.casework import commands
from backend.casework.models import Case
from tests.casework.browser import browse, hidden
from tests.casework.world import World, aid_form, person, sent


@pytest.fixture
async def number(world: World) -> str:
    form = sent(aid_form(world, target_org=""))
    return await commands.submit(slug="sample-aid", data=form, actor=await person(world))


async def test_the_api(world: World, app: object, number: str) -> None:
    desk = await browse(app, world.clerk)
    id_no = aid_form(world)["id_no"]
    named = {"relation": "sibling", "name": "钱小困", "id_no": id_no}
    declared = await desk.post("/api/v1/desk/relatives", json=named)
    assert (declared.status_code, [one["name"] for one in declared.json()]) == (201, ["钱*困"])
    assert id_no not in declared.text
    wrong = await desk.post("/api/v1/desk/relatives", json=named | {"id_no": "1"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "id_no")
    seen = (await desk.get(f"/api/v1/desk/cases/{number}")).json()
    assert (seen["may"], seen["may_recuse"], seen["recused"] != "") == (["transfer"], True, True)
    decided = {"action": "approve", "version": 1}
    refused = await desk.post(f"/api/v1/desk/cases/{number}/decisions", json=decided)
    assert (refused.status_code, refused.json()["code"]) == (403, "recused")
    [line] = (await desk.get("/api/v1/desk/relatives")).json()
    assert (await desk.delete(f"/api/v1/desk/relatives/{line['id']}")).status_code == 204
    asked = {"reason": "申请人是我的表弟", "version": 1}
    left = await desk.post(f"/api/v1/desk/cases/{number}/recusal", json=asked)
    assert (left.status_code, left.json()["timeline"][0]["action"]) == (200, "recuse")
    again = await desk.post(f"/api/v1/desk/cases/{number}/recusal", json=asked)
    assert (again.status_code, again.json()["code"]) == (409, "recused_already")


async def test_asking_on_the_page(world: World, app: object, number: str) -> None:
    desk, at = await browse(app, world.clerk), f"/desk/cases/{number}"
    assert f'href="{at}/recuse"' in (await desk.get(at)).text
    asked = await desk.get(f"{at}/recuse")
    empty = await desk.post(f"{at}/recuse", data={"reason": "", "version": hidden(asked.text, "version")})
    assert empty.status_code == 422
    assert "请写明为什么回避" in empty.text
    stale = await desk.post(f"{at}/recuse", data={"reason": "我的表弟", "version": "9"})
    assert (stale.status_code, "我的表弟" in stale.text) == (409, True)
    done = await desk.post(f"{at}/recuse", data={"reason": "我的表弟", "version": "1"})
    assert (done.status_code, done.headers["location"]) == (303, "/desk/cases")
    opened, queue = (await desk.get(at)).text, (await desk.get("/desk/cases")).text
    assert "您要回避这一件" in opened
    assert 'value="approve"' not in opened.split('id="decide"')[1]
    assert 'value="transfer"' in opened
    assert "回避" in queue
    assert f'value="{number}:1"' not in queue
    assert (await desk.get(f"{at}/recuse")).status_code == 404
    colleague = await browse(app, world.second_clerk)
    shown = (await colleague.get(at)).text
    assert "李*明 申请了回避" in shown
    assert "我的表弟" in shown
    assert (await Case.get(number=number)).version == 1


async def test_relatives_on_ones_own_page(world: World, app: object) -> None:
    desk = await browse(app, world.clerk)
    assert "还没有申报" in (await desk.get("/desk/account")).text
    text = {"relation": "child", "name": "李小小", "id_no": "99", "phone": ""}
    wrong = await desk.post("/desk/relatives", data=text)
    assert wrong.status_code == 422
    assert 'value="李小小"' in wrong.text
    assert "field_wrong" in wrong.text
    text["id_no"] = aid_form(world)["id_no"]
    assert (await desk.post("/desk/relatives", data=text)).status_code == 303
    mine = (await desk.get("/desk/account")).text
    assert "李*小" in mine
    assert text["id_no"] not in mine
    end = mine.split('action="/desk/relatives/')[1].split('"')[0]
    assert (await desk.post(f"/desk/relatives/{end}")).status_code == 303
    assert "还没有申报" in (await desk.get("/desk/account")).text
    assert (await (await browse(app, await person(world))).get("/desk/account")).status_code == 403
