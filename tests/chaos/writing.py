"""The writers of tests/chaos/writer.py as processes, and what they were told."""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from backend.core.processes import end
from backend.core.settings import ROOT


class Writing:
    """`acknowledged` are the blind indexes of members that were admitted; `failed` the answers of the others."""

    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        self.failed: list[str] = []
        self._processes: list[subprocess.Popen[str]] = []
        self._readers: list[threading.Thread] = []

    def start(self, env: dict[str, str], *, writers: int, first: int) -> None:
        line = [sys.executable, "-m", "tests.chaos.writer", str(writers), str(first)]
        process = subprocess.Popen(line, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        reader = threading.Thread(target=self._read, args=[process])
        reader.start()
        self._processes.append(process)
        self._readers.append(reader)

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                kind, _, rest = line.rstrip("\n").partition(" ")
                if kind == "ok":
                    self.acknowledged.append(rest)
                elif kind == "failed":
                    self.failed.append(rest)

    def finish(self) -> None:
        """Let everybody end what they are at."""
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.close()
        for process, reader in zip(self._processes, self._readers, strict=True):
            assert process.wait(60) == 0
            reader.join()
        self._processes.clear()

    def kill(self) -> None:
        for process in self._processes:
            end(process, grace=1)  # type: ignore[arg-type] - text or bytes makes no difference here
            if process.stdin is not None:
                process.stdin.close()
        for reader in self._readers:
            reader.join()


def set_up(env: dict[str, str]) -> None:
    """A migrated database with one union."""
    migrate = [sys.executable, "-m", "backend.cli", "migrate"]
    make_union = [sys.executable, "-m", "tests.chaos.writer", "0", "1"]
    for line in (migrate, make_union):
        subprocess.run(line, cwd=ROOT, env=env, check=True, stdin=subprocess.DEVNULL)


@contextlib.contextmanager
def writing() -> Iterator[Writing]:
    made = Writing()
    try:
        yield made
    finally:
        made.kill()


def environment(data: Path, database_url: str, redis_url: str = "") -> dict[str, str]:
    return {
        **os.environ,
        "UNION_ENVIRONMENT": "test",
        "UNION_ALLOW_SYNTHETIC_IDS": "true",
        "UNION_DATA_DIR": str(data),
        "UNION_DATABASE_URL": database_url,
        "UNION_REDIS_URL": redis_url,
    }
