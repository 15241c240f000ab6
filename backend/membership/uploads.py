"""The form with which a roll is sent, read the same way for both doors."""

from typing import Any

import msgspec
from litestar import Request

from backend.core.actor import Actor
from backend.core.errors import invalid
from backend.membership.queries import import_options
from backend.web.forms import read_form

_TRUE = ("true", "1", "on", "yes")


class SentSheet(msgspec.Struct):
    content: bytes
    name: str
    union: str  # public id
    dry_run: bool


async def sheet_of(request: Request[Any, Any, Any], actor: Actor) -> SentSheet:
    """Fields `sheet` (or `file`), `union_id` and `dry_run`; without a union the actor's own is meant."""
    form = await read_form(request)
    sent = form.files.get("sheet") or form.files.get("file")
    if not sent:
        raise invalid("sheet", "import_no_file")
    own = import_options(actor)
    return SentSheet(
        content=await sent[0].read(),
        name=sent[0].filename,
        union=form.one("union_id") or (own[0].value if own else ""),
        dry_run=form.one("dry_run").lower() in _TRUE,
    )
