"""Session rows: never adopted from a stranger, dead at once, dead for good."""

import asyncio
from datetime import timedelta

import pytest

from backend.core import clock, crypto, database, ids
from backend.core.errors import NotFound
from backend.identity import commands, queries
from backend.web import limits
from tests.identity.helpers import PHONE, actor_of, caller, make_staff, request_and_read, sign_in, sign_in_staff


async def test_a_planted_token_is_never_adopted() -> None:
    planted = "attacker-chosen-token"
    assert await queries.signed_in(planted) is None
    answer = await sign_in()
    assert answer.access_token != planted
    assert await queries.signed_in(planted) is None
    assert await database.scalar("SELECT COUNT(*) FROM session_row") == 1


@pytest.mark.parametrize("token", ["", "x" * 101, "\u4f60\u597d", "a' OR '1'='1"])
async def test_what_is_no_token_is_nobody(token: str) -> None:
    await sign_in()
    assert await queries.signed_in(token) is None


async def test_tokens_are_long_and_different() -> None:
    first = await sign_in()
    await limits.clear(limits.SMS_PHONE, crypto.blind_index("phone", PHONE))
    second = await sign_in()
    assert len(first.access_token) == len(second.access_token) == 43
    assert first.access_token != second.access_token


async def test_a_new_sign_in_replaces_the_session_of_this_browser() -> None:
    first = await sign_in()
    actor = await actor_of(first.access_token)
    await limits.clear(limits.SMS_PHONE, crypto.blind_index("phone", PHONE))
    second = await commands.open_session(PHONE, await request_and_read(), caller(), replaces=actor.session_id)
    assert await queries.signed_in(first.access_token) is None
    assert await queries.signed_in(second.access_token) is not None


async def test_signing_out_ends_it_at_once_and_again_is_no_error() -> None:
    answer = await sign_in()
    actor = await actor_of(answer.access_token)
    await commands.end_current_session(actor)
    assert await queries.signed_in(answer.access_token) is None
    await commands.end_current_session(actor)


async def test_a_request_on_its_way_does_not_revive_an_ended_session(freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    answer = await sign_in()
    actor = await actor_of(answer.access_token)
    clock.advance(minutes=10)  # the next look-up would write down that it was seen
    looks = [queries.signed_in(answer.access_token) for _ in range(20)]
    await asyncio.gather(commands.end_current_session(actor), *looks)
    assert await database.scalar("SELECT COUNT(*) FROM session_row") == 0
    assert await queries.signed_in(answer.access_token) is None


async def test_members_idle_a_week_and_stay_a_month(freeze) -> None:
    freeze("2026-03-01T09:00:00+08:00")
    token = (await sign_in()).access_token
    for _ in range(4):
        clock.advance(days=6, hours=23)
        assert await queries.signed_in(token) is not None
    clock.advance(days=3)
    assert await queries.signed_in(token) is None  # 30 days after it began, though used all the time


async def test_a_member_away_for_a_week_signs_in_again(freeze) -> None:
    freeze("2026-03-01T09:00:00+08:00")
    token = (await sign_in()).access_token
    clock.advance(days=7)
    assert await queries.signed_in(token) is None


async def test_staff_idle_half_an_hour_and_stay_twelve(freeze) -> None:
    freeze("2026-03-10T08:00:00+08:00")
    await make_staff()
    answer = await sign_in_staff()
    assert answer.expires_in == 12 * 3600
    for _ in range(23):
        clock.advance(minutes=30, seconds=-1)
        assert await queries.signed_in(answer.access_token) is not None
    clock.advance(minutes=30)
    assert await queries.signed_in(answer.access_token) is None


async def test_seen_is_written_every_five_minutes_at_most(freeze, monkeypatch) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    answer = await sign_in()
    writes: list[str] = []
    execute = database.execute

    async def counted(sql: str, *params: object) -> int:
        writes.append(sql)
        return await execute(sql, *params)

    monkeypatch.setattr(database, "execute", counted)
    for _ in range(9):
        clock.advance(minutes=1)
        assert await queries.signed_in(answer.access_token) is not None
    assert len(writes) == 1


async def test_finding_a_session_is_one_query(monkeypatch) -> None:
    answer = await sign_in()
    asked: list[str] = []
    rows = database.rows

    async def counted(sql: str, *params: object) -> list[dict[str, object]]:
        asked.append(sql)
        return await rows(sql, *params)

    monkeypatch.setattr(database, "rows", counted)
    await queries.signed_in(answer.access_token)
    assert len(asked) == 1


async def test_the_list_of_own_sessions() -> None:
    answer = await sign_in()
    actor = await actor_of(answer.access_token)
    (line,) = await queries.sessions_of(actor)
    assert (line.label, line.current, line.id) == ("安卓手机 · 微信", True, ids.public(actor.session_id))
    assert line.created_at == line.seen_at
    assert line.created_at.endswith("+08:00")


async def test_ending_own_sessions_and_nobody_elses() -> None:
    mine = await actor_of((await sign_in()).access_token)
    other = await actor_of((await sign_in("15400000009")).access_token)
    with pytest.raises(NotFound):
        await commands.end_session(ids.public(other.session_id), mine)
    with pytest.raises(NotFound):
        await commands.end_session("no-such-id", mine)
    await commands.end_session(ids.public(mine.session_id), mine)
    assert await queries.sessions_of(mine) == []
    assert len(await queries.sessions_of(other)) == 1


async def test_ending_all_others_keeps_this_one() -> None:
    await make_staff()
    answers = [await sign_in_staff() for _ in range(3)]
    actor = await actor_of(answers[1].access_token)
    assert await commands.end_other_sessions(actor) == 2
    assert [await queries.signed_in(one.access_token) is not None for one in answers] == [False, True, False]


async def test_what_has_ended_by_itself_is_forgotten(freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    await sign_in()
    clock.freeze(clock.now() + timedelta(days=8))
    await sign_in("15400000003")
    assert await commands.forget_expired() == 2  # one session idle for a week, one code
    assert await database.scalar("SELECT COUNT(*) FROM session_row") == 1
    assert await database.scalar("SELECT COUNT(*) FROM sign_in_code") == 1
