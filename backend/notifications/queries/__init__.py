"""Reads of notifications."""

from backend.notifications.queries.deliveries import MANAGE, dead_letters, leased, recipient_context
from backend.notifications.queries.inboxes import inbox, inbox_of_account, notification, unread_count
from backend.notifications.queries.mass import (
    SEND,
    managed_notice,
    mass_notice,
    mass_notices,
    members_of_piece,
    pack,
    preview_mass,
    sending_unions,
)

__all__ = [
    "MANAGE",
    "SEND",
    "dead_letters",
    "inbox",
    "inbox_of_account",
    "leased",
    "managed_notice",
    "mass_notice",
    "mass_notices",
    "members_of_piece",
    "notification",
    "pack",
    "preview_mass",
    "recipient_context",
    "sending_unions",
    "unread_count",
]
