"""The printable receipt of a case: a page, or the same as PDF."""

from typing import Any

from litestar import Request, Response

from backend.casework.schemas import CaseView
from backend.core import clock
from backend.core.errors import invalid
from backend.documents import qr
from backend.documents.pdf import render_pdf
from backend.web.pages import page

PDF = "application/pdf"


async def receipt(
    request: Request[Any, Any, Any], case: CaseView, *, applicant: str, template: str, form: str
) -> Response[Any]:
    """`applicant` is masked; `form` is "pdf" or empty for a page."""
    context = {
        "case": case,
        "applicant": applicant,
        "qr_svg": qr.svg(case.verify_url, "核验回执"),
        "qr_uri": qr.data_uri(case.verify_url, "核验回执"),
        "printed_at": clock.iso(clock.now()),
    }
    title = f"受理回执 {case.number}"
    if not form:
        return page(request, template, title=title, **context)
    if form != "pdf":
        raise invalid("format", "wrong_value")
    html = page(request, "documents/case_receipt.html", title=title, **context).content
    headers = {"content-disposition": f'attachment; filename="{case.number}.pdf"'}
    return Response(await render_pdf(html), media_type=PDF, headers=headers)
