"""Confirming one's record, opening values at the desk, and phones that change hands."""

import pytest

from backend.core import clock, crypto, database, ids
from backend.core.actor import SYSTEM, Actor
from backend.core.errors import AppError, Conflict, Invalid, NotFound, TooMany
from backend.identity import queries as identity
from backend.membership import commands, queries
from backend.membership.enums import MemberAct
from tests.membership.samples import Tree, admit, clerk, id_no, person, phone, stored


async def refusal_of(actor: Actor, number: str) -> tuple[int, str, str]:
    with pytest.raises(AppError) as refusal:
        await commands.confirm_identity(actor, id_no=number)
    return refusal.value.status, refusal.value.code, refusal.value.detail


async def test_the_right_number_opens_the_card_once_and_for_all(tree: Tree) -> None:
    admitted = await admit(tree.couriers, 1)

    confirmed = await commands.confirm_identity(await person(1), id_no=id_no(1).lower())

    assert (confirmed.id, confirmed.name, confirmed.member_no) == (
        ids.public(admitted.id),
        "王小测",
        admitted.member_no,
    )
    me = await person(1)
    assert me.member_id == admitted.id
    assert (await commands.confirm_identity(me, id_no=id_no(1))).id == confirmed.id
    audited = await database.rows("SELECT action FROM audit WHERE object_kind = 'member' ORDER BY id")
    assert [row["action"] for row in audited] == ["member.admitted", "member.confirmed", "member.confirmed"]


async def test_every_miss_gets_the_same_answer(tree: Tree) -> None:
    await admit(tree.couriers, 1)
    other_phone = await person(2)
    no_record = await refusal_of(await person(3), id_no(77))
    anothers_phone = await refusal_of(other_phone, id_no(1))
    wrong_number = await refusal_of(await person(1), id_no(78))
    taken = await admit(tree.couriers, 4, phone=phone(5))
    await database.execute("UPDATE account SET member_id = %s WHERE id = %s", taken.id, (await person(6)).account_id)
    opened_elsewhere = await refusal_of(await person(5), id_no(4))

    assert {no_record, anothers_phone, wrong_number, opened_elsewhere} == {
        (422, "identity_not_matched", no_record[2]),
    }
    assert (await person(5)).member_id is None


async def test_who_left_may_look_but_the_dead_stay_closed(tree: Tree) -> None:
    left = await admit(tree.couriers, 1)
    await commands.change_status(SYSTEM, member_id=left.id, act=MemberAct.LEAVE, reason="")
    dead = await admit(tree.couriers, 2)
    await commands.change_status(SYSTEM, member_id=dead.id, act=MemberAct.DECEASED, reason="")

    assert (await commands.confirm_identity(await person(1), id_no=id_no(1))).status == "left"
    assert (await refusal_of(await person(2), id_no(2)))[1] == "identity_not_matched"


async def test_five_tries_a_day_whatever_they_meet(tree: Tree, freeze) -> None:
    freeze("2026-03-10T23:00:00+08:00")
    await admit(tree.couriers, 1)
    me = await person(1)
    for number in range(100, 105):
        assert (await refusal_of(me, id_no(number)))[1] == "identity_not_matched"

    with pytest.raises(TooMany) as refusal:
        await commands.confirm_identity(me, id_no=id_no(1))
    assert refusal.value.code == "identity_tries_used"
    assert (await person(1)).member_id is None
    # Another account is not held up by it.
    assert (await refusal_of(await person(2), id_no(1)))[1] == "identity_not_matched"

    clock.advance(hours=1)
    assert (await commands.confirm_identity(me, id_no=id_no(1))).name == "王小测"


async def test_the_counts_of_past_days_are_forgotten(tree: Tree, freeze) -> None:
    freeze("2026-03-10T23:00:00+08:00")
    await refusal_of(await person(1), id_no(1))
    clock.advance(hours=2)
    await refusal_of(await person(1), id_no(1))

    assert await commands.forget_tries() == 1
    assert await commands.forget_tries() == 0


async def test_a_mistyped_number_costs_no_try(tree: Tree) -> None:
    me = await person(1)
    for _ in range(6):
        with pytest.raises(Invalid) as refusal:
            await commands.confirm_identity(me, id_no=id_no(1)[:-1])
        assert [error.field for error in refusal.value.errors] == ["id_no"]
    assert await database.scalar("SELECT COUNT(*) FROM identity_try") == 0


async def test_a_phone_that_changed_hands_never_opens_the_former_owners_record(tree: Tree) -> None:
    former = await admit(tree.couriers, 1, account_id=(await person(1)).account_id)
    desk = await clerk(tree.town)

    await commands.release_phone(desk, member=ids.public(former.id), reason="号码已转给他人")

    newcomer = await person(1)
    assert newcomer.member_id is None
    assert await queries.own(newcomer) is None
    assert (await refusal_of(newcomer, id_no(1)))[1] == "identity_not_matched"
    row = await stored(former.id)
    assert (row["phone"], row["phone_index"]) == ("", None)
    detail = await queries.detail(ids.public(former.id), desk)
    assert detail.history[0].reason == "解除手机号绑定：号码已转给他人"
    assert detail.may_release is False
    with pytest.raises(Conflict) as refusal:
        await commands.release_phone(desk, member=ids.public(former.id), reason="")
    assert refusal.value.code == "phone_not_bound"


async def test_the_newcomer_joins_with_that_phone(tree: Tree) -> None:
    former = await admit(tree.couriers, 1, account_id=(await person(1)).account_id)
    await commands.release_phone(await clerk(tree.town), member=ids.public(former.id), reason="")
    newcomer = await person(1)

    admitted = await admit(tree.couriers, 2, phone=phone(1), account_id=newcomer.account_id, name="李小试")

    assert admitted.bound
    mine = await queries.own(await person(1))
    assert mine is not None
    assert mine.name == "李小试"


@pytest.mark.parametrize(("field", "value", "label"), [("id_no", id_no(1), "身份证号"), ("phone", phone(1), "手机号")])
async def test_opening_a_value_leaves_a_trace_for_the_member(tree: Tree, field: str, value: str, label: str) -> None:
    admitted = await admit(tree.couriers, 1, account_id=(await person(1)).account_id)
    desk = await clerk(tree.town)

    opened = await commands.reveal_field(desk, member=ids.public(admitted.id), field=field)

    assert (opened.value, opened.label) == (value, label)
    [line] = (await identity.who_viewed(await person(1))).items
    assert (line.who, line.field, line.purpose) == ("黄枫镇总工会 邹某", label, "窗口服务")


async def test_who_may_not_open_or_release(tree: Tree) -> None:
    admitted = await admit(tree.couriers, 1, account_id=(await person(1)).account_id)
    member = ids.public(admitted.id)
    sibling = await clerk(tree.other_town)
    unempowered = await clerk(tree.town, permissions=frozenset({"case.view"}))
    no_release = await clerk(tree.town, permissions=frozenset({"member.view"}))

    for actor in (sibling, unempowered, await person(1), Actor(kind="guest")):
        with pytest.raises(NotFound):
            await commands.reveal_field(actor, member=member, field="id_no")
    for actor in (sibling, unempowered, no_release):
        with pytest.raises(NotFound):
            await commands.release_phone(actor, member=member, reason="")
    for field in ("name", "id_no_index", "password_hash", "id_no_sealed, m.name"):
        with pytest.raises(NotFound):
            await commands.reveal_field(await clerk(tree.town), member=member, field=field)
    assert await database.scalar("SELECT COUNT(*) FROM access_trace") == 0


async def test_a_value_moved_to_another_record_does_not_open(tree: Tree) -> None:
    one, other = await admit(tree.couriers, 1), await admit(tree.couriers, 2)
    await database.execute(
        "UPDATE member SET id_no_sealed = %s WHERE id = %s",
        await database.scalar("SELECT id_no_sealed FROM member WHERE id = %s", one.id),
        other.id,
    )

    with pytest.raises(crypto.Unreadable):
        await commands.reveal_field(await clerk(tree.town), member=ids.public(other.id), field="id_no")
    assert await database.scalar("SELECT COUNT(*) FROM access_trace") == 0
