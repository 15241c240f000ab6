"""The form with which a bank's answer is sent, read the same way for both doors."""

import asyncio
from dataclasses import dataclass
from typing import Any

from litestar import Request
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, Reference, RequestBody, Schema

from backend.core.errors import invalid
from backend.payments import result_files
from backend.payments.bank_layouts import Layout
from backend.payments.run_schemas import ResultRow
from backend.web.forms import read_form

_TRUE = ("true", "1", "on", "yes")


@dataclass
class ResultsOperation(Operation):
    """Describes the multipart body, which the handler reads by itself."""

    def __post_init__(self) -> None:
        fields: dict[str, Reference | Schema] = {
            "sheet": Schema(
                type=OpenAPIType.STRING,
                content_media_type="application/octet-stream",
                description="xlsx, csv or, as the layout of the run says, a fixed text, up to 10 MB",
            ),
            "fitting": Schema(type=OpenAPIType.BOOLEAN, description="book the lines that fit, although others do not"),
        }
        body = Schema(type=OpenAPIType.OBJECT, properties=fields, required=["sheet"])
        media = OpenAPIMediaType(schema=body)
        self.request_body = RequestBody(content={"multipart/form-data": media}, required=True)


async def results_of(request: Request[Any, Any, Any], layout: Layout) -> tuple[list[ResultRow], bool]:
    """Fields `sheet` (or `file`) and `fitting`, the file as the bank of `layout` answers."""
    form = await read_form(request)
    sent = form.files.get("sheet") or form.files.get("file")
    if not sent or not sent[0].filename:
        raise invalid("sheet", "pay_no_file")
    rows = await asyncio.to_thread(result_files.read, await sent[0].read(), layout)
    return rows, form.one("fitting").lower() in _TRUE
