"""One running product and one Chromium for all browser tests; a context of its own for each person."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, ViewportSize, expect

from tests.browser.product import DESK, PHONE, Product, running_chromium, running_product

# A page may wait for its turn on a busy machine; what it shows is what is tested, not how soon.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    with running_product() as address:
        yield address


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with running_chromium() as browser:
        yield browser


@asynccontextmanager
async def _context(chromium: Browser, product: str, **options: Any) -> AsyncIterator[BrowserContext]:
    context = await chromium.new_context(base_url=product, locale="zh-CN", **options)
    context.set_default_timeout(20_000)
    yield context
    # On a busy machine Chromium now and then never answers this. The test is over by then, and the
    # context goes with the browser.
    with suppress(TimeoutError):
        async with asyncio.timeout(20):
            await context.close()


def _held(size: ViewportSize) -> dict[str, Any]:
    return {"viewport": size, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


@pytest.fixture
async def phone(chromium: Browser, product: str) -> AsyncIterator[BrowserContext]:
    async with _context(chromium, product, **_held(PHONE)) as context:
        yield context


@pytest.fixture
async def plain_phone(chromium: Browser, product: str) -> AsyncIterator[BrowserContext]:
    """A phone whose browser runs no JavaScript."""
    async with _context(chromium, product, **_held(PHONE), java_script_enabled=False) as context:
        yield context


@pytest.fixture
async def desk(chromium: Browser, product: str) -> AsyncIterator[BrowserContext]:
    async with _context(chromium, product, viewport=DESK) as context:
        yield context


@pytest.fixture
async def plain_desk(chromium: Browser, product: str) -> AsyncIterator[BrowserContext]:
    async with _context(chromium, product, viewport=DESK, java_script_enabled=False) as context:
        yield context
