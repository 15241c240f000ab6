"""The whole product as one process tree on one machine: Redis, web and worker under one parent."""

import contextlib
import fcntl
import http.client
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from backend.core import embedded_redis
from backend.core.processes import Child, Tree
from backend.core.settings import ROOT, Settings

_REDIS_DEADLINE = 15.0
_READY_DEADLINE = 90.0
_TICK = 0.1


class StartFailed(Exception):
    """The tree cannot start; the message is for the person who started it."""


class _Stopped(Exception):
    """Asked to stop before everything was up."""


def run(settings: Settings, *, steps: Sequence[Sequence[str]], greeting: str, follow_make: bool) -> int:
    """Start everything, stay in the foreground, end everything. `steps` are subcommands that run first."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    make = _Make() if follow_make else None

    def leaving() -> bool:
        return stop.is_set() or (make is not None and make.is_leaving())

    try:
        with _own_folder(settings.data_dir), contextlib.suppress(_Stopped):
            _refuse_busy_port(settings)
            _serve(_Standalone(settings, leaving), steps, greeting)
    except (StartFailed, embedded_redis.RedisMissing) as exc:
        print(f"无法启动 / cannot start: {exc}", file=sys.stderr, flush=True)
        return 1
    return 0


def _serve(standalone: "_Standalone", steps: Sequence[Sequence[str]], greeting: str) -> None:
    try:
        standalone.start_redis()
        for step in steps:
            standalone.run_step(step)
        standalone.start_product()
        _say(greeting)
        standalone.tend_until_told()
    finally:
        standalone.stop()


class _Standalone:
    def __init__(self, settings: Settings, leaving: Callable[[], bool]) -> None:
        self._settings = settings
        self._leaving = leaving
        self._data = settings.data_dir.resolve()
        self._tree = Tree(log_dir=self._data / "logs", cwd=ROOT, say=_say)
        self._redis_socket: Path | None = None
        self._env = {
            **os.environ,
            "UNION_HOST": settings.host,
            "UNION_PORT": str(settings.port),
            "UNION_DATA_DIR": str(self._data),
            "PYTHONUNBUFFERED": "1",
        }

    def start_redis(self) -> None:
        if self._settings.redis_url:
            return
        program = embedded_redis.find_program()
        path = self._redis_socket = embedded_redis.prepare_socket(self._data)
        line = embedded_redis.command_line(program, socket=path, folder=self._data / "redis")
        child = self._tree.start("redis", line, env=self._env, grace=5)
        self._await("Redis", lambda: embedded_redis.answers(path), [child], _REDIS_DEADLINE)
        self._env["UNION_REDIS_URL"] = embedded_redis.url(path)

    def run_step(self, step: Sequence[str]) -> None:
        child = self._start(step[0], step, grace=5)
        try:
            while child.alive:
                self._pause()
            if child.process.returncode:
                raise StartFailed(_last_words(child))
        finally:
            self._tree.stop(child.name)

    def start_product(self) -> None:
        web = self._start("web", ["serve", "--grace", "3"], grace=5)
        worker = self._start("worker", ["worker"], grace=8)
        self._await("/readyz", self._is_ready, [web, worker], _READY_DEADLINE)

    def tend_until_told(self) -> None:
        while not self._leaving():
            self._tree.tend()
            time.sleep(_TICK)

    def stop(self) -> None:
        for name in ("web", "worker", "redis"):
            self._tree.stop(name)
        if self._redis_socket is not None:
            embedded_redis.forget_socket(self._redis_socket, self._data)

    def _start(self, name: str, arguments: Sequence[str], *, grace: float) -> Child:
        line = [sys.executable, "-m", "backend.cli", *arguments]
        return self._tree.start(name, line, env=self._env, grace=grace)

    def _await(self, what: str, condition: Callable[[], bool], needed: list[Child], deadline: float) -> None:
        end = time.monotonic() + deadline
        while not condition():
            for child in needed:
                if not child.alive:
                    raise StartFailed(_last_words(child))
            if time.monotonic() > end:
                raise StartFailed(f"{what} 在 {deadline:g} 秒内没有就绪 / was not ready in {deadline:g} s")
            self._pause()

    def _pause(self) -> None:
        if self._leaving():
            raise _Stopped
        time.sleep(_TICK)

    def _is_ready(self) -> bool:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._settings.host, self._settings.host)  # noqa: S104
        connection = http.client.HTTPConnection(host, self._settings.port, timeout=3)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class _Make:
    """The `make` we run under. It hands SIGTERM on, but sits and waits on a SIGINT that was sent to it alone.

    It stops catching SIGINT at that moment, which its status shows.
    """

    def __init__(self) -> None:
        self._pid = os.getppid()
        self._caught = self._catches_sigint()

    def is_leaving(self) -> bool:
        return os.getppid() != self._pid or (self._caught and not self._catches_sigint())

    def _catches_sigint(self) -> bool:
        try:
            lines = Path(f"/proc/{self._pid}/status").read_text("ascii", "replace").splitlines()
        except OSError:
            return False
        masks = [int(line.split()[1], 16) for line in lines if line.startswith("SigCgt:")]
        return any(mask >> (signal.SIGINT - 1) & 1 for mask in masks)


@contextlib.contextmanager
def _own_folder(folder: Path) -> Iterator[None]:
    """One tree a folder. The lock goes with the process, however it ends."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as exc:
        raise StartFailed(f"数据目录不可写 / the data folder cannot be used: {folder}: {exc.strerror}") from exc
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise StartFailed(f"数据目录正在使用 / already running on this data folder: {folder}") from exc
        yield


def _refuse_busy_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as exc:
            address = f"{settings.host}:{settings.port}"
            raise StartFailed(
                f"地址 {address} 不可用，请换一个端口 / {address} is not free ({exc.strerror}); "
                f"try another: make run PORT={settings.port + 1}"
            ) from exc


def _last_words(child: Child) -> str:
    lines = "\n".join(child.last_lines()[-5:])
    return f"{child.name} 退出 / ended with code {child.process.returncode}, see logs/{child.name}.log:\n{lines}"


def _say(text: str) -> None:
    print(text, flush=True)
