"""The files of config/grading/: what is wrong is named with file, line and a sentence, and stops the start."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from backend import cli
from backend.core.settings import CONFIG_DIR
from backend.grading import scheme_files
from backend.grading.enums import BandRule
from backend.grading.scheme_files import SchemeError
from tests.grading.samples import SCHEMES

CHAIRS = (CONFIG_DIR / "grading" / "chair-grading.yaml").read_text("utf-8")
WORKERS = (CONFIG_DIR / "grading" / "social-worker.yaml").read_text("utf-8")


def folder(base: Path, *, chairs: str = CHAIRS, workers: str = WORKERS) -> Path:
    (base / "grading").mkdir(parents=True, exist_ok=True)
    (base / "grading" / "chair-grading.yaml").write_text(chairs, "utf-8")
    (base / "grading" / "social-worker.yaml").write_text(workers, "utf-8")
    return base


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


def test_the_shipped_schemes_say_what_was_reported() -> None:
    chairs, workers = SCHEMES.chairs.versions[0], SCHEMES.workers.versions[0]
    assert chairs.weights == {"self": 5, "town": 15, "panel": 80}
    assert [(band.name, band.at_least, band.monthly_fen) for band in chairs.bands] == [
        ("高级", 90, 300_00),
        ("中级", 75, 200_00),
        ("初级", 60, 100_00),
        ("未定等级", 0, 0),
    ]
    assert chairs.band_rule is BandRule.FLOOR
    assert [(one.name, one.lowest, one.highest) for one in workers.posts] == [
        ("初级岗", 1, 12),
        ("中级岗", 4, 15),
        ("高级岗", 7, 18),
    ]
    assert (workers.grades, workers.years_per_grade, workers.training.every_years) == (18, 3, 3)
    assert (workers.bonus.least_fen, workers.bonus.most_fen) == (1_200_00, 10_000_00)


CHAIR_SLIPS = [
    ("{self: 5,", "{self: 6,", "权重加起来是 101，应该是 100"),
    ("{self: 5, town: 15, panel: 80}", "{self: 20, panel: 80}", "要写齐 self、town、panel 三项的权重"),
    ("{self: 5, town: 15, panel: 80}", "{self: 0, town: 20, panel: 80}", "权重 0 要大于 0、小于 100"),
    ("at_least: 3, drop", "at_least: 2, drop", "评审组至少 3 人：人再少，平均分就等于说出了个人的评分"),
    (
        "extremes: false, drop_from: 5",
        "extremes: true, drop_from: 4",
        "去掉最高最低以后至少还要剩 3 张，drop_from 不能小于 5",
    ),
    ("参加学习培训, most: 10", "参加学习培训, most: 0", "“参加学习培训”的满分要大于 0、不超过 100，最多两位小数"),
    ("参加学习培训, most: 10", "参加学习培训, most: 10.001", "“参加学习培训”的满分要大于 0、不超过 100，最多两位小数"),
    ("key: training", "key: policy", "“policy”写了两次"),
    ("key: training", "key: 培训", "“培训”要用小写字母、数字和下划线，最多 20 个"),
    ("at_least: 90", "at_least: 101", "101 分不在 0 到 100 之间"),
    ("at_least: 75", "at_least: 90", "“中级”的最低分要比“高级”的 90 低"),
    ("at_least: 0, monthly_fen: 0", "at_least: 10, monthly_fen: 0", "等级从高到低写，最后一档从 0 分起"),
    ("at_least: 0, monthly_fen: 0", "at_least: 0, monthly_fen: 1", "“未定等级”没有补贴，写 0"),
    ("monthly_fen: 20000", "monthly_fen: 40000", "“中级”的补贴不能比“高级”的高"),
    ("monthly_fen: 20000", "monthly_fen: 200.00", "“200.00”应为整数，不加引号"),
    ("band_rule: floor", "band_rule: nearest", "“nearest”不在可选范围内，可以写：floor、half_up"),
    ("counts_on: 15", "counts_on: 31", "按每月哪一天算在任，写 1 到 28"),
    ("objection_workdays: 5", "objection_workdays: 0", "公示期写 1 到 30 个工作日"),
    ("month: 12, day: 25", "month: 13, day: 25", "发放日写 1 到 12 月、1 到 28 日"),
    ("slug: chair-grading", "slug: chairs", "“chairs”和文件名不符，应为 chair-grading"),
    ("basis: sample", "basis: guess", "“guess”不在可选范围内，可以写：county、sample"),
    ("missing_self: zero", "missing_selb: zero", "不认识“missing_selb”，这里可以写：since"),
    ("name: 违法违纪", "name: ''", "名称“”要写 1 到 30 个字"),
]
WORKER_SLIPS = [
    ("lowest: 4, highest: 15", "lowest: 4, highest: 19", "“中级岗”的级别 4–19 不在 1–18 级里"),
    ("lowest: 7, highest: 18", "lowest: 3, highest: 18", "“高级岗”的级别区间不能低于“中级岗”的"),
    ("lowest: 1, highest: 12", "lowest: 2, highest: 12", "第 1 级不属于任何岗位"),
    ("excellent: 2", "excellent: 5", "“高级岗”要的优秀次数不能比“中级岗”的少"),
    (", excellent: 2", "", "缺少：excellent"),
    ("[260000, ", "[", "基本工资写了 17 级，应该是 18 级"),
    ("[260000, ", "[290000, ", "第 2 级的基本工资不能比第 1 级的低"),
    ("{junior: 60000, middle: 90000, senior: 120000}", "{junior: 60000}", "要写齐三种岗位：junior、middle、senior"),
    ("welfare_percent: 38.5", "welfare_percent: 101", "福利按基本工资的百分比写，0 到 100"),
    ("welfare_percent: 38.5", "welfare_percent: '38.5'", "“38.5”应为数，不加引号"),
    ("least_fen: 120000", "least_fen: 1200000", "年度绩效奖的下限要大于 0、不高于上限，上限不超过 10 万元"),
    ("[excellent, competent, basic]", "[excellent, fail]", "写哪些考核结果可以发奖，不称职的不能发"),
    ("years_per_grade: 3", "years_per_grade: 0", "几年晋一级，写 1 到 20"),
    ("every_years: 3", "every_years: 0", "几年轮训一遍，写 1 到 20"),
    ("warn_days: 60", "warn_days: 400", "提前几天提醒，写 0 到 365"),
    ("post: junior", "post: senior", "要按从低到高写齐三种岗位：junior、middle、senior"),
]


@pytest.mark.parametrize(("old", "new", "message"), CHAIR_SLIPS)
def test_a_slip_in_the_chairs_scheme_is_named(old: str, new: str, message: str, tmp_path: Path) -> None:
    text = CHAIRS.replace(old, new, 1)
    assert text != CHAIRS
    found = scheme_files.check(folder(tmp_path, chairs=text))
    assert [one for one in found if one.startswith("config/grading/chair-grading.yaml:") and f": {message}" in one]


@pytest.mark.parametrize(("old", "new", "message"), WORKER_SLIPS)
def test_a_slip_in_the_workers_scheme_is_named(old: str, new: str, message: str, tmp_path: Path) -> None:
    text = WORKERS.replace(old, new, 1)
    assert text != WORKERS
    found = scheme_files.check(folder(tmp_path, workers=text))
    assert [one for one in found if one.startswith("config/grading/social-worker.yaml:") and f": {message}" in one]


def test_the_line_is_that_of_the_slip(tmp_path: Path) -> None:
    text = CHAIRS.replace("at_least: 75", "at_least: 95").replace("day: 25", "day: 30")
    assert scheme_files.check(folder(tmp_path, chairs=text)) == [
        f"config/grading/chair-grading.yaml:{line_of(text, 'at_least: 95')}: “中级”的最低分要比“高级”的 90 低",
        f"config/grading/chair-grading.yaml:{line_of(text, 'day: 30')}: 发放日写 1 到 12 月、1 到 28 日",
    ]


def test_versions_stand_in_the_order_of_their_dates(tmp_path: Path) -> None:
    second = CHAIRS[CHAIRS.index("  - since:") :]
    later = CHAIRS + second.replace("2021-01-01", "2026-01-01").replace("band_rule: floor", "band_rule: half_up")
    schemes, problems = scheme_files.read(folder(tmp_path / "good", chairs=later))
    assert problems == []
    assert schemes is not None
    assert schemes.chairs.on(date(2020, 12, 31)) is None
    rules = {year: schemes.chairs.on(date(year, 12, 31)) for year in (2021, 2025, 2026)}
    assert [rule and rule.band_rule.value for rule in rules.values()] == ["floor", "floor", "half_up"]
    [problem] = scheme_files.check(folder(tmp_path / "bad", chairs=CHAIRS + second))
    assert problem.endswith("2021-01-01 不比上一个版本的 2021-01-01 晚，版本要按日期先后写")


def test_a_missing_file_and_one_that_nobody_reads_are_problems(tmp_path: Path) -> None:
    base = folder(tmp_path)
    (base / "grading" / "social-worker.yaml").rename(base / "grading" / "social-workers.yaml")
    assert scheme_files.check(base) == [
        "config/grading/social-worker.yaml:1: 没有这个文件",
        "config/grading/social-workers.yaml:1: 这个文件没有人读，只认 chair-grading、social-worker",
    ]


def test_a_wrong_file_stops_the_start_and_changes_nothing(tmp_path: Path, settings: object) -> None:
    scheme_files.load(CONFIG_DIR)
    before = scheme_files.current()
    with pytest.raises(SchemeError, match=r"^config/grading/chair-grading.yaml:\d+: 权重加起来是 101，应该是 100$"):
        scheme_files.load(folder(tmp_path, chairs=CHAIRS.replace("self: 5", "self: 6")))
    assert scheme_files.current() is before


def test_the_check_command_tells_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    base = shutil.copytree(CONFIG_DIR, tmp_path / "config")
    folder(base, chairs=CHAIRS.replace("self: 5", "self: 6"))
    monkeypatch.setenv("UNION_CONFIG_DIR", str(base))
    assert cli.main(["catalogue", "check"]) == 1
    line = line_of(CHAIRS, "weights:")
    assert f"config/grading/chair-grading.yaml:{line}: 权重加起来是 101，应该是 100" in capsys.readouterr().err
