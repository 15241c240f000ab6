"""The form with which the register is sent, read the same way for both doors."""

from typing import Any

import msgspec
from litestar import Request

from backend.core.errors import invalid
from backend.web.forms import FormInput, read_form


class SentRegister(msgspec.Struct):
    content: bytes
    reason: str
    dry_run: bool


async def register_in(form: FormInput) -> SentRegister:
    """Fields `sheet`, `reason` and `dry_run`; whatever is not said to be for real is a trial."""
    sent = form.files.get("sheet")
    if not sent:
        raise invalid("sheet", "import_no_file")
    return SentRegister(await sent[0].read(), form.one("reason"), form.one("dry_run").lower() not in ("false", "0"))


async def register_of(request: Request[Any, Any, Any]) -> SentRegister:
    return await register_in(await read_form(request))
