"""The talk on a case through the API and through the pages of both faces."""

import re

import pytest

from backend.casework import commands
from backend.core.actor import Actor
from tests.casework.browser import browse, hidden
from tests.casework.world import World, aid_form, decide, person, sent


@pytest.fixture
async def owner(world: World) -> Actor:
    return await person(world)


@pytest.fixture
async def number(world: World, owner: Actor) -> str:
    return await commands.submit(slug="sample-aid", data=sent(aid_form(world, target_org="")), actor=owner)


async def test_the_contract(world: World, app: object, owner: Actor, number: str) -> None:
    own, desk = await browse(app, owner), await browse(app, world.clerk)
    path = f"/cases/{number}/messages"
    written = await own.post(f"/api/v1{path}", json={"text": "要不要带户口本？"})
    assert (written.status_code, written.json()["unread"]) == (201, 0)
    seen = (await desk.get(f"/api/v1/desk{path}")).json()
    assert [(one["who"], one["text"], one["is_new"]) for one in seen["items"]] == [("申请人", "要不要带户口本？", True)]
    assert ((await desk.get(f"/api/v1/desk/cases/{number}")).json())["unread_messages"] == 1
    read = await desk.post(f"/api/v1/desk{path}/read", json={"upto": seen["items"][0]["id"]})
    assert (read.status_code, read.json()["unread"]) == (200, 0)
    answered = await desk.post(f"/api/v1/desk{path}", json={"text": "要带。"})
    assert (answered.status_code, [one["mine"] for one in answered.json()["items"]]) == (201, [False, True])
    got = (await own.get(f"/api/v1{path}")).json()
    assert (got["unread"], got["items"][1]["who"], got["next_cursor"]) == (1, "黄枫镇总工会 李*明", None)
    assert (await own.get("/api/v1/cases")).json()["items"][0]["unread_messages"] == 1
    done = await own.post(f"/api/v1{path}/read", json={"upto": got["items"][1]["id"]})
    assert done.json()["unread"] == 0
    empty = await own.post(f"/api/v1{path}", json={"text": " "})
    assert (empty.status_code, empty.json()["errors"][0]["field"]) == (422, "text")
    for nth in range(5):
        assert (await own.post(f"/api/v1{path}", json={"text": str(nth)})).status_code == 201
    often = await own.post(f"/api/v1{path}", json={"text": "再"})
    assert (often.status_code, often.json()["code"], 0 < int(often.headers["retry-after"]) <= 60) == (
        429,
        "messages_too_often",
        True,
    )
    assert (await (await browse(app, world.far_clerk)).get(f"/api/v1/desk{path}")).status_code == 404
    assert (await (await browse(app, await person(world))).get(f"/api/v1{path}")).status_code == 404


async def test_through_the_pages_without_javascript(world: World, app: object, owner: Actor, number: str) -> None:
    own, desk = await browse(app, owner), await browse(app, world.clerk)
    assert f'href="/cases/{number}/messages#end"' in (await own.get(f"/cases/{number}")).text
    assert "还没有留言" in (await own.get(f"/cases/{number}/messages")).text
    wrong = await own.post(f"/cases/{number}/messages", data={"text": "我的手机是 15400000012"})
    assert wrong.status_code == 422
    assert "留言里不要写身份证号" in wrong.text
    assert "我的手机是 15400000012</textarea>" in wrong.text
    written = await own.post(f"/cases/{number}/messages", data={"text": "<b>要等多久？</b>"})
    assert (written.status_code, written.headers["location"]) == (303, f"/cases/{number}/messages#end")

    assert "新留言" in (await desk.get("/desk/cases")).text
    assert "1 条新留言" in (await desk.get(f"/desk/cases/{number}")).text
    talk = (await desk.get(f"/desk/cases/{number}/messages")).text
    assert "&lt;b&gt;要等多久？&lt;/b&gt;" in talk
    read = await desk.post(f"/desk/cases/{number}/messages/read", data={"upto": hidden(talk, "upto")})
    assert read.status_code == 303
    assert "新留言" not in (await desk.get("/desk/cases")).text
    refused = await desk.post(f"/desk/cases/{number}/messages", data={"text": ""})
    assert (refused.status_code, "请先写几个字再发" in refused.text) == (422, True)
    answered = await desk.post(f"/desk/cases/{number}/messages", data={"text": "三天。"})
    assert answered.status_code == 303

    assert "窗口给您留了 1 条言" in (await own.get("/cases")).text
    page = (await own.get(f"/cases/{number}/messages")).text
    assert re.search(r"黄枫镇总工会 李\*明 · 3月10日 09:00", page)
    by_page = await own.post(
        f"/cases/{number}/messages/read", data={"upto": hidden(page, "upto")}, headers={"hx-request": "true"}
    )
    assert by_page.status_code == 204
    assert "窗口给您留了" not in (await own.get("/cases")).text


async def test_sent_twice_by_one_page_it_is_there_once(world: World, app: object, owner: Actor, number: str) -> None:
    for actor, path in ((owner, f"/cases/{number}/messages"), (world.clerk, f"/desk/cases/{number}/messages")):
        client = await browse(app, actor)
        body = {"text": "您好", "submission_key": hidden((await client.get(path)).text, "submission_key")}
        for _ in range(2):
            assert (await client.post(path, data=body)).status_code == 303
    talk = (await (await browse(app, owner)).get(f"/api/v1/cases/{number}/messages")).json()
    assert ([one["mine"] for one in talk["items"]], talk["unread"]) == ([True, False], 1)


async def test_a_clerk_of_another_desk_reads_only(world: World, app: object, owner: Actor, number: str) -> None:
    await commands.messages.write(number=number, text="您好", actor=owner)
    other = await browse(app, world.aid)
    shown = (await other.get(f"/desk/cases/{number}/messages")).text
    assert "您好" in shown
    assert "<textarea" not in shown
    assert 'name="upto"' not in shown
    refused = await other.post(f"/desk/cases/{number}/messages", data={"text": "好"})
    assert (refused.status_code, "不在您的窗口" in refused.text) == (403, True)


async def test_a_talk_that_is_over_can_be_read(world: World, app: object, owner: Actor, number: str) -> None:
    await commands.messages.write(number=number, text="谢谢", actor=owner)
    await commands.withdraw(number=number, actor=owner)
    own = await browse(app, owner)
    shown = (await own.get(f"/cases/{number}/messages")).text
    assert "谢谢" in shown
    assert "留言只能看" in shown
    assert "<textarea" not in shown
    late = await own.post(f"/cases/{number}/messages", data={"text": "还有"})
    assert (late.status_code, "不能再留言" in late.text) == (409, True)


async def test_decided_the_talk_says_until_when(world: World, app: object, owner: Actor, number: str) -> None:
    await decide(number, world.clerk, "approve", 1)
    assert "3月25日前还可以留言" in (await (await browse(app, owner)).get(f"/cases/{number}/messages")).text
