"""Orders: pieces kept, paid, fetched and given back, with the money and the vouchers that belong to them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from backend.core import clock, database, ids
from backend.core.errors import AppError, NotFound
from backend.core.settings import CONFIG_DIR
from backend.mall import commands, queries
from backend.mall.enums import OrderState
from backend.mall.events import OrderLapsed
from backend.mall.schemas import GoodsChange, OrderView
from backend.notifications import templates
from backend.vouchers import commands as vouchers
from backend.vouchers import queries as wallet
from backend.vouchers.enums import CampaignKind
from tests.casework.world import staff
from tests.mall.samples import left, on_sale, order, refund, rice, state_of, taken, takings
from tests.mall.samples import paid as settle
from tests.vouchers.tills import redeem, shop_of, voucher_of
from tests.vouchers.world import County, broken, opened
from workers import reactions, tasks


async def refusal(awaitable: Any) -> tuple[str, str]:
    with pytest.raises(AppError) as refused:
        await awaitable
    error = refused.value
    return error.code, error.errors[0].message if error.errors else error.detail


async def ledger() -> dict[str, int]:
    found = await database.rows("SELECT kind, SUM(balance_fen) AS fen FROM ledger_account GROUP BY kind")
    return {row["kind"]: int(row["fen"]) for row in found}


async def test_an_order_is_kept_paid_and_fetched(county: County) -> None:
    goods, member = await on_sale(county), await county.member()
    placed = await order(goods, member, 3)
    assert (placed.state, placed.pay_fen, placed.pay_until) == ("pending", 119_70, "2026-03-10T09:30:00+08:00")
    assert await left() == 7
    assert await broken() == []
    await settle(county, placed)
    clock.advance(hours=2)
    await commands.hand_over(order=placed.id, actor=county.welfare)
    shown = await queries.own_order(placed.id, member)
    assert (shown.state_text, shown.paid_at, shown.handed_at) == (
        "已取货",
        "2026-03-10T09:00:00+08:00",
        "2026-03-10T11:00:00+08:00",
    )
    assert (await takings(), (await ledger())["source"]) == (119_70, -1_000_000_00 - 119_70)
    [found] = (await queries.desk_orders(county.welfare, code=placed.code.lower())).items
    assert (found.order.id, found.member_name) == (placed.id, "王*测")
    assert (await queries.desk_orders(county.welfare, code="ABCD")).items == []
    assert (await queries.desk_orders(county.welfare, state=OrderState.PAID)).items == []
    assert await broken() == []


async def test_a_state_is_left_once_and_only_for_the_next(county: County) -> None:
    goods, member = await on_sale(county), await county.member()
    placed = await order(goods, member)
    at_desk: dict[str, Any] = {"order": placed.id, "actor": county.welfare}
    assert await refusal(commands.hand_over(**at_desk)) == (
        "order_moved",
        "这笔订单现在是“待付款”，不能再这样办，请刷新后看看。",
    )
    assert (await refusal(refund(county, placed)))[0] == "order_moved"
    await settle(county, placed)
    assert (await refusal(settle(county, placed, receipt_no="B-2")))[0] == "order_moved"
    assert (await refusal(commands.cancel(order=placed.id, actor=member)))[0] == "order_not_pending"
    await commands.hand_over(**at_desk)
    assert (await refusal(commands.hand_over(**at_desk)))[0] == "order_moved"
    assert (await refusal(refund(county, placed, reason="x")))[0] == "refund_reason"
    await refund(county, placed, restock=True)
    assert (await refusal(refund(county, placed)))[0] == "order_moved"
    assert (await state_of(placed), await left(), await takings()) == ("refunded", 10, 0)
    assert await broken() == []


async def test_the_same_nonce_is_one_order_and_one_waits_at_a_time(county: County) -> None:
    goods, member = await on_sale(county, stock=2), await county.member()
    first = await order(goods, member, nonce="tap")
    assert await order(goods, member, nonce="tap") == first
    assert (await refusal(order(goods, member)))[0] == "order_pending"
    await commands.cancel(order=first.id, actor=member)
    assert (await commands.cancel(order=first.id, actor=member)).state == "cancelled"
    assert (await order(goods, member, 2)).state == "pending"
    assert await refusal(order(goods, await county.member())) == (
        "goods_sold_out",
        "已经卖完了。过半小时再来看看，没有付款的订单会退回来。",
    )
    assert await broken() == []


async def test_what_is_not_paid_in_half_an_hour_is_for_others(county: County) -> None:
    goods, member = await on_sale(county), await county.member()
    voucher, _ = await _voucher(county, member)
    late, paid = await order(goods, member, 3, voucher), await order(goods, await county.member())
    await settle(county, paid)
    clock.advance(minutes=29, seconds=59)
    assert await commands.lapse(100) == 0
    clock.advance(seconds=1)
    assert await commands.lapse(100) == 1
    assert [await state_of(one) for one in (late, paid)] == ["lapsed", "paid"]
    assert (await left(), (await wallet.own_voucher(voucher, member)).state) == (9, "issued")
    assert (await refusal(settle(county, late)))[0] == "order_moved"
    assert await broken() == []


async def _voucher(county: County, member: Any, **changes: Any) -> tuple[str, str]:
    """Of fifty yuan above a hundred; its id and campaign."""
    campaign = await opened(county, **changes)
    return (await vouchers.claim(campaign=campaign, actor=member)).id, campaign


async def test_a_voucher_is_kept_spent_and_given_back(county: County) -> None:
    goods, member, counter = await on_sale(county), await county.member(), await shop_of(county)
    voucher, _ = await _voucher(county, member)
    placed = await order(goods, member, 3, voucher)
    assert (placed.voucher_fen, placed.pay_fen) == (50_00, 69_70)
    kept = await wallet.own_voucher(voucher, member)
    assert (kept.state, kept.state_text) == ("reserved", "用在未付款的订单上")
    assert (await refusal(redeem(counter.first, kept.code)))[0] == "voucher_gone"
    await settle(county, placed)
    used = await wallet.own_voucher(voucher, member)
    assert used.use is not None
    assert (used.state, used.use.kind, used.use.shop_name, used.use.amount_fen) == (
        "redeemed",
        "order",
        "福利商城",
        119_70,
    )
    assert (await takings(), (await ledger())["issued"]) == (119_70, 0)
    assert await broken() == []
    await refund(county, placed)
    assert (await wallet.own_voucher(voucher, member)).state == "issued"
    assert (await takings(), await left(), (await ledger())["issued"]) == (0, 10, 50_00)
    again = await order(goods, member, 3, voucher)
    await settle(county, again)
    assert await broken() == []


async def test_a_voucher_that_is_not_good_is_named_beside_it(county: County) -> None:
    goods, member = await on_sale(county), await county.member()
    elsewhere, _ = await _voucher(county, member, shops=["黄枫超市"])
    here, _ = await _voucher(county, member, shops=["黄枫超市", "福利商城"])
    gift, _ = await _voucher(county, member, kind=CampaignKind.GIFT, threshold_fen=0)
    other, _ = await voucher_of(county)
    for voucher, words in (
        (elsewhere, "这张券不能在“福利商城”使用。"),
        (gift, "这张券不能在“福利商城”使用。"),
        (other.id, "没有这张券，请重新选择。"),
        ("nonsense", "没有这张券，请重新选择。"),
    ):
        assert (await refusal(order(goods, member, 3, voucher)))[1] == words
    assert await refusal(order(goods, member, 2, here)) == ("order_voucher_below", "这张券要满 100.00 元才能用。")
    assert [one.id for one in (await queries.order_form(member)).vouchers] == [here]
    placed = await order(goods, member, 3, here)
    cheap = await on_sale(county, name="茶叶", price_fen=100_00, list_price_fen=0)
    assert (await refusal(order(cheap, member, 1, here)))[0] == "order_voucher_gone"
    assert (placed.state, await broken()) == ("pending", [])


async def test_a_voucher_that_ends_while_it_is_kept_or_spent(county: County) -> None:
    goods, first, second = await on_sale(county), await county.member(), await county.member()
    voucher, campaign = await _voucher(county, first)
    spent = (await vouchers.claim(campaign=campaign, actor=second)).id
    paid = await order(goods, second, 3, spent)
    await settle(county, paid)
    clock.freeze(datetime(2026, 3, 31, 15, 50, tzinfo=UTC))
    kept = await order(goods, first, 3, voucher)
    clock.freeze(datetime(2026, 3, 31, 16, 10, tzinfo=UTC))
    assert await vouchers.expire(20) == 1
    assert await broken() == []
    assert (await refusal(settle(county, kept)))[0] == "order_voucher_ended"
    await commands.cancel(order=kept.id, actor=first)
    await refund(county, paid)
    assert [(await wallet.own_voucher(one, who)).state for one, who in ((voucher, first), (spent, second))] == [
        "expired",
        "expired",
    ]
    assert {kind: fen for kind, fen in (await ledger()).items() if kind != "source"} == {
        "budget": 1_000_000_00,
        "held": 0,
        "issued": 0,
        "income": 0,
    }
    assert await broken() == []


async def test_what_comes_back_broken_is_not_for_sale_again(county: County) -> None:
    goods, placed = await _handed(county)
    await refund(county, placed, reason="袋子破了")
    assert (await left(), await takings()) == (8, 0)
    shown = await queries.desk_goods(goods, county.welfare)
    assert (shown.stock, shown.taken) == (10, 2)
    assert await broken() == []


async def _handed(county: County) -> tuple[str, OrderView]:
    goods = await on_sale(county)
    placed = await order(goods, await county.member(), 2)
    await settle(county, placed)
    await commands.hand_over(order=placed.id, actor=county.welfare)
    return goods, placed


async def test_prices_are_for_members_and_orders_too(county: County) -> None:
    goods = await on_sale(county)
    stranger = await county.member()
    assert (await queries.public_goods(goods, stranger)).price_fen == 39_90
    gone = await county.member(status="exited")
    assert (await refusal(order(goods, gone)))[0] == "mall_members_only"
    member_less = type(stranger)(kind="person", account_id=stranger.account_id)
    assert (await queries.public_goods(goods, member_less)).price_fen is None
    assert (await refusal(order(goods, member_less)))[0] == "mall_members_only"
    for quantity in (0, 21, -1):
        assert (await refusal(order(goods, stranger, quantity)))[0] == "order_quantity"
    assert await refusal(order(goods, stranger, 11)) == ("goods_short", "只剩 10 件了，请改少数量。")


async def test_goods_are_changed_and_taken_off_sale(county: County) -> None:
    goods, member = await on_sale(county), await county.member()
    placed = await order(goods, member, 4)
    same: dict[str, Any] = {
        name: getattr(rice(county), name) for name in GoodsChange.__struct_fields__ if name != "version"
    }
    change = GoodsChange(**{**same, "price_fen": 35_00, "stock": 6, "active": False, "version": 1})
    await commands.change_goods(county.welfare, goods=goods, data=change)
    assert (await queries.own_order(placed.id, member)).total_fen == 159_60
    assert (await refusal(commands.change_goods(county.welfare, goods=goods, data=change)))[0] == "goods_changed"
    few = GoodsChange(**{**same, "stock": 3, "version": 2})
    assert (await refusal(commands.change_goods(county.welfare, goods=goods, data=few)))[0] == "goods_below_taken"
    with pytest.raises(NotFound):
        await order(goods, await county.member())
    assert (await queries.public_goods_list(member)).items == []
    assert (await queries.desk_goods(goods, county.welfare)).left == 2
    wrong = rice(county, name="米", price_fen=0, list_price_fen=1, stock=-1, pickup="", text="字" * 501)
    with pytest.raises(AppError) as refused:
        await commands.open_goods(county.welfare, data=wrong)
    assert [one.field for one in refused.value.errors] == ["name", "text", "pickup", "price_fen", "stock"]
    assert await broken() == []


async def test_goods_are_found_by_a_part_of_their_name(county: County) -> None:
    await on_sale(county)
    await on_sale(county, name="黄枫茶叶 100%")
    member = await county.member()
    for q, names in (("大米", ["高桥大米 5 千克"]), ("%", ["黄枫茶叶 100%"]), ("_", []), ("", None)):
        found = [one.name for one in (await queries.public_goods_list(member, q=q)).items]
        assert found == (["黄枫茶叶 100%", "高桥大米 5 千克"] if names is None else names)


async def test_nobody_else_sees_an_order(county: County) -> None:
    placed = await order(await on_sale(county), await county.member())
    other = await county.member()
    for call in (queries.own_order(placed.id, other), commands.cancel(order=placed.id, actor=other)):
        with pytest.raises(NotFound):
            await call
    elsewhere = await staff("李小外", (county.unit, "dept_welfare"))
    for call in (
        commands.pay(order=placed.id, data=taken(placed), actor=elsewhere),
        queries.desk_order(placed.id, elsewhere),
    ):
        with pytest.raises(NotFound):
            await call
    assert ids.parse(placed.id) is not None


async def test_whoever_ordered_is_told_once_that_it_is_over(county: County) -> None:
    templates.load(CONFIG_DIR)
    goods, member, other = await on_sale(county), await county.member(), await county.member()
    voucher, _ = await _voucher(county, member)
    late, paid = await order(goods, member, 3, voucher), await order(goods, other, 2)
    await settle(county, paid)
    await refund(county, paid, reason="米袋破了")
    clock.advance(minutes=30)
    await commands.lapse(100)
    await tasks.drain_outbox({})
    assert await reactions.mall.tell_of_lapse(OrderLapsed(ids.parse(late.id) or 0), "again")
    told = await database.rows("SELECT account_id, title, text, link FROM notification WHERE event LIKE 'order.%%'")
    assert {(row["account_id"], row["title"], row["text"], row["link"]) for row in told} == {
        (
            member.account_id,
            "订单没有付款，已经取消",
            "“高桥大米 5 千克”的订单过了时间没有付款，已经取消。还想要的，可以重新下单。"
            "用在这笔订单上的券，没过期的已经退回您的券包。",
            f"/me/orders/{late.id}",
        ),
        (
            other.account_id,
            "订单已经退款",
            "“高桥大米 5 千克”的订单已经退款。原因：米袋破了。退款 79.80 元，请到下单时说好的窗口领取。",
            f"/me/orders/{paid.id}",
        ),
    }
    assert len(told) == 2
