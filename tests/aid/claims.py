"""Claims that go their whole way under the catalogue that ships."""

from datetime import datetime
from typing import Any

import msgspec

from backend.casework import commands
from backend.casework.models import Case
from backend.casework.schemas import ActInput, SubmitInput
from backend.core import clock, files, ids
from backend.core.actor import Actor
from tests.aid.samples import alone, enrolled, number
from tests.aid.test_policies import as_member
from tests.casework.world import World, decide, staff

CLAIM = "mutual-aid-claim"
CARD = "6222020000000000003"
_invoices = iter(range(10**7, 10**8))


class Office(msgspec.Struct, frozen=True):
    """Whoever has a say in a claim."""

    world: World
    treasurer: Actor
    leaders: tuple[Actor, Actor]

    @property
    def aid(self) -> Actor:
        return self.world.aid


async def opened(world: World) -> Office:
    first, second = [await staff(name, (world.county, "leader")) for name in ("孙小一", "孙小二")]
    return Office(world, await staff("钱小财", (world.county, "finance")), (first, second))


async def insured(office: Office) -> Actor:
    """A member with a policy from 10 March 2026 on, who waits until 8 April; then it is the 20th of May."""
    clock.freeze(datetime.fromisoformat("2026-03-10T09:00:00+08:00"))
    actor = await as_member(office.world)
    await enrolled(office.world, alone(office.world, 100, account_id=actor.account_id))
    clock.freeze(datetime.fromisoformat("2026-05-20T09:00:00+08:00"))
    return actor


def claim_form(**changes: Any) -> dict[str, Any]:
    """12,300 yuan of one's own."""
    return {
        "policy_no": "YLHZ2026-000001",
        "claim_kind": "hospital",
        "hospital": "测试医院",
        "admit_date": "2026-05-01",
        "discharge_date": "2026-05-10",
        "diagnosis": "测试诊断",
        "total_fee": "30000",
        "insurance_paid": "17700",
        "self_pay_fund": "12300",
        "invoices": [{"invoice_no": f"{next(_invoices)}", "date": "2026-05-10", "amount": "12300"}],
        "real_name": "王小测",
        "id_no": number(),
        "mobile": "15400000001",
        "account_name": "王小测",
        "bank_name": "测试银行",
        "bank_card": CARD,
    } | changes


async def claimed(actor: Actor, **changes: Any) -> str:
    photos = [ids.public((await _photo(actor)).id) for _ in range(3)]
    slots = ("invoice_photos", "settlement", "discharge_note")
    held = {slot: [photo] for slot, photo in zip(slots, photos, strict=True)}
    data = SubmitInput(form=claim_form(**changes), attachments=held)
    return await commands.submit(slug=CLAIM, data=data, actor=actor)


async def _photo(actor: Actor) -> Any:
    return await files.keep(b"a photo", name="照片.jpg", media_type="image/jpeg", owner_id=actor.account_id)


async def say(number: str, actor: Actor) -> None:
    await decide(number, actor, "approve", (await Case.get(number=number)).version)


async def to_calculation(office: Office, number: str) -> None:
    await say(number, office.world.officer)
    await say(number, office.world.clerk)


async def confirm(office: Office, number: str, **typed: Any) -> None:
    await commands.perform(number=number, action="calc-confirm", data=ActInput(form=typed), actor=office.aid)


async def to_the_end(office: Office, number: str, **typed: Any) -> dict[str, Any]:
    """What the applicant reads of the outcome."""
    await to_calculation(office, number)
    await confirm(office, number, **typed)
    await say(number, office.aid)
    await say(number, office.treasurer)
    return await outcome_of(number)


async def outcome_of(number: str) -> dict[str, Any]:
    case = await Case.get(number=number)
    assert case.status == "approved", case.status
    return msgspec.json.decode(case.outcome or "{}")
