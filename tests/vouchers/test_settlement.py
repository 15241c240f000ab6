"""A shop is paid what it took, once, by finished weeks or months; reversed, it is owed again."""

import csv
import io
from datetime import date, datetime
from typing import Any

import pytest

from backend.core import clock, database, ids
from backend.core.errors import Conflict, Invalid, NotFound
from backend.vouchers import commands, queries, redeeming
from backend.vouchers.enums import SettleCycle, ShopState
from backend.vouchers.shop_schemas import SettleInput, SettlementView
from tests.casework.browser import browse
from tests.casework.world import new_union, staff
from tests.payments.samples import balances
from tests.vouchers.tills import Counter, cashier_of, redeem, shop_of, voucher_of
from tests.vouchers.world import County, broken, opened

PRICE = 33_33


async def took(county: County, counter: Counter, campaign: str, *receipts: str) -> None:
    """Each receipt a voucher, by somebody who has just signed in at the till."""
    till = await cashier_of(county, counter.shop)
    for receipt in receipts:
        voucher, _ = await voucher_of(county, campaign)
        await redeem(till, voucher.code, receipt)


async def weeks(county: County) -> Counter:
    """Two uses on Tuesday, one on Sunday, one on the Monday after, which is today; one more was undone."""
    counter = await shop_of(county)
    campaign = await opened(county, face_value_fen=PRICE, threshold_fen=0)
    await took(county, counter, campaign, "A-1", "A-2", "A-3")
    undone = await database.scalar("SELECT id FROM redemption WHERE receipt_no = 'A-3'")
    await commands.undo(redemption=ids.public(undone), reason="误刷", actor=counter.first)
    clock.advance(days=5)
    await took(county, counter, campaign, "B-1")
    clock.advance(days=1)
    await took(county, counter, campaign, "C-1")
    return counter


async def pay(county: County, shop: str, amount_fen: int, remark: str = "") -> SettlementView:
    data = SettleInput(amount_fen=amount_fen, remark=remark)
    made = await commands.settle(county.treasurer, shop=shop, data=data)
    return await queries.desk_settlement(made, county.treasurer)


async def test_a_shop_is_paid_its_finished_week_and_nothing_else(county: County) -> None:
    counter = await weeks(county)
    due = await queries.settlement_due(counter.shop, county.treasurer)
    assert (due.from_on, due.to_on, due.count) == (date(2026, 3, 10), date(2026, 3, 15), 3)
    assert (due.amount_fen, due.later_fen, due.may_settle) == (3 * PRICE, PRICE, True)
    made = await pay(county, counter.shop, 3 * PRICE, "  网银 2026-0316 ")
    assert (made.from_on, made.to_on, made.count, made.amount_fen) == (due.from_on, due.to_on, 3, 3 * PRICE)
    assert (made.remark, made.paid_at, made.reversed_at) == ("网银 2026-0316", "2026-03-16T09:00:00+08:00", None)
    sums = await balances()
    assert (sums["payable"], sums["paid"]) == (PRICE, 3 * PRICE)
    with pytest.raises(Conflict) as again:
        await pay(county, counter.shop, 3 * PRICE)
    assert (again.value.code, again.value.detail) == ("nothing_to_settle", "到3月15日为止没有待结算的券款。")
    later = await queries.settlement_due(counter.shop, county.treasurer)
    assert (later.count, later.amount_fen, later.later_fen, later.from_on) == (0, 0, PRICE, None)
    assert [one.id for one in (await queries.shop_settlements(counter.shop, county.welfare)).items] == [made.id]
    assert [one.id for one in (await queries.till_settlements(counter.first)).items] == [made.id]
    assert await broken() == []


async def test_what_is_paid_is_what_was_shown(county: County) -> None:
    counter = await weeks(county)
    with pytest.raises(Conflict) as refused:
        await pay(county, counter.shop, 2 * PRICE)
    assert (refused.value.code, refused.value.detail) == (
        "settlement_differs",
        "应结金额刚刚变成 99.99 元，请核对后再办。",
    )
    assert await database.scalar("SELECT COUNT(*) FROM redemption WHERE settlement_id IS NOT NULL") == 0
    assert "paid" not in await balances()
    with pytest.raises(Invalid) as long:
        await pay(county, counter.shop, 3 * PRICE, "长" * 101)
    assert long.value.errors[0].field == "remark"


async def test_a_settled_use_is_not_undone(county: County) -> None:
    counter = await weeks(county)
    await pay(county, counter.shop, 3 * PRICE)
    settled = ids.public(await database.scalar("SELECT id FROM redemption WHERE receipt_no = 'B-1'"))
    with pytest.raises(Conflict) as refused:
        await commands.undo(redemption=settled, reason="会员退菜", actor=counter.first)
    assert (refused.value.code, refused.value.detail) == (
        "redemption_settled",
        "这一笔已经结算付款，不能撤销，请与工会财务部联系。",
    )
    today = ids.public(await database.scalar("SELECT id FROM redemption WHERE receipt_no = 'C-1'"))
    assert (await commands.undo(redemption=today, reason="会员退菜", actor=counter.first)).undone_at
    assert await broken() == []


async def test_a_reversed_settlement_is_owed_and_paid_again(county: County) -> None:
    counter = await weeks(county)
    first = await pay(county, counter.shop, 3 * PRICE)
    with pytest.raises(Invalid) as short:
        await commands.reverse_settlement(county.treasurer, settlement=first.id, reason="错")
    assert short.value.errors[0].field == "reason"
    for reason in ("账号写错退回", "再来一次"):
        shop = await commands.reverse_settlement(county.treasurer, settlement=first.id, reason=reason)
        assert shop == counter.shop
    shown = await queries.desk_settlement(first.id, county.treasurer)
    assert (shown.reversed_at, shown.reverse_reason) == ("2026-03-16T09:00:00+08:00", "账号写错退回")
    assert (await balances())["payable"] == 4 * PRICE
    assert await broken() == []
    with pytest.raises(Conflict) as gone:
        await queries.settlement_sheet(first.id, county.treasurer)
    assert gone.value.code == "settlement_reversed"
    clock.advance(days=7)
    second = await pay(county, counter.shop, 4 * PRICE)
    assert (second.from_on, second.to_on, second.count) == (date(2026, 3, 10), date(2026, 3, 22), 4)
    assert (await balances())["paid"] == 4 * PRICE
    assert await broken() == []


async def test_an_earlier_settlement_is_reversed_beside_a_later_one(county: County) -> None:
    counter = await weeks(county)
    first = await pay(county, counter.shop, 3 * PRICE)
    clock.advance(days=7)
    await pay(county, counter.shop, PRICE)
    await commands.reverse_settlement(county.treasurer, settlement=first.id, reason="账号写错退回")
    again = await pay(county, counter.shop, 3 * PRICE)
    assert (again.from_on, again.to_on) == (date(2026, 3, 10), date(2026, 3, 22))
    assert await broken() == []


async def test_a_stopped_shop_is_still_paid_and_one_by_month_when_the_month_is_over(county: County) -> None:
    counter = await shop_of(county, settle_cycle=SettleCycle.MONTHLY)
    campaign = await opened(county, face_value_fen=PRICE, threshold_fen=0)
    await took(county, counter, campaign, "A-1")
    await commands.set_shop_state(county.welfare, shop=counter.shop, state=ShopState.STOPPED)
    clock.advance(days=14)
    with pytest.raises(Conflict):
        await pay(county, counter.shop, PRICE)
    clock.advance(days=10)
    made = await pay(county, counter.shop, PRICE)
    assert (made.to_on, made.amount_fen) == (date(2026, 3, 31), PRICE)


@pytest.mark.parametrize(
    ("cycle", "now", "last"),
    [
        ("weekly", "2026-03-16T00:00:59+08:00", date(2026, 3, 8)),
        ("weekly", "2026-03-16T00:01:00+08:00", date(2026, 3, 15)),
        ("weekly", "2026-03-22T23:59:59+08:00", date(2026, 3, 15)),
        ("monthly", "2026-03-31T23:59:59+08:00", date(2026, 2, 28)),
        ("monthly", "2026-04-01T00:00:30+08:00", date(2026, 2, 28)),
        ("monthly", "2026-04-01T00:01:00+08:00", date(2026, 3, 31)),
    ],
)
def test_a_period_is_over_a_minute_after_midnight(cycle: str, now: str, last: date) -> None:
    """Whoever began to undo a use before midnight is done by then."""
    assert redeeming.last_over(SettleCycle(cycle), datetime.fromisoformat(now)) == last


async def test_who_pays_is_not_who_manages_shops(county: County) -> None:
    counter = await weeks(county)
    elsewhere = await new_union("黄枫县总工会", "county", "990122", None)
    stranger = await staff("钱小外", (elsewhere, "dept_finance"))
    for actor in (county.welfare, county.leader, counter.first, stranger):
        with pytest.raises(NotFound):
            await commands.settle(actor, shop=counter.shop, data=SettleInput(amount_fen=3 * PRICE))
    made = await pay(county, counter.shop, 3 * PRICE)
    for actor in (county.welfare, counter.first, stranger):
        with pytest.raises(NotFound):
            await commands.reverse_settlement(actor, settlement=made.id, reason="不是我的")
    other = await shop_of(county, "黄枫便民超市")
    with pytest.raises(NotFound):
        await queries.till_settlement_sheet(made.id, other.first)


async def test_the_doctor_sees_a_settlement_that_was_tampered_with(county: County) -> None:
    counter = await weeks(county)
    made = ids.parse((await pay(county, counter.shop, 3 * PRICE)).id)
    other = await shop_of(county, "黄枫便民超市")
    for harm, heal, check in (
        ("SET amount_fen = amount_fen + 1", "SET amount_fen = amount_fen - 1", "a settlement paid something else"),
        ("SET count = 2", "SET count = 3", "a settlement paid something else"),
        ("SET reversed_at = paid_at", "SET reversed_at = NULL", "a settlement moved other money"),
        (f"SET shop_id = {ids.parse(other.shop)}", f"SET shop_id = {ids.parse(counter.shop)}", "a redemption is in"),
        ("SET to_on = from_on", "SET to_on = '2026-03-15'", "a redemption is in"),
    ):
        await database.execute(f"UPDATE settlement {harm} WHERE id = %s", made)
        assert [one for one in await broken() if one.startswith(check)], harm
        await database.execute(f"UPDATE settlement {heal} WHERE id = %s", made)
        assert await broken() == [], heal
    await database.execute("UPDATE redemption SET settlement_id = NULL WHERE receipt_no = 'B-1'")
    assert "a shop is owed something else than its tills took" in await broken()


async def test_a_settlement_is_paid_read_and_reversed_by_the_api(county: County, app: Any) -> None:
    counter = await weeks(county)
    at = f"/api/v1/desk/shops/{counter.shop}"
    desk, till = await browse(app, county.treasurer), await browse(app, counter.first)
    due = (await desk.get(f"{at}/due")).json()
    assert (due["amount_fen"], due["to_on"]) == (3 * PRICE, "2026-03-15")
    made = await desk.post(f"{at}/settlements", json={"amount_fen": due["amount_fen"], "remark": "网银 7"})
    assert (made.status_code, made.json()["amount_fen"]) == (201, 3 * PRICE)
    twice = await desk.post(f"{at}/settlements", json={"amount_fen": due["amount_fen"]})
    assert (twice.status_code, twice.json()["code"]) == (409, "nothing_to_settle")
    assert (await desk.get(f"{at}/settlements")).json()["items"] == [made.json()]
    assert (await till.get("/api/v1/merchant/settlements")).json()["items"] == [made.json()]
    one = f"/api/v1/desk/settlements/{made.json()['id']}"
    sheets = [
        (await client.get(f"{path}/sheet?format=csv")).content.decode("utf-8-sig")
        for client, path in ((desk, one), (till, f"/api/v1/merchant/settlements/{made.json()['id']}"))
    ]
    assert sheets[0] == sheets[1]
    _, *rows = list(csv.reader(io.StringIO(sheets[0])))
    assert [row[2] for row in rows] == ["A-1", "A-2", "B-1", "3 笔"] and rows[-1][5] == "99.99"
    assert {row[9] for row in rows[:-1]} == {"已结算"}
    week = (await till.get("/api/v1/merchant/statements/week?day=2026-03-12")).json()
    assert (week["paid_fen"], week["open_fen"]) == (3 * PRICE, 0)
    back = await desk.post(f"{one}/reverse", json={"reason": "账号写错退回"})
    assert back.json()["reverse_reason"] == "账号写错退回"
    assert (await desk.get(f"{one}/sheet")).status_code == 409
    assert (await desk.get(f"{at}/due")).json()["count"] == 3


async def test_a_settlement_is_paid_and_reversed_on_the_page_of_the_shop(county: County, app: Any) -> None:
    counter = await weeks(county)
    at = f"/desk/shops/{counter.shop}"
    desk, till = await browse(app, county.treasurer), await browse(app, counter.first)
    shown = (await desk.get(at)).text
    assert "登记已付 ¥99.99" in shown and 'name="amount_fen" value="99.99"' in shown
    manager = (await (await browse(app, county.welfare)).get(at)).text
    assert "登记已付" not in manager and "由财务部付款后登记" in manager
    long = await desk.post(f"{at}/settle", data={"amount_fen": "99.99", "remark": "长" * 101})
    assert long.status_code == 422 and "凭证号或说明最多写 100 个字。" in long.text and "长" * 101 in long.text
    differs = await desk.post(f"{at}/settle", data={"amount_fen": "66.66", "remark": "网银 7"})
    assert (
        differs.status_code == 409 and "应结金额刚刚变成 99.99 元" in differs.text and 'value="网银 7"' in differs.text
    )
    paid = await desk.post(f"{at}/settle", data={"amount_fen": "99.99", "remark": "网银 7"})
    page = (await desk.get(paid.headers["location"])).text
    assert "结算已经登记" in page and "网银 7" in page and "都已结清" in page
    [made] = (await queries.shop_settlements(counter.shop, county.treasurer)).items
    statement = (await till.get("/merchant/statement?period=week&day=2026-03-12")).text
    assert "工会已付" in statement and "99.99 元" in statement and "网银 7" in statement
    assert (await till.get(f"/merchant/settlements/{made.id}/sheet")).status_code == 200
    assert (await desk.get(f"/desk/settlements/{made.id}/sheet?format=csv")).status_code == 200
    reverse = f"/desk/settlements/{made.id}/reverse"
    short = await desk.post(reverse, data={"reason": "错"})
    assert short.status_code == 422 and "请写明冲正的原因" in short.text and 'value="错"' in short.text
    gone = await desk.post(reverse, data={"reason": "账号写错退回"})
    assert "已冲正" in (await desk.get(gone.headers["location"])).text
    assert "账号写错退回" in (await till.get("/merchant/statement")).text


async def test_a_shop_is_told_on_its_first_page_that_it_was_paid(county: County, app: Any) -> None:
    counter = await weeks(county)
    till = await browse(app, await cashier_of(county, counter.shop))
    assert "工会已付" not in (await till.get("/merchant")).text
    made = await pay(county, counter.shop, 3 * PRICE)
    told = (await till.get("/merchant")).text
    assert "工会已付 99.99 元" in told and "3月10日至3月15日的 3 笔券款，3月16日付款。" in told
    assert 'href="/merchant/statement#paid"' in told
    statement = (await till.get("/merchant/statement")).text
    assert "3月10日至3月15日，99.99 元" in statement and "3月16日付款" in statement and 'id="paid"' in statement
    await commands.reverse_settlement(county.treasurer, settlement=made.id, reason="账号填错")
    taken_back = (await till.get("/merchant")).text
    assert "付款 99.99 元已冲正" in taken_back and "3月16日冲正：账号填错，回到待结算。" in taken_back
    await pay(county, counter.shop, 3 * PRICE)
    clock.advance(days=8)
    till = await browse(app, await cashier_of(county, counter.shop))
    later = (await till.get("/merchant")).text
    assert "工会已付" not in later and "最近一次付款：3月16日，99.99 元。" in later
    other = await shop_of(county, "高桥小吃店")
    till = await browse(app, other.first)
    assert "付款" not in (await till.get("/merchant")).text
    assert await broken() == []
