"""The files of config/benefits/: what is wrong is named with file, line and a sentence, and stops the start."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from backend import cli
from backend.aid import plan_files
from backend.aid.plan_files import PlanError
from backend.aid.plans import version_name
from backend.core.settings import CONFIG_DIR
from tests.aid.plans import HOSPITAL, PLANS

TEXT = (CONFIG_DIR / "benefits" / "hospital.yaml").read_text("utf-8")
VERSION = TEXT[TEXT.index("  - since:") :]
FILE = "config/benefits/hospital.yaml"


def folder(base: Path, text: str = TEXT, **more: str) -> Path:
    (base / "benefits").mkdir(parents=True, exist_ok=True)
    for name, written in {"hospital": text, **more}.items():
        (base / "benefits" / f"{name}.yaml").write_text(written, "utf-8")
    return base


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


def test_the_shipped_plan_is_that_of_the_demo() -> None:
    assert [plan.slug for plan in PLANS.all] == ["hospital", "accident", "critical", "female"]
    [version] = HOSPITAL.versions
    assert (version.deductible_fen, version.cap_fen.per_year, version.claim_deadline_days) == (300_00, 50_000_00, 180)
    assert [(str(tier.percent), tier.upto_fen) for tier in version.tiers] == [
        ("30", 10_000_00),
        ("40", 50_000_00),
        ("50", None),
    ]
    assert version_name(HOSPITAL, version) == "hospital@2024-01-01"


SLIPS = [
    (
        "- {percent: 50}",
        "- {upto_fen: 9000000, percent: 50}",
        "最后一段不写 upto_fen，不然超过的部分没有比例，成了空档",
    ),
    ("upto_fen: 5000000, percent: 40", "percent: 40", "只有最后一段可以不写 upto_fen，不然和后面的段重叠"),
    ("upto_fen: 5000000", "upto_fen: 1000000", "1000000 不比前一段的 1000000 大，两段重叠"),
    ("percent: 40", "percent: 101", "比例 101 要在 0 到 100 之间，最多两位小数"),
    ("percent: 40", "percent: 40.001", "比例 40.001 要在 0 到 100 之间，最多两位小数"),
    ("per_year: 5000000", "per_year: 0", "一年最多补助的金额要大于 0，不超过 1 亿元"),
    ("{per_year: 5000000}", "{per_year: 50, per_stay: 60}", "每次住院最多补助的金额要大于 0，不超过一年的上限"),
    ("min_pay_fen: 0", "min_pay_fen: 5000001", "最低发放的金额比上限还高，就谁也拿不到了"),
    ("deductible_fen: 30000", "deductible_fen: -1", "金额不能是负数，也不能超过 1 亿元"),
    ("wait_days: 30", "wait_days: 400", "天数写 0 到 366"),
    ("claim_deadline_days: 180", "claim_deadline_days: 0", "申请期限写 1 到 732 天"),
    ("max_shares: 2", "max_shares: 0", "份数写 1 到 10"),
    ("share_percent: 0", "share_percent: 101", "多一份多补助的百分比写 0 到 100"),
    ("[member]", "[]", "写明谁可以参加"),
    ("source: 职工医疗互助办法（示例）", "source: ''", "写明依据哪个文件"),
    ("code: crime", "code: cosmetic", "“cosmetic”写了两次"),
    ("base: self_pay_fund", "base: selfpay", "“selfpay”不在可选范围内，可以写：self_pay_fund、self_pay"),
    ("rounding: half_up_fen", "roundng: half_up_fen", "不认识“roundng”，这里可以写：since"),
    ("    belong_year: admit\n", "", "缺少：belong_year"),
    ("deductible_fen: 30000", "deductible_fen: 300.00", "“300.00”应为整数，不加引号"),
    ("slug: hospital", "slug: clinic", "“clinic”和文件名不符，应为 hospital"),
    ("since: 2024-01-01", "since: 2024-01-01\n    until: 2023-12-31", "2023-12-31 比开始的 2024-01-01 早"),
]


@pytest.mark.parametrize(("old", "new", "message"), SLIPS)
def test_a_slip_is_named(old: str, new: str, message: str, tmp_path: Path) -> None:
    text = TEXT.replace(old, new, 1)
    assert text != TEXT
    assert [one for one in plan_files.check(folder(tmp_path, text)) if one.startswith(FILE) and f": {message}" in one]


def test_the_line_is_that_of_the_slip(tmp_path: Path) -> None:
    text = TEXT.replace("upto_fen: 5000000", "upto_fen: 50").replace("wait_days: 30", "wait_days: 999")
    assert plan_files.check(folder(tmp_path, text)) == [
        f"{FILE}:{line_of(text, 'wait_days')}: 天数写 0 到 366",
        f"{FILE}:{line_of(text, 'upto_fen: 50,')}: 50 不比前一段的 1000000 大，两段重叠",
    ]


def test_versions_follow_each_other_without_gap_or_overlap(tmp_path: Path) -> None:
    def second(since: str, until: str = "") -> str:
        first = TEXT.replace("since: 2024-01-01", f"since: 2024-01-01\n    until: {until}") if until else TEXT
        return first + VERSION.replace("2024-01-01", since).replace("deductible_fen: 30000", "deductible_fen: 50000")

    plans, problems = plan_files.read(folder(tmp_path / "good", second("2026-07-01", "2026-06-30")))
    assert problems == []
    assert plans is not None
    deductibles = {day: plans.usual.on(day) for day in (date(2023, 12, 31), date(2026, 6, 30), date(2026, 7, 1))}
    assert [one and one.deductible_fen for one in deductibles.values()] == [None, 300_00, 500_00]
    wrong = {
        "gap": (second("2026-07-01", "2026-05-31"), "2026-05-31 到下一个版本的 2026-07-01 之间有空档"),
        "overlap": (second("2026-07-01", "2026-07-01"), "2026-07-01 和下一个版本的 2026-07-01 重叠，应为 2026-06-30"),
        "order": (second("2024-01-01"), "2024-01-01 不比上一个版本的 2024-01-01 晚，版本要按日期先后写"),
    }
    for name, (text, message) in wrong.items():
        [problem] = plan_files.check(folder(tmp_path / name, text))
        assert problem.endswith(f": {message}"), problem


def test_exactly_one_plan_is_the_usual_one(tmp_path: Path) -> None:
    other = TEXT.replace("slug: hospital", "slug: critical")
    assert plan_files.check(folder(tmp_path / "two", critical=other)) == [
        f"{FILE}:{line_of(TEXT, 'usual: true')}: config/benefits/critical.yaml 也写了 usual: true，只能有一个"
    ]
    without = TEXT.replace("usual: true\n", "")
    assert plan_files.check(folder(tmp_path / "none", without)) == [
        "config/benefits/*.yaml:1: 要有一个计划写 usual: true，没有说是哪个计划时按它算"
    ]
    plans, _ = plan_files.read(folder(tmp_path / "one", critical=other.replace("usual: true\n", "")))
    assert plans is not None
    assert [plan.slug for plan in plans.all] == ["hospital", "critical"]


def test_a_wrong_file_stops_the_start_and_changes_nothing(tmp_path: Path) -> None:
    plan_files.load(CONFIG_DIR)
    before = plan_files.current()
    with pytest.raises(PlanError, match=rf"^{FILE}:\d+: 天数写 0 到 366$"):
        plan_files.load(folder(tmp_path, TEXT.replace("wait_days: 30", "wait_days: 999")))
    assert plan_files.current() is before


def test_the_check_command_tells_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    base = shutil.copytree(CONFIG_DIR, tmp_path / "config")
    folder(base, TEXT.replace("wait_days: 30", "wait_days: 999"))
    monkeypatch.setenv("UNION_CONFIG_DIR", str(base))
    assert cli.main(["catalogue", "check"]) == 1
    assert f"{FILE}:{line_of(TEXT, 'wait_days')}: 天数写 0 到 366" in capsys.readouterr().err
