"""The answers of one's own earlier application in a new one: which, from where, and nobody else's."""

from typing import Any

import pytest

from backend.casework import catalogue, commands, queries, reuse
from backend.casework.flow_files.load import load_files
from backend.casework.queries.drafts import draft_content
from backend.casework.schemas import DraftInput
from backend.core import clock, crypto, database, ids, reference
from backend.core.actor import Actor
from backend.core.errors import NotFound
from tests.casework.browser import browse
from tests.casework.samples import folder
from tests.casework.world import AID, SAMPLE_BINDINGS, World, aid_form, audited, decide, flag, join_form, person, sent

AID_SLUG, JOIN = "sample-aid", "member-join"
FROM_AID = "来自您3月10日的“示例救助”"


async def applied(world: World, worker: Actor, sequence: int = 1, **changes: Any) -> str:
    form = aid_form(world, sequence, **changes)
    return await commands.submit(slug=AID_SLUG, data=sent(form), actor=worker)


async def test_the_same_service_again(world: World) -> None:
    worker = await person(world)
    await applied(world, worker)
    clock.advance(days=2)
    offer = await queries.reuse_offer(AID_SLUG, worker)
    # What happened, when and for how much is told anew.
    assert [(one.field, one.value, one.source) for one in offer.items] == [
        ("real_name", "钱小困", FROM_AID),
        ("id_no", "990001********0014", FROM_AID),
        ("mobile", "154****0001", FROM_AID),
        ("division", "990121001", FROM_AID),
        ("target_org", ids.public(world.unit.id), FROM_AID),
    ]
    assert offer.words == "姓名、身份证号、手机号等 5 项"
    filled = await commands.fill_from_earlier(slug=AID_SLUG, actor=worker)
    assert filled.form == {one.field: one.value for one in offer.items}
    assert filled.sources == dict.fromkeys(filled.form, FROM_AID)
    content, _ = await draft_content(AID_SLUG, worker.account_id)
    assert content.sensitive == {key: aid_form(world)[key] for key in ("id_no", "mobile")}
    assert "draft.reused" in await audited()
    with pytest.raises(NotFound) as refused:
        await commands.fill_from_earlier(slug=AID_SLUG, actor=worker)
    assert refused.value.code == "nothing_to_reuse"


async def test_what_is_typed_stays_and_a_changed_answer_has_no_source(world: World) -> None:
    worker = await person(world)
    await applied(world, worker)
    await commands.save_draft(slug=AID_SLUG, data=DraftInput(form={"real_name": "钱大困"}), actor=worker)
    filled = await commands.fill_from_earlier(slug=AID_SLUG, actor=worker)
    assert filled.form["real_name"] == "钱大困"
    assert set(filled.sources) == {"id_no", "mobile", "division", "target_org"}
    # A page sends masked values and names of places back; an emptied one is gone and stays away.
    typed = filled.form | {
        "division": reference.divisions().full_name("990121001"),
        "mobile": "15400000009",
        "target_org": "",
    }
    saved = await commands.save_draft(slug=AID_SLUG, data=DraftInput(form=typed), actor=worker)
    assert set(saved.sources) == {"id_no", "division"}
    assert "target_org" not in saved.form
    cleared = await commands.clear_reused(slug=AID_SLUG, actor=worker)
    assert (cleared.form, cleared.sources) == ({"real_name": "钱大困", "mobile": "154****0009"}, {})
    assert (await queries.draft(AID_SLUG, worker)).form == cleared.form


async def test_another_service_answers_what_bears_the_same_name_and_label(world: World) -> None:
    worker = await person(world)
    await applied(world, worker)
    offer = await queries.reuse_offer(JOIN, worker)
    # 工作所在乡镇街道 is not 乡镇街道, and the phone comes from the account.
    assert [(one.field, one.source) for one in offer.items] == [("real_name", FROM_AID), ("id_no", FROM_AID)]
    form = join_form(world, 1, id_no=aid_form(world)["id_no"])
    await commands.submit(slug=JOIN, data=sent(form), actor=worker)
    clock.advance(days=1)
    again = {one.field: one.source for one in (await queries.reuse_offer(AID_SLUG, worker)).items}
    assert again["real_name"] == FROM_AID  # one's own service before a newer one


async def test_only_what_still_holds(world: World) -> None:
    worker = await person(world)
    number = await applied(world, worker)
    await database.execute("UPDATE union_org SET state = 'dissolved' WHERE id = %s", world.unit.id)
    fields = [one.field for one in (await queries.reuse_offer(AID_SLUG, worker)).items]
    assert fields == ["real_name", "id_no", "mobile", "division"]
    await decide(number, world.officer, "return", 1, corrections=[flag("real_name")])
    assert (await queries.reuse_offer(AID_SLUG, worker)).items == []
    await database.execute("UPDATE case_file SET status = 'approved'")
    assert len((await queries.reuse_offer(AID_SLUG, worker)).items) == 4
    clock.advance(days=731)
    assert (await queries.reuse_offer(AID_SLUG, worker)).items == []


async def test_nobody_elses(world: World) -> None:
    worker, stranger = await person(world), await person(world)
    await applied(world, worker)
    assert (await queries.reuse_offer(AID_SLUG, stranger)).items == []
    with pytest.raises(NotFound):
        await commands.fill_from_earlier(slug=AID_SLUG, actor=stranger)
    # Filed at a window with the same account, or for a member who is somebody else.
    await database.execute("UPDATE case_file SET filed_by = %s", world.clerk.account_id)
    assert (await queries.reuse_offer(AID_SLUG, worker)).items == []
    await database.execute("UPDATE case_file SET filed_by = NULL, member_id = 77")
    assert (await queries.reuse_offer(AID_SLUG, worker)).items == []


async def test_a_form_about_another_person_is_no_pattern(world: World) -> None:
    worker = await person(world)
    number = await commands.submit(slug=JOIN, data=sent(join_form(world)), actor=worker)
    await decide(number, world.officer, "approve", 1)
    member_id = await database.scalar("SELECT id FROM member")
    member = Actor(kind="person", account_id=worker.account_id, member_id=member_id)
    await applied(world, member, 55)
    assert (await queries.reuse_offer(AID_SLUG, member)).items[0].source == "来自您3月10日的“会员入会申请”"
    own = crypto.blind_index("id_no", join_form(world)["id_no"])
    await database.execute("UPDATE case_file SET id_no_index = %s WHERE flow = %s", own, AID_SLUG)
    assert (await queries.reuse_offer(AID_SLUG, member)).items[0].source == FROM_AID


def test_what_flow_files_may_say(tmp_path: Any) -> None:
    wrong = AID.replace("label: 金额, kind: money,", "label: 金额, kind: money, reuse: true,").replace(
        "label: 出院日期, kind: date,", "label: 出院日期, kind: date, reuse: false,"
    )
    assert _problems(tmp_path / "a", wrong) == []
    flag_field = "      - {name: agreed, label: 同意, kind: bool, reuse: true}\n    attachments:"
    found = _problems(tmp_path / "b", AID.replace("    attachments:", flag_field))
    assert ["“agreed”不能用上次填的内容" in one for one in found] == [True]


def _problems(base: Any, text: str) -> list[str]:
    base.mkdir()
    return [str(problem) for problem in load_files(folder(base, sample_aid=text), SAMPLE_BINDINGS)[1]]


def test_every_shipped_flow_reuses_no_consent_no_sum_and_no_day(services: None) -> None:
    flow = catalogue.flow(JOIN)
    assert reuse.names(flow) >= {"real_name", "id_no", "employer", "education"}
    assert not reuse.names(flow) & {"privacy_ok", "sensitive_ok", "charter_ok", "join_channel", "privacy_version"}


async def test_the_doors(world: World, app: Any) -> None:
    worker, stranger = await person(world), await person(world)
    await applied(world, worker)
    base = f"/api/v1/services/{AID_SLUG}/draft/reuse"
    async with await browse(app, worker) as mine:
        offer = (await mine.get(base)).json()
        assert (len(offer["items"]), offer["items"][0]["label"]) == (5, "姓名")
        filled = await mine.post(base)
        assert (filled.status_code, filled.json()["sources"]["real_name"]) == (200, FROM_AID)
        assert (await mine.delete(base)).json()["form"] == {}
    async with await browse(app, stranger) as other:
        refused = await other.post(base)
        assert (refused.status_code, refused.json()["code"]) == (404, "nothing_to_reuse")
        assert (await other.delete(base)).json()["code"] == "no_draft"


async def test_the_page_offers_fills_and_clears(world: World, app: Any) -> None:
    worker = await person(world)
    await applied(world, worker)
    page = f"/services/{AID_SLUG}/apply"
    origin = {"origin": "http://test.invalid"}
    async with await browse(app, worker) as mine:
        first = (await mine.get(page)).text
        assert "可以填入姓名、身份证号、手机号等 5 项" in first
        assert "来自您3月10日" not in first
        answer = await mine.post(page, data={"real_name": "钱大困", "go": "reuse"}, headers=origin)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{page}?screen=1")
        filled = (await mine.get(page)).text
        assert "已填入上次的内容，共 4 项" in filled
        assert filled.count(FROM_AID) == 4
        assert 'value="钱大困"' in filled
        assert 'value="990001********0014"' in filled
        await mine.post(page, data={"real_name": "钱大困", "go": "clear"}, headers=origin)
        cleared = (await mine.get(page)).text
        assert "990001********0014" not in cleared
        assert 'value="钱大困"' in cleared
