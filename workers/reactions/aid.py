"""What follows from what happens to policies."""

from backend.aid import commands as fees
from backend.aid import events as aid_events
from backend.aid import queries as aid
from backend.bindings.aid_fees import due_of_returned
from backend.casework import events as casework_events
from backend.casework import queries as cases
from backend.casework.enums import CaseStatus
from backend.core import ids
from backend.core.actor import SYSTEM
from backend.identity import queries as identity
from backend.membership import queries as roll
from backend.notifications import commands as notifications
from backend.notifications.enums import Audience, Notice
from backend.notifications.schemas import Recipient
from backend.payments import commands as payments
from backend.web.pages import date_zh


async def remind_of_policy(event: aid_events.PolicyNearEnd, key: str) -> bool:
    """Whoever it is about, and otherwise whoever enrolled."""
    policy = await aid.policy_by_id(event.policy_id)
    if policy is None:
        return True
    members = await roll.ids_by_id_no([policy.person_index])
    account_id = next(iter((await identity.accounts_of_members(list(members.values()))).values()), policy.account_id)
    if account_id is not None:
        values = {"plan": policy.plan_name, "number": policy.number, "until": date_zh(policy.ends_on)}
        values["policy"] = ids.public(policy.id)
        to = [Recipient(account_id=account_id)]
        await notifications.notify(Notice.POLICY_NEAR_END, Audience.MEMBER, recipients=to, values=values, key=key)
    return True


async def give_fee_back(
    event: casework_events.CaseRejected | casework_events.CaseWithdrawn | casework_events.CaseMerged, key: str
) -> bool:
    """The fee that came in for a case which came to nothing is due to whoever paid it, once."""
    case = await cases.record_by_id(event.case_id)
    if case.status not in (CaseStatus.REJECTED, CaseStatus.WITHDRAWN):
        return True
    returned = await fees.return_fee(SYSTEM, case_id=case.id)
    if returned is not None:
        await payments.record_due(SYSTEM, due=await due_of_returned(case, returned))
    return True
