"""Real worker processes over a real Redis, beside the test that looks at what they do."""

import os
import signal
import sys
from asyncio import sleep
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from backend.core import database
from backend.core.processes import Child, Tree
from backend.core.settings import ROOT, Settings
from tests.servers import Redis


class Workers:
    """Supervised worker processes, as the process tree of the product runs them."""

    def __init__(self, tree: Tree, env: dict[str, str]) -> None:
        self._tree = tree
        self._env = env
        self.children: list[Child] = []

    def start(self, count: int = 1) -> None:
        for _ in range(count):
            name = f"worker-{len(self.children)}"
            line = [sys.executable, "-m", "workers"]
            self.children.append(self._tree.start(name, line, env=self._env, grace=20))

    async def kill9(self, child: Child) -> None:
        """One that died a moment ago is started again first."""

        async def lives() -> bool:
            return child.alive

        await self.until(lives, seconds=60, what=f"{child.name} to be started again")
        os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()

    def tend(self) -> None:
        """Restart those that died."""
        self._tree.tend()

    async def until(self, condition: Callable[[], Awaitable[bool]], *, seconds: float, what: str) -> None:
        """Wait for what the workers do, restarting those that died."""
        deadline = monotonic() + seconds
        while not await condition():
            if monotonic() > deadline:
                raise TimeoutError(f"{what}: not within {seconds:g} s; {await _progress()}")
            self.tend()
            await sleep(0.02)

    def stop(self) -> None:
        for child in self.children:
            self._tree.stop(child.name)


async def _progress() -> str:
    states = await database.rows("SELECT state, COUNT(*) AS n, MAX(attempts) AS tries FROM outbox GROUP BY state")
    return f"outbox {states}"


@contextmanager
def worker_processes(settings: Settings, redis: Redis, logs: Path, **more: str) -> Iterator[Workers]:
    """`logs` is where each writes its log; `more` are further settings."""
    env = {
        **os.environ,
        "UNION_ENVIRONMENT": "test",
        "UNION_DATA_DIR": str(settings.data_dir),
        "UNION_DATABASE_URL": settings.database,
        "UNION_REDIS_URL": redis.url,
        **more,
    }
    said: list[str] = []
    made = Workers(Tree(log_dir=logs, cwd=ROOT, say=said.append), env)
    try:
        yield made
    finally:
        made.stop()
        print("\n".join(said))
