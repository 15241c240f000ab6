"""Forms on pages: screens, values in words, masks, and what a round changed."""

from typing import Any

import pytest

from backend.casework.flows import FieldSpec, Flow
from backend.casework.forms.masks import is_masked, mask, masked
from backend.casework.forms.render import render_answers, render_screens
from backend.casework.forms.words import diff, display, summary
from backend.casework.protocols import Prefilled
from backend.casework.schemas import ChangeView, FieldView, FileView, OptionView, ScreenView
from backend.core import ids
from backend.core.errors import FieldError
from tests.casework.samples import EVERY_KIND, field_flow, flow_of

ID_NO = "990001199003071231"
EVERY = flow_of(EVERY_KIND)


def spec_of(name: str, flow: Flow = EVERY) -> FieldSpec:
    spec = flow.field(name)
    assert spec is not None
    return spec


def field_of(screens: list[ScreenView], name: str) -> FieldView:
    return next(field for screen in screens for field in screen.fields if field.name == name)


def shown(name: str, value: Any, **more: Any) -> FieldView:
    return field_of(render_screens(EVERY, {name: value}, **more), name)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("note", "测试快运", "测试快运"),
        ("trade", "1", "焊工"),
        ("wishes", ["day", "home"], "白天、居家"),
        ("people", 12, "12"),
        ("salary_min", 1_230_050, "12,300.50 元"),
        ("salary_min", "12.3", "12.3 元"),
        ("rate", "5", "5%"),
        ("agreed", True, "是"),
        ("agreed", False, "否"),
        ("admit_date", "2026-03-05", "2026年3月5日"),
        ("admit_date", "下周", "下周"),
        ("period", "2026-03", "2026年3月"),
        ("birth_year", 1990, "1990年"),
        ("start_at", "2026-03-05T09:30:00+08:00", "2026年3月5日 09:30"),
        ("id_no", ID_NO, "990001********1231"),
        ("mobile", "15400000001", "154****0001"),
        ("bank_card", "9999990000000014", "************0014"),
        ("illness", "骨折", "******"),
        ("division", "430121", "湖南省长沙市长沙县"),
        ("division", "不知道", "不知道"),
        ("spot", {"lat": "28.25", "lng": "113.08"}, "纬度 28.25，经度 113.08"),
        ("spot", {"lat": "28.25"}, "{'lat': '28.25'}"),
        ("photo", ids.public(1), "已上传"),
        ("team", [{"name": "李小测"}, {"name": "王小测"}], "共 2 行"),
        ("note", None, ""),
    ],
)
def test_values_in_words(name: str, value: Any, words: str) -> None:
    assert display(spec_of(name), value) == words


def test_words_for_what_only_run_time_knows() -> None:
    union = ids.public(2)
    assert display(spec_of("to_org"), union, {"to_org": {union: "高桥街道总工会"}}) == "高桥街道总工会"
    assert display(spec_of("to_org"), union) == union


def test_masks() -> None:
    assert mask(spec_of("note"), "测试快运") == "测试快运"
    assert mask(spec_of("id_no"), "9900") == "****"
    assert mask(spec_of("illness"), 5) == "******"
    team = [{"name": "李小测", "id_no": ID_NO, "fee": 5, "stranger": "x"}, "junk"]
    assert mask(spec_of("team"), team) == [{"name": "李小测", "id_no": "990001********1231", "fee": 5}]
    assert is_masked(spec_of("id_no"), "990001********1231")
    assert is_masked(spec_of("illness"), "******")
    assert not is_masked(spec_of("illness"), "*轻微*")
    assert not is_masked(spec_of("note"), "******")
    assert masked(EVERY, {"mobile": "15400000001", "note": "甲乙", "people": None, "stranger": 1}) == {
        "note": "甲乙",
        "mobile": "154****0001",
    }


def test_the_line_in_the_queue() -> None:
    assert summary(EVERY, {"trade": "2", "note": "测试快运"}) == "钳工 · 测试快运"
    assert summary(EVERY, {"note": "测" * 200}) == "测" * 80
    assert summary(EVERY, {}) == ""


def test_what_a_round_changed() -> None:
    before = {"note": "测试快运", "id_no": ID_NO, "trade": "1", "team": [{"name": "李小测"}], "people": 3}
    after = {
        "note": "测试快运公司",
        "id_no": "990001199003081231",
        "team": [{"name": "王小测"}],
        "people": 3,
        "rate": "5",
    }
    assert diff(EVERY, before, after) == [
        ChangeView(field="note", label="短文本", before="测试快运", after="测试快运公司"),
        ChangeView(field="trade", label="工种", before="焊工", after=""),
        ChangeView(field="rate", label="比例", before="", after="5%"),
        ChangeView(field="id_no", label="身份证号", before="990001********1231", after="990001********1231（已修改）"),
        ChangeView(field="team", label="队员", before="共 1 行", after="共 1 行（已修改）"),
    ]


def test_screens_follow_the_file() -> None:
    screens = render_screens(EVERY, {})
    assert [(screen.key, screen.title, len(screen.fields), len(screen.slots)) for screen in screens] == [
        ("words", "文字", 7, 0),
        ("numbers", "数字", 7, 0),
        ("times", "时间", 7, 0),
        ("codes", "号码", 7, 0),
        ("rest", "其他", 5, 2),
    ]
    assert (screens[4].slots[0].required, screens[4].slots[0].max_files) == (True, 2)


def test_inputs_get_values_as_they_take_them() -> None:
    assert shown("salary_min", 1_230_050).value == "12300.50"
    assert shown("start_at", "2026-03-05T09:30:00+08:00").value == "2026-03-05T09:30"
    assert shown("household", "430121").value == "湖南省长沙市长沙县"
    assert shown("note", ["一", "二"], typed=True).value == "二"
    assert shown("trade", "2").options == [OptionView("1", "焊工"), OptionView("2", "钳工", selected=True)]
    assert [option.selected for option in shown("wishes", ["home", "day"]).options] == [True, False, True]
    assert shown("note", None).max_length == 10
    assert shown("home", None).max_length == 200


def test_the_county_offers_its_own_townships() -> None:
    field = shown("division", "990121101")
    assert field.value == "990121101"
    assert [option.value for option in field.options if option.selected] == ["990121101"]
    assert all(option.value.startswith("990121") for option in field.options)
    assert shown("household", None).options == []


def test_dates_know_their_first_and_last_day(freeze: Any) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    expire, period = shown("expire_date", None), shown("period", None)
    assert (expire.min, expire.max) == ("2026-03-11", "2026-06-08")
    assert (period.min, period.max) == ("", "2026-03")
    assert (shown("discharge_date", None).min, shown("discharge_date", None).max) == ("", "")


def test_stored_values_are_masked_and_typed_ones_are_not() -> None:
    assert shown("id_no", ID_NO).value == "990001********1231"
    assert shown("id_no", ID_NO, typed=True).value == ID_NO
    assert shown("id_no", ID_NO, typed=True).display == "990001********1231"
    assert shown("id_no", ID_NO).sensitive


def test_prefilled_values_say_where_they_come_from() -> None:
    prefill = {
        "mobile": Prefilled("15400000001", "来自登录手机号"),
        "note": Prefilled("测试快运", "来自会员档案"),
    }
    screens = render_screens(EVERY, {"note": "自己写的"}, prefill=prefill)
    mobile, note = field_of(screens, "mobile"), field_of(screens, "note")
    assert (mobile.value, mobile.source) == ("154****0001", "来自登录手机号")
    assert (note.value, note.source) == ("自己写的", "")


def test_errors_and_comments_stand_beside_their_fields() -> None:
    errors = [FieldError("note", "太短"), FieldError("note", "第二句"), FieldError("proof", "请上传证明")]
    screens = render_screens(EVERY, {}, errors, comments={"people": "请核对人数", "scan": "看不清"})
    assert field_of(screens, "note").error == "太短"
    assert field_of(screens, "people").comment == "请核对人数"
    assert [(slot.error, slot.comment) for slot in screens[4].slots] == [("请上传证明", ""), ("", "看不清")]


def test_rows_of_a_table_with_their_errors() -> None:
    typed = {"team.0.name": "李小测", "team.0.id_no": ID_NO, "team.4.fee": "x"}
    errors = [FieldError("team.1.fee", "金额的写法不对")]
    team = field_of(render_screens(EVERY, typed, errors, typed=True), "team")
    assert (team.value, team.max, [column.name for column in team.columns]) == (None, "3", ["name", "id_no", "fee"])
    assert [[cell.value for cell in row] for row in team.rows] == [["李小测", ID_NO, None], [None, None, "x"]]
    assert [[cell.error for cell in row] for row in team.rows] == [["", "", ""], ["", "", "金额的写法不对"]]
    stored = shown("team", [{"name": "李小测", "id_no": ID_NO, "fee": 5_000}])
    assert [[cell.value for cell in row] for row in stored.rows] == [["李小测", "990001********1231", "50.00"]]


def test_files_stand_in_their_places() -> None:
    file = FileView(id="a", name="a.png", media_type="image/png", size=1, url="/files/a")
    screens = render_screens(EVERY, {}, files={"proof": [file], "photo": [file]})
    assert screens[4].slots[0].files == [file]
    assert field_of(screens, "photo").value == [file]


def test_only_the_returned_fields_are_left() -> None:
    screens = render_screens(EVERY, {"note": "测试快运"}, only={"note", "scan"})
    found = [(screen.key, [f.name for f in screen.fields], [s.name for s in screen.slots]) for screen in screens]
    assert found == [("words", ["note"], []), ("rest", [], ["scan"])]


def test_what_the_system_fills_is_not_shown() -> None:
    flow = field_flow(
        "name: channel, label: 渠道, kind: text, filled_by: system, default: self",
        "name: note, label: 说明, kind: text, folded: true",
    )
    [screen] = render_screens(flow, {"channel": "qr"})
    assert [(field.name, field.folded) for field in screen.fields] == [("note", True)]
    assert [field.name for field in render_answers(flow, {"channel": "qr"})] == ["channel"]


def test_a_searched_union_keeps_the_words_typed() -> None:
    field = field_of(render_screens(EVERY, {"to_org": "", "to_org.q": ["高桥"]}, typed=True), "to_org")
    assert (field.value, field.display) == ("", "高桥")


def test_answers_to_be_read() -> None:
    values = {"note": "测试快运", "id_no": ID_NO, "salary_min": 5_000}
    views = render_answers(EVERY, values, changed={"note": "测试", "people": "3"})
    assert [(view.name, view.display, view.changed_from) for view in views] == [
        ("note", "测试快运", "测试"),
        ("people", "", "3"),
        ("salary_min", "50.00 元", None),
        ("id_no", "990001********1231", None),
    ]
    assert views[3].value == "990001********1231"


def test_a_condition_goes_to_the_page() -> None:
    flow = field_flow(
        "name: a, label: 甲, kind: enum, options: {x: 一, y: 二}",
        "name: b, label: 乙, kind: text, when: form.a == x",
        "name: c, label: 丙, kind: text, when: form.a in x|y",
    )
    assert [field.when for field in render_screens(flow, {})[0].fields] == ["", "a=x", "a=x|y"]


def test_only_a_consent_is_one_box_to_tick() -> None:
    flow = field_flow(
        "name: agreed, label: 同意, kind: bool, required: true, rule: ==true",
        "name: dibao, label: 是否低保, kind: bool, required: true",
        "name: free, label: 不在岗, kind: bool, rule: ==false",
    )
    [screen] = render_screens(flow, {})
    assert [field.must_be_yes for field in screen.fields] == [True, False, False]
