"""Batch decisions through the API and through the pages."""

from typing import Any

import pytest

from backend.casework import commands
from backend.casework.models import Case
from backend.core import clock, database, ids
from tests.casework.browser import browse
from tests.casework.world import World, aid_form, join_form, person, sent


@pytest.fixture
async def three(world: World) -> list[str]:
    """Cases of three people at the town's desk."""
    numbers = []
    for sequence in (1, 2, 3):
        form = sent(aid_form(world, sequence, target_org=""))
        numbers.append(await commands.submit(slug="sample-aid", data=form, actor=await person(world)))
    return numbers


async def test_the_contract(world: World, app: object, three: list[str]) -> None:
    desk = await browse(app, world.clerk)
    body: dict[str, Any] = {
        "action": "approve",
        "comment": "材料齐全",
        "cases": [{"number": three[0], "version": 1}, {"number": three[1], "version": 9}],
        "preview": True,
    }
    preview = await desk.post("/api/v1/desk/decisions", json=body)
    assert preview.status_code == 200, preview.text
    assert preview.json()["counts"] == {"total": 2, "ok": 1, "refused": 1, "amount_fen": 45_000}
    assert preview.json()["batch"] is None
    assert [(row["number"], row["ok"], row.get("code")) for row in preview.json()["results"]] == [
        (three[1], False, "batch_stale"),
        (three[0], True, None),
    ]
    started = (await desk.post("/api/v1/desk/decisions", json=body | {"preview": False})).json()
    assert (started["state"], started["counts"]["ok"], 590 < started["undo_seconds"] <= 600) == ("pending", 1, True)
    listed = (await desk.get("/api/v1/desk/decisions")).json()
    assert [one["batch"] for one in listed["items"]] == [started["batch"]]
    undone = await desk.post(f"/api/v1/desk/decisions/{started['batch']}/undo")
    assert (undone.status_code, undone.json()["state"]) == (200, "undone")
    again = await desk.post(f"/api/v1/desk/decisions/{started['batch']}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "batch_over")
    others = await browse(app, world.second_clerk)
    assert (await others.get(f"/api/v1/desk/decisions/{started['batch']}")).status_code == 404


async def test_from_ticking_to_effect_through_the_pages(world: World, app: object, three: list[str]) -> None:
    desk = await browse(app, world.clerk)
    queue = await desk.get("/desk/cases")
    assert f'value="{three[0]}:1"' in queue.text
    preview = await desk.post(
        "/desk/batches/preview", data={"action": "approve", "pick": [f"{three[0]}:1", f"{three[1]}:1", "nonsense"]}
    )
    assert preview.status_code == 200
    assert "将通过 2 件，金额合计 900.00 元" in preview.text
    sent_on = await desk.post("/desk/batches", data={"action": "approve", "pick": [f"{three[0]}:1", f"{three[1]}:1"]})
    assert sent_on.status_code == 303
    batch = sent_on.headers["location"]
    shown = await desk.get(batch)
    assert "撤回这一批" in shown.text
    assert "已列入批量" in (await desk.get("/desk/cases")).text
    clock.advance(minutes=10)
    await commands.batches.run(ids.parse(batch.rsplit("/", 1)[1]) or 0)
    assert "已生效" in (await desk.get(batch)).text
    assert [(await Case.get(number=one)).status for one in three] == ["approved", "approved", "submitted"]


async def test_all_of_a_filter_and_a_reason_that_is_missing(world: World, app: object, three: list[str]) -> None:
    desk = await browse(app, world.clerk)
    preview = await desk.post("/desk/batches/preview?service=sample-aid", data={"action": "reject", "all": "1"})
    assert "将不予通过 3 件" in preview.text
    elsewhere = await desk.post("/desk/batches/preview?service=member-join", data={"action": "reject", "all": "1"})
    assert elsewhere.status_code == 422
    picked = [f"{number}:1" for number in three]
    refused = await desk.post("/desk/batches", data={"action": "reject", "pick": picked, "comment": ""})
    assert refused.status_code == 422
    assert all(f'value="{one}"' in refused.text for one in picked)
    nothing = await desk.post("/desk/batches/preview", data={"action": "approve"})
    assert nothing.status_code == 422


async def test_one_reason_for_all_but_those_with_their_own(world: World, app: object, three: list[str]) -> None:
    desk = await browse(app, world.clerk)
    picked = [f"{number}:1" for number in three]
    body = {"action": "reject", "pick": picked, f"comment.{three[1]}": "发票不是本人的"}
    refused = await desk.post("/desk/batches", data=body)
    assert refused.status_code == 422  # two of them have no reason at all
    assert 'value="发票不是本人的"' in refused.text
    started = await desk.post("/desk/batches", data=body | {"comment": "超过申请期限"})
    clock.advance(minutes=10)
    await commands.batches.run(ids.parse(started.headers["location"].rsplit("/", 1)[1]) or 0)
    seen = [(await desk.get(f"/api/v1/desk/cases/{number}")).json()["decision"] for number in three]
    assert [one["comment"] for one in seen] == ["超过申请期限", "发票不是本人的", "超过申请期限"]


async def test_what_cannot_be_approved_may_be_rejected_instead(world: World, app: object, three: list[str]) -> None:
    """One look at the list, the other decision: the refused ones come along with the rest."""
    desk = await browse(app, world.clerk)
    body = {"action": "reject", "pick": f"{three[0]}:1", "refused": [f"{three[1]}:1", f"{three[2]}:7"]}
    preview = await desk.post("/desk/batches/preview", data=body)
    assert "将不予通过 2 件" in preview.text
    assert 'name="refused" value="' + f'{three[2]}:7"' in preview.text
    started = await desk.post("/desk/batches", data=body | {"comment": "不在范围"})
    shown = await desk.get(started.headers["location"])
    assert "批量不予通过 1 件" in shown.text  # only what was said to be decided


async def test_a_batch_leads_back_to_its_list(world: World, app: object, three: list[str]) -> None:
    """After it the next case of the same list opens; a batch that was taken back says how many it held."""
    desk = await browse(app, world.clerk)
    at = "?service=sample-aid"
    assert f'action="/desk/batches/preview{at}"' in (await desk.get(f"/desk/cases{at}")).text
    assert "全选 3 件" in (await desk.get(f"/desk/cases{at}")).text
    picked = {"action": "approve", "pick": [f"{number}:1" for number in three[:2]]}
    started = await desk.post(f"/desk/batches{at}", data=picked)
    batch = started.headers["location"]
    assert batch.endswith(at)
    assert f'href="/desk/cases/{three[2]}{at}"' in (await desk.get(batch)).text
    undone = await desk.post(batch.replace("?", "/undo?"))
    assert undone.headers["location"] == batch
    assert "批量通过 2 件" in (await desk.get(batch)).text
    assert "通过 2 件" in (await desk.get("/desk/batches")).text


async def test_joinings_are_approved_together(world: World, app: object) -> None:
    """What a union does with the couriers who scanned a poster this morning."""
    numbers = [
        await commands.submit(slug="member-join", data=sent(join_form(world, sequence)), actor=await person(world))
        for sequence in (1, 2, 3)
    ]
    desk = await browse(app, world.officer)
    cases = [{"number": number, "version": 1} for number in numbers]
    answer = await desk.post("/api/v1/desk/decisions", json={"action": "approve", "cases": cases})
    assert (answer.status_code, answer.json()["counts"]["ok"]) == (200, 3)
    assert await database.scalar("SELECT COUNT(*) FROM member") == 0
    clock.advance(minutes=10)
    await commands.batches.run(ids.parse(answer.json()["batch"]) or 0)
    assert [(await Case.get(number=one)).status for one in numbers] == ["approved"] * 3
    assert await database.scalar("SELECT COUNT(*) FROM member WHERE status = 'active'") == 3
