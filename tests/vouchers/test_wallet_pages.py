"""Pages of campaigns and of the wallet: what a member sees, takes and shows; what others see."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar

from backend.core import clock, crypto, database, ids
from backend.core.actor import Actor
from backend.vouchers import commands, queries
from backend.vouchers.enums import CampaignMode, Outer
from tests.factories.application import browser
from tests.vouchers.tills import cashier_of, redeem, shop_of
from tests.vouchers.world import County, opened


@pytest.fixture
async def guest(county: County, app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        yield client


async def sign_in(client: httpx.AsyncClient, actor: Actor) -> None:
    """A session of their own for whoever has the account."""
    client.headers["authorization"] = f"Bearer {await session_of(actor)}"
