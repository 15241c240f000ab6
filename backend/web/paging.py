"""Keyset pages: `limit` and an opaque `cursor` in, items and the next cursor out."""

import base64
import binascii
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

from backend.core.errors import BadRequest

T = TypeVar("T")

_LARGEST = 2**63 - 1  # what a database keeps as an integer

PageLimit = Annotated[int, QueryParameter(ge=1, le=100, description="1 to 100 items")]


class Page(msgspec.Struct, Generic[T]):
    items: list[T]
    next_cursor: str | None


def encode_cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def decode_cursor(text: str, *kinds: type) -> tuple[Any, ...]:
    """The values behind a cursor, checked against `kinds`; a made-up cursor is a 400."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        values = msgspec.json.decode(raw, type=tuple[*kinds]) if kinds else tuple(msgspec.json.decode(raw))
    except (binascii.Error, ValueError, TypeError, msgspec.MsgspecError) as exc:
        raise BadRequest("bad_cursor") from exc
    if any(isinstance(value, int) and abs(value) > _LARGEST for value in values):
        raise BadRequest("bad_cursor")
    return values


def cut(items: list[T], limit: int, cursor_of: Any) -> Page[T]:
    """`items` were read with limit + 1; the extra one only says that there is more."""
    if len(items) <= limit:
        return Page(items=items, next_cursor=None)
    kept = items[:limit]
    return Page(items=kept, next_cursor=cursor_of(kept[-1]))
