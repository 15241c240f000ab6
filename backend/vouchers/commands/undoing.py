"""A use that was a mistake is undone: what tills and stations have in common. All of it runs inside a command."""

from datetime import date

import msgspec

from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import Conflict
from backend.payments import commands as payments
from backend.vouchers.commands import uses
from backend.vouchers.queries import redemptions


class Undo(msgspec.Struct, frozen=True, kw_only=True):
    """A use whose row is no longer live; `posting` is the key by which its worth was moved."""

    use_id: int
    voucher_id: int
    posting: str
    reason: str


def require_today(day: date, code: str) -> None:
    """Days before never change; `code` says so."""
    if day != clock.today():
        raise Conflict(code)


async def give_back(undo: Undo, actor: Actor) -> bool:
    """The voucher is usable again and the money back where it was. Whether its last day is over instead: then its worth
    goes back to where it came from."""
    voucher = await redemptions.usable(undo.voucher_id)
    is_over = await uses.come_back(voucher)
    await payments.reverse(actor, posting_key=undo.posting, key=f"undo:{undo.use_id}", reason=undo.reason)
    if is_over:
        await uses.return_worth(voucher.id, key=f"use:{undo.use_id}", actor=actor)
    return is_over
