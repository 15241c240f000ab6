"""The one way in: wrong forms, who may not apply, invites, the same submission twice, window filing."""

from datetime import date
from typing import Any

import pytest

from backend.casework import commands, queries
from backend.casework.models import Case
from backend.casework.schemas import DraftInput
from backend.core import clock, crypto, database, ids, national
from backend.core.actor import SYSTEM, Actor
from backend.core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Unavailable
from backend.identity import queries as identity
from backend.identity.enums import ConsentKind
from backend.membership import commands as members
from backend.membership.schemas import NewMember
from backend.unions.models import Invite, StaffPost
from tests.casework.world import World, aid_form, file, join_form, outbox, person, sent, staff


async def join(world: World, actor: Actor, sequence: int = 1, nonce: str | None = None, **changes: Any) -> str:
    form = join_form(world, sequence, **changes)
    return await commands.submit(slug="member-join", data=sent(form), actor=actor, nonce=nonce)


async def cases() -> int:
    return await database.scalar("SELECT COUNT(*) FROM case_file")


async def test_every_wrong_field_is_named_at_once(world: World) -> None:
    courier = await person(world)
    with pytest.raises(Invalid) as refused:
        await join(world, courier, id_no="990001199003070010", mobile="1540000", charter_ok=False, real_name="")
    assert [error.field for error in refused.value.errors] == ["real_name", "id_no", "mobile", "charter_ok"]
    assert refused.value.errors[1].message == "最后一位校验不通过，请对照身份证再看一遍"
    assert await cases() == 0


async def test_too_young(world: World) -> None:
    child = await person(world)
    with pytest.raises(Invalid) as refused:
        await join(world, child, id_no=national.synthetic_id_no(date(2010, 3, 11), 1))
    assert refused.value.code == "too_young"
    assert refused.value.detail == "年满 16 周岁才能入会，您还没有到年龄。到了年龄欢迎再来申请。"
    await join(world, child, id_no=national.synthetic_id_no(date(2010, 3, 10), 1))  # sixteen today


async def test_a_member_is_shown_where_and_offered_the_transfer(world: World) -> None:
    newcomer = NewMember(name="王小测", id_no=join_form(world)["id_no"], phone="15400000009")
    await members.admit(SYSTEM, applicant=newcomer, union_id=world.far_unit.id, account_id=None, reference="X")
    courier = await person(world)
    with pytest.raises(Invalid) as refused:
        await join(world, courier)
    assert (refused.value.status, refused.value.code) == (422, "already_member")
    assert refused.value.extra["union"] == {"name": "松**工会"}
    assert refused.value.extra["transfer"] == "/services/member-transfer"
    assert "松坡物流工会" not in str(refused.value.extra)


async def test_one_running_case_a_person(world: World) -> None:
    courier, stranger = await person(world), await person(world)
    number = await join(world, courier)
    with pytest.raises(Conflict) as again:
        await join(world, courier)
    assert again.value.code == "case_running"
    assert again.value.extra == {"number": number, "url": f"/cases/{number}"}
    with pytest.raises(Conflict) as other:
        await join(world, stranger)
    assert (other.value.code, other.value.extra) == ("case_running", {})
    assert number not in other.value.detail
    assert await cases() == 1
    await commands.withdraw(number=number, actor=courier)
    await join(world, stranger)


async def test_the_same_submission_twice_is_one_case(world: World) -> None:
    courier = await person(world)
    first = await join(world, courier, nonce="n1")
    assert await join(world, courier, nonce="n1") == first
    # Even long after its end, and whatever is sent with it: the key stands for what happened.
    await commands.withdraw(number=first, actor=courier)
    clock.advance(hours=1)
    assert await join(world, courier, nonce="n1", employer="别的平台") == first
    assert await commands.submitted_number(slug="member-join", nonce="n1", actor=courier) == first
    assert await cases() == 1
    assert (await outbox()).count("casework.CaseSubmitted") == 1
    stranger = await person(world)
    assert await commands.submitted_number(slug="member-join", nonce="n1", actor=stranger) is None


@pytest.mark.parametrize("target", ["0000000000000", "not-an-id"])
async def test_an_unknown_union_is_a_wrong_field(world: World, target: str) -> None:
    courier = await person(world)
    with pytest.raises(Invalid) as refused:
        await join(world, courier, target_org=target)
    assert [error.field for error in refused.value.errors] == ["target_org"]


async def test_a_closed_union_takes_nobody(world: World) -> None:
    courier = await person(world)
    await database.execute("UPDATE union_org SET state = 'dissolved' WHERE id = %s", world.unit.id)
    with pytest.raises(Invalid) as refused:
        await join(world, courier)
    assert refused.value.code == "union_unknown"


async def test_a_division_without_a_town_goes_to_the_county(world: World) -> None:
    courier = await person(world)
    number = await join(world, courier, target_org="", division="990121004")
    case = await Case.get(number=number)
    # Nobody at the county is a "desk"; the administrator stands in, and the case is flagged.
    assert (case.target_union_id, case.desk_union_id, case.desk_role) == (world.county.id, world.county.id, "admin")
    assert case.desk_flagged


async def test_an_empty_post_falls_to_the_one_above_and_is_flagged(world: World) -> None:
    worker = await person(world)
    form = aid_form(world, target_org=ids.public(world.far_unit.id))  # no officer there
    number = await commands.submit(slug="sample-aid", data=sent(form), actor=worker)
    case = await Case.get(number=number)
    assert (case.desk_union_id, case.desk_role, case.desk_flagged) == (world.far_town.id, "desk", True)


async def test_a_county_without_anybody_says_so_and_loses_nothing(world: World) -> None:
    courier = await person(world)
    await StaffPost.all().delete()
    with pytest.raises(Unavailable) as refused:
        await join(world, courier)
    assert refused.value.code == "no_desk"
    assert await cases() == 0


async def test_a_form_of_an_unknown_or_closed_service(world: World) -> None:
    courier = await person(world)
    with pytest.raises(NotFound):
        await commands.submit(slug="no-such-thing", data=sent({}), actor=courier)


# ---- invites ----------------------------------------------------------------------


async def invite(world: World, **changes: Any) -> Invite:
    facts = {
        "id": ids.new_id(),
        "code": "ABCDEFGH",
        "union_id": world.unit.id,
        "channel": "station_qr",
        "division": "990121001",
        "max_uses": 1,
        "expires_on": date(2026, 3, 10),
        "created_by": world.officer.account_id,
        "created_at": clock.now(),
    } | changes
    return await Invite.create(**facts)


async def test_an_invite_brings_its_union_and_is_used_up(world: World) -> None:
    await invite(world)
    first, second = await person(world), await person(world)
    number = await join(world, first, target_org="", invite_code="abcd-efgh", nonce="n")
    assert (await Case.get(number=number)).target_union_id == world.unit.id
    assert await join(world, first, target_org="", invite_code="abcd-efgh", nonce="n") == number
    assert await database.scalar("SELECT used FROM invite") == 1
    with pytest.raises(Invalid) as refused:
        await join(world, second, 2, target_org="", invite_code="ABCDEFGH")
    assert refused.value.code == "invite_used_up"
    assert [error.field for error in refused.value.errors] == ["invite_code"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"expires_on": date(2026, 3, 9)}, "invite_expired"),
        ({"used": 1}, "invite_used_up"),
        ({"revoked_at": clock.start_of(date(2026, 3, 1))}, "invite_revoked"),
        ({"code": "OTHERONE"}, "invite_unknown"),
    ],
)
async def test_an_invite_that_is_no_longer_good(world: World, changes: dict[str, Any], code: str) -> None:
    await invite(world, **changes)
    courier = await person(world)
    with pytest.raises(Invalid) as refused:
        await join(world, courier, invite_code="ABCDEFGH")
    assert refused.value.code == code
    assert [error.field for error in refused.value.errors] == ["invite_code"]
    assert await cases() == 0


async def test_the_address_of_a_poster_fills_in_what_nobody_types(world: World) -> None:
    await invite(world)
    courier = await person(world)
    form = join_form(world, target_org="")
    del form["join_channel"], form["privacy_version"]
    number = await commands.submit(slug="member-join", data=sent(form), actor=courier, given={"invite": "ABCDEFGH"})
    case = await queries.own_case(number, courier)
    assert (case.form["join_channel"], case.form["invite_code"]) == ("station_qr", "ABCDEFGH")
    assert case.form["privacy_version"] == "2026-01"
    assert await database.scalar("SELECT used FROM invite") == 1


# ---- consents, drafts, files --------------------------------------------------------


async def test_consents_are_kept_with_the_text_in_force(world: World) -> None:
    courier = await person(world)
    await join(world, courier)
    assert await identity.standing_consents(courier.account_id) == {ConsentKind.PRIVACY, ConsentKind.SENSITIVE}


async def test_the_draft_goes_with_the_submission(world: World) -> None:
    courier = await person(world)
    await commands.save_draft(slug="member-join", data=DraftInput(form={"employer": "半"}), actor=courier)
    await join(world, courier)
    with pytest.raises(NotFound):
        await queries.draft("member-join", courier)


async def test_masked_values_stand_for_those_of_the_draft(world: World) -> None:
    courier = await person(world)
    saved = await commands.save_draft(slug="member-join", data=DraftInput(form=join_form(world)), actor=courier)
    assert saved.form["id_no"] == "990001********001X"
    number = await commands.submit(slug="member-join", data=sent(saved.form), actor=courier)
    row = await Case.get(number=number)
    assert row.id_no_index == crypto.blind_index("id_no", join_form(world)["id_no"])


async def test_the_prefilled_phone_comes_back_masked_and_is_meant(world: World) -> None:
    courier = await person(world, phone="15412345678")
    form = join_form(world, mobile="154****5678")
    number = await commands.submit(slug="member-join", data=sent(form), actor=courier)
    assert (await queries.own_case(number, courier)).form["mobile"] == "154****5678"
    stranger = await person(world, phone="15400000077")
    with pytest.raises(Invalid) as refused:
        await join(world, stranger, 2, mobile="154****5678")
    assert [error.field for error in refused.value.errors] == ["mobile"]


async def test_files_must_be_ones_own_and_belong_to_one_case(world: World) -> None:
    worker, stranger = await person(world), await person(world)
    mine, theirs = await file(worker), await file(stranger)
    form = aid_form(world)
    for wrong in ([theirs], ["0000000000000"], [mine, mine]):
        with pytest.raises(Invalid) as refused:
            await commands.submit(slug="sample-aid", data=sent(form, proof=wrong), actor=worker)
        assert [error.field for error in refused.value.errors] == ["proof"]
    number = await commands.submit(slug="sample-aid", data=sent(form, proof=[mine]), actor=worker)
    case = await queries.own_case(number, worker)
    assert case.attachments == {"proof": [mine]}
    assert [one.id for one in case.files["proof"]] == [mine]
    with pytest.raises(Invalid) as used:
        await commands.submit(slug="sample-aid", data=sent(aid_form(world, 2), proof=[mine]), actor=worker)
    assert used.value.errors == (FieldError("proof", "有文件已经用在另一件申请里，请重新上传一份。"),)
    assert await cases() == 1


# ---- at the window ------------------------------------------------------------------


async def test_a_window_files_for_somebody_without_a_phone(world: World) -> None:
    number = await commands.file_at_window(
        slug="member-join", data=sent(join_form(world)), actor=world.clerk, nonce="w1"
    )
    case = await Case.get(number=number)
    assert (case.applicant_id, case.filed_by, case.member_id) == (None, world.clerk.account_id, None)
    seen = await queries.desk_case(number, world.officer)
    assert seen.case.form["join_channel"] == "desk"
    assert seen.case.timeline[0].title == "黄枫镇总工会 代为提交了申请"
    assert (
        await commands.file_at_window(slug="member-join", data=sent(join_form(world)), actor=world.clerk, nonce="w1")
        == number
    )
    with pytest.raises(Conflict) as again:
        await commands.file_at_window(slug="member-join", data=sent(join_form(world)), actor=world.clerk)
    assert again.value.extra["url"] == f"/desk/cases/{number}"
    assert await identity.standing_consents(world.clerk.account_id) == frozenset()


async def test_a_window_filing_reaches_the_account_of_the_phone(world: World) -> None:
    courier = await person(world, phone="15400000001")
    number = await commands.file_at_window(slug="member-join", data=sent(join_form(world)), actor=world.clerk)
    assert (await queries.own_case(number, courier)).actions == ["urge", "withdraw"]


async def test_a_window_files_only_for_its_own_unions(world: World) -> None:
    with pytest.raises(Forbidden) as refused:
        await commands.file_at_window(slug="member-join", data=sent(join_form(world)), actor=world.far_clerk)
    assert refused.value.code == "file_elsewhere"
    with pytest.raises(NotFound):
        watcher = await staff("钱小看", (world.town, "mediator"))
        await commands.file_at_window(slug="member-join", data=sent(join_form(world)), actor=watcher)
