"""The roll as a table: in one's own branches, masked by right."""

import pytest

from backend.casework.commands import exports
from backend.casework.schemas import ExportInput
from backend.core import ids
from backend.core.errors import Forbidden
from backend.core.models import AccessTrace
from tests.bindings.acting import id_no, member
from tests.casework.exports import REASON, csv_rows, fetched, made, table
from tests.casework.world import World


def whole(number: str) -> str:
    """A tab keeps a spreadsheet from rounding it; one that ends with X is no number to it."""
    return f"{number}\t" if number.isdecimal() else number


async def test_a_member_as_a_row(world: World) -> None:
    admitted = await member(world)
    [row] = await table(world.clerk, "members")
    assert row == {
        "会员号": admitted.member_no,
        "姓名": "王小测",
        "性别": "男" if int(id_no()[16]) % 2 else "女",
        "出生年份": 1990,
        "身份证号": f"{id_no()[:6]}********{id_no()[-4:]}",
        "手机号": "154****0001",
        "所属工会": "星城快递工会",
        "状态": "在籍",
        "状态自": "2026-03-10",
        "入会日期": "2026-03-10",
        "就业形态": None,
        "新就业群体": None,
        "工作单位": "测试快运",
        "工作所在地": row["工作所在地"],
        "户籍省份": row["户籍省份"],
    }
    assert await AccessTrace.all().count() == 0


async def test_open_numbers_stay_whole_in_a_spreadsheet_and_everybody_reads_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "ROWS", 2)
    members = [await member(world, sequence) for sequence in (1, 2, 3)]
    with pytest.raises(Forbidden):
        await exports.request(data=ExportInput(kind="members", reason=REASON, reveal=True), actor=world.clerk)

    view = await made(world.manager, "members", reveal=True, format="csv")

    names, *rows = csv_rows(await fetched(view, world.manager))
    found = [dict(zip(names, row, strict=True)) for row in rows]
    assert [(row["身份证号"], row["手机号"]) for row in found] == [
        (whole(id_no(sequence)), f"1540000000{sequence}") for sequence in (1, 2, 3)
    ]
    traces = await AccessTrace.all().order_by("subject_id")
    assert [(one.subject_kind, one.subject_id, one.field) for one in traces] == [
        ("member", one.id, f"export:{view.number}") for one in members
    ]


async def test_only_the_branch_and_what_the_filter_leaves(world: World) -> None:
    admitted = await member(world)
    assert (await made(world.far_clerk, "members")).problem == "没有符合条件的内容，没有生成文件。"
    for filters, count in (
        ({"union": ids.public(world.unit.id)}, 1),
        ({"union": ids.public(world.town.id), "status": "active"}, 1),
        ({"union": ids.public(world.far_town.id)}, 0),
        ({"status": "left"}, 0),
        ({"group": "courier"}, 0),
    ):
        assert (await made(world.manager, "members", filters=filters)).total == count, filters
    [row] = await table(world.manager, "members", filters={"union": ids.public(world.unit.id)})
    assert row["会员号"] == admitted.member_no
