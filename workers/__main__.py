"""One worker process: `python -m workers`. The process tree starts another when it ends."""

import asyncio
import sys
from signal import Signals
from typing import Any

import structlog
from arq.worker import Worker
from redis.exceptions import RedisError

from backend.core import logs, metrics
from backend.core.settings import load_settings
from workers import tasks
from workers.settings import FINISH_SECONDS, WorkerSettings, stop

log = structlog.get_logger(__name__)


class StoppingWorker(Worker):
    """Ends in order, with or without Redis: what runs ends after the event it is at, nothing new is begun."""

    def handle_sig_wait_for_completion(self, signum: Signals) -> None:
        tasks.finish_up()
        super().handle_sig_wait_for_completion(signum)

    async def close(self) -> None:
        tasks.finish_up()
        if self.tasks:
            _, unfinished = await asyncio.wait(self.tasks.values(), timeout=FINISH_SECONDS)
            for task in unfinished:
                task.cancel()
        try:
            await super().close()
        except RedisError:
            # arq wanted to tidy up in Redis first.
            await stop(self.ctx)


def main() -> int:
    settings = load_settings()
    logs.configure(settings.log_level)
    metrics.share(metrics.folder_of(settings.data_dir))
    options: dict[str, Any] = {name: value for name, value in vars(WorkerSettings).items() if name[0] != "_"}
    try:
        StoppingWorker(**options).run()
    except (RedisError, OSError) as exc:
        log.error("worker.without_redis", error=type(exc).__name__)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
