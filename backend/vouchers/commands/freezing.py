"""A single voucher that nobody uses for a time: lost, stolen, or looked into. What it is worth stays where it is."""

from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict
from backend.vouchers import redeeming
from backend.vouchers.commands import uses
from backend.vouchers.enums import VOUCHER_TEXT, VoucherState
from backend.vouchers.queries import looked_up


@command
async def freeze(*, voucher: str, reason: str, actor: Actor) -> None:
    """By whoever manages its campaign. Conflict where it is frozen already, kept for an order, used or over."""
    found = await looked_up.managed_voucher(voucher, actor)
    reason = redeeming.tidy_reason(reason, "freeze_reason")
    if not await uses.move(found.id, VoucherState.ISSUED, VoucherState.FROZEN):
        state = await looked_up.state_of(found.id)
        raise Conflict("freeze_not_usable", state=VOUCHER_TEXT[state])
    freeze_id = ids.new_id()
    row = {
        "id": freeze_id,
        "voucher_id": found.id,
        "live": found.id,
        "reason": reason,
        "frozen_by": actor.account_id,
        "frozen_at": clock.now(),
        "thaw_reason": "",
    }
    await database.insert("voucher_freeze", row)
    await audit.record(actor, "voucher.frozen", object_kind="voucher", object_id=found.id, detail={"freeze": freeze_id})


@command
async def thaw(*, voucher: str, reason: str, actor: Actor) -> None:
    """Its owner may use it again, until its last day as before."""
    found = await looked_up.managed_voucher(voucher, actor)
    reason = redeeming.tidy_reason(reason, "thaw_reason")
    if not await uses.move(found.id, VoucherState.FROZEN, VoucherState.ISSUED):
        raise Conflict("thaw_not_frozen")
    await database.execute(
        "UPDATE voucher_freeze SET live = NULL, thaw_reason = %s, thawed_by = %s, thawed_at = %s WHERE live = %s",
        reason,
        actor.account_id,
        clock.now(),
        found.id,
    )
    await audit.record(actor, "voucher.thawed", object_kind="voucher", object_id=found.id)
