"""Phones that change hands: released or replaced at a desk, disowned by the newcomer, silent for long."""

from typing import Any

import pytest

from backend.core import clock, crypto, database, ids
from backend.core.errors import AppError, Conflict, Invalid, NotFound
from backend.identity import commands as identity
from backend.identity import queries as accounts
from backend.membership import commands, queries
from tests.membership.samples import Tree, admit, clerk, id_no, person, phone, stored


async def refused(kind: type[AppError], code: str, **sent: Any) -> None:
    with pytest.raises(kind) as refusal:
        await commands.register_phone(**sent)
    assert refusal.value.code == code


async def test_a_new_number_at_the_desk_opens_the_record_after_one_confirmation(tree: Tree) -> None:
    admitted = await admit(tree.couriers, 1, account_id=(await person(1)).account_id)
    before, desk, member = await person(1), await clerk(tree.town), ids.public(admitted.id)

    await commands.register_phone(desk, member=member, phone="154 0000 0009", reason="本人到窗口换号")

    row = await stored(admitted.id)
    assert (row["phone"], row["phone_index"]) == (phone(9), crypto.blind_index("phone", phone(9)))
    assert (await person(1)).member_id is None
    assert (await person(9)).member_id is None
    confirmed = await commands.confirm_identity(await person(9), id_no=id_no(1))
    assert confirmed.id == member
    # The account she had before, with everything in it.
    assert (await person(9)).account_id == before.account_id
    detail = await queries.detail(member, desk)
    assert (detail.history[0].reason, detail.may_release, detail.may_register) == (
        "登记新手机号：本人到窗口换号",
        True,
        True,
    )
    audited = await database.rows("SELECT actor_id FROM audit WHERE action = 'member.phone_registered'")
    assert [row["actor_id"] for row in audited] == [desk.account_id]


async def test_after_a_release_a_new_number_can_be_registered(tree: Tree) -> None:
    admitted = await admit(tree.couriers, 1, account_id=(await person(1)).account_id)
    desk, member = await clerk(tree.town), ids.public(admitted.id)
    await commands.release_phone(desk, member=member, reason="")

    await commands.register_phone(desk, member=member, phone=phone(9), reason="换号")

    assert (await commands.confirm_identity(await person(9), id_no=id_no(1))).id == member


async def test_a_number_is_registered_with_a_reason_and_taken_from_nobody(tree: Tree) -> None:
    mine = await admit(tree.couriers, 1, account_id=(await person(1)).account_id)
    await admit(tree.couriers, 2, account_id=(await person(2)).account_id)
    desk, member = await clerk(tree.town), ids.public(mine.id)

    await refused(Conflict, "phone_in_use", actor=desk, member=member, phone=phone(2), reason="换号")
    await refused(Conflict, "phone_registered", actor=desk, member=member, phone=phone(1), reason="换号")
    await refused(Invalid, "phone_reason_missing", actor=desk, member=member, phone=phone(9), reason="")
    await refused(Invalid, "invalid_fields", actor=desk, member=member, phone="12", reason="换号")
    for stranger in (
        await clerk(tree.other_town),
        await clerk(tree.town, permissions=frozenset({"member.view"})),
        await person(1),
    ):
        await refused(NotFound, "not_found", actor=stranger, member=member, phone=phone(9), reason="换号")
    assert (await person(1)).member_id == mine.id
    assert (await stored(mine.id))["phone"] == phone(1)


async def test_this_is_not_me(tree: Tree) -> None:
    former = await admit(tree.couriers, 1, account_id=(await person(1)).account_id)

    await commands.disown(await person(1))

    newcomer = await person(1)
    assert newcomer.member_id is None
    assert await queries.own(newcomer) is None
    row = await stored(former.id)
    assert (row["phone"], row["phone_index"], row["status"]) == ("", None, "active")
    detail = await queries.detail(ids.public(former.id), await clerk(tree.town))
    assert detail.history[0].reason == "解除手机号绑定：用这个手机号登录的人说明自己不是这位会员"
    assert detail.may_release is False
    # The newcomer joins with the number, and opens a card of their own.
    joined = await admit(tree.couriers, 2, phone=phone(1), account_id=newcomer.account_id)
    assert joined.bound
    with pytest.raises(Conflict):
        await commands.disown(await person(3))


async def test_a_silent_phone_opens_nothing_until_the_number_is_confirmed(tree: Tree, freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    admitted = await admit(tree.couriers, 1, account_id=(await person(1)).account_id)
    clock.advance(days=120)
    before = await person(1)
    await identity.leave_if_silent(before.account_id, phone(1))
    somebody = await person(1)

    assert (somebody.member_id, await queries.own(somebody)) == (None, None)
    with pytest.raises(Invalid):
        await commands.confirm_identity(somebody, id_no=id_no(2))
    assert (await commands.confirm_identity(somebody, id_no=id_no(1))).id == ids.public(admitted.id)
    assert (await person(1)).account_id == before.account_id


async def test_refused_confirmations_stand_in_the_audit_log(tree: Tree) -> None:
    await admit(tree.couriers, 1)
    me = await person(1)
    with pytest.raises(Invalid):
        await commands.confirm_identity(me, id_no=id_no(2))
    rows = await database.rows("SELECT object_id, detail FROM audit WHERE action = 'member.confirm_refused'")
    assert [(row["object_id"], row["detail"]) for row in rows] == [(me.account_id, "{}")]


async def test_a_number_without_a_member_is_found_and_released(tree: Tree) -> None:
    loose = await person(7)
    await admit(tree.couriers, 1, account_id=(await person(1)).account_id)
    desk = await clerk(tree.town)
    assert await queries.unbound_phone(phone(7), desk) == "154****0007"
    assert await queries.unbound_phone(phone(1), desk) == ""
    assert await queries.unbound_phone(phone(8), desk) == ""
    assert await queries.unbound_phone("王小测", desk) == ""
    no_power = await clerk(tree.town, permissions=frozenset({"member.view"}))
    assert await queries.unbound_phone(phone(7), no_power) == ""

    for number, reason, kind, actor in (
        (phone(7), "because", Invalid, desk),
        (phone(7), "new_owner", NotFound, no_power),
        (phone(1), "new_owner", NotFound, desk),
        (phone(8), "new_owner", NotFound, desk),
    ):
        with pytest.raises(kind):
            await commands.release_unbound(actor, phone=number, reason=reason)
    await commands.release_unbound(desk, phone=phone(7), reason="new_owner")

    assert await accounts.account_of_phone(phone(7)) is None
    assert (await person(7)).account_id != loose.account_id
    detail = await database.scalar("SELECT detail FROM audit WHERE action = 'account.phone_released'")
    assert '"reason":"new_owner"' in detail
