"""One server on one core, wrk on the other: requests a second and latencies of one path."""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from backend.core.processes import end, spawn
from tests.servers import free_port, until

SERVER_CORE, LOAD_CORE = "0", "1"
CONNECTIONS = 32
SECONDS = 3


class Rate(NamedTuple):
    """`cpu_ms` is the server's processor time for one request: the number that a busy machine changes least."""

    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int
    cpu_ms: float


class Served(NamedTuple):
    address: str
    pid: int


class Target(NamedTuple):
    """What to ask a server for. `script` is Lua for wrk where the request varies."""

    path: str
    token: str
    script: str = ""


@contextlib.contextmanager
def served(command: Sequence[str], environment: Mapping[str, str], *, ready: str) -> Iterator[Served]:
    """Start a server pinned to its core."""
    port = free_port()
    arguments = ["taskset", "-c", SERVER_CORE, *(part.replace("{port}", str(port)) for part in command)]
    with tempfile.TemporaryFile() as log:
        process = spawn(arguments, output=log, env={**os.environ, **environment})
        address = f"http://127.0.0.1:{port}"
        try:
            until(lambda: _answers(f"{address}{ready}"), seconds=60, what=f"{command[0]} to serve")
            yield Served(address, process.pid)
        except TimeoutError:
            log.seek(0)
            sys.stderr.write(log.read()[-4000:].decode(errors="replace"))
            raise
        finally:
            end(process, grace=10)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own loopback server
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def pin(pid: int, core: str) -> None:
    """Keep a running server, with all its threads and those it will start, on one core."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {int(core)})


def measure(server: Served, target: Target, *, seconds: int = SECONDS, connections: int = CONNECTIONS) -> Rate:
    before = _cpu_seconds(server.pid)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "request.lua"
        script.write_text(f'wrk.headers["Authorization"] = "Bearer {target.token}"\n{target.script}', "utf-8")
        command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
        done = subprocess.run(
            [*command, "-s", str(script), f"{server.address}{target.path}"], check=True, capture_output=True, text=True
        )
    return _parse(done.stdout, _cpu_seconds(server.pid) - before)


def _cpu_seconds(session: int) -> float:
    """Of a server and everything it started: `spawn` gives each a session of its own."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text("ascii", "replace").rpartition(")")[2].split()
            if int(fields[3]) == session:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _parse(text: str, cpu_seconds: float) -> Rate:
    found = re.search(r"Requests/sec:\s+([\d.]+)", text)
    done = re.search(r"(\d+) requests in", text)
    assert found and done, text
    errors = sum(int(number) for number in re.findall(r"Non-2xx or 3xx responses: (\d+)", text))
    sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    errors += sum(map(int, sockets.groups())) if sockets else 0
    cpu_ms = cpu_seconds * 1000 / max(int(done[1]), 1)
    return Rate(float(found[1]), _latency(text, "50%"), _latency(text, "99%"), errors, cpu_ms)


def _latency(text: str, percentile: str) -> float:
    found = re.search(rf"{percentile}\s+([\d.]+)(us|ms|s)", text)
    assert found, text
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]
