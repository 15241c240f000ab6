"""Shops that take vouchers, found by township and words, without telling where one is."""

from typing import Any

import msgspec
import pytest

from backend.core import ids
from backend.core.errors import Invalid
from backend.vouchers import commands, queries
from backend.vouchers.enums import ShopState
from backend.vouchers.shop_schemas import ShopInput
from tests.casework.browser import browse
from tests.vouchers.world import County, opened

GAOQIAO, HUANGFENG = "990121001", "990121100"


async def shop(county: County, name: str, division: str = GAOQIAO, **more: Any) -> str:
    data = ShopInput(name=name, division=division, **more)
    return await commands.open_shop(county.welfare, data=data, union=ids.public(county.union.id))


async def names(**sought: Any) -> list[str]:
    return [one.name for one in (await queries.nearby_shops(**sought)).items]


async def test_shops_are_found_by_township_and_words(county: County, app: Any) -> None:
    await shop(county, "黄枫便民超市", HUANGFENG, address="新街 21 号", offers="会员价商品九折")
    await shop(county, "高桥老街饭店", phone="0731-88880000", hours="9:00 到 21:00", address="老街 8 号")
    await shop(county, "没有地址的店", "")
    stopped = await shop(county, "停业的店")
    await commands.set_shop_state(county.welfare, shop=stopped, state=ShopState.STOPPED)
    assert await names() == ["没有地址的店", "高桥老街饭店", "黄枫便民超市"]
    assert await names(division=HUANGFENG) == ["黄枫便民超市"]
    for q, found in (("老街", ["高桥老街饭店"]), ("九折", ["黄枫便民超市"]), ("%", []), ("新街 21", ["黄枫便民超市"])):
        assert await names(q=q) == found
    guest = await browse(app)
    page = (await guest.get("/shops")).text
    assert page.index("高桥街道</h2>") < page.index("黄枫镇</h2>") and "停业的店" not in page
    for words in ('href="tel:0731-88880000"', "9:00 到 21:00", "高桥街道，1 家", "其他</h2>"):
        assert words in page, words
    one = (await guest.get(f"/shops?division={HUANGFENG}")).text
    assert "高桥老街饭店" not in one and f'value="{HUANGFENG}" selected' in one
    assert "没有找到这样的店" in (await guest.get("/shops?q=米粉")).text
    told = (await guest.get("/api/v1/shops", params={"q": "饭店"})).json()["items"]
    assert [(row["name"], row["division_name"], row["phone"]) for row in told] == [
        ("高桥老街饭店", "高桥街道", "0731-88880000")
    ]
    assert 'href="/shops"' in (await guest.get("/vouchers")).text
    assert 'href="/shops"' in (await guest.get("/services/merchant-service")).text


async def test_every_shop_stands_on_one_page_of_the_list(county: County) -> None:
    for number in range(7):
        await shop(county, f"第{number}家店", (GAOQIAO, HUANGFENG, "")[number % 3])
    seen, cursor = list[str](), None
    while True:
        found = await queries.nearby_shops(limit=2, cursor=cursor)
        seen += [one.name for one in found.items]
        cursor = found.next_cursor
        if cursor is None:
            break
    assert seen == await names() and len(set(seen)) == 7


async def test_a_shop_names_the_vouchers_it_takes(county: County) -> None:
    await shop(county, "高桥老街饭店")
    await shop(county, "黄枫便民超市", HUANGFENG)
    await opened(county, name="全县通用券")
    await opened(county, name="饭店专用券", shops=["高桥老街饭店"])
    taken = {one.name: one.campaigns for one in (await queries.nearby_shops()).items}
    assert taken["黄枫便民超市"] == ["全县通用券"]
    assert taken["高桥老街饭店"] == ["全县通用券", "饭店专用券"]


async def test_what_everybody_reads_of_a_shop_is_checked(county: County) -> None:
    for field, value in (("division", "990121"), ("division", "990121999"), ("phone", "打前台"), ("hours", "早" * 61)):
        with pytest.raises(Invalid) as refused:
            await commands.open_shop(
                county.welfare,
                data=msgspec.structs.replace(ShopInput(name="高桥老街饭店"), **{field: value}),
                union=ids.public(county.union.id),
            )
        assert [one.field for one in refused.value.errors] == [field]
