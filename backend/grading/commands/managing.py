"""What those who manage an appraisal decide: who assesses, who is absent, vetoes, and the time in post."""

from collections.abc import Mapping

from backend.core import audit, clock, database, ids, outbox
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, NotFound, invalid
from backend.grading.chair_inputs import AbsenceInput, ClosingInput, PanelInput, PostInput, TownInput, VetoInput
from backend.grading.chair_rows import PeriodRow
from backend.grading.commands.enrolling import touch
from backend.grading.commands.sheets import write_sheet
from backend.grading.enums import Assessor, SheetState
from backend.grading.events import SheetsWait
from backend.grading.queries import desk
from backend.grading.queries import rounds as reading
from backend.grading.queries.rounds import Standing
from backend.grading.rules import rounds

MOST_PANELISTS = 60
SELF = Assessor.SELF.value


@command
async def set_panel(actor: Actor, *, period: str, data: PanelInput) -> None:
    """All of its members anew. Whoever has written a sheet stays, and nobody sits in it who is assessed by it."""
    found = await reading.managed(period, actor)
    wanted = {ids.parse(one) or 0 for one in data.assessors}
    if len(wanted) > MOST_PANELISTS or wanted - {one.id for one in await desk.assessors_below(found.path)}:
        raise invalid("assessors", "grading_assessor_unknown")
    if wanted & {row.account_id for row in await reading.candidates_of(found.id)}:
        raise invalid("assessors", "grading_is_panelist")
    now = set(await reading.panelists_of(found.id))
    gone = now - wanted
    if any(one.account_id in gone and one.assessor is Assessor.PANEL for one in await reading.sheets_of(found.id)):
        raise invalid("assessors", "grading_panelist_has_sheets")
    await touch(found.id)
    for account in gone:
        await database.execute(
            "DELETE FROM grading_panelist WHERE period_id = %s AND account_id = %s", found.id, account
        )
    for account in sorted(wanted - now):
        row = {"id": ids.new_id(), "period_id": found.id, "account_id": account}
        await database.insert("grading_panelist", row)
    await _record(actor, "grading.panel", found.id, members=len(wanted))
    await outbox.emit(SheetsWait(found.id), key=f"{found.id}:{found.version}:panel")


@command
async def set_town_assessor(actor: Actor, *, period: str, data: TownInput) -> None:
    """Who scores for the township: one candidate, or all of a township's who have no sheet of it yet. The sheet of
    whoever did it before counts no more."""
    found = await reading.managed(period, actor)
    account = ids.parse(data.assessor) or 0
    if account not in {one.id for one in await desk.assessors_below(found.path)}:
        raise invalid("assessor", "grading_assessor_unknown")
    gathered = await reading.gathered(found)
    chosen = [one for one in gathered.candidates if _is_meant(one, data)]
    if not chosen:
        raise NotFound()
    await touch(found.id)
    for one in chosen:
        await _hand_over(found, one, account)
    await _record(actor, "grading.town_assessor", found.id, candidates=len(chosen), account=account)
    await outbox.emit(SheetsWait(found.id), key=f"{found.id}:{found.version}:town")


def _is_meant(one: Standing, data: TownInput) -> bool:
    if one.given.withdrawn:
        return False
    if data.candidate:
        return ids.public(one.row.id) == data.candidate
    return ids.public(one.row.town_union_id) == data.town and one.given.town is None


async def _hand_over(found: PeriodRow, one: Standing, account: int) -> None:
    before = one.row.town_account_id
    if before == account:
        return
    sheets = {sheet.account_id: sheet for sheet in one.sheets}
    if account in sheets and sheets[account].assessor is Assessor.PANEL:
        raise Conflict("grading_scored_twice")
    if before in sheets and sheets[before].assessor is Assessor.TOWN:
        await write_sheet(found.id, one.row.id, before, Assessor.TOWN, SheetState.REPLACED)
    await database.execute("UPDATE grading_candidate SET town_account_id = %s WHERE id = %s", account, one.row.id)


@command
async def mark_absent(actor: Actor, *, period: str, data: AbsenceInput) -> int:
    """How many sheets are not waited for any more. A member of the panel may be absent, and a self-assessment, which
    then counts nothing; the township's assessor is replaced instead."""
    found, reason = await reading.managed(period, actor), " ".join(data.reason.split())
    if not reason:
        raise invalid("reason", "grading_reason_missing")
    gathered = await reading.gathered(found)
    chosen = [one for one in gathered.candidates if not data.candidate or ids.public(one.row.id) == data.candidate]
    account = ids.parse(data.assessor) or 0
    if data.assessor == SELF:
        chosen = [one for one in chosen if _lacks_self(one)]
    elif account in gathered.panelists:
        chosen = [one for one in chosen if account in rounds.waiting_for(one.given)]
    else:
        raise invalid("assessor", "grading_absent_only_panel")
    if not chosen:
        raise Conflict("grading_nothing_waits")
    await touch(found.id)
    for one in chosen:
        if data.assessor == SELF:
            await database.execute("UPDATE grading_candidate SET self_reason = %s WHERE id = %s", reason, one.row.id)
        else:
            await write_sheet(found.id, one.row.id, account, Assessor.PANEL, SheetState.ABSENT, reason=reason)
    await _record(actor, "grading.absent", found.id, sheets=len(chosen), account=account)
    return len(chosen)


def _lacks_self(one: Standing) -> bool:
    return one.given.self_score is None and not one.given.self_excused and not one.given.withdrawn


@command
async def set_closing_day(actor: Actor, *, period: str, data: ClosingInput) -> None:
    """Until when sheets should be there. Nothing is locked on it; assessors are reminded before it."""
    found = await reading.managed(period, actor)
    if data.closes_on < clock.today():
        raise invalid("closes_on", "grading_closes_past")
    await touch(found.id)
    await database.execute("UPDATE grading_period SET closes_on = %s WHERE id = %s", data.closes_on, found.id)
    detail = {"closes_on": data.closes_on.isoformat()}
    await audit.record(actor, "grading.closing_day", object_kind="grading_period", object_id=found.id, detail=detail)


@command
async def set_veto(actor: Actor, *, period: str, data: VetoInput) -> None:
    """Register one of the scheme's vetoes with its reason, or take it back with one. The score is kept either way."""
    found, reason = await reading.managed(period, actor), " ".join(data.reason.split())
    row = await reading.candidate_in(found.id, data.candidate)
    if data.veto and found.rules.veto(data.veto) is None:
        raise invalid("veto", "grading_veto_unknown")
    if not reason:
        raise invalid("reason", "grading_reason_missing")
    await touch(found.id)
    kept = reason if data.veto else ""
    await database.execute(
        "UPDATE grading_candidate SET veto = %s, veto_reason = %s WHERE id = %s", data.veto, kept, row.id
    )
    detail: Mapping[str, object] = {"period": found.id, "veto": data.veto}
    await audit.record(actor, "grading.veto", object_kind="grading_candidate", object_id=row.id, detail=dict(detail))


@command
async def set_time_in_post(actor: Actor, *, period: str, data: PostInput) -> None:
    """Correct from when until when somebody was in post: the months of the subsidy follow."""
    found = await reading.managed(period, actor)
    row = await reading.candidate_in(found.id, data.candidate)
    if data.until is not None and data.until < data.since:
        raise invalid("until", "grading_left_before")
    await touch(found.id)
    await database.execute(
        "UPDATE grading_candidate SET since = %s, until = %s WHERE id = %s", data.since, data.until, row.id
    )
    detail = {"period": found.id, "since": data.since.isoformat(), "until": str(data.until or "")}
    await audit.record(actor, "grading.time_in_post", object_kind="grading_candidate", object_id=row.id, detail=detail)


async def _record(actor: Actor, action: str, period_id: int, **detail: int) -> None:
    await audit.record(actor, action, object_kind="grading_period", object_id=period_id, detail=dict(detail))
