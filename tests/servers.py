"""Private MariaDB and Redis servers for tests: own folder, own address, gone when the test run is gone.

Start them from the main thread; the kernel ends them with the thread that started them.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

import pymysql

from backend.core import embedded_redis
from backend.core.processes import end, spawn

_USER = "tester"
_PASSWORD = "tester"
_DATABASE = "union_test"
_START_DEADLINE = 60.0
# The kernel's native asynchronous I/O is a small pool for the whole machine: several test servers empty it.
_NO_NATIVE_AIO = "--innodb-use-native-aio=0"


def until(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    pause = 0.002
    tick = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        tick.wait(pause)
        pause = min(pause * 2, 0.05)


def is_running(pid: int) -> bool:
    """Whether a process lives; one that ended and was not yet collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class _Server:
    """A program that can be started, killed and started again on the same data."""

    name: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self._process = spawn(self.command_line(), output=log)
        try:
            until(self._is_up, seconds=_START_DEADLINE, what=f"{self.name} to start")
        except TimeoutError as exc:
            self.stop()
            raise RuntimeError(f"{exc}\n{self.log()}") from exc

    def stop(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.resume()
            end(self._process, grace=20)

    def kill9(self) -> None:
        """As if the power failed for this one process."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def pause(self) -> None:
        """The server hangs: connections are taken and never answered."""
        os.killpg(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)

    def log(self) -> str:
        return (self.folder / f"{self.name}.log").read_text("utf-8", "replace")[-4000:]

    def command_line(self) -> list[str]:
        raise AssertionError("each server says how it is started")

    def answers(self) -> bool:
        raise AssertionError("each server says how it is asked")

    def _is_up(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self._process.returncode}\n{self.log()}")
        return self.answers()


class MariaDB(_Server):
    name = "mariadb"

    def __init__(self, folder: Path, *, flush: int, buffer_mb: int, options: Sequence[str]) -> None:
        super().__init__(folder)
        self.port = free_port()
        self._flush = flush
        self._buffer_mb = buffer_mb
        self._options = options

    def install(self) -> None:
        done = subprocess.run(
            [
                _program("mariadb-install-db"),
                "--no-defaults",
                f"--datadir={self.folder / 'data'}",
                f"--tmpdir={self._tmpdir()}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                _NO_NATIVE_AIO,
                *_as_current_user(),
            ],
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"mariadb-install-db: {done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        (self.folder / "users.sql").write_text(
            f"CREATE USER IF NOT EXISTS {_USER}@'%' IDENTIFIED BY '{_PASSWORD}';\n"
            f"GRANT ALL PRIVILEGES ON *.* TO {_USER}@'%';\n"
            f"CREATE DATABASE IF NOT EXISTS {_DATABASE};\n",
            "utf-8",
        )

    def command_line(self) -> list[str]:
        return [
            _program("mariadbd"),
            "--no-defaults",
            _NO_NATIVE_AIO,
            f"--datadir={self.folder / 'data'}",
            f"--tmpdir={self._tmpdir()}",
            f"--socket={self.folder / 'mariadb.sock'}",
            f"--pid-file={self.folder / 'mariadb.pid'}",
            f"--init-file={self.folder / 'users.sql'}",
            "--bind-address=127.0.0.1",
            f"--port={self.port}",
            "--skip-name-resolve",
            "--character-set-server=utf8mb4",
            "--collation-server=utf8mb4_bin",
            "--max-connections=500",
            f"--innodb-buffer-pool-size={self._buffer_mb}M",
            f"--innodb-flush-log-at-trx-commit={self._flush}",
            *_as_current_user(),
            *self._options,
        ]

    def _tmpdir(self) -> Path:
        """A starting server deletes every temporary table in its folder, those of another server too."""
        folder = self.folder / "tmp"
        folder.mkdir(exist_ok=True)
        return folder

    def answers(self) -> bool:
        try:
            self.execute("SELECT 1")
        except pymysql.err.OperationalError:
            return False
        return True

    @property
    def url(self) -> str:
        """The database that is there from the start."""
        return self.url_of(_DATABASE)

    def url_of(self, database: str, **options: str | int) -> str:
        query = f"?{urlencode(options)}" if options else ""
        return f"mysql://{_USER}:{_PASSWORD}@127.0.0.1:{self.port}/{database}{query}"

    def create(self, database: str) -> str:
        """An empty database; its URL."""
        self.execute(f"DROP DATABASE IF EXISTS `{database}`")
        self.execute(f"CREATE DATABASE `{database}`")
        return self.url_of(database)

    def execute(self, sql: str, *params: object, database: str = _DATABASE) -> list[tuple[object, ...]]:
        """Run one statement over a connection of its own, outside the program under test."""
        connection = pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user=_USER,
            password=_PASSWORD,
            database=database,
            charset="utf8mb4",
            autocommit=True,
            connect_timeout=3,
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(sql, params or None)
            return list(cursor.fetchall())


class Redis(_Server):
    name = "redis"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.socket = embedded_redis.prepare_socket(folder)
        self.url = embedded_redis.url(self.socket)

    def command_line(self) -> list[str]:
        return embedded_redis.command_line(
            embedded_redis.find_program(), socket=self.socket, folder=self.folder / "redis"
        )

    def answers(self) -> bool:
        return embedded_redis.answers(self.socket)

    def stop(self) -> None:
        super().stop()
        embedded_redis.forget_socket(self.socket, self.folder)


@contextlib.contextmanager
def private_mariadb(*, flush: int = 1, buffer_mb: int = 256, options: Sequence[str] = ()) -> Iterator[MariaDB]:
    """`flush` is innodb_flush_log_at_trx_commit; `options` are more arguments for mariadbd."""
    with _folder("union-mariadb-") as folder:
        server = MariaDB(folder, flush=flush, buffer_mb=buffer_mb, options=options)
        server.install()
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def private_redis() -> Iterator[Redis]:
    with _folder("union-redis-") as folder:
        server = Redis(folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def _folder(prefix: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise RuntimeError(f"{name} is missing: run `make test`, which installs it")
    return found


def _as_current_user() -> list[str]:
    """MariaDB refuses to run as root unless it is told to."""
    return ["--user=root"] if os.geteuid() == 0 else []
