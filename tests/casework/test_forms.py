"""Whole forms: what is asked, what is kept, every error at once, corrections and drafts."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.casework.flows import Flow
from backend.casework.forms import page
from backend.casework.forms.facts import form_facts
from backend.casework.forms.parse import Collected, Parsed, collect, parse_form, unlocked
from backend.core import ids
from tests.casework.samples import EVERY_KIND, field_flow, flow_of

TODAY = date(2026, 3, 10)
ID_NO = "990001199003071231"
OTHER_ID = "990001199003071215"
UNSENT = "请修改这一项；确实不用改的，也要原样再交一次"
EVERY = flow_of(EVERY_KIND)
WORK = field_flow(
    "name: form_of_work, label: 上班方式, kind: enum, required: true, options: {contract: 合同, newform: 新就业}",
    "name: trade, label: 行业, kind: enum, required: true, when: form.form_of_work == newform, options: {c: 快递员}",
    "name: note, label: 说明, kind: text",
)


def parse(flow: Flow, raw: Mapping[str, Any], **more: Any) -> Parsed:
    return parse_form(flow, raw, today=TODAY, **more)


def errors(parsed: Parsed) -> dict[str, str]:
    return {error.field: error.message for error in parsed.errors}


def test_one_field_of_every_kind() -> None:
    union, other, photo = ids.public(1), ids.public(2), ids.public(3)
    plain = {
        "note": "测试快运",
        "story": "这是一段十个字以上的说明",
        "real_name": "王小测",
        "home": "星城路 1 号",
        "trade": "1",
        "wishes": ["day", "home"],
        "course": "焊接班",
        "people": 12,
        "term": 5,
        "hours": "12.5",
        "salary_min": 300_000,
        "salary_max": 450_050,
        "rate": "-3.5",
        "agreed": True,
        "admit_date": "2026-02-27",
        "discharge_date": "2026-03-02",
        "expire_date": "2026-03-11",
        "period": "2026-03",
        "birth_year": 2004,
        "start_at": "2026-03-10T08:00:00+08:00",
        "end_at": "2026-03-10T17:30:00+08:00",
        "uscc": "81430121XXTE000146",
        "division": "990121101",
        "from_org": union,
        "to_org": other,
        "spot": {"lat": "28.25", "lng": "113.08"},
        "photo": photo,
        "household": "430121",
    }
    sealed = {
        "id_no": ID_NO,
        "mobile": "15400000001",
        "bank_card": "9999990000000014",
        "illness": "骨折",
        "team": [{"name": "李小测", "id_no": OTHER_ID, "fee": 5_000}],
    }
    parsed = parse(EVERY, plain | sealed, files={"proof": [photo]})
    assert parsed == Parsed(plain, sealed, [])
    assert parse(EVERY, parsed.all, files={"proof": [photo]}) == parsed


def test_a_page_sends_lists_of_text_and_numbered_cells() -> None:
    page = {
        "agreed": True,
        "wishes": ["home", "day"],
        "salary_min": ["3,000"],
        "spot.lat": ["28.25"],
        "spot.lng": "113.08",
        "team.0.name": ["李小测"],
        "team.0.id_no": [OTHER_ID],
        "team[7][name]": "王小测",
        "team[7][id_no]": ID_NO,
        "team[7][fee]": "50",
        "team.3.name": " ",
    }
    parsed = parse(EVERY, page)
    assert parsed.values == {
        "agreed": True,
        "wishes": ["day", "home"],
        "salary_min": 300_000,
        "spot": {"lat": "28.25", "lng": "113.08"},
    }
    assert parsed.sensitive == {
        "team": [{"name": "李小测", "id_no": OTHER_ID}, {"name": "王小测", "id_no": ID_NO, "fee": 5_000}]
    }
    assert parsed.errors == []


def test_every_wrong_field_is_named_at_once_in_the_order_of_the_form() -> None:
    wrong = {
        "to_org": "nobody",
        "note": "一",
        "real_name": "Wang",
        "people": "0",
        "term": 4,
        "salary_min": 0,
        "rate": "101",
        "agreed": False,
        "expire_date": "2026-03-10",
        "period": "2026-04",
        "birth_year": "2005",
        "id_no": "990001199003071232",
    }
    found = parse(EVERY, wrong, files={"scan": ["a", "b"], "other": []}).errors
    assert [(error.field, error.message) for error in found] == [
        ("note", "至少写 2 个字，您写了 1 个字"),
        ("real_name", "姓名请按身份证填写汉字，名字中间的点用“·”"),
        ("people", "不能小于 1"),
        ("term", "只能填 3 或 5"),
        ("salary_min", "应当大于 0.00 元"),
        ("rate", "不能大于 100%"),
        ("agreed", "请先阅读并勾选这一项"),
        ("expire_date", "不能早于2026年3月11日"),
        ("period", "不能晚于2026年3月"),
        ("birth_year", "不能晚于 2004 年"),
        ("id_no", "最后一位校验不通过，请对照身份证再看一遍"),
        ("to_org", "请从列表里选择"),
        ("proof", "请上传证明"),
        ("scan", "最多上传 1 个，现在有 2 个"),
        ("other", "这项业务没有这个上传位置"),
    ]


@pytest.mark.parametrize(
    ("raw", "field", "message"),
    [
        ({"admit_date": "2026-03-11"}, "admit_date", "不能晚于今天"),
        ({"admit_date": "2026-03-02", "discharge_date": "2026-03-01"}, "discharge_date", "不能早于“入院日期”"),
        ({"salary_min": 500, "salary_max": 499}, "salary_max", "不能小于 “最低工资”"),
        ({"from_org": ids.public(1), "to_org": ids.public(1)}, "to_org", "不能与“转出工会”相同"),
        ({"start_at": "2026-03-10 09:00", "end_at": "2026-03-10 09:00"}, "end_at", "应当晚于“开始”"),
        ({"start_at": "2026-03-09 23:59"}, "start_at", "不能早于今天"),
        ({"expire_date": "2026-06-09"}, "expire_date", "不能晚于2026年6月8日"),
        ({"wishes": ["day", "night", "home"]}, "wishes", "最多选 2 项"),
        ({"hours": "500.1"}, "hours", "不能大于 500"),
    ],
)
def test_rules(raw: dict[str, Any], field: str, message: str) -> None:
    assert errors(parse(EVERY, raw)) == {field: message}


def test_a_rule_about_an_empty_field_holds() -> None:
    assert parse(EVERY, {"discharge_date": "2020-01-01", "salary_max": 1}).errors == []


def test_rows_of_a_table() -> None:
    row = {"name": "李小测", "id_no": OTHER_ID}
    assert errors(parse(EVERY, {"team": [row] * 4})) == {"team": "最多填 3 行，现在有 4 行"}
    assert errors(parse(EVERY, {"team": "李小测"})) == {"team": "这一项应为一行一行的明细"}
    assert errors(parse(EVERY, {"team": [row, {"name": "Li", "fee": "0"}]})) == {
        "team.1.name": "姓名请按身份证填写汉字，名字中间的点用“·”",
        "team.1.id_no": "请填写身份证号",
        "team.1.fee": "应当大于 0.00 元",
    }
    assert parse(EVERY, {"team": [{}, {"name": ""}]}).all == {}
    assert len(parse(EVERY, {"team": [{"name": "x"}] * 5_000}).errors) < 110
    assert errors(parse(EVERY, {"team": [row] * 5_001})) == {"team": "最多填 5000 行，现在有 5001 行"}


def test_required_fields_say_what_to_do_by_kind() -> None:
    flow = field_flow(
        "name: a, label: 姓名, kind: name, required: true",
        "name: b, label: 学历, kind: enum, required: true, options: {x: 本科}",
        "name: c, label: 同意, kind: bool, required: true, rule: ==true",
        "name: d, label: 是否代办, kind: bool, required: true",
        "name: e, label: 照片, kind: file, required: true",
        "name: f, label: 队员, kind: table, required: true, columns: [{name: n, label: 姓名, kind: name}]",
    )
    assert errors(parse(flow, {"a": " \u3000", "f": []})) == {
        "a": "请填写姓名",
        "b": "请选择学历",
        "c": "请先阅读并勾选这一项",
        "d": "请选“是”或“否”",
        "e": "请上传照片",
        "f": "请填写队员",
    }


def test_a_field_is_asked_and_kept_only_while_its_condition_holds() -> None:
    assert errors(parse(WORK, {"form_of_work": "newform"})) == {"trade": "请选择行业"}
    assert parse(WORK, {"form_of_work": "newform", "trade": "c"}).values == {"form_of_work": "newform", "trade": "c"}
    assert parse(WORK, {"form_of_work": "contract", "trade": "c"}) == Parsed({"form_of_work": "contract"}, {}, [])
    assert errors(parse(WORK, {"trade": "wrong"})) == {"form_of_work": "请选择上班方式"}


def test_what_the_system_fills_is_never_what_was_sent() -> None:
    flow = field_flow(
        "name: channel, label: 渠道, kind: enum, filled_by: system, required: true, default: self,"
        " options: {self: 自己, qr: 扫码}",
        "name: version, label: 版本, kind: text, filled_by: system, required: true, prefill: [consent.version]",
    )
    assert parse(flow, {}, known={"version": "2026-01"}).values == {"channel": "self", "version": "2026-01"}
    sent = {"channel": "qr", "version": "2025-09"}
    assert parse(flow, sent, known={"version": "2026-01"}).values == {"channel": "self", "version": "2026-01"}
    assert parse(flow, sent, known={"channel": "qr", "version": "2026-01"}).values["channel"] == "qr"
    assert errors(parse(flow, {"version": "2026-01"})) == {"version": "请填写版本"}


def test_an_app_may_consent_to_both_at_once_but_a_page_asks_twice() -> None:
    flow = field_flow(
        "name: privacy, label: 同意, kind: bool, required: true, rule: ==true",
        "name: special, label: 单独同意, kind: bool, required: true, rule: ==true, implied_by: privacy",
    )
    assert parse(flow, {"privacy": True}).values == {"privacy": True, "special": True}
    assert errors(parse(flow, {"privacy": True, "special": False})) == {"special": "请先阅读并勾选这一项"}
    ticked = page.whole(flow, page.read(flow, {"privacy": "on"}))
    assert errors(parse(flow, ticked)) == {"special": "请先阅读并勾选这一项"}
    assert parse(flow, page.whole(flow, page.read(flow, {"privacy": "on", "special": ["off", "true"]}))).errors == []
    assert errors(parse(flow, {"privacy": False})) == {
        "privacy": "请先阅读并勾选这一项",
        "special": "请先阅读并勾选这一项",
    }


@pytest.mark.parametrize("raw", ["yes", "true", "on", "是", 1, 0, ["on"], {}])
def test_an_app_says_yes_with_a_boolean_alone(raw: Any) -> None:
    assert list(errors(parse(EVERY, {"agreed": raw}))) in (["agreed"], [])
    assert "agreed" not in parse(EVERY, {"agreed": raw}).values


def test_boxes_of_a_page_become_booleans_in_cells_too() -> None:
    flow = field_flow(
        "name: ok, label: 同意, kind: bool",
        "name: team, label: 队员, kind: table, columns: [{name: lead, label: 队长, kind: bool}]",
    )
    sent = {"ok": ["false", "on"], "team.0.lead": "0", "team.1.lead": "true", "team.2.lead": "也许"}
    assert page.read(flow, sent) == {"ok": True, "team.0.lead": False, "team.1.lead": True, "team.2.lead": "也许"}
    assert errors(parse(flow, page.read(flow, sent))) == {"team.2.lead": "请选“是”或“否”"}


def test_keys_that_the_form_does_not_have_are_named() -> None:
    raw = {"note": "测试快运", "org_ref": "x", "note.x": "1", "team.x": "1", "team.0.name": "李小测", "to_org.q": ""}
    raw["x" * 50] = "1"
    found = errors(parse(EVERY, raw))
    assert {name for name, message in found.items() if message == "这项业务的表里没有这一项"} == {
        "org_ref", "note.x", "team.x", "x" * 40,
    }  # fmt: skip


def test_a_place_in_another_county_is_refused(kernel: None) -> None:
    assert errors(parse(EVERY, {"division": "430121", "household": "430121"})) == {
        "division": "这个地方不在本县范围内，请选择本县的乡镇街道"
    }
    assert parse(EVERY, {"division": "990121"}).values == {"division": "990121"}


def test_choices_that_only_run_time_knows() -> None:
    offered = {"course": {"c1": "焊接班", "c2": "电工班"}, "to_org": {ids.public(2): "高桥街道总工会"}}
    assert parse(EVERY, {"course": "c2", "to_org": ids.public(2)}, choices=offered).errors == []
    assert errors(parse(EVERY, {"course": "c3", "to_org": ids.public(1)}, choices=offered)) == {
        "course": "请从给出的选项中选择",
        "to_org": "请从列表里选择一个工会",
    }


def test_a_union_that_was_typed_but_not_chosen_is_not_lost_silently() -> None:
    assert errors(parse(EVERY, {"to_org": "", "to_org.q": "高桥"})) == {"to_org": "还没有选中，请从找到的结果里选一个"}


def test_masked_values_sent_back_change_nothing() -> None:
    known = {"id_no": ID_NO, "mobile": "15400000001", "illness": "骨折", "bank_card": "9999990000000014"}
    sent = {
        "id_no": "990001********1231",
        "mobile": "154****0001",
        "illness": "******",
        "bank_card": "************0014",
    }
    assert parse(EVERY, sent, known=known) == Parsed({}, known, [])


def test_stars_that_stand_for_nothing_are_refused() -> None:
    sent = {"id_no": "990001********1231", "mobile": "154****0001", "illness": "******"}
    known = {"mobile": "15400000002"}
    assert errors(parse(EVERY, sent, known=known)) == {
        "id_no": "请填写完整的身份证号码，不能用 * 代替",
        "mobile": "请填写完整的手机号，不能用 * 代替",
        "illness": "请重新填写这一项，不能用 * 代替",
    }


def test_masked_cells_follow_their_rows() -> None:
    first, second = {"name": "李小测", "id_no": OTHER_ID}, {"name": "王小测", "id_no": ID_NO}
    known = {"team": [first, second]}
    masked_first, masked_second = first | {"id_no": "990001********1215"}, second | {"id_no": "990001********1231"}
    assert parse(EVERY, {"team": [masked_first, masked_second]}, known=known).sensitive == known
    assert parse(EVERY, {"team": [masked_second]}, known=known).sensitive == {"team": [second]}
    twins = {"team": [first, {"name": "张小测", "id_no": "990001198003071215"}]}
    assert errors(parse(EVERY, {"team": [{}, {}, masked_first]}, known=twins)) == {
        "team.2.id_no": "请填写完整的身份证号码，不能用 * 代替"
    }


def test_a_correction_opens_only_what_was_returned() -> None:
    known = {"note": "测试快运", "people": 3, "id_no": ID_NO, "wishes": ["day"]}
    parsed = parse(
        EVERY, {"note": "测试快运有限公司", "people": 99, "id_no": "x"}, known=known, only={"note"}, files={}
    )
    assert parsed == Parsed({"note": "测试快运有限公司", "people": 3, "wishes": ["day"]}, {"id_no": ID_NO}, [])


def test_a_returned_field_has_to_be_sent_and_may_be_emptied() -> None:
    known = {"note": "测试快运", "people": 3}
    assert errors(parse(EVERY, {}, known=known, only={"note"})) == {"note": UNSENT}
    assert errors(parse(EVERY, {}, known={}, only={"note"})) == {"note": UNSENT}
    assert parse(EVERY, {"note": "测试快运"}, known=known, only={"note"}) == Parsed(known, {}, [])
    assert parse(EVERY, {"note": ""}, known=known, only={"note"}).values == {"people": 3}


def test_a_correction_judges_returned_slots_alone() -> None:
    assert parse(EVERY, {"note": "测试"}, only={"note"}, files={}).errors == []
    assert errors(parse(EVERY, {}, only={"proof"}, files={})) == {"proof": "请上传证明"}


def test_what_depends_on_a_returned_field_opens_with_it() -> None:
    assert unlocked(WORK, {"form_of_work"}) == {"form_of_work", "trade"}
    assert unlocked(WORK, {"note"}) == {"note"}
    known = {"form_of_work": "contract"}
    assert errors(parse(WORK, {"form_of_work": "newform"}, known=known, only={"form_of_work"})) == {
        "trade": "请选择行业"
    }
    both = {"form_of_work": "newform", "trade": "c"}
    assert parse(WORK, both, known=known, only={"form_of_work"}).values == both


def test_a_closed_field_that_no_longer_fits_is_told_at_the_open_one() -> None:
    known = {"admit_date": "2026-03-01", "discharge_date": "2026-03-02"}
    assert errors(parse(EVERY, {"admit_date": "2026-03-03"}, known=known, only={"admit_date"})) == {
        "admit_date": "与“出院日期”对不上，那一栏不能早于“入院日期”"
    }


def test_a_draft_keeps_what_was_typed() -> None:
    typed = {
        "note": ["一"],
        "people": "很多",
        "wishes": ["day", 5, "\x00night"],
        "agreed": True,
        "id_no": "99000\ud8001",
        "spot.lat": "28",
        "team.0.name": "李",
        "team.0.stranger": "x",
        "household": {"a": 1},
        "salary_min": float("nan"),
        "stranger": "x",
        "home": "  ",
    }
    assert collect(EVERY, typed) == Collected(
        {"note": "一", "people": "很多", "wishes": ["day", "night"], "agreed": True, "spot": {"lat": "28"}},
        {"id_no": "990001", "team": [{"name": "李"}]},
    )


def test_a_draft_saved_again_with_masks_keeps_what_they_hide() -> None:
    known = {"id_no": ID_NO, "team": [{"name": "李小测", "id_no": OTHER_ID}]}
    again = {
        "id_no": "990001********1231",
        "mobile": "154",
        "team": [{"name": "李小测", "id_no": "990001********1215"}],
    }
    assert collect(EVERY, again, known=known).sensitive == known | {"mobile": "154"}


def test_values_as_facts() -> None:
    values = {"admit_date": "2026-03-01", "hours": "12.50", "trade": "1", "people": 3, "expire_date": "someday"}
    facts = form_facts(EVERY, values, TODAY)
    assert facts["form.admit_date"] == date(2026, 3, 1)
    assert str(facts["form.hours"]) == "12.50"
    assert (facts["form.trade"], facts["form.people"], facts["form.expire_date"]) == ("1", 3, None)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "id_no", "lat"]), inner),
    max_leaves=6,
)
names = st.sampled_from(
    [*(spec.name for spec in EVERY.fields), "team.0.name", "team[1][fee]", "spot.lat", "spot.lng", "to_org.q", "a.b"]
)


@given(raw=st.dictionaries(names, json_values, max_size=8), known=st.dictionaries(names, json_values, max_size=4))
def test_any_body_is_parsed_or_refused_and_drafts_take_it(raw: dict[str, Any], known: dict[str, Any]) -> None:
    parsed = parse(EVERY, raw, known=known, files={"proof": ["x"]})
    again = parse(EVERY, parsed.all, files={"proof": ["x"]})
    assert again.all == parsed.all
    kept = collect(EVERY, raw)
    assert collect(EVERY, {**kept.values, **kept.sensitive}) == kept
    assert collect(EVERY, raw, known=known).sensitive.keys() == kept.sensitive.keys()
