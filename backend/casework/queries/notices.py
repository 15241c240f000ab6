"""What a notice about a case may say, and to whom it goes."""

from backend.casework.queries import records
from backend.casework.schemas import NoticeContext
from backend.core import crypto, database


async def notice_context(case_id: int) -> NoticeContext:
    """The phone of the form is for applicants without an account; it comes sealed under its own context."""
    case = await records.record_by_id(case_id)
    flow = case.spec
    phone = case.content.sensitive.get(flow.subject.mobile)
    context = f"case_file/phone/{case.id}"
    return NoticeContext(
        case_id=case.id,
        number=case.number,
        flow=case.flow,
        service_name=flow.name,
        applicant_id=case.applicant_id,
        phone_sealed=crypto.seal(phone, context=context) if phone else None,
        phone_context=context,
        subject_name=case.subject_name,
        due_on=case.due_on,
        comment=case.hold_message or case.decision_comment,
        desk_name=case.desk_name or "",
        decided_at=case.decided_at,
        desk_accounts=await _clerks(case.desk_union_id, case.desk_role),
    )


async def _clerks(union_id: int | None, role: str | None) -> list[int]:
    """Who holds the post of this desk now."""
    found = await database.rows(
        "SELECT account_id FROM staff_post WHERE union_id = %s AND role = %s AND standing IS NOT NULL"
        " AND suspended = %s ORDER BY account_id",
        union_id,
        role,
        False,
    )
    return [row["account_id"] for row in found]
