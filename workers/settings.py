"""How a worker process runs: what it does, how long it may take, how it starts and ends."""

import structlog

from backend import startup
from backend.core import doorbell, logs
from backend.core.settings import load_settings
from workers.schedule import CRON
from workers.tasks import Context, deliver, drain_outbox

log = structlog.get_logger(__name__)

_settings = load_settings()

# Of a worker that is not told where Redis is: the usual place on the same machine.
_NEAREST_REDIS = "redis://127.0.0.1:6379"
# For how many seconds a starting worker waits for Redis. One that loses it later ends at once: arq's own state is
# not to be trusted after that, and the process tree starts another.
PATIENCE = 60
# Longer than a slice of work, shorter than the grace that the process tree gives.
FINISH_SECONDS = 6


async def start(ctx: Context) -> None:
    logs.configure(_settings.log_level)
    await startup.start(_settings)
    log.info("worker.started")


async def stop(ctx: Context) -> None:
    await startup.stop()
    log.info("worker.stopped")


class WorkerSettings:
    functions = [drain_outbox, deliver]
    cron_jobs = CRON
    queue_name = doorbell.QUEUE
    redis_settings = doorbell.redis_settings(_settings.redis_url or _NEAREST_REDIS, patience=PATIENCE)
    on_startup = start
    on_shutdown = stop
    job_serializer = doorbell.encode
    job_deserializer = doorbell.decode
    max_jobs = 10
    poll_delay = 0.05
    job_timeout = 60
    job_completion_wait = FINISH_SECONDS
    max_tries = 1_000
    keep_result = 0
    log_results = False
    health_check_interval = 10
