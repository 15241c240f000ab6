"""What follows from what happens to results of an appraisal."""

from typing import Any

from backend.grading import commands as grading_commands
from backend.grading import events as grading
from backend.grading import queries as grading_queries
from backend.notifications import commands as notifications
from backend.notifications.enums import Audience, Notice
from backend.notifications.schemas import Recipient
from backend.web.pages import date_zh
from workers.reactions.telling import TOLD_AT_ONCE


async def tell_of_grades(event: Any, key: str) -> bool:
    """All of a period, that their results are shown or final. The grade itself stands behind the sign-in."""
    told = await grading_queries.graded_accounts(event.period_id)
    words, published = await grading_queries.period_words(event.period_id), isinstance(event, grading.ResultsPublished)
    notice = Notice.GRADE_PUBLISHED if published else Notice.GRADE_PROPOSED
    values = {"year": words.year, "until": date_zh(words.until), "result": ""}
    for start in range(0, len(told), TOLD_AT_ONCE):
        to = [Recipient(account_id=account_id) for account_id in told[start : start + TOLD_AT_ONCE]]
        await notifications.notify(notice, Audience.MEMBER, recipients=to, values=values, key=key)
    return True


async def issue_certificates(event: grading.ResultsPublished, key: str) -> bool:
    return await grading_commands.issue_certificates(event.period_id)


async def tell_assessors(event: grading.SheetsWait, key: str) -> bool:
    await grading_commands.tell_assessors(event.period_id)
    return True


async def tell_withdrawn(event: grading.CandidateWithdrawn, key: str) -> bool:
    await grading_commands.tell_withdrawn(event.candidate_id)
    return True


async def tell_of_answer(event: grading.AppealAnswered, key: str) -> bool:
    answer = await grading_queries.answer_words(event.objection_id)
    if answer.account_id is not None:
        values = {"year": answer.year, "until": "", "result": answer.result}
        to = [Recipient(account_id=answer.account_id)]
        await notifications.notify(Notice.GRADE_ANSWERED, Audience.MEMBER, recipients=to, values=values, key=key)
    return True
