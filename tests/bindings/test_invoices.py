"""An invoice counts for one case at a time: from its submission until it is withdrawn or rejected."""

import asyncio
from typing import Any

import pytest

from backend.casework import commands
from backend.casework.commands import invoices
from backend.casework.schemas import CorrectionsInput
from backend.core import database
from backend.core.errors import AppError, Invalid
from tests.bindings.acting import applied, form, version
from tests.casework.world import World, decide, flag, person, sent

BILL = [{"invoice_no": "A100"}]


async def held() -> list[str]:
    return [row["number"] for row in await database.rows("SELECT number FROM case_invoice ORDER BY number")]


async def claim(world: World, sequence: int = 1, bills: list[dict[str, str]] = BILL, actor: Any = None) -> str:
    return await applied(world, "mutual-aid-claim", form(world, sequence, invoices=bills), actor)


async def test_a_used_invoice_is_refused_with_the_services_sentence(world: World) -> None:
    await claim(world)
    with pytest.raises(Invalid) as refused:
        await claim(world, 2, [{"invoice_no": "a 100"}, {"invoice_no": "B"}])
    assert (refused.value.code, refused.value.detail) == ("used_invoice", "这张票据已经用在另一件申请里。")
    assert await held() == ["A100"]
    assert await database.scalar("SELECT COUNT(*) FROM case_file") == 1


async def test_it_is_free_again_after_withdrawing_and_after_a_rejection(world: World) -> None:
    actor = await person(world)
    first = await claim(world, actor=actor)
    await commands.withdraw(number=first, actor=actor)
    assert await held() == []
    second = await claim(world, 2)
    await decide(second, world.clerk, "reject", 1, comment="材料不符")
    assert await held() == []
    third = await claim(world, 3)
    await decide(third, world.clerk, "return", 1, corrections=[flag("invoices")])
    assert await held() == ["A100"]


async def test_a_correction_exchanges_invoices(world: World) -> None:
    await claim(world, 2, [{"invoice_no": "TAKEN"}])
    actor = await person(world)
    number = await claim(world, actor=actor)
    await decide(number, world.clerk, "return", 1, corrections=[flag("invoices")])

    async def correct(invoice: str) -> None:
        form = {"invoices": [{"invoice_no": invoice}]}
        data = CorrectionsInput(form=form, version=await version(number))
        await commands.correct(number=number, data=data, actor=actor)

    with pytest.raises(Invalid) as refused:
        await correct("TAKEN")
    assert refused.value.code == "used_invoice"
    assert await held() == ["A100", "TAKEN"]
    await correct("NEW")
    assert await held() == ["NEW", "TAKEN"]


@pytest.mark.race(control="test_without_the_guard_several_would")
async def test_of_ten_at_once_one_gets_the_invoice(world: World) -> None:
    assert await at_once(world) == (1, 9)
    assert await held() == ["A100"]


@pytest.mark.race(is_control=True)
async def test_without_the_guard_several_would(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the race above."""

    async def nothing(*_: Any) -> None:
        return None

    monkeypatch.setattr(invoices, "hold", nothing)
    won, _ = await at_once(world)
    assert won > 1


async def at_once(world: World) -> tuple[int, int]:
    people = [await person(world) for _ in range(10)]
    tries = (
        commands.submit(slug="mutual-aid-claim", data=sent(form(world, place, invoices=BILL)), actor=actor)
        for place, actor in enumerate(people, start=1)
    )
    answers = await asyncio.gather(*tries, return_exceptions=True)
    refused = [one for one in answers if isinstance(one, AppError) and one.code == "used_invoice"]
    return sum(isinstance(one, str) for one in answers), len(refused)
