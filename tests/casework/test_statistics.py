"""Figures: they count what is there, follow every change, stay inside the scope, and each opens its rows."""

from backend.casework import commands, queries
from backend.casework.commands import tallies
from backend.casework.models import Case
from backend.casework.queries import RowsQuery, StatisticsQuery
from backend.casework.schemas import StatisticsView
from backend.core import clock, database
from backend.core.actor import Actor
from tests.casework.browser import browse
from tests.casework.world import World, aid_form, decide, flag, join_form, person, sent

ALL = StatisticsQuery()


async def counted() -> None:
    """What the worker does a moment later."""
    for case in await Case.all():
        await tallies.mark(case.id)
    while await tallies.recount():
        pass


async def submit(world: World, sequence: int, **form: str) -> str:
    data = sent(aid_form(world, sequence, **({"target_org": ""} | form)))
    return await commands.submit(slug="sample-aid", data=data, actor=await person(world))


async def history(world: World) -> None:
    """February: two came, one decided the next day. March: three came, one returned, one decided after five days."""
    clock.freeze(clock.now().replace(month=2))
    first, _ = await submit(world, 1), await submit(world, 2)
    clock.advance(days=1)
    await decide(first, world.clerk, "approve", 1)
    clock.freeze(clock.now().replace(month=3, day=2))
    third, fourth = await submit(world, 3), await submit(world, 4)
    await commands.submit(slug="member-join", data=sent(join_form(world, 5)), actor=await person(world))
    await decide(fourth, world.clerk, "return", 1, corrections=[flag("reason")])
    clock.advance(days=4, hours=3)
    await decide(third, world.clerk, "reject", 1, comment="不符合条件")
    await counted()


async def figures(actor: Actor, wanted: StatisticsQuery = ALL) -> StatisticsView:
    return await queries.statistics(actor, wanted)


async def test_what_came_in_went_out_and_is_open(world: World) -> None:
    await history(world)
    seen = await figures(world.manager)
    assert (seen.submitted, seen.decided, seen.open, seen.overdue) == (5, 2, 3, 2)
    assert (seen.median_days, seen.p90_days, seen.returned_percent) == (1, 5, 20)
    assert [(one.month, one.submitted, one.decided) for one in seen.months[-2:]] == [
        ("2026-02", 2, 1),
        ("2026-03", 3, 1),
    ]
    assert [(one.slug, one.submitted, one.open) for one in seen.flows] == [("sample-aid", 4, 2), ("member-join", 1, 1)]
    assert [(one.name, one.submitted) for one in seen.towns] == [("高桥街道", 5)]
    assert sum(band.cases for band in seen.ages) == 3


async def test_a_month_a_flow_a_township(world: World) -> None:
    await history(world)
    february = await figures(world.manager, StatisticsQuery(month="2026-02"))
    assert (february.submitted, february.decided) == (2, 1)
    joined = await figures(world.manager, StatisticsQuery(flow="member-join"))
    assert (joined.submitted, joined.decided, joined.median_days) == (1, 0, None)
    elsewhere = await figures(world.manager, StatisticsQuery(town="990121002"))
    assert (elsewhere.submitted, elsewhere.open) == (0, 0)


async def test_a_desk_reads_the_figures_of_its_branch_alone(world: World) -> None:
    await history(world)
    assert (await figures(world.clerk)).submitted == 5
    assert (await figures(world.far_clerk)).submitted == 0
    for kind in ("in", "out", "open", "overdue", "returned"):
        assert (await queries.figure_rows(world.far_clerk, RowsQuery(kind=kind))).items == []


async def test_every_figure_opens_as_many_rows(world: World) -> None:
    await history(world)
    seen = await figures(world.manager)
    for kind, count in (("in", 5), ("out", 2), ("open", seen.open), ("overdue", seen.overdue), ("returned", 1)):
        assert len((await queries.figure_rows(world.manager, RowsQuery(kind=kind))).items) == count, kind
    february = RowsQuery(kind="out", month="2026-02", flow="sample-aid", town="990121001")
    assert len((await queries.figure_rows(world.manager, february)).items) == 1


async def test_a_change_makes_its_slices_anew_and_nothing_else(world: World) -> None:
    await history(world)
    case = await Case.get(subject_name="王小测")
    await commands.withdraw(number=case.number, actor=Actor(kind="person", account_id=case.applicant_id or 0))
    before = await database.scalar("SELECT COUNT(*) FROM case_tally")
    await tallies.mark(case.id)
    assert [row["id"].split(":")[:2] for row in await database.rows("SELECT id FROM tally_due")] == [
        ["2026-03", "member-join"]
    ]
    assert await tallies.recount() == 1
    assert await database.scalar("SELECT withdrawn FROM case_tally WHERE flow = %s", "member-join") == 1
    assert await database.scalar("SELECT COUNT(*) FROM case_tally") == before
    await tallies.mark_lately()
    marked = await database.scalar("SELECT COUNT(*) FROM tally_due")
    assert marked == before
    assert await tallies.recount() == marked


async def test_the_pages_and_the_api(world: World, app: object) -> None:
    await history(world)
    desk = await browse(app, world.manager)
    page = await desk.get("/desk/statistics")
    assert page.status_code == 200
    assert "<svg" in page.text
    assert 'href="/desk/statistics/cases?kind=overdue' in page.text
    rows = await desk.get("/desk/statistics/cases?kind=overdue")
    assert (rows.text.count("/desk/cases/SA2026-"), rows.text.count("/desk/cases/RH2026-")) == (1, 1)
    answer = (await desk.get("/api/v1/desk/statistics?service=sample-aid")).json()
    assert (answer["submitted"], answer["flows"][0]["slug"]) == (4, "sample-aid")
    listed = (await desk.get("/api/v1/desk/statistics/cases?kind=in&limit=2")).json()
    assert len(listed["items"]) == 2
    more = await desk.get(f"/api/v1/desk/statistics/cases?kind=in&limit=2&cursor={listed['next_cursor']}")
    assert len(more.json()["items"]) == 2
    assert (await desk.get("/api/v1/desk/statistics?month=1999-01")).status_code == 422
    assert (await (await browse(app, world.officer)).get("/desk/statistics")).status_code == 403
