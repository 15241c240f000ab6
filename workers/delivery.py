"""Sending messages: leased in one command, sent with no transaction open, written down in another.

A crash between the provider's yes and our note sends the message again with the same key, so a provider
that knows keys shows it once.
"""

import asyncio

import structlog

from backend.channels import sms, wechat
from backend.core import ids, metrics, scrub
from backend.core.reveal import Purpose, reveal_to_system
from backend.notifications import commands
from backend.notifications.enums import Channel
from backend.notifications.schemas import DeliveryResult, SealedMessage

log = structlog.get_logger(__name__)

BATCH = 20
PROVIDER_SECONDS = 10.0


async def send_batch() -> bool:
    """Try the messages that are due, a batch side by side, as fast as the provider takes them. False when none was
    due."""
    room = await sms.take_room(BATCH)
    if not room:
        await asyncio.sleep(sms.pause())
        return True
    messages = await commands.lease_deliveries(room)
    await sms.bring_back_room(room - len(messages))
    if not messages:
        return False
    results = await asyncio.gather(*(_try(message) for message in messages))
    await commands.record_deliveries(results)
    return True


async def _try(message: SealedMessage) -> DeliveryResult:
    send = _by_wechat if message.channel == Channel.WECHAT else _by_sms
    try:
        async with asyncio.timeout(PROVIDER_SECONDS):
            provider_id = await send(message)
    except Exception as exc:
        refused = isinstance(exc, sms.RecipientRefused)
        log.warning("delivery.failed", id=message.id, channel=message.channel, refused=refused, exc_info=True)
        metrics.deliveries.labels(message.channel, "refused" if refused else "failed").inc()
        return DeliveryResult(message=message, error=scrub.text(f"{type(exc).__name__}: {exc}"), refused=refused)
    metrics.deliveries.labels(message.channel, "sent").inc()
    return DeliveryResult(message=message, provider_id=provider_id)


async def _by_wechat(message: SealedMessage) -> str:
    return await wechat.send(
        account_id=message.account_id, template=message.template, params=message.params, key=ids.public(message.id)
    )


async def _by_sms(message: SealedMessage) -> str:
    if not message.recipient_sealed:
        raise sms.RecipientRefused("no phone any more")
    phone = reveal_to_system(message.recipient_sealed, context=message.recipient_context, purpose=Purpose.DELIVERY)
    return await sms.send(
        recipient=phone,
        template=message.template,
        text=message.text,
        params=message.params,
        key=ids.public(message.id),
        again=message.attempts > 1,
        has_room=True,
    )
