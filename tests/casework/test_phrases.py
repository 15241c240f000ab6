"""常用语: one's own and those of every desk, kept, dropped, and put into a comment."""

from pathlib import Path

import pytest

from backend.casework import commands, queries, standing_phrases
from backend.casework.models import Case
from backend.core import ids
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.settings import CONFIG_DIR
from tests.casework.browser import browse
from tests.casework.world import World, aid_form, audited, person, sent

SHARED = list(standing_phrases.load(CONFIG_DIR))


async def own(world: World) -> list[str]:
    return [one.text for one in await queries.phrases(world.clerk) if not one.shared]


async def test_ones_own_come_first_and_nobody_else_has_them(world: World) -> None:
    await commands.phrases.keep(text="先电话核实", actor=world.clerk)
    kept = await commands.phrases.keep(text="  已电话核实，\n情况属实 ", actor=world.clerk)
    assert kept.text == "已电话核实， 情况属实"
    assert [one.text for one in await queries.phrases(world.clerk)] == [kept.text, "先电话核实", *SHARED]
    assert [one.text for one in await queries.phrases(world.second_clerk)] == SHARED
    await commands.phrases.keep(text="先电话核实", actor=world.second_clerk)
    assert (await audited())[-3:] == ["phrase.kept"] * 3


async def test_dropped_by_its_owner_alone(world: World) -> None:
    kept = await commands.phrases.keep(text="先电话核实", actor=world.clerk)
    with pytest.raises(NotFound):
        await commands.phrases.drop(phrase=kept.id or "", actor=world.second_clerk)
    await commands.phrases.drop(phrase=kept.id or "", actor=world.clerk)
    assert await own(world) == []
    with pytest.raises(NotFound) as gone:
        await commands.phrases.drop(phrase=kept.id or "", actor=world.clerk)
    assert gone.value.code == "phrase_unknown"


@pytest.mark.parametrize(("text", "code"), [(" \n ", "phrase_empty"), ("长" * 201, "comment_too_long")])
async def test_what_is_no_phrase(world: World, text: str, code: str) -> None:
    with pytest.raises(Invalid) as wrong:
        await commands.phrases.keep(text=text, actor=world.clerk)
    assert (wrong.value.code, wrong.value.errors[0].field) == (code, "text")


async def test_no_phrase_twice_and_not_too_many(world: World) -> None:
    await commands.phrases.keep(text="先电话核实", actor=world.clerk)
    for text in ("先电话核实", SHARED[0]):
        with pytest.raises(Conflict) as there:
            await commands.phrases.keep(text=text, actor=world.clerk)
        assert there.value.code == "phrase_there"
    for nth in range(49):
        await commands.phrases.keep(text=str(nth), actor=world.clerk)
    with pytest.raises(Conflict) as full:
        await commands.phrases.keep(text="还有一句", actor=world.clerk)
    assert (full.value.code, len(await own(world))) == ("phrase_too_many", 50)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("shared: [甲, 甲]", "a phrase is there twice"),
        ("shared: ['']", "phrase 1 has to have 1 to 200 characters"),
        ("shared: 甲", "Expected `array`"),
        ("own: []", "unknown field `own`"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "phrases.yaml").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=problem) as wrong:
        standing_phrases.load(tmp_path)
    assert str(tmp_path / "phrases.yaml") in str(wrong.value)


async def test_the_contract(world: World, app: object) -> None:
    desk = await browse(app, world.clerk)
    kept = await desk.post("/api/v1/desk/phrases", json={"text": "请补盖公章"})
    assert (kept.status_code, kept.json()["shared"]) == (201, False)
    listed = (await desk.get("/api/v1/desk/phrases")).json()
    assert listed["items"][0] == {"id": kept.json()["id"], "text": "请补盖公章", "shared": False}
    assert listed["items"][1] == {"id": None, "text": SHARED[0], "shared": True}
    assert (await desk.post("/api/v1/desk/phrases", json={"text": "请补盖公章"})).status_code == 409
    assert (await desk.delete(f"/api/v1/desk/phrases/{kept.json()['id']}")).status_code == 204
    assert (await desk.delete(f"/api/v1/desk/phrases/{kept.json()['id']}")).status_code == 404
    assert (await desk.delete(f"/api/v1/desk/phrases/{ids.public(7)}")).status_code == 404


async def test_the_page_keeps_and_drops(world: World, app: object) -> None:
    desk = await browse(app, world.clerk)
    assert "还没有存过" in (await desk.get("/desk/phrases")).text
    assert (await desk.post("/desk/phrases", data={"text": "请补盖公章"})).status_code == 303
    page = (await desk.get("/desk/phrases")).text
    assert "<span>请补盖公章</span>" in page
    again = await desk.post("/desk/phrases", data={"text": "请补盖公章"})
    assert (again.status_code, "已经在常用语里" in again.text) == (409, True)
    assert 'value="请补盖公章"' in again.text
    drop = page.partition('action="/desk/phrases/')[2].partition('"')[0]
    assert (await desk.post(f"/desk/phrases/{drop}")).status_code == 303
    assert await own(world) == []


async def test_from_the_panel_above_the_comment(world: World, app: object) -> None:
    """What htmx asks for is the panel alone, with what became of it."""
    desk, htmx = await browse(app, world.clerk), {"hx-request": "true"}
    kept = await desk.post("/desk/phrases", data={"comment": "材料齐了"}, headers=htmx)
    assert kept.status_code == 200
    assert "<html" not in kept.text
    assert "已存为常用语" in kept.text
    assert kept.text.index('data-phrase="材料齐了"') < kept.text.index(f'data-phrase="{SHARED[0]}"')
    empty = await desk.post("/desk/phrases", data={"comment": ""}, headers=htmx)
    assert (empty.status_code, "请先写一句常用语" in empty.text) == (200, True)


async def test_without_javascript_a_phrase_stands_for_an_empty_comment(world: World, app: object) -> None:
    numbers = []
    for sequence in (1, 2, 3):
        form = sent(aid_form(world, sequence, target_org=""))
        numbers.append(await commands.submit(slug="sample-aid", data=form, actor=await person(world)))
    await commands.phrases.keep(text="不在本镇工作", actor=world.clerk)
    desk = await browse(app, world.clerk)
    assert "<option>不在本镇工作</option>" in (await desk.get(f"/desk/cases/{numbers[0]}")).text
    reject = {"action": "reject", "version": "1", "phrase": "不在本镇工作"}
    for number, comment in ((numbers[0], ""), (numbers[1], "另有原因")):
        assert (await desk.post(f"/desk/cases/{number}/decisions", data=reject | {"comment": comment})).is_redirect
    hold = {"action": "hold", "version": "1", "phrase": "等医院盖章", "until": "2026-03-20"}
    assert (await desk.post(f"/desk/cases/{numbers[2]}/decisions", data=hold)).is_redirect
    first, second, third = [await Case.get(number=number) for number in numbers]
    assert (first.decision_comment, second.decision_comment) == ("不在本镇工作", "另有原因")
    assert third.hold_message == "等医院盖章"
