"""What runs by the clock. Redis may lose or repeat any of it: each run is short, idempotent and, where two
workers at once would be waste, the first to write its tick down.
"""

import structlog
from arq import cron
from arq.cron import CronJob

from backend.aid import commands as aid
from backend.allocation import commands as allocation
from backend.casework.commands import deadlines, deserted, exports, offers, presence, proxies, register, tables, tallies
from backend.channels import console
from backend.core import audit, clock, database, files, heartbeats, housekeeping, reference
from backend.core.command import command
from backend.grading import commands as grading
from backend.identity import commands as identity
from backend.mall import commands as mall
from backend.vouchers import commands as vouchers
from workers import digest, tasks
from workers.tasks import Context

log = structlog.get_logger(__name__)

CASES_AT_ONCE = 200
SLICES_AT_ONCE = 50
EXPORTS_AT_ONCE = 50
CAMPAIGNS_AT_ONCE = 20
ORDERS_AT_ONCE = 100
POLICIES_AT_ONCE = 200


async def sweep(ctx: Context) -> None:
    """The safety net: whatever rings were lost, nothing waits longer than this comes round."""
    await tasks.drain_outbox(ctx)


async def heartbeat(ctx: Context) -> None:
    await heartbeats.note(heartbeats.WORKER)


async def seal_audit(ctx: Context) -> None:
    if await is_first("seal_audit", seconds=10):
        await audit.seal_all(reference.settings().audit_anchor)


async def check_deadlines(ctx: Context) -> None:
    """Tell desks what is nearly due or overdue, end holds whose day has come, and hand on what lies where nobody is
    in post any more."""
    if await is_first("check_deadlines", seconds=600):
        while await deadlines.run(CASES_AT_ONCE) >= CASES_AT_ONCE:
            pass
        while await deserted.run(CASES_AT_ONCE) >= CASES_AT_ONCE:
            pass


async def count_cases(ctx: Context) -> None:
    """Make the figures of the statistics anew where cases changed."""
    if await is_first("count_cases", seconds=10):
        while await tallies.recount(SLICES_AT_ONCE) >= SLICES_AT_ONCE:
            pass


async def tend_registers(ctx: Context) -> None:
    """End what held until yesterday, tell holders what ends within thirty days, and end what nobody answered."""
    if await is_first("tend_registers", seconds=3600):
        while await register.run(CASES_AT_ONCE) >= CASES_AT_ONCE:
            pass
        while await proxies.expire(CASES_AT_ONCE) >= CASES_AT_ONCE:
            pass


async def remind_policies(ctx: Context) -> None:
    """Tell holders what ends within thirty days and is not renewed."""
    if await is_first("remind_policies", seconds=3600):
        while await aid.remind_policies(POLICIES_AT_ONCE) >= POLICIES_AT_ONCE:
            pass


async def end_exports(ctx: Context) -> None:
    """Delete the files of exports whose week is over."""
    if await is_first("end_exports", seconds=600):
        while await exports.end_old(EXPORTS_AT_ONCE) >= EXPORTS_AT_ONCE:
            pass


async def offer_entitled(ctx: Context) -> None:
    """Bring to members what the rolls already say they are entitled to; each rule once a period."""
    if await is_first("offer_entitled", seconds=3600):
        log.info("offers.made", offers=await offers.offer_all())


async def end_campaigns(ctx: Context) -> None:
    """End vouchers whose last day is over, and give back what their campaigns still held."""
    if await is_first("end_campaigns", seconds=600):
        while await vouchers.expire(CAMPAIGNS_AT_ONCE) >= CAMPAIGNS_AT_ONCE:
            pass


async def draw_lots(ctx: Context) -> None:
    """Hold the draws whose entries are closed."""
    if await is_first("draw_lots", seconds=60):
        while await vouchers.draw_due(CAMPAIGNS_AT_ONCE) >= CAMPAIGNS_AT_ONCE:
            pass


async def lapse_offers(ctx: Context) -> None:
    """Places that nobody accepted in time go to the next who wait."""
    if await is_first("lapse_offers", seconds=60):
        while await allocation.lapse_offers(clock.now()):
            pass


async def tell_mornings(ctx: Context) -> None:
    """Tell those who serve desks what waits there, each working morning."""
    if digest.is_time() and await is_first("tell_mornings", seconds=600):
        log.info("mornings.told", accounts=await digest.tell_all())


async def lapse_orders(ctx: Context) -> None:
    """What was ordered and not paid in time is for others again."""
    if await is_first("lapse_orders", seconds=60):
        while await mall.lapse(ORDERS_AT_ONCE) >= ORDERS_AT_ONCE:
            pass


async def settle_workers(ctx: Context) -> None:
    """Reckon the register of social workers anew, and tell of grades and trainings that came due."""
    if await is_first("settle_workers", seconds=3600):
        log.info("workers.settled", changed=await grading.settle_workers())


async def remind_assessors(ctx: Context) -> None:
    """Tell assessors of sheets that they have still to write, before the closing day of their round."""
    if await is_first("remind_assessors", seconds=3600):
        log.info("assessors.reminded", told=await grading.remind_assessors())


async def forget_old(ctx: Context) -> None:
    if await is_first("forget_old", seconds=3600):
        rows = await housekeeping.forget_old() + await identity.forget_expired() + await console.forget_old()
        rows += await presence.forget_old()
        rows += await tables.forget_old()
        rows += await proxies.forget_old()
        await tallies.mark_lately()
        log.info("housekeeping.done", rows=rows, blobs=await files.sweep_orphans())


def _every(seconds: int, *, offset: int = 0) -> set[int]:
    return set(range(offset, 60, seconds))


CRON: list[CronJob] = [
    cron(sweep, second=_every(15), run_at_startup=True),
    cron(heartbeat, second=_every(10), run_at_startup=True),
    cron(seal_audit, second=_every(10, offset=5)),
    cron(check_deadlines, minute=_every(10), second=20),
    cron(count_cases, second=_every(10, offset=3)),
    cron(tend_registers, minute=17, second=10),
    cron(remind_policies, minute=27, second=10, timeout=300),
    cron(end_exports, minute=_every(10), second=50),
    cron(offer_entitled, minute=_every(10), second=55, timeout=600),
    cron(end_campaigns, minute=_every(10), second=45, timeout=300),
    cron(lapse_offers, second=35),
    cron(draw_lots, second=2, timeout=300),
    cron(tell_mornings, minute=_every(10), second=25, timeout=300),
    cron(lapse_orders, second=22, timeout=300),
    cron(settle_workers, minute=27, second=5, timeout=300),
    cron(remind_assessors, minute=37, second=5, timeout=300),
    cron(forget_old, minute=7, second=40),
]


@command
async def is_first(name: str, *, seconds: int) -> bool:
    """Whether nobody has run `name` in this stretch of `seconds` yet."""
    now = clock.now()
    tick = int(now.timestamp()) // seconds
    return await database.insert_if_absent("cron_tick", {"id": f"{name}:{tick}", "at": now}, key="id")
