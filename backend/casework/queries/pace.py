"""How long cases of a service took lately. Read from the newest few thousand and kept for ten minutes."""

from datetime import timedelta

from backend.casework.enums import CaseStatus
from backend.casework.schemas import PaceView
from backend.core import clock, database

WINDOW = timedelta(days=90)
KEEP_SECONDS = 600
SAMPLE = 2_000
FEWEST = 5

_kept: dict[str, tuple[float, PaceView | None]] = {}


async def of_service(slug: str) -> PaceView | None:
    """None while too few cases were decided to say anything."""
    kept = _kept.get(slug)
    if kept is not None and kept[0] > clock.monotonic():
        return kept[1]
    found = await _measure(slug)
    _kept[slug] = (clock.monotonic() + KEEP_SECONDS, found)
    return found


def forget() -> None:
    _kept.clear()


async def _measure(slug: str) -> PaceView | None:
    rows = await database.rows(
        "SELECT submitted_at, decided_at FROM case_file WHERE flow = %s AND submitted_at >= %s AND status IN (%s, %s)"
        " ORDER BY submitted_at DESC LIMIT %s",
        slug,
        clock.now() - WINDOW,
        CaseStatus.APPROVED.value,
        CaseStatus.REJECTED.value,
        SAMPLE,
    )
    if len(rows) < FEWEST:
        return None
    days = sorted(_days(row) for row in rows)
    return PaceView(median_days=_share(days, 0.5), p90_days=_share(days, 0.9))


def _days(row: dict[str, object]) -> int:
    began, ended = (database.aware(row[name]) for name in ("submitted_at", "decided_at"))
    return max(1, -(-(ended - began) // timedelta(days=1)))


def _share(days: list[int], share: float) -> int:
    """The day by which this share was done."""
    return days[min(len(days) - 1, max(0, -(-int(len(days) * share * 100) // 100) - 1))]
