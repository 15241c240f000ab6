"""What follows what: one table from events to the functions that act on them.

A reaction is called at least once, so whatever it does has a key; that of a notice is the event's own.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from backend.casework import commands as case_commands
from backend.casework import events as casework
from backend.casework import queries as cases
from backend.casework.schemas import NoticeContext
from backend.core import national
from backend.core.actor import SYSTEM
from backend.core.outbox import topic_of
from backend.core.relay import Claimed
from backend.identity import queries as identity
from backend.membership import commands as members
from backend.membership import events as membership
from backend.membership import queries as roll
from backend.notifications import commands as notifications
from backend.notifications.enums import Notice
from backend.notifications.schemas import Recipient
from backend.unions import events as unions
from backend.web.pages import date_zh

# Given the event and its key; False when a part is done and there is more to do.
Reaction = Callable[[Any, str], Awaitable[bool]]


class UnknownEvent(Exception):
    """No table entry: emitted by a newer version of the web side than this worker."""


async def react(claimed: Claimed) -> bool:
    """Do all that follows from an event. False when it should be called again for the rest."""
    kind = _kind(claimed.topic)
    event = msgspec.json.decode(claimed.payload, type=kind)
    finished = [await reaction(event, claimed.key) for reaction in REACTIONS[kind]]
    return all(finished)


def _kind(topic: str) -> type[msgspec.Struct]:
    for kind in REACTIONS:
        if topic_of(kind) == topic:
            return kind
    raise UnknownEvent(topic)


def tell_applicant(notice: Notice) -> Reaction:
    async def tell(event: Any, key: str) -> bool:
        context = await cases.notice_context(event.case_id)
        applicant = await _applicant(context)
        await notifications.notify(notice, recipients=[applicant], values=_words(context), key=key)
        return True

    return tell


def tell_desk(notice: Notice) -> Reaction:
    async def tell(event: Any, key: str) -> bool:
        context = await cases.notice_context(event.case_id)
        recipients = [Recipient(account_id=account_id) for account_id in context.desk_accounts]
        await notifications.notify(notice, recipients=recipients, values=_words(context), key=key)
        return True

    return tell


async def _applicant(context: NoticeContext) -> Recipient:
    """With an account its own phone counts; the one in the form may be old or somebody else's."""
    if context.applicant_id is None:
        return Recipient(phone_sealed=context.phone_sealed or "", phone_context=context.phone_context)
    for phone in await identity.phones_of([context.applicant_id]):
        return Recipient(account_id=context.applicant_id, phone_sealed=phone.sealed, phone_context=phone.context)
    return Recipient(account_id=context.applicant_id)


def _words(context: NoticeContext) -> dict[str, str]:
    return {
        "number": context.number,
        "service": context.service_name,
        "desk": context.desk_name,
        "subject": national.mask_name(context.subject_name),
        "due_on": date_zh(context.due_on),
        "comment": context.comment.strip().rstrip("。.！!；;"),
    }


async def welcome(event: membership.MemberAdmitted, key: str) -> bool:
    member = await roll.facts(event.member_id)
    account_id = (await identity.accounts_of_members([event.member_id])).get(event.member_id)
    if member is not None and account_id is not None:
        values = {"union": member.union_name, "member_no": member.member_no}
        recipient = Recipient(account_id=account_id)
        await notifications.notify(Notice.MEMBER_ADMITTED, recipients=[recipient], values=values, key=key)
    return True


async def work_roll(event: membership.RollImportRequested, key: str) -> bool:
    return await members.import_chunk(event.import_id)


async def keep_members(event: unions.UnionDissolved, key: str) -> bool:
    return await members.keep_at_parent(SYSTEM, union_id=event.union_id, parent_id=event.parent_id, merged=event.merged)


async def admit_the_rest(event: casework.RosterApproved, key: str) -> bool:
    return await case_commands.go_on_with_roster(event.case_id, event.table)


async def remind_holder(event: casework.RecordNearEnd, key: str) -> bool:
    entry = await cases.near_end(event.entry_id)
    if entry is None:
        return True
    account_id = entry.account_id
    if account_id is None and entry.member_id is not None:
        account_id = (await identity.accounts_of_members([entry.member_id])).get(entry.member_id)
    if account_id is not None:
        values = {"record": entry.name, "number": entry.number, "until": date_zh(entry.valid_until)}
        recipient = Recipient(account_id=account_id)
        await notifications.notify(Notice.RECORD_NEAR_END, recipients=[recipient], values=values, key=key)
    return True


# Every event there is; an empty line says that nothing follows from it.
REACTIONS: dict[type[msgspec.Struct], tuple[Reaction, ...]] = {
    casework.CaseSubmitted: (tell_applicant(Notice.CASE_SUBMITTED),),
    casework.CaseReturned: (tell_applicant(Notice.CASE_RETURNED),),
    casework.CaseCorrected: (),
    casework.CaseApproved: (tell_applicant(Notice.CASE_APPROVED),),
    casework.CaseRejected: (tell_applicant(Notice.CASE_REJECTED),),
    casework.CaseHeld: (tell_applicant(Notice.CASE_HELD),),
    casework.CaseUrged: (tell_desk(Notice.CASE_URGED),),
    casework.CaseNearDue: (tell_desk(Notice.CASE_NEAR_DUE),),
    casework.CaseOverdue: (tell_desk(Notice.CASE_OVERDUE),),
    casework.RosterApproved: (admit_the_rest,),
    casework.RecordNearEnd: (remind_holder,),
    membership.MemberAdmitted: (welcome,),
    membership.MemberStatusChanged: (),
    membership.RollImportRequested: (work_roll,),
    membership.RollImportFinished: (),
    unions.UnionDissolved: (keep_members,),
}
