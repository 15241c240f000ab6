"""`python -m tests.bench.scale`: the same pages on a large county and on one with a tenth of it, side by side.

Both counties lie in one MariaDB, each has a server of its own, and every page is asked for on the one and on the
other in turn, so that a slow minute of the machine meets both.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from backend.demo.tree import PASSWORD
from tests.bench import report
from tests.bench.contenders import ROOT, product_environment
from tests.bench.load import Served, served
from tests.servers import MariaDB, private_redis

MEMBERS, CASES, SHARE = 1_560_000, 5_000_000, 10
ROUNDS = 60
TARGET = 1.3
_CODE = re.compile(r"\d{6}")
_CLI = (sys.executable, "-m", "backend.cli")


class County(NamedTuple):
    """A county that is served. `tokens` are bearer tokens by role, `known` values that are there to be found."""

    server: Served
    tokens: Mapping[str, str]
    known: Mapping[str, str]
    seconds: float


class Page(NamedTuple):
    """`path` may name what is known of the county in braces."""

    name: str
    who: str
    path: str


PAGES = (
    Page("desk queue, first page", "town", "/api/v1/desk/cases"),
    Page("desk queue, fifth page", "town", "/api/v1/desk/cases?cursor={cursor}"),
    Page("desk queue, one service", "town", "/api/v1/desk/cases?service=member-join"),
    Page("queue of the county's desk", "county", "/api/v1/desk/cases"),
    Page("search by number", "town", "/api/v1/desk/cases?q={number}"),
    Page("search by phone", "town", "/api/v1/desk/cases?q={phone}"),
    Page("search by name", "town", "/api/v1/desk/cases?q={name}"),
    Page("search by initials", "town", "/api/v1/desk/cases?q={initials}"),
    Page("a case at the desk", "town", "/api/v1/desk/cases/{open}"),
    Page("members, first page", "town", "/api/v1/desk/members"),
    Page("members by name", "town", "/api/v1/desk/members?q={name}"),
    Page("statistics", "county", "/api/v1/desk/statistics"),
    Page("rows behind a figure", "county", "/api/v1/desk/statistics/cases?kind=in"),
    Page("own cases", "member", "/api/v1/cases"),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale")
    parser.add_argument("--members", type=int, default=MEMBERS)
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--data", type=Path, help="keep the counties in this folder, and find them there again")
    parser.add_argument("--no-write", dest="write", action="store_false", help="leave docs/performance.md as it is")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = options.data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="union-scale-")))
        mariadb = stack.enter_context(_mariadb(folder / "mariadb"))
        redis = stack.enter_context(private_redis())
        built = []
        for name, part in (("small", SHARE), ("large", 1)):
            mariadb.execute(f"CREATE DATABASE IF NOT EXISTS union_{name}")
            environment = _environment(folder / name, mariadb.url_of(f"union_{name}"), redis.url)
            seconds = _build(environment, options.members // part, options.cases // part)
            built.append((environment, _known(mariadb, f"union_{name}"), seconds))
        counties = []
        for environment, known, seconds in built:
            server = stack.enter_context(served((*_CLI, "serve", "--port", "{port}"), environment, ready="/livez"))
            county = County(server, _tokens(server, environment), known, seconds)
            counties.append(_with_cursor(county))
        times = {page.name: _measure(page, counties, options.rounds) for page in PAGES}
    text = _table(times, counties, f"{options.members:,} members and {options.cases:,} cases", options.rounds)
    print(text)
    if options.write:
        report.write(text, "scale")
    return 0


@contextmanager
def _mariadb(folder: Path) -> Iterator[MariaDB]:
    folder.mkdir(parents=True, exist_ok=True)
    server = MariaDB(folder, flush=2, buffer_mb=6144, options=())
    if not (folder / "data").exists():
        server.install()
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _environment(folder: Path, url: str, redis: str) -> dict[str, str]:
    folder.mkdir(exist_ok=True)
    return {**product_environment(folder, url, redis), "UNION_ENVIRONMENT": "demo", "UNION_WEB_PROCESSES": "1"}


def _build(environment: Mapping[str, str], members: int, cases: int) -> float:
    subprocess.run([*_CLI, "migrate"], check=True, cwd=ROOT, env=environment)
    began = time.perf_counter()
    sizes = ["--members", str(members), "--cases", str(cases)]
    subprocess.run([*_CLI, "demo", *sizes], check=True, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _tokens(server: Served, environment: Mapping[str, str]) -> dict[str, str]:
    staff = {role: {"username": f"demo-{role}", "password": PASSWORD} for role in ("town", "county")}
    tokens = {role: _post(server, "/api/v1/auth/staff/sessions", sent) for role, sent in staff.items()}
    phone = "15420000000"  # of the first member who has an account
    _post(server, "/api/v1/auth/sms-codes", {"phone": phone})
    outbox = f"/api/v1/demo/outbox?to={phone}"
    deadline = time.monotonic() + 30
    with subprocess.Popen([*_CLI, "worker"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as worker:
        while not (sent := json.loads(_get(server, outbox, ""))["items"]) and time.monotonic() < deadline:
            time.sleep(0.2)
        worker.terminate()
    code = _CODE.findall(sent[0]["text"])[0]
    tokens["member"] = _post(server, "/api/v1/auth/sessions", {"phone": phone, "code": code})
    return tokens


def _post(server: Served, path: str, body: Mapping[str, str]) -> str:
    request = urllib.request.Request(  # noqa: S310 - our own loopback server
        server.address + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.loads(answer.read() or b"{}").get("access_token", "")


def _get(server: Served, path: str, token: str) -> bytes:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(server.address + path, headers=headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return answer.read()


def _known(mariadb: MariaDB, database: str) -> dict[str, str]:
    """What the searches look for: the first waiting case of the desk of demo-town."""
    sql = (
        "SELECT c.number, c.subject_name, c.subject_initials FROM case_file c JOIN staff_post p"
        " ON p.union_id = c.desk_union_id AND p.role = c.desk_role JOIN account a ON a.id = p.account_id"
        " WHERE a.username = 'demo-town' AND c.status IN ('submitted', 'in_review') AND c.id < 1 << 50"
        " ORDER BY c.id LIMIT 1"
    )
    [[number, name, initials]] = mariadb.execute(sql, database=database)
    found = {"number": number, "open": number, "name": name, "initials": initials, "phone": "15420000000"}
    return {key: urllib.parse.quote(str(value)) for key, value in found.items()}


def _with_cursor(county: County) -> County:
    cursor = ""
    for _ in range(4):
        page = json.loads(_get(county.server, f"/api/v1/desk/cases?cursor={cursor}", county.tokens["town"]))
        cursor = urllib.parse.quote(page["next_cursor"] or cursor)
    return county._replace(known={**county.known, "cursor": cursor})


def _measure(page: Page, counties: Sequence[County], rounds: int) -> list[list[float]]:
    """Milliseconds of every request, by county."""
    times: list[list[float]] = [[] for _ in counties]
    for number in range(-5, rounds):
        for county, taken in zip(counties, times, strict=True):
            began = time.perf_counter()
            _get(county.server, page.path.format(**county.known), county.tokens[page.who])
            if number >= 0:
                taken.append((time.perf_counter() - began) * 1000)
    return times


def _table(times: Mapping[str, list[list[float]]], counties: Sequence[County], size: str, rounds: int) -> str:
    small, large = counties
    lines = [
        f"{report.circumstances()}. {size}{_built(small, large)}. {rounds} requests each, in turn, one at a time;"
        " milliseconds, p50 / p95.",
        "",
        f"| page | a tenth | the large county | p95 ratio (≤ {TARGET}) |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, (few, many) in times.items():
        ratio = _p95(many) / _p95(few)
        lines.append(f"| {name} | {_cell(few)} | {_cell(many)} | {ratio:.2f} |")
    return "\n".join(lines) + "\n"


def _built(small: County, large: County) -> str:
    """Nothing of counties that were found in their folder."""
    if large.seconds < 60:
        return ""
    return f", built in {large.seconds / 60:.0f} minutes; a tenth of it in {small.seconds / 60:.1f}"


def _cell(taken: Sequence[float]) -> str:
    return f"{median(taken):.1f} / {_p95(taken):.1f}"


def _p95(taken: Sequence[float]) -> float:
    return quantiles(taken, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())
