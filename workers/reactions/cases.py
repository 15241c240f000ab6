"""What follows from what happens to a case: who is told, and what goes on by itself."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from backend.casework import commands as case_commands
from backend.casework import events as casework
from backend.casework import notices
from backend.casework import queries as cases
from backend.casework.enums import NoticeEvent
from backend.casework.schemas import Moment, NoticeContext
from backend.core import national
from backend.notifications import commands as notifications
from backend.notifications.enums import Audience, Channel, Notice
from backend.notifications.schemas import Recipient
from backend.web.pages import date_zh, provisional
from workers.reactions.telling import Reaction, recipients_of


def tell(event: NoticeEvent) -> Reaction:
    """Whom the case's own flow names for this event, over the channels it names."""

    async def told(happened: Any, key: str) -> bool:
        context = await cases.notice_context(msgspec.convert(happened, Moment, from_attributes=True))
        values = _words(context)
        for spec in cases.notices_of(context, event):
            channels = [notices.CHANNELS[name] for name in spec.channels]
            for audience in spec.to:
                recipients = await _RECIPIENTS[audience](context)
                await notifications.notify(
                    notices.notice_of(event),
                    audience,
                    recipients=recipients,
                    values=values,
                    key=key,
                    channels=channels,
                    union_id=context.desk_union_id,
                )
        return True

    return told


async def tell_of_act(happened: casework.CaseActed, key: str) -> bool:
    """Whom the action itself names, in its own name."""
    context = await cases.notice_context(msgspec.convert(happened, Moment, from_attributes=True))
    spec = cases.action_of(context, happened.action)
    for audience in spec.tells if spec is not None else ():
        to = await _RECIPIENTS[Audience(audience)](context)
        values = {**_words(context), "comment": spec.name if spec else ""}
        await notifications.notify(
            Notice.CASE_ACTED, Audience(audience), recipients=to, values=values, key=key, channels=[Channel.INBOX]
        )
    return True


async def tell_asked(event: casework.QuestionAsked, key: str) -> bool:
    context = await cases.notice_context(msgspec.convert(event, Moment, from_attributes=True))
    values, to = {**_words(context), "desk": event.by}, await _handlers(context)
    await notifications.notify(Notice.CASE_ASKED, Audience.HANDLER, recipients=to, values=values, key=key)
    return True


async def tell_unanswered(event: casework.QuestionOverdue, key: str) -> bool:
    """The desk that was asked, and whoever waits for it."""
    asked = Moment(case_id=event.case_id, union_id=event.union_id, role=event.role, due_on=event.due_on)
    context = await cases.notice_context(asked)
    values = {**_words(context), "desk": event.by}
    to = await recipients_of(list(dict.fromkeys([*context.handlers, event.asker_id])))
    await notifications.notify(Notice.CASE_UNANSWERED, Audience.HANDLER, recipients=to, values=values, key=key)
    return True


async def tell_answered(event: casework.QuestionAnswered, key: str) -> bool:
    """Whoever asked, wherever the case is now."""
    context = await cases.notice_context(Moment(case_id=event.case_id, event_id=event.event_id))
    values, to = {**_words(context), "desk": event.by}, await recipients_of([event.asker_id])
    await notifications.notify(Notice.CASE_ANSWERED, Audience.HANDLER, recipients=to, values=values, key=key)
    return True


async def tell_of_message(event: casework.MessageWritten, key: str) -> bool:
    """The other side, without the words: they may be about somebody's health."""
    context = await cases.notice_context(msgspec.convert(event, Moment, from_attributes=True))
    audience = Audience.APPLICANT if event.from_desk else Audience.HANDLER
    to, values = await _RECIPIENTS[audience](context), _words(context)
    channels = [Channel.INBOX]
    await notifications.notify(Notice.CASE_MESSAGE, audience, recipients=to, values=values, key=key, channels=channels)
    return True


async def _applicant(context: NoticeContext) -> list[Recipient]:
    """With an account its own phone counts; the one in the form may be old or somebody else's."""
    if context.applicant_id is None:
        return [Recipient(phone_sealed=context.phone_sealed or "", phone_context=context.phone_context)]
    return await recipients_of([context.applicant_id])


async def _handlers(context: NoticeContext) -> list[Recipient]:
    return await recipients_of(context.handlers)


async def _leaders(context: NoticeContext) -> list[Recipient]:
    return await recipients_of(context.leaders)


# Of the kinds that flow files may name; a case knows no members by themselves.
_RECIPIENTS: dict[Audience, Callable[[NoticeContext], Awaitable[list[Recipient]]]] = {
    Audience.APPLICANT: _applicant,
    Audience.HANDLER: _handlers,
    Audience.LEADER: _leaders,
}


def _words(context: NoticeContext) -> dict[str, str]:
    return {
        "number": context.number,
        "service": context.service_name,
        "desk": context.desk_name,
        "subject": national.mask_name(context.subject_name),
        "due_on": f"{date_zh(context.due_on)}{provisional(context.due_on)}",
        "until": date_zh(context.held_until),
        "comment": context.comment.strip().rstrip("。.！!；;"),
    }


async def admit_the_rest(event: casework.RosterApproved, key: str) -> bool:
    return await case_commands.go_on_with_roster(event.case_id, event.table)


async def decide_batch(event: casework.BatchDue, key: str) -> bool:
    return await case_commands.batches.run(event.batch_id)


async def pass_straight(event: casework.CaseSubmitted, key: str) -> bool:
    await case_commands.straight_through.run(event.case_id)
    return True


async def make_export(event: casework.ExportRequested, key: str) -> bool:
    return await case_commands.exports.run(event.export_id, event.attempt)


async def count_anew(event: Any, key: str) -> bool:
    await case_commands.tallies.mark(event.case_id)
    return True


async def count_reopened(event: casework.CaseReopened, key: str) -> bool:
    await case_commands.tallies.mark(event.case_id, also=event.decided_at)
    return True
