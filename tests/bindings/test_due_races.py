"""A case that is approved by many at one instant grants its amount once; tests/payments/test_pay_races.py has the
guard off."""

from backend.core import database
from tests.allocation.samples import answers_of
from tests.bindings.acting import applied, form, version
from tests.casework.world import World, decide, person


async def test_a_case_approved_ten_times_at_once_is_paid_once(world: World) -> None:
    number = await applied(world, "temporary-aid", form(world, request_amount=150_000), await person(world))
    now = await version(number)
    answers = await answers_of(*(decide(number, world.clerk, "approve", now) for _ in range(10)))
    assert answers["ok"] >= 1
    [due] = await database.rows("SELECT amount_fen, state, source FROM payment_due")
    assert due == {"amount_fen": 150_000, "state": "waiting", "source": "case"}
