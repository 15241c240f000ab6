"""Managers of shops: whom the desk names, what they may do at their own shops, and that nobody else does."""

import re
from typing import Any

import msgspec
import pytest

from backend.core import database, ids
from backend.core.actor import Actor
from backend.core.errors import Invalid, NotFound
from backend.home.callers import load_actor
from backend.identity import commands as identity
from backend.vouchers import commands, queries
from backend.vouchers.shop_schemas import CashierInput, ManagerInput
from tests.casework.browser import browse
from tests.casework.world import new_union, staff
from tests.factories.people import caller
from tests.vouchers.tills import PASSWORD, cashier_of, shop_of, token_of
from tests.vouchers.world import County, broken

API = "/api/v1/merchant/shops"


class Managed(msgspec.Struct):
    manager: Actor
    token: str
    id: str


async def manager_of(county: County, shop: str, username: str = "laojie-zhang") -> Managed:
    data = ManagerInput(username=username, display="赵小管")
    made = await commands.add_manager(county.welfare, shop=shop, data=data, lasting_password=PASSWORD)
    token = (await identity.open_staff_session(made.username, PASSWORD, None, caller())).access_token
    actor = await load_actor(token)
    assert actor is not None
    return Managed(actor, token, made.id)


async def test_a_manager_adds_blocks_and_removes_cashiers_on_a_phone(county: County, app: Any) -> None:
    counter = await shop_of(county)
    phone = await browse(app, (await manager_of(county, counter.shop)).manager)
    assert (await phone.get("/desk")).headers["location"] == "/merchant/shops"
    at = f"/merchant/shops/{counter.shop}"
    assert f'href="{at}"' in (await phone.get("/merchant/shops")).text
    wrong = await phone.post(f"{at}/cashiers", data={"username": "中文", "display": "李小收"})
    assert (wrong.status_code, 'id="f-username-error"' in wrong.text, 'value="李小收"' in wrong.text) == (
        422,
        True,
        True,
    )
    made = await phone.post(f"{at}/cashiers", data={"username": "laojie-09", "display": "李小收"})
    assert made.status_code == 200 and "只显示这一次" in made.text
    username, password = re.findall(r"<dd>(laojie-09)</dd>.*?<dd>([^<]+)</dd>", made.text, re.DOTALL)[0]
    session = await identity.open_staff_session(username, password, None, caller())
    assert (await load_actor(session.access_token)) is not None
    third = (await queries.cashiers_of(counter.shop, county.welfare))[2]
    for act, state, words in (("block", "disabled", "已经停用"), ("unblock", "active", "已经恢复")):
        done = await phone.post(f"{at}/cashiers/{third.id}/{act}")
        assert words in (await phone.get(done.headers["location"])).text
        assert (await queries.cashiers_of(counter.shop, county.welfare))[2].state == state
    assert await load_actor(session.access_token) is None
    reset = await phone.post(f"{at}/cashiers/{third.id}/reset")
    assert "只显示这一次" in reset.text and password not in reset.text
    gone = await phone.post(f"{at}/cashiers/{third.id}/remove")
    assert "laojie-09" not in (await phone.get(gone.headers["location"])).text
    assert await broken() == []


async def test_the_doors_of_a_manager(county: County, app: Any) -> None:
    counter = await shop_of(county)
    manager = await browse(app, (await manager_of(county, counter.shop)).manager)
    assert [(one["id"], one["cashiers"]) for one in (await manager.get(API)).json()] == [(counter.shop, 2)]
    at = f"{API}/{counter.shop}/cashiers"
    made = await manager.post(at, json={"username": "laojie-09", "display": "李小收"})
    assert (made.status_code, made.json()["number"]) == (201, "03")
    taken = await manager.post(at, json={"username": "laojie-09", "display": "李小收"})
    assert (taken.status_code, taken.json()["errors"][0]["field"]) == (422, "username")
    one = f"{at}/{made.json()['id']}"
    assert [row["blocked"] for row in (await manager.post(f"{one}/block")).json()] == [False, False, True]
    assert [row["blocked"] for row in (await manager.post(f"{one}/unblock")).json()] == [False, False, False]
    assert (await manager.post(f"{one}/password")).json()["first_password"] != made.json()["first_password"]
    assert (await manager.delete(one)).status_code == 204
    assert [row["number"] for row in (await manager.get(at)).json()] == ["01", "02"]
    for word in ("password", "block", "unblock"):
        assert (await manager.post(f"{one}/{word}")).status_code == 404


async def test_who_is_blocked_or_removed_is_out_at_once_and_it_is_written_down(county: County) -> None:
    counter = await shop_of(county)
    manager = (await manager_of(county, counter.shop)).manager
    for command, state in ((commands.block_cashier, 1), (commands.remove_cashier, 0)):
        token = await token_of(county, counter.shop)
        assert await load_actor(token) is not None
        last = (await queries.cashiers_of(counter.shop, manager))[-1]
        for _ in range(2):
            await command(manager, shop=counter.shop, cashier=last.id)
        assert await load_actor(token) is None
        assert [one.id for one in await queries.cashiers_of(counter.shop, manager)].count(last.id) == state
    found = await database.rows(
        "SELECT action, actor_id FROM audit WHERE action LIKE 'cashier.%%ed' AND actor_id = %s ORDER BY id",
        manager.account_id,
    )
    assert [row["action"] for row in found] == ["cashier.blocked", "cashier.removed"]


async def test_whoever_was_removed_is_not_let_in_again_by_unblocking(county: County) -> None:
    counter = await shop_of(county)
    manager = (await manager_of(county, counter.shop)).manager
    await cashier_of(county, counter.shop)
    last = (await queries.cashiers_of(counter.shop, manager))[-1]
    await commands.block_cashier(manager, shop=counter.shop, cashier=last.id)
    await commands.remove_cashier(manager, shop=counter.shop, cashier=last.id)
    with pytest.raises(NotFound):
        await commands.unblock_cashier(manager, shop=counter.shop, cashier=last.id)


async def test_a_manager_has_nothing_to_say_elsewhere(county: County, app: Any) -> None:
    own, other = await shop_of(county), await shop_of(county, "黄枫便民超市")
    manager = (await manager_of(county, own.shop)).manager
    [post] = manager.posts
    assert (post.permissions, post.roles) == (frozenset({"merchant.manage"}), ())
    [theirs, *_] = await queries.cashiers_of(other.shop, county.welfare)
    browser = await browse(app, manager)
    for method, path in (("GET", ""), ("POST", "/cashiers"), ("POST", f"/cashiers/{theirs.id}/remove")):
        assert (await browser.request(method, f"/merchant/shops/{other.shop}{path}", data={})).status_code in (404, 422)
        # Not by the way of one's own shop either.
    assert (await browser.post(f"/merchant/shops/{own.shop}/cashiers/{theirs.id}/remove")).status_code == 404
    data = CashierInput(username="laojie-10", display="李小收")
    for stranger in (manager, own.first, county.treasurer, await county.member()):
        with pytest.raises(NotFound):
            await commands.add_cashier(stranger, shop=other.shop, data=data)
    assert len(await queries.cashiers_of(other.shop, county.welfare)) == 2
    for door in ("/merchant", "/merchant/statement", f"/desk/shops/{own.shop}"):
        assert (await browser.get(door)).status_code == 403
    assert (await (await browse(app, own.first)).get("/merchant/shops")).status_code == 403


async def test_the_desk_names_a_manager_of_several_shops_and_takes_them_away(county: County, app: Any) -> None:
    first, second = await shop_of(county), await shop_of(county, "黄枫便民超市")
    desk = await browse(app, county.welfare)
    at = f"/desk/shops/{first.shop}"
    wrong = await desk.post(f"{at}/managers", data={"username": "", "display": "赵小管"})
    assert wrong.status_code == 422 and 'id="f-manager-username-error"' in wrong.text and 'value="赵小管"' in wrong.text
    made = await desk.post(f"{at}/managers", data={"username": "Laojie-Zhang", "display": "赵小管"})
    username, password = re.findall(r"<code>([^<]+)</code>", made.text)
    assert (await identity.open_staff_session(username, password, None, caller())).pending == "password"
    data = ManagerInput(username="laojie-zhang", display="赵小管")
    known = await commands.add_manager(county.welfare, shop=second.shop, data=data)
    assert known.first_password == ""
    assert await commands.add_manager(county.welfare, shop=second.shop, data=data) == known
    [shown] = await queries.managers_of(second.shop, county.welfare)
    account = await database.scalar("SELECT account_id FROM shop_manager WHERE id = %s", ids.parse(shown.id))
    manager = Actor(kind="staff", account_id=account)
    assert [one.name for one in await queries.own_shops(manager)] == ["望城老街饭店", "黄枫便民超市"]
    await commands.remove_manager(county.welfare, shop=second.shop, manager=known.id)
    assert [one.name for one in await queries.own_shops(manager)] == ["望城老街饭店"]
    [left] = await queries.managers_of(first.shop, county.welfare)
    reset = await desk.post(f"{at}/managers/{left.id}/reset")
    _, password = re.findall(r"<code>([^<]+)</code>", reset.text)
    session = await identity.open_staff_session("laojie-zhang", password, None, caller())
    gone = await desk.post(f"{at}/managers/{left.id}/remove")
    assert "店长已经移除" in (await desk.get(gone.headers["location"])).text
    assert await load_actor(session.access_token) is None
    # With the last shop the account was closed.
    assert await database.scalar("SELECT state FROM account WHERE id = %s", account) == "disabled"


async def test_a_manager_of_another_county_is_nobody_here(county: County) -> None:
    counter = await shop_of(county)
    await manager_of(county, counter.shop)
    elsewhere = await new_union("黄枫县总工会", "county", "990122", None)
    stranger = await staff("邹小外", (elsewhere, "dept_welfare"))
    theirs = await shop_of(County(elsewhere, elsewhere, stranger, county.leader, county.treasurer, ""))
    data = ManagerInput(username="laojie-zhang", display="赵小管")
    with pytest.raises(Invalid) as refused:
        await commands.add_manager(stranger, shop=theirs.shop, data=data)
    assert [one.field for one in refused.value.errors] == ["username"]
    with pytest.raises(NotFound):
        await queries.managers_of(counter.shop, stranger)
