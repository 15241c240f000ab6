from datetime import datetime

import msgspec


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to tell. Without an account there is no inbox, without a phone no short message.

    `phone_sealed` opens with `phone_context`, as its owner keeps it.
    """

    account_id: int | None = None
    phone_sealed: str = ""
    phone_context: str = ""


class NotificationView(msgspec.Struct, kw_only=True):
    id: str
    title: str
    text: str
    case_number: str | None
    created_at: str
    read_at: str | None
    link: str = ""


class Unread(msgspec.Struct):
    unread: int


class Told(msgspec.Struct, frozen=True):
    """How many rows a call wrote: in inboxes, and of messages outside."""

    inbox: int
    messages: int


class SealedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message this process may send until its lease ends. `attempts` counts the coming try.

    Without `recipient_sealed` the person has no phone any more.
    """

    id: int
    channel: str
    template: str
    text: str
    params: dict[str, str]
    recipient_sealed: str
    recipient_context: str
    attempts: int
    lease: str


class DeliveryResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one try. `provider_id` when it was taken; else `error`, final when `refused`."""

    message: SealedMessage
    provider_id: str = ""
    error: str = ""
    refused: bool = False


class DeadLetter(msgspec.Struct, kw_only=True):
    """A message that reached nobody. The recipient stays masked."""

    id: str
    channel: str
    template: str
    text: str
    recipient: str
    state: str
    state_text: str
    attempts: int
    last_error: str
    created_at: str


class TriedAgain(msgspec.Struct):
    """How many messages are on their way again."""

    messages: int


class InboxMessage(msgspec.Struct, kw_only=True):
    """An inbox notice as the demo's outbox shows it."""

    event: str
    text: str
    created_at: datetime
