"""Admission: one effective membership per identity number; who left comes back to the same record."""

from datetime import date

import pytest

from backend.core import clock, crypto, database, ids
from backend.core.actor import SYSTEM, Actor
from backend.core.command import command
from backend.core.errors import AppError, Conflict, Invalid, NotFound
from backend.membership import commands, queries
from backend.membership.enums import MemberAct
from backend.membership.models import Member
from tests.membership.samples import TOWN, Tree, admit, clerk, id_no, person, phone, stored

TODAY = "2026-03-10T09:00:00+08:00"


async def change(member_id: int, act: MemberAct, *, to_union_id: int | None = None) -> None:
    await commands.change_status(SYSTEM, member_id=member_id, act=act, reason="测试", to_union_id=to_union_id)


async def test_a_new_member(tree: Tree, freeze) -> None:
    freeze(TODAY)

    admitted = await admit(
        tree.couriers, employ_form="newform", newform_group="courier", employer="顺达速运", reference="JR7"
    )

    row = await stored(admitted.id)
    assert {name: row[name] for name in row if not name.endswith(("_index", "_sealed", "created_at"))} == {
        "id": admitted.id,
        "member_no": "9901212026000001",
        "name": "王小测",
        "initials": "wxc",
        "id_no": id_no(1),
        "phone": phone(1),
        "gender": "m",
        "birth_year": 1990,
        "birth_month": 3,
        "household_province": "99",
        "status": "active",
        "status_since": row["status_since"],
        "union_id": tree.couriers,
        "division": TOWN,
        "employ_form": "newform",
        "newform_group": "courier",
        "employer": "顺达速运",
        "joined_on": row["joined_on"],
        "version": 1,
    }
    assert str(row["joined_on"]) == str(row["status_since"]) == "2026-03-10"
    assert (admitted.member_no, admitted.rejoined, admitted.bound) == ("9901212026000001", False, False)
    assert row["id_no_index"] == crypto.blind_index("id_no", id_no(1))


async def test_what_an_admission_leaves_behind(tree: Tree) -> None:
    admitted = await admit(tree.couriers, reference="JR7")

    [changed] = await database.rows("SELECT * FROM membership_change")
    assert (changed["member_id"], changed["from_status"], changed["to_status"]) == (admitted.id, "", "active")
    assert (changed["from_union_id"], changed["to_union_id"], changed["reference"]) == (None, tree.couriers, "JR7")
    [event] = await database.rows("SELECT topic, payload FROM outbox WHERE topic LIKE 'membership.%%'")
    assert event == {"topic": "membership.MemberAdmitted", "payload": f'{{"member_id":{admitted.id}}}'}
    audited = await database.rows(
        "SELECT action FROM audit WHERE object_kind = 'member' AND object_id = %s", admitted.id
    )
    assert [row["action"] for row in audited] == ["member.admitted"]


async def test_nothing_sensitive_is_readable_in_the_tables(tree: Tree) -> None:
    await admit(tree.couriers)

    for table in ("member", "membership_change", "outbox", "audit"):
        text = str(await database.rows(f"SELECT * FROM {table}"))
        assert id_no(1) not in text
        assert phone(1) not in text


async def test_an_effective_membership_is_the_only_one(tree: Tree) -> None:
    await admit(tree.couriers)

    with pytest.raises(Conflict) as refusal:
        await admit(tree.teachers, phone=phone(2), name="李小试")

    assert refusal.value.code == "already_member"
    assert await Member.all().count() == 1


@pytest.mark.parametrize(
    "written", [id_no(1).lower(), f" {id_no(1)} ", "".join(chr(ord(c) + 0xFEE0) for c in id_no(1))]
)
async def test_however_the_number_is_written_it_is_the_same_person(tree: Tree, written: str) -> None:
    await admit(tree.couriers)

    with pytest.raises(Conflict):
        await admit(tree.couriers, id_no=written)


async def test_who_left_comes_back_to_the_same_record(tree: Tree, freeze) -> None:
    freeze(TODAY)
    first = await admit(tree.couriers)
    await change(first.id, MemberAct.LEAVE)
    clock.advance(days=40)

    again = await admit(tree.teachers, phone=phone(9), reference="JR8")

    assert (again.id, again.member_no, again.rejoined) == (first.id, first.member_no, True)
    row = await stored(first.id)
    assert (row["status"], row["union_id"], row["phone"], str(row["joined_on"])) == (
        "active",
        tree.teachers,
        phone(9),
        "2026-04-19",
    )
    events = await database.rows("SELECT `key` FROM outbox WHERE topic = 'membership.MemberAdmitted' ORDER BY id")
    assert len({row["key"] for row in events}) == 2


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (MemberAct.KEEP, "already_member"),
        (MemberAct.TRANSFER_OUT, "already_member"),
        (MemberAct.DECEASED, "recorded_deceased"),
        (MemberAct.EXPEL, "expelled_member"),
    ],
)
async def test_others_do_not_come_back_by_applying(tree: Tree, act: MemberAct, code: str) -> None:
    first = await admit(tree.couriers)
    await change(first.id, act)

    with pytest.raises(Conflict) as refusal:
        await admit(tree.couriers)

    assert refusal.value.code == code


async def test_under_sixteen(tree: Tree, freeze) -> None:
    freeze(TODAY)
    with pytest.raises(Conflict) as refusal:
        await admit(tree.couriers, id_no=id_no(1, born=date(2010, 3, 11)))
    assert refusal.value.code == "too_young_to_join"

    assert (await admit(tree.couriers, id_no=id_no(1, born=date(2010, 3, 10)))).rejoined is False


async def test_unions_that_take_no_members(tree: Tree) -> None:
    with pytest.raises(Conflict) as refusal:
        await admit(tree.county)
    assert refusal.value.code == "union_takes_no_members"
    with pytest.raises(NotFound):
        await admit(ids.new_id())
    await database.execute("UPDATE union_org SET state = 'dissolved' WHERE id = %s", tree.couriers)
    with pytest.raises(Conflict):
        await admit(tree.couriers)


async def test_a_household_elsewhere_comes_from_the_form_or_the_number(tree: Tree) -> None:
    from_form = await admit(tree.couriers, 1, household="440100")
    from_number = await admit(tree.couriers, 2)

    assert (await stored(from_form.id))["household_province"] == "44"
    assert (await stored(from_number.id))["household_province"] == "99"


async def test_the_applicants_account_opens_the_card(tree: Tree) -> None:
    me = await person(1)

    admitted = await admit(tree.couriers, 1, account_id=me.account_id)

    assert admitted.bound
    mine = await queries.own(await person(1))
    assert mine is not None
    assert (mine.member_no, mine.name, mine.union.name) == (admitted.member_no, "王小测", "黄枫镇快递行业工会联合会")


async def test_an_account_that_has_a_card_is_not_given_another(tree: Tree) -> None:
    me = await person(1)
    await admit(tree.couriers, 1, account_id=me.account_id)

    spouse = await admit(tree.couriers, 2, account_id=me.account_id, name="李小试")

    assert not spouse.bound
    mine = await queries.own(await person(1))
    assert mine is not None
    assert mine.name == "王小测"


async def test_filed_for_the_holder_of_another_phone(tree: Tree) -> None:
    helper = await person(1)
    await person(2)

    admitted = await admit(tree.couriers, 2, account_id=helper.account_id)

    assert not admitted.bound
    assert (await person(1)).member_id is None
    assert (await person(2)).member_id is None


async def test_a_clerk_who_files_gets_no_card(tree: Tree) -> None:
    admitted = await admit(tree.couriers, 1, account_id=(await clerk(tree.town)).account_id)

    assert not admitted.bound


async def test_a_daughter_who_files_with_her_mothers_number_gets_no_card_of_hers(tree: Tree) -> None:
    daughter = await person(1)

    mother = await admit(tree.couriers, 2, phone=phone(2), account_id=daughter.account_id)

    assert not mother.bound
    assert (await person(1)).member_id is None
    assert (await commands.confirm_identity(await person(2), id_no=id_no(2))).id == ids.public(mother.id)


async def test_a_record_that_another_account_opens_stays_with_it(tree: Tree) -> None:
    old_phone = await person(1)
    admitted = await admit(tree.couriers, 1, account_id=old_phone.account_id)
    await change(admitted.id, MemberAct.LEAVE)

    again = await admit(tree.couriers, 1, phone=phone(2), account_id=(await person(2)).account_id)

    assert (again.id, again.bound) == (admitted.id, False)
    assert (await person(1)).member_id == admitted.id


async def test_a_failing_decision_takes_the_admission_back(tree: Tree) -> None:
    @command
    async def decide() -> None:
        await admit(tree.couriers)
        raise Conflict("already_member")

    with pytest.raises(Conflict):
        await decide()

    assert await Member.all().count() == 0
    assert await database.scalar("SELECT COUNT(*) FROM outbox WHERE topic = 'membership.MemberAdmitted'") == 0


async def test_changes_leave_a_history(tree: Tree, freeze) -> None:
    freeze(TODAY)
    admitted = await admit(tree.couriers)
    clock.advance(days=1)

    await change(admitted.id, MemberAct.TRANSFER_OUT)
    await change(admitted.id, MemberAct.TRANSFER_IN, to_union_id=tree.teachers)
    await change(admitted.id, MemberAct.KEEP)

    facts = await queries.facts(admitted.id)
    assert facts is not None
    assert (facts.status, facts.union_id, str(facts.status_since), facts.is_effective) == (
        "kept",
        tree.teachers,
        "2026-03-11",
        True,
    )
    rows = await database.rows("SELECT from_status, to_status, to_union_id FROM membership_change ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [
        ("", "active", tree.couriers),
        ("active", "transferring", tree.couriers),
        ("transferring", "active", tree.teachers),
        ("active", "kept", tree.teachers),
    ]
    events = await database.rows("SELECT payload FROM outbox WHERE topic = 'membership.MemberStatusChanged'")
    assert len(events) == 3


@pytest.mark.parametrize(
    ("act", "kind", "code"),
    [
        (MemberAct.RESTORE, Conflict, "status_change_impossible"),
        (MemberAct.TRANSFER_IN, Conflict, "status_change_impossible"),
    ],
)
async def test_impossible_changes(tree: Tree, act: MemberAct, kind: type[AppError], code: str) -> None:
    admitted = await admit(tree.couriers)

    with pytest.raises(kind) as refusal:
        await change(admitted.id, act)

    assert refusal.value.code == code
    assert "在籍" in refusal.value.detail


async def test_a_transfer_needs_its_union_and_nothing_else_takes_one(tree: Tree) -> None:
    admitted = await admit(tree.couriers)
    with pytest.raises(Invalid):
        await change(admitted.id, MemberAct.KEEP, to_union_id=tree.teachers)
    await change(admitted.id, MemberAct.TRANSFER_OUT)
    with pytest.raises(Invalid) as refusal:
        await change(admitted.id, MemberAct.TRANSFER_IN)
    assert refusal.value.code == "transfer_needs_union"
    with pytest.raises(NotFound):
        await change(ids.new_id(), MemberAct.KEEP)


async def test_members_of_a_dissolved_union_are_kept_above(tree: Tree) -> None:
    staying = [(await admit(tree.couriers, number)).id for number in (1, 2)]
    left = (await admit(tree.couriers, 3)).id
    await change(left, MemberAct.LEAVE)
    elsewhere = (await admit(tree.teachers, 4)).id

    for _ in range(2):
        assert await commands.keep_at_parent(SYSTEM, union_id=tree.couriers, parent_id=tree.town)

    rows = {row["id"]: (row["status"], row["union_id"]) for row in await database.rows("SELECT * FROM member")}
    assert rows == {
        staying[0]: ("kept", tree.town),
        staying[1]: ("kept", tree.town),
        left: ("left", tree.couriers),
        elsewhere: ("active", tree.teachers),
    }
    assert await database.scalar("SELECT COUNT(*) FROM membership_change WHERE to_status = 'kept'") == 2


async def test_hints_to_strangers_name_nobody(tree: Tree) -> None:
    admitted = await admit(tree.couriers)

    hint = await queries.already_member_hint(id_no(1).lower())

    assert hint is not None
    assert (hint.id, hint.name, hint.union.id) == ("", "", "")
    assert hint.union.name == "黄枫**工会联合会"
    assert "会籍转接" in hint.hint
    assert admitted.member_no not in str(hint)
    assert await queries.already_member_hint(id_no(2)) is None
    assert await queries.already_member_hint("not a number") is None
    await change(admitted.id, MemberAct.LEAVE)
    assert await queries.already_member_hint(id_no(1)) is None


async def test_effective_members_by_index_and_by_union(tree: Tree) -> None:
    first = await admit(tree.couriers, 1)
    second = await admit(tree.couriers, 2)
    third = await admit(tree.teachers, 3)
    await change(second.id, MemberAct.LEAVE)
    await change(third.id, MemberAct.KEEP)

    found = await queries.effective_by_id_no(crypto.blind_index("id_no", id_no(1)))

    assert found is not None
    assert (found.id, found.union_id, found.status) == (first.id, tree.couriers, "active")
    assert await queries.effective_by_id_no(crypto.blind_index("id_no", id_no(2))) is None
    assert await queries.count_by_union([tree.couriers, tree.teachers, tree.town]) == {
        tree.couriers: 1,
        tree.teachers: 1,
    }
    assert await queries.count_by_union([]) == {}
    assert await queries.facts(ids.new_id()) is None


async def test_a_guest_has_no_membership(tree: Tree) -> None:
    assert await queries.own(Actor(kind="person", account_id=1)) is None
