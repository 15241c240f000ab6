"""Applying, deciding and doing an outcome a second time."""

from datetime import date
from typing import Any

import msgspec

from backend.casework import catalogue, commands
from backend.casework.commands.outcomes import approved_case
from backend.casework.models import Case
from backend.casework.protocols import Question
from backend.casework.schemas import ActInput
from backend.core import clock, ids, national
from backend.core.actor import GUEST, Actor
from backend.core.command import command
from backend.membership import commands as members
from backend.membership.schemas import AdmittedMember, NewMember
from tests.casework.world import World, decide, person, sent


def id_no(sequence: int = 1) -> str:
    """Of women and men in turn, born in 1990."""
    return national.synthetic_id_no(date(1990, 3, 7), sequence)


async def member(world: World, sequence: int = 1, *, name: str = "王小测") -> AdmittedMember:
    applicant = NewMember(name=name, id_no=id_no(sequence), phone=f"154{sequence:08d}", employer="测试快运")
    return await members.admit(
        world.officer, applicant=applicant, union_id=world.unit.id, account_id=None, reference=f"R{sequence}"
    )


def form(world: World, sequence: int = 1, **more: Any) -> dict[str, Any]:
    who = {"real_name": "王小测", "id_no": id_no(sequence), "mobile": f"154{sequence:08d}"}
    return {**who, "org_ref": ids.public(world.unit.id), **more}


async def applied(world: World, slug: str, values: dict[str, Any], actor: Actor | None = None) -> str:
    return await commands.submit(slug=slug, data=sent(values), actor=actor or await person(world))


async def version(number: str) -> int:
    return (await Case.get(number=number)).version


async def approve(world: World, number: str) -> dict[str, Any]:
    """What the applicant reads of the outcome."""
    await decide(number, world.clerk, "approve", await version(number))
    return msgspec.json.decode((await Case.get(number=number)).outcome or "{}")


async def approved(world: World, slug: str, values: dict[str, Any], actor: Actor | None = None) -> dict[str, Any]:
    number = await applied(world, slug, values, actor)
    return {"number": number} | await approve(world, number)


async def act(number: str, action: str, actor: Actor, **values: Any) -> None:
    await commands.perform(number=number, action=action, data=ActInput(form=values), actor=actor)


async def again(world: World, number: str) -> dict[str, Any]:
    """The outcome of an approved case, done once more."""
    case = await Case.get(number=number)
    [spec] = catalogue.flow(case.flow).outcomes
    outcome = catalogue.bindings().outcomes[spec.kind]

    @command
    async def repeat() -> dict[str, Any]:
        return await outcome(approved_case(case, world.clerk), spec.params)

    return {"number": number, "text": spec.text} | await repeat()


def ask(**changes: Any) -> Question:
    asked: dict[str, Any] = {"flow": "x", "actor": GUEST, "today": clock.today(), "values": {}, "params": {}}
    return Question(**(asked | changes))
