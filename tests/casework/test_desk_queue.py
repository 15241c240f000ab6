"""The desk's queue: what lies there, in which order, what is found, and at what cost."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest

from backend.casework import commands, queries
from backend.casework.queries import QueueQuery
from backend.casework.schemas import DeskCounts, QueueFilter, QueueRow, ServiceReference
from backend.core import clock, database, ids, national
from backend.core.actor import Actor
from backend.core.errors import BadRequest, Invalid
from tests.casework.world import World, aid_form, decide, flag, join_form, person, sent, staff

ALL = QueueQuery()


async def joining(world: World, sequence: int, **changes: Any) -> str:
    applicant = await person(world)
    form = join_form(world, sequence, **changes)
    return await commands.submit(slug="member-join", data=sent(form), actor=applicant)


async def numbers(actor: Actor, **wanted: Any) -> list[str]:
    return [row.number for row in (await queries.desk_queue(actor, QueueQuery(**wanted), limit=100)).items]


@pytest.fixture
async def three(world: World) -> list[str]:
    """One due on Friday, one on Monday, one on Tuesday, all at the unit."""
    found = []
    for sequence in (1, 2, 3):
        found.append(await joining(world, sequence))
        clock.advance(days=1)
    return found


async def test_a_line_says_all_that_a_clerk_needs(world: World) -> None:
    number = await joining(world, 1)
    assert (await queries.desk_queue(world.officer, ALL)).items == [
        QueueRow(
            number=number,
            service=ServiceReference("member-join", "会员入会申请"),
            status="submitted",
            subject="王*测",
            summary="快递员 · 测试快运",
            division="高桥街道",
            due_on="2026-03-13",
            calendar_due_on=None,
            due_text="3月13日",
            tone="info",
            round=1,
            step_name="基层工会审核",
            version=1,
            flagged=False,
            urged=False,
            submitted_at="2026-03-10T09:00:00+08:00",
        )
    ]


async def test_by_due_time_page_by_page(world: World, three: list[str]) -> None:
    await decide(three[0], world.officer, "hold", 1, until=date(2026, 3, 27), message="等")
    fourth = await joining(world, 4, employer="")
    assert await numbers(world.officer) == [three[1], three[2], fourth]
    first = await queries.desk_queue(world.officer, ALL, limit=2)
    assert [row.number for row in first.items] == [three[1], three[2]]
    rest = await queries.desk_queue(world.officer, ALL, limit=2, cursor=first.next_cursor)
    assert ([row.number for row in rest.items], rest.next_cursor) == ([fourth], None)
    with pytest.raises(BadRequest):
        await queries.desk_queue(world.officer, ALL, cursor="x")


async def test_filters(world: World, three: list[str]) -> None:
    clock.advance(days=1)  # Saturday the 14th: the first is late
    assert await numbers(world.officer, overdue=True) == [three[0]]
    clock.advance(days=2)
    assert await numbers(world.officer, due="today") == [three[1]]
    assert await numbers(world.officer, service="sample-aid") == []
    await decide(three[1], world.officer, "hold", 1, until=date(2026, 3, 27), message="等")
    assert await numbers(world.officer, status="on_hold") == [three[1]]
    await decide(three[2], world.officer, "return", 1, corrections=[flag("employer")])
    assert await numbers(world.officer, status="returned") == [three[2]]
    assert await numbers(world.officer, done="today") == [three[2]]
    with pytest.raises(Invalid):
        await numbers(world.officer, status="sleeping")


async def test_urging_shows(world: World) -> None:
    courier = await person(world)
    number = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=courier)
    await commands.urge(number=number, actor=courier)
    assert [row.urged for row in (await queries.desk_queue(world.officer, ALL)).items] == [True]


async def test_only_ones_own_desks(world: World, three: list[str]) -> None:
    assert await numbers(world.clerk) == []  # the town may look, but nothing lies at its desk
    assert await numbers(world.far_clerk) == []
    assert await numbers(await person(world)) == []
    both = await staff("何两处", (world.unit, "officer"), (world.town, "desk"))
    await commands.submit(slug="sample-aid", data=sent(aid_form(world, 9, target_org="")), actor=await person(world))
    assert len(await numbers(both)) == 4
    looks_only = await staff("钱小看", (world.unit, "member"))
    assert await numbers(looks_only) == []


async def test_counts_and_filters_agree_with_the_rows(world: World, three: list[str]) -> None:
    clock.advance(days=3)  # Monday the 16th
    await decide(three[2], world.officer, "reject", 1, comment="不符")
    counts = await queries.desk_counts(world.officer)
    assert counts == DeskCounts(
        mine=2, due_today=1, overdue=1, held=0, done_today=1, asked=0, services={"member-join": 2}
    )
    assert queries.queue_filters(counts, QueueQuery(service="member-join"), world.officer) == [
        QueueFilter(label="全部", query="", count=2),
        QueueFilter(label="逾期", query="?overdue=1", count=1),
        QueueFilter(label="会员入会申请", query="?service=member-join", count=2, active=True),
    ]
    assert await queries.desk_counts(await person(world)) == DeskCounts(
        mine=0, due_today=0, overdue=0, held=0, done_today=0, asked=0, services={}
    )


# ---- search -------------------------------------------------------------------------


@pytest.fixture
async def found(world: World) -> dict[str, str]:
    """An open case at the unit, a closed one, and one at the far town."""
    numbers = {
        "open": await joining(world, 1, real_name="王小测"),
        "closed": await joining(world, 2, real_name="欧阳小试"),
        "far": await joining(world, 3, real_name="王小远", division="990121002", target_org=""),
    }
    await decide(numbers["closed"], world.officer, "reject", 1, comment="不符")
    return numbers


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("王", ["open"]),
        ("王小测", ["open"]),
        ("wx", ["open"]),
        ("WXC", ["open"]),
        ("欧阳", []),  # closed: by a whole name only
        ("欧阳小试", ["closed"]),
        ("王小远", []),  # of another town
        ("RH2026-000001", ["open"]),
        ("rh2026-00000", ["closed", "open"]),
        ("RH2026-000003", []),
        ("15400000002", ["closed"]),
        ("154 0000 0001", ["open"]),
        ("15400000003", []),
        ("%", []),
        ("_", []),
        ("不知道什么", []),
    ],
)
async def test_search(world: World, found: dict[str, str], q: str, expected: list[str]) -> None:
    assert await numbers(world.officer, q=q) == [found[name] for name in expected]


async def test_search_by_identity_number_and_by_a_scanned_receipt(world: World, found: dict[str, str]) -> None:
    id_no = national.synthetic_id_no(date(1990, 3, 7), 2)
    assert await numbers(world.officer, q=id_no.lower()) == [found["closed"]]
    seen = await queries.desk_case(found["closed"], world.officer)
    assert await numbers(world.officer, q=seen.case.verify_url) == [found["closed"]]
    assert await numbers(world.far_clerk, q=seen.case.verify_url) == []


async def test_the_county_finds_what_lies_below_and_a_root_without_a_join(world: World, found: dict[str, str]) -> None:
    assert await numbers(world.manager, q="RH2026") == [found["far"], found["closed"], found["open"]]
    assert await numbers(world.clerk, q="RH2026") == [found["closed"], found["open"]]


# ---- what it costs ------------------------------------------------------------------


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement that is read through core.database."""
    seen: list[str] = []
    real = database.rows

    async def rows(sql: str, *params: Any) -> list[dict[str, Any]]:
        seen.append(sql)
        return await real(sql, *params)

    with monkeypatch.context() as patch:
        patch.setattr(database, "rows", rows)
        yield seen


async def reads(world: World, number: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[str, int]]:
    owner = Actor(kind="person", account_id=await database.scalar("SELECT applicant_id FROM case_file LIMIT 1"))
    calls = {
        "queue": lambda: queries.desk_queue(world.officer, ALL),
        "search": lambda: queries.desk_queue(world.officer, QueueQuery(q="王")),
        "counts": lambda: queries.desk_counts(world.officer),
        "desk case": lambda: queries.desk_case(number, world.officer),
        "own list": lambda: queries.own_cases(owner),
        "own case": lambda: queries.own_case(number, owner),
    }
    for name, call in calls.items():
        with counted(monkeypatch) as seen:
            await call()
        yield name, len(seen)


async def test_reads_cost_the_same_for_one_row_and_for_three(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    applicant = await person(world)
    first = await commands.submit(slug="member-join", data=sent(join_form(world, 1)), actor=applicant)
    one = {name: cost async for name, cost in reads(world, first, monkeypatch)}
    for sequence in (2, 3):
        await commands.submit(slug="member-join", data=sent(join_form(world, sequence)), actor=applicant)
    three = {name: cost async for name, cost in reads(world, first, monkeypatch)}
    assert one == three
    assert one == {"queue": 1, "search": 3, "counts": 3, "desk case": 13, "own list": 1, "own case": 4}


async def test_the_archive_does_not_slow_the_queue_down(world: World) -> None:
    """Each desk and state is one walk of the index that stops at the page's end."""
    await joining(world, 1)
    if not database.is_sqlite():
        return
    plan = await database.rows(
        "EXPLAIN QUERY PLAN SELECT * FROM case_file c WHERE c.desk_union_id = %s AND c.desk_role = %s"
        " AND c.status = %s ORDER BY c.next_due_on, c.id LIMIT 21",
        ids.new_id(),
        "officer",
        "submitted",
    )
    text = " ".join(str(row["detail"]) for row in plan)
    assert "USING INDEX" in text
    assert "TEMP B-TREE" not in text
