"""The whole product under one parent process, and a real Chromium in front of it."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from playwright.async_api import Browser, ViewportSize, async_playwright

from backend.core.processes import end, spawn
from tests.servers import MariaDB, free_port, private_mariadb, until

CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = ViewportSize(width=375, height=812)
DESK = ViewportSize(width=1366, height=768)
START_SECONDS = 180


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:  # noqa: S310 - loopback
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


class Product(str):
    """The address; `database` lies behind it, for what only time brings about."""

    __slots__ = ("database",)
    database: MariaDB

    def __new__(cls, address: str, database: MariaDB) -> "Product":
        made = super().__new__(cls, address)
        made.database = database
        return made


@contextlib.contextmanager
def running_product() -> Iterator[Product]:
    """`make run` without make: Redis, web and worker on a private MariaDB with the demo county."""
    with private_mariadb() as server, tempfile.TemporaryDirectory() as folder:
        port = free_port()
        environment = {**os.environ, "UNION_DATABASE_URL": server.url}
        command = [sys.executable, "-m", "backend.cli", "run", "--port", str(port), "--data", folder]
        with (Path(folder) / "run.log").open("wb") as log:
            process = spawn(command, env=environment, output=log)
        address = f"http://127.0.0.1:{port}"
        try:
            until(lambda: _is_ready(address) or process.poll() is not None, seconds=START_SECONDS, what="the product")
            assert process.poll() is None, (Path(folder) / "run.log").read_text("utf-8", "replace")[-4000:]
            yield Product(address, server)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                end(process, grace=1)


@contextlib.asynccontextmanager
async def running_chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
        yield browser
        await browser.close()
