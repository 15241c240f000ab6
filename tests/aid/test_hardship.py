"""Hardship files: one for a household, opened once, looked at again, closed and opened again."""

import asyncio
from datetime import date
from typing import Any

import msgspec
import pytest

from backend.aid import commands, queries
from backend.aid.hardship_enums import Grade
from backend.aid.hardship_schemas import Household, Relative, Reviewed
from backend.bindings import facts, hardship
from backend.core import clock, database
from backend.core.errors import AppError, Conflict, NotFound
from backend.home import invariants
from tests.aid.samples import number
from tests.aid.test_policies import about, as_member
from tests.bindings.acting import ask
from tests.casework.browser import browse
from tests.casework.world import World, person


async def wrong() -> list[str]:
    """What the doctor finds in files; the cases around them are made up here."""
    made_up = "a hardship file belongs to no approved case"
    return [name for name, sql in invariants.AID.items() if name != made_up and await database.rows(sql)]


def household(world: World, case: int = 1, people: tuple[int, ...] = (1, 2), **more: Any) -> Household:
    """`people` are the sequences of their numbers, the head first."""
    relations = ("本人", "配偶", "子女", "父母")
    how: dict[str, Any] = {"grade": Grade.RELATIVE, "size": len(people), "per_capita_fen": 800_00} | more
    return Household(
        case_id=case,
        case_number=f"KN2026-{case:06d}",
        union_id=world.unit.id,
        account_id=None,
        people=tuple(
            Relative(name=f"王小{'甲乙丙丁'[place]}", id_no=number(sequence), relation=relations[place])
            for place, sequence in enumerate(people)
        ),
        income_fen=40_000_00,
        expense_fen=20_800_00,
        **how,
    )


def reviewed(file_no: str, grade: Grade | None, act: int = 1, **more: Any) -> Reviewed:
    how: dict[str, Any] = {"per_capita_fen": 600_00, "income_fen": 30_000_00, "expense_fen": 15_600_00} | more
    return Reviewed(act_id=act, reference=f"DT2026-{act:06d}", file_no=file_no, grade=grade, **how)


async def opened(world: World, one: Household | None = None) -> str:
    answer = await commands.open_file(world.aid, household=one or household(world))
    return answer["record_no"]


async def file_page(world: World, file_no: str) -> Any:
    [found] = (await queries.desk_files(world.aid, q=file_no)).items
    return await queries.desk_file(found.id, world.aid)


async def test_a_household_has_one_file(world: World) -> None:
    answer = await commands.open_file(world.aid, household=household(world))
    assert answer == {"record_no": "KNDA2026-000001", "record_name": "困难职工档案", "record_state": "相对困难，在册"}
    assert await commands.open_file(world.aid, household=household(world)) == answer
    shown = await file_page(world, "KNDA2026-000001")
    assert (shown.file.grade_text, shown.file.size, shown.file.per_capita_fen) == ("相对困难", 2, 800_00)
    assert (shown.file.opened_on, shown.file.review_due_on) == ("2026-03-10", "2027-03-10")
    assert shown.file.head_name == "王*甲"
    assert [(one.name, one.relation) for one in shown.people] == [("王*甲", "本人"), ("王*乙", "配偶")]
    assert [(one.text, one.reference) for one in shown.history] == [("建档", "KN2026-000001")]
    assert await wrong() == []


async def test_who_is_of_a_household_with_a_file_is_put_into_it(world: World) -> None:
    file_no = await opened(world)
    answer = await commands.open_file(world.aid, household=household(world, 2, (3, 2), grade=Grade.DEEP))
    assert answer["record_no"] == file_no
    assert await commands.open_file(world.aid, household=household(world, 2, (3, 2))) == answer
    shown = await file_page(world, file_no)
    assert len(shown.people) == 3
    assert shown.file.grade_text == "相对困难"  # the class is for a review to change
    assert [one.text for one in shown.history] == ["家人并入", "建档"]
    assert await database.scalar("SELECT COUNT(*) FROM hardship_file") == 1
    assert await wrong() == []


async def test_people_of_two_files_do_not_make_a_third(world: World) -> None:
    await opened(world, household(world, 1, (1,)))
    await opened(world, household(world, 2, (2,)))
    with pytest.raises(Conflict) as refused:
        await opened(world, household(world, 3, (3, 1, 2)))
    assert refused.value.code == "hardship_two_files"
    assert "KNDA2026-000001、KNDA2026-000002" in refused.value.detail
    assert await database.scalar("SELECT COUNT(*) FROM hardship_file") == 2


async def test_the_class_goes_up_and_down_with_a_history(world: World) -> None:
    file_no = await opened(world)
    clock.freeze(clock.start_of(date(2026, 9, 1)))
    for act, grade in enumerate((Grade.DEEP, Grade.DEEP, Grade.RELATIVE), start=1):
        answer = await commands.review_file(world.aid, reviewed=reviewed(file_no, grade, act))
    assert answer["record_state"] == "相对困难，在册"
    assert await commands.review_file(world.aid, reviewed=reviewed(file_no, Grade.DEEP, 1)) == answer
    shown = await file_page(world, file_no)
    assert [(one.text, one.grade_text) for one in shown.history] == [
        ("复核，类别变更", "相对困难"),
        ("复核，类别不变", "深度困难"),
        ("复核，类别变更", "深度困难"),
        ("建档", "相对困难"),
    ]
    assert (shown.file.per_capita_fen, shown.income_fen) == (600_00, 30_000_00)
    assert shown.file.review_due_on == "2027-09-01"
    assert await wrong() == []


async def test_a_file_is_closed_and_opened_again(world: World) -> None:
    file_no = await opened(world)
    closing = reviewed(file_no, None, 1, help_until=date(2026, 6, 10), exit_reason="income_up")
    assert (await commands.review_file(world.aid, reviewed=closing))["record_state"] == "相对困难，已退出"
    shown = await file_page(world, file_no)
    assert (shown.exit_text, shown.file.help_until, shown.file.due) == ("收入提高", "2026-06-10", False)
    with pytest.raises(Conflict) as twice:
        await commands.review_file(world.aid, reviewed=reviewed(file_no, None, 2))
    assert twice.value.code == "hardship_closed"
    assert await wrong() == []
    answer = await commands.review_file(world.aid, reviewed=reviewed(file_no, Grade.DEEP, 3))
    assert answer["record_state"] == "深度困难，在册"
    shown = await file_page(world, file_no)
    assert (shown.history[0].text, shown.exit_text, shown.file.help_until) == ("恢复在册", "", None)
    assert await wrong() == []
    with pytest.raises(Conflict) as nowhere:
        await commands.review_file(world.aid, reviewed=reviewed("KNDA1999-000001", Grade.DEEP, 4))
    assert nowhere.value.code == "hardship_file_unknown"


async def test_a_closed_file_is_not_opened_again_beside_another(world: World) -> None:
    first = await opened(world)
    await commands.review_file(world.aid, reviewed=reviewed(first, None, 1))
    second = await opened(world, household(world, 2, (2, 3)))
    with pytest.raises(Conflict) as refused:
        await commands.review_file(world.aid, reviewed=reviewed(first, Grade.DEEP, 2))
    assert second in refused.value.detail
    assert await wrong() == []


# ---- desks and rules ---------------------------------------------------------------


async def test_what_other_services_ask_of_a_file(world: World) -> None:
    assert await facts.open_hardship_file(about()) == 0
    assert await facts.file_status(about()) is None
    file_no = await opened(world)
    for sequence in (1, 2):
        assert await facts.open_hardship_file(about(sequence)) == 1
        assert await facts.file_status(about(sequence)) == "active"
        assert await facts.file_status(about(sequence, file_no=f" {file_no.lower()}")) == "active"
    assert await facts.open_hardship_file(about(3)) == 0
    assert await facts.file_status(about(3, file_no=file_no)) == "other"
    assert await facts.file_status(about(file_no="KNDA1999-000001")) is None
    assert await facts.file_status(ask()) is None
    await commands.review_file(world.aid, reviewed=reviewed(file_no, None))
    assert await facts.file_status(about()) == "ended"
    assert await facts.open_hardship_file(about()) == 0


async def test_a_class_is_suggested_to_whoever_decides(world: World) -> None:
    values: dict[str, Any] = {"income_total": 36_000_00, "rigid_expense": 14_400_00, "family": [{}, {}, {}]}
    deep = await hardship.suggested_grade(ask(values=values | {"apply_kind": "deep"}))
    assert (deep.ok, deep.text) == (
        True,
        "按 3 口人算，人均月收入约 600.00 元，低于低保标准 650.00 元，建议：深度困难",
    )
    assert (await hardship.suggested_grade(ask(values=values | {"apply_kind": "relative"}))).ok is None
    assert (await hardship.suggested_grade(ask(values={}))).ok is None
    file_no = await opened(world)
    again = await hardship.suggested_grade(ask(values=values | {"file_no": file_no}))
    assert (again.ok, "按 2 口人算" in again.text) == (True, True)


async def test_a_desk_lists_what_is_due_in_its_unions(world: World) -> None:
    await opened(world)
    await opened(world, household(world, 2, (3,), grade=Grade.DEEP))

    async def found(**wanted: Any) -> list[str]:
        return [one.number[-1] for one in (await queries.desk_files(world.clerk, **wanted)).items]

    assert await found() == ["2", "1"]
    assert await found(grade=Grade.DEEP) == ["2"]
    assert await found(q="王小") == ["2", "1"]
    assert await found(q="knda2026-000001") == ["1"]
    assert await found(due=True) == []
    clock.freeze(clock.start_of(date(2027, 2, 7)))
    assert await found(due=True) == []
    clock.freeze(clock.start_of(date(2027, 2, 8)))
    assert await found(due=True) == ["2", "1"]
    await commands.review_file(world.aid, reviewed=reviewed("KNDA2026-000001", Grade.RELATIVE))
    assert await found(due=True) == ["2"]
    assert (await queries.desk_files(world.far_clerk)).items == []
    with pytest.raises(NotFound):
        await queries.desk_file((await queries.desk_files(world.aid)).items[0].id, world.far_clerk)
    first = await queries.desk_files(world.clerk, limit=1)
    second = await queries.desk_files(world.clerk, limit=1, cursor=first.next_cursor)
    assert [one.number[-1] for one in first.items + second.items] == ["2", "1"]


async def test_the_household_sees_its_file(world: World, app: Any) -> None:
    file_no = await opened(world)
    spouse = await as_member(world, 2)
    browser = await browse(app, spouse)
    [seen] = (await browser.get("/api/v1/me/aid/files")).json()
    assert (seen["number"], seen["head_name"], seen["grade_text"]) == (file_no, "王小甲", "相对困难")
    page = (await browser.get("/me/aid")).text
    assert file_no in page and "相对困难" in page
    stranger = await browse(app, await person(world))
    assert (await stranger.get("/api/v1/me/aid/files")).json() == []


async def test_pages_of_the_desk(world: World, app: Any) -> None:
    file_no = await opened(world)
    await commands.review_file(world.aid, reviewed=reviewed(file_no, Grade.DEEP))
    clerk = await browse(app, world.clerk)
    listed = (await clerk.get("/desk/aid/files")).text
    assert file_no in listed and "王*甲" in listed and "王小甲" not in listed
    assert "没有这样的档案" in (await clerk.get("/desk/aid/files?grade=accident")).text
    [one] = (await clerk.get("/api/v1/desk/aid/files")).json()["items"]
    page = (await clerk.get(f"/desk/aid/files/{one['id']}")).text
    for words in ("深度困难", "复核，类别变更", "王*乙", "¥600.00", "/desk/cases/KN2026-000001"):
        assert words in page
    clock.freeze(clock.start_of(date(2027, 3, 11)))
    clerk = await browse(app, world.clerk)
    assert "复核逾期" in (await clerk.get("/desk/aid/files?due=true")).text
    assert "复核逾期" in (await clerk.get(f"/desk/aid/files/{one['id']}")).text
    far = await browse(app, world.far_clerk)
    assert (await far.get(f"/desk/aid/files/{one['id']}")).status_code == 404
    nobody = await browse(app, msgspec.structs.replace(await person(world)))
    assert (await nobody.get("/desk/aid/files")).status_code == 403


# ---- races -------------------------------------------------------------------------


@pytest.mark.race(control="test_without_the_unique_key_a_household_has_several_files")
async def test_ten_cases_of_a_household_at_once_open_one_file(world: World) -> None:
    answers = await open_at_once(world)
    numbers = {one["record_no"] for one in answers if isinstance(one, dict)}
    assert len(numbers) == 1
    assert {one.code for one in answers if isinstance(one, AppError)} <= {"hardship_taken_meanwhile"}
    assert await database.scalar("SELECT COUNT(*) FROM hardship_file") == 1
    assert await wrong() == []


@pytest.mark.race(is_control=True)
async def test_without_the_unique_key_a_household_has_several_files(world: World) -> None:
    """The control of the race above: the guard is off."""
    if database.is_sqlite():
        pytest.skip("SQLite runs one command after the other")
    sql = "SHOW INDEX FROM hardship_person WHERE Column_name = 'active_key'"
    [index] = {row["Key_name"] for row in await database.rows(sql)}
    await database.execute(f"ALTER TABLE hardship_person DROP INDEX `{index}`")
    try:
        await open_at_once(world)
        made = await database.scalar("SELECT COUNT(*) FROM hardship_file")
    finally:
        await database.execute("DELETE FROM hardship_person")
        await database.execute(f"ALTER TABLE hardship_person ADD UNIQUE INDEX `{index}` (active_key)")
    assert made > 1


async def open_at_once(world: World) -> list[Any]:
    """Ten cases, each of a child whose mother is in all of them."""

    async def one(case: int) -> Any:
        return await commands.open_file(world.aid, household=household(world, case, (100 + case, 2)))

    return await asyncio.gather(*(one(case) for case in range(1, 11)), return_exceptions=True)
