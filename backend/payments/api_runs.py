"""JSON doors of pay runs: what is due, the runs, the bank's file and its answer, and the statement of accounts."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from backend.payments import commands, queries
from backend.payments.downloads import bank_download
from backend.payments.run_schemas import (
    BudgetDues,
    CardInput,
    ItemView,
    LayoutView,
    NewRun,
    PayableList,
    PayableView,
    Reason,
    ResultView,
    RetryInput,
    RunMove,
    RunRefusal,
    RunView,
    StatementOfBudget,
)
from backend.payments.schemas import DueView
from backend.payments.uploads import ResultsOperation, results_of
from backend.web.access import PERSON, CurrentActor, may
from backend.web.client import CurrentClient
from backend.web.downloads import sheet_file
from backend.web.media import MULTIPART
from backend.web.paging import Page, PageLimit

_VIEW, _MAKE, _CHECK = may(queries.VIEW), may(queries.MAKE), may(queries.CHECK)


@post("/me/payments/{due:str}/card", opt=PERSON, status_code=200)
async def correct_card(due: FromPath[str], data: JSONBody[CardInput], actor: CurrentActor) -> DueView:
    """Another bank card for an amount that came back or had none; 409 `pay_card_settled` where none is asked for."""
    await commands.correct_card(actor, due=due, data=data)
    return await queries.own_due_view(due, actor)


@get("/desk/pay-budgets", opt=_VIEW)
async def list_pay_budgets(actor: CurrentActor) -> list[BudgetDues]:
    """How much waits to be paid at my unions, by the name of the budget that it is paid from."""
    return await queries.waiting_budgets(actor)


@get("/desk/bank-layouts", opt=_VIEW)
async def list_layouts() -> list[LayoutView]:
    """The layouts of bank files, the usual one first."""
    return queries.bank_layout_list()


@get("/desk/pay-dues", opt=_MAKE)
async def list_payable(
    actor: CurrentActor, union_id: FromQuery[str], budget_name: FromQuery[str], year: FromQuery[int]
) -> PayableList:
    """What a run would pay now, what lacks a card, and whose cards disagree."""
    return await queries.payable_list(actor, union=union_id, budget_name=budget_name, year=year)


@get("/desk/pay-returns", opt=_VIEW)
async def list_held_up(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[PayableView]:
    """Amounts that the bank returned or that have no card, the latest first."""
    return await queries.held_up(actor, limit=limit, cursor=cursor)


@post("/desk/pay-dues/{due:str}/retry", opt=_MAKE, status_code=200)
async def retry_due(due: FromPath[str], data: JSONBody[RetryInput], actor: CurrentActor) -> dict[str, str]:
    """Pay it again in a next run, by the same card or another one, with a reason."""
    await commands.retry_due(actor, due=due, data=data)
    return {"state": "waiting"}


@get("/desk/pay-runs", opt=_VIEW)
async def list_runs(actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None) -> Page[RunView]:
    return await queries.desk_runs(actor, limit=limit, cursor=cursor)


@post("/desk/pay-runs", opt=_MAKE, status_code=201)
async def make_run(data: JSONBody[NewRun], actor: CurrentActor, client: CurrentClient) -> RunView:
    """409 `pay_cards_differ` names who has two cards; 422 `budget_too_small` when the budget has less left."""
    run = await commands.make_run(actor, data=data, nonce=client.idempotency_key)
    return await queries.desk_run(run, actor)


@get("/desk/pay-runs/{run:str}", opt=_VIEW)
async def show_run(run: FromPath[str], actor: CurrentActor) -> RunView:
    return await queries.desk_run(run, actor)


@get("/desk/pay-runs/{run:str}/items", opt=_VIEW)
async def list_items(
    run: FromPath[str], actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[ItemView]:
    """In the order of the bank file; cards are masked."""
    return await queries.run_items(run, actor, limit=limit, cursor=cursor)


@post("/desk/pay-runs/{run:str}/check", opt=_CHECK, status_code=200)
async def check_run(run: FromPath[str], data: JSONBody[RunMove], actor: CurrentActor) -> RunView:
    """403 `pay_four_eyes` for its maker, 409 `pay_run_moved` by an old `version`."""
    await commands.check_run(actor, run=run, data=data)
    return await queries.desk_run(run, actor)


@post("/desk/pay-runs/{run:str}/refuse", opt=_CHECK, status_code=200)
async def refuse_run(run: FromPath[str], data: JSONBody[RunRefusal], actor: CurrentActor) -> RunView:
    """Its amounts can be taken into another run."""
    await commands.cancel_run(actor, run=run, data=data, permission=queries.CHECK)
    return await queries.desk_run(run, actor)


@post("/desk/pay-runs/{run:str}/cancel", opt=_MAKE, status_code=200)
async def cancel_run(run: FromPath[str], data: JSONBody[RunRefusal], actor: CurrentActor) -> RunView:
    """While the bank has not got it."""
    await commands.cancel_run(actor, run=run, data=data)
    return await queries.desk_run(run, actor)


@post("/desk/pay-runs/{run:str}/bank-file", opt=_MAKE, status_code=200)
async def download_bank_file(
    run: FromPath[str], actor: CurrentActor, format: FromQuery[str] = "xlsx", part: FromQuery[int] = 1
) -> Response[bytes]:
    """xlsx or csv, or the fixed text of the run's layout, with whole card numbers: everybody in it can see that it
    was taken out. The same again later. `part` is which of the run's `files`."""
    return await bank_download(await commands.bank_file(actor, run=run, part=part), format)


@post("/desk/pay-runs/{run:str}/results", opt=_MAKE | MULTIPART, status_code=200, operation_class=ResultsOperation)
async def book_results(run: FromPath[str], request: Request[Any, Any, Any], actor: CurrentActor) -> ResultView:
    """Nothing is booked while a line does not fit, unless `fitting` asks for the others. The same file again changes
    nothing."""
    rows, fitting = await results_of(request, await queries.layout_of(run, actor))
    return await commands.book_results(actor, run=run, rows=rows, fitting=fitting)


@post("/desk/pay-items/{item:str}/reverse", opt=_CHECK, status_code=200)
async def reverse_item(item: FromPath[str], data: JSONBody[Reason], actor: CurrentActor) -> RunView:
    """A payment that came back after it was booked as paid."""
    return await queries.desk_run(await commands.reverse_item(actor, item=item, reason=data.reason), actor)


@get("/desk/pay-statement", opt=_VIEW)
async def show_statement(actor: CurrentActor, year: FromQuery[int | None] = None) -> list[StatementOfBudget]:
    """Where the money of every budget of a year is."""
    return await queries.pay_statement(actor, year=year)


@get("/desk/pay-statement/sheet", opt=_VIEW)
async def download_statement(
    actor: CurrentActor, year: FromQuery[int | None] = None, format: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    return await sheet_file(*await queries.pay_statement_sheet(actor, year=year), format)


routes = [
    correct_card,
    list_pay_budgets,
    list_layouts,
    list_payable,
    list_held_up,
    retry_due,
    list_runs,
    make_run,
    show_run,
    list_items,
    check_run,
    refuse_run,
    cancel_run,
    download_bank_file,
    book_results,
    reverse_item,
    show_statement,
    download_statement,
]
