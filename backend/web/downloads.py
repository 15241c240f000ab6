"""Tables that are handed out as a file."""

import asyncio
from collections.abc import Sequence
from functools import partial
from urllib.parse import quote

from litestar import Response

from backend.core import sheets


async def sheet_file(
    heading: Sequence[str], rows: Sequence[Sequence[str | int]], name: str, form: str, *, to_fill_in: bool = False
) -> Response[bytes]:
    """`form` is csv or, for anything else, xlsx. One `to_fill_in` comes back."""
    as_csv = form == "csv"
    make = sheets.csv_bytes if as_csv else partial(sheets.xlsx_bytes, to_fill_in=to_fill_in)
    content = await asyncio.to_thread(make, heading, rows)
    named = quote(f"{name}.{'csv' if as_csv else 'xlsx'}")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{named}", "cache-control": "private, no-store"}
    return Response(content, media_type=sheets.CSV if as_csv else sheets.XLSX, headers=headers)
