"""What is told about payments."""

from collections.abc import Sequence

from backend.core.money import yuan
from backend.identity import queries as identity
from backend.notifications import commands as notifications
from backend.notifications.enums import Audience, Notice
from backend.payments import events as payment_events
from backend.payments import queries as payments
from backend.payments.enums import ItemState
from backend.payments.run_schemas import Told
from workers.reactions.telling import recipients_of


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
            recipients=await recipients_of([account_id]),
            values=values,
            key=f"pay-item:{one.item_id}",
            union_id=one.union_id,
        )
