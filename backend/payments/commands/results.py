"""What the bank says of a run: booked once, by item, or not at all; and taken back where it turns out otherwise."""

from collections.abc import Mapping, Sequence

from backend.core import audit, clock, database, ids, outbox
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, Invalid
from backend.payments import events, run_rules
from backend.payments.commands.ledger import account, move, move_many, reverse
from backend.payments.enums import AccountKind, PostingKind, RunState
from backend.payments.queries import runs
from backend.payments.queries.runs import RunRow
from backend.payments.run_rules import Matched
from backend.payments.run_schemas import KnownItem, ResultRow, ResultView
from backend.payments.schemas import Line

TOLD_TOGETHER = 100

_BOOK = (
    "UPDATE pay_item SET state = %s, live = CASE WHEN %s = 'paid' THEN live END, reason = %s, upload = %s,"
    " booked_at = %s WHERE id = %s AND state = 'sent'"
)


@command
async def book_results(actor: Actor, *, run: str, rows: Sequence[ResultRow], fitting: bool = False) -> ResultView:
    """All of it, or with `fitting` the lines that fit; without, nothing is booked while anything does not fit."""
    found = await runs.seen_run(run, actor, runs.MAKE)
    if found.state not in (RunState.EXPORTED, RunState.SETTLED):
        raise Conflict("pay_run_not_sent")
    # Files for one run are booked one after another: this holds its row until the end.
    await database.execute("UPDATE pay_run SET uploads = uploads + 1 WHERE id = %s", found.id)
    upload = int(await database.scalar("SELECT uploads FROM pay_run WHERE id = %s", found.id))
    matched = run_rules.match(await _items(found.id), rows, file_rows=found.file_rows)
    applied = fitting or not matched.problems
    if applied and (matched.paid or matched.returned):
        await _book(actor, found, matched, upload)
    detail = {"paid": len(matched.paid), "returned": len(matched.returned), "applied": applied}
    detail |= {"unchanged": matched.unchanged, "problems": len(matched.problems)}
    await audit.record(actor, "pay_run.results", object_kind="pay_run", object_id=found.id, detail=detail)
    return ResultView(
        applied=applied,
        paid=len(matched.paid),
        returned=len(matched.returned),
        unchanged=matched.unchanged,
        problems=matched.problems,
    )


async def _items(run_id: int) -> list[KnownItem]:
    return await database.views(
        KnownItem,
        "SELECT id, `key`, seq, due_id, amount_fen, state FROM pay_item WHERE run_id = %s ORDER BY seq",
        run_id,
    )


async def _book(actor: Actor, run: RunRow, matched: Matched, upload: int) -> None:
    now = clock.now()
    await _set_items(matched, upload)
    await _set_dues("paid", [item.due_id for item in matched.paid])
    await _set_dues("returned", [item.due_id for item, _ in matched.returned])
    owed, paid = await _accounts(run)
    out = {_paid_key(item.id): _lines(owed, paid, item.amount_fen) for item in matched.paid}
    back = {_back_key(item.id): _lines(owed, run.budget_account_id, item.amount_fen) for item, _ in matched.returned}
    await move_many(actor, kind=PostingKind.PAY, moves=out, at=now)
    await move_many(actor, kind=PostingKind.RETURN, moves=back, at=now)
    await database.execute(
        "UPDATE pay_run SET state = 'settled', settled_at = %s, version = version + 1 WHERE id = %s"
        " AND state = 'exported' AND NOT EXISTS (SELECT 1 FROM pay_item WHERE run_id = %s AND state = 'sent')",
        now,
        run.id,
        run.id,
    )
    await _tell(run.id, upload, sorted(item.seq for item in [*matched.paid, *(one for one, _ in matched.returned)]))


async def _set_items(matched: Matched, upload: int) -> None:
    now = clock.now()
    said = [("paid", item.id, "") for item in matched.paid]
    said += [("returned", item.id, reason) for item, reason in matched.returned]
    for state, item_id, reason in said:
        if not await database.execute(_BOOK, state, state, reason, upload, now, item_id):
            raise Conflict("pay_item_booked")


async def _set_dues(state: str, due_ids: Sequence[int]) -> None:
    if not due_ids:
        return
    marks = ", ".join(["%s"] * len(due_ids))
    changed = await database.execute(
        f"UPDATE payment_due SET state = %s, version = version + 1 WHERE id IN ({marks}) AND state = 'in_run'",  # noqa: S608
        state,
        *due_ids,
    )
    if changed != len(due_ids):
        raise Conflict("pay_item_booked")


async def _accounts(run: RunRow) -> tuple[int, int]:
    """What the run owes, and what was paid from its budget."""
    owed = await account(key=f"run:{run.id}", kind=AccountKind.PAYABLE, name=f"拨付批次 {run.number}")
    return owed, await account(key=f"paid:budget:{run.budget_id}", kind=AccountKind.PAID, name=run.budget_name)


def _lines(source: int, target: int, amount_fen: int) -> list[Line]:
    return [Line(source, -amount_fen), Line(target, amount_fen)]


def _paid_key(item_id: int) -> str:
    return f"pay-item:{item_id}"


def _back_key(item_id: int) -> str:
    return f"pay-item:{item_id}:back"


async def _tell(run_id: int, upload: int, numbers: Sequence[int]) -> None:
    for start in range(0, len(numbers), TOLD_TOGETHER):
        some = numbers[start : start + TOLD_TOGETHER]
        event = events.ResultsBooked(run_id=run_id, upload=upload, first=some[0], last=some[-1])
        await outbox.emit(event, key=f"{run_id}:{upload}:{some[0]}")


@command
async def reverse_item(actor: Actor, *, item: str, reason: str) -> str:
    """An amount that counted as paid came back after all; the public id of its run. Returned already, it stays so."""
    reason = " ".join(reason.split())
    if problems := run_rules.reason_problems(reason):
        raise Invalid(problems)
    found, run = await runs.seen_item(item, actor, runs.CHECK)
    changed = await database.execute(
        "UPDATE pay_item SET state = 'returned', live = NULL, reason = %s, booked_at = %s"
        " WHERE id = %s AND state = 'paid'",
        reason,
        clock.now(),
        found.id,
    )
    if not changed:
        raise Conflict("pay_item_unpaid")
    await database.execute(
        "UPDATE payment_due SET state = 'returned', version = version + 1 WHERE id = %s AND state = 'paid'",
        found.due_id,
    )
    owed, _ = await _accounts(run)
    key = _paid_key(found.id)
    await reverse(actor, posting_key=key, key=f"un{key}", reason=reason)
    await move(
        key=_back_key(found.id),
        kind=PostingKind.RETURN,
        lines=_lines(owed, run.budget_account_id, found.amount_fen),
        actor=actor,
        short=lambda _: Conflict("account_too_small"),
        reason=reason,
    )
    await outbox.emit(events.PaymentReversed(item_id=found.id), key=str(found.id))
    detail: Mapping[str, object] = {"run": run.id, "amount_fen": found.amount_fen, "reason": reason}
    await audit.record(actor, "pay_item.reversed", object_kind="pay_item", object_id=found.id, detail=dict(detail))
    return ids.public(run.id)
