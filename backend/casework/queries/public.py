"""What anybody may learn: the state of a case whose receipt they hold."""

from backend.casework import headlines
from backend.casework.queries import case_views, records
from backend.casework.queries.case_views import VERIFY_KIND
from backend.casework.views import VerifyView
from backend.core import clock, national
from backend.core.errors import NotFound
from backend.documents import codes

_LONGEST = 24


async def verify_or_none(number: str, code: str) -> VerifyView | None:
    try:
        return await verify(number, code)
    except NotFound:
        return None


async def verify(number: str, code: str) -> VerifyView:
    """Masked facts and the state of this moment; NotFound when number and code do not belong together."""
    number = national.compact(number)[:_LONGEST]
    if not codes.holds(code, kind=VERIFY_KIND, number=number):
        raise NotFound("receipt_unknown")
    case = await records.record_of_number(number)
    step = case_views.step_now(case, case.spec)
    facts = [
        ("事项", case.spec.name),
        ("申请人", national.mask_name(case.subject_name)),
        ("现在状态", headlines.status_text(case.status)),
        ("经办", step.desk if step else ""),
        ("提交时间", clock.local(case.submitted_at).strftime("%Y-%m-%d %H:%M")),
        ("应办结日期", case.due_on.isoformat() if case.due_on else ""),
    ]
    return VerifyView(headline="回执属实", tone="ok", kind_text="受理回执", number=case.number, facts=facts)
