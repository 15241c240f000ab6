from datetime import datetime
from typing import Annotated

import msgspec

from backend.membership.enums import Outer
from backend.membership.schemas import SelectedMember


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
    account_id: int | None
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


class MassInput(msgspec.Struct, kw_only=True):
    """A notice to the members below a union whom `target_rule` means, all of them where it is empty."""

    union_id: str
    title: Annotated[str, msgspec.Meta(max_length=30)]
    text: Annotated[str, msgspec.Meta(max_length=450)]
    target_rule: str = ""
    outer: Outer | None = None
    by_sms: bool = False


class Reach(msgspec.Struct, kw_only=True):
    """Whom a selection reaches. A phone that several members name is one phone."""

    members: int
    inboxes: int
    with_phone: int
    phones: int


class MassPreview(msgspec.Struct, kw_only=True):
    """What would happen: nothing of it has."""

    target_text: str
    members: int
    unknown: int
    inboxes: int
    duplicates: int  # members whose phone another one has named already
    without_phone: int
    messages: int
    pieces: int  # that each message counts as
    cost_fen: int
    sms_text: str
    sample: list[SelectedMember]


class MassCounts(msgspec.Struct, kw_only=True):
    """How far the messages outside are. `left` are those that are not sent yet."""

    written: int = 0
    left: int = 0
    sent: int = 0
    failed: int = 0


class MassView(msgspec.Struct, kw_only=True):
    id: str
    union_name: str
    title: str
    text: str
    target_text: str
    by_sms: bool
    state: str
    state_text: str
    total: int
    done: int
    percent: int
    inboxes: int
    sms: MassCounts
    going: bool  # something is still on its way
    made_at: str
    preview: MassPreview | None = None  # as long as it was not begun
