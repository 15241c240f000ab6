"""Many at once: few of them in the database at a time, and those who come too late told together.

Nothing here decides who gets a place. It keeps a rush from taking the connections that everybody else needs, and
answers from the marker, which is in the database, without the row that a rush is about.
"""

import asyncio
from asyncio import Future, Semaphore, Task
from weakref import WeakValueDictionary

import msgspec

from backend.allocation import fixed, queries
from backend.allocation.commands import places
from backend.allocation.refusals import AlreadyClaimed, SoldOut
from backend.allocation.schemas import Claim
from backend.core import database
from backend.core.command import in_command

# As many as keep a pool's row busy: it serves one at a time.
IN_FLIGHT = 12
TOGETHER = 250

_gates: WeakValueDictionary[int, Semaphore] = WeakValueDictionary()


class in_turn:
    """For a command that reserves and takes: few of a rush at a time, and none once this pool is sold out.

    Raises SoldOut or AlreadyClaimed by the marker; gives the claim that the key made before, where it is known.
    """

    __slots__ = ("_asked", "_gate")

    def __init__(self, *, pool_id: int, person_id: int, key: str) -> None:
        self._asked = (pool_id, person_id, key)
        self._gate: Semaphore | None = None

    async def __aenter__(self) -> Claim | None:
        # A command has a connection already: waiting with it would keep it from those before it.
        if in_command():
            return None
        pool_id = self._asked[0]
        if places.met_its_end(pool_id):
            known = await _told(*self._asked)
            if known is not None:
                return known
        gate = _gates.get(pool_id)
        if gate is None:
            gate = _gates[pool_id] = Semaphore(IN_FLIGHT)
        await gate.acquire()
        self._gate = gate
        if not places.met_its_end(pool_id):
            return None
        try:
            return await _told(*self._asked)
        except BaseException:
            gate.release()
            raise

    async def __aexit__(self, *_: object) -> None:
        if self._gate is not None:
            self._gate.release()


class _Asker(msgspec.Struct):
    person_id: int
    answer: "Future[list[_Found] | None]"


class _Found(msgspec.Struct, kw_only=True):
    """The pool's marker beside a claim of somebody who asks, or beside nothing."""

    id: int | None
    person_id: int | None
    key: str | None
    nth: int | None


_asking: dict[int, list[_Asker]] = {}
_answering: set[Task[None]] = set()


async def _told(pool_id: int, person_id: int, key: str) -> Claim | None:
    """None where places may be left. Whoever asks while an answer is on its way is answered by the next one."""
    asker = _Asker(person_id, asyncio.get_running_loop().create_future())
    waiting = _asking.get(pool_id)
    if waiting is None:
        _asking[pool_id] = [asker]
        task = asyncio.create_task(_answer(pool_id), name="places sold out")
        _answering.add(task)
        task.add_done_callback(_answering.discard)
    else:
        waiting.append(asker)
    found = await asker.answer
    if found is None:
        places.forget_its_end(pool_id)
        return None
    mine = next((one.id for one in found if one.key == key), None)
    if mine is not None:
        return await queries.claim(mine)
    live = sum(one.nth is not None for one in found)
    raise AlreadyClaimed() if live and live >= (await fixed.of(pool_id)).per_person else SoldOut()


async def _answer(pool_id: int) -> None:
    """Ask for as many as wait by one statement, until nobody does."""
    waiting: list[_Asker] = []
    try:
        while waiting := _asking[pool_id][:TOGETHER]:
            del _asking[pool_id][:TOGETHER]
            try:
                found = await _claims_beside_marker(pool_id, [one.person_id for one in waiting])
            except Exception as exc:
                _fail(waiting, exc)
            else:
                _tell(waiting, found)
    finally:
        for one in (*waiting, *_asking.pop(pool_id)):
            one.answer.cancel()  # where the process stops; an answer that was given stays


def _fail(waiting: list[_Asker], exc: Exception) -> None:
    for one in waiting:
        if not one.answer.done():
            one.answer.set_exception(exc)


def _tell(waiting: list[_Asker], found: dict[int, list[_Found]] | None) -> None:
    for one in waiting:
        if not one.answer.done():  # else its caller went away
            one.answer.set_result(None if found is None else found.get(one.person_id, []))


async def _claims_beside_marker(pool_id: int, people: list[int]) -> dict[int, list[_Found]] | None:
    """The claims of these people in a pool that is sold out; None when it is not."""
    marks = ", ".join(["%s"] * len(people))
    found = await database.views(
        _Found,
        "SELECT c.id, c.person_id, c.`key`, c.nth FROM pool_sold_out s LEFT JOIN place_claim c"  # noqa: S608
        f" ON c.pool_id = s.id AND c.person_id IN ({marks}) WHERE s.id = %s",
        *people,
        pool_id,
    )
    by_person: dict[int, list[_Found]] = {}
    for one in found:
        if one.person_id is not None:
            by_person.setdefault(one.person_id, []).append(one)
    return by_person if found else None
