"""What no voucher covers is paid at the counter, to the fen, once, with a receipt, and is in the day's statement."""

from datetime import date
from typing import Any

import pytest

from backend.core import clock, database
from backend.core.errors import Invalid
from backend.mall import commands, queries
from backend.mall.enums import PayMeans
from backend.mall.schemas import TakingsLine
from tests.casework.browser import browse
from tests.casework.world import staff
from tests.mall.samples import on_sale, order, paid, refund, state_of, taken, takings
from tests.mall.test_orders import refusal
from tests.vouchers.tills import voucher_of
from tests.vouchers.world import County, broken

DAY = date(2026, 3, 10)


async def cash() -> int:
    """What the ledger says came in at the counter."""
    found = await database.scalar("SELECT balance_fen FROM ledger_account WHERE `key` LIKE 'cash:%%'")
    return -(found or 0)


async def test_a_member_sees_what_is_left_to_pay_and_pays_it_at_the_counter(county: County, app: Any) -> None:
    goods = await on_sale(county)
    voucher, member = await voucher_of(county)
    placed = await order(goods, member, 3, voucher.id)
    phone, desk = await browse(app, member), await browse(app, county.welfare)
    mine = (await phone.get(f"/me/orders/{placed.id}")).text
    for words in ("到取货的柜台付 69.70 元", "县总工会一楼服务大厅", "09:30", "还要付", "¥119.70"):
        assert words in mine, words
    at = f"/desk/mall/orders/{placed.id}"
    assert "请收 <strong>¥69.70</strong>" in (await desk.get(at)).text
    wrong = await desk.post(f"{at}/pay", data={"amount_fen": "119.70", "receipt_no": "000018"})
    assert wrong.status_code == 422
    for words in ("要收 69.70 元", "请选是怎么收的款", 'value="119.70"', 'value="000018"', 'id="f-amount_fen-error"'):
        assert words in wrong.text, words
    assert (await state_of(placed), await cash()) == ("pending", 0)
    done = await desk.post(f"{at}/pay", data={"amount_fen": "69.7", "means": "cash", "receipt_no": " 000018 "})
    assert "收款已经入账" in (await desk.get(done.headers["location"])).text
    mine = (await phone.get(f"/me/orders/{placed.id}")).text
    assert "已付" in mine and "000018" in mine and "现金" in mine and "还要付" not in mine
    assert (await cash(), await takings()) == (69_70, 119_70)
    assert await broken() == []


async def test_the_same_receipt_is_one_payment_and_never_two(county: County) -> None:
    goods = await on_sale(county)
    first, second = await order(goods, await county.member()), await order(goods, await county.member())
    for _ in range(3):
        await paid(county, first, receipt_no="A-1")
    assert (await cash(), await takings()) == (39_90, 39_90)
    assert (await refusal(paid(county, first, receipt_no="A-2")))[0] == "order_moved"
    assert (await refusal(paid(county, first, receipt_no="A-1", means=PayMeans.CARD)))[0] == "order_moved"
    assert await refusal(paid(county, second, receipt_no="A-1")) == (
        "order_receipt_used",
        "这张收据已经用在另一笔订单上，请核对收据号。",
    )
    assert (await state_of(second), await cash()) == ("pending", 39_90)
    assert await broken() == []


async def test_nothing_but_the_right_sum_with_a_receipt_is_taken(county: County) -> None:
    placed = await order(await on_sale(county), await county.member())
    for changes in (
        {"amount_fen": 39_89},
        {"amount_fen": 39_91},
        {"amount_fen": -39_90},
        {"receipt_no": " "},
        {"receipt_no": "9" * 33},
        {"means": None},
    ):
        with pytest.raises(Invalid) as wrong:
            await paid(county, placed, **changes)
        assert [one.field for one in wrong.value.errors] == list(changes)
    clock.advance(minutes=30)
    await commands.lapse(100)
    assert (await refusal(paid(county, placed)))[0] == "order_moved"
    assert (await cash(), await broken()) == (0, [])


async def test_what_a_voucher_covers_needs_no_money_and_no_receipt(county: County, app: Any) -> None:
    goods = await on_sale(county, price_fen=50_00, list_price_fen=0)
    voucher, member = await voucher_of(county, threshold_fen=0)
    placed = await order(goods, member, 1, voucher.id)
    mine = (await (await browse(app, member)).get(f"/me/orders/{placed.id}")).text
    assert placed.pay_fen == 0 and "不用再付钱" in mine
    desk, at = await browse(app, county.welfare), f"/desk/mall/orders/{placed.id}"
    assert "券已经抵了全部货款" in (await desk.get(at)).text
    assert (await desk.post(f"{at}/pay", data={"amount_fen": "0"})).status_code == 303
    await commands.pay(order=placed.id, data=taken(placed, means=None, receipt_no=""), actor=county.welfare)
    shown = await queries.own_order(placed.id, member)
    assert (shown.state, shown.means_text, shown.receipt_no) == ("paid", "只用券", "")
    assert (await cash(), await takings()) == (0, 50_00)
    assert await broken() == []


async def test_a_day_of_the_counter_agrees_with_the_ledger_to_the_fen(county: County, app: Any) -> None:
    goods = await on_sale(county, stock=50)
    voucher, member = await voucher_of(county)
    with_voucher = await order(goods, member, 3, voucher.id)
    cashed, carded = await order(goods, await county.member(), 2), await order(goods, await county.member())
    await paid(county, with_voucher, receipt_no="B-1")
    await paid(county, cashed, receipt_no="B-2")
    await paid(county, carded, receipt_no="B-3", means=PayMeans.CARD)
    await refund(county, cashed)
    day = await queries.counter_takings(county.welfare, day=DAY)
    assert [(one.means_text, one.count, one.taken_fen, one.refunds, one.refunded_fen) for one in day.lines] == [
        ("现金", 2, 149_50, 1, 79_80),
        ("刷卡", 1, 39_90, 0, 0),
    ]
    assert (day.count, day.taken_fen, day.refunded_fen, day.net_fen) == (3, 189_40, 79_80, 109_60)
    assert (day.voucher_fen, day.is_over) == (50_00, False)
    assert (await cash(), await takings()) == (day.net_fen, day.net_fen + day.voucher_fen)
    clock.advance(days=1)
    await refund(county, with_voucher)
    assert (await queries.counter_takings(county.welfare, day=DAY)).net_fen == 109_60
    later = await queries.counter_takings(county.welfare)
    assert later.lines == [
        TakingsLine(
            means="cash", means_text="现金", count=0, taken_fen=0, refunds=1, refunded_fen=69_70, net_fen=-69_70
        )
    ]
    assert (later.voucher_fen, await cash(), await takings()) == (-50_00, 39_90, 39_90)
    desk = await browse(app, county.welfare)
    page = (await desk.get(f"/desk/mall/statement?day={DAY}")).text
    assert "¥109.60" in page and "下一日" in page and "数字会变" not in page
    assert "这一天没有收款" in (await desk.get("/desk/mall/statement?day=2026-03-09")).text
    told = (await desk.get(f"/api/v1/desk/mall/statement?day={DAY}")).json()
    assert (told["net_fen"], told["is_over"]) == (109_60, True)
    for base in ("/api/v1", ""):
        sheet = await desk.get(f"{base}/desk/mall/statement/sheet?day={DAY}&format=csv")
        rows = sheet.content.decode("utf-8-sig").splitlines()
        assert len(rows) == 6 and rows[-1].startswith("合计,4 笔") and "189.40,79.80" in rows[-1]
        assert "09:00,退款,B-2,现金,高桥大米 5 千克,2,79.80,0.00,,79.80,邹小红" in rows
    assert (await desk.get("/api/v1/desk/mall/statement?day=9999-12-31")).status_code == 404
    assert await broken() == []


async def test_the_statement_is_of_ones_own_counter(county: County, app: Any) -> None:
    await paid(county, await order(await on_sale(county), await county.member()))
    elsewhere = await staff("李小外", (county.unit, "dept_welfare"))
    assert (await queries.counter_takings(elsewhere)).lines == []
    for path in ("statement", "statement/sheet"):
        assert (await (await browse(app, county.treasurer)).get(f"/desk/mall/{path}")).status_code == 403
