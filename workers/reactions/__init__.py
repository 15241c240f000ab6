"""What follows what: one table from events to the functions that act on them.

A reaction is called at least once, so whatever it does has a key; that of a notice is the event's own.
"""

import msgspec

from backend.aid import events as aid_events
from backend.allocation import events as allocation_events
from backend.casework import events as casework_events
from backend.casework.enums import NoticeEvent
from backend.core.outbox import topic_of
from backend.core.relay import Claimed
from backend.grading import events as grading_events
from backend.identity import events as identity_events
from backend.mall import events as mall_events
from backend.membership import events as membership_events
from backend.notifications import events as notifications_events
from backend.payments import events as payments_events
from backend.unions import events as unions_events
from backend.vouchers import events as vouchers_events
from workers.reactions import aid, cases, filings, grading, mall, members, notices, payments, vouchers
from workers.reactions.telling import Reaction

# Every event there is; an empty line says that nothing follows from it.
REACTIONS: dict[type[msgspec.Struct], tuple[Reaction, ...]] = {
    identity_events.AccountBound: (members.bring_cases,),
    casework_events.CaseSubmitted: (cases.tell(NoticeEvent.SUBMITTED), cases.pass_straight, cases.count_anew),
    casework_events.CaseAssigned: (cases.tell(NoticeEvent.ASSIGNED),),
    casework_events.CaseAccepted: (cases.tell(NoticeEvent.ACCEPTED),),
    casework_events.CaseReturned: (cases.tell(NoticeEvent.RETURNED), cases.count_anew),
    casework_events.CaseCorrected: (cases.tell(NoticeEvent.CORRECTED),),
    casework_events.CaseTransferred: (cases.tell(NoticeEvent.TRANSFERRED),),
    casework_events.CaseHeld: (cases.tell(NoticeEvent.HELD),),
    casework_events.CaseReleased: (cases.tell(NoticeEvent.RELEASED),),
    casework_events.CaseApproved: (cases.tell(NoticeEvent.APPROVED), cases.count_anew),
    casework_events.CaseRejected: (
        cases.tell(NoticeEvent.REJECTED),
        cases.count_anew,
        vouchers.refuse_campaign,
        aid.give_fee_back,
    ),
    casework_events.CaseReopened: (cases.tell(NoticeEvent.REOPENED), cases.count_reopened),
    casework_events.CaseMerged: (cases.tell(NoticeEvent.MERGED), cases.count_anew, aid.give_fee_back),
    casework_events.CaseWithdrawn: (cases.count_anew, vouchers.refuse_campaign, aid.give_fee_back),
    casework_events.CaseAwaited: (cases.tell(NoticeEvent.AWAITED),),
    casework_events.CaseActed: (cases.tell_of_act,),
    casework_events.QuestionAsked: (cases.tell_asked,),
    casework_events.QuestionAnswered: (cases.tell_answered,),
    casework_events.QuestionOverdue: (cases.tell_unanswered,),
    casework_events.MessageWritten: (cases.tell_of_message,),
    casework_events.BatchDue: (cases.decide_batch,),
    casework_events.CaseUrged: (cases.tell(NoticeEvent.URGED),),
    casework_events.CaseNearDue: (cases.tell(NoticeEvent.NEAR_DUE),),
    casework_events.CaseOverdue: (cases.tell(NoticeEvent.OVERDUE),),
    casework_events.ExportRequested: (cases.make_export,),
    casework_events.RosterApproved: (cases.admit_the_rest,),
    # Whichever domain keeps a waiting list tells its own people, in its own words.
    allocation_events.PlaceOffered: (),
    allocation_events.OfferLapsed: (),
    casework_events.RecordNearEnd: (filings.remind_holder,),
    aid_events.PolicyNearEnd: (aid.remind_of_policy,),
    casework_events.OffersMade: (filings.tell_of_offers,),
    casework_events.ProxyAsked: (filings.ask_other,),
    casework_events.ProxyAnswered: (filings.tell_filer,),
    membership_events.MemberAdmitted: (members.welcome, vouchers.give_welcome),
    membership_events.MemberStatusChanged: (),
    membership_events.RollImportRequested: (members.work_roll,),
    membership_events.RollImportFinished: (),
    vouchers_events.CampaignOpened: (),
    vouchers_events.DistributionStarted: (vouchers.hand_out,),
    vouchers_events.VoucherIssued: (),
    vouchers_events.VouchersIssued: (vouchers.tell_owners,),
    vouchers_events.EntriesLost: (vouchers.tell_losers,),
    mall_events.OrderLapsed: (mall.tell_of_lapse,),
    mall_events.OrderRefunded: (mall.tell_of_refund,),
    payments_events.ResultsBooked: (payments.tell_payees,),
    payments_events.PaymentReversed: (payments.tell_of_reversal,),
    notifications_events.MassNoticeMoved: (notices.go_on_telling,),
    grading_events.ResultsProposed: (grading.tell_of_grades,),
    grading_events.ResultsPublished: (grading.tell_of_grades, grading.issue_certificates),
    grading_events.AppealAnswered: (grading.tell_of_answer,),
    grading_events.SheetsWait: (grading.tell_assessors,),
    grading_events.CandidateWithdrawn: (grading.tell_withdrawn,),
    unions_events.CoverNamed: (members.tell_cover,),
    unions_events.UnionDissolved: (members.keep_members,),
}


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
