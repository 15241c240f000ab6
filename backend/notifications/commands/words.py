"""What the rows of a notice have in common, whether it goes to one person or to thousands."""

from collections.abc import Mapping

import msgspec

from backend.core import database, reference
from backend.notifications import rules, templates
from backend.notifications.enums import Channel, Notice

LONGEST_KEY = 120


def key(notice: Notice, key: str, recipient: int | str) -> str:
    """Under which a recipient is told once; `recipient` is an account in the inbox, outside it a blind index."""
    made = f"{notice}:{key}:{recipient}"
    if len(made) > LONGEST_KEY:
        raise ValueError(f"the key of {notice} is longer than {LONGEST_KEY}")
    return made


def params(template: templates.Template, channel: Channel, values: Mapping[str, str]) -> str:
    """The values that the words over this channel mention, as JSON."""
    return msgspec.json.encode({name: values[name] for name in sorted(templates.names(template, channel))}).decode()


def quiet_hours_for(notice: Notice) -> rules.QuietHours | None:
    ignored = reference.settings().is_demo and templates.is_own_result(notice)
    return None if ignored else templates.quiet_hours()


def if_absent() -> str:
    """What lets an INSERT pass over the rows whose key is there."""
    return "ON CONFLICT(`key`) DO NOTHING" if database.is_sqlite() else "ON DUPLICATE KEY UPDATE `key` = `key`"
