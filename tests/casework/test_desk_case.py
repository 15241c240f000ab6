"""One case at the desk: checks, duplicates, sensitive values, photos, and who may look."""

from typing import Any

import msgspec
import pytest

from backend.casework import commands, queries
from backend.casework.schemas import CheckView, DuplicateView, Moment, QuoteView, RevealedView
from backend.core import clock, crypto, database, ids
from backend.core.actor import SYSTEM, Actor
from backend.core.errors import Forbidden, NotFound
from backend.identity import queries as identity
from backend.membership import commands as members
from backend.membership.schemas import NewMember
from tests.casework.world import World, aid_form, decide, join_form, person, sent, staff, upload


async def aid(world: World, actor: Actor | None = None, **changes: Any) -> str:
    form = aid_form(world, **changes)
    return await commands.submit(slug="sample-aid", data=sent(form), actor=actor or await person(world))


async def test_checks_say_what_is_true_false_or_for_a_person(world: World) -> None:
    seen = await queries.desk_case(await aid(world, fee=90_100), world.officer)
    assert seen.checks == [
        CheckView(text="金额不超过上限", ok=True),
        CheckView(text="情况要人看", ok=None),
        CheckView(text="金额是整百", ok=False),
    ]
    assert seen.may == ["approve", "return", "reject", "transfer", "hold"] == seen.case.actions
    assert seen.revealable == ["id_no", "mobile", "illness"]
    assert (seen.subject, seen.summary, seen.due_text, seen.tone) == ("钱*困", "突发疾病", "3月17日", "info")


async def test_the_arithmetic(world: World) -> None:
    worker = await person(world)
    number = await aid(world, worker)
    quote = QuoteView(title="预计金额", total_fen=45_000, lines=[("一半", 45_000)])
    assert await queries.quote_of(number, world.officer) == quote
    assert await queries.own_quote(number, worker) == quote
    joining = await commands.submit(slug="member-join", data=sent(join_form(world, 7)), actor=worker)
    assert await queries.own_quote(joining, worker) is None


async def test_a_window_filing_is_pointed_out_to_its_own_clerk(world: World) -> None:
    form = aid_form(world, target_org="")
    number = await commands.file_at_window(slug="sample-aid", data=sent(form), actor=world.clerk)
    texts = [check.text for check in (await queries.desk_case(number, world.clerk)).checks]
    assert "这一件是您在窗口代为录入的" in texts
    texts = [check.text for check in (await queries.desk_case(number, world.second_clerk)).checks]
    assert "这一件是您在窗口代为录入的" not in texts


async def test_a_standing_membership_shows_beside_a_joining(world: World) -> None:
    number = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=await person(world))
    newcomer = NewMember(name="王小测", id_no=join_form(world)["id_no"], phone="15400000009")
    await members.admit(SYSTEM, applicant=newcomer, union_id=world.far_unit.id, account_id=None, reference="X")
    seen = await queries.desk_case(number, world.officer)
    assert seen.duplicates == [
        DuplicateView(reason="同一身份证号已有会籍", number=None, subject="松坡物流工会", status_text="在册")
    ]


async def test_the_next_case(world: World) -> None:
    first = await aid(world)
    clock.advance(days=1)
    second = await aid(world, sequence=2)
    assert (await queries.desk_case(first, world.officer)).next_number == second
    assert (await queries.desk_case(second, world.officer)).next_number == first
    assert await queries.next_in_queue(world.officer) == first
    assert (await queries.desk_case(first, world.manager)).next_number is None


async def test_the_flat_answer_of_the_api(world: World) -> None:
    number = await aid(world)
    answer = await queries.desk_case_answer(number, world.officer)
    assert (answer.number, answer.status, answer.version, answer.subject) == (number, "submitted", 1, "钱*困")
    assert answer.may == answer.actions == ["approve", "return", "reject", "transfer", "hold"]


# ---- scope --------------------------------------------------------------------------


async def test_who_sees_a_case(world: World) -> None:
    worker = await person(world)
    number = await aid(world, worker)
    for actor in (world.officer, world.clerk, world.manager, world.aid):
        assert (await queries.desk_case(number, actor)).case.number == number
    stranger = await staff("钱小外", (world.far_unit, "officer"))
    for actor in (world.far_clerk, stranger, await person(world), Actor(kind="guest")):
        with pytest.raises(NotFound):
            await queries.desk_case(number, actor)
    assert (await queries.desk_case(number, world.clerk)).may == []
    assert (await queries.desk_case(number, world.clerk)).revealable == []


async def test_the_target_union_still_sees_what_was_handed_on(world: World) -> None:
    number = await aid(world)
    to = {"to_union": ids.public(world.far_town.id), "role": "desk"}
    await decide(number, world.officer, "transfer", 1, **to)
    assert (await queries.desk_case(number, world.officer)).may == []
    assert (await queries.desk_case(number, world.far_clerk)).may != []


async def test_a_post_that_ended_sees_nothing(world: World) -> None:
    number = await aid(world)
    former = Actor(kind="staff", account_id=world.officer.account_id, display="邹小红", posts=())
    with pytest.raises(NotFound):
        await queries.desk_case(number, former)


# ---- sensitive values ---------------------------------------------------------------


async def test_a_revealed_value_leaves_a_trace_that_its_owner_reads(world: World) -> None:
    worker = await person(world)
    number = await aid(world, worker)
    opened = await commands.reveal_field(number=number, field="illness", actor=world.officer)
    assert opened == RevealedView(field="illness", label="诊断", value="阑尾炎")
    await commands.reveal_field(number=number, field="id_no", actor=world.officer)
    views = (await identity.who_viewed(worker)).items
    assert [(view.who, view.purpose) for view in views] == [("星城快递工会 邹小红", "审核办件")] * 2
    assert (await queries.own_case(number, worker)).viewers == 1
    audited = await database.rows("SELECT object_id, detail FROM audit WHERE action = 'value.revealed' ORDER BY id")
    case_id = await database.scalar("SELECT id FROM case_file")
    assert [(row["object_id"], msgspec.json.decode(row["detail"])) for row in audited] == [
        (worker.account_id, {"case_id": case_id, "field": field, "purpose": "review"}) for field in ("illness", "id_no")
    ]


async def test_only_the_desk_that_has_the_case_opens_values(world: World) -> None:
    number = await aid(world)
    for actor in (world.clerk, world.manager, world.far_clerk):
        with pytest.raises(NotFound):
            await commands.reveal_field(number=number, field="id_no", actor=actor)
    for field in ("reason", "nothing", "real_name"):
        with pytest.raises(NotFound):
            await commands.reveal_field(number=number, field=field, actor=world.officer)
    assert await database.scalar("SELECT COUNT(*) FROM access_trace") == 0


async def test_a_case_without_an_account_is_traced_under_its_own_name(world: World) -> None:
    form = aid_form(world, target_org="")
    number = await commands.file_at_window(slug="sample-aid", data=sent(form), actor=world.clerk)
    await commands.reveal_field(number=number, field="id_no", actor=world.second_clerk)
    row = (await database.rows("SELECT subject_kind, subject_id FROM access_trace"))[0]
    case_id = await database.scalar("SELECT id FROM case_file")
    assert (row["subject_kind"], row["subject_id"]) == ("case", case_id)


# ---- files --------------------------------------------------------------------------


async def test_who_opens_a_file(world: World) -> None:
    worker = await person(world)
    mine, loose = await upload(worker), await upload(worker)
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world), proof=[mine]), actor=worker)
    for actor in (worker, world.officer, world.clerk, world.manager):
        row, content = await commands.open_file(await queries.file_access(mine, actor), actor)
        assert (row.name, content[:5]) == ("证明.pdf", b"%PDF-")
    for actor in (world.far_clerk, await person(world), Actor(kind="guest")):
        with pytest.raises(NotFound):
            await queries.file_access(mine, actor)
    for actor in (world.officer, await person(world)):
        with pytest.raises(NotFound):
            await queries.file_access(loose, actor)
    with pytest.raises(NotFound):
        await queries.file_access("nonsense", worker)
    assert number


async def test_a_photo_that_staff_open_is_traced_once_an_hour(world: World) -> None:
    worker = await person(world)
    first, second = await upload(worker), await upload(worker)
    form = sent(aid_form(world), proof=[first, second])
    await commands.submit(slug="sample-aid", data=form, actor=worker)
    for file in (first, second, first):
        await commands.open_file(await queries.file_access(file, world.officer), world.officer)
    await commands.open_file(await queries.file_access(first, worker), worker)
    assert await database.scalar("SELECT COUNT(*) FROM access_trace") == 1
    opened = await database.rows("SELECT object_id FROM audit WHERE action = 'file.opened' ORDER BY id")
    assert [ids.public(row["object_id"]) for row in opened] == [first, second, first]
    clock.advance(hours=2)
    await commands.open_file(await queries.file_access(first, world.officer), world.officer)
    assert await database.scalar("SELECT COUNT(*) FROM access_trace") == 2
    views = (await identity.who_viewed(worker)).items
    assert {(view.who, view.field) for view in views} == {("星城快递工会 邹小红", "照片")}


async def test_a_file_at_the_window_belongs_to_the_applicant_of_the_case(world: World) -> None:
    worker = await person(world, phone="15400000001")
    photo = await upload(world.clerk)
    form = aid_form(world, target_org="")
    with pytest.raises(NotFound):
        await queries.file_access(photo, worker)
    await commands.file_at_window(slug="sample-aid", data=sent(form, proof=[photo]), actor=world.clerk)
    assert (await queries.file_access(photo, world.second_clerk)).subject is not None


# ---- public -------------------------------------------------------------------------


async def test_anybody_with_the_receipt_sees_masked_facts(world: World) -> None:
    worker = await person(world)
    number = await aid(world, worker)
    code = (await queries.own_case(number, worker)).verify_url.rsplit("/", 1)[1]
    found = await queries.verify(number, code)
    assert (found.headline, found.kind_text, found.number) == ("回执属实", "受理回执", number)
    assert found.facts == [
        ("事项", "示例救助"),
        ("申请人", "钱*困"),
        ("现在状态", "已提交"),
        ("经办", "星城快递工会"),
        ("提交时间", "2026-03-10 09:00"),
        ("应办结日期", "2026-03-17"),
    ]
    assert await queries.verify(number.lower(), code.lower().replace("-", "")) == found
    for wrong in ((number, "00000-00000"), ("SA2026-999999", code), (number, "")):
        assert await queries.verify_or_none(*wrong) is None


async def test_what_a_notice_may_say(world: World) -> None:
    worker = await person(world)
    number = await aid(world, worker)
    case_id = await database.scalar("SELECT id FROM case_file")
    await decide(number, world.officer, "reject", 1, comment="不符合条件。")
    event_id = await database.scalar("SELECT id FROM case_event WHERE action = 'reject'")
    context = await queries.notice_context(Moment(case_id=case_id, event_id=event_id))
    assert (context.number, context.service_name, context.applicant_id) == (number, "示例救助", worker.account_id)
    assert (context.subject_name, context.comment, context.desk_name) == ("钱小困", "不符合条件。", "星城快递工会")
    assert (context.handlers, context.leaders) == ([world.officer.account_id], [])
    assert context.phone_sealed is not None
    assert crypto.open_sealed(context.phone_sealed, context=context.phone_context) == "15400000001"


async def test_nobody_takes_up_their_own_case(world: World) -> None:
    number = await aid(world)
    await database.execute("UPDATE case_file SET applicant_id = %s", world.officer.account_id)
    with pytest.raises(Forbidden):
        await commands.take_up(number=number, actor=world.officer)


async def test_the_next_case_follows_the_place_and_the_list(world: World) -> None:
    """A decision in the middle goes on from there, down the list as it is filtered, and from the top at its end."""
    first = await aid(world)
    clock.advance(days=1)
    second = await aid(world, sequence=2)
    joining = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=await person(world))
    clock.advance(days=1)
    last = await aid(world, sequence=3)
    place = await queries.place_of(second)
    assert await queries.next_in_queue(world.officer, besides=second, after=place) == last
    assert await queries.next_in_queue(world.officer, besides=last, after=await queries.place_of(last)) == joining
    relief = queries.QueueQuery(service=(await queries.desk_case(first, world.officer)).case.service.slug)
    assert await queries.next_in_queue(world.officer, wanted=relief, after=await queries.place_of(first)) == second
    joins = queries.QueueQuery(service="member-join")
    assert await queries.next_in_queue(world.officer, besides=joining, wanted=joins) is None
    assert await queries.place_of("RH2026-999999") is None


async def test_what_the_system_filled_is_nobodys_to_correct(world: World) -> None:
    number = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=await person(world))
    fixed = (await queries.desk_case(number, world.officer)).fixed
    assert {"join_channel", "privacy_version"} <= set(fixed)
    assert "employer" not in fixed
