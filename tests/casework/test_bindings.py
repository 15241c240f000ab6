"""The one table of names: every name of the shipped flow files is bound, and each answers honestly."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from backend import bindings
from backend.bindings import facts, prefills
from backend.casework import catalogue
from backend.casework.protocols import Bindings, Prefilled, Question
from backend.core import ids, national
from backend.core.actor import GUEST, SYSTEM, Actor
from backend.core.settings import CONFIG_DIR, Settings
from backend.membership import commands as members
from backend.membership.schemas import NewMember
from tests.casework.samples import folder
from tests.casework.test_submit import invite
from tests.casework.world import World, person

TODAY = date(2026, 3, 10)
ID_NO = national.synthetic_id_no(date(1990, 3, 7), 1)


def ask(**changes: Any) -> Question:
    asked: dict[str, Any] = {"flow": "member-join", "actor": GUEST, "today": TODAY, "values": {}, "params": {}}
    return Question(**(asked | changes))


@pytest.fixture(autouse=True)
def own_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test opens here is gone afterwards."""
    monkeypatch.setattr(catalogue, "_current", None)


def test_the_shipped_files_are_fully_bound(settings: Settings) -> None:
    bindings.load(settings)
    assert "member-join" in catalogue.current().flows


@pytest.mark.parametrize("kind", ["outcomes", "facts", "prefills"])
def test_an_unbound_name_stops_the_start(tmp_path: Path, kind: str) -> None:
    join = (CONFIG_DIR / "catalogue" / "member-join.yaml").read_text("utf-8")
    config = folder(tmp_path, member_join=join)
    table = bindings.BINDINGS
    without: dict[str, Any] = {"outcomes": table.outcomes, "facts": table.facts, "prefills": table.prefills}
    without[kind] = {}
    with pytest.raises(catalogue.CatalogueError) as refused:
        catalogue.load(config, Bindings(**without))
    assert "member-join.yaml:" in str(refused.value)


@pytest.mark.parametrize(
    ("number", "age"),
    [
        (national.synthetic_id_no(date(2010, 3, 10), 1), 16),
        (national.synthetic_id_no(date(2010, 3, 11), 1), 15),
        ("", None),
        (None, None),
        ("990001201002301", None),
    ],
)
async def test_the_age_of_a_worker(number: str | None, age: int | None) -> None:
    assert await facts.worker_age(ask(values={"id_no": number})) == age


async def test_membership_by_number_or_by_account(world: World) -> None:
    assert await facts.worker_active_membership(ask(values={"id_no": ID_NO})) is False
    assert await facts.worker_active_membership(ask()) is None
    newcomer = NewMember(name="王小测", id_no=ID_NO, phone="15400000001")
    member = await members.admit(SYSTEM, applicant=newcomer, union_id=world.unit.id, account_id=None, reference="X")
    assert await facts.worker_active_membership(ask(values={"id_no": ID_NO})) is True
    assert await facts.worker_active_membership(ask(member_id=member.id)) is True
    assert await facts.worker_active_membership(ask(member_id=1)) is False


async def test_whether_the_workplace_has_a_union(world: World) -> None:
    assert await facts.org_has_union(ask(target_union_id=world.unit.id)) is True
    assert await facts.org_has_union(ask(target_union_id=world.town.id)) is False
    assert await facts.org_has_union(ask()) is None
    assert await facts.org_has_union(ask(target_union_id=1)) is None


async def test_what_an_invite_fills_in(world: World) -> None:
    await invite(world)
    given = {"invite": "abcd-efgh"}
    courier = await person(world)
    assert await prefills.invite_union(courier, given) == Prefilled(ids.public(world.unit.id), "来自邀请码")
    assert await prefills.invite_division(courier, given) == Prefilled("990121001", "来自邀请码")
    assert await prefills.invite_channel(courier, given) == Prefilled("station_qr", "来自邀请码")
    assert await prefills.invite_code(courier, given) == Prefilled("abcd-efgh", "来自邀请码")
    for nothing in ({}, {"invite": "NOSUCHXX"}):
        for prefill in (prefills.invite_union, prefills.invite_division, prefills.invite_channel, prefills.invite_code):
            assert await prefill(courier, nothing) is None


async def test_an_expired_invite_fills_in_nothing(world: World) -> None:
    await invite(world, expires_on=date(2026, 3, 1))
    assert await prefills.invite_union(await person(world), {"invite": "ABCDEFGH"}) is None


async def test_the_phone_of_the_account(world: World) -> None:
    courier = await person(world, phone="15412345678")
    assert await prefills.account_mobile(courier, {}) == Prefilled("15412345678", "来自您的账号")
    for other in (GUEST, world.clerk, Actor(kind="person", account_id=1)):
        assert await prefills.account_mobile(other, {}) is None
