"""JSON doors of money: what was granted to me, and the budgets of the unions that I manage them for."""

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from backend.payments import commands, queries
from backend.payments.schemas import BudgetChange, BudgetInput, BudgetView, DueView, StatementLine
from backend.web.access import PERSON, CurrentActor, may
from backend.web.client import CurrentClient
from backend.web.paging import Page, PageLimit

_MANAGE = may("budget.manage")


@get("/me/payments", opt=PERSON)
async def list_own_dues(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[DueView]:
    """Amounts that decisions have granted me, the latest first; `waiting` means granted and not paid yet."""
    return await queries.own_dues(actor, limit=limit, cursor=cursor)


@get("/desk/budgets", opt=_MANAGE)
async def list_budgets(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[BudgetView]:
    """The budgets of my unions, the latest first, each with what is held, gone and left of it."""
    return await queries.own_budgets(actor, limit=limit, cursor=cursor)


@post("/desk/budgets", opt=_MANAGE, status_code=201)
async def open_budget(data: JSONBody[BudgetInput], actor: CurrentActor, client: CurrentClient) -> BudgetView:
    """Open a budget. 409 `budget_exists` where there is one of this name and year."""
    budget = await commands.open_own_budget(actor, data=data, nonce=client.idempotency_key)
    return await queries.budget(budget, actor)


@get("/desk/budgets/{budget:str}", opt=_MANAGE)
async def show_budget(budget: FromPath[str], actor: CurrentActor) -> BudgetView:
    return await queries.budget(budget, actor)


@post("/desk/budgets/{budget:str}/amount", opt=_MANAGE, status_code=200)
async def change_budget(budget: FromPath[str], data: JSONBody[BudgetChange], actor: CurrentActor) -> BudgetView:
    """Another amount, with a reason; 422 below what is held and gone, 409 `budget_changed` by an old `version`."""
    await commands.change_budget(actor, budget=budget, data=data)
    return await queries.budget(budget, actor)


@get("/desk/budgets/{budget:str}/statement", opt=_MANAGE)
async def list_budget_lines(
    budget: FromPath[str], actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[StatementLine]:
    """What came into a budget and what was taken from it, the latest first, each with what was left after it."""
    return await queries.budget_statement(budget, actor, limit=limit, cursor=cursor)


routes = [list_own_dues, list_budgets, open_budget, show_budget, change_budget, list_budget_lines]
