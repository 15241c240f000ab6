"""A gift is handed over at a station, once. Where it was promised at one, there and nowhere else."""

from backend.allocation import commands as allocation
from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, FieldError, Invalid, sentence
from backend.payments import commands as payments
from backend.payments.enums import AccountKind, PostingKind
from backend.payments.schemas import Line
from backend.vouchers import rules
from backend.vouchers.commands import uses
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
        await promise(gift.campaign_id, place.id, voucher_id=gift.id, member_id=gift.member_id)
    await _pay(gift, actor)
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


async def promise(campaign_id: int, station_id: int, *, voucher_id: int, member_id: int) -> None:
    """Inside a command: one of the station's stock is for this voucher. The stock's row comes last."""
    stock = await stations.stock_at(campaign_id, station_id)
    if stock is None:
        raise Conflict("gift_not_here")
    await allocation.reserve(pool_id=stock.pool_id, person_id=member_id, key=f"gift:{voucher_id}")
    await database.insert("gift_pick", {"id": voucher_id, "stock_id": stock.id})
    try:
        await allocation.take(stock.pool_id)
    except allocation.SoldOut as exc:
        raise Conflict("gift_gone_here", station=stock.name) from exc


async def _note(gift: GiftVoucher, place: StationRow, actor: Actor) -> int:
    use_id = ids.new_id()
    row = {
        "id": use_id,
        "key": f"gift:{gift.id}",
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
    }
    await database.insert("voucher_use", row)
    detail = {"voucher": gift.id, "station": place.id}
    await audit.record(actor, "gift.handed_over", object_kind="voucher_use", object_id=use_id, detail=detail)
    return use_id


async def _pay(gift: GiftVoucher, actor: Actor) -> None:
    """What it cost is out of members' hands and spent."""
    spent = await payments.account(key=f"handed:{gift.campaign_id}", kind=AccountKind.PAID, name=gift.name)
    lines = [Line(gift.issued_account_id, -gift.face_value_fen), Line(spent, gift.face_value_fen)]
    await payments.post(key=f"handed:{gift.id}", kind=PostingKind.REDEEM, lines=lines, actor=actor)
