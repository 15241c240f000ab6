"""What a draft or a case holds: plain values as JSON, sensitive ones sealed in one piece beside them."""

from typing import Any

import msgspec

from backend.core import crypto

Attachments = dict[str, list[str]]

_decode_values = msgspec.json.Decoder(dict[str, Any]).decode
_decode_attachments = msgspec.json.Decoder(Attachments).decode


class Content(msgspec.Struct, frozen=True):
    """`sensitive` is in the clear: it is masked before anybody reads it, or opened through reveal."""

    plain: dict[str, Any]
    sensitive: dict[str, Any]
    attachments: Attachments

    @property
    def values(self) -> dict[str, Any]:
        return {**self.plain, **self.sensitive}


class Stored(msgspec.Struct, frozen=True):
    """The three columns of a row."""

    form: str
    sealed: str
    attachments: str

    def columns(self) -> dict[str, str]:
        return {"form": self.form, "sealed": self.sealed, "attachments": self.attachments}


def draft_context(draft_id: int) -> str:
    return f"draft/sealed/{draft_id}"


def case_context(case_id: int) -> str:
    return f"case_file/sealed/{case_id}"


def proxy_context(filing_id: int) -> str:
    return f"proxy_filing/sealed/{filing_id}"


def proxy_phone_context(filing_id: int) -> str:
    return f"proxy_filing/phone/{filing_id}"


def round_context(round_id: int) -> str:
    return f"case_round/sealed/{round_id}"


def pack(content: Content, *, context: str) -> Stored:
    return Stored(
        form=msgspec.json.encode(content.plain).decode(),
        sealed=crypto.seal(msgspec.json.encode(content.sensitive).decode(), context=context),
        attachments=msgspec.json.encode(content.attachments).decode(),
    )


def unpack(stored: Stored, *, context: str) -> Content:
    """For the machine's own reading: comparing, checking, masking. People read through reveal."""
    sealed = crypto.open_sealed(stored.sealed, context=context) if stored.sealed else "{}"
    return Content(
        plain=_decode_values(stored.form),
        sensitive=_decode_values(sealed),
        attachments=_decode_attachments(stored.attachments),
    )
