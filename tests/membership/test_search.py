"""What staff find, and what they do not."""

from datetime import date

import pytest
from tortoise.connection import get_connections

from backend.core import database, ids
from backend.core.actor import Actor
from backend.core.errors import BadRequest, NotFound
from backend.membership import queries
from tests.membership.samples import Tree, admit, clerk, id_no, person, phone


async def names(actor: Actor, q: str = "", *, status: str = "") -> list[str]:
    return [row.name for row in (await queries.members_in_scope(actor, q=q, status=status)).items]


@pytest.fixture
async def people(tree: Tree) -> Tree:
    await admit(tree.couriers, 1, name="王小测")
    await admit(tree.couriers, 2, name="王测")
    await admit(tree.couriers, 3, name="曾小试")
    await admit(tree.teachers, 4, name="买买提·艾力")
    await admit(tree.town, 5, name="𠮷小测", id_no=id_no(5, born=date(1971, 1, 1)))
    return tree


async def test_scope(people: Tree) -> None:
    assert await names(await clerk(people.county)) == ["𠮷小测", "买买提·艾力", "曾小试", "王测", "王小测"]
    assert await names(await clerk(people.town)) == ["𠮷小测", "曾小试", "王测", "王小测"]
    assert await names(await clerk(people.couriers)) == ["曾小试", "王测", "王小测"]
    assert await names(await clerk(people.other_town)) == ["买买提·艾力"]
    assert await names(await clerk(people.town, permissions=frozenset({"case.view"}))) == []
    assert await names(await person(1)) == []


async def test_what_may_be_typed(people: Tree) -> None:
    county = await clerk(people.county)
    found = {
        q: await names(county, q)
        for q in ("王", "王小", "小测", "wxc", "W", "zxs", "mmtal", "𠮷", "吉", id_no(3), id_no(3).lower(), phone(2),
                  "+86 154-0000-0002", "9901212", "9901212026000004", "x' OR '1'='1", "%", "_", "王%")
    }  # fmt: skip
    first_numbers = [row.name for row in (await queries.members_in_scope(county, q="9901212")).items]
    assert found == {
        "王": ["王小测", "王测"],
        "王小": ["王小测"],
        "小测": [],
        "wxc": ["王小测"],
        "W": ["王测", "王小测"],
        "zxs": ["曾小试"],
        "mmtal": ["买买提·艾力"],
        "𠮷": ["𠮷小测"],
        "吉": [],
        id_no(3): ["曾小试"],
        id_no(3).lower(): ["曾小试"],
        phone(2): ["王测"],
        "+86 154-0000-0002": ["王测"],
        "9901212": first_numbers,
        "9901212026000004": await names(county, "9901212026000004"),
        "x' OR '1'='1": [],
        "%": [],
        "_": [],
        "王%": [],
    }
    assert len(first_numbers) == 5


async def test_numbers_of_others_find_nothing(people: Tree) -> None:
    town = await clerk(people.other_town)

    for q in (id_no(1), phone(1), "王小测", "wxc"):
        assert await names(town, q) == []


async def test_pages_follow_each_other_without_gap(people: Tree) -> None:
    county = await clerk(people.county)
    seen: list[str] = []
    cursor = None
    while True:
        page = await queries.members_in_scope(county, limit=2, cursor=cursor)
        seen += [row.name for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == await names(county)
    with pytest.raises(BadRequest):
        await queries.members_in_scope(county, cursor="made-up")


@pytest.mark.parametrize("q", ["王", "w", "9901212"])
async def test_pages_of_a_search_follow_each_other(people: Tree, q: str) -> None:
    county = await clerk(people.county)
    seen: list[str] = []
    page = await queries.members_in_scope(county, q=q, limit=1)
    while True:
        seen += [row.name for row in page.items]
        if page.next_cursor is None:
            break
        page = await queries.members_in_scope(county, q=q, limit=1, cursor=page.next_cursor)
    assert seen == await names(county, q)
    assert len(seen) == {"王": 2, "w": 2, "9901212": 5}[q]


async def test_by_status(people: Tree) -> None:
    await database.execute("UPDATE member SET status = 'left' WHERE name = %s", "王测")

    assert await names(await clerk(people.town), "王", status="left") == ["王测"]


@pytest.mark.parametrize("members", [1, 3])
async def test_two_queries_for_any_number_of_rows(tree: Tree, members: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(members):
        await admit(tree.couriers, number + 1)
    actor = await clerk(tree.town)
    asked: list[str] = []
    client = get_connections().get(database.ALIAS)
    plain = client.execute_query_dict

    async def counting(sql: str, values: list | None = None) -> list[dict]:
        asked.append(sql)
        return await plain(sql, values)

    monkeypatch.setattr(client, "execute_query_dict", counting)
    assert len((await queries.members_in_scope(actor)).items) == members

    assert len(asked) == 2


async def test_one_member_in_detail(people: Tree) -> None:
    town = await clerk(people.town)
    [row] = (await queries.members_in_scope(town, q="王小测")).items

    found = await queries.detail(row.id, town)

    assert dict(found.facts)["所属工会"] == "黄枫镇快递行业工会联合会"
    assert dict(found.facts)["工作所在地"].endswith("黄枫镇")
    assert [(line.name, line.masked) for line in found.sensitive] == [
        ("id_no", "990001********001X"),
        ("phone", "154****0001"),
    ]
    assert [(line.title, line.reason, line.reference) for line in found.history] == [
        ("加入黄枫镇快递行业工会联合会", "入会", "JR1")
    ]
    assert id_no(1) not in str(found)
    for stranger in (await clerk(people.other_town), await person(1)):
        with pytest.raises(NotFound):
            await queries.detail(row.id, stranger)
    with pytest.raises(NotFound):
        await queries.detail("nonsense", town)
    with pytest.raises(NotFound):
        await queries.detail(ids.public(ids.new_id()), town)
