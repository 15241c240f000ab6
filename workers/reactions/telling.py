"""What reactions have in common: their shape, and how an account is reached."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from backend.identity import queries as identity
from backend.notifications.schemas import Recipient

TOLD_AT_ONCE = 500  # members in one statement

# Given the event and its key; False when a part is done and there is more to do.
Reaction = Callable[[Any, str], Awaitable[bool]]


async def recipients_of(account_ids: Sequence[int]) -> list[Recipient]:
    """In their order, each with its phone if it has one."""
    phones = {phone.account_id: phone for phone in await identity.phones_of(account_ids)}
    return [
        Recipient(account_id=account_id, phone_sealed=phone.sealed, phone_context=phone.context)
        if (phone := phones.get(account_id)) is not None
        else Recipient(account_id=account_id)
        for account_id in account_ids
    ]
