"""A single voucher is frozen with a reason: its owner sees it, nobody uses it, its worth stays, and it is let go."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import AppError, Conflict
from backend.vouchers import commands, queries
from tests.casework.browser import browse
from tests.casework.world import new_union, staff
from tests.vouchers.gifts import hand_over, stations_of
from tests.vouchers.tills import redeem, shop_of, voucher_of
from tests.vouchers.world import County, broken

LOST, FOUND = "会员报失，等待核实", "会员已找回手机"


async def number_of(member: Actor) -> str:
    return await database.scalar("SELECT member_no FROM member WHERE id = %s", member.member_id)


async def test_a_frozen_voucher_is_not_taken_and_its_owner_sees_why(county: County) -> None:
    (voucher, member), counter = await voucher_of(county), await shop_of(county)
    await commands.freeze(voucher=voucher.id, reason=f" {LOST} ", actor=county.welfare)
    [mine] = (await queries.own_vouchers(member, usable=True)).items
    assert (mine.state, mine.state_text, mine.frozen_reason) == ("frozen", "已冻结", LOST)
    for refused in (redeem(counter.first, voucher.code), queries.scan_code(voucher.id, member)):
        with pytest.raises(Conflict, match=r"voucher_(frozen|not_usable)"):
            await refused
    assert await database.scalar("SELECT balance_fen FROM ledger_account WHERE kind = 'issued'") == 50_00
    assert await broken() == []
    clock.advance(hours=2)
    await commands.thaw(voucher=voucher.id, reason=FOUND, actor=county.welfare)
    [mine] = (await queries.own_vouchers(member, usable=True)).items
    assert (mine.state, mine.frozen_reason) == ("issued", "")
    assert (await redeem(counter.first, voucher.code)).worth_fen == 50_00
    [past] = (await queries.desk_voucher(voucher.id, county.welfare)).freezes
    assert (past.reason, past.frozen_by, past.frozen_at) == (LOST, "邹小红", "2026-03-10T09:00:00+08:00")
    assert (past.thaw_reason, past.thawed_by, past.thawed_at) == (FOUND, "邹小红", "2026-03-10T11:00:00+08:00")
    assert await broken() == []


async def test_a_frozen_gift_is_not_handed_over(county: County) -> None:
    there = await stations_of(county)
    taken = await commands.claim(campaign=there.campaign, actor=await county.member(), station=there.near)
    await commands.freeze(voucher=taken.id, reason=LOST, actor=county.welfare)
    with pytest.raises(Conflict) as refused:
        await hand_over(there.giver, there.near, taken.code)
    assert refused.value.detail == "这张券已冻结，暂时不能用，请会员与工会联系。"
    shown = (await queries.desk_campaign(there.campaign, county.welfare)).stocks
    assert [(one.taken, one.handed) for one in shown] == [(1, 0), (0, 0)]
    assert await broken() == []


async def test_only_what_may_be_used_is_frozen_and_only_what_is_frozen_let_go(county: County) -> None:
    (voucher, _), counter = await voucher_of(county), await shop_of(county)
    for act in (commands.freeze, commands.thaw):
        with pytest.raises(AppError) as short:
            await act(voucher=voucher.id, reason="丢", actor=county.welfare)
        assert [one.field for one in short.value.errors] == ["reason"]
    with pytest.raises(Conflict, match="thaw_not_frozen"):
        await commands.thaw(voucher=voucher.id, reason=FOUND, actor=county.welfare)
    await commands.freeze(voucher=voucher.id, reason=LOST, actor=county.welfare)
    with pytest.raises(Conflict) as twice:
        await commands.freeze(voucher=voucher.id, reason=LOST, actor=county.welfare)
    assert twice.value.detail == "这张券现在是“已冻结”，不能冻结。"
    await commands.thaw(voucher=voucher.id, reason=FOUND, actor=county.welfare)
    await redeem(counter.first, voucher.code)
    with pytest.raises(Conflict, match="freeze_not_usable"):
        await commands.freeze(voucher=voucher.id, reason=LOST, actor=county.welfare)
    assert await broken() == []


async def test_nobody_freezes_what_another_county_gave(county: County) -> None:
    voucher, member = await voucher_of(county)
    other = await staff("李小外", (await new_union("月湖县总工会", "county", "990122", None), "dept_welfare"))
    for question in (voucher.code, await number_of(member)):
        assert await queries.find_vouchers(other, question) == []
        assert [one.id for one in await queries.find_vouchers(county.welfare, question)] == [voucher.id]
    with pytest.raises(AppError, match="not_found"):
        await commands.freeze(voucher=voucher.id, reason=LOST, actor=other)


async def test_a_frozen_voucher_ends_on_its_last_day_as_others_do(county: County) -> None:
    voucher, _ = await voucher_of(county, valid_until=date(2026, 3, 31))
    await commands.freeze(voucher=voucher.id, reason=LOST, actor=county.welfare)
    clock.freeze(datetime(2026, 4, 2, tzinfo=UTC))
    assert await commands.expire(20) == 1
    kinds = await database.rows("SELECT kind, balance_fen FROM ledger_account WHERE kind IN ('issued', 'held')")
    assert {row["kind"]: row["balance_fen"] for row in kinds} == {"issued": 0, "held": 0}
    assert (await queries.desk_voucher(voucher.id, county.welfare)).state == "expired"
    with pytest.raises(Conflict, match="thaw_not_frozen"):
        await commands.thaw(voucher=voucher.id, reason=FOUND, actor=county.welfare)
    assert await broken() == []


async def test_a_desk_freezes_a_voucher_and_lets_it_go_again(county: County, app: Any) -> None:
    voucher, member = await voucher_of(county)
    desk, at = await browse(app, county.welfare), f"/desk/vouchers/{voucher.id}"
    assert "先输入券码或会员号" in (await desk.get("/desk/vouchers")).text
    assert "没有查到" in (await desk.get("/desk/vouchers?q=ABCD")).text
    found = (await desk.get(f"/desk/vouchers?q={await number_of(member)}")).text
    assert at in found and "王*测" in found
    page = (await desk.get(at)).text
    assert "冻结这张券" in page and voucher.code not in page and "王小测" not in page
    short = await desk.post(f"{at}/freeze", data={"reason": "丢"})
    assert (short.status_code, "请写明冻结的原因，会员会看到，2 到 100 个字。" in short.text) == (422, True)
    assert 'value="丢"' in short.text
    assert (await desk.post(f"{at}/freeze", data={"reason": LOST})).status_code == 303
    again = await desk.post(f"{at}/freeze", data={"reason": LOST})
    assert (again.status_code, "不能冻结" in again.text) == (409, True)
    own = await browse(app, member)
    assert f"原因：{LOST}。" in (await own.get(f"/me/vouchers/{voucher.id}")).text
    assert "已冻结" in (await own.get("/me/vouchers")).text
    assert (await desk.post(f"{at}/thaw", data={"reason": FOUND})).status_code == 303
    shown = (await desk.get(at)).text
    assert "冻结这张券" in shown and f"解冻：{FOUND}" in shown
    assert "已冻结" not in (await own.get("/me/vouchers")).text


async def test_doors_of_freezing(county: County, app: Any) -> None:
    voucher, _ = await voucher_of(county)
    desk, base = await browse(app, county.welfare), "/api/v1/desk/vouchers"
    [found] = (await desk.get(base, params={"q": voucher.code})).json()
    assert (found["id"], found["state"], "code" in found) == (voucher.id, "issued", False)
    frozen = await desk.post(f"{base}/{voucher.id}/freeze", json={"reason": LOST})
    assert (frozen.status_code, frozen.json()["state"]) == (200, "frozen")
    assert frozen.json()["freezes"][0]["reason"] == LOST
    thawed = await desk.post(f"{base}/{voucher.id}/thaw", json={"reason": FOUND})
    assert (await desk.get(f"{base}/{voucher.id}")).json() == thawed.json()
    assert (await desk.get(f"{base}/{ids.public(1)}")).status_code == 404
    assert (await (await browse(app, county.treasurer)).get(base)).status_code == 403
    assert await broken() == []
