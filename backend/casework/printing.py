"""Papers of a case on the screen and as PDF."""

from typing import Any

from litestar import Request, Response

from backend.core import clock
from backend.core.errors import invalid
from backend.documents import qr
from backend.documents.pdf import render_pdf
from backend.documents.schemas import DocumentView
from backend.web.pages import page

PDF = "application/pdf"


async def paper(
    request: Request[Any, Any, Any], document: DocumentView, *, template: str, back: str, form: str
) -> Response[Any]:
    """`form` is "pdf" or empty for a page; `back` is where the page leads back to."""
    code = {"qr_svg": "", "qr_uri": ""}
    if document.verify_url:
        code = {
            "qr_svg": qr.svg(document.verify_url, "核验文书"),
            "qr_uri": qr.data_uri(document.verify_url, "核验文书"),
        }
    context = {"document": document, "back": back, "printed_at": clock.iso(clock.now()), **code}
    if not form:
        return page(request, template, title=document.title, **context)
    if form != "pdf":
        raise invalid("format", "wrong_value")
    html = page(request, "documents/paper.html", title=document.title, **context).content
    headers = {"content-disposition": f'attachment; filename="{document.number}.pdf"'}
    return Response(await render_pdf(html), media_type=PDF, headers=headers)
