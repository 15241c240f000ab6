"""Cases that look alike: found by what they share, compared side by side, and settled once."""

from typing import Any

import pytest

from backend.casework import commands, queries
from backend.casework.models import Case, CaseKey
from backend.casework.schemas import DuplicateView, RecusalInput, VerdictInput
from backend.core import clock, crypto, database, ids
from backend.core.actor import Actor
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from backend.home import doctor
from tests.casework.browser import browse, hidden
from tests.casework.world import World, aid_form, audited, decide, join_form, outbox, person, sent, upload


async def aid(world: World, sequence: int = 1, *, slug: str = "sample-aid", **changes: Any) -> str:
    form = sent(aid_form(world, sequence, **{"target_org": "", **changes}))
    return await commands.submit(slug=slug, data=form, actor=await person(world))


async def settle(
    number: str, other: str, actor: Actor, verdict: str, *, version: int = 1, reason: str = "两次住院"
) -> None:
    data = VerdictInput(verdict=verdict, reason=reason, version=version)
    await commands.settle_pair(number=number, other=other, data=data, actor=actor)


async def seen(number: str, actor: Actor) -> list[DuplicateView]:
    return (await queries.desk_case(number, actor)).duplicates


async def test_what_two_cases_share(world: World) -> None:
    number = await aid(world)
    both = await aid(world)
    same_person = await aid(world, mobile="15400000055")
    same_phone = await aid(world, 5, mobile="15400000001", real_name="孙小借")
    far = await aid(world, division="990121002", mobile="15400000066")
    other_service = await aid(world, slug="sample-pair", mobile="15400000077")
    await aid(world, 9)
    assert [(one.reason, one.number, one.subject, one.to_decide) for one in await seen(number, world.clerk)] == [
        # Of another town: that there is one matters, which one it is does not concern this desk.
        ("同一身份证号", None, "钱*困", True),
        ("同一手机号", same_phone, "孙*借", True),
        ("同一身份证号", same_person, "钱*困", True),
        ("同一身份证号、手机号", both, "钱*困", True),
        ("同一身份证号", other_service, "钱*困", False),
    ]
    [view] = [one for one in await seen(number, world.clerk) if one.number == other_service]
    assert (view.service, view.submitted_on, view.status_text) == ("示例双审", "2026-03-10", "已提交")
    assert far not in str(await seen(number, world.clerk))


async def test_a_bank_card_of_two_people_and_an_invoice_used_twice_are_asked_across_services(world: World) -> None:
    number = await aid(world)
    for sequence, kind in ((11, "bank_card"), (12, "invoice")):
        case = await Case.get(number=await aid(world, sequence, slug="sample-pair"))
        shared = crypto.blind_index(kind, f"{kind}-1")
        for case_id in (case.id, (await Case.get(number=number)).id):
            await CaseKey.create(id=ids.new_id(), case_id=case_id, kind=kind, key_index=shared)
    assert [(one.reason, one.to_decide) for one in await seen(number, world.clerk)] == [
        ("同一发票", True),
        ("同一银行卡号", True),
    ]


async def test_the_photo_of_an_invoice_is_recognised_in_another_case_and_refused_twice_in_one(world: World) -> None:
    first, second = await person(world), await person(world)
    form = aid_form(world, 21, target_org="")
    number = await commands.submit(
        slug="sample-aid", data=sent(form, receipts=[await upload(first)], proof=[await upload(first)]), actor=first
    )
    form = aid_form(world, 22, target_org="")
    mine = [await upload(second), await upload(second)]
    with pytest.raises(Invalid) as refused:
        await commands.submit(slug="sample-aid", data=sent(form, receipts=mine), actor=second)
    assert [(one.field, one.message) for one in refused.value.errors] == [
        ("receipts", "同一张照片传了两次，请去掉一张。")
    ]
    other = await commands.submit(slug="sample-aid", data=sent(form, receipts=mine[:1], proof=mine[1:]), actor=second)
    assert [(one.reason, one.number, one.to_decide) for one in await seen(other, world.clerk)] == [
        ("同一发票照片", number, True)
    ]
    # What proves something may prove it twice.
    third = await person(world)
    form = aid_form(world, 23, target_org="")
    last = await commands.submit(slug="sample-aid", data=sent(form, proof=[await upload(third)]), actor=third)
    assert await seen(last, world.clerk) == []


async def test_open_ones_and_those_of_the_last_year(world: World) -> None:
    old, refused, open_long, withdrawn = await aid(world), await aid(world), await aid(world), await aid(world)
    owner = await Case.get(number=withdrawn)
    await commands.withdraw(number=withdrawn, actor=Actor(kind="person", account_id=owner.applicant_id or 0))
    await decide(old, world.clerk, "approve", 1)
    clock.advance(days=300)
    await decide(refused, world.clerk, "reject", 1, comment="不符合")
    number = await aid(world)
    assert [(one.number, one.to_decide) for one in await seen(number, world.clerk)] == [
        (open_long, True),
        (old, True),
        (refused, False),
    ]
    clock.advance(days=66)
    assert [one.number for one in await seen(number, world.clerk)] == [open_long]


async def test_the_check_is_red_until_somebody_has_said_what_they_are(world: World) -> None:
    number, other = await aid(world), await aid(world)

    async def checks(of: str) -> list[tuple[str, bool | None]]:
        found = (await queries.desk_case(of, world.clerk)).checks
        return [(one.text, one.ok) for one in found if "重复" in one.text]

    red = [("有 1 件可能重复，还没有处理", False)]
    assert (await checks(number), await checks(other)) == (red, red)
    await settle(number, other, world.clerk, "both")
    assert (await checks(number), await checks(other)) == ([], [])
    [view] = await seen(other, world.clerk)
    assert (view.verdict, view.verdict_text, view.to_decide) == ("both", "两件都办", False)
    await aid(world, division="990121002")
    assert await checks(number) == [("别的工会有可能重复的办件，请与上级核对", None)]
    assert (await audited())[-2:] == ["case.paired", "case.submitted"]
    assert (await Case.get(number=number)).version == 1


async def test_said_once_it_is_not_said_again(world: World) -> None:
    number, other = await aid(world), await aid(world)
    await settle(number, other, world.clerk, "distinct")
    for one, two in ((number, other), (other, number)):
        with pytest.raises(Conflict) as again:
            await settle(one, two, world.second_clerk, "both")
        assert again.value.code == "pair_settled"


async def test_merged_the_later_one_ends_in_the_earlier(world: World) -> None:
    number = await aid(world)
    clock.advance(minutes=5)
    owner = await person(world)
    later = await commands.submit(slug="sample-aid", data=sent(aid_form(world, target_org="")), actor=owner)
    await settle(number, later, world.clerk, "merged", reason="同一次住院")
    kept, ended = await Case.get(number=number), await Case.get(number=later)
    assert (kept.status, kept.version) == ("submitted", 1)
    assert (ended.status, ended.duplicate_of, ended.running_key, ended.due_on) == ("withdrawn", number, None, None)
    view = await queries.own_case(later, owner)
    assert (view.headline, view.status_text) == (f"与 {number} 重复，已合并办理", "已合并")
    assert view.timeline[0].comment == f"与 {number} 重复，并到那一件办理：同一次住院"
    assert [row.status_text for row in (await queries.own_cases(owner)).items] == ["已合并"]
    [line, *_] = (await queries.desk_case(number, world.clerk)).case.timeline
    assert (line.action, line.comment) == ("merge", f"{later} 并入这一件：同一次住院")
    assert await seen(number, world.clerk) == []
    assert (await outbox())[-1] == "casework.CaseMerged"
    assert (await audited())[-2:] == ["case.merge", "case.paired"]
    assert [one.check for one in await doctor.examine() if "merged" in one.check] == []
    await Case.filter(number=later).update(duplicate_of="SA2026-999999")
    assert [one.examples for one in await doctor.examine() if "merged" in one.check] == [[later]]
    with pytest.raises(Conflict):
        await decide(later, world.clerk, "approve", 1)
    await decide(number, world.clerk, "approve", 1)


async def test_from_the_later_one_it_ends_just_so(world: World) -> None:
    number = await aid(world)
    clock.advance(minutes=5)
    later = await aid(world)
    await settle(later, number, world.clerk, "merged")
    assert ((await Case.get(number=number)).status, (await Case.get(number=later)).status) == ("submitted", "withdrawn")


async def test_only_the_same_affair_of_the_same_person_is_merged(world: World) -> None:
    number = await aid(world)
    borrowed = await aid(world, 5, mobile="15400000001", real_name="孙小借")
    elsewhere = await aid(world, slug="sample-pair")
    for other in (borrowed, elsewhere):
        with pytest.raises(Conflict) as refusal:
            await settle(number, other, world.clerk, "merged")
        assert refusal.value.code == "merge_not_same"
    refused = await aid(world)
    await decide(refused, world.clerk, "reject", 1, comment="不行")
    with pytest.raises(Conflict) as closed:
        await settle(number, refused, world.clerk, "merged")
    assert closed.value.code == "merge_closed"
    assert await database.scalar("SELECT COUNT(*) FROM case_pair") == 0


async def test_the_one_that_would_end_has_to_lie_at_ones_own_desk(world: World) -> None:
    number = await aid(world)
    clock.advance(minutes=5)
    at_unit = await aid(world, target_org=ids.public(world.unit.id))
    with pytest.raises(Forbidden) as elsewhere:
        await settle(number, at_unit, world.clerk, "merged")
    assert elsewhere.value.code == "other_desk"
    await settle(number, at_unit, world.clerk, "both")


async def test_who_may_and_what_is_checked(world: World) -> None:
    number, other, stranger = await aid(world), await aid(world), await aid(world, 9)
    for verdict, reason, field in (("maybe", "x", "verdict"), ("both", " ", "reason"), ("both", "长" * 201, "reason")):
        with pytest.raises(Invalid) as wrong:
            await settle(number, other, world.clerk, verdict, reason=reason)
        assert wrong.value.errors[0].field == field
    with pytest.raises(Conflict):
        await settle(number, other, world.clerk, "both", version=7)
    for second in (stranger, number, "SA2026-999999"):
        with pytest.raises(NotFound):
            await settle(number, second, world.clerk, "both")
    far = await aid(world, division="990121002")
    with pytest.raises(NotFound):
        await settle(number, far, world.clerk, "both")
    with pytest.raises(NotFound):
        await settle(number, other, world.far_clerk, "both")
    asked = RecusalInput(reason="我的表弟", version=1)
    await commands.recuse(number=number, data=asked, actor=world.clerk)
    with pytest.raises(Forbidden) as recused:
        await settle(number, other, world.clerk, "both")
    assert recused.value.code == "recused"


async def test_side_by_side(world: World) -> None:
    number = await aid(world)
    clock.advance(minutes=5)
    other = await aid(world, reason="意外伤害", mobile="15400000055")
    pair = await queries.compared(number, other, world.clerk)
    rows = {row.label: (row.this, row.other, row.differs) for row in pair.rows}
    assert rows["原因"] == ("突发疾病", "意外伤害", True)
    assert rows["身份证号"] == (rows["身份证号"][0], rows["身份证号"][0], False)
    assert "*" in rows["身份证号"][0]
    assert rows["手机号"] == ("154****0001", "154****0055", True)
    assert rows["提交时间"] == ("2026-03-10 09:00", "2026-03-10 09:05", True)
    assert (pair.may_merge, pair.later, pair.verdict) == (True, other, "")
    hidden_difference = await aid(world, 3, mobile="15400000001", illness="肺炎")
    rows = {row.label: row for row in (await queries.compared(number, hidden_difference, world.clerk)).rows}
    assert rows["诊断"].differs
    assert "阑尾炎" not in str(rows)
    assert "肺炎" not in str(rows)
    with pytest.raises(NotFound):
        await queries.compared(number, await aid(world, 9), world.clerk)
    with pytest.raises(NotFound):
        await queries.compared(number, other, world.far_clerk)
    join = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=await person(world))
    with pytest.raises(NotFound):
        await queries.compared(join, join, world.officer)


async def test_the_doors(world: World, app: object) -> None:
    number = await aid(world)
    clock.advance(minutes=5)
    other = await aid(world, reason="意外伤害")
    desk = await browse(app, world.clerk)
    at = f"/desk/cases/{number}/duplicates/{other}"
    assert f'href="{at}"' in (await desk.get(f"/desk/cases/{number}")).text
    asked = await desk.get(at)
    assert "合并，结束" in asked.text
    empty = await desk.post(at, data={"verdict": "both", "reason": "", "version": hidden(asked.text, "version")})
    assert (empty.status_code, "请写明这样处理的理由" in empty.text) == (422, True)
    stale = await desk.post(at, data={"verdict": "both", "reason": "两次住院", "version": "9"})
    assert (stale.status_code, 'value="两次住院"' in stale.text) == (409, True)
    done = await desk.post(at, data={"verdict": "distinct", "reason": "两次住院", "version": "1"})
    assert (done.status_code, done.headers["location"]) == (303, f"/desk/cases/{number}")
    after = (await desk.get(at)).text
    assert "不是重复" in after
    assert 'value="both"' not in after
    shown = (await desk.get(f"/api/v1{at}")).json()
    assert (shown["verdict"], shown["this"], shown["other"]) == ("distinct", number, other)
    body = {"verdict": "both", "reason": "两次住院", "version": 1}
    again = await desk.post(f"/api/v1{at}", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "pair_settled")
    third = await aid(world)
    merged = await desk.post(
        f"/api/v1/desk/cases/{number}/duplicates/{third}", json=body | {"verdict": "merged", "reason": "同一次"}
    )
    assert (merged.status_code, merged.json()["number"]) == (200, number)
    listed = (await desk.get(f"/api/v1/desk/cases/{number}")).json()["duplicates"]
    assert [(one["number"], one["verdict"]) for one in listed] == [(other, "distinct")]
