"""What the bank gets of a run: its payments with whole card numbers, in one file or several."""

from backend.core import audit, clock, crypto, database
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, invalid
from backend.core.reveal import trace_export
from backend.payments import bank_files, bank_layouts, layout_files, rules
from backend.payments.bank_files import BankFile, Payment
from backend.payments.commands.runs import moved
from backend.payments.enums import RunState
from backend.payments.queries import runs
from backend.payments.queries.runs import RunRow


@command
async def bank_file(actor: Actor, *, run: str, part: int = 1) -> BankFile:
    """A file for the bank: the same cells whenever it is asked for. From the first time on the run is sent."""
    found = await runs.seen_run(run, actor, runs.MAKE)
    layout = layout_files.layout_named(found.layout)
    if layout is None:
        raise Conflict("pay_layout_gone", name=found.layout)
    parts = bank_layouts.parts_of(found.count, found.file_rows)
    if not 1 <= part <= parts:
        raise invalid("part", "pay_no_part", parts=parts)
    if found.state is RunState.CHECKED:
        await _send(actor, run, found)
    elif found.state not in (RunState.EXPORTED, RunState.SETTLED):
        raise Conflict("pay_run_unchecked", state=(await runs.desk_run(run, actor)).state_text)
    items = await runs.items_of(found.id, after=(part - 1) * found.file_rows, limit=found.file_rows)
    subjects = {("member", one.member_id) for one in items if one.member_id}
    subjects |= {("account", one.account_id) for one in items if one.account_id and not one.member_id}
    await trace_export(actor, subjects, field=f"export:{found.number}")
    detail = {"count": len(items), "amount_fen": sum(one.amount_fen for one in items), "part": part}
    await audit.record(actor, "pay_run.downloaded", object_kind="pay_run", object_id=found.id, detail=detail)
    name = f"拨付批次{found.number}" + (f"第{part}份共{parts}份" if parts > 1 else "")
    return bank_files.bank_file_of(
        layout,
        run=found.number,
        day=clock.local(found.made_at).strftime("%Y%m%d"),
        payments=[_payment(one) for one in items],
        name=name,
    )


async def _send(actor: Actor, run: str, found: RunRow) -> None:
    changed = await database.execute(
        "UPDATE pay_run SET state = 'exported', version = version + 1, exported_at = %s"
        " WHERE id = %s AND state = 'checked' AND version = %s",
        clock.now(),
        found.id,
        found.version,
    )
    if not changed:
        raise await moved(run, actor)
    await database.execute("UPDATE pay_item SET state = 'sent' WHERE run_id = %s AND state = 'waiting'", found.id)


def _payment(item: runs.ItemRow) -> Payment:
    card = crypto.open_sealed(item.card_sealed, context=rules.item_context(item.id))
    return Payment(
        item=item.key,
        name=item.payee_name,
        card=card,
        bank=item.bank_name,
        fen=item.amount_fen,
        purpose=item.due_name,
    )
