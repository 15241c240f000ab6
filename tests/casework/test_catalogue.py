"""The catalogue that ships: the directory, its counts and its search; and the joining form."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from backend.casework import catalogue
from backend.casework.catalogue import Catalogue
from backend.casework.flow_files.load import load_files
from backend.casework.flows import Flow
from backend.casework.forms.parse import parse_form
from backend.casework.forms.render import render_screens
from backend.casework.protocols import Bindings
from backend.core.errors import NotFound
from backend.core.settings import CONFIG_DIR
from tests.casework.samples import HEAD, folder

TODAY = date(2026, 3, 10)
JOIN = {
    "join_channel": "self",
    "employ_form": "newform",
    "newform_group": "courier",
    "employer": "测试快运",
    "division": "990121",
    "real_name": "王小测",
    "id_no": "990001199003071231",
    "mobile": "15400000001",
    "charter_ok": True,
    "privacy_ok": True,
    "privacy_version": "2026-01",
}
FILLED = {"privacy_version": "2026-01"}
ONE_SCREEN = "screens:\n  - {key: only, title: 一页, fields: [{name: real_name, label: 姓名, kind: name}]}\n"
SMALL = HEAD.replace(", summary: [trade, note]", "") + ONE_SCREEN


async def anything(*_: Any, **__: Any) -> Any:
    return None


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    files, problems = load_files(CONFIG_DIR, None)
    assert problems == []
    assert files.groups is not None
    return Catalogue(files, files.groups, Bindings())


@pytest.fixture(scope="module")
def joining(shipped: Catalogue) -> Flow:
    return shipped.flow("member-join")


def test_the_shipped_files_are_sound() -> None:
    assert catalogue.check(CONFIG_DIR) == []


def test_the_directory_counts_itself(shipped: Catalogue) -> None:
    view = shipped.directory()
    assert (view.flows, len(view.items), view.functions.total) == (46, 46, 224)
    assert view.functions.enabled == sum(one.tier == "core" for one in shipped.enabled_functions())
    assert {item.slug for item in view.items if item.enabled} == set(shipped.flows)
    assert [item.slug for item in view.items][:1] == ["member-join"]


def test_the_directory_by_group(shipped: Catalogue) -> None:
    view = shipped.directory(group="honour")
    assert sorted(item.slug for item in view.items) == ["honour-nomination", "model-worker-care"]
    assert (view.flows, {item.group_name for item in view.items}) == (46, {"荣誉与劳模"})
    assert shipped.directory(group="nothing").items == []


def test_a_service_item(shipped: Catalogue) -> None:
    item = shipped.item("member-join")
    assert item is not None
    assert (item.name, item.audience, item.limit_working_days, item.enabled) == ("会员入会申请", "劳动者", 3, True)
    assert shipped.item("nothing") is None


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("入会", "member-join"),
        ("会员入会", "member-join"),
        ("hyrh", "member-join"),
        ("HYRH", "member-join"),
        ("我是跑外卖的", "member-join"),
        ("看病", "mutual-aid-claim"),
        ("我要报销", "mutual-aid-claim"),
        (" 找 工作 ", "job-recruitment"),
        ("找对象", "matchmaking"),
        ("老板不发工资", "dispute-mediation"),
        ("换工作单位", "member-transfer"),
        ("受伤了怎么办", "temporary-aid"),
        ("想学电工", "skill-training"),
        ("12351", "hotline-ticket"),
        ("legal-aid", "legal-aid"),
    ],
)
def test_everyday_words_find_the_service(shipped: Catalogue, said: str, first: str) -> None:
    assert shipped.search(said)[0].slug == first


def test_nonsense_finds_nothing(shipped: Catalogue) -> None:
    for said in ("", "  ", "zzzz", "％", "\x00", "囧" * 500):
        assert shipped.search(said) == []


def test_services_that_are_not_there_or_not_open(tmp_path: Path) -> None:
    base = folder(tmp_path, sample_flow=SMALL + "enabled: false\n")
    loaded = catalogue.open_catalogue(base, Bindings(facts={"member.status": anything}))
    item = loaded.item("sample-flow")
    assert item is not None
    assert (item.name, item.enabled, item.icon) == ("示例业务", False, "file")
    with pytest.raises(NotFound) as missing:
        loaded.flow("nothing")
    with pytest.raises(NotFound) as closed:
        loaded.flow("sample-flow")
    assert (missing.value.code, closed.value.code) == ("no_such_service", "service_not_open")


def test_a_case_keeps_the_version_it_began_with(tmp_path: Path) -> None:
    new = SMALL.replace("version: 1", "version: 2").replace("name: 示例业务", "name: 示例事务").replace("slyw", "slsw")
    base = folder(tmp_path, sample_flow=new, earlier__sample_flow_v1=SMALL)
    bound = Bindings(facts={"member.status": anything})
    assert catalogue.check(base, bound) == []
    loaded = catalogue.open_catalogue(base, bound)
    assert loaded.flow("sample-flow").version == 2
    assert loaded.version("sample-flow", 1).name == "示例业务"
    assert [loaded.has_version("sample-flow", number) for number in (1, 2, 3)] == [True, True, False]
    assert loaded.version("sample-flow", 3).version == 2
    with pytest.raises(NotFound):
        loaded.version("nothing", 1)


def test_functions_count_once_their_door_is_there(tmp_path: Path) -> None:
    functions = """\
functions:
  - {code: sample-flow.a, name: 甲, by: x, tier: core, door: GET /a, permission: public, test: tests/test_a.py}
  - {code: sample-flow.b, name: 乙, by: x, tier: core}
  - {code: sample-flow.c, name: 丙, by: x, tier: ext, door: GET /c, permission: public, test: tests/test_c.py}
  - {code: sample-flow.export, name: 自己的台账, by: x, tier: ext}
"""
    base = folder(tmp_path, sample_flow=SMALL + functions)
    loaded = catalogue.open_catalogue(base, Bindings(facts={"member.status": anything}))
    counted = loaded.functions()
    assert (counted.total, counted.enabled) == (2, 1)
    enabled = {one.code: one.door for one in loaded.enabled_functions()}
    assert enabled.pop("sample-flow.a") == "GET /a"
    assert enabled.pop("sample-flow.c") == "GET /c"
    # Beside its own every flow has what the engine does, but for the export that this one means differently.
    verbs = ("draft", "submit", "supplement", "withdraw", "progress", "accept", "return", "approve", "reject", "stats")
    assert list(enabled) == [f"sample-flow.{verb}" for verb in verbs]
    named = {one.code: (one.name, one.tier) for one in loaded.flow("sample-flow").functions}
    assert named["sample-flow.export"] == ("自己的台账", "ext")
    assert named["sample-flow.stats"] == ("业务统计", "engine")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bindings]:
    monkeypatch.setattr(catalogue, "_current", None)
    bound = Bindings(facts={"member.status": anything})
    catalogue.load(folder(tmp_path, sample_flow=SMALL), bound)
    yield bound


def test_one_catalogue_a_process(installed: Bindings) -> None:
    assert catalogue.flow("sample-flow").name == "示例业务"
    assert catalogue.version("sample-flow", 1) is catalogue.flow("sample-flow")
    assert catalogue.bindings() is installed
    assert [item.slug for item in catalogue.directory(q="示例").items] == ["sample-flow"]
    assert [group.key for group in catalogue.groups()] == ["org", "aid", "rights", "jobs", "honour", "welfare", "ops"]
    assert catalogue.summary() == "1 类业务，已开通 1 类；0 项功能，已开通 0 项。"


def test_nothing_is_served_before_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_current", None)
    with pytest.raises(RuntimeError):
        catalogue.flow("member-join")


def test_joining_takes_the_keys_of_the_contract(joining: Flow) -> None:
    parsed = parse_form(joining, JOIN, files={}, today=TODAY, known=FILLED)
    assert parsed.errors == []
    assert parsed.sensitive == {"id_no": "990001199003071231", "mobile": "15400000001"}
    assert parsed.all == JOIN | {"sensitive_ok": True}


def test_joining_works_without_what_the_system_knows(joining: Flow) -> None:
    typed = {name: value for name, value in JOIN.items() if name not in ("join_channel", "privacy_version")}
    parsed = parse_form(joining, typed, files={}, today=TODAY, known=FILLED)
    assert (parsed.errors, parsed.all) == ([], JOIN | {"sensitive_ok": True})


def test_joining_names_every_wrong_field(joining: Flow) -> None:
    wrong = JOIN | {"id_no": "990001199003071232", "mobile": "1540000000", "division": "", "privacy_ok": False}
    assert [error.field for error in parse_form(joining, wrong, files={}, today=TODAY, known=FILLED).errors] == [
        "division",
        "id_no",
        "mobile",
        "privacy_ok",
        "sensitive_ok",
    ]


def test_only_new_forms_of_work_are_asked_for_their_trade(joining: Flow) -> None:
    contract = JOIN | {"employ_form": "contract"}
    assert "newform_group" not in parse_form(joining, contract, files={}, today=TODAY).all


def test_joining_is_three_short_screens(joining: Flow) -> None:
    screens = render_screens(joining, {})
    asked = [[field.name for field in screen.fields if not field.folded] for screen in screens]
    assert asked == [
        ["employ_form", "newform_group", "employer", "division", "target_org"],
        ["real_name", "id_no", "mobile"],
        ["charter_ok", "privacy_ok", "sensitive_ok"],
    ]
    assert [screen.summary for screen in screens] == [False, False, True]
    assert not any(slot.required for screen in screens for slot in screen.slots)
