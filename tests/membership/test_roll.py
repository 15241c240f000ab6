"""An existing roll coming in: whatever is interrupted or repeated, the result is that of one clean run."""

import unicodedata

import pytest

from backend.core import database, files, ids
from backend.core.actor import SYSTEM
from backend.core.errors import AppError, Conflict, NotFound
from backend.membership import commands, queries
from backend.membership.enums import MemberAct
from backend.unions import commands as unions
from backend.unions.enums import UnionKind, UnionLevel
from backend.unions.schemas import UnionInput
from tests.membership.rolls import COURIERS, counts, imported, line, request, roll_as_stored, run
from tests.membership.samples import TOWN, Tree, admit, clerk, id_no, person, phone, stored


async def test_a_clean_run(tree: Tree) -> None:
    actor = await clerk(tree.town)

    view = await imported(actor, [line(1), line(2)])

    assert (view.state, view.total, view.done, counts(view), view.problem) == ("done", 2, 2, (2, 0, 0, 0), "")
    assert [(row.row_no, row.result, row.message) for row in view.rows] == [(2, "added", ""), (3, "added", "")]
    [found] = (await queries.members_in_scope(actor, q=phone(1))).items
    assert (found.name, found.union.name, found.joined_on, found.status) == ("钱小测", COURIERS, "2020-03-05", "active")
    [change, _] = await database.rows("SELECT * FROM membership_change ORDER BY id")
    assert (change["reason"], change["reference"], change["actor_id"]) == ("导入会员名册", view.id, actor.account_id)
    assert await database.scalar("SELECT COUNT(*) FROM roll_import_chunk") == 0


async def test_the_same_file_twice_changes_nothing(tree: Tree) -> None:
    actor = await clerk(tree.town)
    rows = [line(number) for number in range(1, 6)]
    await imported(actor, rows)
    before = await roll_as_stored()

    again = await imported(actor, rows)

    assert counts(again) == (0, 0, 5, 0)
    assert await roll_as_stored() == before
    assert await database.scalar("SELECT COUNT(*) FROM membership_change") == 5


async def test_a_newer_sheet_updates_what_it_knows_better(tree: Tree) -> None:
    actor = await clerk(tree.town)
    await imported(actor, [line(1), line(2)])

    view = await imported(actor, [line(1, phone=phone(77), employer="飞达速运"), line(2), line(3)])

    assert counts(view) == (1, 1, 1, 0)
    [found] = (await queries.members_in_scope(actor, q=phone(77))).items
    row = await stored(ids.parse(found.id) or 0)
    assert (row["phone"], row["employer"], row["version"]) == (phone(77), "飞达速运", 2)


async def test_a_dry_run_writes_its_report_alone(tree: Tree) -> None:
    actor = await clerk(tree.town)
    await imported(actor, [line(1)])
    before = await roll_as_stored()

    rows = [line(1, employer="别处"), line(2), line(3, name=""), line(2)]
    view = await imported(actor, rows, dry_run=True)

    assert counts(view) == (1, 1, 0, 2)
    assert await roll_as_stored() == before
    assert await database.scalar("SELECT COUNT(*) FROM membership_change") == 1
    assert await database.scalar("SELECT next FROM sequence") == 2
    really = await imported(actor, rows)
    assert counts(really) == counts(view)


async def test_a_union_is_found_whatever_spaces_and_normal_form_its_name_came_in(tree: Tree) -> None:
    data = UnionInput(
        name="黄枫镇 Café 工会",
        kind=UnionKind.GRASSROOTS,
        level=UnionLevel.UNIT,
        division=TOWN,
        parent_id=ids.public(tree.town),
    )
    union = await unions.create_union(data, SYSTEM)
    typed = unicodedata.normalize("NFD", "\u3000黄枫镇\u3000Café \u00a0 工会 ")

    view = await imported(await clerk(tree.town), [line(1, union=typed)])

    assert counts(view) == (1, 0, 0, 0)
    assert await database.scalar("SELECT union_id FROM member") == union


async def test_each_refused_row_says_why(tree: Tree) -> None:
    actor = await clerk(tree.town)
    left = await admit(tree.couriers, 900)
    await commands.change_status(SYSTEM, member_id=left.id, act=MemberAct.LEAVE, reason="")
    await admit(tree.teachers, 901)
    await admit(tree.town, 902)

    view = await imported(
        actor,
        [
            line(1, id_no="4.30121E+17"),
            line(2, union="没有的工会"),
            line(3, union="安陂中学工会"),
            line(4, joined_on="2023-02-30"),
            ["王小测", id_no(900), "", COURIERS],
            ["王小测", id_no(901), "", COURIERS],
            ["王小测", id_no(902), "", COURIERS],
            ["李小试", id_no(902), "", "黄枫镇总工会"],
            line(5),
            line(5),
        ],
    )

    assert counts(view) == (1, 0, 0, 9)
    assert {row.row_no: (row.field, row.message) for row in view.rows if row.result == "refused"} == {
        2: ("id_no", "这一格被电子表格改成了科学计数法，后几位数字已经丢失。请把该列设为文本后重新填写"),
        3: ("union", "没有找到工会“没有的工会”，或不在您管理的范围内"),
        4: ("union", "没有找到工会“安陂中学工会”，或不在您管理的范围内"),
        5: ("joined_on", "入会日期看不懂或没有这一天，请写成 2020-03-15 这样"),
        6: ("id_no", "会员档案里登记为“已退会”，重新入会请走入会申请"),
        7: ("union", "已经是“安**工会”的会员，换工会请办理会籍转接"),
        8: ("union", "已经是“黄枫镇总工会”的会员，换工会请办理会籍转接"),
        9: ("id_no", "和第 8 行是同一个证件号，只看前面那一行"),
        11: ("id_no", "和第 10 行是同一个证件号，只看前面那一行"),
    }


async def test_rows_without_a_union_join_the_one_of_the_import(tree: Tree) -> None:
    town = await imported(await clerk(tree.town), [line(1, union="")])
    county = await imported(await clerk(tree.county), [line(2, union="")])

    assert counts(town) == (1, 0, 0, 0)
    assert county.rows[0].message == "“星城县总工会”不直接接收会员，请在“所属工会”一列写明基层工会"


async def test_the_phone_of_anothers_account_is_left_out(tree: Tree) -> None:
    holder = await person(1)
    await admit(tree.couriers, 500, phone=phone(1), account_id=holder.account_id)
    actor = await clerk(tree.town)

    view = await imported(actor, [line(1)])

    assert counts(view) == (1, 0, 0, 0)
    assert view.rows[0].message == "手机号已绑定另一位会员，没有登记，请核对"
    [found] = (await queries.members_in_scope(actor, q=str(line(1)[1]))).items
    assert (await stored(ids.parse(found.id) or 0))["phone"] == ""
    assert counts(await imported(actor, [line(1)])) == (0, 0, 1, 0)


async def test_nobody_is_bound_by_an_import(tree: Tree) -> None:
    await person(1)

    await imported(await clerk(tree.town), [line(1)])

    assert (await person(1)).member_id is None
    confirmed = await commands.confirm_identity(await person(1), id_no=str(line(1)[1]))
    assert confirmed.union.name == COURIERS


async def test_the_proven_phone_of_a_bound_member_stays(tree: Tree) -> None:
    actor = await clerk(tree.town)
    await imported(actor, [line(1)])
    await person(1)
    await commands.confirm_identity(await person(1), id_no=str(line(1)[1]))

    assert counts(await imported(actor, [line(1, phone=phone(88))])) == (0, 0, 1, 0)
    assert (await stored((await person(1)).member_id or 0))["phone"] == phone(1)


async def test_a_sheet_that_is_no_roll_fails_with_one_sentence(tree: Tree) -> None:
    actor = await clerk(tree.town)
    import_id = await commands.request_import(
        actor, content="商品,价格\n苹果,3\n".encode(), name="价目.csv", union=ids.public(tree.town), dry_run=False
    )

    assert await run(import_id) == 1

    view = await queries.import_view(import_id, actor)
    assert (view.state, view.total, view.rows) == ("failed", 0, [])
    assert view.problem == "表里没有找到“姓名”和“身份证号”这两列，请检查是不是选错了表格。"
    assert await commands.import_chunk(ids.parse(import_id) or 0)
    topics = await database.rows("SELECT topic FROM outbox WHERE topic LIKE 'membership.Roll%%' ORDER BY id")
    assert [row["topic"] for row in topics] == ["membership.RollImportRequested", "membership.RollImportFinished"]


async def test_what_is_no_sheet_is_refused_at_once(tree: Tree) -> None:
    actor = await clerk(tree.town)

    with pytest.raises(AppError) as refusal:
        await commands.request_import(
            actor, content=b"\x89PNG\r\n\x1a\n", name="a.xlsx", union=ids.public(tree.town), dry_run=False
        )

    assert refusal.value.status == 415
    assert await database.scalar("SELECT COUNT(*) FROM roll_import") == 0


async def test_scope(tree: Tree) -> None:
    town, sibling = await clerk(tree.town), await clerk(tree.other_town)
    import_id = await request(town, [line(1)])

    with pytest.raises(NotFound):
        await queries.import_view(import_id, sibling)
    with pytest.raises(NotFound):
        await queries.report_rows(import_id, sibling)
    with pytest.raises(NotFound):
        await commands.request_import(sibling, content=b"x", name="", union=ids.public(tree.town), dry_run=True)
    assert await queries.imports_of(sibling) == []
    assert [one.id for one in await queries.imports_of(await clerk(tree.county))] == [import_id]
    with pytest.raises(Conflict):
        await queries.report_rows(import_id, town)
    await run(import_id)
    assert await queries.report_rows(import_id, town) == [(2, "新增", "", "")]


async def test_the_sheet_and_its_chunks_lie_encrypted(tree: Tree) -> None:
    import_id = await request(await clerk(tree.town), [line(1)])
    await commands.import_chunk(ids.parse(import_id) or 0)

    chunk = await database.scalar("SELECT sealed FROM roll_import_chunk")
    file_id = await database.scalar("SELECT file_id FROM roll_import")
    assert str(line(1)[1]) not in chunk
    assert b"PK" not in files.path_of(file_id).read_bytes()[:40]


async def test_large_sheets_report_what_was_refused(tree: Tree) -> None:
    actor = await clerk(tree.town)

    view = await imported(actor, [line(number, name="" if number % 300 == 0 else "王小测") for number in range(1, 602)])

    assert (view.total, view.refused) == (601, 2)
    assert [row.row_no for row in view.rows] == [301, 601]
    assert len(await queries.report_rows(view.id, actor)) == 601


@pytest.mark.parametrize("rows", [1, 300])
async def test_a_chunk_takes_a_fixed_number_of_statements(
    tree: Tree, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = await clerk(tree.town)
    import_id = await request(actor, [line(number) for number in range(1, rows + 1)])
    await commands.import_chunk(ids.parse(import_id) or 0)
    asked = 0
    for name in ("rows", "execute", "execute_many"):
        plain = getattr(database, name)

        async def counting(*args: object, plain=plain) -> object:
            nonlocal asked
            asked += 1
            return await plain(*args)

        monkeypatch.setattr(database, name, counting)

    await commands.import_chunk(ids.parse(import_id) or 0)

    assert asked == 18
