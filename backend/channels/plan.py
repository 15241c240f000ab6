"""config/sms.yaml: what a short message costs, how fast each provider takes them, and the texts as registered."""

from pathlib import Path

import msgspec
import yaml

from backend.core.settings import SettingsError

FILE = "sms.yaml"


class Text(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text as it is registered with the provider: its name there, and its blanks in order.

    What is said to several audiences is several texts; they are told apart by their blanks.
    """

    code: str
    params: tuple[str, ...]


class Rate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many messages a provider takes: so many a second, and so many at once after a pause."""

    per_second: int
    at_once: int


class SmsPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`texts` are by template."""

    price_per_thousand_fen: int
    rates: dict[str, Rate]
    texts: dict[str, tuple[Text, ...]]


def read_plan(config_dir: Path) -> SmsPlan:
    """SettingsError when the file is not what it should be."""
    try:
        plan = msgspec.convert(yaml.safe_load((config_dir / FILE).read_text("utf-8")), SmsPlan)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as exc:
        raise SettingsError(f"{FILE}: {exc}") from exc
    slow = sorted(name for name, rate in plan.rates.items() if rate.per_second < 1 or rate.at_once < 1)
    if slow or plan.price_per_thousand_fen < 0:
        raise SettingsError(f"{FILE}: rates begin with 1 and prices with 0; see {', '.join(slow) or 'the price'}")
    return plan
