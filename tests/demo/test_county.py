"""The demo county: every desk that is printed at the start has something of everything to show."""

from datetime import datetime

import pytest
from litestar import Litestar

from backend.casework import queries
from backend.casework.enums import CaseStatus
from backend.casework.queries import QueueQuery
from backend.core import clock, crypto, database
from backend.core.actor import Actor
from backend.demo import county
from backend.demo.places import phone_number
from backend.grading import queries as grading
from backend.unions import queries as unions
from tests.factories.application import MORNING, app, drain, wrong

__all__ = ["app"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
async def built(app: Litestar) -> None:
    await county.build()
    clock.freeze(datetime.fromisoformat(MORNING))  # building it sets the clock back, and lets it go at the end
    await drain()


async def clerk(username: str) -> Actor:
    account_id = await database.scalar("SELECT id FROM account WHERE username = %s", username)
    return Actor(kind="staff", account_id=account_id, posts=await unions.posts_of(account_id))


@pytest.mark.parametrize("username", ["demo-unit", "demo-town", "demo-county"])
async def test_each_desk_sees_every_state(built: None, username: str) -> None:
    actor = await clerk(username)
    for status in CaseStatus:
        assert (await queries.desk_queue(actor, QueueQuery(status=status))).items, status
    waiting = (await queries.desk_queue(actor, QueueQuery(), limit=100)).items
    words = {row.due_text for row in waiting}
    assert "今天到期" in words
    assert any(word.startswith("逾期") for word in words)
    assert {row.tone for row in waiting} >= {"late", "warn", "info"}
    assert any(row.urged for row in waiting)
    assert any(row.round == 2 for row in waiting)
    assert any(row.asking for row in waiting)
    held = (await queries.desk_queue(actor, QueueQuery(status="on_hold"))).items
    assert any(row.unread_messages for row in held)
    assert (await queries.asked_queue(actor)).items or username == "demo-unit"


async def test_what_the_product_did_holds(built: None) -> None:
    assert await wrong() == []
    assert await database.scalar("SELECT COUNT(*) FROM member") >= 300
    assert await database.scalar("SELECT COUNT(*) FROM notification WHERE event = 'case.assigned'") > 100


async def test_last_years_grades_are_published_and_this_years_are_scored(built: None, app: Litestar) -> None:
    """Three middle grades, one primary, one without and one by a veto; the demo's own member is among them."""
    county_desk = await clerk("demo-county")
    running, last = await grading.periods(county_desk)
    assert ((running.year, running.state), (last.year, last.state)) == ((2026, "scoring"), (2025, "published"))
    run = await grading.dry_run(last.id, county_desk)
    assert [line.grade_name for line in run.lines] == ["中级", "初级", "初级", "中级", "未定等级", "未定等级"]
    assert run.total_fen == await database.scalar(
        "SELECT CAST(SUM(amount_fen) AS SIGNED) FROM payment_due WHERE programme = 'chair-grading'"
    )
    assert next(one.missing for one in await grading.candidates(running.id, county_desk))[0] == "乡镇评价：邹样"
    account = await database.scalar(
        "SELECT id FROM account WHERE phone_index = %s", crypto.blind_index("phone", phone_number(102))
    )
    [now, before] = (await grading.my_grades(Actor(kind="person", account_id=account))).items
    assert (now.status, before.status, before.grade_name) == ("scoring", "published", "初级")
    assert before.certificate
