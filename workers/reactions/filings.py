"""What is told about services before there is a case: records that end, offers, filings by somebody else."""

from backend.casework import events as casework
from backend.casework import queries as cases
from backend.casework.enums import ProxyState
from backend.casework.schemas import ProxyNotice
from backend.core import ids, national, reference
from backend.core.reveal import Purpose, reveal_to_system
from backend.identity import queries as identity
from backend.notifications import commands as notifications
from backend.notifications.enums import Audience, Notice
from backend.notifications.schemas import Recipient
from backend.unions import queries as union_queries
from backend.web.pages import date_zh


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
