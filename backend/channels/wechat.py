"""WeChat's subscribe messages, behind a protocol. Off as long as no client is set: then the next channel is taken."""

from collections.abc import Mapping
from typing import Protocol

from backend.channels.errors import RecipientRefused


class SubscribeMessages(Protocol):
    async def send(self, *, account_id: int, template: str, params: Mapping[str, str], key: str) -> str:
        """Hand over one message to whoever has this account; WeChat's own id.

        `RecipientRefused` where it will never arrive: no openid is known, none of the grants is left, or the person has
        blocked us. `ProviderError` where it may be tried again.
        """
        ...


_client: SubscribeMessages | None = None


def use(client: SubscribeMessages | None) -> None:
    global _client  # noqa: PLW0603 - one client a process
    _client = client


def is_on() -> bool:
    return _client is not None


async def send(*, account_id: int | None, template: str, params: Mapping[str, str], key: str) -> str:
    """As `SubscribeMessages.send`; also refused when it was turned off since the message was written."""
    if _client is None or account_id is None:
        raise RecipientRefused("WeChat is off or does not know this person")
    return await _client.send(account_id=account_id, template=template, params=params, key=key)
