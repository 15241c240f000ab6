"""Counters and timings in Prometheus form. Labels never carry personal data.

Web processes and workers count in files of one folder, so that whichever process is asked shows all of them.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where the library looks

registry = CollectorRegistry()

requests = Counter("union_requests_total", "HTTP answers", ["method", "route", "status"], registry=registry)
request_seconds = Histogram("union_request_seconds", "Time to answer", ["route"], registry=registry)
command_retries = Counter("union_command_retries_total", "Commands run again", ["command"], registry=registry)
outbox_done = Counter("union_outbox_done_total", "Events handled", ["topic"], registry=registry)
outbox_failed = Counter("union_outbox_failed_total", "Events that failed once", ["topic"], registry=registry)
deliveries = Counter("union_deliveries_total", "Delivery attempts", ["channel", "state"], registry=registry)


def folder_of(data_dir: Path) -> Path:
    return data_dir / "metrics"


def share(folder: Path) -> None:
    """Count from now on in files of `folder`, beside the other processes. Called before anything is counted."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ[_FOLDER] = str(folder)
    values.ValueClass = values.MultiProcessValue()


def forget_ended(folder: Path) -> None:
    """Remove the counts of processes that no longer run. The parent of a process tree does it at its start."""
    for path in folder.glob("*_*.db"):
        pid = path.stem.rpartition("_")[2]
        if not (pid.isdecimal() and Path(f"/proc/{pid}").exists()):
            path.unlink(missing_ok=True)


def render(now: Mapping[str, float]) -> bytes:
    """Everything counted, and what was measured just now, by its name in `_MEASURED`."""
    shown = CollectorRegistry()
    if folder := os.environ.get(_FOLDER):
        MultiProcessCollector(shown, path=folder)
    else:
        shown.register(registry)
    shown.register(_Measured(now))
    return generate_latest(shown)


_MEASURED = {
    "union_outbox_waiting": "Events not yet handled",
    "union_worker_silent_seconds": "Seconds since the last sign of life of a worker",
}


class _Measured(Collector):
    """The same for every process, so none of them keeps it."""

    def __init__(self, now: Mapping[str, float]) -> None:
        self._now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, value in self._now.items():
            yield GaugeMetricFamily(name, _MEASURED[name], value=value)
