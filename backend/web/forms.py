"""Bodies of HTML forms and uploads, bounded before they are read."""

from typing import Any

import msgspec
from litestar import Request
from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException, SerializationException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from backend.core.errors import BadRequest

MAX_FIELDS = 2_000


class FormInput(msgspec.Struct):
    values: dict[str, list[str]]
    files: dict[str, list[UploadFile]]

    def one(self, name: str, default: str = "") -> str:
        """The last value given for `name`, stripped."""
        given = self.values.get(name)
        return given[-1].strip() if given else default

    def version(self) -> int:
        """The version that the page showed; 0, which no row has, for anything that is none."""
        text = self.one("version")
        return int(text) if text.isdecimal() and len(text) < 10 else 0

    def flat(self) -> dict[str, Any]:
        """Single values as strings, repeated ones as lists."""
        return {name: given[0] if len(given) == 1 else given for name, given in self.values.items()}


async def read_form(request: Request[Any, Any, Any]) -> FormInput:
    try:
        form = await request.form()
    except RequestEntityTooLarge:
        raise
    except (ValueError, LookupError, SerializationException, ClientException) as exc:
        raise BadRequest("bad_form") from exc
    values: dict[str, list[str]] = {}
    files: dict[str, list[UploadFile]] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                files.setdefault(name, []).append(value)
        elif "\x00" in str(value) or "\x00" in name:
            raise BadRequest("bad_characters")
        else:
            values.setdefault(name, []).append(str(value))
        if len(values) + len(files) > MAX_FIELDS:
            raise BadRequest("bad_form")
    return FormInput(values=values, files=files)
