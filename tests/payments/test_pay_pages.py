"""Pages of payments: due, made, checked, sent, booked, returned and put right; nothing typed is lost."""

from typing import Any

from backend.core import database, ids
from backend.core.settings import CONFIG_DIR
from backend.notifications import templates
from backend.payments import queries
from backend.payments.run_schemas import NewRun
from tests.casework.browser import browse, hidden
from tests.factories.application import drain
from tests.payments.runs import BUDGET, Office, card_number, due


async def latest() -> str:
    return ids.public(int(await database.scalar("SELECT MAX(id) FROM pay_run")))


async def number() -> str:
    """The latest run's. A process may have taken earlier ones."""
    return str(await database.scalar("SELECT number FROM pay_run ORDER BY id DESC LIMIT 1"))


async def test_from_what_is_due_to_what_was_paid(office: Office, app: Any) -> None:
    dues = await office.dues(3)
    await due(office.county, await office.county.member(), card="", name="李小试")
    maker, checker = await browse(app, office.county.treasurer), await browse(app, office.county.leader)
    listed = (await maker.get("/desk/pay-runs")).text
    assert "4 笔 · ¥400.00" in listed and "budget_name=" in listed
    new = (await maker.get("/desk/pay-runs/new", params={"budget_name": BUDGET})).text
    assert "可以拨付的 3 笔" in new and "还缺银行卡号的 1 笔" in new and "预算可用 ¥10,000.00" in new
    form = {name: hidden(new, name) for name in ("submission_key", "budget_name", "union_id", "year")}
    made = await maker.post("/desk/pay-runs", data=form | {"dues": dues[:2]})
    at = made.headers["location"].partition("?")[0]
    again = await maker.post("/desk/pay-runs", data=form | {"dues": dues[:2]})
    assert (made.status_code, again.headers["location"]) == (303, made.headers["location"])
    shown = (await maker.get(made.headers["location"])).text
    assert "请另一个人复核" in shown and "制单人不能复核自己的批次" in shown and card_number(1)[:6] not in shown
    own = await maker.post(f"{at}/check", data={"version": "1"})
    assert own.status_code == 403 and "制单人不能复核自己做的批次" in own.text
    assert "复核通过" in (await checker.get(at)).text
    assert (await checker.post(f"{at}/check", data={"version": "1"})).status_code == 303
    file = await maker.post(f"{at}/bank-file", data={"format": "csv"})
    run = await number()
    assert file.status_code == 200 and f"{run}-0002" in file.content.decode("utf-8-sig")
    assert (await checker.post(f"{at}/bank-file", data={"format": "csv"})).status_code == 403
    lines = f"明细号,金额,结果,失败原因\n{run}-0001,100.00,成功,\n{run}-0002,100.01,失败,户名不符\n"
    wrong = await maker.post(f"{at}/results", files={"sheet": ("结果.csv", lines.encode(), "text/csv")})
    assert (
        wrong.status_code == 422 and "什么都没有登记" in wrong.text and "金额不一致，批次里是 100.00 元。" in wrong.text
    )
    files = {"sheet": ("结果.csv", lines.replace("100.01", "100.00").encode(), "text/csv")}
    booked = await maker.post(f"{at}/results", files=files)
    assert booked.headers["location"].endswith("done=booked")
    done = (await maker.get(at)).text
    assert "已结清" in done and "银行退回：户名不符" in done
    [paid, _] = (await queries.run_items(await latest(), office.county.treasurer)).items
    back = await checker.post(f"/desk/pay-items/{paid.id}/reverse", data={"reason": "退"})
    assert back.status_code == 422 and 'value="退"' in back.text and "请写明原因" in back.text
    back = await checker.post(f"/desk/pay-items/{paid.id}/reverse", data={"reason": "银行次日退汇"})
    assert back.headers["location"].endswith("done=reversed")
    none = await maker.post(f"{at}/results", data={"fitting": ""})
    assert none.status_code == 422 and "请选择银行的结果文件。" in none.text


async def test_the_payee_is_told_and_puts_the_card_right(office: Office, app: Any) -> None:
    templates.load(CONFIG_DIR)
    await office.dues(2)
    run = await office.sent()
    await office.answer(run.id, returned={2: "账户已销户"})
    await drain()
    told = await database.rows("SELECT account_id, event, title, text FROM notification ORDER BY id")
    assert [(one["account_id"], one["event"]) for one in told] == [
        (office.payees[0].account_id, "payment.paid"),
        (office.payees[1].account_id, "payment.returned"),
    ]
    assert (told[0]["title"], "100.00 元已付款" in told[0]["text"]) == ("已付款", True)
    await office.answer(run.id, returned={2: "账户已销户"})
    await drain()
    assert await database.scalar("SELECT COUNT(*) FROM notification") == 2
    payee, other = await browse(app, office.payees[1]), await browse(app, office.payees[0])
    [mine] = (await queries.own_dues(office.payees[1])).items
    listed = (await payee.get("/me/payments")).text
    at = f"/me/payments/{mine.id}/card"
    assert "银行退回的原因：账户已销户" in listed and at in listed
    assert "已付款" in (await other.get("/me/payments")).text
    assert (await other.get(at)).status_code == 404
    wrong = await payee.post(at, data={"bank_card": "6222", "bank_name": "星城银行城东支行"})
    assert wrong.status_code == 422 and 'value="6222"' in wrong.text and 'value="星城银行城东支行"' in wrong.text
    assert "您填了 4 位" in wrong.text and "户名必须是“王小测”" in wrong.text
    right = await payee.post(at, data={"bank_card": card_number(77), "bank_name": "星城银行城东支行"})
    assert right.headers["location"] == "/me/payments?done=card"
    assert "银行卡已经更正" in (await payee.get("/me/payments?done=card")).text
    late = await payee.post(at, data={"bank_card": card_number(78)})
    assert late.status_code == 409 and "现在不需要更正" in late.text
    again = await office.make()
    [item] = (await queries.run_items(again.id, office.county.treasurer)).items
    assert (item.bank_name, item.card_masked[-4:]) == ("星城银行城东支行", card_number(77)[-4:])


async def test_a_run_is_refused_and_returns_are_put_right_at_the_desk(office: Office, app: Any) -> None:
    await office.dues(1)
    bare = await due(office.county, await office.county.member(), card="", name="李小试")
    maker, checker = await browse(app, office.county.treasurer), await browse(app, office.county.leader)
    run = await office.make()
    at = f"/desk/pay-runs/{run.id}"
    short = await checker.post(f"{at}/refuse", data={"version": "1", "reason": "x"})
    assert short.status_code == 422 and 'value="x"' in short.text and "请写明原因" in short.text
    assert (await checker.post(f"{at}/refuse", data={"version": "1", "reason": "名单不全"})).status_code == 303
    assert "名单不全" in (await maker.get(at)).text
    listed = (await maker.get("/desk/pay-returns")).text
    assert "李小试" in listed and "缺卡号" in listed
    path = f"/desk/pay-dues/{bare}/retry"
    wrong = await maker.post(path, data={"bank_card": "", "reason": "窗口补登"})
    assert wrong.status_code == 422 and "请填写银行卡号。" in wrong.text and 'value="窗口补登"' in wrong.text
    done = await maker.post(path, data={"bank_card": card_number(12), "reason": "窗口补登"})
    assert done.headers["location"] == "/desk/pay-returns?done=ready"
    assert (await office.make()).count == 2
    statement = await maker.get("/desk/pay-statement?year=2026")
    assert "医疗互助" in statement.text and "200.00" in statement.text
    sheet = await maker.get("/desk/pay-statement/sheet?year=2026&format=csv")
    assert "已付款合计" in sheet.content.decode("utf-8-sig")


async def test_the_api_says_what_the_pages_say(office: Office, app: Any) -> None:
    await office.dues(2, fen=6_000_00)
    maker, checker = await browse(app, office.county.treasurer), await browse(app, office.second)
    union = ids.public(office.county.union.id)
    query = {"union_id": union, "budget_name": BUDGET, "year": 2026}
    found = (await maker.get("/api/v1/desk/pay-dues", params=query)).json()
    assert (found["total_fen"], found["left_fen"], len(found["dues"])) == (12_000_00, 10_000_00, 2)
    refused = await maker.post("/api/v1/desk/pay-runs", json=query)
    assert (refused.status_code, refused.json()["code"]) == (422, "budget_too_small")
    one = NewRun(union_id=union, budget_name=BUDGET, year=2026, dues=[found["dues"][0]["id"]])
    sent = {"union_id": one.union_id, "budget_name": one.budget_name, "year": one.year, "dues": one.dues}
    made = await maker.post("/api/v1/desk/pay-runs", json=sent, headers={"idempotency-key": "k"})
    again = await maker.post("/api/v1/desk/pay-runs", json=sent, headers={"idempotency-key": "k"})
    assert (made.status_code, made.json()["state"], again.json()["id"]) == (201, "draft", made.json()["id"])
    at = f"/api/v1/desk/pay-runs/{made.json()['id']}"
    own = await maker.post(f"{at}/check", json={"version": 1})
    assert (own.status_code, own.json()["code"]) == (403, "pay_four_eyes")
    checked = await checker.post(f"{at}/check", json={"version": 1})
    assert (checked.status_code, checked.json()["state"]) == (200, "checked")
    file = await maker.post(f"{at}/bank-file?format=csv")
    same = await maker.post(f"{at}/bank-file?format=csv")
    assert file.content == same.content and (await maker.post(f"{at}/bank-file")).status_code == 200
    lines = f"明细号,金额,结果\n{await number()}-0001,6000.00,成功\n"
    answer = await maker.post(f"{at}/results", files={"sheet": ("r.csv", lines.encode(), "text/csv")})
    assert answer.json() == {"applied": True, "paid": 1, "returned": 0, "unchanged": 0, "problems": []}
    assert [one["state"] for one in (await maker.get(f"{at}/items")).json()["items"]] == ["paid"]
    [mine] = (await (await browse(app, office.payees[0])).get("/api/v1/me/payments")).json()["items"]
    assert (mine["state"], mine["state_text"], mine["may_correct"]) == ("paid", "已付款", False)
    lines = (await maker.get("/api/v1/desk/pay-statement?year=2026")).json()
    assert [one["paid_fen"] for one in lines if one["budget_name"] == BUDGET] == [6_000_00]
