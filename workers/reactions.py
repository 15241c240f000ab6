"""What follows what: one table from events to the functions that act on them.

A reaction is called at least once, so whatever it does has a key; that of a notice is the event's own.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from backend.aid import events as aid_events
from backend.aid import queries as aid
from backend.allocation import events as allocation
from backend.casework import commands as case_commands
from backend.casework import events as casework
from backend.casework import notices
from backend.casework import queries as cases
from backend.casework.enums import NoticeEvent, ProxyState
from backend.casework.schemas import Moment, NoticeContext, ProxyNotice
from backend.core import ids, national, reference
from backend.core.actor import SYSTEM
from backend.core.money import yuan
from backend.core.outbox import topic_of
from backend.core.relay import Claimed
from backend.core.reveal import Purpose, reveal_to_system
from backend.grading import commands as grading_commands
from backend.grading import events as grading
from backend.grading import queries as grading_queries
from backend.identity import events as accounts
from backend.identity import queries as identity
from backend.mall import events as mall_events
from backend.mall import queries as mall
from backend.membership import commands as members
from backend.membership import events as membership
from backend.membership import queries as roll
from backend.notifications import commands as notifications
from backend.notifications import events as notification_events
from backend.notifications.enums import Audience, Channel, Notice
from backend.notifications.schemas import Recipient
from backend.payments import events as payment_events
from backend.payments import queries as payments
from backend.payments.enums import ItemState
from backend.payments.run_schemas import Told
from backend.unions import events as unions
from backend.unions import queries as union_queries
from backend.vouchers import commands as vouchers
from backend.vouchers import events as voucher_events
from backend.vouchers import queries as voucher_queries
from backend.vouchers.enums import CampaignKind, CampaignMode
from backend.web.pages import date_zh, provisional

TOLD_AT_ONCE = 500  # members in one statement

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
    to = await _accounts(list(dict.fromkeys([*context.handlers, event.asker_id])))
    await notifications.notify(Notice.CASE_UNANSWERED, Audience.HANDLER, recipients=to, values=values, key=key)
    return True


async def tell_answered(event: casework.QuestionAnswered, key: str) -> bool:
    """Whoever asked, wherever the case is now."""
    context = await cases.notice_context(Moment(case_id=event.case_id, event_id=event.event_id))
    values, to = {**_words(context), "desk": event.by}, await _accounts([event.asker_id])
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
    return await _accounts([context.applicant_id])


async def _handlers(context: NoticeContext) -> list[Recipient]:
    return await _accounts(context.handlers)


async def _leaders(context: NoticeContext) -> list[Recipient]:
    return await _accounts(context.leaders)


async def _accounts(account_ids: Sequence[int]) -> list[Recipient]:
    phones = {phone.account_id: phone for phone in await identity.phones_of(account_ids)}
    return [
        Recipient(account_id=account_id, phone_sealed=phone.sealed, phone_context=phone.context)
        if (phone := phones.get(account_id)) is not None
        else Recipient(account_id=account_id)
        for account_id in account_ids
    ]


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


async def welcome(event: membership.MemberAdmitted, key: str) -> bool:
    member = await roll.facts(event.member_id)
    account_id = (await identity.accounts_of_members([event.member_id])).get(event.member_id)
    if member is not None and account_id is not None:
        values = {"union": member.union_name, "member_no": member.member_no}
        to = [Recipient(account_id=account_id)]
        await notifications.notify(Notice.MEMBER_ADMITTED, Audience.MEMBER, recipients=to, values=values, key=key)
    return True


async def bring_cases(event: accounts.AccountBound, key: str) -> bool:
    index = await roll.id_no_index(event.member_id)
    if index is not None:
        await case_commands.belong_to_member(
            member_id=event.member_id, id_no_index=index, account_id=event.account_id, came_from=event.came_from
        )
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
        to = [Recipient(account_id=account_id)]
        await notifications.notify(Notice.RECORD_NEAR_END, Audience.MEMBER, recipients=to, values=values, key=key)
    return True


async def remind_of_policy(event: aid_events.PolicyNearEnd, key: str) -> bool:
    """Whoever it is about, and otherwise whoever enrolled."""
    policy = await aid.policy_by_id(event.policy_id)
    if policy is None:
        return True
    members = await roll.ids_by_id_no([policy.person_index])
    account_id = next(iter((await identity.accounts_of_members(list(members.values()))).values()), policy.account_id)
    if account_id is not None:
        values = {"plan": policy.plan_name, "number": policy.number, "until": date_zh(policy.ends_on)}
        to = [Recipient(account_id=account_id)]
        await notifications.notify(Notice.POLICY_NEAR_END, Audience.MEMBER, recipients=to, values=values, key=key)
    return True


async def tell_of_offers(event: casework.OffersMade, key: str) -> bool:
    spec = cases.offer_rule(event.flow, event.rule)
    told = await cases.offered_accounts(event.flow, event.rule, event.period, event.first_id, event.last_id)
    if spec is not None and told:
        values = {"offer": spec.name, "why": spec.text, "slug": event.flow, "rule": event.rule}
        values["until"] = date_zh(event.closes_on)
        # Made of rule and period and not of the event: two workers may have written the same range.
        once = f"{event.flow}:{event.rule}:{event.period}"
        to = [Recipient(account_id=account_id) for account_id in told]
        await notifications.notify(Notice.OFFER_MADE, Audience.MEMBER, recipients=to, values=values, key=once)
    return True


async def ask_other(event: casework.ProxyAsked, key: str) -> bool:
    """Over the phone that was named, and into the inbox where it has an account."""
    filing = await cases.proxy_notice(event.filing_id)
    if filing is None or filing.state != ProxyState.WAITING:
        return True
    phone = reveal_to_system(filing.phone_sealed, context=filing.phone_context, purpose=Purpose.DELIVERY)
    user = await identity.account_of_phone(phone)
    to = Recipient(
        account_id=user[0] if user else None, phone_sealed=filing.phone_sealed, phone_context=filing.phone_context
    )
    values = _words_of_filing(filing) | {"until": date_zh(filing.expires_at)}
    # There is no case yet, so no desk: the county sees to what reaches nobody.
    county = await union_queries.resolve_by_division(reference.settings().county_division)
    await notifications.notify(
        Notice.PROXY_ASKED,
        Audience.MEMBER,
        recipients=[to],
        values=values,
        key=key,
        union_id=county.id if county else None,
    )
    return True


async def tell_filer(event: casework.ProxyAnswered, key: str) -> bool:
    filing = await cases.proxy_notice(event.filing_id)
    if filing is not None:
        values = _words_of_filing(filing) | {"answer": cases.ANSWER_TEXT[ProxyState(filing.state)]}
        to = [Recipient(account_id=filing.filer_id)]
        await notifications.notify(Notice.PROXY_ANSWERED, Audience.MEMBER, recipients=to, values=values, key=key)
    return True


def _words_of_filing(filing: ProxyNotice) -> dict[str, str]:
    return {
        # Of somebody who is no member it is the masked phone already.
        "filer": filing.filer_label if "*" in filing.filer_label else national.mask_name(filing.filer_label),
        "subject": national.mask_name(filing.subject_name),
        "service": cases.item(filing.flow).name,
        "filing": ids.public(filing.id),
        "site": reference.settings().base_url,
        "until": "",
        "answer": "",
    }


async def refuse_campaign(event: Any, key: str) -> bool:
    """The plan of a campaign was refused or withdrawn; of another case there is none."""
    await vouchers.refuse(case_id=event.case_id)
    return True


async def hand_out(event: voucher_events.DistributionStarted, key: str) -> bool:
    return await vouchers.run(event.distribution_id)


async def give_welcome(event: membership.MemberAdmitted, key: str) -> bool:
    for campaign_id in await vouchers.welcome(event.member_id):
        await _tell_of_vouchers(campaign_id, [event.member_id])
    return True


async def tell_owners(event: voucher_events.VouchersIssued, key: str) -> bool:
    """All of one part."""
    await _tell_of_vouchers(event.campaign_id, await voucher_queries.members_of_part(event.distribution_id, event.part))
    return True


async def _tell_of_vouchers(campaign_id: int, owners: Sequence[int]) -> None:
    """The key is the campaign's, so that nobody is told twice."""
    campaign = await voucher_queries.campaign_words(campaign_id)
    is_gift = campaign.kind is CampaignKind.GIFT
    notice = Notice.DRAW_WON if campaign.mode is CampaignMode.LOTTERY else Notice.VOUCHER_ISSUED
    values = {
        "campaign": campaign.name,
        "worth": "凭券领取礼包" if is_gift else f"面额 {yuan(campaign.face_value_fen)} 元",
        "until": date_zh(campaign.valid_until),
    }
    for start in range(0, len(owners), TOLD_AT_ONCE):
        some = owners[start : start + TOLD_AT_ONCE]
        await notifications.notify_many(notice, Audience.MEMBER, members=some, values=values, key=str(campaign_id))


async def tell_losers(event: voucher_events.EntriesLost, key: str) -> bool:
    """All on these ranks. The key is the campaign's, so that nobody is told twice."""
    draw = await voucher_queries.public_draw_words(event.campaign_id)
    losers = await voucher_queries.losers(event.draw_id, after=event.after, until=event.until)
    for start in range(0, len(losers), TOLD_AT_ONCE):
        some = losers[start : start + TOLD_AT_ONCE]
        await notifications.notify_many(
            Notice.DRAW_LOST, Audience.MEMBER, members=some, values=draw, key=str(event.campaign_id)
        )
    return True


async def tell_of_lapse(event: mall_events.OrderLapsed, key: str) -> bool:
    await _tell_of_order(Notice.ORDER_LAPSED, event.order_id)
    return True


async def tell_of_refund(event: mall_events.OrderRefunded, key: str) -> bool:
    await _tell_of_order(Notice.ORDER_REFUNDED, event.order_id)
    return True


async def _tell_of_order(notice: Notice, order_id: int) -> None:
    order = await mall.order_words(order_id)
    paid_fen = order.total_fen - order.voucher_fen
    values = {
        "order": ids.public(order_id),
        "goods": order.goods_name,
        "comment": order.reason,
        "money": f"退款 {yuan(paid_fen)} 元，请到下单时说好的窗口领取。" if paid_fen else "",
        "voucher": "用在这笔订单上的券，没过期的已经退回您的券包。" if order.voucher_fen else "",
    }
    members, key = [order.member_id], str(order_id)
    await notifications.notify_many(notice, Audience.MEMBER, members=members, values=values, key=key)


async def tell_payees(event: payment_events.ResultsBooked, key: str) -> bool:
    """Whoever was paid, and whoever has to give another bank card."""
    await _tell_of_payments(await payments.booked(event.run_id, event.upload, event.first, event.last))
    return True


async def tell_of_reversal(event: payment_events.PaymentReversed, key: str) -> bool:
    await _tell_of_payments(await payments.booked_item(event.item_id))
    return True


async def _tell_of_payments(told: Sequence[Told]) -> None:
    """The key is the item's and its state's, so that nobody is told twice. A member is told by their own account,
    whoever applied for them."""
    accounts_of = await identity.accounts_of_members([one.member_id for one in told if one.member_id])
    for one in told:
        account_id = accounts_of.get(one.member_id or 0) or one.account_id
        if account_id is None:
            continue
        notice = Notice.PAYMENT_PAID if one.state is ItemState.PAID else Notice.PAYMENT_RETURNED
        values = {"service": one.due_name, "amount": yuan(one.amount_fen)}
        await notifications.notify(
            notice,
            Audience.MEMBER,
            recipients=await _accounts([account_id]),
            values=values,
            key=f"pay-item:{one.item_id}",
            union_id=one.union_id,
        )


async def go_on_telling(event: notification_events.MassNoticeMoved, key: str) -> bool:
    return await notifications.run_mass(event.mass_id)


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


async def tell_cover(event: unions.CoverNamed, key: str) -> bool:
    cover = await union_queries.cover_of(event.cover_id)
    if cover is not None:
        values = {"absent": cover.absent, "from": date_zh(cover.from_on), "until": date_zh(cover.until_on)}
        to = [Recipient(account_id=cover.cover_id)]
        await notifications.notify(Notice.COVER_NAMED, Audience.HANDLER, recipients=to, values=values, key=key)
    return True


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


async def tell_of_answer(event: grading.AppealAnswered, key: str) -> bool:
    answer = await grading_queries.answer_words(event.objection_id)
    if answer.account_id is not None:
        values = {"year": answer.year, "until": "", "result": answer.result}
        to = [Recipient(account_id=answer.account_id)]
        await notifications.notify(Notice.GRADE_ANSWERED, Audience.MEMBER, recipients=to, values=values, key=key)
    return True


# Every event there is; an empty line says that nothing follows from it.
REACTIONS: dict[type[msgspec.Struct], tuple[Reaction, ...]] = {
    accounts.AccountBound: (bring_cases,),
    casework.CaseSubmitted: (tell(NoticeEvent.SUBMITTED), pass_straight, count_anew),
    casework.CaseAssigned: (tell(NoticeEvent.ASSIGNED),),
    casework.CaseAccepted: (tell(NoticeEvent.ACCEPTED),),
    casework.CaseReturned: (tell(NoticeEvent.RETURNED), count_anew),
    casework.CaseCorrected: (tell(NoticeEvent.CORRECTED),),
    casework.CaseTransferred: (tell(NoticeEvent.TRANSFERRED),),
    casework.CaseHeld: (tell(NoticeEvent.HELD),),
    casework.CaseReleased: (tell(NoticeEvent.RELEASED),),
    casework.CaseApproved: (tell(NoticeEvent.APPROVED), count_anew),
    casework.CaseRejected: (tell(NoticeEvent.REJECTED), count_anew, refuse_campaign),
    casework.CaseReopened: (tell(NoticeEvent.REOPENED), count_reopened),
    casework.CaseMerged: (tell(NoticeEvent.MERGED), count_anew),
    casework.CaseWithdrawn: (count_anew, refuse_campaign),
    casework.CaseAwaited: (tell(NoticeEvent.AWAITED),),
    casework.CaseActed: (tell_of_act,),
    casework.QuestionAsked: (tell_asked,),
    casework.QuestionAnswered: (tell_answered,),
    casework.QuestionOverdue: (tell_unanswered,),
    casework.MessageWritten: (tell_of_message,),
    casework.BatchDue: (decide_batch,),
    casework.CaseUrged: (tell(NoticeEvent.URGED),),
    casework.CaseNearDue: (tell(NoticeEvent.NEAR_DUE),),
    casework.CaseOverdue: (tell(NoticeEvent.OVERDUE),),
    casework.ExportRequested: (make_export,),
    casework.RosterApproved: (admit_the_rest,),
    # Whichever domain keeps a waiting list tells its own people, in its own words.
    allocation.PlaceOffered: (),
    allocation.OfferLapsed: (),
    casework.RecordNearEnd: (remind_holder,),
    aid_events.PolicyNearEnd: (remind_of_policy,),
    casework.OffersMade: (tell_of_offers,),
    casework.ProxyAsked: (ask_other,),
    casework.ProxyAnswered: (tell_filer,),
    membership.MemberAdmitted: (welcome, give_welcome),
    membership.MemberStatusChanged: (),
    membership.RollImportRequested: (work_roll,),
    membership.RollImportFinished: (),
    voucher_events.CampaignOpened: (),
    voucher_events.DistributionStarted: (hand_out,),
    voucher_events.VoucherIssued: (),
    voucher_events.VouchersIssued: (tell_owners,),
    voucher_events.EntriesLost: (tell_losers,),
    mall_events.OrderLapsed: (tell_of_lapse,),
    mall_events.OrderRefunded: (tell_of_refund,),
    payment_events.ResultsBooked: (tell_payees,),
    payment_events.PaymentReversed: (tell_of_reversal,),
    notification_events.MassNoticeMoved: (go_on_telling,),
    grading.ResultsProposed: (tell_of_grades,),
    grading.ResultsPublished: (tell_of_grades, issue_certificates),
    grading.AppealAnswered: (tell_of_answer,),
    unions.CoverNamed: (tell_cover,),
    unions.UnionDissolved: (keep_members,),
}
