"""Counters and timings of the process, in Prometheus form. Labels never carry personal data."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

registry = CollectorRegistry()

requests = Counter("union_requests_total", "HTTP answers", ["method", "route", "status"], registry=registry)
request_seconds = Histogram("union_request_seconds", "Time to answer", ["route"], registry=registry)
command_retries = Counter("union_command_retries_total", "Commands run again", ["command"], registry=registry)
outbox_done = Counter("union_outbox_done_total", "Events handled", ["topic"], registry=registry)
outbox_failed = Counter("union_outbox_failed_total", "Events that failed once", ["topic"], registry=registry)
outbox_waiting = Gauge("union_outbox_waiting", "Events not yet handled", registry=registry)
deliveries = Counter("union_deliveries_total", "Delivery attempts", ["channel", "state"], registry=registry)


def render() -> bytes:
    return generate_latest(registry)
