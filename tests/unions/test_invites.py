"""Invites: made inside one's scope, used exactly as often as allowed."""

import asyncio
from datetime import date, timedelta
from xml.etree import ElementTree

import msgspec
import pytest

from backend.core import clock, database, ids, reference
from backend.core.actor import SYSTEM, Actor
from backend.core.command import command
from backend.core.errors import AppError, Conflict, Invalid, NotFound
from backend.unions import commands, queries
from backend.unions.enums import InviteChannel
from backend.unions.rules import CODE_LETTERS
from backend.unions.schemas import InviteInput, UnionPlace
from tests.unguarded import without_words
from tests.unions.helpers import small_county, staff

PERSON = Actor(kind="person", account_id=9)


def invite(at: UnionPlace, **changes: object) -> InviteInput:
    values = {"union_id": ids.public(at.id), "expires_on": clock.today() + timedelta(days=30), **changes}
    return InviteInput(**values)


async def reason(code: str) -> str:
    with pytest.raises(AppError) as caught:
        await commands.use_invite(code, PERSON)
    return caught.value.code


async def test_an_invite_with_code_address_and_picture() -> None:
    county = await small_county()
    officer = await staff("officer-one", county.unit, "officer")
    made = await commands.make_invite(
        invite(county.unit, place="星沙站点门口", channel=InviteChannel.STATION_QR), officer
    )
    assert len(made.code) == 8
    assert set(made.code) <= set(CODE_LETTERS)
    assert made.url == f"{reference.settings().base_url}/i/{made.code}"
    picture = ElementTree.fromstring(made.qr_svg)  # noqa: S314 - our own picture
    assert picture.tag.endswith("svg")
    assert "style" not in made.qr_svg
    view = await queries.invite_view(made.code)
    assert msgspec.to_builtins(view) == {
        "union": {"id": ids.public(county.unit.id), "name": "星运物流工会"},
        "expires_on": (clock.today() + timedelta(days=30)).isoformat(),
        "valid": True,
        "reason": "",
        "reason_text": "",
        "place": "星沙站点门口",
        "division": "990121001",
        "division_name": "演示省星河市星城县高桥街道",
        "channel": "station_qr",
    }


def test_no_letter_of_a_code_can_be_taken_for_another() -> None:
    assert not set("IO01l") & set(CODE_LETTERS)


async def test_codes_are_different() -> None:
    county = await small_county()
    made = [await commands.make_invite(invite(county.unit), SYSTEM) for _ in range(30)]
    assert len({one.code for one in made}) == 30


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"max_uses": 0}, "max_uses"),
        ({"max_uses": -1}, "max_uses"),
        ({"max_uses": 100_001}, "max_uses"),
        ({"max_uses": 10**18}, "max_uses"),
        ({"expires_on": date(2026, 3, 9)}, "expires_on"),
        ({"expires_on": date(2027, 3, 12)}, "expires_on"),
        ({"place": "门" * 61}, "place"),
        ({"place": "门\n口"}, "place"),
    ],
)
async def test_what_is_no_invite(freeze, changes: dict[str, object], field: str) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    county = await small_county()
    with pytest.raises(Invalid) as caught:
        await commands.make_invite(invite(county.unit, **changes), SYSTEM)
    assert [error.field for error in caught.value.errors] == [field]


async def test_everything_wrong_with_an_invite_is_named_at_once(freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    county = await small_county()
    for union_id in ("nobody", ids.public(1), ""):
        wrong = invite(county.unit, union_id=union_id, max_uses=0, expires_on=date(2026, 3, 9), place="门" * 61)
        with pytest.raises(Invalid) as caught:
            await commands.make_invite(wrong, SYSTEM)
        assert [error.field for error in caught.value.errors] == ["union_id", "max_uses", "expires_on", "place"]


@pytest.mark.parametrize(
    "changes",
    [{"max_uses": 1}, {"max_uses": 100_000}, {"expires_on": date(2026, 3, 10)}, {"expires_on": date(2027, 3, 10)}],
)
async def test_the_edges_of_what_is_one(freeze, changes: dict[str, object]) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    county = await small_county()
    assert await commands.make_invite(invite(county.unit, **changes), SYSTEM)


async def test_nobody_invites_to_a_union_outside_their_scope() -> None:
    county = await small_county()
    officer = await staff("officer-one", county.unit, "officer")
    finance = await staff("finance-one", county.unit, "finance")
    for place, who in ((county.other_unit, officer), (county.town, officer), (county.unit, finance)):
        with pytest.raises(NotFound):
            await commands.make_invite(invite(place), who)


async def test_a_union_that_takes_no_members_invites_nobody() -> None:
    county = await small_county()
    await database.execute("UPDATE union_org SET accepts_members = %s WHERE id = %s", False, county.unit.id)
    with pytest.raises(Conflict) as caught:
        await commands.make_invite(invite(county.unit), SYSTEM)
    assert caught.value.code == "union_closed"


async def test_the_button_pressed_twice_makes_one_invite() -> None:
    county = await small_county()
    officer = await staff("officer-one", county.unit, "officer")
    made = [await commands.make_invite(invite(county.unit), officer, nonce="page-1") for _ in range(3)]
    assert len({one.code for one in made}) == 1
    other = await staff("officer-two", county.unit, "officer")
    assert (await commands.make_invite(invite(county.unit), other, nonce="page-1")).code != made[0].code


async def test_a_use_says_where_it_leads() -> None:
    county = await small_county()
    made = await commands.make_invite(invite(county.unit, place="站点"), SYSTEM)
    used = await commands.use_invite(f" {made.code[:4].lower()}-{made.code[4:]}", PERSON)
    assert (used.union_id, used.place, used.division, used.channel) == (county.unit.id, "站点", "990121001", "invite")
    assert await database.scalar("SELECT used FROM invite") == 1
    assert await database.scalar("SELECT COUNT(*) FROM audit WHERE action = %s", "invite.used") == 1


async def test_why_an_invite_is_no_good(freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    county = await small_county()
    officer = await staff("officer-one", county.unit, "officer")
    once = await commands.make_invite(invite(county.unit, max_uses=1), officer)
    await commands.use_invite(once.code, PERSON)
    assert await reason(once.code) == "invite_used_up"
    short = await commands.make_invite(invite(county.unit, expires_on=date(2026, 3, 10)), officer)
    revoked = await commands.make_invite(invite(county.unit), officer)
    await commands.revoke_invite(revoked.id, officer)
    await commands.revoke_invite(revoked.id, officer)
    assert await reason(revoked.code) == "invite_revoked"
    clock.advance(hours=14, minutes=59)  # still 10 March in China
    assert (await queries.invite_view(short.code)).valid
    clock.advance(minutes=1)
    assert await reason(short.code) == "invite_expired"
    assert await reason("ZZZZZZZZ") == "invite_unknown"
    assert await reason("") == "invite_unknown"
    views = [await queries.invite_view(one.code) for one in (once, short, revoked)]
    assert [(view.valid, view.reason) for view in views] == [
        (False, "used_up"),
        (False, "expired"),
        (False, "revoked"),
    ]
    assert views[1].reason_text == "这个邀请码已经过期，请向发码的工会要一个新的。"
    assert {one.state for one in (await queries.invites_of(officer)).items} == {"used_up", "expired", "revoked"}


async def test_a_dissolved_union_ends_its_invites() -> None:
    county = await small_county()
    made = await commands.make_invite(invite(county.unit), SYSTEM)
    await commands.dissolve_union(ids.public(county.unit.id), 1, SYSTEM)
    assert await reason(made.code) == "invite_revoked"
    assert (await queries.invite_view(made.code)).reason == "revoked"


async def test_a_joining_that_fails_gives_its_use_back() -> None:
    county = await small_county()
    made = await commands.make_invite(invite(county.unit, max_uses=1), SYSTEM)

    @command
    async def join_and_fail() -> None:
        await commands.use_invite(made.code, PERSON)
        raise Conflict("union_closed")

    with pytest.raises(Conflict):
        await join_and_fail()
    assert (await queries.invite_view(made.code)).valid


async def sixty_four_uses(code: str) -> int:
    results = await asyncio.gather(*(commands.use_invite(code, PERSON) for _ in range(64)), return_exceptions=True)
    refused = [result for result in results if isinstance(result, BaseException)]
    assert {getattr(error, "code", repr(error)) for error in refused} <= {"invite_used_up"}
    return len(results) - len(refused)


@pytest.mark.race(control="test_control_without_the_condition_there_are_more")
async def test_ten_uses_are_ten_for_sixty_four_at_once() -> None:
    county = await small_county()
    made = await commands.make_invite(invite(county.unit, max_uses=10), SYSTEM)
    assert await sixty_four_uses(made.code) == 10
    assert await database.scalar("SELECT used FROM invite") == 10


@pytest.mark.race(is_control=True)
async def test_control_without_the_condition_there_are_more() -> None:
    county = await small_county()
    made = await commands.make_invite(invite(county.unit, max_uses=10), SYSTEM)
    with without_words("AND used < max_uses"):
        assert await sixty_four_uses(made.code) > 10


async def test_the_list_is_of_ones_own_scope_in_pages() -> None:
    county = await small_county()
    officer = await staff("officer-one", county.unit, "officer")
    desk = await staff("desk-one", county.town, "desk")
    for place in (county.unit, county.unit, county.unit, county.town, county.other_unit):
        await commands.make_invite(invite(place), SYSTEM)
    assert len((await queries.invites_of(officer)).items) == 3
    first = await queries.invites_of(desk, limit=3)
    second = await queries.invites_of(desk, limit=3, cursor=first.next_cursor)
    assert [len(first.items), len(second.items), second.next_cursor] == [3, 1, None]
    assert first.items[0].id > first.items[1].id
    assert (await queries.invites_of(PERSON)).items == []


async def test_revoking_and_printing_only_ones_own() -> None:
    county = await small_county()
    officer = await staff("officer-one", county.unit, "officer")
    other = await commands.make_invite(invite(county.other_unit), SYSTEM)
    mine = await commands.make_invite(invite(county.unit), officer)
    for invite_id in (other.id, "nonsense", "0000000000000"):
        with pytest.raises(NotFound):
            await commands.revoke_invite(invite_id, officer)
        with pytest.raises(NotFound):
            await queries.invite_poster(invite_id, officer)
    poster = await queries.invite_poster(mine.id, officer)
    assert (poster.invite.code, poster.qr_svg) == (mine.code, mine.qr_svg)
