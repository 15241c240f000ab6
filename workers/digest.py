"""What each who serves a desk reads in the morning: how much waits there, what is due today and what is late."""

from collections import Counter

from backend.casework import queries as cases
from backend.core import clock, reference
from backend.notifications import commands as notifications
from backend.notifications.enums import Audience, Notice
from backend.notifications.schemas import Recipient
from backend.unions import queries as unions

# On working days, in China. A run that was cut off is made up for until the end; who was told is not told again.
FROM_HOUR, UNTIL_HOUR = 8, 10


def is_time() -> bool:
    now = clock.local(clock.now())
    return FROM_HOUR <= now.hour < UNTIL_HOUR and reference.calendar().is_workday(now.date())


async def tell_all() -> int:
    """How many were told. Nobody is told that nothing waits."""
    told = 0
    for account_id, load in (await _loads()).items():
        told += await notifications.notify(
            Notice.DESK_DIGEST,
            Audience.HANDLER,
            recipients=[Recipient(account_id=account_id)],
            values={name: str(load[name] or "") for name in ("waiting", "today", "overdue")},
            key=clock.today().isoformat(),
        )
    return told


async def _loads() -> dict[int, Counter[str]]:
    """By account: whoever serves several desks, or covers for somebody, reads one sum."""
    by_account: dict[int, Counter[str]] = {}
    for desk in await cases.desk_loads():
        load = Counter(waiting=desk.waiting, today=desk.due_today, overdue=desk.overdue)
        for account_id in await unions.holders(desk.union_id, desk.role):
            by_account.setdefault(account_id, Counter()).update(load)
    return by_account
