"""Pages and doors of the mall: look, order, pay at the counter, fetch, take back."""

from typing import Any

from backend.core import ids
from backend.mall import queries
from tests.casework.browser import browse, hidden
from tests.mall.samples import on_sale, order
from tests.vouchers.tills import voucher_of
from tests.vouchers.world import County, broken


async def test_everybody_looks_and_members_order(county: County, app: Any) -> None:
    goods, member = await on_sale(county), await county.member()
    guest = await browse(app)
    listed, shown = (await guest.get("/mall?q=大米")).text, (await guest.get(f"/mall/{goods}")).text
    assert "市场价 ¥49.90" in listed and "39.90" not in listed + shown
    assert f'href="/sign-in?next=/mall/{goods}"' in shown
    assert "没有找到“米粉”" in (await guest.get("/mall?q=米粉")).text
    browser = await browse(app, member)
    page = (await browser.get(f"/mall/{goods}")).text
    assert "会员价 ¥39.90" in page and "市场价 <s>¥49.90</s>" in page and "一次最多 10 件" in page
    listed = (await browser.get("/mall")).text
    assert "会员价 ¥39.90" in listed and "市场价 <s>¥49.90</s>" in listed
    form = {"nonce": hidden(page, "nonce"), "quantity": "2"}
    for quantity, words in (("0", "数量要在 1 到 20 之间。"), ("两", "")):
        wrong = await browser.post(f"/mall/{goods}/order", data=form | {"quantity": quantity})
        assert (wrong.status_code, f'value="{quantity}"' in wrong.text, words in wrong.text) == (422, True, True)
    placed = await browser.post(f"/mall/{goods}/order", data=form)
    assert placed.status_code == 303
    mine = (await browser.get(placed.headers["location"])).text
    assert "到取货的柜台付 79.80 元" in mine and "<svg" in mine.partition('class="qr"')[2] and "取消订单" in mine
    again = await browser.post(f"/mall/{goods}/order", data={"nonce": "another", "quantity": "1"})
    assert (again.status_code, "同样商品的订单还没付款" in again.text) == (409, True)
    assert "高桥大米 5 千克" in (await browser.get("/me/orders")).text
    assert "/me/orders" in (await browser.get("/me")).text
    cancelled = await browser.post(f"{placed.headers['location']}/cancel")
    assert cancelled.status_code == 303
    assert "已取消" in (await browser.get(placed.headers["location"])).text


async def test_a_voucher_is_chosen_on_the_page(county: County, app: Any) -> None:
    goods = await on_sale(county)
    voucher, member = await voucher_of(county)
    browser = await browse(app, member)
    assert "三月消费券，抵 50.00 元，满 100.00 元可用" in (await browser.get(f"/mall/{goods}")).text
    low = await browser.post(f"/mall/{goods}/order", data={"nonce": "a", "quantity": "1", "voucher": voucher.id})
    assert (low.status_code, "这张券要满 100.00 元才能用。" in low.text) == (422, True)
    assert f'value="{voucher.id}" selected' in low.text
    placed = await browser.post(f"/mall/{goods}/order", data={"nonce": "a", "quantity": "3", "voucher": voucher.id})
    assert "¥69.70" in (await browser.get(placed.headers["location"])).text
    kept = (await browser.get(f"/me/vouchers/{voucher.id}")).text
    assert "用在一笔还没付款的订单上" in kept and "/me/orders" in kept


async def test_the_counter_books_hands_over_and_refunds(county: County, app: Any) -> None:
    goods, member = await on_sale(county), await county.member()
    placed = await order(goods, member, 2)
    desk, at = await browse(app, county.welfare), f"/desk/mall/orders/{placed.id}"
    found = await desk.get("/desk/mall/orders", params={"code": placed.code})
    assert f'href="{at}"' in found.text
    assert "没有这个取货码的订单" in (await desk.get("/desk/mall/orders?code=ABCD")).text
    assert f'href="{at}"' in (await desk.get("/desk/mall/orders?status=pending")).text
    early = await desk.post(f"{at}/hand-over")
    assert (early.status_code, "这笔订单现在是“待付款”" in early.text) == (409, True)
    assert "请收 <strong>¥79.80</strong>" in early.text
    paid = {"amount_fen": "79.80", "means": "cash", "receipt_no": "000017"}
    for act, words in (("pay", "收款已经入账"), ("hand-over", "已经交货")):
        done = await desk.post(f"{at}/{act}", data=paid if act == "pay" else None)
        assert words in (await desk.get(done.headers["location"])).text
    without = await desk.post(f"{at}/refund", data={"reason": "x", "restock": "1"})
    assert (without.status_code, "请写明退款的原因" in without.text, "checked" in without.text) == (422, True, True)
    back = await desk.post(f"{at}/refund", data={"reason": "会员退货", "restock": "1"})
    assert "已经退款" in (await desk.get(back.headers["location"])).text
    assert "原因：会员退货" in (await (await browse(app, member)).get(f"/me/orders/{placed.id}")).text
    assert (await (await browse(app, county.treasurer)).get("/desk/mall/orders")).status_code == 403
    assert await broken() == []


async def test_goods_are_put_on_sale_and_changed_at_the_desk(county: County, app: Any) -> None:
    desk, list_ = await browse(app, county.welfare), "/desk/mall/goods"
    new = {
        "union_id": ids.public(county.union.id),
        "name": "高桥大米",
        "price_fen": "39.9",
        "stock": "8",
        "active": "1",
    }
    short = await desk.post(list_, data=new)
    assert (short.status_code, 'value="39.9"' in short.text, 'id="f-pickup-error"' in short.text) == (422, True, True)
    assert (await desk.post(list_, data=new | {"pickup": "服务大厅"})).status_code == 303
    [goods] = (await queries.desk_goods_list(county.welfare)).items
    assert "上架 8 件" in (await desk.get(list_)).text
    page = (await desk.get(f"{list_}/{goods.id}")).text
    assert 'value="39.90"' in page and "checked" in page
    changed = {"name": "高桥大米", "price_fen": "35", "pickup": "服务大厅", "stock": "9", "version": "1"}
    assert (await desk.post(f"{list_}/{goods.id}", data=changed)).status_code == 303
    stale = await desk.post(f"{list_}/{goods.id}", data=changed)
    assert (stale.status_code, "刚刚被其他人改过" in stale.text) == (409, True)
    assert "已下架" in (await desk.get(list_)).text
    assert (await (await browse(app)).get(f"/mall/{goods.id}")).status_code == 404


async def test_doors_of_the_mall(county: County, app: Any) -> None:
    desk, member = await browse(app, county.welfare), await browse(app, await county.member())
    new = {"union_id": ids.public(county.union.id), "name": "高桥大米", "pickup": "大厅", "price_fen": 3990, "stock": 5}
    made = (await desk.post("/api/v1/desk/mall/goods", json=new | {"active": True})).json()
    goods = (await member.get("/api/v1/mall/goods")).json()["items"]
    assert [(one["id"], one["price_fen"], one["left"]) for one in goods] == [(made["id"], 3990, 5)]
    assert (await (await browse(app)).get(f"/api/v1/mall/goods/{made['id']}")).json()["price_fen"] is None
    key = {"idempotency-key": "order-1"}
    door = f"/api/v1/mall/goods/{made['id']}/orders"
    placed = await member.post(door, json={"quantity": 2}, headers=key)
    assert (placed.status_code, placed.json()["pay_fen"]) == (201, 7980)
    assert (await member.post(door, json={"quantity": 2}, headers=key)).json() == placed.json()
    assert (await member.post(door, json={"quantity": 1})).json()["code"] == "order_pending"
    at = f"/api/v1/desk/mall/orders/{placed.json()['id']}"
    paid = {"amount_fen": 7980, "means": "code", "receipt_no": "17"}
    back = {"reason": "坏了"}
    for act, body, state in (("pay", paid, "paid"), ("hand-over", None, "handed"), ("refund", back, "refunded")):
        moved = await desk.post(f"{at}/{act}", json=body)
        assert (moved.status_code, moved.json()["order"]["state"]) == (200, state)
    assert (await desk.get(at)).json()["order"]["reason"] == "坏了"
    assert (await member.get("/api/v1/me/orders")).json()["items"][0]["state"] == "refunded"
    late = await member.post(f"/api/v1/me/orders/{placed.json()['id']}/cancel")
    assert (late.status_code, late.json()["code"]) == (409, "order_not_pending")
    assert await broken() == []


async def test_the_page_of_the_service_leads_to_the_mall(county: County, app: Any) -> None:
    guest = await browse(app)
    assert 'href="/mall"' in (await guest.get("/services/welfare-mall")).text
    assert 'href="/vouchers"' in (await guest.get("/services/benefit-gift")).text
