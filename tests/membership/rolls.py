"""Sheets of a roll and their imports, for the tests of both."""

from collections.abc import Sequence
from datetime import date

from backend.core import database, ids
from backend.core.actor import Actor
from backend.membership import commands, queries
from backend.membership.schemas import ImportView
from tests.core.test_sheets import workbook
from tests.membership.samples import id_no, phone, stored

HEADER = ("姓名", "身份证号", "手机号", "所属工会", "入会日期", "就业形态", "新就业群体", "工作单位")
COURIERS = "黄枫镇快递行业工会联合会"
SURNAMES = "赵钱孙李周吴郑王冯陈"


def line(number: int, **others: str) -> list[str]:
    cells = {
        "name": f"{SURNAMES[number % 10]}小测",
        "id_no": id_no(number % 999 + 1, born=date(1970 + number // 999, 5, 1)),
        "phone": phone(number),
        "union": COURIERS,
        "joined_on": "2020-03-05",
        "employ_form": "新就业形态",
        "newform_group": "快递员",
        "employer": "顺达速运",
    } | others
    return list(cells.values())


async def request(
    actor: Actor, rows: Sequence[Sequence[str]], *, dry_run: bool = False, name: str = "名册.xlsx"
) -> str:
    return await commands.request_import(
        actor,
        content=workbook([HEADER, *rows]),
        name=name,
        union=ids.public(actor.posts[0].union_id),
        dry_run=dry_run,
    )


async def run(import_id: str) -> int:
    """Work an import to its end; the number of steps."""
    steps = 1
    while not await commands.import_chunk(ids.parse(import_id) or 0):
        steps += 1
    return steps


async def imported(actor: Actor, rows: Sequence[Sequence[str]], *, dry_run: bool = False) -> ImportView:
    import_id = await request(actor, rows, dry_run=dry_run)
    await run(import_id)
    return await queries.import_view(import_id, actor)


def counts(view: ImportView) -> tuple[int, int, int, int]:
    return view.added, view.updated, view.unchanged, view.refused


async def roll_as_stored() -> list[tuple[object, ...]]:
    found = await database.rows("SELECT id FROM member ORDER BY id_no_index")
    rows = [await stored(row["id"]) for row in found]
    kept = (
        "name",
        "id_no",
        "phone",
        "union_id",
        "status",
        "joined_on",
        "employ_form",
        "newform_group",
        "employer",
        "version",
    )
    return [tuple(str(row[name]) for name in kept) for row in rows]
