"""What anybody may learn: the state of a case whose receipt they hold."""

from backend.casework import headlines
from backend.casework.queries import case_views, records
from backend.casework.queries.case_views import VERIFY_KIND
from backend.casework.schemas import VerifyView
from backend.core import clock, national
from backend.core.errors import NotFound
from backend.documents import codes
from backend.documents import queries as documents
from backend.documents.schemas import DocumentView

_LONGEST = 24


async def verify_or_none(number: str, code: str) -> VerifyView | None:
    try:
        return await verify(number, code)
    except NotFound:
        return None


async def verify(number: str, code: str) -> VerifyView:
    """Masked facts and the state of this moment; NotFound when number and code do not belong together."""
    number = national.compact(number)[:_LONGEST]
    paper = await documents.verified(number, code)
    return _paper(paper) if paper is not None else await _receipt(number, code)


def _paper(paper: DocumentView) -> VerifyView:
    voided = paper.voided_on is not None
    facts = [
        ("文书", paper.title),
        ("出具单位", paper.issuer),
        ("对象", paper.subject),
        ("出具日期", paper.issued_on.isoformat()),
        ("作废日期", paper.voided_on.isoformat() if paper.voided_on else ""),
    ]
    headline, tone = ("文书已作废", "late") if voided else ("文书属实", "ok")
    return VerifyView(headline=headline, tone=tone, kind_text="文书", number=paper.number, facts=facts)


async def _receipt(number: str, code: str) -> VerifyView:
    if not codes.holds(code, kind=VERIFY_KIND, number=number):
        raise NotFound("receipt_unknown")
    case = await records.record_of_number(number)
    step = case_views.step_now(case, case.spec)
    facts = [
        ("事项", case.spec.name),
        ("申请人", national.mask_name(case.subject_name)),
        ("现在状态", headlines.status_text(case.status, case.duplicate_of)),
        ("经办", step.desk if step else ""),
        ("提交时间", clock.local(case.submitted_at).strftime("%Y-%m-%d %H:%M")),
        ("应办结日期", case.due_on.isoformat() if case.due_on else ""),
    ]
    return VerifyView(headline="回执属实", tone="ok", kind_text="受理回执", number=case.number, facts=facts)
