"""What cannot be in a scheme, with the line it stands on. Every problem of every file is told at once."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from backend.core.strict_yaml import Document, Path
from backend.grading.enums import Assessor, Post, YearResult
from backend.grading.schemes import HUNDRED, ChairScheme, ChairVersion, Part, PostRange, WorkerScheme, WorkerVersion

# With fewer sheets the mean would tell what one assessor wrote.
FEWEST_ON_PANEL = 3
MOST_WORKDAYS = 30
MOST_FEN = 100_000_00
LONGEST = {"key": 20, "name": 30}
LATEST_DAY = 28  # every month has it


def check_chairs(scheme: ChairScheme, document: Document) -> None:
    _dates([version.since for version in scheme.versions], document)
    for index, version in enumerate(scheme.versions):
        path: Path = ("versions", index)
        _weights(version, document, path)
        _panel(version, document, path)
        _parts(version, document, path)
        _bands(version, document, path)
        _calendar(version, document, path)


def check_workers(scheme: WorkerScheme, document: Document) -> None:
    _dates([version.since for version in scheme.versions], document)
    for index, version in enumerate(scheme.versions):
        path: Path = ("versions", index)
        _posts(version, document, path)
        _pay(version, document, path)
        _bonus(version, document, path)
        _years(version, document, path)


def _dates(dates: Sequence[date], document: Document) -> None:
    if not dates:
        document.report(("versions",), "至少要有一个版本")
    for index, (earlier, later) in enumerate(pairwise(dates), 1):
        if later <= earlier:
            document.report(("versions", index, "since"), f"{later} 不比上一个版本的 {earlier} 晚，版本要按日期先后写")


def _weights(version: ChairVersion, document: Document, path: Path) -> None:
    known = {assessor.value for assessor in Assessor}
    if set(version.weights) != known:
        document.report((*path, "weights"), f"要写齐 {'、'.join(assessor.value for assessor in Assessor)} 三项的权重")
    for who, weight in version.weights.items():
        if not 0 < weight < 100:
            document.report((*path, "weights", who), f"权重 {weight} 要大于 0、小于 100")
    if (total := sum(version.weights.values())) != 100:
        document.report((*path, "weights"), f"权重加起来是 {total}，应该是 100")


def _panel(version: ChairVersion, document: Document, path: Path) -> None:
    panel = version.panel
    if panel.at_least < FEWEST_ON_PANEL:
        document.report(
            (*path, "panel", "at_least"), f"评审组至少 {FEWEST_ON_PANEL} 人：人再少，平均分就等于说出了个人的评分"
        )
    if panel.drop_extremes and panel.drop_from < FEWEST_ON_PANEL + 2:
        document.report(
            (*path, "panel", "drop_from"), f"去掉最高最低以后至少还要剩 {FEWEST_ON_PANEL} 张，drop_from 不能小于 5"
        )


def _parts(version: ChairVersion, document: Document, path: Path) -> None:
    _unique([part.key for part in version.parts], document, (*path, "parts"))
    _unique([item.key for item in version.items], document, (*path, "parts"), inner="items")
    _unique([veto.key for veto in version.vetoes], document, (*path, "vetoes"))
    for index, part in enumerate(version.parts):
        _part(part, document, (*path, "parts", index))
    total = sum(item.most for part in version.parts if not part.bonus for item in part.items)
    if total != HUNDRED:
        document.report((*path, "parts"), f"不算加分项，各项满分加起来是 {total}，应该是 100")
    if len(version.vetoes) < 2:
        document.report((*path, "vetoes"), "一票否决至少要写两种情形")
    for name, path_of_name in _named(version, path):
        if not 1 <= len(name) <= LONGEST["name"]:
            document.report(path_of_name, f"名称“{name}”要写 1 到 {LONGEST['name']} 个字")


def _part(part: Part, document: Document, path: Path) -> None:
    if len(part.items) < 2:
        document.report((*path, "items"), f"“{part.name}”至少要分两项")
    for index, item in enumerate(part.items):
        exponent = item.most.as_tuple().exponent
        if not 0 < item.most <= HUNDRED or not isinstance(exponent, int) or exponent < -2:
            document.report((*path, "items", index, "most"), f"“{item.name}”的满分要大于 0、不超过 100，最多两位小数")


def _named(version: ChairVersion, path: Path) -> Iterable[tuple[str, Path]]:
    for index, part in enumerate(version.parts):
        yield part.name, (*path, "parts", index, "name")
        for at, item in enumerate(part.items):
            yield item.name, (*path, "parts", index, "items", at, "name")
    for index, veto in enumerate(version.vetoes):
        yield veto.name, (*path, "vetoes", index, "name")
    for index, band in enumerate(version.bands):
        yield band.name, (*path, "bands", index, "name")


def _bands(version: ChairVersion, document: Document, path: Path) -> None:
    bands = version.bands
    _unique([band.grade for band in bands], document, (*path, "bands"))
    if len(bands) < 2 or bands[-1].at_least != 0:
        document.report((*path, "bands"), "等级从高到低写，最后一档从 0 分起")
    for index, band in enumerate(bands):
        if not 0 <= band.at_least <= 100:
            document.report((*path, "bands", index, "at_least"), f"{band.at_least} 分不在 0 到 100 之间")
        if not 0 <= band.monthly_fen <= MOST_FEN:
            document.report(
                (*path, "bands", index, "monthly_fen"), f"“{band.name}”的月补贴不能是负数，也不能超过 10 万元"
            )
    for index, (higher, lower) in enumerate(pairwise(bands), 1):
        if lower.at_least >= higher.at_least:
            document.report(
                (*path, "bands", index, "at_least"), f"“{lower.name}”的最低分要比“{higher.name}”的 {higher.at_least} 低"
            )
        if lower.monthly_fen > higher.monthly_fen:
            document.report((*path, "bands", index, "monthly_fen"), f"“{lower.name}”的补贴不能比“{higher.name}”的高")
    if bands and bands[-1].monthly_fen:
        document.report((*path, "bands", len(bands) - 1, "monthly_fen"), f"“{bands[-1].name}”没有补贴，写 0")


def _calendar(version: ChairVersion, document: Document, path: Path) -> None:
    if not 1 <= version.part_year.counts_on <= LATEST_DAY:
        document.report((*path, "part_year", "counts_on"), f"按每月哪一天算在任，写 1 到 {LATEST_DAY}")
    if not 1 <= version.objection_workdays <= MOST_WORKDAYS:
        document.report((*path, "objection_workdays"), f"公示期写 1 到 {MOST_WORKDAYS} 个工作日")
    if not (1 <= version.paid_on.month <= 12 and 1 <= version.paid_on.day <= LATEST_DAY):
        document.report((*path, "paid_on"), f"发放日写 1 到 12 月、1 到 {LATEST_DAY} 日")


def _posts(version: WorkerVersion, document: Document, path: Path) -> None:
    if [one.post for one in version.posts] != list(Post):
        document.report((*path, "posts"), f"要按从低到高写齐三种岗位：{'、'.join(post.value for post in Post)}")
    if version.grades < 1:
        document.report((*path, "grades"), "级数至少是 1")
    for index, one in enumerate(version.posts):
        if not 1 <= one.lowest <= one.highest <= version.grades:
            document.report(
                (*path, "posts", index),
                f"“{one.name}”的级别 {one.lowest}–{one.highest} 不在 1–{version.grades} 级里",
            )
        if one.excellent < 0:
            document.report((*path, "posts", index, "excellent"), "优秀次数不能是负数")
    for index, (lower, higher) in enumerate(pairwise(version.posts), 1):
        _above(lower, higher, document, (*path, "posts", index))
    covered = {grade for one in version.posts for grade in range(one.lowest, one.highest + 1)}
    if absent := sorted(set(range(1, version.grades + 1)) - covered):
        document.report((*path, "posts"), f"第 {absent[0]} 级不属于任何岗位")


def _above(lower: PostRange, higher: PostRange, document: Document, path: Path) -> None:
    if higher.lowest < lower.lowest or higher.highest < lower.highest:
        document.report(path, f"“{higher.name}”的级别区间不能低于“{lower.name}”的")
    if higher.lowest > lower.highest + 1:
        document.report(path, f"“{lower.name}”和“{higher.name}”之间有级别落空")
    if higher.excellent < lower.excellent:
        document.report((*path, "excellent"), f"“{higher.name}”要的优秀次数不能比“{lower.name}”的少")


def _pay(version: WorkerVersion, document: Document, path: Path) -> None:
    pay = version.pay
    if len(pay.base_fen) != version.grades:
        document.report((*path, "pay", "base_fen"), f"基本工资写了 {len(pay.base_fen)} 级，应该是 {version.grades} 级")
    if any(not 0 < fen <= MOST_FEN for fen in pay.base_fen):
        document.report((*path, "pay", "base_fen"), "每一级的基本工资要大于 0，不超过 10 万元")
    for index, (lower, higher) in enumerate(pairwise(pay.base_fen), 1):
        if higher < lower:
            document.report((*path, "pay", "base_fen", index), f"第 {index + 1} 级的基本工资不能比第 {index} 级的低")
    for field, amounts in (("performance_fen", pay.performance_fen), ("allowance_fen", pay.allowance_fen)):
        if set(amounts) != {post.value for post in Post}:
            document.report((*path, "pay", field), f"要写齐三种岗位：{'、'.join(post.value for post in Post)}")
        for post, fen in amounts.items():
            if not 0 <= fen <= MOST_FEN:
                document.report((*path, "pay", field, post), "金额不能是负数，也不能超过 10 万元")
    if not 0 <= pay.welfare_percent <= HUNDRED:
        document.report((*path, "pay", "welfare_percent"), "福利按基本工资的百分比写，0 到 100")


def _bonus(version: WorkerVersion, document: Document, path: Path) -> None:
    bonus = version.bonus
    if not 0 < bonus.least_fen <= bonus.most_fen <= MOST_FEN:
        document.report((*path, "bonus"), "年度绩效奖的下限要大于 0、不高于上限，上限不超过 10 万元")
    if not bonus.results or YearResult.FAIL in bonus.results:
        document.report((*path, "bonus", "results"), "写哪些考核结果可以发奖，不称职的不能发")


def _years(version: WorkerVersion, document: Document, path: Path) -> None:
    if not 1 <= version.years_per_grade <= 20:
        document.report((*path, "years_per_grade"), "几年晋一级，写 1 到 20")
    if not 1 <= version.training.every_years <= 20:
        document.report((*path, "training", "every_years"), "几年轮训一遍，写 1 到 20")
    if not 0 <= version.training.warn_days <= 365:
        document.report((*path, "training", "warn_days"), "提前几天提醒，写 0 到 365")


def _unique(keys: Sequence[str], document: Document, path: Path, *, inner: str = "") -> None:
    """`inner`: the keys are those of the entries below, which share one namespace."""
    for index, key in enumerate(keys):
        place = path if inner else (*path, index)
        if key in keys[:index]:
            document.report(place, f"“{key}”写了两次")
        if not key.replace("_", "").isalnum() or not key.isascii() or len(key) > LONGEST["key"]:
            document.report(place, f"“{key}”要用小写字母、数字和下划线，最多 {LONGEST['key']} 个")
