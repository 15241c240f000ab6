"""A till stands unused between two customers: its cashier stays signed in for the day, and nobody else longer."""

import msgspec

from backend.core import clock, database, reference
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.settings import Settings
from backend.home.callers import load_actor
from backend.identity.commands import sessions
from tests.casework.world import staff
from tests.vouchers.tills import shop_of, token_of
from tests.vouchers.world import County


@command
async def begin(actor: Actor) -> str:
    return (await sessions.begin(actor, label="")).token


async def cashier_token(county: County) -> str:
    return await token_of(county, (await shop_of(county)).shop)


async def test_a_cashier_stays_signed_in_through_a_quiet_day(county: County) -> None:
    token = await cashier_token(county)
    assert (actor := await load_actor(token)) is not None and actor.at_till
    clock.advance(hours=4)
    assert await load_actor(token) is not None
    clock.advance(hours=7, minutes=59)
    assert await load_actor(token) is not None
    clock.advance(minutes=2)
    assert await load_actor(token) is None  # twelve hours after it began, as before


async def test_a_desk_left_for_half_an_hour_is_signed_out_as_before(county: County) -> None:
    clerk = await begin(county.welfare)
    clock.advance(minutes=29)
    assert await load_actor(clerk) is not None
    clock.advance(minutes=31)
    assert await load_actor(clerk) is None


async def test_a_cashier_who_gets_a_post_at_a_desk_rests_no_longer_than_a_desk(county: County) -> None:
    token = await cashier_token(county)
    actor = await load_actor(token)
    assert actor is not None
    other = await staff("周小岗", (county.unit, "officer"))
    await database.execute(
        "UPDATE staff_post SET account_id = %s WHERE account_id = %s", actor.account_id, other.account_id
    )
    clock.advance(minutes=31)
    assert await load_actor(token) is None
    assert await load_actor(token) is None
    assert await database.scalar("SELECT COUNT(*) FROM session_row WHERE account_id = %s", actor.account_id) == 0


async def test_a_first_password_opens_no_long_session(county: County) -> None:
    token = await cashier_token(county)
    actor = await load_actor(token)
    assert actor is not None
    await database.execute("UPDATE account SET must_change_password = %s WHERE id = %s", True, actor.account_id)
    assert await load_actor(token) is not None
    clock.advance(minutes=31)
    assert await load_actor(token) is None


async def test_the_limit_is_a_setting(county: County, settings: Settings) -> None:
    reference.load(msgspec.structs.replace(settings, till_idle_hours=2))
    try:
        token = await cashier_token(county)
        assert await load_actor(token) is not None
        clock.advance(hours=1, minutes=59)
        assert await load_actor(token) is not None
        clock.advance(hours=2, minutes=1)
        assert await load_actor(token) is None
    finally:
        reference.load(settings)
