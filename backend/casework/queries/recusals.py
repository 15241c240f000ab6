"""In which cases a member of staff has no say: their own, those of people close to them, those they asked to leave."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from backend.casework import rules
from backend.casework.enums import Recusal
from backend.casework.rules import Standing
from backend.casework.schemas import RecusalLine
from backend.core import clock, database
from backend.core.actor import Actor

_SELF = "self"
_WORDS = {
    Recusal.OWN: "这是您自己的事，要由别的同事来办。",
    Recusal.RELATIVE: "这一件里有您申报的亲属，要由别的同事来办。",
    Recusal.ASKED: "您已经申请回避这一件。",
}

# Whoever is named in the form or its tables, who sent it, and whose record it concerns. What was declared when the
# case came in goes on counting for it.
_CONCERNS = (
    "(r.ended_at IS NULL OR r.ended_at > c.submitted_at)"
    " AND (EXISTS (SELECT 1 FROM case_key k WHERE k.case_id = c.id AND k.key_index IN (r.id_no_index, r.phone_index))"
    " OR EXISTS (SELECT 1 FROM account a WHERE a.id = c.applicant_id AND a.phone_index = r.phone_index)"
    " OR EXISTS (SELECT 1 FROM member m WHERE m.id = c.member_id AND m.id_no_index = r.id_no_index))"
)
_NAMED = f"SELECT r.account_id, c.id AS case_id, r.relation AS why FROM relative r JOIN case_file c ON {_CONCERNS}"  # noqa: S608
_ASKED = "SELECT r.account_id, r.case_id, 'asked' AS why FROM case_recusal r"
# Whether an account, given twice, has no say in the case `c`: for a list that needs no reason and no query of its own.
RECUSED = (
    "(EXISTS (SELECT 1 FROM case_recusal r WHERE r.case_id = c.id AND r.account_id = %s)"  # noqa: S608
    f" OR EXISTS (SELECT 1 FROM relative r WHERE r.account_id = %s AND {_CONCERNS}))"
)


class _Found(msgspec.Struct):
    account_id: int
    case_id: int
    why: str


async def of(actor: Actor, case_ids: Sequence[int]) -> dict[int, Recusal]:
    """Case → why the actor has no say in it; one query, none for somebody who is no member of staff."""
    if not actor.is_staff:
        return {}
    return {case_id: why for (_, case_id), why in (await _recusals([actor.account_id], case_ids)).items()}


async def of_one(case_id: int, actor: Actor) -> Recusal | None:
    return (await of(actor, [case_id])).get(case_id)


async def free_of(case_id: int, account_ids: Collection[int]) -> list[int]:
    """Those of the accounts that have a say in the case."""
    recused = {account_id for account_id, _ in await _recusals(account_ids, [case_id])}
    return [account_id for account_id in account_ids if account_id not in recused]


async def _recusals(account_ids: Collection[int], case_ids: Collection[int]) -> dict[tuple[int, int], Recusal]:
    """The weightiest reason counts: what is one's own, then what one asked for, then a relative's."""
    if not account_ids or not case_ids:
        return {}
    marks, scope = ", ".join(["%s"] * len(account_ids)), ", ".join(["%s"] * len(case_ids))
    found = await database.views(
        _Found,
        f"{_NAMED} WHERE r.account_id IN ({marks}) AND c.id IN ({scope})"
        f" UNION ALL {_ASKED} WHERE r.account_id IN ({marks}) AND r.case_id IN ({scope})",
        *([*account_ids, *case_ids] * 2),
    )
    reasons: dict[tuple[int, int], set[str]] = {}
    for row in found:
        reasons.setdefault((row.account_id, row.case_id), set()).add(row.why)
    return {key: _weightiest(why) for key, why in reasons.items()}


def _weightiest(why: set[str]) -> Recusal:
    if _SELF in why:
        return Recusal.OWN
    return Recusal.ASKED if Recusal.ASKED.value in why else Recusal.RELATIVE


def words(standing: Standing, actor: Actor) -> str:
    """Why the reader of the case's page has no say; empty when they have one, or the case is not theirs anyway."""
    if rules.serving_post(actor, standing) is None or not rules.is_recused(actor, standing):
        return ""
    return _WORDS[standing.recusal or Recusal.OWN]


class _Line(msgspec.Struct):
    actor_label: str
    reason: str
    at: datetime


async def lines(case_id: int) -> list[RecusalLine]:
    """Who asked to have nothing to do with the case, the first first."""
    found = await database.views(
        _Line, "SELECT actor_label, reason, at FROM case_recusal WHERE case_id = %s ORDER BY id", case_id
    )
    return [RecusalLine(who=one.actor_label, reason=one.reason, at=clock.iso(one.at) or "") for one in found]
