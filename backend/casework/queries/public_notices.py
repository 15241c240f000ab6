"""Public notices as everybody reads them: masked when they were put up, and only while they hang or shortly after."""

from datetime import date, timedelta

import msgspec

from backend.casework.schemas import PublicNoticeView
from backend.core import clock, database, ids
from backend.core.errors import NotFound
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

# An ended notice can still be read for a while by whoever kept its address.
READABLE = timedelta(days=30)


class _Row(msgspec.Struct, kw_only=True):
    id: int
    title: str
    union_name: str
    body: list[str]
    opens_on: date
    closes_on: date


_ROWS = "SELECT id, title, union_name, body, opens_on, closes_on FROM public_notice"


async def public_notices(*, limit: int = 20, cursor: str | None = None) -> Page[PublicNoticeView]:
    """Those that hang today, the latest first."""
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        _Row, f"{_ROWS} WHERE closes_on >= %s AND id < %s ORDER BY id DESC LIMIT %s", clock.today(), before, limit + 1
    )
    page = cut(found, limit, lambda row: encode_cursor(ids.public(row.id)))
    return Page(items=[_view(row) for row in page.items], next_cursor=page.next_cursor)


async def public_notice(notice: str) -> PublicNoticeView:
    row = await database.view(
        _Row, f"{_ROWS} WHERE id = %s AND closes_on >= %s", ids.parse(notice) or 0, clock.today() - READABLE
    )
    if row is None:
        raise NotFound("no_such_notice")
    return _view(row)


def _view(row: _Row) -> PublicNoticeView:
    return PublicNoticeView(
        id=ids.public(row.id),
        title=row.title,
        union=row.union_name,
        body=row.body,
        opens_on=row.opens_on.isoformat(),
        closes_on=row.closes_on.isoformat(),
        running=row.closes_on >= clock.today(),
    )
