"""The one live draft: saved as typed, versioned, sealed, never complained about."""

import pytest

from backend.casework import commands, queries
from backend.casework.queries.drafts import draft_content
from backend.casework.schemas import DraftInput, DraftView
from backend.core import clock, database
from backend.core.errors import Conflict, NotFound, TooLarge
from tests.casework.world import World, file, person

SLUG = "sample-aid"
ID_NO = "990001198506010019"


async def test_saved_replaced_and_discarded(world: World) -> None:
    worker = await person(world)
    saved = await commands.save_draft(slug=SLUG, data=DraftInput(form={"reason": "突", "fee": "12.5"}), actor=worker)
    assert saved == DraftView(
        form={"reason": "突", "fee": "12.5"}, attachments={}, version=1, saved_at="2026-03-10T09:00:00+08:00"
    )
    clock.advance(minutes=3)
    data = DraftInput(form={"fee": "不知道", "unknown": "x"}, version=1)
    again = await commands.save_draft(slug=SLUG, data=data, actor=worker)
    assert (again.form, again.version, again.saved_at) == ({"fee": "不知道"}, 2, "2026-03-10T09:03:00+08:00")
    assert await queries.draft(SLUG, worker) == again
    assert [(one.slug, one.name) for one in await queries.own_drafts(worker)] == [(SLUG, "示例救助")]
    await commands.discard_draft(slug=SLUG, actor=worker)
    with pytest.raises(NotFound):
        await queries.draft(SLUG, worker)
    with pytest.raises(NotFound):
        await commands.discard_draft(slug=SLUG, actor=worker)


async def test_a_stale_version_brings_the_newer_draft(world: World) -> None:
    worker = await person(world)
    await commands.save_draft(slug=SLUG, data=DraftInput(form={"reason": "一"}), actor=worker)
    await commands.save_draft(slug=SLUG, data=DraftInput(form={"reason": "二"}, version=1), actor=worker)
    with pytest.raises(Conflict) as refused:
        await commands.save_draft(slug=SLUG, data=DraftInput(form={"reason": "三"}, version=1), actor=worker)
    assert refused.value.code == "draft_changed"
    assert refused.value.extra["draft"]["form"] == {"reason": "二"}
    assert refused.value.extra["draft"]["version"] == 2
    last = await commands.save_draft(slug=SLUG, data=DraftInput(form={"reason": "四"}), actor=worker)
    assert (last.form, last.version) == ({"reason": "四"}, 3)


async def test_sensitive_values_are_sealed_masked_and_survive_coming_back(world: World) -> None:
    worker = await person(world)
    form = {"id_no": ID_NO, "illness": "阑尾炎", "reason": "病"}
    saved = await commands.save_draft(slug=SLUG, data=DraftInput(form=form), actor=worker)
    assert saved.form == {"id_no": "990001********0019", "reason": "病", "illness": "******"}
    row = (await database.rows("SELECT form, sealed FROM draft"))[0]
    assert ID_NO not in row["form"] + row["sealed"]
    assert "阑尾炎" not in row["form"] + row["sealed"]
    again = await commands.save_draft(slug=SLUG, data=DraftInput(form=saved.form | {"reason": "急病"}), actor=worker)
    assert again.form == saved.form | {"reason": "急病"}
    content, _ = await draft_content(SLUG, worker.account_id)
    assert content.sensitive == {"id_no": ID_NO, "illness": "阑尾炎"}


async def test_one_screen_leaves_the_others_as_they_are(world: World) -> None:
    worker = await person(world)
    photo = await file(worker)
    await commands.save_draft(slug=SLUG, data=DraftInput(form={"real_name": "钱小困", "reason": "旧"}), actor=worker)
    saved = await commands.save_screen(
        slug=SLUG,
        names=frozenset({"reason", "fee", "proof"}),
        form={"fee": "5"},
        attachments={"proof": [photo]},
        actor=worker,
    )
    assert (saved.form, saved.attachments) == ({"real_name": "钱小困", "fee": "5"}, {"proof": [photo]})
    saved = await commands.save_screen(slug=SLUG, names=frozenset({"real_name"}), form={}, attachments={}, actor=worker)
    assert (saved.form, saved.attachments) == ({"fee": "5"}, {"proof": [photo]})


async def test_what_was_sent_empty_is_not_offered_again(world: World) -> None:
    worker = await person(world, phone="15412345678")
    saved = await commands.save_screen(
        slug="member-join", names=frozenset({"mobile"}), form={"mobile": ""}, attachments={}, actor=worker
    )
    assert (saved.form, saved.cleared) == ({}, ["mobile"])

    async def offered() -> dict[str, str]:
        screens, _ = await queries.form_screens("member-join", worker, given={})
        return {field.name: field.source for screen in screens for field in screen.fields if field.source}

    assert "mobile" not in await offered()
    data = DraftInput(form={"real_name": "钱小困"})
    assert (await commands.save_draft(slug="member-join", data=data, actor=worker)).cleared == ["mobile"]
    data = DraftInput(form={"mobile": "15400001111"})
    assert (await commands.save_draft(slug="member-join", data=data, actor=worker)).cleared == []
    await commands.discard_draft(slug="member-join", actor=worker)
    assert (await offered())["mobile"] == "来自您的账号"


async def test_bounds(world: World) -> None:
    worker = await person(world)
    with pytest.raises(TooLarge):
        await commands.save_draft(slug=SLUG, data=DraftInput(form={"reason": "长" * 30_000}), actor=worker)
    many = DraftInput(attachments={"proof": ["0000000000000"] * 51})
    with pytest.raises(TooLarge):
        await commands.save_draft(slug=SLUG, data=many, actor=worker)
    odd = DraftInput(form={"reason": None, "fee": {"a": 1}}, attachments={"nowhere": ["0000000000000"], "proof": ["x"]})
    saved = await commands.save_draft(slug=SLUG, data=odd, actor=worker)
    assert saved.attachments == {"proof": []}


async def test_drafts_are_ones_own(world: World) -> None:
    worker, stranger = await person(world), await person(world)
    await commands.save_draft(slug=SLUG, data=DraftInput(form={"reason": "一"}), actor=worker)
    with pytest.raises(NotFound):
        await queries.draft(SLUG, stranger)
    assert await queries.own_drafts(stranger) == []
