"""Taking vouchers: exactly as many as there are, one each, and only for those who are meant."""

from datetime import timedelta

import pytest

from backend.core import clock, database
from backend.core.actor import Actor
from backend.core.errors import AppError, Conflict
from backend.membership.enums import Outer
from backend.vouchers import codes, commands, queries
from tests.allocation.samples import answers_of
from tests.unguarded import without_keys, without_lock, without_words
from tests.vouchers.world import County, broken, opened


async def code_of(campaign: str, actor: Actor) -> str:
    with pytest.raises(AppError) as refused:
        await commands.claim(campaign=campaign, actor=actor)
    assert refused.value.status == 409
    return refused.value.code


async def test_a_voucher_is_taken_and_shown(county: County) -> None:
    campaign, member = await opened(county), await county.member()
    taken = await commands.claim(campaign=campaign, actor=member)
    assert (taken.name, taken.face_value_fen, taken.state, taken.valid_until) == (
        "三月消费券",
        50_00,
        "issued",
        "2026-03-31",
    )
    assert codes.normal(taken.code) is not None
    assert (await queries.own_vouchers(member)).items == [taken]
    shown = await queries.scan_code(taken.id, member)
    scan = codes.read_scan(shown.text)
    assert scan is not None and scan.ends == int(clock.now().timestamp()) + 60
    assert (await queries.public_campaign(campaign)).left == 99
    assert await code_of(campaign, member) == "already_claimed"
    assert await broken() == []


async def test_a_code_is_stored_only_as_a_keyed_hash(county: County) -> None:
    campaign, member = await opened(county), await county.member()
    taken = await commands.claim(campaign=campaign, actor=member)
    code = codes.normal(taken.code) or ""
    [row] = await database.rows("SELECT * FROM voucher")
    assert row["code_hash"] == codes.hash_of(code)
    assert code not in str(row)


async def test_the_same_nonce_is_the_same_voucher(county: County) -> None:
    campaign, member = await opened(county, per_member=3), await county.member()
    first = await commands.claim(campaign=campaign, actor=member, nonce="tap")
    assert await commands.claim(campaign=campaign, actor=member, nonce="tap") == first
    others = [await commands.claim(campaign=campaign, actor=member, nonce=f"tap {one}") for one in range(2)]
    assert len({first.id, *(one.id for one in others)}) == 3
    assert await code_of(campaign, member) == "already_claimed"
    assert await broken() == []


async def test_only_those_who_are_meant(county: County) -> None:
    campaign = await opened(county, target_rule="member.newform_group == courier")
    courier, driver = await county.member(group="courier"), await county.member(group="ride")
    left = await county.member(group="courier", status="left")
    stranger = Actor(kind="person", account_id=7)
    assert (await commands.claim(campaign=campaign, actor=courier)).state == "issued"
    for somebody in (driver, left, stranger):
        assert await code_of(campaign, somebody) == "not_eligible"


async def test_somebody_of_whom_it_is_not_known_is_told_so(county: County) -> None:
    campaign = await opened(county, target_rule="member.household_province != 43", outer=Outer.INCLUDE)
    with pytest.raises(Conflict) as refused:
        await commands.claim(campaign=campaign, actor=await county.member(household=""))
    assert (refused.value.code, refused.value.detail[:10]) == ("not_eligible", "您的会员资料里缺少活")


async def test_before_and_after_its_time_nobody_takes_one(county: County) -> None:
    starts = clock.now() + timedelta(hours=1)
    campaign, member = await opened(county, opens_at=starts), await county.member()
    assert await code_of(campaign, member) == "pool_not_open"
    assert (await queries.public_campaign(campaign)).phase == "coming"
    clock.advance(hours=1)
    await commands.claim(campaign=campaign, actor=member)
    clock.advance(days=11)
    assert await code_of(campaign, await county.member()) == "pool_closed"
    assert (await queries.public_campaign(campaign)).phase == "over"


async def vouchers() -> int:
    return await database.scalar("SELECT COUNT(*) FROM voucher")


@pytest.mark.race(control="test_control_without_its_condition_more_vouchers_than_there_are")
async def test_sixty_four_members_for_ten_vouchers(county: County) -> None:
    campaign = await opened(county, total=10)
    people = [await county.member() for _ in range(64)]
    answers = await answers_of(*(commands.claim(campaign=campaign, actor=one) for one in people))
    assert answers == {"ok": 10, "sold_out": 54}
    assert await vouchers() == 10
    assert (await queries.public_campaign(campaign)).phase == "sold_out"
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_condition_more_vouchers_than_there_are(county: County) -> None:
    """Nor without the money: the hold is worth ten."""
    campaign = await opened(county, total=10)
    people = [await county.member() for _ in range(64)]
    no_end = without_words(" AND taken + %s <= capacity", " AND %s > 0")
    no_money = without_words("(balance_fen + %s >= 0 OR kind = %s)", "%s <> 0 AND %s <> ''")
    with without_lock(), no_end, without_words("capacity - taken", "1000"), no_money:
        answers = await answers_of(*(commands.claim(campaign=campaign, actor=one) for one in people))
    assert answers["ok"] > 10
    assert await vouchers() > 10


@pytest.mark.race(control="test_control_without_its_key_a_member_has_several")
async def test_one_member_fifty_times_has_one_voucher(county: County) -> None:
    campaign, member = await opened(county), await county.member()
    answers = await answers_of(*(commands.claim(campaign=campaign, actor=member) for _ in range(50)))
    assert answers == {"ok": 1, "already_claimed": 49}
    assert await vouchers() == 1


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_a_member_has_several(county: County) -> None:
    campaign, member = await opened(county), await county.member()
    async with without_keys("place_claim"), without_keys("voucher"):
        await answers_of(*(commands.claim(campaign=campaign, actor=member) for _ in range(50)))
        assert await vouchers() > 1
