"""A sheet instead of typing: judged row by row, taken over when its sender says so, and nothing typed is lost."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

from backend.casework import catalogue, commands, queries
from backend.casework.commands import tables
from backend.casework.commands.access import content_of
from backend.casework.forms import sheet_rows
from backend.casework.models import Case
from backend.casework.schemas import DraftInput, SubmitInput, TableSheetView, TableTake
from backend.core import clock, database, ids, national, sheets
from backend.core.actor import Actor
from backend.core.errors import AppError, Conflict, Invalid, NotFound
from backend.core.models import AccessTrace
from backend.core.settings import CONFIG_DIR
from backend.membership import commands as members
from backend.membership.schemas import NewMember
from tests.casework.browser import browse, hidden
from tests.casework.exports import table
from tests.casework.samples import folder
from tests.casework.world import AID, SAMPLE_BINDINGS, SETUP, World, decide, flag, person

SLUG, FIELD = "member-recruit", "roster"
PAGE = f"/services/{SLUG}/tables/{FIELD}"
HEADING = ["姓名", "身份证号", "手机号", "从事的行业"]
LOST = "这一格被电子表格改成了科学计数法，后几位数字已经丢失。请把该列设为文本后重新填写"
BATCH = {
    "campaign_name": "春季入会",
    "target_groups": ["courier"],
    "start_date": "2026-03-01",
    "end_date": "2026-03-31",
}


@pytest.fixture(scope="module")
def with_roster(tmp_path_factory: pytest.TempPathFactory, kernel: None) -> catalogue.Catalogue:
    recruit = (CONFIG_DIR / "catalogue" / "member-recruit.yaml").read_text("utf-8")
    base: Path = tmp_path_factory.mktemp("config")
    texts = {"sample_aid": AID, "sample_setup": SETUP, "member_recruit": recruit}
    return catalogue.open_catalogue(folder(base, **texts), SAMPLE_BINDINGS)


@pytest.fixture(autouse=True)
def _catalogue(services: None, with_roster: catalogue.Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_current", with_roster)


@pytest.fixture
async def clerk_of_unit(world: World) -> Actor:
    """Whoever brings the list of a workplace signs in by phone like anybody."""
    return await person(world)


def id_no(sequence: int) -> str:
    return national.synthetic_id_no(
        date(1980 + sequence // 900, 1 + sequence % 12, 1 + sequence % 28), sequence % 900 + 1
    )


def line(sequence: int, **changes: str) -> list[str]:
    cells = {"name": "王小测", "id_no": id_no(sequence), "mobile": f"154{sequence:08d}", "group": "快递员"} | changes
    return [cells["name"], cells["id_no"], cells["mobile"], cells["group"]]


def as_row(sequence: int, **changes: str) -> dict[str, str]:
    return {"name": "王小测", "id_no": id_no(sequence), "mobile": f"154{sequence:08d}", "group": "courier"} | changes


def csv_sheet(*rows: list[str], heading: list[str] = HEADING) -> bytes:
    return sheets.csv_bytes(heading, rows)


def roster() -> queries.tables.Place:
    return queries.tables.in_draft(SLUG, FIELD)


async def send(actor: Actor, content: bytes, name: str = "花名册.csv") -> TableSheetView:
    await tables.take_sheet(at=roster(), content=content, name=name, actor=actor)
    found = await queries.tables.table_sheet(roster(), actor)
    assert found is not None
    return found


async def take(actor: Actor, seen: TableSheetView, mode: str = "add") -> int:
    data = TableTake(sheet=seen.id, mode=mode)
    return (await tables.take_rows(at=roster(), data=data, actor=actor)).rows


async def in_draft(actor: Actor) -> list[dict[str, Any]]:
    return await queries.tables.rows_before(roster(), actor)


# ---- five thousand --------------------------------------------------------------------------


def big_sheet() -> tuple[bytes, list[int]]:
    """5,000 people in a workbook, every 135th of them wrong in one of four ways: 37 rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["二季度入会花名册"])
    sheet.append(["序号", "姓 名", "*身份证号码", "联系电话", "从事的行业"])
    bad = []
    for number in range(5_000):
        cells: list[Any] = [number + 1, *line(number)]
        if number % 135 == 134:
            bad.append(number + 3)
            cells[1:5] = [
                [cells[1], 4.30121199003071e17, cells[3], cells[4]],
                ["", cells[2], cells[3], cells[4]],
                [cells[1], cells[2], "1540000", cells[4]],
                [cells[1], cells[2], cells[3], "宇航员"],
            ][len(bad) % 4]
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue(), bad


async def test_five_thousand_rows_with_thirty_seven_bad_ones(world: World, clerk_of_unit: Actor) -> None:
    content, bad = big_sheet()
    assert len(bad) == 37
    form = {**BATCH, "org_ref": ids.public(world.unit.id)}
    await commands.save_draft(slug=SLUG, data=DraftInput(form=form), actor=clerk_of_unit)

    seen = await send(clerk_of_unit, content, "花名册.xlsx")

    assert (seen.total, seen.good, seen.added, seen.wrong, seen.unused) == (5_000, 4_963, 4_963, 37, ["序号"])
    assert [one.row for one in seen.report] == bad
    assert {(one.column, one.message) for one in seen.report} == {
        ("身份证号", LOST),
        ("姓名", "请填写姓名"),
        ("手机号", next(one.message for one in seen.report if one.column == "手机号")),
        ("从事的行业", "请从给出的选项中选择"),
    }
    assert await in_draft(clerk_of_unit) == []
    stored = await database.scalar("SELECT sealed FROM table_sheet")
    assert id_no(1) not in stored

    assert await take(clerk_of_unit, seen) == 4_963

    rows = await in_draft(clerk_of_unit)
    assert (len(rows), rows[0]) == (4_963, as_row(0))
    draft = await queries.draft(SLUG, clerk_of_unit)
    assert {name: draft.form[name] for name in form} == form
    assert draft.form[FIELD][0]["id_no"] == national.mask_id_no(id_no(0))
    left = await queries.tables.table_sheet(roster(), clerk_of_unit)
    assert left is not None
    assert (left.taken, left.rows, left.wrong, left.good) == (True, 4_963, 37, 0)
    heading, wrong = await queries.tables.wrong_rows(roster(), clerk_of_unit)
    assert heading == ["原行号", "要改什么", *HEADING]
    assert [row[0] for row in wrong] == bad
    assert wrong[1][1] == "手机号：" + next(one.message for one in seen.report if one.column == "手机号")

    number = await commands.submit(
        slug=SLUG, data=SubmitInput(form={}), actor=clerk_of_unit, screen=frozenset({"invite_mobiles"})
    )

    shown = await queries.own_case(number, clerk_of_unit)
    assert len(shown.form[FIELD]) == 4_963
    [listed] = [one for one in shown.fields if one.name == FIELD]
    assert (len(listed.rows), listed.kept) == (100, 4_963)


async def test_what_was_corrected_comes_in_the_same_way(world: World, clerk_of_unit: Actor) -> None:
    first = await send(clerk_of_unit, csv_sheet(line(1), line(2, mobile="154"), line(3)))
    await take(clerk_of_unit, first)
    heading, rows = await queries.tables.wrong_rows(roster(), clerk_of_unit)
    assert rows[0][0] == 3
    rows[0][4] = "15400000002"

    again = await send(clerk_of_unit, sheets.xlsx_bytes(heading, rows), "要改的行.xlsx")

    assert (again.good, again.added, again.wrong, again.unused) == (1, 1, 0, ["原行号", "要改什么"])
    assert await take(clerk_of_unit, again) == 3
    assert await in_draft(clerk_of_unit) == [as_row(1), as_row(3), as_row(2)]


# ---- nothing typed is lost --------------------------------------------------------------------


async def test_typed_rows_stay_the_same_person_is_one_row_and_all_may_be_replaced(
    world: World, clerk_of_unit: Actor
) -> None:
    typed = [as_row(1), as_row(2, mobile="15400000077")]
    await commands.save_draft(slug=SLUG, data=DraftInput(form={FIELD: typed, **BATCH}), actor=clerk_of_unit)
    seen = await send(clerk_of_unit, csv_sheet(line(1), line(2), line(3)))
    assert (seen.rows, seen.good, seen.same, seen.replaced, seen.added) == (2, 3, 1, 1, 1)
    assert await take(clerk_of_unit, seen) == 3
    assert await in_draft(clerk_of_unit) == [as_row(1), as_row(2), as_row(3)]
    other = await send(clerk_of_unit, csv_sheet(line(9)))
    assert await take(clerk_of_unit, other, "replace") == 1
    assert await in_draft(clerk_of_unit) == [as_row(9)]
    assert (await queries.draft(SLUG, clerk_of_unit)).form["campaign_name"] == "春季入会"


async def test_what_was_not_looked_at_is_not_taken(world: World, clerk_of_unit: Actor) -> None:
    old = await send(clerk_of_unit, csv_sheet(line(1)))
    new = await send(clerk_of_unit, csv_sheet(line(2)))
    with pytest.raises(Conflict) as changed:
        await take(clerk_of_unit, old)
    assert changed.value.code == "table_changed"
    await take(clerk_of_unit, new)
    with pytest.raises(Conflict):
        await take(clerk_of_unit, new)
    assert await in_draft(clerk_of_unit) == [as_row(2)]
    with pytest.raises(NotFound):
        await take(await person(world), new)


async def test_a_sheet_may_be_thrown_away_and_the_table_emptied(world: World, clerk_of_unit: Actor) -> None:
    await commands.save_draft(slug=SLUG, data=DraftInput(form={FIELD: [as_row(1)], **BATCH}), actor=clerk_of_unit)
    await send(clerk_of_unit, csv_sheet(line(2)))
    await tables.discard_sheet(at=roster(), actor=clerk_of_unit)
    assert await queries.tables.table_sheet(roster(), clerk_of_unit) is None
    assert await in_draft(clerk_of_unit) == [as_row(1)]
    await tables.empty_table(at=roster(), actor=clerk_of_unit)
    assert await in_draft(clerk_of_unit) == []
    assert (await queries.draft(SLUG, clerk_of_unit)).form["campaign_name"] == "春季入会"


async def test_sheets_that_nobody_takes_are_forgotten(world: World, clerk_of_unit: Actor) -> None:
    await send(clerk_of_unit, csv_sheet(line(1)))
    clock.advance(days=6)
    assert await tables.forget_old() == 0
    clock.advance(days=1, seconds=1)
    assert await tables.forget_old() == 1
    assert await database.scalar("SELECT COUNT(*) FROM table_sheet") == 0


# ---- refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "sheet_old_excel"),
        (b"PK\x03\x04broken", "sheet_unreadable"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(range(256)), "sheet_type_refused"),
        ("姓名,电话\n王小测,154".encode(), "table_no_heading"),
        ("姓名,身份证号,手机号\n".encode(), "table_empty"),
        ("姓名,身份证号,手机号\n".encode() + b"x" * (10 * 1024 * 1024), "sheet_too_large"),
        ("姓名,身份证号,手机号\n".encode() + "王,1,2\n".encode() * 5_001, "sheet_too_many_rows"),
    ],
)
async def test_what_is_no_sheet_for_this_table_says_why(
    world: World, clerk_of_unit: Actor, content: bytes, code: str
) -> None:
    with pytest.raises(AppError) as refused:
        await send(clerk_of_unit, content)
    assert refused.value.code == code
    assert await database.scalar("SELECT COUNT(*) FROM table_sheet") == 0


async def test_no_more_rows_than_the_table_takes(world: World, clerk_of_unit: Actor) -> None:
    """The preparing group of the sample has at most five."""
    content = sheets.csv_bytes(["姓名", "职务"], [[f"王小{word}", "组员"] for word in "甲乙丙丁戊己"])
    team = queries.tables.in_draft("sample-setup", "team")
    await tables.take_sheet(at=team, content=content, name="组.csv", actor=clerk_of_unit)
    seen = await queries.tables.table_sheet(team, clerk_of_unit)
    assert seen is not None
    with pytest.raises(Invalid) as refused:
        data = TableTake(sheet=seen.id)
        await tables.take_rows(at=team, data=data, actor=clerk_of_unit)
    assert "最多填 5 行，填入以后会有 6 行" in refused.value.errors[0].message


@pytest.mark.parametrize(("slug", "field"), [(SLUG, "campaign_name"), (SLUG, "none"), ("none", FIELD)])
def test_what_is_no_table(services: None, slug: str, field: str) -> None:
    with pytest.raises(NotFound):
        queries.tables.in_draft(slug, field)


# ---- cells --------------------------------------------------------------------------------------


def test_the_template_can_be_sent_back_as_it_is_filled_in(services: None) -> None:
    table = roster().table
    heading, shown = queries.tables.template_rows(table)
    assert (heading, shown[0][0], shown[0][3]) == (HEADING, "王示例", "货车司机")
    content = sheets.xlsx_bytes(heading, [*shown, line(1)])
    read = sheet_rows.read_sheet(content, table, today=clock.today())
    assert (read.good, read.bad) == ([as_row(1)], [])


def test_the_same_identity_number_twice_is_said(services: None) -> None:
    table = roster().table
    read = sheet_rows.read_sheet(csv_sheet(line(1), line(2), line(1, mobile="")), table, today=clock.today())
    assert [(bad.row_no, [one.message for one in bad.problems]) for bad in read.bad] == [(4, ["请填写手机号"])]
    read = sheet_rows.read_sheet(csv_sheet(line(1), line(2), line(1)), table, today=clock.today())
    assert [(bad.row_no, bad.problems[0].message) for bad in read.bad] == [
        (4, "和第 2 行是同一个证件号，只看前面那一行")
    ]


# ---- through the doors ------------------------------------------------------------------------------


async def test_the_api(world: World, app: object, clerk_of_unit: Actor) -> None:
    api = await browse(app, clerk_of_unit)
    base = f"/api/v1{PAGE}"
    assert (await api.get(base)).status_code == 404
    content = csv_sheet(line(1), line(2, id_no="4.30121E+17"))
    sent = await api.post(base, files={"sheet": ("名单.csv", content, "text/csv")})
    assert sent.status_code == 201, sent.text
    found = sent.json()
    assert (found["good"], found["wrong"], found["file"]) == (1, 1, "名单.csv")
    assert found["report"] == [{"row": 3, "column": "身份证号", "message": LOST}]
    taken = await api.post(f"{base}/rows", json={"sheet": found["id"], "mode": "add"})
    assert (taken.status_code, taken.json()["rows"], taken.json()["version"]) == (200, 1, 1)
    again = await api.post(f"{base}/rows", json={"sheet": found["id"]})
    assert (again.status_code, again.json()["code"]) == (409, "table_changed")
    odd = await api.post(f"{base}/rows", json={"sheet": found["id"], "mode": "sideways"})
    assert (odd.status_code, odd.json()["errors"][0]["field"]) == (422, "mode")
    wrong = await api.get(f"{base}/wrong?format=csv")
    rows = list(csv.reader(io.StringIO(wrong.content.decode("utf-8-sig"), newline="")))
    assert rows[1][:2] == ["3", f"身份证号：{LOST}"]
    template = await api.get(f"{base}/template")
    assert openpyxl.load_workbook(io.BytesIO(template.content)).active["A1"].value == "姓名"  # type: ignore[index]
    assert (await api.post(base, files={"other": ("x", b"x")})).json()["errors"][0]["field"] == "sheet"
    assert (await api.delete(base)).status_code == 204
    staff = await browse(app, world.officer)
    assert (await staff.get(base)).status_code == 403


async def test_from_the_form_to_the_sheet_and_back_without_javascript(
    world: World, app: object, clerk_of_unit: Actor
) -> None:
    phone = await browse(app, clerk_of_unit)
    form = await phone.get(f"/services/{SLUG}/apply?screen=2")
    assert f'name="go" value="table.{FIELD}"' in form.text
    typed = {f"{FIELD}.0.{name}": value for name, value in as_row(500).items()}
    away = await _press(phone, typed, f"table.{FIELD}")
    assert (away.status_code, away.headers["location"]) == (303, PAGE)
    page = await phone.get(PAGE)
    assert "现在有 1 行" in page.text
    refused = await phone.post(PAGE, files={"sheet": ("照片.xlsx", b"\xff\xd8\xff\xe0 no sheet", "image/jpeg")})
    assert refused.status_code == 415
    assert "只能导入 xlsx 或 csv 表格" in refused.text
    content = csv_sheet(*(line(number) for number in range(100)), line(100, name=""))
    sent = await phone.post(PAGE, files={"sheet": ("花名册.csv", content, "text/csv")})
    assert (sent.status_code, sent.headers["location"]) == (303, PAGE)
    page = await phone.get(PAGE)
    assert "填入这 100 行，接在已填的后面" in page.text
    assert "第 102 行 姓名：请填写姓名" in page.text
    taken = await phone.post(f"{PAGE}/acts", data={"act": "add", "sheet": hidden(page.text, "sheet")})
    assert (taken.status_code, taken.headers["location"]) == (303, PAGE)
    assert "申请表里现在有 101 行。还有 1 行没有填入" in (await phone.get(PAGE)).text
    # The form shows the first of so many rows; sending it leaves them where they are.
    form = await phone.get(f"/services/{SLUG}/apply?screen=2")
    assert (hidden(form.text, f"{FIELD}.kept"), form.text.count("王小测")) == ("101", 5)
    saved = await _press(phone, {f"{FIELD}.kept": "101"}, "back")
    assert saved.headers["location"].endswith("screen=1")
    await phone.put(f"/services/{SLUG}/draft", json={"screen": "roster", "form": {f"{FIELD}.kept": "101"}})
    assert await in_draft(clerk_of_unit) == [as_row(500), *map(as_row, range(100))]
    emptied = await phone.post(f"{PAGE}/acts", data={"act": "empty"})
    assert emptied.status_code == 303
    assert await in_draft(clerk_of_unit) == []


async def test_a_long_table_is_submitted_from_its_page(world: World, app: object, clerk_of_unit: Actor) -> None:
    form = {**BATCH, "org_ref": ids.public(world.unit.id)}
    await commands.save_draft(slug=SLUG, data=DraftInput(form=form), actor=clerk_of_unit)
    await take(clerk_of_unit, await send(clerk_of_unit, csv_sheet(*(line(number) for number in range(70)))))
    phone = await browse(app, clerk_of_unit)
    page = await phone.get(f"/services/{SLUG}/apply?screen=2")
    fields = {f"{FIELD}.kept": "70", "idempotency_key": hidden(page.text, "idempotency_key")}
    done = await _press(phone, fields, "submit")
    assert done.status_code == 303, done.text[:2_000]
    [case] = (await queries.own_cases(clerk_of_unit)).items
    assert len((await queries.own_case(case.number, clerk_of_unit)).form[FIELD]) == 70


async def _press(phone: httpx.AsyncClient, fields: dict[str, str], go: str) -> httpx.Response:
    """As a browser posts a multipart form."""
    path = f"/services/{SLUG}/apply?screen=2"
    return await phone.post(path, data={**fields, "go": go}, files={"upload.none": ("", b"")})


# ---- a list that came back ----------------------------------------------------------------------------


async def came_back(world: World, owner: Actor, count: int) -> str:
    """Seventy people, one of whom the desk could not reach."""
    rows = [as_row(number) for number in range(count)]
    form = {**BATCH, "org_ref": ids.public(world.unit.id), FIELD: rows}
    number = await commands.submit(slug=SLUG, data=SubmitInput(form=form), actor=owner)
    await decide(number, world.officer, "return", 1, corrections=[flag(FIELD, "请核对手机号")])
    return number


async def test_a_list_that_came_back_is_corrected_by_a_sheet(world: World, app: object, clerk_of_unit: Actor) -> None:
    number = await came_back(world, clerk_of_unit, 70)
    phone, page = await browse(app, clerk_of_unit), f"/cases/{number}/tables/{FIELD}"
    shown = await phone.get(f"/cases/{number}/correction")
    assert (hidden(shown.text, f"{FIELD}.kept"), f'href="{page}"' in shown.text) == ("70", True)
    content = csv_sheet(line(3, mobile="15400009999"), line(200))
    sent_on = await phone.post(page, files={"sheet": ("改.csv", content, "text/csv")})
    assert (sent_on.status_code, sent_on.headers["location"]) == (303, page)
    looked = await phone.get(page)
    assert "只要上传改过的几行" in looked.text
    taken = await phone.post(f"{page}/acts", data={"act": "add", "sheet": hidden(looked.text, "sheet")})
    assert taken.headers["location"] == f"/cases/{number}/correction"
    # The case itself changes only with the correction.
    assert len((await queries.own_case(number, clerk_of_unit)).form[FIELD]) == 70
    shown = await phone.get(f"/cases/{number}/correction")
    assert hidden(shown.text, f"{FIELD}.kept") == "71"
    fields = {f"{FIELD}.kept": "71", "version": hidden(shown.text, "version")}
    done = await phone.post(f"/cases/{number}/corrections", data=fields, files={"upload.none": ("", b"")})
    assert (done.status_code, done.headers["location"]) == (303, f"/cases/{number}"), done.text[:2_000]
    case = await Case.get(number=number)
    rows = content_of(case).values[FIELD]
    assert (len(rows), rows[3], rows[70]) == (71, as_row(3, mobile="15400009999"), as_row(200))
    assert await database.scalar("SELECT COUNT(*) FROM table_sheet") == 0
    assert (await phone.get(page)).status_code == 404  # nothing is open any more


async def test_a_long_list_may_come_back_as_it_was(world: World, app: object, clerk_of_unit: Actor) -> None:
    number = await came_back(world, clerk_of_unit, 70)
    phone = await browse(app, clerk_of_unit)
    fields = {f"{FIELD}.kept": "70", "version": "2"}
    done = await phone.post(f"/cases/{number}/corrections", data=fields, files={"upload.none": ("", b"")})
    assert done.headers["location"] == f"/cases/{number}"
    rows = content_of(await Case.get(number=number)).values[FIELD]
    assert rows == [as_row(one) for one in range(70)]


async def test_a_short_list_is_shown_as_the_sheet_left_it(world: World, app: object, clerk_of_unit: Actor) -> None:
    number = await came_back(world, clerk_of_unit, 2)
    at = await queries.tables.in_case(number, FIELD, clerk_of_unit)
    sheet = await tables.take_sheet(at=at, content=csv_sheet(line(7)), name="改.csv", actor=clerk_of_unit)
    await tables.take_rows(at=at, data=TableTake(sheet=sheet, mode="replace"), actor=clerk_of_unit)
    phone = await browse(app, clerk_of_unit)
    shown = await phone.get(f"/cases/{number}/correction")
    assert hidden(shown.text, f"{FIELD}.kept") == "1"
    for other in (await person(world), world.officer):
        with pytest.raises(NotFound):
            await queries.tables.in_case(number, FIELD, other)


async def test_the_desk_takes_a_long_list_out(world: World, app: object, clerk_of_unit: Actor) -> None:
    """More rows than its page shows; numbers masked, or open for whoever may."""
    number = await came_back(world, clerk_of_unit, 101)
    desk = await browse(app, world.clerk)
    shown = await desk.get(f"/desk/cases/{number}")
    assert "共 101 行，这里是前 100 行" in shown.text
    address = f"/desk/exports/new?kind=rows&amp;number={number}&amp;table={SLUG}.{FIELD}"
    assert f'href="{address}"' in shown.text
    form = await desk.get(address.replace("&amp;", "&"))
    assert f'<option value="{SLUG}.{FIELD}" selected>' in form.text
    filters = {"number": number, "table": f"{SLUG}.{FIELD}"}
    rows = await table(world.clerk, "rows", filters=filters)
    assert (len(rows), list(rows[100].values())) == (
        101,
        [101, "王小测", national.mask_id_no(id_no(100)), national.mask_phone("15400000100"), "快递员"],
    )
    listed = await members.admit(
        world.officer,
        applicant=NewMember(name="王小测", id_no=id_no(100), phone="15400000100"),
        union_id=world.unit.id,
        account_id=None,
        reference="R1",
    )
    rows = await table(world.aid, "rows", filters=filters, reveal=True)
    assert list(rows[100].values()) == [101, "王小测", id_no(100), "15400000100", "快递员"]
    # Who sent the list, and who stands in it and is a member.
    traced = {(one.subject_kind, one.subject_id) for one in await AccessTrace.all()}
    assert traced == {("account", clerk_of_unit.account_id), ("member", listed.id)}
