"""Random lives of a case against a small model: the same states, the same refusals, nothing in between.

Two hundred in `make test`, twenty thousand in `make soak`.
"""

from collections.abc import Callable, Coroutine
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backend.casework import commands, queries
from backend.casework.catalogue import Catalogue, open_catalogue
from backend.casework.commands import batches, deadlines, deserted, messages
from backend.casework.schemas import (
    ActInput,
    AnswerInput,
    BatchInput,
    BatchItem,
    CorrectionsInput,
    QuestionInput,
    RecusalInput,
    ReopenInput,
)
from backend.core import clock, database, ids
from backend.core.actor import SYSTEM, Actor
from backend.core.errors import AppError
from backend.unions import commands as unions
from backend.unions import queries as union_queries
from backend.unions.models import Union
from backend.unions.schemas import CoverInput
from tests.casework.case_model import (
    ASKED,
    DEPUTY,
    HOLD_DAYS,
    OPEN,
    RESTING_FIELD,
    SETTLING,
    STAFF,
    TOWN,
    UNDECIDED,
    Desk,
    Model,
    Refused,
)
from tests.casework.samples import folder
from tests.casework.world import PAIR, SAMPLE_BINDINGS, World, aid_form, decide, flag, person, sent
from tests.scale import sized

RUNS, MOST_MOVES, MOVES_AFTER = sized(200, 20_000), 20, 2

LIFE = PAIR.replace("sample-pair", "sample-life").replace("days: 1,", f"days: 1, rests_on: [{RESTING_FIELD}],") + (
    "actions:\n"
    "  - {key: visit, name: 上门核实, by: [desk], fields: [{name: found, label: 情况, kind: text, required: true}]}\n"
)

# Mostly whoever's turn it is, with the page of now; sometimes the deputy, another, an old page, one that never was.
who = st.sampled_from(["turn"] * 6 + [DEPUTY] * 2 + list(STAFF))
shift = st.sampled_from([0] * 8 + [-1, 7])
absent = st.sampled_from(["clerk", "clerk", "officer"])
desk = st.sampled_from([STAFF["clerk"], STAFF["far_clerk"], ASKED])


class Move(NamedTuple):
    """What it is given, and how often it comes in its own time; now and then each comes out of it, too."""

    given: tuple[st.SearchStrategy[Any], ...] = ()
    often: int = 0
    when: Callable[[Model], bool] = lambda model: True


def at_desk(model: Model) -> bool:
    return model.status in UNDECIDED and model.batch is None


MOVES = {
    "wait": Move((st.sampled_from([{"minutes": 10}, {"hours": 9}, {"days": 1}, {"days": 3}, {"days": 31}]),), 1),
    "approve": Move((who, shift), 8, at_desk),
    "reject": Move((who, shift), 1, at_desk),
    "give_back": Move((who, shift, st.sampled_from(["reason", RESTING_FIELD])), 2, at_desk),
    "hold": Move((who, shift), 1, at_desk),
    "transfer": Move((who, desk), 2, at_desk),
    "recuse": Move((who, shift), 1, at_desk),
    "together": Move((who, shift, st.sampled_from(["approve", "approve", "reject"])), 2, at_desk),
    "ask": Move((who,), 1, at_desk),
    "look": Move((who,)),
    "visit": Move((who,)),
    "write": Move((who,)),
    "urge": Move(),
    "withdraw": Move(),
    "correct": Move((), 4, lambda model: model.status == "returned"),
    "release": Move((who, shift), 1, lambda model: model.status == "on_hold"),
    "wake": Move((), 2, lambda model: model.status == "on_hold"),
    "reopen": Move((who, shift), 3, lambda model: model.status == "rejected"),
    "answer": Move((), 2, lambda model: model.question == "open"),
    "undo": Move((), 1, lambda model: model.batch is not None),
    "run": Move((), 3, lambda model: model.batch is not None),
    "cover": Move((absent, st.integers(0, 5)), 1),
    "come_back": Move((absent,), 1, lambda model: model.away("clerk")),
    "move_unit": Move((), 1),
    "leave_or_return": Move((st.sampled_from(["officer", "clerk", "second_clerk"]),), 1),
    "sweep": Move((), 3, lambda model: model.desk not in model.held()),
}


def draw(data: st.DataObject, model: Model) -> tuple[str, list[Any]]:
    names = list(MOVES)
    if data.draw(st.integers(0, 3)):
        names = [name for name, move in MOVES.items() if move.when(model) for _ in range(move.often)]
    name = data.draw(st.sampled_from(names))
    return name, [data.draw(each) for each in MOVES[name].given]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory, kernel: None) -> Catalogue:
    return open_catalogue(_folder(tmp_path_factory.mktemp("config")), SAMPLE_BINDINGS)


def _folder(base: Path) -> Path:
    return folder(base, sample_life=LIFE)


class _Row(msgspec.Struct, kw_only=True):
    id: int
    status: str
    step_index: int
    round: int
    version: int
    desk_union_id: int
    desk_role: str
    due_on: date | None
    days_left: int | None
    held_until: date | None
    signed_by: int | None
    in_batch: bool
    open_questions: int


_ROW = (
    "SELECT id, status, step_index, round, version, desk_union_id, desk_role, due_on, days_left, held_until, signed_by,"
    " batch_id IS NOT NULL AS in_batch, open_questions FROM case_file"
)


class Life:
    """One case and its model, moved together: a move is the method of its name here and there."""

    def __init__(self, world: World, owner: Actor, number: str, model: Model) -> None:
        self.world, self.owner, self.number, self.model = world, owner, number, model
        self.batch, self.question, self.covers = "", ids.public(1), dict[str, str]()

    async def move(self, name: str, *given: Any) -> None:
        if name == "wait":
            clock.advance(**given[0])
            return
        if name == "undo" and not self.batch:
            return
        args = tuple(self.model.turn() if one == "turn" else one for one in given)
        version = self.model.version
        expected = None
        try:
            getattr(self.model, name)(*args)
        except Refused as refused:
            expected = refused.code
        code = await refusal(getattr(self, name), version, *args)
        assert code == expected, (name, args, self.model.history)

    async def actor(self, who: str) -> Actor:
        """As their next request finds them: with the tree and the covers of now."""
        found: Actor = getattr(self.world, who)
        posts = await union_queries.posts_of(found.account_id)
        return Actor(kind="staff", account_id=found.account_id, display=found.display, posts=posts)

    async def decide(self, who: str, action: str, version: int, **more: Any) -> None:
        await decide(self.number, await self.actor(who), action, version, **more)

    async def approve(self, version: int, who: str, shift: int) -> None:
        await self.decide(who, "approve", version + shift)

    async def reject(self, version: int, who: str, shift: int) -> None:
        await self.decide(who, "reject", version + shift, comment="原因")

    async def give_back(self, version: int, who: str, shift: int, field: str) -> None:
        await self.decide(who, "return", version + shift, corrections=[flag(field, "请写清")])

    async def hold(self, version: int, who: str, shift: int) -> None:
        until = clock.today() + timedelta(days=HOLD_DAYS)
        await self.decide(who, "hold", version + shift, until=until, message="等证明")

    async def release(self, version: int, who: str, shift: int) -> None:
        await self.decide(who, "release", version + shift)

    async def transfer(self, version: int, who: str, to: Desk) -> None:
        await self.decide(who, "transfer", version, to_union=self.union(to), role=to.role)

    async def recuse(self, version: int, who: str, shift: int) -> None:
        data = RecusalInput(reason="邻居", version=version + shift)
        await commands.recuse(number=self.number, data=data, actor=await self.actor(who))

    async def reopen(self, version: int, who: str, shift: int) -> None:
        data = ReopenInput(reason="核实", version=version + shift)
        await commands.reopen(number=self.number, data=data, actor=await self.actor(who))

    async def together(self, version: int, who: str, shift: int, action: str) -> None:
        cases = [BatchItem(number=self.number, version=version + shift)]
        data = BatchInput(action=action, cases=cases, comment="一起办")
        actor = await self.actor(who)
        batch = await batches.start(data=data, actor=actor)
        [row] = await database.rows("SELECT code, said FROM batch_case WHERE batch_id = %s", ids.parse(batch))
        if row["code"]:
            raise AppError(row["code"])
        self.batch = batch

    async def undo(self, version: int) -> None:
        assert self.model.last_batch is not None
        await batches.undo(batch=self.batch, actor=await self.actor(self.model.last_batch.who))

    async def run(self, version: int) -> None:
        if self.batch:
            await batches.run(ids.parse(self.batch) or 0)

    async def look(self, version: int, who: str) -> None:
        await commands.take_up(number=self.number, actor=await self.actor(who))

    async def visit(self, version: int, who: str) -> None:
        data = ActInput(form={"found": "属实"})
        await commands.perform(number=self.number, action="visit", data=data, actor=await self.actor(who))

    async def write(self, version: int, who: str) -> None:
        await messages.write_from_desk(number=self.number, text="请等等", actor=await self.actor(who))

    async def ask(self, version: int, who: str) -> None:
        data = QuestionInput(to_union=self.union(ASKED), role=ASKED.role, text="情况属实吗？")
        self.question = await commands.ask(number=self.number, data=data, actor=await self.actor(who))

    async def answer(self, version: int) -> None:
        data = AnswerInput(verdict="agree", text="属实")
        await commands.answer(question=self.question, data=data, actor=await self.actor("aid"))

    async def correct(self, version: int) -> None:
        new = {"reason": f"第{version}版", RESTING_FIELD: fee(large=self.model.large) + version}
        form = {name: value for name, value in new.items() if name == self.model.flagged}
        data = CorrectionsInput(form=form, version=version)
        await commands.correct(number=self.number, data=data, actor=self.owner)

    async def withdraw(self, version: int) -> None:
        await commands.withdraw(number=self.number, actor=self.owner)

    async def urge(self, version: int) -> None:
        await commands.urge(number=self.number, actor=self.owner)

    async def wake(self, version: int) -> None:
        await deadlines.wake_held(10)

    async def cover(self, version: int, absent: str, days: int) -> None:
        today = clock.today()
        away, deputy = (ids.public(getattr(self.world, one).account_id) for one in (absent, DEPUTY))
        data = CoverInput(absent=away, cover=deputy, from_on=today, until_on=today + timedelta(days=days))
        self.covers[absent] = await unions.name_cover(data=data, actor=self.world.manager)

    async def come_back(self, version: int, absent: str) -> None:
        await unions.end_cover(cover=self.covers.get(absent, ids.public(1)), actor=self.world.manager)

    async def move_unit(self, version: int) -> None:
        unit = await Union.get(id=self.world.unit.id)
        below = self.world.town if unit.parent_id == self.world.far_town.id else self.world.far_town
        await unions.move_union(ids.public(unit.id), ids.public(below.id), unit.version, SYSTEM)

    async def leave_or_return(self, version: int, who: str) -> None:
        account = ids.public(getattr(self.world, who).account_id)
        await unions.set_staff_enabled(account, enabled=who not in self.model.gone, actor=self.world.manager)

    async def sweep(self, version: int) -> None:
        await deserted.run(10)

    def union(self, desk: Desk) -> str:
        return ids.public(getattr(self.world, desk.union).id)

    async def agree(self) -> None:
        model = self.model
        row = await database.view(_Row, f"{_ROW} WHERE number = %s", self.number)
        assert row is not None
        expected = _Row(
            id=row.id,
            status=model.status,
            step_index=model.step,
            round=model.round,
            version=model.version,
            desk_union_id=getattr(self.world, model.desk.union).id,
            desk_role=model.desk.role,
            due_on=model.due,
            days_left=model.left,
            held_until=model.held_until,
            signed_by=getattr(self.world, model.signed).account_id if model.signed else None,
            in_batch=model.batch is not None,
            open_questions=int(model.question == "open"),
        )
        assert row == expected, model.history
        events = await database.rows("SELECT action FROM case_event WHERE case_id = %s ORDER BY id", row.id)
        assert [event["action"] for event in events] == model.history

    async def end(self) -> None:
        """What is offered is what would be done; and one decision for each that is told of."""
        model = self.model
        own = await queries.own_case(self.number, self.owner)
        assert ("withdraw" in own.actions, "correct" in own.actions) == (
            model.status in OPEN,
            model.status == "returned",
        )
        turn = model.turn()
        if model.serves(turn):
            may = (await queries.desk_case(self.number, await self.actor(turn))).may
            free = model.batch is None and turn not in model.recused and model.status in UNDECIDED
            assert ("approve" in may) == (free and (model.step != TOWN or model.signed != turn))
        told = [one for one in model.history if one in ("approve", "reject", "return")]
        assert await self.written("step_decision d JOIN case_file c ON c.id = d.case_id") == told
        on_record = await self.written("audit d JOIN case_file c ON c.id = d.object_id AND d.object_kind = 'case'")
        settling = SETTLING - {"transfer"}  # one that follows from something else is on record with that
        assert [one for one in on_record if one.removeprefix("case.") in settling] == [
            f"case.{one}" for one in model.history if one in settling
        ]

    async def written(self, rows: str) -> list[str]:
        """The actions of these rows `d` of the case `c`, in order."""
        found = await database.rows(
            f"SELECT d.action FROM {rows} WHERE c.number = %s ORDER BY d.id",
            self.number,
        )
        return [row["action"] for row in found]


async def refusal(act: Callable[..., Coroutine[Any, Any, None]], *args: Any) -> str | None:
    try:
        await act(*args)
    except AppError as error:
        return error.code
    return None


def fee(*, large: bool) -> int:
    return 200_000 if large else 90_000


async def begin(world: World, owner: Actor, *, large: bool) -> Life:
    """In a county that is as it was, on the same day: another run left its traces."""
    for table in ("case_file", "cover", "batch_case", "batch"):
        await database.execute(f"DELETE FROM {table}")
    clock.freeze(datetime.fromisoformat("2026-03-10T09:00:00+08:00"))
    await database.execute("UPDATE staff_post SET suspended = %s", False)
    await database.execute("UPDATE account SET state = 'active'")
    unit = await Union.get(id=world.unit.id)
    if unit.parent_id != world.town.id:
        await unions.move_union(ids.public(unit.id), ids.public(world.town.id), unit.version, SYSTEM)
    form = sent(aid_form(world, fee=fee(large=large)))
    number = await commands.submit(slug="sample-life", data=form, actor=owner)
    return Life(world, owner, number, Model(large=large))


@pytest.mark.slow
@pytest.mark.timeout(sized(300, 14_400))
@settings(
    max_examples=RUNS,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_a_case_lives_like_its_model(world: World, data: st.DataObject) -> None:
    life = await begin(world, await person(world), large=data.draw(st.booleans()))
    after = 0
    for _ in range(MOST_MOVES):
        name, given = draw(data, life.model)
        await life.move(name, *given)
        await life.agree()
        after += life.model.status in ("approved", "withdrawn")
        if after > MOVES_AFTER:
            break
    await life.end()
