"""What notices about grades say, and to whom. The grade itself is not among it."""

from datetime import date

import msgspec

from backend.core import database
from backend.grading.enums import OBJECTION_TEXT, ObjectionState
from backend.grading.queries import results
from backend.grading.queries import rounds as reading
from backend.identity import queries as identity


class PeriodWords(msgspec.Struct, frozen=True):
    year: str
    until: date | None


class AnswerWords(msgspec.Struct, frozen=True):
    account_id: int | None
    year: str
    result: str


async def period_words(period_id: int) -> PeriodWords:
    period = await reading.by_id(period_id)
    return PeriodWords(str(period.year), period.objections_until)


async def graded_accounts(period_id: int) -> list[int]:
    """Of everybody with a result in the period: the account that applied, else that of their record."""
    graded = await results.frozen(period_id)
    rows = [row for row in await reading.candidates_of(period_id) if row.id in graded]
    without = [row.member_id for row in rows if row.account_id is None and row.member_id is not None]
    bound = await identity.accounts_of_members(without)
    found = [row.account_id or bound.get(row.member_id or 0) for row in rows]
    return [account for account in dict.fromkeys(found) if account is not None]


async def answer_words(objection_id: int) -> AnswerWords:
    [row] = await database.rows(
        "SELECT c.account_id, c.member_id, c.year, o.state FROM grading_objection o"
        " JOIN grading_candidate c ON c.id = o.candidate_id WHERE o.id = %s",
        objection_id,
    )
    account = row["account_id"]
    if account is None and row["member_id"] is not None:
        account = (await identity.accounts_of_members([row["member_id"]])).get(row["member_id"])
    return AnswerWords(account, str(row["year"]), OBJECTION_TEXT[ObjectionState(row["state"])])
