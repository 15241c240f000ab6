"""Random lives of a pool against a plain model: the same claims, counts and refusals, nothing in between.

Two hundred in `make test`, twenty thousand in `make soak`.
"""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backend.allocation import commands, queries
from backend.core import clock, database
from backend.core.actor import SYSTEM
from backend.core.errors import AppError
from tests.allocation.samples import broken, pool_of
from tests.scale import sized

RUNS, MOST_MOVES = sized(200, 20_000), 25
NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)
OFFER = timedelta(minutes=60)


class Refused(Exception):
    """The code that the product answers with."""


class Held(msgspec.Struct):
    person: int
    state: str
    until: datetime = NOON


class Model:
    """What a pool is, in as many words."""

    def __init__(self, capacity: int, per_person: int) -> None:
        self.capacity, self.per_person = capacity, per_person
        self.claims: list[Held] = []
        self.queue: list[Held] = []
        self.bulk, self.state = 0, "open"

    @property
    def taken(self) -> int:
        return self.bulk + sum(one.state in ("held", "offered") for one in self.claims)

    def full(self, count: int = 1) -> bool:
        return bool(self.queue) or self.taken + count > self.capacity

    def _closed(self) -> None:
        if self.state != "open":
            raise Refused(f"pool_{self.state}")

    def _person_may(self, person: int) -> None:
        live = [one for one in self.claims if one.person == person and one.state in ("held", "offered", "waiting")]
        if len(live) >= self.per_person:
            raise Refused("already_claimed")

    def settle(self) -> None:
        while self.state == "open" and self.queue and self.taken < self.capacity:
            first = self.queue.pop(0)
            first.state, first.until = "offered", clock.now() + OFFER

    def claim(self, person: int) -> None:
        self._person_may(person)
        self._take(1)
        self.claims.append(Held(person, "held"))

    def _take(self, count: int) -> None:
        if self.full(count):
            raise Refused("sold_out")
        self._closed()

    def wait(self, person: int) -> None:
        self._person_may(person)
        self._closed()
        self.claims.append(Held(person, "waiting" if self.full() else "held"))
        if self.claims[-1].state == "waiting":
            self.queue.append(self.claims[-1])

    def release(self, one: Held) -> None:
        if one.state in ("held", "offered", "waiting"):
            one.state = "released"
            self.queue = [other for other in self.queue if other is not one]
            self.settle()

    def accept(self, one: Held) -> None:
        if one.state == "offered" and one.until > clock.now():
            one.state = "held"
        elif one.state != "held":
            raise Refused("place_offer_over")

    def decline(self, one: Held) -> None:
        if one.state == "offered":
            one.state = "declined"
            self.settle()
        elif one.state != "declined":
            raise Refused("place_offer_over")

    def lapse(self) -> None:
        for one in self.claims:
            if one.state == "offered" and one.until <= clock.now():
                one.state = "lapsed"
        self.settle()

    def change(self, capacity: int) -> None:
        if self.state == "closed":
            raise Refused("pool_closed")
        if capacity < self.taken:
            raise Refused("capacity_below_taken")
        self.capacity = capacity
        self.settle()

    def take_many(self, count: int) -> None:
        if count:
            self._take(count)
        self.bulk += count

    def give_back_many(self, count: int) -> None:
        self.bulk -= min(count, self.bulk)
        self.settle()

    def pause(self) -> None:
        self._move("paused")

    def resume(self) -> None:
        self._move("open")

    def close(self) -> None:
        self._move("closed")
        for one in self.queue:
            one.state = "lapsed"
        self.queue = []

    def _move(self, to: str) -> None:
        if self.state == "closed" and to != "closed":
            raise Refused("pool_closed")
        self.state = to
        self.settle()


class Life:
    """A pool and its model, moved together: a move is the method of its name here and there."""

    def __init__(self, pool_id: int, model: Model) -> None:
        self.pool_id, self.model = pool_id, model
        self.ids: list[int] = []
        self.history: list[tuple[Any, ...]] = []

    async def move(self, name: str, given: int) -> None:
        self.history.append((name, given))
        if name == "time":
            clock.advance(minutes=given * 15)
            return
        if name in ("release", "accept", "decline"):
            if not self.ids:
                return
            given %= len(self.ids)
            arguments: list[Any] = [self.model.claims[given]]
        else:
            arguments = [] if name in ("lapse", "pause", "resume", "close") else [given]
        expected = None
        bulk = self.model.bulk
        try:
            getattr(self.model, name)(*arguments)
        except Refused as refused:
            expected = str(refused)
        code = await refusal(getattr(self, name), min(given, bulk) if name == "give_back_many" else given)
        assert code == expected, self.history

    async def claim(self, person: int) -> None:
        made = await commands.claim(
            pool_id=self.pool_id, person_id=person, key=f"{self.pool_id}:{len(self.history)}", actor=SYSTEM
        )
        self.ids.append(made.id)

    async def wait(self, person: int) -> None:
        made = await commands.join_waiting(
            pool_id=self.pool_id, person_id=person, key=f"{self.pool_id}:{len(self.history)}", actor=SYSTEM
        )
        self.ids.append(made.id)
        assert made.position == (len(self.model.queue) if made.state.value == "waiting" else None)

    async def release(self, at: int) -> None:
        await commands.release(claim_id=self.ids[at], actor=SYSTEM)

    async def accept(self, at: int) -> None:
        person = self.model.claims[at].person
        await commands.accept_offer(claim_id=self.ids[at], person_id=person, actor=SYSTEM)

    async def decline(self, at: int) -> None:
        person = self.model.claims[at].person
        await commands.decline_offer(claim_id=self.ids[at], person_id=person, actor=SYSTEM)

    async def lapse(self, _: int) -> None:
        await commands.lapse_offers(clock.now())

    async def change(self, capacity: int) -> None:
        version = (await queries.figures(self.pool_id)).version
        await commands.change_capacity(SYSTEM, pool_id=self.pool_id, capacity=capacity, version=version)

    async def take_many(self, count: int) -> None:
        await commands.take_many(self.pool_id, count)

    async def give_back_many(self, count: int) -> None:
        await commands.give_back_many(self.pool_id, count)

    async def pause(self, _: int) -> None:
        await commands.pause(SYSTEM, pool_id=self.pool_id)

    async def resume(self, _: int) -> None:
        await commands.resume(SYSTEM, pool_id=self.pool_id)

    async def close(self, _: int) -> None:
        await commands.close_pool(SYSTEM, pool_id=self.pool_id)

    async def agree(self) -> None:
        model = self.model
        rows = await database.rows("SELECT id, state FROM place_claim WHERE pool_id = %s", self.pool_id)
        states = {row["id"]: row["state"] for row in rows}
        assert [states.pop(one) for one in self.ids] == [one.state for one in model.claims], self.history
        assert states == {}
        figures = await queries.figures(self.pool_id)
        assert (figures.capacity, figures.taken, figures.waiting, figures.state.value) == (
            model.capacity,
            model.taken,
            len(model.queue),
            model.state,
        ), self.history
        assert await queries.sold_out(self.pool_id) == model.full(), self.history


async def refusal(act: Callable[..., Coroutine[Any, Any, None]], given: int) -> str | None:
    try:
        await act(given)
    except AppError as error:
        return error.code
    return None


MOVES = {
    "claim": 5,
    "wait": 6,
    "release": 5,
    "accept": 3,
    "decline": 2,
    "lapse": 3,
    "time": 3,
    "change": 2,
    "take_many": 1,
    "give_back_many": 1,
    "pause": 1,
    "resume": 2,
    "close": 0,
}
often = st.sampled_from([name for name, count in MOVES.items() for _ in range(count)])
# Now and then each comes; the end comes seldom, because not much can happen after it.
moves = st.one_of(often, often, often, often, often, often, often, st.sampled_from(list(MOVES)))


@pytest.mark.slow
@pytest.mark.timeout(sized(300, 14_400))
@settings(
    max_examples=RUNS,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    capacity=st.integers(0, 4),
    per_person=st.integers(1, 2),
    taken=st.lists(st.tuples(moves, st.integers(0, 6)), min_size=5, max_size=MOST_MOVES),
)
async def test_a_pool_lives_like_its_model(
    db: None, freeze: object, capacity: int, per_person: int, taken: list[tuple[str, int]]
) -> None:
    clock.freeze(NOON)
    pool_id = await pool_of(capacity, per_person=per_person, waiting=True, offer_minutes=60)
    life = Life(pool_id, Model(capacity, per_person))
    for name, given_to_it in taken:
        await life.move(name, given_to_it)
        await life.agree()
    assert await broken() == []
