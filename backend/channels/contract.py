"""What is handed to a provider, and what it knows us by."""

from collections.abc import Mapping

import msgspec


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """The county's contract with a provider. `app_id` at Tencent only."""

    key_id: str
    secret: str
    sign_name: str
    app_id: str = ""
    endpoint: str


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one number.

    `text` is what people read; a provider that only fills its own texts takes `code`, the name of the text there, with
    `params`, in `order` where it counts them. `key` is a public id; the same one again is the same message, and
    `again` says that it may have been handed over before.
    """

    recipient: str
    template: str
    text: str
    code: str = ""
    params: Mapping[str, str] = {}
    order: tuple[str, ...] = ()
    key: str | None = None
    again: bool = False
