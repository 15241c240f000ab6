"""Fifty admissions of one identity number at the same instant make one member; without the guard they do not."""

import asyncio

import pytest

from backend.core import database, sequences
from backend.core.actor import SYSTEM
from backend.core.errors import AppError, Conflict
from backend.membership import commands
from backend.membership.enums import MemberAct
from tests.membership.samples import Tree, admit, id_no, person, phone
from tests.unguarded import without_keys, without_words

AT_ONCE = 50


async def fifty_admissions(tree: Tree) -> list[object]:
    answers = await asyncio.gather(
        *(admit(tree.couriers, 1, phone=phone(number), reference=f"JR{number}") for number in range(AT_ONCE)),
        return_exceptions=True,
    )
    return list(answers)


@pytest.mark.race(control="test_control_without_its_key_a_person_is_several_members")
async def test_one_of_fifty(tree: Tree) -> None:
    answers = await fifty_admissions(tree)
    admitted = [one for one in answers if not isinstance(one, BaseException)]
    refused = [one.code for one in answers if isinstance(one, Conflict)]
    assert len(admitted) == 1
    assert refused == ["already_member"] * (AT_ONCE - 1)
    assert await database.scalar("SELECT COUNT(*) FROM member") == 1
    assert await database.scalar("SELECT COUNT(*) FROM membership_change") == 1
    assert await database.scalar("SELECT COUNT(*) FROM outbox WHERE topic = 'membership.MemberAdmitted'") == 1


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_a_person_is_several_members(tree: Tree) -> None:
    async with without_keys("member"):
        await fifty_admissions(tree)
        assert await database.scalar("SELECT COUNT(*) FROM member") > 1


async def leave_and_come_back_twenty_times(tree: Tree) -> tuple[int, list[int]]:
    """The member's id, and those that the admissions which went through gave."""
    first = await admit(tree.couriers, 1)
    await commands.change_status(SYSTEM, member_id=first.id, act=MemberAct.LEAVE, reason="")
    answers = await asyncio.gather(
        *(admit(tree.teachers, 1, reference=f"JR{number}") for number in range(20)), return_exceptions=True
    )
    assert {one.code for one in answers if isinstance(one, AppError)} <= {"already_member"}
    return first.id, [one.id for one in answers if not isinstance(one, BaseException)]


@pytest.mark.race(control="test_control_without_the_version_several_come_back_and_leave")
async def test_one_of_twenty_comes_back(tree: Tree) -> None:
    member_id, back = await leave_and_come_back_twenty_times(tree)
    assert back == [member_id]
    assert await database.scalar("SELECT COUNT(*) FROM membership_change") == 3


async def leave_twenty_times(tree: Tree) -> list[object]:
    admitted = await admit(tree.couriers, 1)

    async def leave() -> None:
        await commands.change_status(SYSTEM, member_id=admitted.id, act=MemberAct.LEAVE, reason="")

    return list(await asyncio.gather(*(leave() for _ in range(20)), return_exceptions=True))


@pytest.mark.race(is_control=True)
async def test_control_without_the_version_several_come_back_and_leave(tree: Tree) -> None:
    async with without_keys("outbox"):
        with without_words(" AND version = %s", " AND %s > 0"):
            _, back = await leave_and_come_back_twenty_times(tree)
            await database.execute("DELETE FROM member")
            left = await leave_twenty_times(tree)
    assert len(back) > 1
    assert left.count(None) > 1


@pytest.mark.race(control="test_control_without_the_version_several_come_back_and_leave")
async def test_one_change_of_twenty(tree: Tree) -> None:
    answers = await leave_twenty_times(tree)
    assert answers.count(None) == 1
    codes = {one.code for one in answers if isinstance(one, AppError)}
    assert codes <= {"member_changed", "status_change_impossible"}
    assert await database.scalar("SELECT COUNT(*) FROM membership_change") == 2


async def twenty_wrong_numbers() -> list[str]:
    me = await person(1)
    answers = await asyncio.gather(
        *(commands.confirm_identity(me, id_no=id_no(number)) for number in range(1, 21)), return_exceptions=True
    )
    return [one.code for one in answers if isinstance(one, AppError)]


@pytest.mark.race(control="test_control_without_the_condition_there_are_more_tries")
async def test_tries_are_counted_exactly(tree: Tree) -> None:
    codes = await twenty_wrong_numbers()
    assert codes.count("identity_not_matched") == 5
    assert codes.count("identity_tries_used") == 15


@pytest.mark.race(is_control=True)
async def test_control_without_the_condition_there_are_more_tries(tree: Tree) -> None:
    with without_words(" AND tries < %s", " AND %s > 0"):
        assert (await twenty_wrong_numbers()).count("identity_not_matched") > 5


async def forty_numbers(tree: Tree) -> set[str]:
    return {one.member_no for one in await asyncio.gather(*(admit(tree.couriers, n) for n in range(1, 41)))}


@pytest.mark.race(control="test_control_a_block_shared_before_its_commit_gives_numbers_twice")
async def test_numbers_are_all_different(tree: Tree) -> None:
    assert len(await forty_numbers(tree)) == 40


@pytest.mark.race(is_control=True)
async def test_control_a_block_shared_before_its_commit_gives_numbers_twice(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the counter row every command begins with the same block."""

    async def the_first(name: str) -> int:
        return 1

    async with without_keys("member"):
        monkeypatch.setattr(sequences, "_take_block", the_first)
        assert len(await forty_numbers(tree)) < 40
