"""One running product and one Chromium for all browser tests; a context of its own for each person."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, expect

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


async def _context(chromium: Browser, product: str, **options: Any) -> BrowserContext:
    context = await chromium.new_context(base_url=product, locale="zh-CN", **options)
    context.set_default_timeout(20_000)
    return context


@pytest.fixture
async def phone(chromium: Browser, product: str) -> AsyncIterator[BrowserContext]:
    context = await _context(chromium, product, viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    yield context
    await context.close()


@pytest.fixture
async def plain_phone(chromium: Browser, product: str) -> AsyncIterator[BrowserContext]:
    """A phone whose browser runs no JavaScript."""
    context = await _context(
        chromium, product, viewport=PHONE, has_touch=True, is_mobile=True, java_script_enabled=False
    )
    yield context
    await context.close()


@pytest.fixture
async def desk(chromium: Browser, product: str) -> AsyncIterator[BrowserContext]:
    context = await _context(chromium, product, viewport=DESK)
    yield context
    await context.close()


@pytest.fixture
async def plain_desk(chromium: Browser, product: str) -> AsyncIterator[BrowserContext]:
    context = await _context(chromium, product, viewport=DESK, java_script_enabled=False)
    yield context
    await context.close()
