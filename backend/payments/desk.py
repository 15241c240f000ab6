"""Desk pages of budgets: what there is, what is promised of it, and every movement."""

import secrets
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.core import clock, ids
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.payments import commands, queries
from backend.payments.schemas import BudgetChange, BudgetInput
from backend.web.access import CurrentActor, may
from backend.web.form_pages import Choice, again, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_MANAGE = may("budget.manage")
_NOTICES = {"opened": "预算已经下达。", "changed": "金额已经调整。"}


@get("/budgets", opt=_MANAGE)
async def list_budgets(request: AnyRequest, actor: CurrentActor, cursor: FromQuery[str | None] = None) -> Response[str]:
    return await _budgets_page(request, actor, cursor=cursor)


@post("/budgets", opt=_MANAGE)
async def open_budget(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        data = form_struct(form, BudgetInput)
        budget = await commands.open_own_budget(actor, data=data, nonce=form.one("submission_key") or None)
    except NotFound:
        raise
    except AppError as error:
        return await _budgets_page(request, actor, form=form, error=error)
    return redirect(f"/desk/budgets/{budget}?done=opened")


async def _budgets_page(
    request: AnyRequest,
    actor: Actor,
    *,
    cursor: str | None = None,
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    found = await queries.own_budgets(actor, cursor=cursor)
    return page(
        request,
        "desk/payments/budgets.html",
        title="预算",
        tab="budgets",
        status=status_of(error),
        budgets=found.items,
        unions=_choices(actor),
        this_year=clock.today().year,
        submission_key=secrets.token_urlsafe(16),
        more_href=f"/desk/budgets?cursor={found.next_cursor}" if found.next_cursor else "",
        **again(form, error),
    )


def _choices(actor: Actor) -> list[Choice]:
    """The unions whose budgets the actor manages; a single one is chosen already."""
    unions = queries.managed_unions(actor)
    return [Choice(value=ids.public(one), label=name, selected=len(unions) == 1) for one, name in unions.items()]


@get("/budgets/{budget:str}", opt=_MANAGE)
async def show_budget(
    request: AnyRequest,
    budget: FromPath[str],
    actor: CurrentActor,
    cursor: FromQuery[str | None] = None,
    done: FromQuery[str] = "",
) -> Response[str]:
    return await _budget_page(request, budget, actor, cursor=cursor, done=done)


@post("/budgets/{budget:str}/amount", opt=_MANAGE)
async def change_budget(request: AnyRequest, budget: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.change_budget(actor, budget=budget, data=form_struct(form, BudgetChange))
    except NotFound:
        raise
    except AppError as error:
        return await _budget_page(request, budget, actor, form=form, error=error)
    return redirect(f"/desk/budgets/{budget}?done=changed")


async def _budget_page(
    request: AnyRequest,
    budget: str,
    actor: Actor,
    *,
    cursor: str | None = None,
    done: str = "",
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    shown = await queries.budget(budget, actor)
    lines = await queries.budget_statement(budget, actor, cursor=cursor)
    return page(
        request,
        "desk/payments/budget.html",
        title=shown.name,
        tab="budgets",
        notice=_NOTICES.get(done, ""),
        status=status_of(error),
        budget=shown,
        lines=lines.items,
        more_href=f"/desk/budgets/{budget}?cursor={lines.next_cursor}" if lines.next_cursor else "",
        **again(form, error),
    )


routes = [list_budgets, open_budget, show_budget, change_budget]
