"""What the web process costs before it works, and what a phone loads first."""

import asyncio
import re
import time
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from tests.bench.contenders import Contender
from tests.bench.load import served
from tests.browser.product import running_chromium

_STARTS = 5


class FirstLoad(NamedTuple):
    """`wire_bytes` with headers, as the browser counts them; `plain_bytes` are the bodies unpacked."""

    requests: int
    wire_bytes: int
    plain_bytes: int


class Sizes(NamedTuple):
    start_seconds: float
    ready_mb: float
    worked_mb: float
    first_load: FirstLoad


def take(product: Contender, *, worked_mb: float) -> Sizes:
    """Medians of five starts of the product alone on its core."""
    seconds, resident, first_load = [], [], None
    for _ in range(_STARTS):
        began = time.perf_counter()
        with served(product.command, product.environment, ready=product.ready) as server:
            seconds.append(time.perf_counter() - began)
            resident.append(resident_mb(server.pid))
            first_load = first_load or asyncio.run(_first_load(server.address))
    assert first_load is not None
    return Sizes(median(seconds), median(resident), worked_mb, first_load)


def resident_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"))
    assert found
    return int(found[1]) / 1024


async def _first_load(address: str) -> FirstLoad:
    """The first screen on a phone that has never been here. What the service worker keeps comes later."""
    requests, wire, plain = [], [], []
    async with running_chromium() as browser:
        context = await browser.new_context(
            viewport={"width": 375, "height": 812}, is_mobile=True, has_touch=True, locale="zh-CN"
        )
        tab = await context.new_page()
        network = await context.new_cdp_session(tab)

        def sent(event: dict[str, Any]) -> None:
            if not event["request"]["url"].startswith("data:"):
                requests.append(event["request"]["url"])

        network.on("Network.requestWillBeSent", sent)
        network.on("Network.dataReceived", lambda event: plain.append(event["dataLength"]))
        network.on("Network.loadingFinished", lambda event: wire.append(event["encodedDataLength"]))
        await network.send("Network.enable")
        await tab.goto(f"{address}/", wait_until="networkidle")
    return FirstLoad(len(requests), round(sum(wire)), sum(plain))
