"""The measurements as Markdown, and their place in docs/performance.md."""

import os
import platform
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

from backend.core import clock
from tests.bench.contenders import ROOT, Contender, Work
from tests.bench.footprint import Sizes
from tests.bench.load import CONNECTIONS, Rate

PAGE = ROOT / "docs" / "performance.md"

Rates = Mapping[tuple[str, str], Sequence[Rate]]


def table(rates: Rates, works: Sequence[Work], everyone: Sequence[Contender], *, rounds: int, seconds: int) -> str:
    lines = [
        f"{circumstances()}. Medians of {rounds} interleaved rounds of {seconds} s, {CONNECTIONS}"
        " connections; the server on one core, wrk, MariaDB and Redis on the other.",
        "",
        "Requests a second (p50 / p99 ms). Ratios are medians of each round's, with the target.",
        "",
        *_head(everyone),
    ]
    for work in works:
        cells = [_rate(rates.get((work.key, one.key), ())) for one in everyone]
        lines.append(f"| {' | '.join([work.name, *cells, *_ratios(rates, work, everyone, _by_rate)])} |")
    lines += [
        "",
        "Processor time of the server for one request, in ms, and the same ratios from it.",
        "",
        *_head(everyone),
    ]
    for work in works:
        cells = [_cpu(rates.get((work.key, one.key), ())) for one in everyone]
        lines.append(f"| {' | '.join([work.name, *cells, *_ratios(rates, work, everyone, _by_cpu)])} |")
    return "\n".join(lines) + "\n"


def _head(everyone: Sequence[Contender]) -> list[str]:
    heads = ["work", *(one.name for one in everyone), *(f"ours / {one.name}" for one in everyone if one.key != "ours")]
    return [f"| {' | '.join(heads)} |", f"| --- |{' ---: |' * (len(heads) - 1)}"]


def _rate(measured: Sequence[Rate]) -> str:
    if not measured:
        return "–"
    names = ("per_second", "p50_ms", "p99_ms")
    per_second, p50, p99 = (median(getattr(rate, name) for rate in measured) for name in names)
    errors = sum(rate.errors for rate in measured)
    return f"{per_second:,.0f} ({p50:.0f} / {p99:.0f})" + (f" **{errors} errors**" if errors else "")


def _cpu(measured: Sequence[Rate]) -> str:
    return f"{median(rate.cpu_ms for rate in measured):.2f}" if measured else "–"


def _by_rate(ours: Rate, theirs: Rate) -> float:
    return ours.per_second / theirs.per_second


def _by_cpu(ours: Rate, theirs: Rate) -> float:
    return theirs.cpu_ms / ours.cpu_ms


def _ratios(
    rates: Rates, work: Work, everyone: Sequence[Contender], compare: Callable[[Rate, Rate], float]
) -> list[str]:
    """How many times as fast ours is as each of the others; what misses its target stands out."""
    cells = []
    for other in everyone[1:]:
        pairs = zip(rates.get((work.key, "ours"), ()), rates.get((work.key, other.key), ()), strict=False)
        ratios = [compare(mine, theirs) for mine, theirs in pairs]
        ratio, target = median(ratios) if ratios else None, work.targets.get(other.key)
        if ratio is None:
            cells.append("–")
        elif target is None:
            cells.append(f"{ratio:.2f}")
        else:
            cells.append(f"{ratio:.2f} (≥ {target:g})" if ratio >= target else f"**{ratio:.2f}** (≥ {target:g})")
    return cells


def sizes(found: Sizes) -> str:
    rows = [
        ("start of the web process until it answers", f"{found.start_seconds:.2f} s", "≤ 2 s"),
        ("its resident memory when ready", f"{found.ready_mb:.0f} MB", "≤ 150 MB"),
        ("the same after serving every row above", f"{found.worked_mb:.0f} MB", "≤ 150 MB"),
        ("first load of `/` on a phone: requests", f"{found.first_load.requests}", "≤ 6"),
        ("first load of `/` on a phone: over the wire", _kb(found.first_load.wire_bytes), "≤ 150 KB"),
        ("the same, unpacked", _kb(found.first_load.plain_bytes), ""),
    ]
    lines = ["", "| measured | ours | target |", "| --- | ---: | ---: |"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def _kb(size: int) -> str:
    return f"{size / 1024:.0f} KB"


def write(text: str, name: str) -> None:
    """Into the page, between the marks of that name."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    page = PAGE.read_text("utf-8")
    before, rest = page.split(begin)
    after = rest.split(end)[1]
    PAGE.write_text(f"{before}{begin}\n{text}{end}{after}", "utf-8")


def circumstances() -> str:
    """The day and the machine."""
    return f"{clock.today()}, {_machine()}"


def _machine() -> str:
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text("utf-8"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    name = cpu[1] if cpu else platform.machine()
    return f"{os.cpu_count()} cores of {name}, {memory:.0f} GB, Python {platform.python_version()}"
