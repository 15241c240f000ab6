"""Reading the sheet of a roll and deciding its rows, without a database."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core import national, sheets
from backend.core.errors import Invalid
from backend.membership import roll
from backend.membership.enums import RowResult
from tests.core.test_sheets import workbook
from tests.membership.samples import id_no, phone

TODAY = date(2026, 3, 10)


def csv_of(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def parse(**cells: str) -> roll.RollPerson | roll.Outcome:
    given_cells = {"name": "王小测", "id_no": id_no(1)} | cells
    return roll.parse_row(roll.RawRow(5, given_cells), allow_synthetic=True, today=TODAY)


def person(**cells: str) -> roll.RollPerson:
    parsed = parse(**cells)
    assert isinstance(parsed, roll.RollPerson), parsed
    return parsed


def complaint(**cells: str) -> tuple[str, str]:
    parsed = parse(**cells)
    assert isinstance(parsed, roll.Outcome), parsed
    assert (parsed.row_no, parsed.result) == (5, RowResult.REFUSED)
    return parsed.field, parsed.message


@pytest.mark.parametrize(
    "header",
    [
        "姓名,身份证号,手机号",
        "手机号码,会员姓名,证件号码",
        " 姓　名 ,身份证号码（必填）,*联系电话：",
        "序号,姓名,性别,公民身份号码,移动电话,备注",
        "姓名;身份证;手机",
    ],
)
def test_headers_of_many_hands(header: str) -> None:
    mark = ";" if ";" in header else ","
    line = [""] * len(header.split(mark))
    for column, title in enumerate(header.split(mark)):
        field = next((f for f in ("姓", "身份", "证件", "手机", "电话") if f in title.replace("　", "")), "")
        line[column] = {"姓": "王小测", "身份": id_no(1), "证件": id_no(1), "手机": phone(1), "电话": phone(1)}.get(
            field, ""
        )
        if "姓名" in title:
            line[column] = "王小测"
    [row] = roll.read_rows(csv_of(header, mark.join(line)))

    assert (row.cells["name"], row.cells["id_no"], row.cells["phone"]) == ("王小测", id_no(1), phone(1))


def test_titles_above_and_blank_lines_between() -> None:
    rows = roll.read_rows(
        workbook(
            [
                ["黄枫镇快递行业工会会员名册"],
                [],
                ["序号", "姓名", "身份证号"],
                [1, "王小测", id_no(1)],
                [],
                ["", "", ""],
                [2, "李小试", id_no(2)],
            ]
        )
    )

    assert [(row.row_no, row.cells["name"], row.repeats) for row in rows] == [(4, "王小测", 0), (7, "李小试", 0)]


def test_the_second_worksheet_may_hold_the_roll() -> None:
    assert len(roll.read_rows(workbook([["姓名", "身份证号"], ["王小测", id_no(1)]], hidden_first=True))) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (csv_of("商品,价格", "苹果,3"), "import_no_header"),
        (csv_of("姓名,手机号", f"王小测,{phone(1)}"), "import_no_header"),
        (csv_of(*["标题"] * 20, "姓名,身份证号"), "import_no_header"),
        (csv_of("姓名,身份证号"), "import_empty"),
        (csv_of("姓名,身份证号", ",", " , "), "import_empty"),
        (workbook([["没有名册"]]), "import_no_header"),
    ],
)
def test_the_wrong_sheet_is_refused_with_one_sentence(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        roll.read_rows(content)
    assert refusal.value.code == code


def test_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_ROWS", 2)

    with pytest.raises(Invalid) as refusal:
        roll.read_rows(csv_of("姓名,身份证号", *[f"王小测,{id_no(n)}" for n in range(1, 4)]))

    assert refusal.value.detail == "这个表格超过 2 行，请分成几个文件导入。"


def test_repeats_are_found_however_they_are_written() -> None:
    rows = roll.read_rows(
        csv_of(
            "姓名,身份证号",
            f"王小测,{id_no(1)}",
            f"李小试,{id_no(2)}",
            f"王小测, {id_no(1).lower()}",
            "甲,4.3E+17",
            "乙,4.3E+17",
        )
    )

    parsed = [roll.parse_row(row, allow_synthetic=True, today=TODAY) for row in rows]
    messages = [one.message if isinstance(one, roll.Outcome) else "" for one in parsed]
    assert messages[:3] == ["", "", "和第 2 行是同一个证件号，只看前面那一行"]
    assert all("科学计数法" in message for message in messages[3:])


def test_normal_forms() -> None:
    read = person(
        name="买买提.艾力", phone="154 0000 0001", joined_on="2020年3月5日", employ_form="新就业形态",
        newform_group="快递员", employer=" 顺达速运 ", union="黄枫镇快递行业工会联合会", gender="男",
    )  # fmt: skip

    assert (read.name, read.phone, read.joined_on, read.employ_form, read.newform_group, read.employer) == (
        "买买提·艾力",
        "15400000001",
        date(2020, 3, 5),
        "newform",
        "courier",
        "顺达速运",
    )
    assert read.notes == ()


def test_old_numbers_are_upgraded_and_said_so() -> None:
    old = national.upgrade_15("990001900307001")

    read = person(id_no="990001900307001")

    assert (read.id_no.number, read.notes) == (old, ("15 位的旧证件号已换成 18 位",))


@pytest.mark.parametrize(
    ("cells", "field", "words"),
    [
        ({"id_no": "4.30121E+17"}, "id_no", "科学计数法"),
        ({"id_no": "4.30121199003071e+17"}, "id_no", "科学计数法"),
        ({"id_no": "430121199003070000"}, "id_no", "电子表格"),
        ({"id_no": id_no(1)[:-1] + "0"}, "id_no", "校验"),
        ({"id_no": ""}, "id_no", "请填写身份证号码"),
        ({"id_no": "990001********0018"}, "id_no", "完整"),
        ({"name": ""}, "name", "请填写姓名"),
        ({"name": "王*测"}, "name", "完整"),
        ({"phone": "0731-1234567"}, "phone", "座机"),
        ({"phone": "1.54E+10"}, "phone", "科学计数法"),
        ({"joined_on": "2023-02-30"}, "joined_on", "没有这一天"),
        ({"joined_on": "去年"}, "joined_on", "看不懂"),
        ({"joined_on": "2026-03-11"}, "joined_on", "还没有到"),
        ({"joined_on": "1989-01-01"}, "joined_on", "太早"),
        ({"joined_on": "1900-01-01"}, "joined_on", "太早"),
        ({"gender": "女"}, "gender", "对不上"),
    ],
)
def test_refused_with_a_reason_that_repeats_no_number(cells: dict[str, str], field: str, words: str) -> None:
    where, message = complaint(**cells)

    assert where == field
    assert words in message
    number = cells.get("id_no") or cells.get("phone") or "?"
    assert number not in message


def test_all_reasons_at_once() -> None:
    field, message = complaint(name="", phone="123", joined_on="x")

    assert field == "name"
    assert message.count("；") == 2


def test_unknown_choices_become_other_with_a_note() -> None:
    read = person(employ_form="临时工", newform_group="骑手")

    assert (read.employ_form, read.newform_group) == ("other", "other")
    assert read.notes == ("就业形态“临时工”不在可选项里，记为“其他”", "新就业群体“骑手”不在可选项里，记为“其他”")


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(roll.FIELD_LABELS)), st.text(max_size=40)))
def test_no_row_breaks_the_reader(cells: dict[str, str]) -> None:
    parsed = roll.parse_row(roll.RawRow(1, cells), allow_synthetic=True, today=TODAY)

    assert isinstance(parsed, roll.RollPerson) or len(parsed.message) <= 200


STANDING = roll.Known(
    id=1,
    name="王小测",
    status="active",
    version=1,
    union_id=10,
    union_name="安陂中学工会",
    in_scope=True,
    phone_index="p1",
    employ_form="",
    newform_group="",
    employer="",
    joined_on=date(2020, 1, 1),
    bound=False,
)


def known(**others: Any) -> roll.Known:
    return msgspec.structs.replace(STANDING, **others)


def decide(row: roll.RollPerson, standing: roll.Known, *, union_id: int | None = None, phone_index: str | None = None):
    return roll.decide_known(row, standing, union_id=union_id, phone_index=phone_index, masked_union="安**工会")


def test_the_same_again_is_unchanged() -> None:
    assert decide(person(), known(), union_id=10, phone_index="p1").result is RowResult.UNCHANGED


def test_what_the_sheet_knows_better_is_updated() -> None:
    row = person(employer="顺达速运", joined_on="2019-05-01", employ_form="newform")

    outcome = decide(row, known(), phone_index="p2")

    assert (outcome.result, outcome.changes) == (
        RowResult.UPDATED,
        {"phone_index": "p2", "employ_form": "newform", "employer": "顺达速运", "joined_on": date(2019, 5, 1)},
    )


def test_an_empty_cell_takes_nothing_away() -> None:
    assert decide(person(), known(employer="顺达速运", employ_form="newform")).changes == {}


def test_a_proven_phone_stays() -> None:
    assert decide(person(), known(bound=True), phone_index="p2").result is RowResult.UNCHANGED


@pytest.mark.parametrize(
    ("standing", "union_id", "field", "words"),
    [
        (known(name="李小试"), None, "name", "另一个姓名"),
        (known(status="left"), None, "id_no", "已退会"),
        (known(status="deceased"), None, "id_no", "已去世"),
        (known(), 11, "union", "已经是“安陂中学工会”的会员"),
        (known(in_scope=False), None, "union", "已经是“安**工会”的会员"),
        (known(in_scope=False), 10, "union", "已经是“安**工会”的会员"),
    ],
)
def test_what_a_roll_does_not_decide(standing: roll.Known, union_id: int | None, field: str, words: str) -> None:
    outcome = decide(person(), standing, union_id=union_id, phone_index="p2")

    assert (outcome.result, outcome.field) == (RowResult.REFUSED, field)
    assert words in outcome.message
    assert outcome.changes == {}
