"""A gift is handed over at a station, once. Where it was promised at one, there and nowhere else. What was a mistake is
taken back the same day."""

import msgspec

from backend.allocation import commands as allocation
from backend.allocation import queries as pools
from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, FieldError, Invalid, sentence
from backend.payments import commands as payments
from backend.payments.enums import AccountKind, PostingKind
from backend.payments.schemas import Line
from backend.vouchers import redeeming, rules
from backend.vouchers.commands import undoing, uses
from backend.vouchers.enums import CampaignKind, UseKind, VoucherState
from backend.vouchers.queries import redemptions, stations
from backend.vouchers.queries.stations import GiftVoucher, StationRow
from backend.vouchers.station_schemas import HandoverInput, HandoverView
from backend.web import limits


class CodeUnknown(Invalid):
    """No gift of ours."""

    def __init__(self) -> None:
        code = "gift_unknown"
        super().__init__([FieldError("code", sentence(code))], code=code)


async def hand_over(*, data: HandoverInput, actor: Actor) -> HandoverView:
    """Give the gift of the code that was typed or scanned. Conflict `already_handed_over` says when and where it was
    given before."""
    guesser = str(actor.account_id)
    await limits.check(limits.VOUCHER_CODES, guesser)
    try:
        use_id = await _hand_over(data, actor)
    except CodeUnknown:
        await limits.count(limits.VOUCHER_CODES, guesser)
        raise
    return await stations.handover(use_id)


@command
async def _hand_over(data: HandoverInput, actor: Actor) -> int:
    place = await stations.staffed_station(data.station, actor)
    meant = await redemptions.presented(data.code)
    if meant is None:
        raise CodeUnknown()
    if meant.ends is not None and clock.now().timestamp() > meant.ends:
        raise Conflict("code_stale")
    gift = await stations.gift_voucher(meant.voucher_id)
    _require_here(gift, place)
    if not await uses.move(gift.id, VoucherState.ISSUED, VoucherState.REDEEMED):
        raise await _gone(gift.id)
    use_id = await _note(gift, place, actor)
    if gift.station_id is None:
        promised = Promised(voucher_id=gift.id, member_id=gift.member_id, key=_late_promise_key(use_id))
        await promise(gift.campaign_id, place.id, promised)
    await _pay(gift, use_id, actor)
    return use_id


def _require_here(gift: GiftVoucher, place: StationRow) -> None:
    if gift.kind is not CampaignKind.GIFT or not gift.at_stations:
        raise Conflict("gift_is_voucher")
    if gift.state is VoucherState.REDEEMED:
        return  # told where and when, below
    if gift.state is VoucherState.FROZEN:
        raise Conflict("voucher_frozen")
    if gift.state is VoucherState.EXPIRED or clock.now() >= rules.dies_at(gift.valid_until):
        raise Conflict("voucher_expired", day=f"{gift.valid_until.month}月{gift.valid_until.day}日")
    if gift.station_id not in (None, place.id):
        raise Conflict("gift_elsewhere", station=gift.station_name)


async def _gone(voucher_id: int) -> Conflict:
    used = await stations.handed_over(voucher_id)
    if used is None:
        return Conflict("voucher_gone")
    at = clock.local(used.at)
    extra = {"at": clock.iso(used.at), "station": used.place}
    moment = f"{at.month}月{at.day}日 {at:%H:%M}"
    return Conflict("already_handed_over", extra=extra, at=moment, station=used.place)


class Promised(msgspec.Struct, frozen=True, kw_only=True):
    """To whom one of a station's stock is promised, by a key of its own."""

    voucher_id: int
    member_id: int
    key: str


def promise_key(voucher_id: int) -> str:
    """Of what is promised with the voucher."""
    return f"gift:{voucher_id}"


def _late_promise_key(use_id: int) -> str:
    """Of what was promised only as it was handed over: that ends with it."""
    return f"handed:{use_id}"


async def promise(campaign_id: int, station_id: int, to: Promised) -> None:
    """Inside a command: one of the station's stock is for this voucher. The stock's row comes last."""
    stock = await stations.stock_at(campaign_id, station_id)
    if stock is None:
        raise Conflict("gift_not_here")
    await allocation.reserve(pool_id=stock.pool_id, person_id=to.member_id, key=to.key)
    await database.insert("gift_pick", {"id": to.voucher_id, "stock_id": stock.id})
    try:
        await allocation.take(stock.pool_id)
    except allocation.SoldOut as exc:
        raise Conflict("gift_gone_here", station=stock.name) from exc


async def _note(gift: GiftVoucher, place: StationRow, actor: Actor) -> int:
    use_id = ids.new_id()
    row = {
        "id": use_id,
        "key": f"gift:{use_id}",
        "kind": UseKind.GIFT.value,
        "voucher_id": gift.id,
        "live": gift.id,
        "member_id": gift.member_id,
        "station_id": place.id,
        "place": place.name,
        "amount_fen": 0,
        "worth_fen": gift.face_value_fen,
        "at": clock.now(),
        "used_by": actor.account_id,
        "undo_reason": "",
    }
    await database.insert("voucher_use", row)
    detail = {"voucher": gift.id, "station": place.id}
    await audit.record(actor, "gift.handed_over", object_kind="voucher_use", object_id=use_id, detail=detail)
    return use_id


async def _pay(gift: GiftVoucher, use_id: int, actor: Actor) -> None:
    """What it cost is out of members' hands and spent."""
    spent = await payments.account(key=f"handed:{gift.campaign_id}", kind=AccountKind.PAID, name=gift.name)
    lines = [Line(gift.issued_account_id, -gift.face_value_fen), Line(spent, gift.face_value_fen)]
    await payments.post(key=_posting_key(use_id), kind=PostingKind.REDEEM, lines=lines, actor=actor)


def _posting_key(use_id: int) -> str:
    return f"handed:{use_id}"


@command
async def take_back(*, handover: str, reason: str, actor: Actor) -> HandoverView:
    """The gift that was handed over today by mistake is the member's again, to be fetched as before. Undone before, it
    is the first answer."""
    used = await stations.staffed_handover(handover, actor)
    if used.live is None:
        return stations.handover_view(used)
    reason = redeeming.tidy_reason(reason, "undo_reason")
    undoing.require_today(used.day, "handover_undo_late")
    changed = await database.execute(
        "UPDATE voucher_use SET live = NULL, undone_at = %s, undone_by = %s, undo_reason = %s"
        " WHERE id = %s AND live IS NOT NULL",
        clock.now(),
        actor.account_id,
        reason,
        used.id,
    )
    if changed:
        await _unpromise(used.id, used.voucher_id, actor)
        undo = undoing.Undo(use_id=used.id, voucher_id=used.voucher_id, posting=_posting_key(used.id), reason=reason)
        detail = {"voucher": used.voucher_id, "expired": await undoing.give_back(undo, actor)}
        await audit.record(actor, "gift.taken_back", object_kind="voucher_use", object_id=used.id, detail=detail)
    return await stations.handover(used.id)


async def _unpromise(use_id: int, voucher_id: int, actor: Actor) -> None:
    """What was promised at this station only as it was handed over may be fetched anywhere again."""
    claim_id = await pools.claim_by_key(_late_promise_key(use_id))
    if claim_id is not None:
        await allocation.release(claim_id=claim_id, actor=actor)
        await database.execute("DELETE FROM gift_pick WHERE id = %s", voucher_id)
