"""Every page that the route table has is looked at in the browser, in every mode and size."""

import pytest

from tests.browser.pages import LOOKS, NO_PAGE
from tests.walkers.doors import Door

pytestmark = pytest.mark.slow


async def test_every_page_is_looked_at_in_the_browser(every_door: list[Door]) -> None:
    pages = {door.path for door in every_door if door.method == "GET" and not door.path.startswith("/api/v1/")}
    looked_at = {look.door for look in LOOKS}
    assert pages - looked_at == NO_PAGE
    # Beside the doors, what answers where there is none.
    assert looked_at - pages == {"/nowhere", "/desk/nowhere"}
