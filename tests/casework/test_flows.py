"""Flow files: strict YAML, problems with file and line, and what a sound file becomes."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from backend.casework import catalogue
from backend.casework.enums import FieldKind, NoticeEvent
from backend.casework.flows import ParamSpec, ParamValue
from backend.casework.notices import notice_of
from backend.casework.protocols import Bindings
from backend.notifications.enums import Notice
from tests.casework.samples import EVERY_KIND, HEAD, decode, folder

ONE_FIELD = """\
screens:
  - key: only
    title: 一页
    fields:
      - {name: real_name, label: 姓名, kind: name}
      - {name: trade, label: 工种, kind: enum, options: {weld: 焊工}}
      - {name: note, label: 说明, kind: text}
"""
SOUND = HEAD + ONE_FIELD


async def anything(*_: Any, **__: Any) -> Any:
    return None


BOUND = Bindings(facts={"member.status": anything}, outcomes={"create_member": anything})


def problems_of(text: str) -> list[str]:
    return decode(text)[1]


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("version: 1", "version: 012", "“012”会被当成八进制等写法的数，请写普通整数，要当文字就加引号"),
        ("version: 1", "version: 1_0", "“1_0”会被当成八进制等写法的数，请写普通整数，要当文字就加引号"),
        ("version: 1", "version: 1:30", "“1:30”会被当成六十进制的数，请加引号"),
        ("version: 1", "version: '1'", "“1”应为整数，不加引号"),
        ("version: 1", "version: yes", "“yes”会被当成是或否，请写 true 或 false，要当文字就加引号"),
        ("name: 示例业务", "name: no", "“no”会被当成是或否，请写 true 或 false，要当文字就加引号"),
        ("name: 示例业务", "name: 12351", "“12351”应为文字，请加引号"),
        ("name: 示例业务", "name: 2026-03-01", "“2026-03-01”应为文字，请加引号"),
        ("name: 示例业务", "name:", "“”在这里没有意义，不填就把整行删掉，要当文字就加引号"),
        ("name: 示例业务", "name: [甲]", "这里应该是一个值，而不是列表或下一级内容"),
        (
            "name: 示例业务",
            "nmae: 示例业务",
            "不认识“nmae”，这里可以写：slug、version、name、initials、group、audience、icon",
        ),
        ("name: 示例业务", "slug: other", "“slug”写了两次"),
        ("audience: [member]", "audience: member", "这里应该是一个列表，每项前面写“- ”，或写成 [甲, 乙]"),
        ("subject: {name: real_name, summary: [trade, note]}", "subject: [a]", "这里应该是“名称: 内容”的形式"),
        ("days: 3}", "days: 1_0.5}", "“1_0.5”会被当成另一个数，请写普通小数，要当文字就加引号"),
        ("days: 3}", "days: 1.5}", "“1.5”应为整数，不加引号"),
        ("role: desk", "rôle: desk", "不认识“rôle”，这里可以写：name、role、level、days、when"),
        ("kind: name", "kind: nome", "“nome”不在可选范围内，可以写：text、longtext、int"),
        ("kind: text", "kind: text, required: 是", "“是”应为 true 或 false"),
        ("kind: text", "kind: text, rule: 2...x", "规则“2...x”里的“.x”既不是数字、日期，也不是另一栏的名称"),
        ("kind: text", "kind: text, rule: ~2", "看不懂规则“~2”，可写 2..60、>=today、<=另一栏、==true 或 in=3|5"),
        ("kind: text", "kind: text, rule: '>=today-999y'", "规则“>=today-999y”里的日期离今天太远"),
        ("member.status == active", "member.status =", "条件“member.status =”的第 15 个字符：这里看不懂：“=”"),
    ],
)
def test_each_slip_is_named_with_its_line(old: str, new: str, message: str) -> None:
    text = SOUND.replace(old, new, 1)
    line = line_of(text, new)
    found = [problem for problem in problems_of(text) if problem.startswith(f"sample.yaml:{line}: {message}")]
    assert len(found) == 1


@pytest.mark.parametrize(
    ("notice", "message"),
    [
        ("{event: cheered, to: [applicant]}", "“cheered”不在可选范围内，可以写：submitted、assigned、accepted"),
        ("{event: held, to: [parties]}", "“parties”不在可选范围内，可以写：applicant、handler、leader"),
        ("{event: held, to: [applicant], channels: [fax]}", "“fax”不在可选范围内，可以写：app、sms"),
    ],
)
def test_events_recipients_and_channels_are_known_ones(notice: str, message: str) -> None:
    [found] = problems_of(f"{SOUND}notices:\n  - {notice}\n")
    assert found.startswith(f"sample.yaml:{len(SOUND.splitlines()) + 2}: {message}")


def notices_of(text: str, base: Path) -> dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]:
    flow = catalogue.open_catalogue(folder(base, sample_flow=text), BOUND).flow("sample-flow")
    return {event: [(one.to, one.channels) for one in flow.told_of(event)] for event in NoticeEvent}


def test_a_flow_that_says_nothing_of_notices_has_the_standard_ones(tmp_path: Path) -> None:
    told = notices_of(SOUND, tmp_path)
    assert told["submitted"] == [(("applicant",), ("app",))]
    assert told["assigned"] == [(("handler",), ("app",))]
    assert told["returned"] == [(("applicant",), ("app", "sms"))]
    assert told["overdue"] == [(("handler", "leader"), ("app", "sms"))]
    assert all(told.values())


def test_a_flow_changes_single_events(tmp_path: Path) -> None:
    own = """\
notices:
  - {event: overdue, to: [leader], channels: [sms]}
  - {event: overdue, to: [handler], channels: [app]}
  - {event: urged, to: []}
"""
    standard, told = notices_of(SOUND, tmp_path / "standard"), notices_of(SOUND + own, tmp_path / "own")
    assert told.pop("overdue") == [(("leader",), ("sms",)), (("handler",), ("app",))]
    assert told.pop("urged") == [((), ("app",))]
    assert told == {event: said for event, said in standard.items() if event in told}


def test_what_all_flows_share_is_checked_too(tmp_path: Path) -> None:
    base = folder(tmp_path, sample_flow=SOUND)
    (base / "catalogue" / "_notices.yaml").write_text(
        "standard:\n  - {event: held, to: [applicant]}\n  - {event: urged, to: [leader]}\n", "utf-8"
    )
    (base / "catalogue" / "_engine.yaml").write_text(
        "functions:\n  - {verb: draft, name: 草稿, by: x}\n  - {verb: draft, name: 草稿, by: x, door: GET /a}\n",
        "utf-8",
    )
    (base / "notifications" / "case.held.yaml").write_text("applicant: 好\n", "utf-8")
    assert catalogue.check(base, BOUND) == [
        "config/catalogue/_engine.yaml:3: door、permission、test 要么都写（已开通），要么都不写（未开通）",
        "config/catalogue/_engine.yaml:3: “draft”写了两次",
        f"{tmp_path.name}/notifications/case.held.yaml:1: applicant must be keys with values",
    ]
    (base / "notifications" / "case.held.yaml").unlink()
    (base / "notifications" / "case.urged.yaml").write_text("handler: {title: 催, channels: {inbox: [催]}}\n", "utf-8")
    assert f"{tmp_path.name}/notifications/case.held.yaml:1: is missing; every notice needs its words" in (
        catalogue.check(base, BOUND)
    )
    (base / "notifications" / "case.held.yaml").write_text("applicant: {title: 停, channels: {inbox: [停]}}\n", "utf-8")
    assert catalogue.check(base, BOUND)[2:] == [
        "config/catalogue/_notices.yaml:3: config/notifications/case.urged.yaml 里没有对“leader”说的话：app"
    ]


def test_every_event_has_its_notice() -> None:
    # Whom an action tells stands with the action; a question concerns who is asked, and its answer who asked;
    # a message goes to the other side.
    asked = {Notice.CASE_ASKED, Notice.CASE_ANSWERED, Notice.CASE_UNANSWERED}
    elsewhere = {Notice.CASE_ACTED, Notice.CASE_MESSAGE, *asked}
    assert {notice_of(event) for event in NoticeEvent} == {one for one in Notice if one.startswith("case.")} - elsewhere


def test_aliases_and_broken_yaml() -> None:
    shared = SOUND.replace("icon: file", "icon: file\nkeywords: &k [甲]\nchecks: *k")
    assert problems_of(shared) == ["sample.yaml:8: 请不要用 & 和 * 引用，把内容写两遍"]
    torn = SOUND.replace("audience: [member]", "audience: [member")
    assert [problem.split(":")[:2] for problem in problems_of(torn)] == [["sample.yaml", "7"]]
    assert problems_of("") == ["sample.yaml:1: 文件是空的"]
    assert problems_of("- 1") == ["sample.yaml:1: 这里应该是“名称: 内容”的形式"]
    assert problems_of("a: \x07")[0].startswith("sample.yaml:1: YAML 写法有误")


def test_what_is_missing_is_listed() -> None:
    text = SOUND.replace("icon: file\n", "").replace("number_prefix: SL\n", "")
    assert problems_of(text) == ["sample.yaml:1: 缺少：icon、number_prefix"]


def test_a_sound_file_becomes_a_flow() -> None:
    params = """\
params:
  - name: cap
    text: 封顶
    basis: sourced
    values:
      - {since: 2025-01-01, value: 30000}
      - {since: 2026-07-01, value: 50000}
  - {name: rate, text: 比例, values: [{since: 2026-01-01, value: 0.005}]}
"""
    flow, problems = decode(HEAD + EVERY_KIND + params)
    assert problems == []
    assert flow is not None
    assert {spec.kind for spec in flow.fields} == set(FieldKind)
    team, trade = flow.field("team"), flow.field("trade")
    assert team is not None
    assert trade is not None
    assert ([column.name for column in team.columns], team.is_sensitive) == (["name", "id_no", "fee"], True)
    assert trade.options == {"1": "焊工", "2": "钳工"}
    assert [slot.name for slot in flow.attachments] == ["proof", "scan"]
    assert flow.facts_needed == {"member.status"}
    assert flow.params_on(date(2025, 12, 31)) == {"cap": 30_000}
    assert flow.params_on(date(2026, 7, 1)) == {"cap": 50_000, "rate": Decimal("0.005")}


def test_a_parameter_holds_from_its_day() -> None:
    values = (ParamValue(value=1, since=date(2026, 1, 1)), ParamValue(value=2, since=date(2026, 2, 1)))
    param = ParamSpec(name="x", text="x", values=values)
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1))
    assert [param.on(day) for day in days] == [None, 1, 1, 2]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("slug: sample-flow", "slug: Sample", "“Sample”只能用小写字母、数字和连字符"),
        ("slug: sample-flow", "slug: other-flow", "文件名应为 other-flow.yaml"),
        ("version: 1", "version: 0", "版本号从 1 开始"),
        ("initials: slyw", "initials: xyz", "拼音首字母应为 slyw"),
        ("group: org", "group: orgs", "没有“orgs”这个分组"),
        ("audience: [member]", "audience: [members]", "没有“members”这个办理对象"),
        (
            "limit_working_days: 3",
            "limit_working_days: 3\nreopen_days: -1",
            "天数不能是负数；0 表示不通过的不再重新办理",
        ),
        ("level: town, days: 3", "level: town, days: 3, four_eyes: 2", "“2”应为 true 或 false"),
        ("level: town, days: 3", "level: town, days: 3, rests_on: [nothing]", "没有“nothing”这个栏目"),
        ("number_prefix: SL", "number_prefix: s1", "编号开头应为 2 到 4 个大写字母"),
        ("limit_working_days: 3", "limit_working_days: 9", "办理时限与各步骤的天数不符，应在 3 到 3 天之间"),
        ("name: real_name, summary", "name: note, summary", "没有类型为“name”的栏目“note”"),
        ("summary: [trade, note]", "summary: [trade, nothing]", "没有“nothing”这个栏目"),
        ("icon: file", "icon: file\none_running_per_person: true", "一人一件要知道证件号，请在 subject 里写 id_no"),
        ("member.status == active", "member.state == active", "没有“member.state”这个事实"),
        ("member.status == active", "form.trade == paint", "“trade”没有“paint”这个选项"),
        ("member.status == active", "form.nothing == 1", "没有“nothing”这个栏目"),
        ("member.status == active", "params.cap > 1", "没有“cap”这个参数"),
        ("role: desk, level: town", "role: clerk, level: town", "没有“clerk”这个角色"),
        ("role: desk, level: town", "role: desk, level: street", "没有“street”这个层级"),
        ("role: desk, level: town", "role: desk, level: unit", "角色“desk”只在 town、county 设置"),
        ("days: 3}", "days: 3, when: case.amount_fen > 1}", "没有“case.amount_fen”这个事实"),
        (
            "kind: name}",
            "kind: name, when: form.note == x}",
            "这里只能用本表中写在前面的栏目（form.…），没有“form.note”",
        ),
        ("kind: name}", "kind: name, prefill: [member.name]}", "没有“member.name”这个预填来源"),
        ("kind: name}", "kind: name, rows: 1..2}", "只有明细表能写 rows"),
        ("kind: name}", "kind: name, within: county}", "只有区划栏目能写 within"),
        ("kind: name}", "kind: name, columns: [{name: a, label: 甲, kind: int}]}", "明细表要写 columns，其他栏目不写"),
        ("kind: name}", "kind: enum}", "“real_name”要写 options 或 lookup"),
        ("kind: name}", "kind: int, options: {a: 甲}}", "“int”没有选项"),
        ("kind: name}", "kind: int, lookup: x}", "“int”不能从目录里选"),
        ("kind: name}", "kind: int, rule: <=nothing}", "没有“nothing”这一栏"),
        ("kind: name}", "kind: int, rule: <=note}", "“note”和“real_name”的类型不同，不能比较"),
        ("kind: name}", "kind: int, rule: <=today}", "“int”不能和 today 比较"),
        ("kind: name}", "kind: date, rule: 1..5}", "“date”要和 today 或另一栏比较，不能和数字比较"),
        ("kind: name}", "kind: text, rule: ==true}", "是否栏目只能写 ==true 或 ==false，别的栏目不能"),
        ("kind: name}", "kind: id_no, rule: 1..5}", "“id_no”不能写 rule"),
        ("kind: name}", "kind: money, rule: in=1|2}", "in= 只用于整数"),
        ("kind: name}", "kind: bool, implied_by: nothing}", "只有是否栏目能写 implied_by，而且要指向写在前面的栏目"),
        (
            "kind: name}",
            "kind: text, filled_by: system, required: true}",
            "“real_name”由系统填写又必填，要写 prefill 或 default",
        ),
        ("options: {weld: 焊工}", "options: {weld: 焊工}, default: paint", "“paint”不在选项里"),
        ("name: note, label", "name: Note, label", "“Note”只能用小写字母、数字和下划线，最多 40 个字符"),
        ("name: note, label: 说明", "name: trade, label: 说明", "栏目“trade”写了两次"),
    ],
)
def test_names_that_lead_nowhere(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = SOUND.replace(old, new, 1)
    line = line_of(text, new.splitlines()[-1])
    found = catalogue.check(folder(tmp_path, sample_flow=text), BOUND_FULL)
    assert f"config/catalogue/sample-flow.yaml:{line}: {message}" in found


BOUND_FULL = Bindings(facts=BOUND.facts, outcomes=BOUND.outcomes, prefills={"account.mobile": anything})


@pytest.mark.parametrize(
    ("more", "words", "message"),
    [
        ("outcomes: [{kind: pay, text: 付款}]", "outcomes", "没有“pay”这个办理结果"),
        ("checks: [look]", "checks: [look]", "没有“look”这个自动核对"),
        ("quote: sum", "quote", "没有“sum”这个金额计算"),
        (
            "notices: [{event: submitted, to: [handler], channels: [app]}]",
            "notices",
            "config/notifications/case.submitted.yaml 里没有对“handler”说的话：app",
        ),
        (
            "notices: [{event: held, to: [applicant], channels: [app, sms]}]",
            "notices",
            "config/notifications/case.held.yaml 里没有对“applicant”说的话：sms",
        ),
        ("notices: [{event: held, to: [applicant], channels: []}]", "notices", "写明用什么方式告诉：app、sms"),
        (
            "functions: [{code: sample-flow.submit, name: 提交, by: x, tier: engine}]",
            "functions",
            "每项业务都有的功能写在 _engine.yaml，这里只写 core 和 ext",
        ),
        ("params: [{name: a, text: 甲, values: []}]", "params", "至少要有一个值"),
        (
            "params: [{name: a, text: 甲, values: [{since: 2026-02-01, value: 1}, {since: 2026-01-01, value: 2}]}]",
            "params",
            "各个值要按生效日期从早到晚写，日期不能重复",
        ),
        (
            "params: [{name: a, text: 甲, values: [{since: 2026-01-01, value: 1}, {since: 2026-02-01, value: x}]}]",
            "params",
            "各个值的类型要相同",
        ),
        (
            "functions: [{code: other.submit, name: 提交, by: x, tier: core}]",
            "functions",
            "功能代码应以“sample-flow.”开头",
        ),
        (
            "functions: [{code: sample-flow.a, name: 甲, by: x, tier: core, door: GET /a}]",
            "functions",
            "door、permission、test 要么都写（已开通），要么都不写（未开通）",
        ),
        (
            "functions: [{code: sample-flow.a, name: 甲, by: x, tier: core, door: a, permission: b, test: c}]",
            "functions",
            "door 写成“POST /api/v1/…”的形式",
        ),
    ],
)
def test_the_rest_of_a_file_is_checked_too(tmp_path: Path, more: str, words: str, message: str) -> None:
    text = f"{SOUND}{more}\n"
    found = catalogue.check(folder(tmp_path, sample_flow=text), BOUND)
    assert f"config/catalogue/sample-flow.yaml:{line_of(text, words)}: {message}" in found


def test_columns_and_slots_are_checked(tmp_path: Path) -> None:
    text = SOUND + (
        "      - name: team\n        label: 队员\n        kind: table\n        columns:\n"
        "          - {name: a, label: 甲, kind: geo}\n          - {name: a, label: 乙, kind: int}\n"
        "          - {name: b, label: 丙, kind: int, prefill: [account.mobile]}\n"
        "    attachments:\n      - {name: note, label: 证明, max_files: 0}\n"
    )
    start = line_of(text, "columns:")
    assert catalogue.check(folder(tmp_path, sample_flow=text), BOUND_FULL) == [
        f"config/catalogue/sample-flow.yaml:{start + 1}: 明细表的列不能是“geo”",
        f"config/catalogue/sample-flow.yaml:{start + 2}: 列“a”写了两次",
        f"config/catalogue/sample-flow.yaml:{start + 3}: 明细表的列不能有 when、prefill、filled_by 或 reuse",
        f"config/catalogue/sample-flow.yaml:{start + 5}: 名称“note”已经用过",
        f"config/catalogue/sample-flow.yaml:{start + 5}: 至少能传 1 个文件",
    ]


def test_a_screen_asks_at_most_seven_things(tmp_path: Path) -> None:
    fields = "".join(f"      - {{name: f{number}, label: 栏, kind: int}}\n" for number in range(5))
    text = SOUND + fields
    line = line_of(text, "real_name, label")
    assert catalogue.check(folder(tmp_path, sample_flow=text), BOUND) == [
        f"config/catalogue/sample-flow.yaml:{line}: 一页最多 7 栏，这页有 8 栏，请分页或折叠"
    ]
    folded = text.replace("kind: text}", "kind: text, folded: true}")
    assert catalogue.check(folder(tmp_path / "folded", sample_flow=folded), BOUND) == []


def test_files_are_checked_against_each_other(tmp_path: Path) -> None:
    other = SOUND.replace("slug: sample-flow", "slug: other-flow")
    base = folder(tmp_path, sample_flow=SOUND, other_flow=other, earlier__sample_flow_v2=SOUND)
    (base / "catalogue" / "_register.yaml").write_text(
        "services:\n"
        "  - {slug: sample-flow, name: 示例业务, initials: slyw, group: org, audience: [member], limit_working_days: 3,"
        " core_functions: 5}\n",
        "utf-8",
    )
    assert catalogue.check(base, BOUND) == [
        "config/catalogue/_register.yaml:2: “sample-flow”已经有自己的文件，请从这里删去",
        "config/catalogue/earlier/sample-flow.2.yaml:1: 文件名应为 sample-flow.1.yaml",
        "config/catalogue/sample-flow.yaml:9: “SL”已经由 other-flow 使用",
    ]


def test_all_problems_of_all_files_stop_the_start_at_once(tmp_path: Path) -> None:
    base = folder(tmp_path, sample_flow=SOUND.replace("version: 1", "version: 0"), broken_flow="slug: no")
    (base / "catalogue" / "_groups.yaml").unlink()
    (base / "roles.yaml").unlink()
    with pytest.raises(catalogue.CatalogueError) as caught:
        catalogue.open_catalogue(base, BOUND)
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        "config/catalogue/_groups.yaml:1",
        "config/catalogue/broken-flow.yaml:1",
        "config/catalogue/broken-flow.yaml:1",
        "config/catalogue/sample-flow.yaml:2",
        "config/roles.yaml:1",
    ]
    (base / "catalogue" / "gbk-flow.yaml").write_bytes("name: 示例".encode("gbk"))
    assert "config/catalogue/gbk-flow.yaml:1: 文件不是 UTF-8 编码，请另存为 UTF-8" in catalogue.check(base, BOUND)
