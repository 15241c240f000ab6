"""What of a case is printed whoever asks: its receipt, and its course so far. A page, or the same as PDF."""

from typing import Any

from litestar import Request, Response

from backend.casework.schemas import CaseView
from backend.core import clock
from backend.core.errors import invalid
from backend.documents import qr
from backend.documents.pdf import render_pdf
from backend.web.pages import page

AnyRequest = Request[Any, Any, Any]
PDF = "application/pdf"


async def receipt(request: AnyRequest, case: CaseView, *, applicant: str, template: str, form: str) -> Response[Any]:
    """`applicant` is masked; `form` is "pdf" or empty for a page."""
    return await _printed(request, case, "受理回执", applicant, (template, "documents/case_receipt.html"), form)


async def course(request: AnyRequest, case: CaseView, *, applicant: str, template: str, form: str) -> Response[Any]:
    """What happened to the case so far, the oldest first; the same two shapes."""
    return await _printed(request, case, "办理过程", applicant, (template, "documents/case_course.html"), form)


async def _printed(
    request: AnyRequest, case: CaseView, what: str, applicant: str, templates: tuple[str, str], form: str
) -> Response[Any]:
    context = {
        "case": case,
        "applicant": applicant,
        "qr_svg": qr.svg(case.verify_url, "核验回执"),
        "qr_uri": qr.data_uri(case.verify_url, "核验回执"),
        "printed_at": clock.iso(clock.now()),
    }
    title = f"{what} {case.number}"
    if not form:
        return page(request, templates[0], title=title, **context)
    if form != "pdf":
        raise invalid("format", "wrong_value")
    html = page(request, templates[1], title=title, **context).content
    headers = {"content-disposition": f'attachment; filename="{case.number}.pdf"'}
    return Response(await render_pdf(html), media_type=PDF, headers=headers)
