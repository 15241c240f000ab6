"""Lots: numbered entries, one draw, an order that anybody can compute again from what is published."""

import hashlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.allocation import commands, proof, queries
from backend.allocation.commands import AlreadyClaimed, draws
from backend.allocation.enums import ClaimState, DrawState
from backend.core import clock, database, ids
from backend.core.actor import SYSTEM
from backend.core.errors import Conflict, NotFound
from backend.home import doctor
from tests.allocation.samples import broken, claim, counted, draw_of, enter, states, wait

NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)
CLOSES = NOON + timedelta(hours=1)

seeds = st.binary(min_size=32, max_size=32).map(bytes.hex)
numbers = st.sets(st.integers(1, 200_000), max_size=40)


@pytest.fixture(autouse=True)
def noon(freeze: Callable[[str], datetime]) -> None:
    clock.freeze(NOON)


async def drawn(pool_id: int) -> list[int]:
    clock.freeze(CLOSES)
    await commands.draw(pool_id=pool_id, actor=SYSTEM)
    return [one.number for one in await queries.drawn_order(pool_id)]


# ---- the arithmetic ---------------------------------------------------------------


def test_a_known_seed_gives_a_known_order() -> None:
    """Written down once: whoever recomputes an old draw must find what was published then."""
    seed = "00" * 31 + "01"
    assert proof.commitment_of(seed) == "ec4916dd28fc4c10d78e287ca5d9cc51ee1ae73cbfde08c6b37324cbfaac8bc5"
    assert proof.order_of(seed, range(1, 9)) == [8, 7, 2, 1, 6, 3, 4, 5]


@given(seed=seeds, entered=numbers)
def test_an_order_has_everybody_once_and_does_not_depend_on_how_they_came(seed: str, entered: set[int]) -> None:
    order = proof.order_of(seed, entered)
    assert sorted(order) == sorted(entered)
    assert proof.order_of(seed, reversed(order)) == order


@given(seed=seeds, entered=numbers, more=numbers)
def test_who_else_takes_part_changes_nobodys_place_before_another(seed: str, entered: set[int], more: set[int]) -> None:
    among_more = [number for number in proof.order_of(seed, entered | more) if number in entered]
    assert among_more == proof.order_of(seed, entered)


@given(seed=seeds, other=seeds)
def test_another_seed_has_another_commitment(seed: str, other: str) -> None:
    assert (proof.commitment_of(seed) == proof.commitment_of(other)) is (seed == other)


def test_every_number_wins_as_often_as_every_other() -> None:
    """Four thousand draws of ten among forty: each wins about a thousand times. The seeds are counted up, so that the
    figure is the same in every run; 66 is about the 0.5 % bound of chi-square with 39 degrees of freedom."""
    draws_held, entries, places = 4_000, 40, 10
    won = Counter[int]()
    for number in range(draws_held):
        seed = hashlib.sha256(f"draw {number}".encode()).hexdigest()
        won.update(proof.order_of(seed, range(1, entries + 1))[:places])
    expected = draws_held * places / entries
    assert sorted(won) == list(range(1, entries + 1))
    assert sum((won[number] - expected) ** 2 / expected for number in won) < 66


def test_a_seed_is_chosen_anew_each_time() -> None:
    found = {proof.new_seed() for _ in range(100)}
    assert len(found) == 100
    assert {len(bytes.fromhex(seed)) for seed in found} == {32}


def published(**changes: Any) -> dict[str, Any]:
    seed, entered = "ab" * 32, range(1, 31)
    order = proof.order_of(seed, entered)
    commitment = proof.commitment_of(seed)
    entries = [{"number": number} for number in entered]
    told = {"seed": seed, "commitment": commitment, "places": 7, "entries": entries}
    return told | {"order": order, "winners": order[:7]} | changes


def said_of(told: dict[str, Any], folder: Path) -> list[str]:
    """By the program as it is published, in a Python that has nothing of ours."""
    (folder / "program.py").write_text(proof.PROGRAM)
    (folder / "draw.json").write_text(json.dumps(told))
    line = [sys.executable, "-I", "program.py", "draw.json"]
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_the_published_program_recomputes_a_draw(tmp_path: Path) -> None:
    assert said_of(published(), tmp_path) == ["commitment holds: True", "order holds: True", "winners hold: True"]


def test_the_published_program_finds_what_was_changed(tmp_path: Path) -> None:
    order = published()["order"]
    assert said_of(published(seed="ac" * 32), tmp_path) == [
        "commitment holds: False",
        "order holds: False",
        "winners hold: False",
    ]
    assert said_of(published(order=order[::-1]), tmp_path)[1] == "order holds: False"
    assert said_of(published(winners=order[1:8]), tmp_path)[2] == "winners hold: False"


# ---- entering ---------------------------------------------------------------------


async def test_entries_are_numbered_as_they_come(db: None) -> None:
    pool_id = await draw_of(2, CLOSES)
    found = [await enter(pool_id, person) for person in (7, 5, 9)]
    assert [(one.state, one.entry_no, one.rank, one.nth) for one in found] == [
        (ClaimState.ENTERED, number, None, 1) for number in (1, 2, 3)
    ]
    assert await queries.claim(found[1].id) == found[1]
    assert await queries.entry_of(5, pool_id) == found[1]
    assert await queries.entry_of(6, pool_id) is None
    assert await queries.entries_now(pool_id) == 3
    assert await counted(pool_id) == {"capacity": 2, "taken": 0, "bulk": 0, "waiters": 0}
    assert await broken() == []


async def test_the_same_key_is_the_same_entry_and_a_person_enters_once(db: None) -> None:
    pool_id = await draw_of(2, CLOSES)
    first = await enter(pool_id, 7, "k")
    assert await enter(pool_id, 7, "k") == first
    with pytest.raises(AlreadyClaimed):
        await enter(pool_id, 7, "again")
    assert (await queries.draw(pool_id)).entered == 1


async def test_so_many_entries_a_person(db: None) -> None:
    pool_id = await draw_of(2, CLOSES, per_person=2)
    assert [(await enter(pool_id, 7, key)).nth for key in ("a", "b")] == [1, 2]
    with pytest.raises(AlreadyClaimed):
        await enter(pool_id, 7, "c")
    assert len(await drawn(pool_id)) == 2


async def test_nobody_enters_before_the_beginning_or_after_the_end(db: None) -> None:
    pool_id = await draw_of(2, CLOSES, opens_at=NOON + timedelta(minutes=30))
    with pytest.raises(Conflict) as early:
        await enter(pool_id, 7)
    assert (early.value.code, "2026-03-10 12:30" in early.value.detail) == ("pool_not_open", True)
    clock.freeze(CLOSES - timedelta(seconds=1))
    await enter(pool_id, 7)
    for moment in (CLOSES, CLOSES + timedelta(days=1)):
        clock.freeze(moment)
        with pytest.raises(Conflict, match="entries_closed"):
            await enter(pool_id, 8)
    await commands.draw(pool_id=pool_id, actor=SYSTEM)
    with pytest.raises(Conflict, match="entries_closed"):
        await enter(pool_id, 8)
    assert await states(pool_id) == {7: "held"}


async def test_an_entry_is_given_back_and_its_number_is_not_given_again(db: None) -> None:
    pool_id = await draw_of(2, CLOSES)
    first = await enter(pool_id, 7)
    await enter(pool_id, 8)
    for _ in range(2):
        await commands.release(claim_id=first.id, actor=SYSTEM)
    assert await queries.entry_of(7, pool_id) is None
    assert (await enter(pool_id, 7, "again")).entry_no == 3
    assert sorted(await drawn(pool_id)) == [2, 3]
    assert await broken() == []


# ---- before and after the draw ----------------------------------------------------


async def test_the_seed_is_sealed_until_the_draw_and_its_hash_is_not(db: None) -> None:
    pool_id = await draw_of(2, CLOSES)
    before = await queries.draw(pool_id)
    assert (before.state, before.seed, len(before.commitment)) == (DrawState.OPEN, "", 64)
    assert await queries.drawn_order(pool_id) == []
    await enter(pool_id, 7)
    await drawn(pool_id)
    after = await queries.draw(pool_id)
    assert after.commitment == before.commitment == hashlib.sha256(bytes.fromhex(after.seed)).hexdigest()
    assert (after.state, after.entries, after.places, after.drawn_at) == (DrawState.DRAWN, 1, 2, CLOSES)
    sealed = await database.scalar("SELECT seed_sealed FROM pool_draw")
    assert after.seed not in sealed
    [row] = await database.rows("SELECT detail FROM audit WHERE action = 'draw.opened'")
    assert after.commitment in row["detail"]


async def test_it_is_not_drawn_before_entries_close(db: None) -> None:
    pool_id = await draw_of(2, CLOSES)
    await enter(pool_id, 7)
    clock.freeze(CLOSES - timedelta(seconds=1))
    with pytest.raises(Conflict, match="draw_too_early"):
        await commands.draw(pool_id=pool_id, actor=SYSTEM)
    assert (await queries.draw(pool_id)).seed == ""
    assert await states(pool_id) == {7: "entered"}


async def test_the_first_of_the_order_win_and_the_others_have_lost(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "TOGETHER", 3)  # so that one order needs several statements
    pool_id = await draw_of(4, CLOSES)
    for person in range(101, 112):
        await enter(pool_id, person)
    order = await drawn(pool_id)
    seed = (await queries.draw(pool_id)).seed
    assert order == proof.order_of(seed, range(1, 12))
    expected = {100 + number: "held" if rank < 4 else "lost" for rank, number in enumerate(order)}
    assert await states(pool_id) == expected
    lost = await queries.entry_of(100 + order[4], pool_id)
    assert lost is not None
    assert (lost.state, lost.entry_no, lost.rank, lost.nth) == (ClaimState.LOST, order[4], 5, None)
    assert await counted(pool_id) == {"capacity": 4, "taken": 4, "bulk": 0, "waiters": 0}
    assert await queries.sold_out(pool_id)
    assert await broken() == []
    assert await doctor._worked_out() == []


async def test_drawing_again_changes_nothing(db: None) -> None:
    pool_id = await draw_of(2, CLOSES)
    for person in range(5):
        await enter(pool_id, person)
    await drawn(pool_id)
    before, order = await queries.draw(pool_id), await queries.drawn_order(pool_id)
    clock.advance(hours=1)
    assert await commands.draw(pool_id=pool_id, actor=SYSTEM) == before
    assert await queries.drawn_order(pool_id) == order
    assert await database.scalar("SELECT COUNT(*) FROM audit WHERE action = 'draw.drawn'") == 1


@pytest.mark.parametrize("people", [0, 2, 3])
async def test_whoever_takes_part_wins_where_there_is_room(db: None, people: int) -> None:
    pool_id = await draw_of(3, CLOSES)
    for person in range(people):
        await enter(pool_id, person)
    assert sorted(await drawn(pool_id)) == list(range(1, people + 1))
    assert await states(pool_id) == dict.fromkeys(range(people), "held")
    assert await queries.sold_out(pool_id) is (people == 3)
    assert await broken() == []


async def test_the_others_wait_in_the_drawn_order_and_are_offered_what_comes_back(db: None) -> None:
    pool_id = await draw_of(2, CLOSES, waiting=True, offer_minutes=60)
    for person in range(101, 107):
        await enter(pool_id, person)
    order = [100 + number for number in await drawn(pool_id)]
    assert await counted(pool_id) == {"capacity": 2, "taken": 2, "bulk": 0, "waiters": 4}
    waiting = [await queries.entry_of(person, pool_id) for person in order[2:]]
    assert [(one.position, one.rank) for one in waiting if one] == [(1, 3), (2, 4), (3, 5), (4, 6)]
    late = await wait(pool_id, 200)
    assert (late.state, late.position) == (ClaimState.WAITING, 5)
    winner = await queries.entry_of(order[0], pool_id)
    assert winner is not None
    await commands.release(claim_id=winner.id, actor=SYSTEM)
    offered = await queries.entry_of(order[2], pool_id)
    assert offered is not None
    assert offered.state is ClaimState.OFFERED
    await commands.accept_offer(claim_id=offered.id, person_id=order[2], actor=SYSTEM)
    assert await broken() == []
    assert await doctor._worked_out() == []


async def test_no_place_is_taken_past_the_draw(db: None) -> None:
    pool_id = await draw_of(2, CLOSES, waiting=True)
    for attempt in (
        claim(pool_id, 1),
        wait(pool_id, 1),
        commands.take_many(pool_id, 1),
        commands.pause(SYSTEM, pool_id=pool_id),
        commands.resume(SYSTEM, pool_id=pool_id),
    ):
        with pytest.raises(Conflict, match="pool_draws_lots"):
            await attempt
    assert await states(pool_id) == {}


async def test_a_pool_that_is_closed_before_is_never_drawn(db: None) -> None:
    pool_id = await draw_of(2, CLOSES)
    await enter(pool_id, 7)
    await commands.close_pool(SYSTEM, pool_id=pool_id)
    assert await states(pool_id) == {7: "lapsed"}
    with pytest.raises(Conflict, match="entries_closed"):
        await enter(pool_id, 8)
    clock.freeze(CLOSES)
    with pytest.raises(Conflict, match="pool_closed"):
        await commands.draw(pool_id=pool_id, actor=SYSTEM)
    assert ((await queries.draw(pool_id)).state, (await queries.draw(pool_id)).seed) == (DrawState.CANCELLED, "")
    assert await broken() == []


async def test_more_places_before_the_draw_are_drawn_too(db: None) -> None:
    pool_id = await draw_of(1, CLOSES)
    for person in range(4):
        await enter(pool_id, person)
    await commands.change_capacity(SYSTEM, pool_id=pool_id, capacity=3, version=1)
    await drawn(pool_id)
    assert sorted((await states(pool_id)).values()) == ["held", "held", "held", "lost"]
    assert (await queries.draw(pool_id)).places == 3
    assert await broken() == []


async def test_the_same_draw_is_opened_once(db: None) -> None:
    pool_id = await draw_of(1, CLOSES, key="spring")
    commitment = (await queries.draw(pool_id)).commitment
    assert await draw_of(9, CLOSES, key="spring") == pool_id
    assert (await queries.draw(pool_id)).commitment == commitment


async def test_what_is_not_drawn(db: None) -> None:
    for attempt in (commands.draw(pool_id=ids.new_id(), actor=SYSTEM), enter(ids.new_id(), 1), queries.draw(1)):
        with pytest.raises(NotFound):
            await attempt


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE place_claim SET queue_no = 7 - queue_no",
        "UPDATE place_claim SET queue_no = queue_no + 1",
        "UPDATE place_claim SET state = 'lost', nth = NULL WHERE queue_no = 1",
        "UPDATE pool_draw SET seed = '00'",
        "UPDATE pool_draw SET entries = entries + 1",
        "DELETE FROM place_claim WHERE queue_no = 6",
    ],
)
async def test_the_doctor_recomputes_every_draw(db: None, change: str) -> None:
    pool_id = await draw_of(2, CLOSES, key="spring")
    for person in range(6):
        await enter(pool_id, person)
    await drawn(pool_id)
    assert await doctor._worked_out() == []
    await database.execute(change)
    [found] = await doctor._worked_out()
    assert (found.check, found.examples) == ("a draw cannot be recomputed from its seed", ["spring"])
