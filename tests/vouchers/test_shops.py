"""Shops and their tills: who opens them, who stands there, and that nobody does who was taken away."""

import pytest

from backend.core import database, ids
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from backend.home.callers import load_actor
from backend.identity import commands as identity
from backend.vouchers import commands, queries
from backend.vouchers.enums import SettleCycle, ShopState
from backend.vouchers.shop_schemas import CashierInput, ShopInput, ShopView
from tests.factories.people import caller
from tests.vouchers.tills import cashier_of, redeem, shop_of, token_of, voucher_of
from tests.vouchers.world import County, broken


async def test_a_shop_is_opened_and_changed_by_its_desk(county: County) -> None:
    union = ids.public(county.union.id)
    data = ShopInput(name=" 望城  老街饭店 ", address="望城街 8 号", offers="满一百减十", offline_limit_fen=500_00)
    shop = await commands.open_shop(county.welfare, data=data, union=union, nonce="once")
    assert await commands.open_shop(county.welfare, data=data, union=union, nonce="once") == shop
    assert await queries.desk_shop(shop, county.welfare) == ShopView(
        id=shop,
        name="望城 老街饭店",
        address="望城街 8 号",
        division="",
        division_name="",
        phone="",
        hours="",
        offers="满一百减十",
        union_name="星城县总工会",
        state="active",
        state_text="营业中",
        settle_cycle="weekly",
        settle_cycle_text="周结",
        offline_limit_fen=500_00,
        cashiers=0,
        payable_fen=0,
        may_manage=True,
        version=1,
    )
    later = ShopInput(name="老街饭店", settle_cycle=SettleCycle.MONTHLY)
    await commands.change_shop(county.welfare, shop=shop, data=later, version=1)
    changed = await queries.desk_shop(shop, county.welfare)
    assert (changed.name, changed.settle_cycle, changed.offline_limit_fen) == ("老街饭店", "monthly", 0)
    with pytest.raises(Conflict) as late:
        await commands.change_shop(county.welfare, shop=shop, data=data, version=1)
    assert late.value.code == "shop_changed"
    assert await broken() == []


async def test_everything_wrong_about_a_shop_is_named_at_once(county: County) -> None:
    wrong = ShopInput(name="店", address="街" * 201, offers="减" * 301, offline_limit_fen=-1)
    with pytest.raises(Invalid) as refused:
        await commands.open_shop(county.welfare, data=wrong, union=ids.public(county.union.id))
    assert {one.field: one.message for one in refused.value.errors} == {
        "name": "门店名称要 2 到 40 个字。",
        "address": "地址最多写 200 个字。",
        "offers": "会员优惠最多写 300 个字。",
        "offline_limit_fen": "每日离线核销限额在 0 到 100,000.00 元之间，不允许离线的填 0。",
    }
    assert await database.scalar("SELECT COUNT(*) FROM shop") == 0
    assert await database.scalar("SELECT COUNT(*) FROM ledger_account WHERE kind = 'payable'") == 0


async def test_a_shop_is_nobody_elses(county: County) -> None:
    counter = await shop_of(county)
    for stranger in (county.leader, counter.first, await county.member(), county.treasurer):
        seen = [one.id for one in (await queries.desk_shops(stranger)).items]
        # Those who keep the money see shops, and change nothing.
        assert seen == ([counter.shop] if stranger is county.treasurer else [])
        with pytest.raises(NotFound):
            await queries.cashiers_of(counter.shop, stranger)
        with pytest.raises(NotFound):
            await commands.set_shop_state(stranger, shop=counter.shop, state=ShopState.STOPPED)
        with pytest.raises(NotFound):
            await commands.open_shop(stranger, data=ShopInput(name="别人的店"), union=ids.public(county.union.id))
    assert [one.id for one in (await queries.desk_shops(county.welfare)).items] == [counter.shop]


async def test_who_stands_at_a_till_may_do_that_and_nothing_else(county: County) -> None:
    counter = await shop_of(county)
    [post] = counter.first.posts
    assert (post.union_name, post.permissions, post.roles) == ("望城老街饭店", frozenset({"merchant.redeem"}), ())
    shown = await queries.cashiers_of(counter.shop, county.welfare)
    assert [(one.number, one.display, one.state, one.first_password) for one in shown] == [
        ("01", "邹小收", "active", False),
        ("02", "邹小收", "active", False),
    ]
    assert (await queries.till_of(counter.second)).number == 2
    with pytest.raises(Forbidden):
        await queries.till_of(county.welfare)


async def test_a_first_password_has_to_be_changed_before_anything(county: County) -> None:
    counter = await shop_of(county)
    data = CashierInput(username="Till-New", display="邹小新")
    made = await commands.add_cashier(county.welfare, shop=counter.shop, data=data)
    assert (made.username, made.number) == ("till-new", "03")
    answer = await identity.open_staff_session("till-new", made.first_password, None, caller())
    assert answer.pending == "password"
    again = await commands.reset_cashier(county.welfare, shop=counter.shop, cashier=made.id)
    assert (again.number, again.username) == ("03", "till-new")
    assert again.first_password != made.first_password
    assert await load_actor(answer.access_token) is None


async def test_who_was_taken_from_a_till_is_out_at_once(county: County) -> None:
    counter = await shop_of(county)
    token = await token_of(county, counter.shop)
    before = await load_actor(token)
    assert before is not None
    third = (await queries.cashiers_of(counter.shop, county.welfare))[2]
    voucher, _ = await voucher_of(county)
    for _ in range(2):
        await commands.remove_cashier(county.welfare, shop=counter.shop, cashier=third.id)
    assert await load_actor(token) is None
    with pytest.raises(Forbidden):
        await redeem(before, voucher.code)
    assert len(await queries.cashiers_of(counter.shop, county.welfare)) == 2
    with pytest.raises(NotFound):
        await commands.reset_cashier(county.welfare, shop=counter.shop, cashier=third.id)
    # A number is given out once, so that a receipt of last year still says who it was.
    assert (await queries.till_of(await cashier_of(county, counter.shop))).number == 4


async def test_a_stopped_shop_takes_nothing(county: County) -> None:
    counter = await shop_of(county)
    voucher, _ = await voucher_of(county)
    await commands.set_shop_state(county.welfare, shop=counter.shop, state=ShopState.STOPPED)
    with pytest.raises(Conflict) as refused:
        await redeem(counter.first, voucher.code)
    assert (refused.value.code, refused.value.detail) == (
        "shop_stopped",
        "门店已停用，不能核销。有疑问请与工会普惠服务部联系。",
    )
    await commands.set_shop_state(county.welfare, shop=counter.shop, state=ShopState.ACTIVE)
    assert (await redeem(counter.first, voucher.code)).worth_fen == 50_00


async def test_a_decided_case_opens_one_shop_and_stops_it(county: County) -> None:
    data = ShopInput(name="望城老街饭店", settle_cycle=SettleCycle.MONTHLY)
    decided = {"data": data, "union_id": county.union.id, "case_id": 77}
    shop = await commands.open_decided_shop(county.leader, **decided)
    assert await commands.open_decided_shop(county.leader, **decided) == shop
    assert (await queries.desk_shop(shop, county.welfare)).settle_cycle_text == "月结"
    assert await commands.stop_decided_shop(county.leader, case_id=77)
    assert not await commands.stop_decided_shop(county.leader, case_id=78)
    stopped = await queries.desk_shop(shop, county.welfare)
    assert (stopped.state_text, stopped.version) == ("已停用", 2)
