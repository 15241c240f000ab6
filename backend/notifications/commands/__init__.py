"""Writes of notifications. A notice is written once per key and recipient, however often it is asked for."""

from backend.notifications.commands.deliveries import lease_deliveries, record_deliveries
from backend.notifications.commands.inbox import mark_all_read, mark_read
from backend.notifications.commands.many import MOST_AT_ONCE, notify_many
from backend.notifications.commands.mass import compose, run_mass, start, stop
from backend.notifications.commands.receipts import record_receipts
from backend.notifications.commands.telling import notify
from backend.notifications.commands.undelivered import give_up, try_again, try_all_again

__all__ = [
    "MOST_AT_ONCE",
    "compose",
    "give_up",
    "lease_deliveries",
    "mark_all_read",
    "mark_read",
    "notify",
    "notify_many",
    "record_deliveries",
    "record_receipts",
    "run_mass",
    "start",
    "stop",
    "try_again",
    "try_all_again",
]
