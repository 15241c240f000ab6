"""Clean cases pass without a person; anything else, and a few of the clean ones, stay with people."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.casework import catalogue, commands, queries, straight_through
from backend.casework.catalogue import open_catalogue
from backend.casework.commands import transitions
from backend.casework.enums import CaseAction
from backend.casework.events import CaseSubmitted
from backend.casework.models import Case
from backend.casework.schemas import CorrectionsInput
from backend.casework.straight_through import Judged
from backend.core import clock, database, ids
from backend.core.actor import SYSTEM, Actor
from backend.core.errors import NotFound
from backend.core.settings import CONFIG_DIR
from backend.home import straight_run
from tests.casework.browser import browse
from tests.casework.samples import folder
from tests.casework.world import SAMPLE_BINDINGS, World, decide, flag, join_form, person, sent
from tests.unguarded import without_lock
from workers import reactions

CARD, PERCENT = "member-card", 5


def card_text() -> str:
    return (CONFIG_DIR / "catalogue" / "member-card.yaml").read_text("utf-8")


def _open(base: Path, card: str) -> Any:
    join = (CONFIG_DIR / "catalogue" / "member-join.yaml").read_text("utf-8")
    return open_catalogue(folder(base, member_join=join, member_card=card), SAMPLE_BINDINGS)


@pytest.fixture(autouse=True)
def cards(services: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_current", _open(tmp_path / "on", card_text()))


def switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, since: str = "") -> None:
    text = card_text().replace("  since: 2026-03-01\n", since)
    monkeypatch.setattr(catalogue, "_current", _open(tmp_path / "off", text))


async def member(world: World, sequence: int) -> Actor:
    worker = await person(world)
    form = join_form(world, sequence)
    number = await commands.submit(slug="member-join", data=sent(form), actor=worker)
    await decide(number, world.officer, "approve", 1)
    return await member_actor(worker, form["id_no"])


async def member_actor(worker: Actor, id_no: str) -> Actor:
    member_id = await database.scalar("SELECT MAX(id) FROM member")
    return Actor(kind="person", account_id=worker.account_id, member_id=member_id, display=worker.display)


def card_form(world: World, sequence: int, **changes: Any) -> dict[str, Any]:
    who = join_form(world, sequence)
    form = {"card_kind": "ecard", "biz_kind": "loss"} | {name: who[name] for name in ("real_name", "id_no", "mobile")}
    return form | changes


async def apply(world: World, worker: Actor, sequence: int, *, sampled: bool = False, **changes: Any) -> Case:
    """A case that the sample takes, or does not take: which ones it takes is chance until they have an id."""
    while True:
        form = card_form(world, sequence, **changes)
        number = await commands.submit(slug=CARD, data=sent(form), actor=worker)
        case = await Case.get(number=number)
        if straight_through.is_sampled(case.id, PERCENT) is sampled:
            return case
        await commands.withdraw(number=number, actor=worker)


async def judged(case: Case) -> tuple[str, list[str]]:
    row = (await database.rows("SELECT verdict, failed FROM straight_judgement WHERE case_id = %s", case.id))[0]
    return row["verdict"], [one for one in row["failed"].strip("[]").replace('"', "").split(",") if one]


async def test_a_clean_case_passes_in_the_systems_own_name(world: World) -> None:
    worker = await member(world, 1)
    case = await apply(world, worker, 1)
    assert await reactions.cases.pass_straight(CaseSubmitted(case.id, 1), "1") is True
    seen = await queries.own_case(case.number, worker)
    assert (seen.status, await judged(case)) == ("approved", ("approved", []))
    assert seen.timeline[0].title == "系统自动办理 核对会籍通过"
    assert seen.timeline[0].actor == "系统自动办理"
    assert seen.decision is not None
    assert seen.decision.comment == (
        "按规则自动办理，都符合：会籍有效、办的是电子会员证、申领、补证、挂失或解挂、填的是本人、没有别的会员卡业务在办。"
    )
    acts = [row["action"] for row in await database.rows("SELECT action FROM audit WHERE object_id = %s", case.id)]
    assert acts == ["case.submitted", "case.judged", "case.approve"]
    await commands.straight_through.run(case.id)
    assert (await Case.get(id=case.id)).version == 2
    assert [row["slip"] for row in await database.rows("SELECT COUNT(*) AS slip FROM document")] == [1]


async def test_what_is_not_known_to_hold_stays_with_people(world: World) -> None:
    worker = await member(world, 1)
    first = await apply(world, worker, 1, biz_kind="cancel")
    await commands.straight_through.run(first.id)
    assert await judged(first) == ("left", ["申领、补证、挂失或解挂"])
    second = await apply(world, worker, 1)
    await commands.straight_through.run(second.id)
    assert await judged(second) == ("left", ["没有别的会员卡业务在办"])
    assert {case.status for case in await Case.filter(flow=CARD, id__in=[first.id, second.id])} == {"submitted"}
    checks = [check.text for check in (await queries.desk_case(second.number, world.officer)).checks]
    assert "没有自动办理，要看：没有别的会员卡业务在办" in checks


async def test_somebody_elses_number_is_looked_at_by_a_person(world: World) -> None:
    worker, other = await member(world, 1), await member(world, 2)
    case = await apply(world, other, 1)
    await commands.straight_through.run(case.id)
    assert await judged(case) == ("left", ["填的是本人"])
    assert worker.member_id != other.member_id


async def test_a_few_clean_ones_go_to_a_person(world: World) -> None:
    worker = await member(world, 1)
    case = await apply(world, worker, 1, sampled=True)
    await commands.straight_through.run(case.id)
    assert await judged(case) == ("sampled", [])
    assert (await Case.get(id=case.id)).status == "submitted"
    checks = [check.text for check in (await queries.desk_case(case.number, world.officer)).checks]
    assert "自动办理的规则都符合，抽到这一件由人工把关" in checks
    await commands.straight_through.run(case.id)  # the same answer whenever it is asked
    assert (await Case.get(id=case.id)).version == 1
    share = sum(straight_through.is_sampled(each, PERCENT) for each in range(1, 20_001)) / 20_000
    assert 0.04 < share < 0.06


async def test_what_a_person_has_begun_stays_with_them(world: World) -> None:
    worker = await member(world, 1)
    case = await apply(world, worker, 1)
    await commands.take_up(number=case.number, actor=world.officer)
    await commands.straight_through.run(case.id)
    assert (await Case.get(id=case.id)).status == "in_review"
    await decide(case.number, world.officer, "return", 1, corrections=[flag("biz_kind")])
    await commands.straight_through.run(case.id)
    assert await database.scalar("SELECT COUNT(*) FROM straight_judgement") == 0


async def test_nothing_before_its_day_nor_at_a_window(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = await member(world, 1)
    form = card_form(world, 1, org_ref=ids.public(world.unit.id))
    window = await commands.file_at_window(slug=CARD, data=sent(form), actor=world.officer)
    await commands.straight_through.run((await Case.get(number=window)).id)
    switched_off(tmp_path, monkeypatch)
    case = await apply(world, worker, 1)
    await commands.straight_through.run(case.id)
    assert await database.scalar("SELECT COUNT(*) FROM straight_judgement") == 0
    flow = catalogue.flow(CARD)
    assert flow.straight_through is not None
    assert flow.straight_through.is_on(clock.today()) is False


async def test_a_refusal_of_the_decision_leaves_it_to_a_person(world: World) -> None:
    """The desk's union is gone: nothing is half done, and the reason is written down."""
    worker = await member(world, 1)
    case = await apply(world, worker, 1)
    await database.execute("UPDATE case_file SET desk_union_id = 77 WHERE id = %s", case.id)
    await commands.straight_through.run(case.id)
    assert (await Case.get(id=case.id)).status == "submitted"
    assert await judged(case) == ("left", [NotFound("union_not_found").detail])


DECIDED = "SELECT COUNT(*) FROM case_event WHERE case_id = %s AND action IN ('approve', 'reject')"


async def meet(world: World, worker: Actor) -> tuple[Case, Any]:
    """The worker, which has found it clean, and a clerk at the same case at the same moment."""
    case = await apply(world, worker, 1)
    by_rules = commands.straight_through.settle(case_id=case.id, version=1, first=Judged((), ()))
    by_clerk = decide(case.number, world.officer, "reject", 1, comment="不符合条件")
    answers = await asyncio.gather(by_rules, by_clerk, return_exceptions=True)
    return await Case.get(id=case.id), answers


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    async def twice(place: transitions.Place, action: CaseAction, actor: Actor) -> None:
        return None

    monkeypatch.setattr(transitions, "_guard", lambda version, while_in: ("", []))
    monkeypatch.setattr(transitions, "decided_once", twice)
    with without_lock():
        yield


@pytest.mark.race(is_control=True)
@pytest.mark.usefixtures("unguarded")
async def test_control_without_the_guard_both_decide(world: World) -> None:
    worker = await member(world, 1)
    counts = [await database.scalar(DECIDED, (await meet(world, worker))[0].id) for _ in range(20)]
    assert 2 in counts


@pytest.mark.race(control="test_control_without_the_guard_both_decide")
async def test_a_clerk_and_the_rules_at_once(world: World) -> None:
    worker = await member(world, 1)
    for _ in range(60):
        case, (by_rules, by_clerk) = await meet(world, worker)
        assert by_rules is None or by_rules.code == "already_decided"
        assert await database.scalar(DECIDED, case.id) == 1
        assert case.version == 2
        if by_clerk is None:
            assert case.status == "rejected"
        else:
            assert (case.status, by_clerk.code) == ("approved", "already_decided")
            assert by_clerk.extra["by"] == "系统自动办理"
        decided = 1 if case.status == "approved" else 0
        sql = "SELECT COUNT(*) FROM straight_judgement WHERE case_id = %s AND verdict = 'approved'"
        assert await database.scalar(sql, case.id) == decided


async def past(world: World) -> None:
    """Decided by people: two clean and approved, one of them given back first; one clean and refused; one not clean."""
    for sequence, how in enumerate(("approve", "return", "reject", "cancel"), start=1):
        worker = await member(world, sequence)
        biz = "cancel" if how == "cancel" else "loss"
        case = await apply(world, worker, sequence, biz_kind=biz)
        version = 1
        if how == "return":
            await decide(case.number, world.officer, "return", 1, corrections=[flag("biz_kind")])
            data = CorrectionsInput(form={"biz_kind": "unloss"}, version=2)
            await commands.correct(number=case.number, data=data, actor=worker)
            version = 3
        action = "reject" if how == "reject" else "approve"
        await decide(case.number, world.officer, action, version, comment="看过")


async def test_the_dry_run_over_past_cases(
    world: World, app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    switched_off(tmp_path, monkeypatch)
    await past(world)
    clock.advance(days=3)
    run = await queries.dry_run(CARD, world.manager, days=90)
    refused = await database.scalar("SELECT number FROM case_file WHERE flow = %s AND status = 'rejected'", CARD)
    assert (run.looked_at, run.clean, run.approved, run.refused) == (4, 3, 2, [refused])
    assert (len(run.returned), run.sampled, run.is_on, run.is_cut) == (1, 0, False, False)
    assert {rule.text: rule.failed for rule in run.rules}["申领、补证、挂失或解挂"] == 1
    assert (await queries.dry_run(CARD, world.manager, days=90, most=2)).is_cut is True
    assert (await queries.dry_run(CARD, world.far_clerk, days=90)).looked_at == 0
    assert (await queries.dry_run(CARD, world.manager, days=2)).looked_at == 0
    with pytest.raises(NotFound):
        await queries.dry_run("member-join", world.manager)
    async with await browse(app, world.manager) as desk:
        listed = (await desk.get("/desk/straight-through")).text
        assert "电子会员证与会员服务卡" in listed
        assert "未开启" in listed
        text = (await desk.get(f"/desk/straight-through/{CARD}?days=90")).text
        assert "规则会放过人工不通过的办件" in text
        assert refused in text
        assert (await desk.get(f"/api/v1/desk/straight-through/{CARD}")).json()["clean"] == 3
        assert (await desk.get(f"/api/v1/desk/straight-through/{CARD}?days=0")).status_code == 422
    assert await straight_run.show(CARD, 90) == 0
    printed = capsys.readouterr().out
    assert "cases decided by people in the last 90 days: 4" in printed
    assert f"refused: {refused}" in printed


async def test_what_it_did_lately(world: World) -> None:
    worker = await member(world, 1)
    clean, sampled = await apply(world, worker, 1), None
    await commands.straight_through.run(clean.id)
    sampled = await apply(world, worker, 1, sampled=True)
    await commands.straight_through.run(sampled.id)
    await decide(sampled.number, world.officer, "reject", 1, comment="不是会员证的事")
    line = (await queries.straight_list(world.manager)).items[0]
    assert (line.slug, line.is_on, line.approved, line.sampled, line.sampled_refused, line.left) == (
        CARD, True, 1, 1, 1, 0
    )  # fmt: skip
    assert (await queries.straight_list(world.far_clerk)).items[0].approved == 0
    assert (await queries.dry_run(CARD, SYSTEM)).looked_at == 1  # not what passed without a person


BROKEN = [
    ("  steps: [核对会籍]", "  steps: [没有这步]", "没有“没有这步”这个步骤"),
    ("  sample_percent: 5", "  sample_percent: 0", "抽查比例应在 1 到 100 之间"),
    ("predicate: applicant.running_alike == 0", "predicate: applicant.nothing == 0", "没有“applicant.nothing”这个事实"),
    ("role: officer, level: unit, days: 1,", "role: finance, level: unit, days: 1,", "要给钱的业务不能自动办理"),
    ("days: 1, when:", "days: 1, needs: [make-card], when:", "“核对会籍”要先办别的事，不能自动办理"),
]


@pytest.mark.parametrize(("old", "new", "problem"), BROKEN)
def test_what_flow_files_may_not_say(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in card_text()
    found = catalogue.check(folder(tmp_path / "x", member_card=card_text().replace(old, new)), SAMPLE_BINDINGS)
    assert any(problem in one for one in found), found


def test_no_service_that_pays_passes_without_a_person() -> None:
    for path in sorted((CONFIG_DIR / "catalogue").glob("[a-z]*.yaml")):
        text = path.read_text("utf-8")
        if "\nstraight_through:" in text:
            assert "record_due" not in text
            assert path.stem == CARD
