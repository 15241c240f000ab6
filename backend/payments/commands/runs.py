"""Pay runs: made by one, checked by another, or cancelled before the bank has them.

An amount is in one live run: it is taken by a condition, and the item's unique `live` stands behind that.
"""

import secrets
from collections.abc import Sequence
from typing import Any

from backend.core import audit, clock, crypto, database, ids, sequences
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, Forbidden, Invalid, invalid
from backend.payments import bank_files, layout_files, rules, run_rules
from backend.payments.bank_layouts import CellValue, Layout
from backend.payments.commands import budgets as budget_commands
from backend.payments.commands.ledger import account, move, reverse
from backend.payments.enums import AccountKind, ItemState, PostingKind, RunState
from backend.payments.queries import budgets, payable, runs
from backend.payments.queries.payable import PayableRow
from backend.payments.run_schemas import NewRun, RunMove, RunRefusal
from backend.payments.schemas import Line


@command
async def make_run(actor: Actor, *, data: NewRun, nonce: str | None = None) -> str:
    """Its public id. The same nonce is one run. The budget holds its total from now on."""
    union_id, name = ids.parse(data.union_id) or 0, " ".join(data.budget_name.split())
    key = f"desk:{actor.account_id}:{nonce or secrets.token_urlsafe(16)}"[:80]
    if (known := await runs.run_of_key(key)) is not None:
        return ids.public(known)
    layout = _layout(data.layout)
    dues = await _chosen(actor, union_id, name, data.dues)
    _require_fitting(layout, dues)
    budget_id = await budgets.budget_named(union_id, data.year, name)
    if budget_id is None:
        raise invalid("year", "pay_budget_missing", name=name, year=data.year)
    run_id, now = ids.new_id(), clock.now()
    number = f"ZF{now.year}{await sequences.next_number(f'pay-run-{now.year}'):05d}"
    total = sum(due.amount_fen for due in dues)
    if not await _take(dues):
        if (known := await runs.run_of_key(key)) is not None:
            return ids.public(known)
        raise Conflict("pay_due_taken")
    purpose = f"拨付批次 {number}"
    hold_id = await budget_commands.hold(
        actor, key=f"run:{run_id}", budget_id=budget_id, amount_fen=total, purpose=purpose
    )
    row = {"id": run_id, "key": key, "number": number, "union_id": union_id, "budget_name": name, "year": data.year}
    row |= {"budget_id": budget_id, "hold_id": hold_id, "state": RunState.DRAFT.value, "version": 1, "uploads": 0}
    row |= {"layout": layout.slug, "file_rows": layout.most_rows}
    row |= {"count": len(dues), "total_fen": total, "maker_id": actor.account_id, "maker": actor.display[:50]}
    await database.insert("pay_run", row | {"made_at": now, "checker": "", "reason": ""})
    await _freeze(run_id, number, dues)
    detail = {"budget": budget_id, "count": len(dues), "amount_fen": total}
    await audit.record(actor, "pay_run.made", object_kind="pay_run", object_id=run_id, detail=detail)
    return ids.public(run_id)


def _layout(slug: str) -> Layout:
    layout = layout_files.layout_named(slug)
    if layout is None:
        raise invalid("layout", "pay_layout_unknown")
    return layout


def _require_fitting(layout: Layout, dues: Sequence[PayableRow]) -> None:
    """A name that the bank has no room for would be another name: said before anything is done."""
    long = [due.payee_name for due in dues if not bank_files.fits(layout, CellValue.NAME, due.payee_name)]
    if long:
        raise invalid("layout", "pay_name_long", layout=layout.name, name=long[0])


async def _chosen(actor: Actor, union_id: int, name: str, chosen: Sequence[str]) -> list[PayableRow]:
    """Those that can be paid, or of these the ones that were chosen; nobody by two cards."""
    wanted = {ids.parse(one) or 0 for one in chosen}
    if len(wanted) > run_rules.MOST_ITEMS:
        raise invalid("dues", "pay_too_many", most=run_rules.MOST_ITEMS, chosen=len(wanted))
    ready = await payable.ready(actor, union_id, name, chosen=wanted)
    if wanted and len(ready) != len(wanted):
        raise Conflict("pay_due_taken")
    if not ready:
        raise Conflict("pay_nothing_due", name=name)
    torn = payable.with_two_cards(ready)
    if torn:
        names = "、".join(torn[: run_rules.NAMES_SHOWN]) + ("等" if len(torn) > run_rules.NAMES_SHOWN else "")
        raise Conflict("pay_cards_differ", names=names, count=len(torn))
    return ready


async def _take(dues: Sequence[PayableRow]) -> bool:
    """All of them, or none: somebody may have been faster with one."""
    marks = ", ".join(["%s"] * len(dues))
    taken = await database.execute(
        "UPDATE payment_due SET state = 'in_run', attempts = attempts + 1, version = version + 1"  # noqa: S608
        f" WHERE id IN ({marks}) AND state = 'waiting'",
        *(due.id for due in dues),
    )
    return taken == len(dues)


async def _freeze(run_id: int, number: str, dues: Sequence[PayableRow]) -> None:
    """What is paid to whom, and to which card, from now on."""
    rows = [_item(run_id, number, seq, due) for seq, due in enumerate(dues, start=1)]
    columns = ", ".join(f"`{column}`" for column in rows[0])
    marks = ", ".join(["%s"] * len(rows[0]))
    await database.execute_many(
        f"INSERT INTO pay_item ({columns}) VALUES ({marks})",  # noqa: S608 - names from code only
        [tuple(row.values()) for row in rows],
    )


def _item(run_id: int, number: str, seq: int, due: PayableRow) -> dict[str, Any]:
    item_id = ids.new_id()
    card = crypto.open_sealed(due.card_sealed, context=rules.card_context(due.id))
    return {
        "id": item_id,
        "key": f"{number}-{seq:04d}",
        "run_id": run_id,
        "seq": seq,
        "due_id": due.id,
        "live": due.id,
        "attempt": due.attempts + 1,
        "payee_name": due.payee_name,
        "amount_fen": due.amount_fen,
        "bank_name": due.bank_name,
        "card_sealed": crypto.seal(card, context=rules.item_context(item_id)),
        "card_masked": due.card_masked,
        "card_index": due.card_index,
        "state": ItemState.WAITING.value,
        "reason": "",
        "upload": 0,
    }


@command
async def check_run(actor: Actor, *, run: str, data: RunMove) -> None:
    """By somebody else than its maker. What was held of the budget is owed from now on."""
    found = await runs.seen_run(run, actor, runs.CHECK)
    if found.maker_id == actor.account_id:
        raise Forbidden("pay_four_eyes")
    changed = await database.execute(
        "UPDATE pay_run SET state = 'checked', version = version + 1, checker_id = %s, checker = %s, checked_at = %s"
        " WHERE id = %s AND state = 'draft' AND version = %s",
        actor.account_id,
        actor.display[:50],
        clock.now(),
        found.id,
        data.version,
    )
    if not changed:
        raise await moved(run, actor)
    held = await budgets.hold(found.hold_id)
    assert held is not None
    owed = await account(key=f"run:{found.id}", kind=AccountKind.PAYABLE, name=f"拨付批次 {found.number}")
    await move(
        key=f"run:{found.id}:owe",
        kind=PostingKind.OWE,
        lines=[Line(held.account_id, -found.total_fen), Line(owed, found.total_fen)],
        actor=actor,
        short=lambda _: Conflict("budget_changed"),
        reason=found.number,
    )
    detail = {"amount_fen": found.total_fen, "count": found.count}
    await audit.record(actor, "pay_run.checked", object_kind="pay_run", object_id=found.id, detail=detail)


async def moved(run: str, actor: Actor) -> Conflict:
    """Who was faster, and what they did."""
    now = await runs.desk_run(run, actor)
    return Conflict("pay_run_moved", state=now.state_text, who=now.checker or now.maker, extra={"state": now.state})


@command
async def cancel_run(actor: Actor, *, run: str, data: RunRefusal, permission: str = runs.MAKE) -> None:
    """Before the bank has it: by who makes runs, or refused by who checks them. Its amounts can be paid by another."""
    reason = " ".join(data.reason.split())
    if problems := run_rules.reason_problems(reason):
        raise Invalid(problems)
    found = await runs.seen_run(run, actor, permission)
    changed = await database.execute(
        "UPDATE pay_run SET state = 'cancelled', version = version + 1, cancelled_at = %s, reason = %s"
        " WHERE id = %s AND state IN ('draft', 'checked') AND version = %s",
        clock.now(),
        reason,
        found.id,
        data.version,
    )
    if not changed:
        raise await moved(run, actor)
    await _let_go(found.id)
    if found.state is RunState.CHECKED:
        await reverse(actor, posting_key=f"run:{found.id}:owe", key=f"run:{found.id}:unowe", reason=reason)
    await budget_commands.release_hold(actor, hold_id=found.hold_id, key=f"run:{found.id}:release", purpose=reason)
    detail = {"amount_fen": found.total_fen, "reason": reason}
    await audit.record(actor, "pay_run.cancelled", object_kind="pay_run", object_id=found.id, detail=detail)


async def _let_go(run_id: int) -> None:
    await database.execute(
        "UPDATE payment_due SET state = 'waiting', version = version + 1 WHERE state = 'in_run' AND id IN"
        " (SELECT live FROM pay_item WHERE run_id = %s)",
        run_id,
    )
    await database.execute("UPDATE pay_item SET state = 'dropped', live = NULL WHERE run_id = %s", run_id)
