"""Fifty admissions of one identity number at the same instant make one member; without the guard they do not."""

import asyncio

import pytest

from backend.core import clock, crypto, database, ids
from backend.core.actor import SYSTEM
from backend.core.command import command
from backend.core.errors import AppError, Conflict
from backend.membership import commands
from backend.membership.enums import MemberAct
from tests.membership.samples import Tree, admit, id_no, person, phone

pytestmark = pytest.mark.race

AT_ONCE = 50


async def test_one_of_fifty(tree: Tree) -> None:
    answers = await asyncio.gather(
        *(admit(tree.couriers, 1, phone=phone(number), reference=f"JR{number}") for number in range(AT_ONCE)),
        return_exceptions=True,
    )

    admitted = [one for one in answers if not isinstance(one, BaseException)]
    refused = [one.code for one in answers if isinstance(one, Conflict)]
    assert len(admitted) == 1
    assert refused == ["already_member"] * (AT_ONCE - 1)
    assert await database.scalar("SELECT COUNT(*) FROM member") == 1
    assert await database.scalar("SELECT COUNT(*) FROM membership_change") == 1
    assert await database.scalar("SELECT COUNT(*) FROM outbox WHERE topic = 'membership.MemberAdmitted'") == 1


async def test_control_without_the_guard_there_are_many(tree: Tree) -> None:
    """SQLite lets one command write at a time, so there the look-up and the insert are taken apart."""
    if database.is_sqlite():
        await _race_apart()
    else:
        await _race_without_index(tree)


async def _race_without_index(tree: Tree) -> None:
    index = await database.scalar(
        "SELECT index_name FROM information_schema.statistics WHERE table_schema = DATABASE()"
        " AND table_name = 'member' AND column_name = 'id_no_index' AND non_unique = 0"
    )
    await database.execute(f"ALTER TABLE member DROP INDEX `{index}`")
    try:
        everybody = (admit(tree.couriers, 1, reference=f"JR{number}") for number in range(AT_ONCE))
        await asyncio.gather(*everybody, return_exceptions=True)
        made = await database.scalar("SELECT COUNT(*) FROM member")
    finally:
        await database.execute("DELETE FROM member")
        await database.execute(f"ALTER TABLE member ADD UNIQUE INDEX `{index}` (id_no_index)")
    assert made > 1


async def _race_apart() -> None:
    await database.execute("CREATE TABLE member_unguarded AS SELECT * FROM member WHERE 1 = 0")
    try:
        await asyncio.gather(*(_admit_unguarded(number) for number in range(AT_ONCE)))
        assert await database.scalar("SELECT COUNT(*) FROM member_unguarded") > 1
    finally:
        await database.execute("DROP TABLE member_unguarded")


async def _admit_unguarded(number: int) -> None:
    index = crypto.blind_index("id_no", id_no(1))
    if await database.scalar("SELECT COUNT(*) FROM member_unguarded WHERE id_no_index = %s", index):
        return
    await _insert_unguarded(index, number)


@command
async def _insert_unguarded(index: str, number: int) -> None:
    row = {"id": ids.new_id(), "member_no": str(number), "name": "王小测", "initials": "", "id_no_index": index}
    row |= {"id_no_sealed": "", "phone_sealed": "", "gender": "m", "birth_year": 1990, "household_province": ""}
    row |= {"status": "active", "status_since": clock.today(), "union_id": 1, "division": "", "employ_form": ""}
    row |= {"newform_group": "", "employer": "", "joined_on": clock.today(), "version": 1, "created_at": clock.now()}
    await database.insert("member_unguarded", row)


async def test_one_of_twenty_comes_back(tree: Tree) -> None:
    first = await admit(tree.couriers, 1)
    await commands.change_status(SYSTEM, member_id=first.id, act=MemberAct.LEAVE, reason="")

    answers = await asyncio.gather(
        *(admit(tree.teachers, 1, reference=f"JR{number}") for number in range(20)), return_exceptions=True
    )

    assert [one.id for one in answers if not isinstance(one, BaseException)] == [first.id]
    assert sum(isinstance(one, Conflict) for one in answers) == 19
    assert await database.scalar("SELECT COUNT(*) FROM membership_change") == 3


async def test_one_change_of_twenty(tree: Tree) -> None:
    admitted = await admit(tree.couriers, 1)

    async def leave() -> None:
        await commands.change_status(SYSTEM, member_id=admitted.id, act=MemberAct.LEAVE, reason="")

    answers = await asyncio.gather(*(leave() for _ in range(20)), return_exceptions=True)

    assert answers.count(None) == 1
    codes = {one.code for one in answers if isinstance(one, AppError)}
    assert codes <= {"member_changed", "status_change_impossible"}
    assert await database.scalar("SELECT COUNT(*) FROM membership_change") == 2


async def test_tries_are_counted_exactly(tree: Tree) -> None:
    me = await person(1)

    answers = await asyncio.gather(
        *(commands.confirm_identity(me, id_no=id_no(number)) for number in range(1, 21)), return_exceptions=True
    )

    codes = [one.code for one in answers if isinstance(one, AppError)]
    assert codes.count("identity_not_matched") == 5
    assert codes.count("identity_tries_used") == 15


async def test_numbers_are_all_different(tree: Tree) -> None:
    admitted = await asyncio.gather(*(admit(tree.couriers, number) for number in range(1, 41)))

    assert len({one.member_no for one in admitted}) == 40
