"""Who is meant: the database answers like the language itself, and what is unknown is never silently included."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from backend.core import clock, database, ids, predicates
from backend.core.errors import Invalid
from backend.membership import queries as members
from backend.membership.enums import Outer
from backend.unions import queries as unions
from tests.membership.samples import Tree, make_tree

# (household, gender, born, form, group, division, joined)
PEOPLE: list[tuple[str, str, int, int, str, str, str, date]] = [
    ("43", "m", 1990, 3, "newform", "courier", "990121100", date(2020, 5, 1)),
    ("44", "f", 1985, 12, "newform", "delivery", "990121101", date(2021, 5, 1)),
    ("", "f", 2001, 1, "contract", "", "990121101", date(2026, 1, 1)),
    ("81", "m", 1970, 3, "", "", "", date(2010, 1, 1)),
    ("71", "f", 1999, 6, "dispatch", "", "990121100", date(2019, 8, 9)),
    ("", "m", 1990, 3, "newform", "ride", "", date(2026, 3, 10)),
    ("83", "m", 1990, 3, "flexible", "", "990121100", date(2025, 12, 31)),
    ("36", "m", 1964, 11, "newform", "courier", "990121100", date(2024, 2, 29)),
]


@pytest.fixture
async def tree(db: None, freeze: Any) -> Tree:
    freeze("2026-03-10T09:00:00+08:00")
    made = await make_tree()
    for number, person in enumerate(PEOPLE, 1):
        await _member(number, made.couriers, person)
    await _member(90, made.teachers, PEOPLE[1])
    await _member(91, made.couriers, PEOPLE[1], status="left")
    return made


async def _member(number: int, union_id: int, person: tuple[Any, ...], *, status: str = "active") -> None:
    household, gender, year, month, form, group, division, joined = person
    row = {
        "id": number,
        "member_no": f"99012120260000{number:02d}",
        "name": "王小测",
        "initials": "wxc",
        "id_no_index": f"{number:032d}",
        "id_no_sealed": "",
        "phone_sealed": "",
        "gender": gender,
        "birth_year": year,
        "birth_month": month,
        "household_province": household,
        "status": status,
        "status_since": joined,
        "union_id": union_id,
        "division": division,
        "employ_form": form,
        "newform_group": group,
        "employer": "",
        "joined_on": joined,
        "version": 1,
        "created_at": clock.now(),
    }
    await database.insert("member", row)


async def path_of(union_id: int) -> str:
    place = await unions.place(union_id)
    assert place is not None
    return place.path


async def meant(tree: Tree, rule: str, outer: Outer | None = None, *, union: int | None = None) -> list[int]:
    chosen = members.target_selection(rule=rule, outer=outer, path=await path_of(union or tree.town))
    return await members.select_ids(chosen, after=0, limit=100)


async def test_outside_the_province_with_the_outer_ones_as_said(tree: Tree) -> None:
    rule = "member.household_province != 43"
    assert await meant(tree, rule, Outer.INCLUDE) == [2, 4, 5, 7, 8]
    assert await meant(tree, rule, Outer.EXCLUDE) == [2, 8]
    chosen = members.target_selection(rule=rule, outer=Outer.EXCLUDE, path=await path_of(tree.town))
    counted = await members.count_selected(chosen)
    assert (counted.eligible, counted.unknown) == (2, 2)
    apart = await members.selected_members(chosen, unknown=True)
    assert [one.id for one in apart.items] == [ids.public(3), ids.public(6)]
    assert [one.name for one in apart.items] == ["王*测", "王*测"]
    asked = [await members.is_selected(chosen, number) for number in (1, 2, 3, 4, 90, 91, 92)]
    assert asked == [False, True, None, False, False, False, False]


async def test_only_members_in_good_standing_below_the_union(tree: Tree) -> None:
    assert await meant(tree, "") == [1, 2, 3, 4, 5, 6, 7, 8]
    assert await meant(tree, "", union=tree.other_town) == [90]
    assert await meant(tree, "", union=tree.county) == [1, 2, 3, 4, 5, 6, 7, 8, 90]
    first = await members.selected_members(
        members.target_selection(rule="", outer=None, path=await path_of(tree.county)), unknown=False, limit=5
    )
    assert [ids.parse(one.id) for one in first.items] == [1, 2, 3, 4, 5]
    rest = await members.selected_members(
        members.target_selection(rule="", outer=None, path=await path_of(tree.county)),
        unknown=False,
        limit=5,
        cursor=first.next_cursor,
    )
    assert ([ids.parse(one.id) for one in rest.items], rest.next_cursor) == ([6, 7, 8, 90], None)


RULES = [
    "member.newform_group in courier|delivery",
    "not member.newform_group in courier|delivery",
    "member.household_province == '44' or member.gender == f",
    "member.employ_form == newform and member.household_province != 43",
    "1 <= member.birth_month <= 6",
    "member.birth_year >= 1990 and not (member.gender == m and member.birth_month == 3)",
    "member.joined_on <= '2020-12-31' or member.joined_on == today",
    "'2021-01-01' < member.joined_on",
    "member.town != '990121100'",
    "43 != member.household_province",
]


@pytest.mark.parametrize("rule", RULES)
async def test_the_database_answers_as_the_language_does(tree: Tree, rule: str) -> None:
    for number, person in enumerate(PEOPLE, 1):
        chosen = members.target_selection(rule=rule, outer=Outer.INCLUDE, path=await path_of(tree.county))
        assert await members.is_selected(chosen, number) is _evaluated(rule, person), (rule, number)


def _evaluated(rule: str, person: tuple[Any, ...]) -> bool | None:
    household, gender, year, month, form, group, division, joined = person
    known = {
        "member.household_province": int(household) if household and "'" not in rule else household or None,
        "member.gender": gender,
        "member.birth_year": year,
        "member.birth_month": month,
        "member.employ_form": form or None,
        "member.newform_group": group or None,
        "member.town": division[:9] or None,
        "member.joined_on": joined,
    }
    return predicates.evaluate(predicates.parse(rule), known.get, today=clock.today())


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("member.shoe_size > 40", "target_unknown_fact"),
        ("member.age > 40 and member.gender == m", "target_unknown_fact"),
        ("member.gender", "target_not_understood"),
        ("member.gender ==", "target_not_understood"),
        ("drop table member", "target_not_understood"),
        ("member.gender == x", "target_wrong_value"),
        ("member.household_province == 99999", "target_wrong_value"),
        ("member.household_province in 43|47", "target_wrong_value"),
        ("member.gender > f", "target_no_order"),
        ("member.birth_year == many", "target_wrong_value"),
        ("member.birth_year < 99999999999999999999", "target_wrong_value"),
        ("member.joined_on < 2020", "target_wrong_value"),
        ("member.birth_year == member.birth_month", "target_form"),
        ("member.birth_year + 1 == 2000", "target_form"),
        ("days(member.joined_on, today) > 3", "target_form"),
        ("1 == 1", "target_form"),
        ("member.gender == m and " * 20 + "member.gender == m", "target_too_long"),
    ],
)
def test_what_is_not_understood_is_said_at_the_field(rule: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        members.target_selection(rule=rule, outer=Outer.INCLUDE, path="/")
    assert (caught.value.code, [error.field for error in caught.value.errors]) == (code, ["target_rule"])
    assert len(caught.value.errors[0].message) < 300


def test_somebody_has_to_say_what_becomes_of_the_outer_ones() -> None:
    asked = members.check_outer(members.parse_target("member.household_province != 43"), None)
    assert asked is not None
    assert (asked.code, asked.errors[0].field) == ("target_outer_missing", "outer")
    assert members.check_outer(members.parse_target("member.household_province != 43"), Outer.EXCLUDE) is None
    assert members.check_outer(members.parse_target("member.gender == f"), None) is None
    assert members.check_outer(None, None) is None


@pytest.mark.parametrize(
    ("rule", "outer", "said"),
    [
        ("", None, "全体在册会员"),
        ("member.household_province != 43", Outer.EXCLUDE, "户籍省份不是湖南省（不包括香港、澳门、台湾户籍）"),
        (
            "member.newform_group in courier|ride and not member.gender == m",
            None,
            "就业群体是快递员、网约车司机，并且不符合（性别是男）",
        ),
        ("member.birth_year >= 1990 or member.joined_on < today", None, "（出生年份不低于1990，或者入会日期早于今天）"),
    ],
)
def test_the_rule_in_words(rule: str, outer: Outer | None, said: str) -> None:
    assert members.target_words(rule, outer) == said


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_whatever_is_typed_is_refused_or_understood(text: str) -> None:
    try:
        members.target_selection(rule=text, outer=Outer.INCLUDE, path="/")
    except Invalid as refused:
        assert refused.code.startswith("target_")
