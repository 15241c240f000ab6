"""Messages that were given up: seen with why, tried again one by one or all, never two at once."""

from typing import Any

import pytest

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import Conflict, NotFound
from backend.notifications import commands, queries
from backend.notifications.schemas import DeliveryResult
from backend.unions.models import Union
from tests.casework.browser import application, browse
from tests.casework.world import new_union, staff
from tests.notifications.test_notify import MORNING, Freeze, tell

pytestmark = pytest.mark.usefixtures("db", "kernel")


@pytest.fixture
async def county() -> Union:
    return await new_union("星城县总工会", "county", "990121", None)


@pytest.fixture
async def admin(county: Union) -> Actor:
    return await staff("钱小安", (county, "admin"))


async def given_up(county: Union, count: int = 1) -> list[int]:
    """So many messages that no provider took."""
    for number in range(count):
        await tell(key=f"case {number}", union_id=county.id)
    for _ in range(9):
        clock.advance(days=2)
        messages = await commands.lease_deliveries(100)
        await commands.record_deliveries([DeliveryResult(message=one, error="no answer") for one in messages])
    return [row["id"] for row in await database.rows("SELECT id FROM delivery ORDER BY id")]


async def states() -> list[tuple[str, int]]:
    found = await database.rows("SELECT state, attempts FROM delivery ORDER BY id")
    return [(row["state"], row["attempts"]) for row in found]


async def test_it_is_tried_again_and_sent(freeze: Freeze, county: Union, admin: Actor) -> None:
    freeze(MORNING)
    [delivery_id] = await given_up(county)
    assert await states() == [("technical_failure", 9)]
    assert await commands.lease_deliveries(10) == []
    assert await commands.try_again(delivery=ids.public(delivery_id), actor=admin) == 1
    [message] = await commands.lease_deliveries(10)
    await commands.record_deliveries([DeliveryResult(message=message, provider_id="p1")])
    assert await states() == [("sent", 1)]
    assert (await queries.dead_letters(admin)).items == []
    assert "delivery.again" in [row["action"] for row in await database.rows("SELECT action FROM audit")]


async def test_what_is_on_its_way_or_unknown_is_not_tried_again(freeze: Freeze, county: Union, admin: Actor) -> None:
    freeze(MORNING)
    [delivery_id] = await given_up(county)
    await commands.try_again(delivery=ids.public(delivery_id), actor=admin)
    with pytest.raises(Conflict, match="delivery_not_given_up"):
        await commands.try_again(delivery=ids.public(delivery_id), actor=admin)
    with pytest.raises(NotFound):
        await commands.try_again(delivery="0000000000001", actor=admin)


async def test_all_are_tried_again_but_those_without_a_number(freeze: Freeze, county: Union, admin: Actor) -> None:
    freeze(MORNING)
    await given_up(county, 3)
    await database.execute(
        "UPDATE delivery SET state = 'permanent_failure' WHERE id = (SELECT x.id FROM"
        " (SELECT MIN(id) AS id FROM delivery) x)"
    )
    assert await commands.try_all_again(actor=admin) == 2
    assert [state for state, _ in await states()] == ["permanent_failure", "sending", "sending"]
    with pytest.raises(Conflict, match="delivery_none_given_up"):
        await commands.try_all_again(actor=admin)


async def test_what_is_left_at_that_stays_so(freeze: Freeze, county: Union, admin: Actor) -> None:
    freeze(MORNING)
    delivery = ids.public((await given_up(county))[0])
    await commands.give_up(delivery=delivery, actor=admin)
    assert await states() == [("given_up", 9)]
    assert (await queries.dead_letters(admin)).items == []
    for again in (commands.give_up, commands.try_again):
        with pytest.raises(Conflict, match="delivery_not_given_up"):
            await again(delivery=delivery, actor=admin)
    with pytest.raises(Conflict, match="delivery_none_given_up"):
        await commands.try_all_again(actor=admin)
    with pytest.raises(NotFound):
        await commands.give_up(delivery="0000000000001", actor=admin)
    assert "delivery.given_up" in [row["action"] for row in await database.rows("SELECT action FROM audit")]


async def test_they_are_masked_and_for_those_who_see_to_them(freeze: Freeze, county: Union, admin: Actor) -> None:
    freeze(MORNING)
    [delivery_id] = await given_up(county)
    elsewhere = await new_union("湘城县总工会", "county", "990122", None)
    for other in (await staff("李小安", (county, "leader")), await staff("王小安", (elsewhere, "admin"))):
        assert (await queries.dead_letters(other)).items == []
        with pytest.raises(NotFound):
            await commands.try_again(delivery=ids.public(delivery_id), actor=other)
    [letter] = (await queries.dead_letters(admin)).items
    assert (letter.recipient, letter.state, letter.attempts) == ("154****0001", "technical_failure", 9)
    assert (letter.last_error, letter.template, letter.created_at) == ("no answer", "case.approved", MORNING)


async def test_nobody_is_woken_at_night(freeze: Freeze, county: Union, admin: Actor) -> None:
    freeze(MORNING)
    [delivery_id] = await given_up(county)
    freeze("2026-04-10T23:30:00+08:00")
    await commands.try_again(delivery=ids.public(delivery_id), actor=admin)
    assert await commands.lease_deliveries(10) == []
    freeze("2026-04-11T09:00:00+08:00")
    assert len(await commands.lease_deliveries(10)) == 1


async def test_the_page_says_what_failed_and_sends_it_again(
    freeze: Freeze, county: Union, admin: Actor, settings: Any
) -> None:
    freeze(MORNING)
    [delivery_id] = await given_up(county)
    app = application(settings)
    desk = await browse(app, admin)
    page = (await desk.get("/desk/undelivered")).text
    assert "154****0001" in page and "多次没发成" in page and "试了 9 次" in page and "no answer" in page
    at = f"/desk/undelivered/{ids.public(delivery_id)}/again"
    assert (await desk.post(at)).status_code == 303
    again = await desk.post(at)
    assert again.status_code == 409 and "已经在重发" in again.text
    assert "没有未送达的消息" in again.text
    assert (
        await (await browse(app, await staff("李小安", (county, "leader")))).get("/desk/undelivered")
    ).status_code == 403
