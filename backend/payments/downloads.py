"""A bank file as it is handed out: a sheet, or the text of a bank's host."""

import asyncio
from urllib.parse import quote

from litestar import Response

from backend.payments import bank_files
from backend.payments.bank_files import BankFile
from backend.payments.bank_layouts import LayoutKind
from backend.web.downloads import sheet_file


async def bank_download(file: BankFile, form: str) -> Response[bytes]:
    """`form` is csv or, for anything else, xlsx; a fixed text has no choice."""
    if file.layout.kind is LayoutKind.TABLE:
        return await sheet_file(file.head, file.rows, file.name, form)
    content = await asyncio.to_thread(bank_files.fixed_text, file)
    named = quote(f"{file.name}.txt")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{named}", "cache-control": "private, no-store"}
    return Response(content, media_type="application/octet-stream", headers=headers)
