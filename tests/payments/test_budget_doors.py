"""Budgets over the wire and on their pages: open, change, read; who may not; nothing typed is lost."""

from typing import Any

import pytest

from backend.core import ids
from backend.payments import commands
from backend.payments.models import Budget
from tests.casework.browser import browse, hidden
from tests.casework.world import new_union, staff

pytestmark = pytest.mark.usefixtures("services")


async def county() -> Any:
    """A county with its treasurer, a colleague of another department, and the administrator of a town."""
    union = await new_union("星城县总工会", "county", "990121", None)
    town = await new_union("黄枫镇总工会", "town", "990121001", union)
    people = [(union, "dept_finance"), (union, "dept_welfare"), (town, "admin")]
    return union, *[await staff(f"钱小{n}", place) for n, place in zip("甲乙丙", people, strict=True)]


async def test_a_budget_is_opened_changed_and_read_by_the_api(db: None, app: Any) -> None:
    union, treasurer, *_ = await county()
    desk = await browse(app, treasurer)
    sent = {"union_id": ids.public(union.id), "name": "普惠消费券", "year": 2026, "amount_fen": 500_00}
    opened = await desk.post("/api/v1/desk/budgets", json=sent)
    assert (opened.status_code, opened.json()["left_fen"], opened.json()["union_name"]) == (201, 500_00, "星城县总工会")
    at = f"/api/v1/desk/budgets/{opened.json()['id']}"
    again = await desk.post("/api/v1/desk/budgets", json=sent)
    assert (again.status_code, again.json()["code"]) == (409, "budget_exists")
    held = {"key": "a", "budget_id": ids.parse(opened.json()["id"]) or 0, "amount_fen": 200_00, "purpose": "三月消费券"}
    await commands.hold(treasurer, **held)
    less = await desk.post(f"{at}/amount", json={"amount_fen": 199_99, "reason": "收回", "version": 1})
    assert (less.status_code, less.json()["errors"][0]["message"]) == (
        422,
        "金额不能少于已经占用和用掉的 200.00 元。",
    )
    changed = await desk.post(f"{at}/amount", json={"amount_fen": 900_00, "reason": "追加", "version": 1})
    assert (changed.status_code, changed.json()["amount_fen"], changed.json()["held_fen"]) == (200, 900_00, 200_00)
    assert (await desk.get(at)).json() == changed.json()
    first = (await desk.get(f"{at}/statement?limit=2")).json()
    rest = (await desk.get(f"{at}/statement", params={"cursor": first["next_cursor"]})).json()
    assert [(one["reason"], one["amount_fen"], one["balance_fen"]) for one in first["items"] + rest["items"]] == [
        ("追加", 400_00, 700_00),
        ("三月消费券", -200_00, 300_00),
        ("", 500_00, 500_00),
    ]
    assert [one["name"] for one in (await desk.get("/api/v1/desk/budgets")).json()["items"]] == ["普惠消费券"]


async def test_a_budget_is_opened_and_changed_on_its_pages(db: None, app: Any) -> None:
    union, treasurer, *_ = await county()
    desk = await browse(app, treasurer)
    empty = (await desk.get("/desk/budgets")).text
    assert "还没有预算" in empty and 'href="/desk/budgets"' in empty and " selected>星城县总工会" in empty
    form = {"union_id": ids.public(union.id), "name": "普惠消费券", "year": "2026", "amount_fen": "五百"}
    form["submission_key"] = hidden(empty, "submission_key")
    wrong = await desk.post("/desk/budgets", data=form | {"year": "去年"})
    assert wrong.status_code == 422 and "金额的写法不对" in wrong.text
    assert 'value="五百"' in wrong.text and 'value="去年"' in wrong.text and 'value="普惠消费券"' in wrong.text
    made = [await desk.post("/desk/budgets", data=form | {"amount_fen": "12,300.5"}) for _ in range(2)]
    assert [one.status_code for one in made] == [303, 303]
    assert made[0].headers["location"] == made[1].headers["location"]
    page = (await desk.get(made[0].headers["location"])).text
    assert "预算已经下达。" in page and "¥12,300.50" in page and "下达预算" in page
    [budget] = await Budget.all()
    await commands.hold(treasurer, key="a", budget_id=budget.id, amount_fen=2_300_50, purpose="三月消费券")
    at = f"/desk/budgets/{ids.public(budget.id)}"
    less = {"amount_fen": "2300", "reason": "收回", "version": "1"}
    refused = await desk.post(f"{at}/amount", data=less)
    assert refused.status_code == 422 and "金额不能少于已经占用和用掉的 2,300.50 元。" in refused.text
    assert 'value="2300"' in refused.text and 'value="收回"' in refused.text
    changed = await desk.post(f"{at}/amount", data=less | {"amount_fen": "20000"})
    shown = (await desk.get(changed.headers["location"])).text
    assert "金额已经调整。" in shown and "+7,699.50" in shown and "三月消费券" in shown and "收回" in shown
    assert 'aria-label="已用 0.00 元，占用 2,300.50 元，可用 17,699.50 元"' in shown
    late = await desk.post(f"{at}/amount", data=less | {"amount_fen": "30000"})
    assert late.status_code == 409 and "这笔预算刚刚被其他人改过" in late.text and 'value="30000"' in late.text


async def test_budgets_are_there_for_those_who_manage_them(db: None, app: Any) -> None:
    union, treasurer, welfare, of_town = await county()
    desk = await browse(app, treasurer)
    sent = {"union_id": ids.public(union.id), "name": "普惠消费券", "year": 2026, "amount_fen": 500_00}
    budget = (await desk.post("/api/v1/desk/budgets", json=sent)).json()["id"]
    other, town = await browse(app, welfare), await browse(app, of_town)
    assert (await other.get("/desk/budgets")).status_code == 403
    assert 'href="/desk/budgets"' not in (await other.get("/desk/cases")).text
    assert 'href="/desk/budgets"' in (await town.get("/desk/cases")).text
    assert (await town.get(f"/desk/budgets/{budget}")).status_code == 404
    assert (await town.get(f"/api/v1/desk/budgets/{budget}/statement")).status_code == 404
    assert (await town.post("/api/v1/desk/budgets", json=sent)).status_code == 404
    taken = {"amount_fen": 1, "reason": "不是我的", "version": 1}
    assert (await town.post(f"/api/v1/desk/budgets/{budget}/amount", json=taken)).status_code == 404
