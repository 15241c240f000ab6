"""The dry run of straight-through approval, for a terminal."""

from backend.casework import queries
from backend.core.actor import SYSTEM


async def show(slug: str, days: int) -> int:
    """Over every case that people decided, in all unions; nothing is written."""
    run = await queries.dry_run(slug, SYSTEM, days=days, most=None)
    print(f"{run.slug} {run.name}: {f'on since {run.since}' if run.is_on else f'off, since: {run.since}'}")
    print(f"cases decided by people in the last {run.days} days: {run.looked_at}")
    print(f"the rules would have approved: {run.clean}, of which {run.sampled} go to a person as a sample")
    print(f"of these, people approved {run.approved}, refused {len(run.refused)}, gave back first {len(run.returned)}")
    for what, numbers in (("refused", run.refused), ("gave back", run.returned)):
        if numbers:
            print(f"  {what}: {' '.join(numbers)}")
    for rule in run.rules:
        print(f"  does not hold in {rule.failed}: {rule.text}")
    return 0
