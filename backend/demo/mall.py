"""What the demo county sells: six kinds of goods, one gone and one nearly, and orders of every end."""

from backend.core import database
from backend.core.actor import Actor
from backend.demo import places
from backend.demo.tree import County
from backend.mall import commands as mall
from backend.mall.enums import PayMeans
from backend.mall.schemas import NewGoods, OrderInput, PayInput, RefundInput

PICKUP = "县总工会一楼服务大厅，工作日 9:00–17:00"
# Name, text, price for members and elsewhere in fen, pieces.
GOODS = (
    ("高桥大米 5 千克", "本地新米，真空袋装。", 39_90, 49_90, 200),
    ("黄枫山茶油 1 升", "农家压榨，帮扶村直供。", 68_00, 88_00, 80),
    ("星湖土鸡蛋 30 枚", "当日捡当日送，请当天取。", 29_80, 36_00, 60),
    ("职工电影通兑券", "县城两家影院通用，当年有效。", 25_00, 45_00, 300),
    ("端午粽子礼盒", "肉粽蛋黄粽各四只。", 45_00, 58_00, 2),
    ("骑行头盔", "均码，适合外卖和快递骑手。", 59_00, 79_00, 5),
)


async def sell(county: County) -> None:
    """Of the last but one nothing is left, and little of the last."""
    welfare = county.staff["demo-county"]
    goods = []
    for name, text, price, list_price, stock in GOODS:
        data = NewGoods(
            union_id=county.unions[places.COUNTY],
            name=name,
            text=text,
            pickup=PICKUP,
            price_fen=price,
            list_price_fen=list_price,
            stock=stock,
            active=True,
        )
        goods.append(await mall.open_goods(welfare, data=data, nonce=name))
    buyers = await _buyers()
    orders = [
        (await mall.place(goods=one, data=OrderInput(quantity=quantity), actor=buyer, nonce="demo")).id
        for one, quantity, buyer in zip((*goods[:3], *goods[4:]), (2, 1, 1, 2, 4), buyers, strict=False)
    ]
    for number, (order, one) in enumerate(zip(orders[:4], (79_80, 68_00, 29_80, 90_00), strict=True), start=1):
        paid = PayInput(amount_fen=one, means=PayMeans.CASH, receipt_no=f"{number:06d}")
        await mall.pay(order=order, data=paid, actor=welfare)
    for order in orders[:2]:
        await mall.hand_over(order=order, actor=welfare)
    back = RefundInput(reason="油桶有渗漏，已退回", restock=False)
    await mall.refund(order=orders[1], data=back, actor=welfare)


async def _buyers() -> list[Actor]:
    """Members with accounts, but for the first, who may try the demo."""
    found = await database.rows(
        "SELECT id, member_id, display FROM account WHERE member_id IS NOT NULL ORDER BY id LIMIT 6"
    )
    return [
        Actor(kind="person", account_id=one["id"], member_id=one["member_id"], display=one["display"])
        for one in found[1:]
    ]
