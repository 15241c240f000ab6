"""What is missing before a candidate can be graded, and the grade once nothing is: pure, of sheets as they are."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

import msgspec

from backend.grading.chair_results import Figures, NextLine, PartLine, SubsidyLine, VetoLine
from backend.grading.enums import ASSESSOR_TEXT, Assessor, BandRule, MissingSelf, SheetState
from backend.grading.rules import chairs
from backend.grading.schemes import ChairVersion

RULE_TEXT = {BandRule.FLOOR: "达到最低分才算这一档，不四舍五入", BandRule.HALF_UP: "综合得分四舍五入到整数再定档"}


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one candidate. `panel` are the totals of the members who scored, `away` those who were recused
    or absent; whoever assesses for the township has no second sheet in the panel."""

    year: int
    since: date
    until: date | None
    self_score: Decimal | None
    self_excused: bool
    town_account: int | None
    town_state: SheetState | None
    town: Decimal | None
    panelists: Collection[int]
    panel: Mapping[int, Decimal]
    away: Collection[int]
    veto: str = ""
    veto_reason: str = ""
    withdrawn: bool = False


def waiting_for(given: Given) -> list[int]:
    """Members of the panel whose sheet is still to come; nobody is waited for after a withdrawal."""
    if given.withdrawn:
        return []
    over = {*given.panel, *given.away, given.town_account}
    return [account for account in given.panelists if account not in over]


def missing(version: ChairVersion, given: Given, names: Mapping[int, str]) -> list[str]:
    """Everything that keeps the candidate from being graded, in words."""
    found = []
    if given.self_score is None and not given.self_excused and version.missing_self is MissingSelf.BLOCKS:
        found.append("没有自评")
    if given.town_account is None:
        found.append("没有指定乡镇评价人")
    elif given.town_state is SheetState.RECUSED:
        found.append(f"乡镇评价人{names.get(given.town_account, '')}回避，要另行指定")
    elif given.town is None:
        found.append(f"乡镇评价：{names.get(given.town_account, '')}")
    if absent := waiting_for(given):
        found.append(f"评审组：{'、'.join(names.get(account, '') for account in absent)}")
    elif (counted := len(_counted(given))) < version.panel.at_least:
        found.append(f"评审组只有 {counted} 张评分，至少要 {version.panel.at_least} 张")
    return found


def is_graded(version: ChairVersion, given: Given) -> bool:
    """Whether there is a result. Whoever was withdrawn has one by the sheets that are there, when they are enough and
    the scheme pays those who leave before the year is over."""
    if given.withdrawn and not version.part_year.leavers:
        return False
    return not missing(version, given, {})


def _counted(given: Given) -> list[Decimal]:
    return [total for account, total in given.panel.items() if account in given.panelists]


def figures(version: ChairVersion, given: Given) -> Figures:
    """The result of a candidate of whom nothing is missing."""
    panel = chairs.panel_mean(_counted(given), version.panel)
    scores = {
        Assessor.SELF: given.self_score if given.self_score is not None else chairs.ZERO,
        Assessor.TOWN: given.town if given.town is not None else chairs.ZERO,
        Assessor.PANEL: panel.score,
    }
    made = chairs.appraise(version, scores, vetoed=bool(given.veto))
    months = chairs.subsidy_months(version, given.year, given.since, given.until)
    return Figures(
        grade=made.band.grade,
        grade_name=made.band.name,
        score=chairs.spoken(made.score),
        reached=made.reached.name,
        parts=[
            PartLine(
                name=ASSESSOR_TEXT[part.assessor],
                weight=part.weight,
                score=chairs.spoken(part.score),
                points=chairs.spoken(part.points),
            )
            for part in made.parts
        ],
        veto=_veto(version, given),
        subsidy=_subsidy(version, given.year, made, months),
        months=months,
        next=_next(version, made, vetoed=bool(given.veto)),
        explanation=_explanation(version, given, made, panel, months),
        source=version.source,
        since=version.since,
        band_rule=version.band_rule.value,
    )


def _veto(version: ChairVersion, given: Given) -> VetoLine | None:
    known = version.veto(given.veto) if given.veto else None
    return VetoLine(name=known.name, reason=given.veto_reason) if known else None


def _subsidy(version: ChairVersion, year: int, made: chairs.Appraisal, months: int) -> SubsidyLine | None:
    total = chairs.subsidy_fen(made.band, months)
    if not total:
        return None
    return SubsidyLine(
        monthly_fen=made.band.monthly_fen, months=months, total_fen=total, paid_on=chairs.pay_day(version, year)
    )


def _next(version: ChairVersion, made: chairs.Appraisal, *, vetoed: bool) -> NextLine | None:
    if vetoed:
        return NextLine(grade=made.reached.name, missing=["没有一票否决情形"])
    above = chairs.next_grade(version, made)
    if above is None:
        return None
    lacking = [f"综合得分还差 {chairs.spoken(above.lacking)} 分"]
    if above.panel is not None:
        lacking.append(f"自评和乡镇评价不变，评审组平均分要到 {chairs.spoken(above.panel)} 分")
    else:
        lacking.append("只靠评审组评分到不了，自评和乡镇评价也要提高")
    return NextLine(grade=above.band.name, missing=lacking)


def _explanation(
    version: ChairVersion, given: Given, made: chairs.Appraisal, panel: chairs.PanelMean, months: int
) -> list[str]:
    points = " + ".join(chairs.spoken(part.points) for part in made.parts)
    said = [f"综合得分 {points} = {chairs.spoken(made.score)} 分。"]
    dropped = f"，去掉最高分和最低分共 {panel.dropped} 张" if panel.dropped else ""
    said.append(f"评审组得分是 {panel.counted} 张评分的平均分{dropped}。")
    if given.withdrawn and given.until is not None:
        said.append(f"{given.until.isoformat()} 离任退出考核，按已有的评分和任职的月数算。")
    if given.self_score is None:
        said.append("没有自评，自评按 0 分算。")
    bands = "，".join(f"{band.name} {band.at_least} 分起" for band in version.bands[:-1])
    said.append(f"{bands}；{RULE_TEXT[version.band_rule]}。")
    if given.veto:
        said.append(f"有一票否决情形，定为{made.band.name}，得分照样记录。")
    if made.band.monthly_fen:
        said.append(f"当年在任 {months} 个月，每月 {version.part_year.counts_on} 日在任算一个月。")
        monthly, total = made.band.monthly_fen, chairs.subsidy_fen(made.band, months)
        said.append(f"补贴 {_yuan(monthly)} × {months} = {_yuan(total)} 元，年终一次发给本人。")
    return said


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}" if fen % 100 == 0 else f"{fen // 100:,}.{fen % 100:02d}"
