"""Tills over the wire: what they take, what they are refused, what they are owed, and where they may not go."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar

from backend.core import clock, database, ids, sheets
from backend.web import limits
from tests.factories.application import browser
from tests.vouchers.tills import shop_of, token_of, voucher_of
from tests.vouchers.world import County, broken, opened


@pytest.fixture(autouse=True)
async def _count_afresh(settings: Any) -> None:
    limits.configure(settings)


@pytest.fixture
async def till(county: County, app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of somebody who stands at a till of a shop of the county."""
    counter = await shop_of(county)
    async with browser(app) as client:
        await sign_in(client, county, counter.shop)
        yield client


async def sign_in(client: httpx.AsyncClient, county: County, shop: str) -> None:
    client.headers["authorization"] = f"Bearer {await token_of(county, shop)}"


async def take(till: httpx.AsyncClient, code: str, receipt_no: str, amount_fen: int = 120_00) -> httpx.Response:
    sent = {"code": code, "amount_fen": amount_fen, "receipt_no": receipt_no}
    return await till.post("/api/v1/merchant/redemptions", json=sent)


async def test_a_till_takes_a_voucher_and_is_told_where_it_was_taken_before(
    county: County, till: httpx.AsyncClient
) -> None:
    voucher, _ = await voucher_of(county)
    first = await take(till, voucher.code, "A-1")
    assert (first.status_code, first.json()["worth_fen"], first.json()["pay_fen"]) == (201, 50_00, 70_00)
    again = await take(till, voucher.code, "A-1")
    assert (again.status_code, again.json()) == (201, first.json())
    second = await take(till, voucher.code, "A-2")
    assert second.status_code == 409
    assert {name: second.json()[name] for name in ("code", "at", "shop", "cashier")} == {
        "code": "already_redeemed",
        "at": "2026-03-10T09:00:00+08:00",
        "shop": "望城老街饭店",
        "cashier": "03",
    }
    shown = await till.get(f"/api/v1/merchant/redemptions/{first.json()['id']}")
    assert shown.json() == first.json()
    short = await take(till, voucher.code, "", 0)
    assert (short.status_code, [one["field"] for one in short.json()["errors"]]) == (422, ["receipt_no", "amount_fen"])


async def test_a_till_gives_back_with_a_reason(county: County, till: httpx.AsyncClient) -> None:
    voucher, _ = await voucher_of(county)
    taken = (await take(till, voucher.code, "A-1")).json()
    path = f"/api/v1/merchant/redemptions/{taken['id']}/undo"
    without = await till.post(path, json={"reason": " "})
    assert (without.status_code, without.json()["errors"][0]["field"]) == (422, "reason")
    back = await till.post(path, json={"reason": "会员退菜"})
    assert (back.status_code, back.json()["undo_reason"], back.json()["may_undo"]) == (200, "会员退菜", False)
    assert (await take(till, voucher.code, "A-2")).status_code == 201
    listed = (await till.get("/api/v1/merchant/redemptions", params={"limit": 1})).json()
    assert [one["receipt_no"] for one in listed["items"]] == ["A-2"]
    rest = (await till.get("/api/v1/merchant/redemptions", params={"cursor": listed["next_cursor"]})).json()
    assert [one["receipt_no"] for one in rest["items"]] == ["A-1"]
    assert await broken() == []


async def test_statements_agree_with_the_ledger_to_the_fen(county: County, till: httpx.AsyncClient) -> None:
    campaign = await opened(county, face_value_fen=33_33, threshold_fen=0, total=20)
    kept, undone = [], ""
    for number in range(5):
        voucher, _ = await voucher_of(county, campaign)
        taken = (await take(till, voucher.code, f"A-{number}", 45_67)).json()
        undone = taken["id"] if number == 2 else undone
        kept.append(taken["id"])
        if number == 2:
            await till.post(f"/api/v1/merchant/redemptions/{undone}/undo", json={"reason": "误刷"})
            clock.advance(days=1)
            await sign_in(till, county, ids.public(await database.scalar("SELECT id FROM shop")))
    await database.execute("UPDATE redemption SET settlement_id = 1 WHERE id = %s", ids.parse(kept[0]))
    week = (await till.get("/api/v1/merchant/statements/week")).json()
    assert week == {
        "from_on": "2026-03-09",
        "to_on": "2026-03-15",
        "count": 4,
        "worth_fen": 133_32,
        "paid_fen": 33_33,
        "open_fen": 99_99,
        "is_over": False,
        "days": [
            {"day": "2026-03-10", "count": 2, "worth_fen": 66_66},
            {"day": "2026-03-11", "count": 2, "worth_fen": 66_66},
        ],
    }
    payable = "SELECT balance_fen FROM ledger_account WHERE kind = 'payable'"
    assert week["worth_fen"] == await database.scalar(payable)
    day = (await till.get("/api/v1/merchant/statements/day", params={"day": "2026-03-10"})).json()
    assert (day["count"], day["worth_fen"], day["is_over"]) == (2, 66_66, True)
    month = (await till.get("/api/v1/merchant/statements/month")).json()
    assert (month["from_on"], month["to_on"], month["worth_fen"]) == ("2026-03-01", "2026-03-31", 133_32)
    for period, given in (("year", ""), ("week", "9999-12-31"), ("week", "0001-01-01")):
        answer = await till.get(f"/api/v1/merchant/statements/{period}", params={"day": given} if given else {})
        assert answer.status_code == 404, (period, given)
    assert (await till.get("/api/v1/merchant/statements/day", params={"day": "31"})).status_code == 422


async def test_a_statement_is_a_sheet_whose_sum_is_the_statement(county: County, till: httpx.AsyncClient) -> None:
    campaign = await opened(county, name="=三月消费券")
    for number in range(2):
        voucher, _ = await voucher_of(county, campaign)
        await take(till, voucher.code, f"00{number}", 123_45)
    answer = await till.get("/api/v1/merchant/statements/day/sheet", params={"format": "csv"})
    heading, *rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert (heading[:3], len(rows)) == (["日期", "时间", "小票号"], 3)
    assert rows[0][:7] == ["2026-03-10", "09:00", "000", "'=三月消费券", "123.45", "50.00", "73.45"]
    assert rows[0][7:] == ["03", "", "待结算"]
    assert rows[2][:7] == ["合计", "", "2 笔", "", "246.90", "100.00", "146.90"]
    book = await till.get("/api/v1/merchant/statements/week/sheet")
    assert len([cells for table in sheets.tables(book.content) for cells in table if any(cells)]) == 4
    assert "filename*=UTF-8''" in book.headers["content-disposition"]


async def test_whoever_stands_at_a_till_finds_the_desk_closed(county: County, till: httpx.AsyncClient) -> None:
    for path in ("/desk/covers", "/desk/relatives", "/desk/cases", "/desk/voucher-campaigns"):
        refused = await till.get(f"/api/v1{path}")
        assert refused.status_code == 403, path
    assert (await till.get("/api/v1/desk/covers")).json()["code"] == "tills_elsewhere"
    for path in ("/desk", "/desk/account", "/desk/notifications"):
        away = await till.get(path)
        assert (away.status_code, away.headers["location"]) == (303, "/merchant"), path
    assert (await till.get("/desk/cases")).status_code == 403
    # The first password is changed there, by them too.
    assert (await till.get("/desk/password")).status_code == 200


async def test_the_page_says_why_a_voucher_is_not_taken_and_keeps_what_was_typed(
    county: County, till: httpx.AsyncClient
) -> None:
    campaign = await opened(county)
    (voucher, _), (frozen, _), (late, _) = [await voucher_of(county, campaign) for _ in range(3)]
    elsewhere, _ = await voucher_of(county, shops=["黄枫超市"], name="四月消费券")
    await database.execute("UPDATE voucher SET state = 'frozen' WHERE id = %s", ids.parse(frozen.id))
    await database.execute("UPDATE voucher SET state = 'expired' WHERE id = %s", ids.parse(late.id))

    async def page_of(code: str, amount: str, receipt_no: str) -> httpx.Response:
        return await till.post("/merchant", data={"code": code, "amount": amount, "receipt_no": receipt_no})

    taken = await page_of(voucher.code, "120", "A-1")
    assert taken.status_code == 303
    assert "¥70.00" in (await till.get(taken.headers["location"])).text
    for code, amount, receipt_no, status, words in (
        (voucher.code, "120", "A-2", 409, "这张券已经用过：09:00 在“望城老街饭店”由收银员03核销。"),
        (voucher.code, "121", "A-1", 409, "小票号 A-1 已经核销过另一笔，请核对小票号。"),
        (elsewhere.code, "120", "A-2", 409, "这张券不能在“望城老街饭店”使用，适用的商户写在会员的券上。"),
        (elsewhere.code, "120", "", 422, "请填写小票号，最多 32 个字符。"),
        (frozen.code, "120", "A-2", 409, "这张券已冻结，暂时不能用，请会员与工会联系。"),
        (late.code, "120", "A-2", 409, "已经过期。"),
        ("ABCD", "120", "A-2", 422, "没有这张券。"),
        ("ABCD", "一百", "A-2", 422, 'value="一百"'),
    ):
        answer = await page_of(code, amount, receipt_no)
        assert (answer.status_code, words in answer.text) == (status, True), words
        assert f'value="{code}"' in answer.text
        assert "没有核销" in answer.text


async def test_the_page_gives_back_with_a_reason_and_only_today(county: County, till: httpx.AsyncClient) -> None:
    voucher, _ = await voucher_of(county)
    first, second = (await take(till, voucher.code, "A-1")).json()["id"], "0000000000001"
    without = await till.post(f"/merchant/redemptions/{first}/undo", data={"reason": "误"})
    assert (without.status_code, "请写明撤销的原因，2 到 100 个字。" in without.text) == (422, True)
    assert 'value="误"' in without.text
    assert (await till.post(f"/merchant/redemptions/{second}/undo", data={"reason": "误刷"})).status_code == 404
    clock.advance(days=1)
    await sign_in(till, county, ids.public(await database.scalar("SELECT id FROM shop")))
    late = await till.post(f"/merchant/redemptions/{first}/undo", data={"reason": "误刷"})
    assert (late.status_code, "只能撤销当天的核销，这一笔已经入账。" in late.text) == (409, True)
    assert "撤销这一笔" not in late.text
