"""Short messages. `send` hands one to the configured provider; who may be told what is not its business."""

from typing import Protocol

from backend.channels.console import ConsoleProvider
from backend.core.settings import Settings, SettingsError


class ProviderError(Exception):
    """The provider did not take the message this time: too busy, away, or it never answered."""


class RecipientRefused(ProviderError):
    """The provider will never deliver to this number."""


class SmsProvider(Protocol):
    async def send(self, *, recipient: str, template: str, text: str, key: str | None) -> str:
        """Hand over one message; the provider's own id. The same `key` again is the same message."""
        ...


class NoProvider:
    """For a place that has no contract yet: staff work at the desk, nobody can sign in by phone."""

    async def send(self, *, recipient: str, template: str, text: str, key: str | None) -> str:
        raise RecipientRefused("no provider of short messages is set")


_PROVIDERS: dict[str, type[SmsProvider]] = {"console": ConsoleProvider, "none": NoProvider}

_provider: SmsProvider | None = None


def configure(settings: Settings) -> None:
    global _provider  # noqa: PLW0603 - one provider a process
    kind = _PROVIDERS.get(settings.sms_provider)
    if kind is None:
        known = ", ".join(sorted(_PROVIDERS))
        raise SettingsError(f"sms_provider must be one of: {known}; not {settings.sms_provider!r}")
    _provider = kind()


async def send(*, recipient: str, template: str, text: str, key: str | None = None) -> str:
    """Send now, outside any command: a provider may take seconds. Raises `ProviderError` when it was not taken.

    `key` is a public id; whoever may send twice gives the same one again.
    """
    if _provider is None:
        raise RuntimeError("sms.configure was not called")
    return await _provider.send(recipient=recipient, template=template, text=text, key=key)
