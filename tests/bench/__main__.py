"""`python -m tests.bench`: ours, the raw floor and the peers side by side; the table goes to docs/performance.md."""

import argparse
import contextlib
import difflib
import json
import sys
import tempfile
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path

from tests.bench import footprint, report
from tests.bench.contenders import WORKS, Contender, Work, contenders, product_environment
from tests.bench.load import LOAD_CORE, SECONDS, Rate, Served, Target, measure, pin, served
from tests.bench.world import World, build, submission, submissions
from tests.servers import private_mariadb, private_redis

ROUNDS = 5
# So far apart that no two measurements make the same person.
_PEOPLE_A_RUN = 200_000

Rates = dict[tuple[str, str], list[Rate]]


def main() -> int:
    options = _options()
    works = [work for work in WORKS if not options.only or work.key in options.only]
    with _servers() as (environment, folder):
        world = build(environment, folder)
        everyone = [one for one in contenders(environment, world) if not options.against or one.key in options.against]
        with contextlib.ExitStack() as stack:
            running = [
                (one, stack.enter_context(served(one.command, one.environment, ready=one.ready))) for one in everyone
            ]
            _compare_answers(running, world)
            if options.compare:
                return 0
            rates = _measure(running, works, world, rounds=options.rounds, seconds=options.seconds)
            worked_mb = footprint.resident_mb(running[0][1].pid)
        sizes = None if options.only else footprint.take(everyone[0], worked_mb=worked_mb)
    text = report.table(rates, works, everyone, rounds=options.rounds, seconds=options.seconds)
    if sizes is not None:
        text += report.sizes(sizes)
    print(text)
    if options.write:
        report.write(text, "bench")
    return 1 if any(rate.errors for measured in rates.values() for rate in measured) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--only", nargs="*", metavar="WORK", choices=[work.key for work in WORKS])
    parser.add_argument("--against", nargs="*", metavar="SERVER", help="ours floor fastapi django")
    parser.add_argument("--compare", action="store_true", help="only see that all of them answer the same")
    parser.add_argument("--no-write", dest="write", action="store_false", help="leave docs/performance.md as it is")
    return parser.parse_args()


@contextlib.contextmanager
def _servers() -> Iterator[tuple[dict[str, str], Path]]:
    """MariaDB and Redis beside the load generator, as in production beside the web server."""
    with (
        tempfile.TemporaryDirectory(prefix="union-bench-") as name,
        private_mariadb(flush=1, buffer_mb=512) as mariadb,
        private_redis() as redis,
    ):
        pin(mariadb.pid, LOAD_CORE)
        pin(redis.pid, LOAD_CORE)
        yield product_environment(Path(name), mariadb.url, redis.url), Path(name)


def _compare_answers(running: Sequence[tuple[Contender, Served]], world: World) -> None:
    """A server that answered something else would be measured at other work."""
    first: dict[str, list[str]] = {}
    numbers = count()
    for one, server in running:
        for work in WORKS:
            if work.key not in one.paths:
                continue
            body = submission(next(numbers)) if work.posts else None
            content = _ask(server.address + one.paths[work.key], _token(one, work, world), body)
            if work.who and not work.posts:
                _require_same(f"{one.key} {work.key}", first.setdefault(work.key, _lines(content)), _lines(content))


def _lines(content: bytes) -> list[str]:
    text = content.decode()
    if text.startswith("{"):
        text = json.dumps(json.loads(text), indent=1, ensure_ascii=False, sort_keys=True)
    return text.splitlines()


def _require_same(what: str, ours: list[str], theirs: list[str]) -> None:
    if ours != theirs:
        difference = difflib.unified_diff(ours, theirs, "ours", what, n=0, lineterm="")
        raise SystemExit("\n".join(islice(difference, 40)))


def _ask(url: str, token: str, body: bytes | None) -> bytes:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - our own loopback server
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.read()
    except urllib.error.HTTPError as refused:
        raise SystemExit(f"{url}: {refused}\n{refused.read()[:2000].decode(errors='replace')}") from refused


def _token(one: Contender, work: Work, world: World) -> str:
    return getattr(getattr(world, one.tokens), work.who) if work.who else ""


def _measure(
    running: Sequence[tuple[Contender, Served]], works: Sequence[Work], world: World, *, rounds: int, seconds: int
) -> Rates:
    """Every work of every server once a round, so that a slow minute of the machine meets them all."""
    rates: Rates = defaultdict(list)
    runs = count()
    for number in range(-1, rounds):
        for work in works:
            for one, server in running:
                if work.key not in one.paths:
                    continue
                script = submissions(next(runs) * _PEOPLE_A_RUN % 10_000_000) if work.posts else ""
                target = Target(one.paths[work.key], _token(one, work, world), script)
                rate = measure(server, target, seconds=seconds if number >= 0 else 1)
                if number >= 0:  # the first round only warms up
                    rates[work.key, one.key].append(rate)
                    print(
                        f"round {number + 1}  {work.key:9} {one.key:8} {rate.per_second:9.0f}/s {rate.cpu_ms:7.2f} ms",
                        file=sys.stderr,
                    )
    return rates


if __name__ == "__main__":
    sys.exit(main())
