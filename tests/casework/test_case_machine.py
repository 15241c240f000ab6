"""Random lives of a case against a small model: the same states, the same refusals, nothing in between."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.casework import commands, queries
from backend.casework.commands import deadlines
from backend.casework.models import Case
from backend.casework.schemas import CorrectionsInput
from backend.core import clock, database, reference
from backend.core.actor import Actor
from backend.core.errors import AppError
from tests.casework.world import World, aid_form, decide, flag, person, sent

EXAMPLES, STEPS = 50, 20
DESK = ("approve", "reject", "return", "hold", "release")
OPEN = ("submitted", "in_review", "returned", "on_hold")
UNDECIDED = ("submitted", "in_review")

moves = st.one_of(
    # Mostly the clerk whose turn it is with the page of now; sometimes another, or an old page.
    st.tuples(
        st.sampled_from(DESK),
        st.sampled_from(["mine", "mine", "mine", "other", "stranger"]),
        st.sampled_from([0, 0, 0, 0, -1, 7]),
    ),
    st.tuples(st.sampled_from(["correct", "correct", "withdraw", "urge", "wake"]), st.just(""), st.just(0)),
    st.tuples(st.just("wait"), st.sampled_from(["hours", "days"]), st.integers(1, 30)),
)


class Model:
    """What a case is, in a few lines: no database, no actors, no forms."""

    def __init__(self, today: date) -> None:
        self.status = "submitted"
        self.step = 0
        self.round = 1
        self.version = 1
        self.due: date | None = reference.calendar().due_on(today, 5)
        self.left: int | None = None
        self.held_until: date | None = None
        self.urged: datetime | None = None
        self.history = ["submit"]

    def desk(self, action: str, who: str, shift: int) -> str | None:
        """The code of the refusal, None when it happens."""
        if who == "stranger":
            return "case_not_found"
        late = "already_decided" if self.settled() else "case_changed"
        if who == "other":
            return late if shift else "other_desk"
        needed = ("on_hold",) if action == "release" else UNDECIDED
        if shift or self.status not in needed:
            return late
        changes = {
            "approve": self.approve,
            "reject": self.reject,
            "return": self.give_back,
            "hold": self.hold,
            "release": self.release,
        }
        changes[action]()
        return self.done(action)

    def approve(self) -> None:
        if self.step == 0:
            self.step, self.status = 1, "in_review"
        else:
            self.status = "approved"
            self.stop()

    def reject(self) -> None:
        self.status = "rejected"
        self.stop()

    def give_back(self) -> None:
        self.status = "returned"
        self.stop()

    def hold(self) -> None:
        self.status, self.held_until = "on_hold", clock.today() + timedelta(days=3)
        self.stop()

    def release(self) -> None:
        self.status = "in_review"
        self.start()

    def stop(self) -> None:
        assert self.due is not None
        left = reference.calendar().workdays_between(clock.today(), self.due)
        self.left, self.due = (min(left, -1) if self.due < clock.today() else left), None

    def start(self) -> None:
        calendar, left = reference.calendar(), self.left or 0
        self.due = calendar.add_workdays(clock.today(), left) if left else calendar.next_workday(clock.today())
        self.left, self.held_until = None, None

    def correct(self) -> str | None:
        if self.status != "returned":
            return "already_decided" if self.settled() else "case_changed"
        self.status, self.round = "in_review", self.round + 1
        self.start()
        return self.done("correct")

    def withdraw(self) -> str | None:
        if self.status not in OPEN:
            return "already_decided"
        if self.due is not None:
            self.stop()
        self.status, self.held_until = "withdrawn", None
        return self.done("withdraw")

    def urge(self) -> str | None:
        if self.status not in UNDECIDED:
            return "not_at_desk"
        if self.urged is not None and clock.now() < self.urged + timedelta(hours=24):
            return "urged_already"
        self.urged = clock.now()
        self.history.append("urge")
        return None

    def wake(self) -> None:
        if self.status == "on_hold" and self.held_until is not None and self.held_until <= clock.today():
            self.release()
            self.done("release")

    def settled(self) -> bool:
        return any(one not in ("submit", "urge") for one in self.history)

    def done(self, action: str) -> None:
        self.version += 1
        self.history.append(action)


class Life:
    """One case and its model, moved together."""

    def __init__(self, world: World, owner: Actor, number: str) -> None:
        self.world, self.owner, self.number = world, owner, number
        self.model = Model(clock.today())
        self.corrections = 0

    async def move(self, name: str, who: str, amount: int) -> None:
        if name == "wait":
            clock.advance(**{who: amount})
            return
        if name in DESK:
            step, version = self.model.step, self.model.version + amount
            expected = self.model.desk(name, who, amount)
            code = await refusal(self.decide(name, who, version, step=step))
        elif name == "wake":
            self.model.wake()
            expected, code = None, await refusal(deadlines.wake_held(10))
        else:
            version = self.model.version
            expected = getattr(self.model, name)()
            code = await refusal(self.own(name, version))
        assert code == expected, (name, who, amount, self.model.history)

    async def decide(self, name: str, who: str, version: int, *, step: int) -> None:
        turn, other = (self.world.officer, self.world.clerk) if step == 0 else (self.world.clerk, self.world.officer)
        actor = {"mine": turn, "other": other, "stranger": self.world.far_clerk}[who]
        more: dict[str, Any] = {"comment": "原因"}
        if name == "return":
            more["corrections"] = [flag("reason", "请写清")]
        if name == "hold":
            more |= {"until": clock.today() + timedelta(days=3), "message": "等证明"}
        await decide(self.number, actor, name, version, **more)

    async def own(self, name: str, version: int) -> None:
        if name == "correct":
            self.corrections += 1
            data = CorrectionsInput(form={"reason": f"第{self.corrections}次"}, version=version)
            await commands.correct(number=self.number, data=data, actor=self.owner)
        else:
            act = commands.withdraw if name == "withdraw" else commands.urge
            await act(number=self.number, actor=self.owner)

    async def agree(self) -> None:
        model, case = self.model, await Case.get(number=self.number)
        assert (case.status, case.step_index, case.round, case.version) == (
            model.status,
            model.step,
            model.round,
            model.version,
        )
        assert (case.due_on, case.held_until) == (model.due, model.held_until)
        assert case.days_left == model.left
        events = await database.rows("SELECT action FROM case_event WHERE case_id = %s ORDER BY id", case.id)
        assert [row["action"] for row in events] == model.history
        view = await queries.own_case(self.number, self.owner)
        assert ("withdraw" in view.actions) == (model.status in OPEN)
        assert ("correct" in view.actions) == (model.status == "returned")
        decisions = [one for one in model.history if one in ("approve", "reject", "return")]
        assert await database.scalar("SELECT COUNT(*) FROM step_decision WHERE case_id = %s", case.id) == len(decisions)


async def refusal(call: Any) -> str | None:
    try:
        await call
    except AppError as error:
        return error.code
    return None


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(script=st.lists(moves, min_size=STEPS, max_size=STEPS))
async def test_a_case_lives_like_its_model(world: World, script: list[tuple[str, str, int]]) -> None:
    owner = await person(world)
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world)), actor=owner)
    life = Life(world, owner, number)
    for name, who, amount in script:
        await life.move(name, who, amount)
        await life.agree()
