"""What published grades bring: written down as due once a person and year, and certificates."""

from backend.core import audit, clock, database, national
from backend.core.actor import SYSTEM, Actor
from backend.core.command import command
from backend.core.errors import Conflict
from backend.documents import commands as documents
from backend.documents import queries as papers
from backend.documents.schemas import DocumentBody, DocumentTable, Paper
from backend.grading.chair_results import Figures
from backend.grading.chair_rows import CandidateRow, PeriodRow
from backend.grading.chair_views import SubsidiesMade
from backend.grading.enums import CHAIR_GRADING, PeriodState
from backend.grading.queries import grades, results
from backend.grading.queries import rounds as reading
from backend.grading.rules import chairs
from backend.payments import commands as payments
from backend.payments.enums import DueSource
from backend.payments.schemas import NewDue

CERTIFICATE_PREFIX = "KHT"
AT_ONCE = 50


@command
async def record_subsidies(actor: Actor, *, period: str) -> SubsidiesMade:
    """Every subsidy of the published period is due, to be paid in one transfer. Again adds nothing. Not before the
    month in which the scheme pays."""
    found = await reading.managed(period, actor)
    if found.state != PeriodState.PUBLISHED:
        raise Conflict("grading_not_published")
    pay_day = chairs.pay_day(found.rules, found.year)
    if clock.today() < pay_day.replace(day=1):
        raise Conflict("grading_pay_early", month=f"{pay_day.year}年{pay_day.month}月")
    frozen = await results.frozen(found.id)
    owed = [
        (row, figures.subsidy.total_fen)
        for row in await reading.candidates_of(found.id)
        if (figures := frozen.get(row.id)) is not None and figures.subsidy is not None
    ]
    recorded = await payments.record_dues(actor, dues=[_due(row, amount) for row, amount in owed])
    await database.execute(
        "UPDATE grading_period SET subsidies_at = COALESCE(subsidies_at, %s) WHERE id = %s", clock.now(), found.id
    )
    made = SubsidiesMade(recorded=recorded, count=len(owed), total_fen=sum(amount for _, amount in owed))
    detail = {"recorded": made.recorded, "total_fen": made.total_fen}
    await audit.record(actor, "grading.subsidies", object_kind="grading_period", object_id=found.id, detail=detail)
    return made


def _due(row: CandidateRow, amount_fen: int) -> NewDue:
    """A candidate is one person of one year."""
    return NewDue(
        key=f"grading:{row.id}",
        source=DueSource.GRADING,
        case_id=row.case_id,
        case_number=row.case_number,
        programme=CHAIR_GRADING,
        name=f"{row.year} 年度工会主席补贴",
        amount_fen=amount_fen,
        payee_name=row.name,
        account_id=row.account_id,
        member_id=row.member_id,
        union_id=row.union_id,
        card_sealed=row.card_sealed,
        card_context=reading.card_context(row.id),
    )


@command
async def issue_certificates(period_id: int) -> bool:
    """Some of those that are missing; whether all are there now."""
    period = await reading.by_id(period_id)
    frozen = await results.frozen(period.id)
    rows = [row for row in await reading.candidates_of(period.id) if row.id in frozen]
    known = await papers.by_keys([grades.certificate_key(row.id) for row in rows])
    waiting = [row for row in rows if grades.certificate_key(row.id) not in known]
    for row in waiting[:AT_ONCE]:
        await documents.issue(
            key=grades.certificate_key(row.id),
            prefix=CERTIFICATE_PREFIX,
            paper=_certificate(period, row, frozen[row.id]),
            actor=SYSTEM,
        )
    return len(waiting) <= AT_ONCE


def _certificate(period: PeriodRow, row: CandidateRow, figures: Figures) -> Paper:
    said = [f"{row.union_name} {national.mask_name(row.name)}："]
    said.append(
        f"{period.year} 年度非公企业工会主席等级考核，综合得分 {figures.score} 分，等级：{figures.grade_name}。"
    )
    if figures.subsidy is not None:
        said.append(figures.explanation[-1])
    said.append(f"依据：{figures.source}（{figures.since.isoformat()} 起施行）。")
    lines = [[part.name, f"{part.weight}%", part.score, part.points] for part in figures.parts]
    return Paper(
        title="非公企业工会主席等级考核通知书",
        issuer=period.union_name,
        subject=national.mask_name(row.name),
        body=DocumentBody(said, DocumentTable(["项目", "权重", "得分", "折合"], lines)),
    )
