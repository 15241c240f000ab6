"""The cases of a world, one in every state, and what its staff and people did to them."""

from typing import TYPE_CHECKING

import msgspec

from backend.casework import commands as casework
from backend.casework.commands.outcomes import approved_case
from backend.casework.models import Case
from backend.casework.schemas import CorrectionsInput, DecisionInput, DraftInput, FieldComment, SubmitInput
from backend.core import clock, database
from backend.payments import commands as payments
from backend.payments.schemas import NewDue
from tests.factories.people import Somebody, join_form
from tests.factories.pictures import upload

if TYPE_CHECKING:
    from tests.factories.world import World

FLOW = "member-join"


async def live(world: "World") -> None:
    """Joinings of every outcome, a draft, a filing at the window, and sensitive values that staff opened."""
    person = await world.actor("person")
    photo = await upload(person)
    await file(world, "submitted", "person", world.person, files={"work_proof": [photo]})
    for state in ("in_review", "returned", "corrected", "on_hold", "rejected", "withdrawn", "town"):
        await file(world, state, "person", world.next_person(), at_unit=state != "town")
    await file(world, "approved", "member", world.member)
    await _desk_work(world)
    await _leave_behind(world)
    await casework.withdraw(number=world.cases["withdrawn"], actor=person)
    await casework.urge(number=world.cases["submitted"], actor=person)
    await _answer_return(world)
    form = join_form(world.next_person(), division=world.division)
    draft = DraftInput(form=form, attachments={"idcard": [await upload(person)]})
    await casework.save_draft(slug=FLOW, data=draft, actor=person)
    window = SubmitInput(form=join_form(world.next_person(), division=world.division, target_org=world.unit))
    desk = await world.actor("desk")
    world.cases["window"] = await casework.file_at_window(slug=FLOW, data=window, actor=desk)


async def file(
    world: "World",
    state: str,
    role: str,
    who: Somebody,
    *,
    at_unit: bool = True,
    files: dict[str, list[str]] | None = None,
) -> str:
    """Submit under the name of the state it will have; without a unit the town's desk gets it."""
    form = join_form(who, division=world.division, **({"target_org": world.unit} if at_unit else {}))
    data = SubmitInput(form=form, attachments=files or {})
    world.cases[state] = await casework.submit(slug=FLOW, data=data, actor=await world.actor(role))
    return world.cases[state]


async def version_of(number: str) -> int:
    return int(await database.scalar("SELECT version FROM case_file WHERE number = %s", number))


async def decide(world: "World", state: str, action: str, **more: object) -> None:
    number = world.cases[state]
    data = msgspec.convert({"action": action, "version": await version_of(number), **more}, DecisionInput)
    await casework.decide(number=number, data=data, actor=await world.actor("officer"))


async def _desk_work(world: "World") -> None:
    officer = await world.actor("officer")
    await casework.take_up(number=world.cases["in_review"], actor=officer)
    flagged = [FieldComment(field="employer", comment="请写平台全称"), FieldComment(field="id_no", comment="请核对")]
    for state in ("returned", "corrected"):
        await decide(world, state, "return", corrections=flagged)
    await decide(world, "on_hold", "hold", until=clock.today().replace(day=20), message="等平台的在职证明")
    await decide(world, "rejected", "reject", comment="不在本地工作")
    await decide(world, "approved", "approve", comment="材料齐全")
    for field in ("id_no", "mobile"):
        await casework.reveal_field(number=world.cases["submitted"], field=field, actor=officer)


async def _leave_behind(world: "World") -> None:
    """A register's entry and a granted amount, as services with such outcomes leave them."""
    officer = await world.actor("officer")
    case = await Case.get(number=world.cases["approved"])
    approved = approved_case(case, officer)
    entry = await casework.open_entry(
        officer, approved=approved, kind="card", name="会员服务卡", prefix="FK", months=12
    )
    world.note("record", entry.number)
    due = NewDue(
        case_id=case.id,
        case_number=case.number,
        programme="welcome",
        name="入会慰问",
        amount_fen=20_000,
        payee_name=case.subject_name,
        account_id=case.applicant_id,
        union_id=case.target_union_id,
    )
    await payments.record_due(officer, due=due)


async def _answer_return(world: "World") -> None:
    number = world.cases["corrected"]
    id_no = world.next_person().id_no
    data = CorrectionsInput(form={"employer": "测试快运有限公司", "id_no": id_no}, version=await version_of(number))
    await casework.correct(number=number, data=data, actor=await world.actor("person"))
