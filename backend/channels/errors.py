"""What can become of a message that was handed to a provider and not taken."""


class ProviderError(Exception):
    """The provider did not take the message this time: too busy, away, or it never answered."""


class RecipientRefused(ProviderError):
    """The provider will never deliver to this number."""
