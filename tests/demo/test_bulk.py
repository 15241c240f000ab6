"""The large county: consistent rows, spread over everything, whole after an interruption, never built twice."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
from litestar import Litestar

from backend.casework import catalogue
from backend.casework.commands import tallies
from backend.core import clock, crypto, database, ids, national
from backend.core.settings import Settings, SettingsError
from backend.demo import places
from backend.demo.bulk import build, lives, people
from backend.demo.bulk.plan import Plan, draw_up
from backend.demo.tree import PASSWORD, add_people, build_tree
from backend.home import doctor
from tests.conftest import empty_tables
from tests.factories.application import app, browser

__all__ = ["app"]

pytestmark = pytest.mark.slow

MEMBERS, CASES = 700, 2_600
said: list[str] = []


@pytest.fixture(scope="module")
async def county(app: Litestar, settings: Settings) -> AsyncIterator[None]:
    await _found()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "CHUNK", 300)
        await build.build(settings, members=MEMBERS, cases=CASES, say=said.append)
    yield
    await empty_tables()


async def _found() -> None:
    await empty_tables()
    await add_people(await build_tree())


async def count(sql: str, *values: object) -> int:
    return int(await database.scalar(sql, *values))


async def test_as_many_as_were_asked_for(county: None) -> None:
    assert await count("SELECT COUNT(*) FROM member") == MEMBERS
    assert await count("SELECT COUNT(*) FROM case_file") == CASES
    assert {line.split(":")[0] for line in said} == {"members", "cases", "months"}


async def test_the_doctor_finds_nothing(county: None) -> None:
    assert await doctor.examine() == []


async def test_spread_over_unions_towns_statuses_and_years(county: None) -> None:
    towns = await database.rows("SELECT division, COUNT(*) AS n FROM case_file GROUP BY division")
    assert {row["division"] for row in towns} == {town.division for town in places.TOWNS}
    assert min(row["n"] for row in towns) > CASES / len(places.TOWNS) / 3
    assert await count("SELECT COUNT(DISTINCT union_id) FROM member") > 40
    assert await count("SELECT COUNT(DISTINCT desk_union_id) FROM case_file") >= 28
    joined = await count("SELECT COUNT(*) FROM case_file WHERE flow = 'member-join' AND status = 'approved'")
    assert joined > 0.6 * await count("SELECT COUNT(*) FROM case_file WHERE flow = 'member-join'")
    found = await database.rows("SELECT status, COUNT(*) AS n FROM case_file GROUP BY status")
    counts = {row["status"]: row["n"] for row in found}
    assert set(counts) >= {"approved", "rejected", "withdrawn", "submitted", "in_review"}
    first = database.aware(await database.scalar("SELECT MIN(submitted_at) FROM case_file"))
    last = database.aware(await database.scalar("SELECT MAX(submitted_at) FROM case_file"))
    assert timedelta(days=1_070) < last - first < timedelta(days=3 * 365)
    assert last < clock.now()


async def test_numbers_rise_with_time_and_are_whole(county: None) -> None:
    rows = await database.rows("SELECT id, number, submitted_at FROM case_file ORDER BY id")
    times = [database.aware(row["submitted_at"]) for row in rows]
    assert times == sorted(times)
    assert len({row["number"] for row in rows}) == CASES
    prefixes = {flow.number_prefix for flow in catalogue.current().flows.values()}
    assert {row["number"][:-12] for row in rows} <= prefixes


_OF_JOININGS = "SELECT id, sealed, subject_name, form FROM case_file WHERE flow = 'member-join'"


async def test_what_is_sealed_opens_and_is_found(county: None) -> None:
    row = (await database.rows("SELECT id, id_no_index, id_no_sealed, phone_index, phone_sealed FROM member"))[5]
    number = crypto.open_sealed(row["id_no_sealed"], context=f"member/id_no/{row['id']}")
    assert national.parse_id_no(number, allow_synthetic=True, today=clock.today()).number == number
    assert row["id_no_index"] == crypto.blind_index("id_no", number)
    phone = crypto.open_sealed(row["phone_sealed"], context=f"member/phone/{row['id']}")
    assert (phone[:3], row["phone_index"]) == ("154", crypto.blind_index("phone", phone))
    case = (await database.rows(_OF_JOININGS))[7]
    sealed = msgspec.json.decode(crypto.open_sealed(case["sealed"], context=f"case_file/sealed/{case['id']}"))
    assert set(sealed) == {"id_no", "mobile"}
    assert msgspec.json.decode(case["form"])["real_name"] == case["subject_name"]


async def test_every_decision_has_its_line_and_every_joining_its_member(county: None) -> None:
    decided = await count("SELECT COUNT(*) FROM case_file WHERE decision_action IS NOT NULL")
    assert await count("SELECT COUNT(*) FROM step_decision") == decided
    assert await count("SELECT COUNT(*) FROM case_event WHERE action IN ('approve', 'reject', 'return')") == decided
    assert await count("SELECT COUNT(*) FROM case_event WHERE action = 'submit'") == CASES
    joined = await count("SELECT COUNT(*) FROM case_file WHERE flow = 'member-join' AND status = 'approved'")
    assert await count("SELECT COUNT(*) FROM membership_change WHERE reference <> ''") == joined
    returned = await count("SELECT COUNT(*) FROM case_file WHERE status = 'returned'")
    assert await count("SELECT COUNT(*) FROM correction") == returned
    backwards = "SELECT COUNT(*) FROM case_event e JOIN case_file c ON c.id = e.case_id WHERE e.at < c.submitted_at"
    assert await count(backwards) == 0


_FIGURES = "SELECT month, flow, union_id, submitted, returned, withdrawn, approved, rejected, pace FROM case_tally"


async def test_the_figures_are_those_that_counting_gives(county: None) -> None:
    made = [tuple(row.values()) for row in await database.rows(f"{_FIGURES} ORDER BY month, flow, union_id")]
    assert sum(row[3] for row in made) == CASES
    for case in await database.rows("SELECT id FROM case_file"):
        await tallies.mark(case["id"])
    while await tallies.recount():
        pass
    counted = [tuple(row.values()) for row in await database.rows(f"{_FIGURES} ORDER BY month, flow, union_id")]
    assert made == counted


async def test_the_pages_open(county: None, app: Litestar) -> None:
    async with browser(app) as client:
        sent = {"username": "demo-town", "password": PASSWORD}
        assert (await client.post("/desk/sign-in", data=sent)).status_code == 303
        for path in ("/desk/cases", "/desk/members"):
            assert (await client.get(path)).status_code == 200, path
        await open_each_status(client)


async def open_each_status(client: httpx.AsyncClient) -> None:
    desk = await database.scalar("SELECT id FROM union_org WHERE name = %s", f"{places.TOWNS[0].name}总工会")
    rows = await database.rows(
        "SELECT status, MIN(number) AS number FROM case_file WHERE desk_union_id = %s GROUP BY status", desk
    )
    assert len(rows) >= 3
    for row in rows:
        page = await client.get(f"/desk/cases/{row['number']}")
        assert (page.status_code, row["number"] in page.text) == (200, True), row
    member = await database.scalar("SELECT id FROM member WHERE division = %s LIMIT 1", places.TOWNS[0].division)
    assert (await client.get(f"/desk/members/{ids.public(member)}")).status_code == 200


async def test_the_same_size_again_changes_nothing(county: None, settings: Settings) -> None:
    before = await count("SELECT COUNT(*) FROM case_event")
    await build.build(settings, members=MEMBERS, cases=CASES, say=said.append)
    assert await count("SELECT COUNT(*) FROM case_event") == before


async def test_another_size_is_refused(county: None, settings: Settings) -> None:
    with pytest.raises(SettingsError, match="planned with 700 members and 2,600 cases"):
        await build.build(settings, members=MEMBERS, cases=CASES + 1, say=said.append)


@pytest.mark.parametrize(("members", "cases"), [(0, 5), (-1, 5), (5, -1), (5, 501)])
async def test_absurd_sizes_are_refused(county: None, settings: Settings, members: int, cases: int) -> None:
    with pytest.raises(SettingsError, match="members must be"):
        await build.build(settings, members=members, cases=cases, say=said.append)


async def test_lives_of_the_largest_county(county: None) -> None:
    """Any stretch of it: nobody is decided before asking, or after the plan was drawn up."""
    until = datetime(2026, 3, 10, 1, tzinfo=UTC)
    plan: Plan = await draw_up(members=1_560_000, cases=5_000_000, chunk=2_000, until=until)
    picked = range(0, 5_000_000, 4_999)
    found = [lives.life(plan, ordinal) for ordinal in picked]
    assert all(one.ended is None or one.submitted < one.ended < until for one in found)
    assert Counter(one.ended is None for one in found)[False] > 900
    assert {service.slug for service in plan.services} >= {"member-join"}
    assert [one.submitted for one in found] == sorted(one.submitted for one in found)


async def test_an_interrupted_build_goes_on(app: Litestar, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    await _found()
    monkeypatch.setattr(build, "CHUNK", 100)
    plan = await build._plan(350, 900)
    for what, number in (("members", 2), ("cases", 0), ("cases", 4)):
        await build.write_chunk(plan, what, number)
    halves = [count("SELECT COUNT(*) FROM member"), count("SELECT COUNT(*) FROM case_file")]
    assert [await half for half in halves] == [100, 200]

    await build.build(settings, members=350, cases=900, say=said.append)

    assert await count("SELECT COUNT(*) FROM member") == 350
    assert await count("SELECT COUNT(*) FROM case_file") == 900
    assert await doctor.examine() == []


async def test_a_chunk_is_written_whole_or_not_at_all(
    app: Litestar, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _found()
    monkeypatch.setattr(build, "CHUNK", 100)
    plan = await build._plan(350, 900)
    await build.write_chunk(plan, "members", 0)
    with pytest.raises(Exception, match=r"UNIQUE|Duplicate"):
        await build.write_chunk(plan, "members", 0)
    await database.execute("DELETE FROM sequence WHERE name = %s", "demo:members:0")
    with pytest.raises(Exception, match=r"UNIQUE|Duplicate"):
        await build.write_chunk(plan, "members", 0)
    assert await count("SELECT COUNT(*) FROM sequence WHERE name = %s", "demo:members:0") == 0
    await empty_tables()


# ---- arithmetic -------------------------------------------------------------------


def test_people_differ() -> None:
    numbers = [*range(20_000), *range(6_500_000, 6_520_000)]
    found = [people.person(number) for number in numbers]
    assert len({one.id_no for one in found}) == len({one.phone for one in found}) == len(numbers)
    assert all(one.id_no.startswith("99") and not one.id_no.startswith("9900") for one in found)


def test_member_numbers_differ_up_to_the_largest_county() -> None:
    numbers = [*range(0, 1_560_000, 97), 899_999, 900_000]
    made = {people.number_of(number, "990121") for number in numbers}
    assert len(made) == len(set(numbers))
    assert {len(one) for one in made} == {16}
