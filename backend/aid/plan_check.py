"""What cannot be in a plan, with the line it stands on. Every problem of every file is told at once."""

import re
from datetime import timedelta
from itertools import pairwise

from backend.aid.plans import Plan, PlanVersion
from backend.core.strict_yaml import Document, Path

HUNDRED = 100
MOST_FEN = 100_000_000_00
MOST_DAYS = 366
MOST_SHARES = 10
MOST_MONTHS = 60
MONTHS_OF_YEAR = 12
LONGEST_NAME = 30
_CODE = re.compile(r"[a-z][a-z0-9_]{0,19}\Z")


def check_plan(plan: Plan, document: Document) -> None:
    if not 1 <= len(plan.name) <= LONGEST_NAME:
        document.report(("name",), f"名称要写 1 到 {LONGEST_NAME} 个字")
    _dates(plan, document)
    for index, version in enumerate(plan.versions):
        path: Path = ("versions", index)
        _tiers(version, document, path)
        _amounts(version, document, path)
        _numbers(version, document, path)
        _lump_sums(version, document, path)
        _words(version, document, path)


def _dates(plan: Plan, document: Document) -> None:
    """One after the other: no day with two versions, and none without one between them."""
    if not plan.versions:
        document.report(("versions",), "至少要有一个版本")
    for index, version in enumerate(plan.versions):
        if version.until is not None and version.until < version.since:
            document.report(("versions", index, "until"), f"{version.until} 比开始的 {version.since} 早")
    for index, (earlier, later) in enumerate(pairwise(plan.versions), 1):
        before = later.since - timedelta(days=1)
        if later.since <= earlier.since:
            document.report(
                ("versions", index, "since"), f"{later.since} 不比上一个版本的 {earlier.since} 晚，版本要按日期先后写"
            )
        elif earlier.until is not None and earlier.until > before:
            document.report(
                ("versions", index - 1, "until"), f"{earlier.until} 和下一个版本的 {later.since} 重叠，应为 {before}"
            )
        elif earlier.until is not None and earlier.until < before:
            document.report(
                ("versions", index - 1, "until"), f"{earlier.until} 到下一个版本的 {later.since} 之间有空档"
            )


def _tiers(version: PlanVersion, document: Document, path: Path) -> None:
    """From nothing without end, each one where the one before it ends."""
    tiers, place = version.tiers, (*path, "tiers")
    if not tiers and not version.lump_sums:
        document.report(place, "至少要有一段")
    reached = 0
    for index, tier in enumerate(tiers):
        at, last = (*place, index), index == len(tiers) - 1
        exponent = tier.percent.as_tuple().exponent
        if not 0 <= tier.percent <= HUNDRED or not isinstance(exponent, int) or exponent < -2:
            document.report((*at, "percent"), f"比例 {tier.percent} 要在 0 到 100 之间，最多两位小数")
        if tier.upto_fen is None and not last:
            document.report(at, "只有最后一段可以不写 upto_fen，不然和后面的段重叠")
        if tier.upto_fen is not None and last:
            document.report((*at, "upto_fen"), "最后一段不写 upto_fen，不然超过的部分没有比例，成了空档")
        if tier.upto_fen is not None and tier.upto_fen <= reached:
            document.report((*at, "upto_fen"), f"{tier.upto_fen} 不比前一段的 {reached} 大，两段重叠")
        reached = tier.upto_fen if tier.upto_fen is not None else reached


def _amounts(version: PlanVersion, document: Document, path: Path) -> None:
    amounts = {
        "fee_fen": version.fee_fen,
        "deductible_fen": version.deductible_fen,
        "min_pay_fen": version.min_pay_fen,
    }
    for name, fen in amounts.items():
        if not 0 <= fen <= MOST_FEN:
            document.report((*path, name), "金额不能是负数，也不能超过 1 亿元")
    caps = version.cap_fen
    if not 0 < caps.per_year <= MOST_FEN:
        document.report((*path, "cap_fen", "per_year"), "一年最多补助的金额要大于 0，不超过 1 亿元")
    if caps.per_stay is not None and not 0 < caps.per_stay <= caps.per_year:
        document.report((*path, "cap_fen", "per_stay"), "每次住院最多补助的金额要大于 0，不超过一年的上限")
    most = min(caps.per_year, caps.per_stay or caps.per_year)
    if version.min_pay_fen > most:
        document.report((*path, "min_pay_fen"), "最低发放的金额比上限还高，就谁也拿不到了")


def _numbers(version: PlanVersion, document: Document, path: Path) -> None:
    days = {"wait_days": version.wait_days, "renew_gap_days": version.renew_gap_days}
    for name, count in days.items():
        if not 0 <= count <= MOST_DAYS:
            document.report((*path, name), f"天数写 0 到 {MOST_DAYS}")
    if not 1 <= version.months <= MOST_MONTHS:
        document.report((*path, "months"), f"保障期写 1 到 {MOST_MONTHS} 个月")
    for name in ("opens_month", "closes_month"):
        if not 1 <= getattr(version.window, name) <= MONTHS_OF_YEAR:
            document.report((*path, "window", name), "月份写 1 到 12")
    if not 1 <= version.claim_deadline_days <= 2 * MOST_DAYS:
        document.report((*path, "claim_deadline_days"), f"申请期限写 1 到 {2 * MOST_DAYS} 天")
    if not 1 <= version.max_shares <= MOST_SHARES:
        document.report((*path, "max_shares"), f"份数写 1 到 {MOST_SHARES}")
    if not 0 <= version.share_percent <= HUNDRED:
        document.report((*path, "share_percent"), "多一份多补助的百分比写 0 到 100")


def _lump_sums(version: PlanVersion, document: Document, path: Path) -> None:
    codes = [one.code for one in version.lump_sums]
    for index, one in enumerate(version.lump_sums):
        at = (*path, "lump_sums", index)
        _named(one.code, one.name, codes[:index], document, at)
        if not 0 < one.amount_fen <= version.cap_fen.per_year:
            document.report((*at, "amount_fen"), "定额要大于 0，不超过一年的上限")


def _words(version: PlanVersion, document: Document, path: Path) -> None:
    if not version.source:
        document.report((*path, "source"), "写明依据哪个文件")
    if not version.audience:
        document.report((*path, "audience"), "写明谁可以参加")
    codes = [exclusion.code for exclusion in version.exclusions]
    for index, exclusion in enumerate(version.exclusions):
        _named(exclusion.code, exclusion.name, codes[:index], document, (*path, "exclusions", index))


def _named(code: str, name: str, before: list[str], document: Document, at: Path) -> None:
    if not _CODE.match(code):
        document.report((*at, "code"), f"“{code}”要用小写字母、数字和下划线，最多 20 个")
    if code in before:
        document.report((*at, "code"), f"“{code}”写了两次")
    if not 1 <= len(name) <= LONGEST_NAME:
        document.report((*at, "name"), f"名称要写 1 到 {LONGEST_NAME} 个字")
