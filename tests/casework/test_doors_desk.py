"""The pages of the desk: queue, one case, its decision, window filing."""

from typing import Any

import httpx
import pytest

from backend.casework import commands, queries
from backend.casework.models import Case
from backend.core import clock, ids
from tests.casework.browser import browse, hidden
from tests.casework.world import World, aid_form, decide, join_form, person, sent


@pytest.fixture
async def two(world: World) -> list[str]:
    """Two joinings at the unit, the first due a day earlier."""
    numbers = []
    for sequence in (1, 2):
        form = sent(join_form(world, sequence))
        numbers.append(await commands.submit(slug="member-join", data=form, actor=await person(world)))
        clock.advance(days=1)
    return numbers


async def act(client: httpx.AsyncClient, number: str, action: str, version: int = 1, **more: Any) -> httpx.Response:
    data = {"action": action, "version": str(version), **more}
    return await client.post(f"/desk/cases/{number}/decisions", data=data)


async def test_the_queue_and_its_filters(world: World, app: object, two: list[str]) -> None:
    desk = await browse(app, world.officer)
    page = await desk.get("/desk/cases")
    assert page.status_code == 200
    assert page.text.index(two[0]) < page.text.index(two[1])
    assert "王*测" in page.text
    assert "王小测" not in page.text
    found = await desk.get(f"/desk/cases?q={two[1]}")
    assert two[1] in found.text
    assert two[0] not in found.text
    empty = await desk.get("/desk/cases?status=on_hold")
    assert two[0] not in empty.text
    assert (await desk.get("/desk/cases?status=nonsense")).status_code == 422
    assert (await desk.get("/desk/cases?cursor=nonsense")).status_code == 400


async def test_a_case_as_page_and_as_fragment(world: World, app: object, two: list[str]) -> None:
    desk = await browse(app, world.officer)
    whole = await desk.get(f"/desk/cases/{two[0]}?service=member-join")
    assert two[1] in whole.text  # the queue beside it
    assert 'href="/desk/cases?service=member-join"' in whole.text
    assert "990001********001X" in whole.text
    assert join_form(world)["id_no"] not in whole.text
    part = await desk.get(f"/desk/cases/{two[0]}", headers={"hx-request": "true"})
    assert "<html" not in part.text
    assert "年满 16 周岁" in part.text
    assert (await desk.get("/desk/cases/RH2026-000099")).status_code == 404


async def test_approving_leads_to_the_next_case(world: World, app: object, two: list[str]) -> None:
    desk = await browse(app, world.officer)
    done = await act(desk, two[0], "approve")
    assert (done.status_code, done.headers["location"]) == (303, f"/desk/cases/{two[1]}")
    last = await desk.post(f"/desk/cases/{two[1]}/decisions?q=", data={"action": "approve", "version": "1"})
    assert last.headers["location"] == "/desk/cases?q="
    assert (await Case.get(number=two[0])).status == "approved"


async def test_returning_single_fields(world: World, app: object, two: list[str]) -> None:
    desk = await browse(app, world.officer)
    nothing = await act(desk, two[0], "return")
    assert nothing.status_code == 422
    assert "请至少标记一项要退回的内容" in nothing.text
    half: dict[str, Any] = {"flag": ["employer", "real_name"], "comment.employer": "请写全称", "comment.real_name": ""}
    wrong = await act(desk, two[0], "return", **half)
    assert wrong.status_code == 422
    assert "请写明这一项哪里要改" in wrong.text
    assert 'value="请写全称"' in wrong.text  # what was typed is still there
    whole: dict[str, Any] = {**half, "comment.real_name": "与证件不符"}
    done = await act(desk, two[0], "return", 1, **whole)
    assert done.status_code == 303
    owner = await Case.get(number=two[0])
    assert owner.status == "returned"
    assert owner.decision_comment == "工作单位或平台：请写全称；姓名：与证件不符"


async def test_a_lost_race_shows_the_newest_state(world: World, app: object, two: list[str]) -> None:
    desk = await browse(app, world.officer)
    await decide(two[0], world.officer, "reject", 1, comment="不符")
    lost = await act(desk, two[0], "approve", comment="我的意见")
    assert lost.status_code == 409
    assert "已由星城快递工会 邹*红办理（不予通过）" in lost.text
    assert "未通过" in lost.text


async def test_hold_and_transfer_say_what_they_need(world: World, app: object, two: list[str]) -> None:
    desk = await browse(app, world.officer)
    wrong = await act(desk, two[0], "hold", until="2026-02-30", message="等证明")
    assert wrong.status_code == 422
    assert "请选一个今天以后" in wrong.text
    assert 'value="等证明"' in wrong.text
    held = await act(desk, two[0], "hold", until="2026-03-20", message="等证明")
    assert held.status_code == 303
    assert "挂起到3月20日" in (await desk.get("/desk/cases?status=on_hold")).text
    assert "等证明" in (await desk.get(f"/desk/cases/{two[0]}")).text
    wrong = await act(desk, two[1], "transfer", to_union=ids.public(world.far_unit.id), role="officer")
    assert wrong.status_code == 422
    assert "那个工会的这个岗位现在没有人" in wrong.text
    moved = await act(desk, two[1], "transfer", to_union=ids.public(world.town.id), role="desk")
    assert moved.status_code == 303


async def test_a_garbled_form_is_no_crash(world: World, app: object, two: list[str]) -> None:
    desk = await browse(app, world.officer)
    for data in ({}, {"action": "approve", "version": "x"}, {"action": "approve", "version": "9" * 40}):
        answer = await desk.post(f"/desk/cases/{two[0]}/decisions", data=data)
        assert answer.status_code in (409, 422)
    assert (await Case.get(number=two[0])).version == 1


async def test_a_sensitive_value_is_opened_and_traced(world: World, app: object, two: list[str]) -> None:
    desk = await browse(app, world.officer)
    opened = await desk.post(f"/desk/cases/{two[0]}/reveal/id_no", headers={"hx-request": "true"})
    assert opened.status_code == 200
    assert join_form(world)["id_no"] in opened.text
    assert (await desk.post(f"/desk/cases/{two[0]}/reveal/nothing")).status_code == 404


async def test_taking_up(world: World, app: object, two: list[str]) -> None:
    desk = await browse(app, world.officer)
    assert (await desk.post(f"/desk/cases/{two[0]}/open")).status_code == 200
    assert (await Case.get(number=two[0])).status == "in_review"


async def test_what_a_neighbour_may_only_read(world: World, app: object, two: list[str]) -> None:
    town = await browse(app, world.clerk)
    page = await town.get(f"/desk/cases/{two[0]}")
    assert page.status_code == 200
    assert 'name="action"' not in page.text
    refused = await act(town, two[0], "approve")
    assert refused.status_code == 403
    far = await browse(app, world.far_clerk)
    assert (await far.get(f"/desk/cases/{two[0]}")).status_code == 404
    assert (await act(far, two[0], "approve")).status_code == 404


async def test_window_filing_from_choice_to_receipt(world: World, app: object) -> None:
    desk = await browse(app, world.clerk)
    assert "会员入会申请" in (await desk.get("/desk/filing?q=入会")).text
    form = (await desk.get("/desk/filing/member-join")).text
    fields = {name: str(value).lower() if value is True else value for name, value in join_form(world).items()}
    fields |= {"sensitive_ok": "true", "submission_key": hidden(form, "submission_key")}
    wrong = await desk.post("/desk/filing/member-join", data=fields | {"id_no": "99"}, files={"upload.none": ("", b"")})
    assert wrong.status_code == 422
    assert "身份证号码是 18 位" in wrong.text
    assert 'value="王小测"' in wrong.text
    done = await desk.post("/desk/filing/member-join", data=fields, files={"upload.none": ("", b"")})
    assert (done.status_code, done.headers["location"]) == (303, "/desk/filing/done/RH2026-000001"), done.text
    again = await desk.post("/desk/filing/member-join", data=fields, files={"upload.none": ("", b"")})
    assert again.headers["location"] == done.headers["location"]
    assert "RH2026-000001" in (await desk.get(done.headers["location"])).text
    receipt = await desk.get("/desk/cases/RH2026-000001/receipt")
    assert "受理回执" in receipt.text
    assert "王*测" in receipt.text


async def test_a_window_outside_its_unions_is_told(world: World, app: object) -> None:
    desk = await browse(app, world.far_clerk)
    fields = {name: str(value).lower() if value is True else value for name, value in join_form(world).items()}
    fields |= {"sensitive_ok": "true", "submission_key": "k"}
    answer = await desk.post("/desk/filing/member-join", data=fields, files={"upload.none": ("", b"")})
    assert answer.status_code == 403
    assert "不在您服务的范围内" in answer.text


async def test_the_arithmetic_and_the_changes_are_on_the_page(world: World, app: object) -> None:
    worker = await person(world)
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world)), actor=worker)
    desk = await browse(app, world.officer)
    assert "450.00" in (await desk.get(f"/desk/cases/{number}")).text
    assert (await queries.desk_case(number, world.officer)).changes == []
