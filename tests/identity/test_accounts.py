"""Accounts of persons: bound to a member once, released with the phone."""

import asyncio

import msgspec
import pytest

from backend.core import clock, crypto, database, ids
from backend.core.actor import SYSTEM, Actor, Post
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from backend.identity import commands, queries
from backend.web import limits
from tests.identity.helpers import OTHER_PHONE, PHONE, actor_of, audited, sign_in
from tests.unguarded import without_keys

TOWN = "/aaaaaaaaaaaaa/bbbbbbbbbbbbb/"


def clerk(*permissions: str, path: str = TOWN) -> Actor:
    post = Post(
        union_id=1,
        union_name="高桥街道总工会",
        path=path,
        level="town",
        division="990121001",
        roles=("desk",),
        permissions=frozenset(permissions),
    )
    return Actor(kind="staff", account_id=77, posts=(post,))


async def test_binding_shows_from_the_next_request_on() -> None:
    answer = await sign_in()
    actor = await actor_of(answer.access_token)
    await commands.bind_member(actor.account_id, 42, display="王小测", actor=actor)
    bound = await actor_of(answer.access_token)
    assert (bound.member_id, bound.display) == (42, "王小测")
    assert await queries.accounts_of_members([42, 43]) == {42: actor.account_id}
    assert await queries.accounts_of_members([]) == {}


async def test_binding_again_changes_nothing() -> None:
    account = await commands.account_for_phone(PHONE)
    for _ in range(2):
        await commands.bind_member(account, 42, display="王小测", actor=SYSTEM)
    assert await audited("account.bound") == 1


async def test_an_account_is_never_bound_to_a_second_member() -> None:
    account = await commands.account_for_phone(PHONE)
    await commands.bind_member(account, 42, display="王小测", actor=SYSTEM)
    with pytest.raises(Conflict) as caught:
        await commands.bind_member(account, 43, display="李小测", actor=SYSTEM)
    assert caught.value.code == "account_bound"


async def test_a_member_is_never_taken_from_another_account() -> None:
    await commands.bind_member(await commands.account_for_phone(PHONE), 42, display="王小测", actor=SYSTEM)
    with pytest.raises(Conflict) as caught:
        await commands.bind_member(await commands.account_for_phone(OTHER_PHONE), 42, display="王小测", actor=SYSTEM)
    assert caught.value.code == "member_bound"
    assert await queries.account_of_phone(OTHER_PHONE) is not None


async def bind_from_eight_phones() -> list[object]:
    accounts = [await commands.account_for_phone(f"1540000200{n}") for n in range(8)]
    results = await asyncio.gather(
        *(commands.bind_member(account, 42, display="王小测", actor=SYSTEM) for account in accounts),
        return_exceptions=True,
    )
    return list(results)


@pytest.mark.race(control="test_control_without_its_key_a_member_is_bound_to_many")
async def test_of_many_accounts_one_binds_the_member() -> None:
    results = await bind_from_eight_phones()
    assert sum(result is None for result in results) == 1
    assert {type(result) for result in results if result is not None} == {Conflict}


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_a_member_is_bound_to_many() -> None:
    async with without_keys("account"):
        assert (await bind_from_eight_phones()).count(None) == 8


async def test_a_phone_that_changed_hands_starts_afresh() -> None:
    answer = await sign_in()
    old = await actor_of(answer.access_token)
    await commands.bind_member(old.account_id, 42, display="王小测", actor=SYSTEM)
    assert await commands.release_phone(f"+86 {PHONE}", path=TOWN, actor=clerk("phone.release")) == old.account_id
    assert await queries.signed_in(answer.access_token) is None
    assert await queries.account_of_phone(PHONE) is None
    await limits.clear(limits.SMS_PHONE, crypto.blind_index("phone", PHONE))
    fresh = await actor_of((await sign_in()).access_token)
    assert (fresh.account_id != old.account_id, fresh.member_id) == (True, None)
    assert await audited("account.phone_released") == 1


async def test_with_another_phone_the_same_account_comes_back() -> None:
    old = await actor_of((await sign_in()).access_token)
    await commands.bind_member(old.account_id, 42, display="王小测", actor=SYSTEM)
    await commands.release_phone(PHONE, path=TOWN, actor=clerk("phone.release"))
    token = (await sign_in(OTHER_PHONE)).access_token
    fresh = await actor_of(token)
    await commands.bind_member(fresh.account_id, 42, display="王小测", actor=fresh)
    back = await actor_of(token)
    assert (back.account_id, back.member_id, back.display) == (old.account_id, 42, "王小测")
    assert await queries.own_phone(back) == OTHER_PHONE
    assert await queries.account_of_phone(OTHER_PHONE) == (old.account_id, 42)
    events = await database.rows("SELECT payload FROM outbox WHERE topic = 'identity.AccountBound' ORDER BY id")
    assert [msgspec.json.decode(row["payload"]) for row in events] == [
        {"account_id": old.account_id, "member_id": 42, "came_from": came_from}
        for came_from in (None, fresh.account_id)
    ]


async def test_an_account_of_somebody_else_does_not_become_the_earlier_one() -> None:
    await commands.bind_member(await commands.account_for_phone(PHONE), 42, display="王小测", actor=SYSTEM)
    await commands.release_phone(PHONE, path=TOWN, actor=clerk("phone.release"))
    other = await commands.account_for_phone(OTHER_PHONE)
    await commands.bind_member(other, 43, display="李小测", actor=SYSTEM)
    with pytest.raises(Conflict) as caught:
        await commands.bind_member(other, 42, display="王小测", actor=SYSTEM)
    assert caught.value.code == "account_bound"
    assert await queries.account_of_phone(OTHER_PHONE) == (other, 43)


async def test_no_session_opens_an_account_without_its_phone() -> None:
    """Not even one that came in while the phone was being released."""
    token = (await sign_in()).access_token
    assert await queries.signed_in(token) is not None
    await database.execute("UPDATE account SET phone_index = NULL")
    assert await queries.signed_in(token) is None


# ---- silence ---------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "afresh"), [(90, False), (91, True)])
async def test_after_a_long_silence_the_phone_has_to_be_proven(freeze, settings, days: int, afresh: bool) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    old = await actor_of((await sign_in()).access_token)
    await commands.bind_member(old.account_id, 42, display="王小测", actor=SYSTEM)
    clock.advance(days=days)
    limits.configure(settings)
    token = (await sign_in()).access_token
    now = await actor_of(token)
    assert (now.account_id != old.account_id, now.member_id is None) == (afresh, afresh)
    assert await audited("account.phone_silent") == afresh
    await commands.bind_member(now.account_id, 42, display="王小测", actor=now)
    assert (await actor_of(token)).account_id == old.account_id


async def test_who_signs_in_now_and_then_is_never_silent(freeze, settings) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    first = await sign_in()
    for _ in range(3):
        clock.advance(days=80)
        limits.configure(settings)
        assert (await sign_in()).account.id == first.account.id


async def test_a_disabled_account_gets_no_fresh_start(freeze, settings) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    old = await actor_of((await sign_in()).access_token)
    await database.execute("UPDATE account SET state = 'disabled' WHERE id = %s", old.account_id)
    clock.advance(days=200)
    limits.configure(settings)
    with pytest.raises(Forbidden):
        await sign_in()


# ---- 这不是我 ----------------------------------------------------------------------------


async def test_disowning_parts_at_once_and_the_session_goes_on(settings) -> None:
    token = (await sign_in()).access_token
    limits.configure(settings)
    elsewhere = (await sign_in()).access_token
    old = await actor_of(token)
    await commands.bind_member(old.account_id, 42, display="王小测", actor=old)
    parted = await commands.disown(await actor_of(token))
    assert (parted.member_id, parted.phone_index) == (42, crypto.blind_index("phone", PHONE))
    fresh = await actor_of(token)
    assert (fresh.account_id != old.account_id, fresh.member_id, fresh.display) == (True, None, "154****0001")
    assert await queries.signed_in(elsewhere) is None
    assert await queries.account_of_phone(PHONE) == (fresh.account_id, None)
    assert await audited("account.disowned") == 1
    with pytest.raises(Conflict) as caught:
        await commands.disown(fresh)
    assert caught.value.code == "nobody_bound"


@pytest.mark.parametrize(
    ("actor", "path"),
    [
        (clerk("member.view"), TOWN),
        (clerk("phone.release"), "/aaaaaaaaaaaaa/ccccccccccccc/"),
        (clerk("phone.release"), "/aaaaaaaaaaaaa/"),
        (clerk("member.view"), None),
        # Nobody is behind the account, so no branch of the tree is.
        (clerk("phone.release"), TOWN),
    ],
)
async def test_a_phone_is_released_inside_ones_own_scope_only(actor: Actor, path: str | None) -> None:
    await commands.account_for_phone(PHONE)
    with pytest.raises(NotFound):
        await commands.release_phone(PHONE, path=path, actor=actor)
    assert await queries.account_of_phone(PHONE) is not None


async def test_releasing_what_nobody_has() -> None:
    with pytest.raises(NotFound):
        await commands.release_phone(PHONE, path=None, actor=clerk("phone.release"))
    with pytest.raises(Invalid):
        await commands.release_phone("12", path=None, actor=clerk("phone.release"))


async def test_where_messages_go() -> None:
    account = await commands.account_for_phone(PHONE)
    (phone,) = await queries.phones_of([account, 5])
    assert (phone.account_id, phone.index) == (account, crypto.blind_index("phone", PHONE))
    assert crypto.open_sealed(phone.sealed, context=phone.context) == PHONE
    assert await queries.phones_of([]) == []


async def test_the_view_of_an_account() -> None:
    account = await commands.account_for_phone(PHONE)
    view = await queries.account_view(account)
    assert (view.id, view.kind, view.phone) == (ids.public(account), "person", "154****0001")
    assert await queries.own_phone(Actor(kind="person", account_id=account)) == PHONE
    assert view.display == "154****0001"
    with pytest.raises(NotFound):
        await queries.account_view(1)
    assert await database.scalar("SELECT COUNT(*) FROM account") == 1
