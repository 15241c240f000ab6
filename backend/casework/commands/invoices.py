"""Holding invoices for a case, so that no other one counts on them, and letting them go again."""

from backend.casework import invoices, judging
from backend.casework.flows import Flow
from backend.casework.models import Case
from backend.casework.protocols import Question
from backend.core import database, ids


async def hold(case: Case, flow: Flow, question: Question) -> None:
    """The first case that names an invoice has it. Where the flow refuses used ones, whoever comes a moment later
    is refused like somebody who comes a day later; where it only warns, a person looks.
    """
    taken = False
    for number in dict.fromkeys(invoices.numbers_of(question.values)):
        row = {"id": ids.new_id(), "number": number, "case_id": case.id}
        if not await database.insert_if_absent("case_invoice", row, key="number"):
            holder = await database.scalar("SELECT case_id FROM case_invoice WHERE number = %s", number)
            taken = taken or holder != case.id
    if taken:
        await judging.require_eligible(flow, await judging.gather(flow, question), question)


async def release(case_id: int) -> None:
    await database.execute("DELETE FROM case_invoice WHERE case_id = %s", case_id)
