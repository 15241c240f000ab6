"""What a renewal begins with: the answers of the policy that it goes on from, which the address names."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from backend.aid import plan_files
from backend.aid import queries as aid
from backend.aid.schemas import PolicyFacts
from backend.casework import queries as casework
from backend.casework.protocols import Prefill, Prefilled
from backend.core import clock
from backend.core.actor import Actor

GIVEN = "renew"
SELF = "self"
Pick = Callable[[PolicyFacts, Actor], Awaitable[Any]]


def _of_last(pick: Pick) -> Prefill:
    """Nothing without a policy of one's own in the address, or once its plan is gone."""

    async def fill(actor: Actor, given: Mapping[str, str]) -> Prefilled | None:
        policy = await aid.renewable(given.get(GIVEN, ""), actor)
        if policy is None or plan_files.current().named(policy.plan) is None:
            return None
        value = await pick(policy, actor)
        return Prefilled(value, f"和上一份凭证 {policy.number} 一样") if value else None

    return fill


async def _plan(policy: PolicyFacts, actor: Actor) -> str:
    return policy.plan


async def _year(policy: PolicyFacts, actor: Actor) -> int:
    """The one in which the next policy begins."""
    return max(policy.ends_on + timedelta(days=1), clock.today()).year


async def _mode(policy: PolicyFacts, actor: Actor) -> str:
    return SELF


async def _shares(policy: PolicyFacts, actor: Actor) -> int:
    return policy.shares


def _of_form(name: str) -> Pick:
    """What the form said by which one enrolled oneself; whom a unit enrolled has no form."""

    async def pick(policy: PolicyFacts, actor: Actor) -> Any:
        if policy.account_id is None or policy.account_id != actor.account_id:
            return None
        return (await casework.record_by_id(policy.case_id)).content.values.get(name)

    return pick


PREFILLS: Mapping[str, Prefill] = {
    "renewal.plan": _of_last(_plan),
    "renewal.year": _of_last(_year),
    "renewal.mode": _of_last(_mode),
    "renewal.shares": _of_last(_shares),
    "renewal.pay_channel": _of_last(_of_form("pay_channel")),
    "renewal.beneficiary": _of_last(_of_form("beneficiary")),
}
