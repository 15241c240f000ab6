"""Filing for somebody else, with that person's consent."""

from datetime import datetime
from typing import Any

import msgspec

from backend.casework.enums import ProxyState
from backend.casework.schemas.forms import FieldView


class ProxyNotice(msgspec.Struct, frozen=True, kw_only=True):
    """What may be said of a form that was filled in for somebody else, and to whom."""

    id: int
    flow: str
    filer_id: int
    filer_label: str
    subject_name: str
    phone_sealed: str
    phone_context: str
    state: ProxyState
    expires_at: datetime


class ProxyInput(msgspec.Struct, kw_only=True):
    """For whom, and what is filled in for them."""

    name: str
    phone: str
    form: dict[str, Any] = {}
    attachments: dict[str, list[str]] = {}


class DeclineInput(msgspec.Struct, kw_only=True):
    forever: bool = False


class ProxySentLine(msgspec.Struct, kw_only=True):
    """A form that I filled in for somebody: how it stands, and nothing of what is in it."""

    id: str
    service: str
    name: str  # masked
    phone: str  # masked
    made_at: str
    until: str
    state: str
    state_text: str
    tone: str


class ProxyAskedLine(msgspec.Struct, kw_only=True):
    """A form that somebody filled in for me and that waits for my word."""

    id: str
    service: str
    filer: str
    until: str


class ProxyList(msgspec.Struct, kw_only=True):
    asked: list[ProxyAskedLine]
    sent: list[ProxySentLine]


class ProxyView(msgspec.Struct, kw_only=True):
    """What somebody filled in for me: masked, with what I agree to by consenting."""

    id: str
    service: str
    filer: str
    name: str
    until: str
    fields: list[FieldView]
    files: int
    agreements: list[str]
