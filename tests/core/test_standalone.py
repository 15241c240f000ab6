"""`union run` as a person starts it: a real process tree, looked at from outside."""

import contextlib
import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from backend.core.outbox import topic_of
from backend.core.settings import ROOT
from backend.membership.events import RollImportFinished
from tests.servers import free_port, is_running, until

LINE = [sys.executable, "-m", "backend.cli", "run"]
ENVIRONMENT = {**os.environ, "UNION_ENVIRONMENT": "test", "UNION_REDIS_URL": "", "UNION_DATABASE_URL": ""}


def descendants(pid: int) -> set[int]:
    """The process and everything below it."""
    found = {pid}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split():
        found |= descendants(int(child))
    return found


def refusal(data: Path, port: int) -> str:
    """What the command says when it does not start."""
    line = [*LINE, "--data", str(data), "--port", str(port)]
    done = subprocess.run(line, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    return done.stderr


@contextlib.contextmanager
def running(data: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    line = [*LINE, "--data", str(data), "--port", str(port)]
    with subprocess.Popen(line, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == f"http://127.0.0.1:{port} 已就绪 / is ready\n"
            yield process
        finally:
            process.kill()


def status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.closing(connection):
        connection.request("GET", path)
        return connection.getresponse().status


@pytest.mark.slow
def test_a_busy_port_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refusal(tmp_path, port)
    assert said.startswith(f"无法启动 / cannot start: 地址 127.0.0.1:{port} 不可用")
    assert f"make run PORT={port + 1}" in said


@pytest.mark.slow
def test_a_folder_that_cannot_be_used_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = refusal(tmp_path / "file" / "data", free_port())
    assert "数据目录不可写 / the data folder cannot be used" in said


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_serves_and_ends_in_order(tmp_path: Path, number: signal.Signals) -> None:
    port = free_port()
    with running(tmp_path, port) as process:
        assert status(port, "/readyz") == 200
        pids = descendants(process.pid)
        assert len(pids) == 4  # itself, Redis, web, worker
        assert "already running on this data folder" in refusal(tmp_path, free_port())
        process.send_signal(number)
        assert process.wait(15) == 0
    assert [pid for pid in pids if is_running(pid)] == []
    assert {path.name for path in (tmp_path / "logs").iterdir()} >= {"web.log", "worker.log", "redis.log"}


@pytest.mark.slow
def test_nothing_is_left_when_it_is_killed(tmp_path: Path) -> None:
    with running(tmp_path, free_port()) as process:
        pids = descendants(process.pid)
        process.kill()
    until(lambda: not any(map(is_running, pids)), seconds=15, what="the children to end")


@pytest.mark.slow
def test_a_web_process_that_dies_comes_back(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, port) as process:
        web = next(pid for pid in descendants(process.pid) if b"serve" in command_line(pid))
        os.kill(web, signal.SIGKILL)

        def is_back() -> bool:
            with contextlib.suppress(OSError, http.client.HTTPException):
                return status(port, "/readyz") == 200
            return False

        until(lambda: not is_running(web) and is_back(), seconds=20, what="the web process to come back")
        process.terminate()
        assert process.wait(15) == 0


@pytest.mark.slow
def test_any_web_process_shows_what_all_of_them_and_the_worker_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ENVIRONMENT, "UNION_WEB_PROCESSES", "2")
    port = free_port()
    stale = tmp_path / "metrics" / "counter_999999999.db"
    stale.parent.mkdir(parents=True)
    stale.touch()
    with running(tmp_path, port) as process:
        assert not stale.exists()
        add_event(tmp_path / "union.sqlite3")
        for _ in range(40):
            assert status(port, "/livez") == 200
        alive = 'union_requests_total{method="GET",route="/livez",status="200"} 40.0'
        done = 'union_outbox_done_total{topic="membership.RollImportFinished"} 1.0'
        until(lambda: done in counters(port), seconds=40, what="the worker to take the event")
        for _ in range(10):
            shown = counters(port)
            assert (alive in shown, done in shown, "union_outbox_waiting 0.0" in shown) == (True, True, True)
        process.terminate()
        assert process.wait(15) == 0


def counters(port: int) -> list[str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.closing(connection):
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode().splitlines()


def add_event(path: Path) -> None:
    """One of those from which nothing follows."""
    now = datetime.now(UTC).isoformat(sep=" ")
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as product:
        product.execute(
            "INSERT INTO outbox (id, key, topic, payload, state, attempts, created_at, next_at, lease, last_error)"
            " VALUES (1, 'k', ?, ?, 'waiting', 0, ?, ?, '', '')",
            (topic_of(RollImportFinished), msgspec.json.encode(RollImportFinished(import_id=1)).decode(), now, now),
        )
        product.commit()


def command_line(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()
