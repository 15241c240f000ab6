"""When a message may be sent and when it is tried again."""

from datetime import datetime, time, timedelta

import msgspec

from backend.core import clock

# After the first failure, the second, …; a message that fails after the last is given up.
RETRY_AFTER = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)


class QuietHours(msgspec.Struct, frozen=True):
    """From `start` to `end` in China, over midnight when `start` is the later one."""

    start: time
    end: time

    def hold(self, moment: datetime) -> bool:
        now = clock.local(moment).time()
        if self.start <= self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end


def earliest(moment: datetime, quiet: QuietHours | None) -> datetime:
    """`moment`, or the end of the quiet hours it falls into."""
    if quiet is None or not quiet.hold(moment):
        return moment
    local = clock.local(moment)
    end = local.replace(hour=quiet.end.hour, minute=quiet.end.minute, second=quiet.end.second, microsecond=0)
    if end <= local:
        end += timedelta(days=1)
    return end.astimezone(moment.tzinfo)


def retry_after(attempts: int) -> timedelta | None:
    """How long to wait after that many failed tries; None when it is time to give up."""
    return RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else None


def fit(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
