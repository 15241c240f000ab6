"""A tree of child processes under one parent: their logs, their restarts, their ordered end.

A child never outlives its parent. The kernel sends it SIGTERM when the parent dies, even by kill -9;
that signal is tied to the thread that started the child, so trees live on the main thread.
"""

import contextlib
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

# Runs inside the child before the real program: asks for the death signal, then makes sure that the
# parent did not die in between. A separate small program, because code between fork and exec may hang
# once the parent has threads.
_LAUNCHER = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execvp(sys.argv[2], sys.argv[2:])
"""

_FIRST_BACKOFF = 0.5
_LONGEST_BACKOFF = 30.0
_STEADY_AFTER = 60.0
_LOG_BYTES = 5_000_000
_LOG_FILES = 3

# Lines worth showing on the console: error records of either log format, and tracebacks.
_LOUD = re.compile(
    rb'\[(error|critical)\s*\]|"level":\s*"(error|critical)"|^(ERROR|CRITICAL)\b|^Traceback|^[\w.]+(Error|Exception)\b'
)


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    output: int | IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program that ends with this process. It leads a session of its own: Ctrl-C does not reach it."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid()), *argv],
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
    )


def end(process: subprocess.Popen[bytes], *, grace: float) -> int:
    """SIGTERM, `grace` seconds to finish, then SIGKILL for it and everything it started."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


@dataclass
class Child:
    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    grace: float
    process: subprocess.Popen[bytes]
    started: float
    log: logging.Logger
    copier: threading.Thread | None = None
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=20))
    deaths: int = 0
    restart_at: float | None = None

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def last_lines(self) -> list[str]:
        """The end of the output of a child that died, once all of it is copied."""
        if self.copier is not None:
            self.copier.join(2)
        return list(self.tail)


class Tree:
    def __init__(self, *, log_dir: Path, cwd: Path, say: Callable[[str], None]) -> None:
        self._log_dir = log_dir
        self._cwd = cwd
        self._say = say
        self._children: dict[str, Child] = {}
        log_dir.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, argv: Sequence[str], *, env: Mapping[str, str], grace: float) -> Child:
        child = Child(
            name=name,
            argv=argv,
            env=env,
            grace=grace,
            process=self._spawn(argv, env),
            started=time.monotonic(),
            log=self._logger(name),
        )
        self._children[name] = child
        self._pump(child)
        return child

    def tend(self) -> None:
        """Restart what died, later and later when it keeps dying. Call it a few times a second."""
        now = time.monotonic()
        for child in self._children.values():
            if child.alive:
                continue
            if child.restart_at is None:
                self._plan_restart(child, now)
            elif now >= child.restart_at:
                child.restart_at = None
                child.started = now
                child.process = self._spawn(child.argv, child.env)
                self._pump(child)

    def stop(self, name: str) -> None:
        child = self._children.pop(name, None)
        if child is not None:
            end(child.process, grace=child.grace)
            child.last_lines()
            for handler in child.log.handlers:
                handler.close()

    def _plan_restart(self, child: Child, now: float) -> None:
        child.deaths = 1 if now - child.started > _STEADY_AFTER else child.deaths + 1
        delay = min(_FIRST_BACKOFF * 2 ** (child.deaths - 1), _LONGEST_BACKOFF)
        child.restart_at = now + delay
        self._say(f"{child.name} ended with code {child.process.returncode}; starting it again in {delay:g} s")

    def _spawn(self, argv: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        return spawn(argv, env=env, cwd=self._cwd, output=subprocess.PIPE)

    def _pump(self, child: Child) -> None:
        child.copier = threading.Thread(target=self._copy_output, args=(child, child.process), daemon=True)
        child.copier.start()

    def _copy_output(self, child: Child, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        loud = False
        with process.stdout:
            for raw in process.stdout:
                line = raw.decode("utf-8", "replace").rstrip()
                child.log.info(line)
                child.tail.append(line)
                loud = _LOUD.search(raw) is not None or (loud and raw[:1].isspace())
                if loud:
                    self._say(f"{child.name}: {line}")

    def _logger(self, name: str) -> logging.Logger:
        """A logger of its own, outside the hierarchy: the lines are already formatted."""
        logger = logging.Logger(name)
        path = self._log_dir / f"{name}.log"
        logger.addHandler(RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8"))
        return logger
