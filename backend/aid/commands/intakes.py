"""Yearly batches: published, changed, closed; who is listed in one and what one student is granted in it. That never
passes the quota or the budget: the row of the batch decides.
"""

from tortoise.exceptions import IntegrityError

from backend.aid import intake_rules as rules
from backend.aid.intake_enums import STUDENT_AID, IntakeState
from backend.aid.intake_schemas import ExclusionInput, IntakeChange, IntakeGrant, IntakeInput, Listing
from backend.aid.own_unions import own_post
from backend.aid.queries import intakes as queries
from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, Forbidden, Invalid

ROOT_LEVEL = "county"


@command
async def publish_intake(actor: Actor, *, data: IntakeInput) -> str:
    """The batch of a year; its public id. There is one for each year."""
    post = own_post(actor, queries.MANAGE, data.union_id)
    if post.level != ROOT_LEVEL:
        raise Forbidden()
    title, text = " ".join(data.title.split()), data.text.strip()
    wrong = [
        *rules.window_problems(data.opens_on, data.closes_on, year=data.year, today=clock.today()),
        *rules.words_problems(text, title),
        *rules.size_problems(data.budget_fen, data.quota),
    ]
    if wrong:
        raise Invalid(wrong)
    row = {
        "id": ids.new_id(),
        "key": f"{STUDENT_AID}:{data.year}:{post.union_id}",
        "union_id": post.union_id,
        "programme": STUDENT_AID,
        "year": data.year,
        "title": title,
        "text": text,
        "opens_on": data.opens_on,
        "closes_on": data.closes_on,
        "quota": data.quota,
        "budget_fen": data.budget_fen,
        "granted": 0,
        "granted_fen": 0,
        "state": IntakeState.PUBLISHED.value,
        "at": clock.now(),
        "version": 1,
    }
    if not await database.insert_if_absent("aid_intake", row, key="`key`"):
        raise Conflict("intake_exists", year=data.year)
    detail = {"year": data.year, "budget_fen": data.budget_fen, "quota": data.quota}
    await audit.record(actor, "intake.published", object_kind="aid_intake", object_id=row["id"], detail=detail)
    return ids.public(row["id"])


@command
async def change_intake(actor: Actor, *, intake: str, data: IntakeChange) -> None:
    """Another last day, budget, quota or text."""
    found, text = await queries.managed_intake(intake, actor), data.text.strip()
    wrong = [
        *rules.closing_problems(found.opens_on, data.closes_on, today=clock.today()),
        *rules.words_problems(text),
        *rules.size_problems(data.budget_fen, data.quota, granted=found.granted, granted_fen=found.granted_fen),
    ]
    if wrong:
        raise Invalid(wrong)
    changed = await database.execute(
        "UPDATE aid_intake SET text = %s, closes_on = %s, budget_fen = %s, quota = %s, version = version + 1"
        " WHERE id = %s AND version = %s AND granted_fen <= %s AND state = %s",
        text,
        data.closes_on,
        data.budget_fen,
        data.quota,
        found.id,
        data.version,
        data.budget_fen,
        IntakeState.PUBLISHED.value,
    )
    if not changed:
        raise Conflict("intake_moved")
    detail = {"budget_fen": data.budget_fen, "quota": data.quota, "closes_on": str(data.closes_on)}
    await audit.record(actor, "intake.changed", object_kind="aid_intake", object_id=found.id, detail=detail)


@command
async def close_intake(actor: Actor, *, intake: str) -> None:
    """Nobody applies any more; what was asked for before goes on."""
    found = await queries.managed_intake(intake, actor)
    changed = await database.execute(
        "UPDATE aid_intake SET state = %s, version = version + 1 WHERE id = %s AND state = %s",
        IntakeState.CLOSED.value,
        found.id,
        IntakeState.PUBLISHED.value,
    )
    if not changed:
        raise Conflict("intake_closed")
    await audit.record(actor, "intake.closed", object_kind="aid_intake", object_id=found.id)


# ---- who is in it ------------------------------------------------------------------


@command
async def list_in_intake(actor: Actor, *, listing: Listing) -> None:
    """On the publicity list of its batch; twice is once."""
    intake = await queries.intake_of_year(listing.year, listing.path)
    if intake is None:
        raise Conflict("intake_unknown", year=listing.year)
    if await _enter(listing, intake.id):
        await audit.record(actor, "intake.listed", object_kind="case", object_id=listing.case_id)


async def _enter(listing: Listing, intake_id: int) -> bool:
    row = {
        "id": ids.new_id(),
        "case_id": listing.case_id,
        "case_number": listing.case_number,
        "intake_id": intake_id,
        "name": listing.name,
        "union_id": listing.union_id,
        "stage": listing.stage,
        "listed_on": clock.today(),
    }
    return await database.insert_if_absent("aid_intake_entry", row, key="case_id")


@command
async def grant_in_intake(actor: Actor, *, grant: IntakeGrant) -> None:
    """One student once in a batch, within its quota and budget; a second call of the same case changes nothing."""
    listing = grant.listing
    intake = await queries.intake_of_year(listing.year, listing.path)
    if intake is None:
        raise Conflict("intake_unknown", year=listing.year)
    await _enter(listing, intake.id)
    key = f"{intake.id}:{grant.student_index}"
    held = await database.scalar("SELECT case_id FROM aid_intake_entry WHERE student_key = %s", key)
    if held is not None:
        if held == listing.case_id:
            return
        raise Conflict("intake_student_twice", year=listing.year)
    await _hold_student(key, grant)
    changed = await database.execute(
        "UPDATE aid_intake SET granted = granted + 1, granted_fen = granted_fen + %s"
        " WHERE id = %s AND (quota IS NULL OR granted < quota) AND granted_fen + %s <= budget_fen",
        grant.amount_fen,
        intake.id,
        grant.amount_fen,
    )
    if not changed:
        raise Conflict("intake_no_room", year=listing.year)
    detail = {"case": listing.case_id, "amount_fen": grant.amount_fen}
    await audit.record(actor, "intake.granted", object_kind="aid_intake", object_id=intake.id, detail=detail)


async def _hold_student(key: str, grant: IntakeGrant) -> None:
    try:
        await database.execute(
            "UPDATE aid_intake_entry SET student_key = %s, amount_fen = %s, granted_on = %s WHERE case_id = %s",
            key,
            grant.amount_fen,
            clock.today(),
            grant.listing.case_id,
        )
    except IntegrityError as exc:
        # Granted by another case since the look before.
        if not database.is_duplicate(exc):
            raise
        raise Conflict("intake_student_twice", year=grant.listing.year) from exc


# ---- what excludes -----------------------------------------------------------------


@command
async def set_exclusion(actor: Actor, *, data: ExclusionInput) -> None:
    """From a day on; one that is still to come may be changed, none that holds."""
    post = own_post(actor, queries.MANAGE, data.union_id)
    if post.level != ROOT_LEVEL:
        raise Forbidden()
    paper, today = " ".join(data.paper.split()), clock.today()
    wrong = list(rules.exclusion_problems(data.since, paper, today=today))
    if wrong:
        raise Invalid(wrong)
    row = {
        "id": ids.new_id(),
        "key": f"{STUDENT_AID}:{data.code.value}:{data.since}:{post.union_id}",
        "union_id": post.union_id,
        "programme": STUDENT_AID,
        "code": data.code.value,
        "since": data.since,
        "excluded": data.excluded,
        "paper": paper,
        "set_by": actor.account_id,
        "at": clock.now(),
    }
    if not await database.insert_if_absent("aid_exclusion", row, key="`key`"):
        changed = await database.execute(
            "UPDATE aid_exclusion SET excluded = %s, paper = %s, set_by = %s, at = %s WHERE `key` = %s AND since > %s",
            data.excluded,
            paper,
            actor.account_id,
            clock.now(),
            row["key"],
            today,
        )
        if not changed:
            raise Conflict("exclusion_holds")
    object_id = int(await database.scalar("SELECT id FROM aid_exclusion WHERE `key` = %s", row["key"]))
    detail = {"code": data.code.value, "excluded": data.excluded, "since": str(data.since)}
    await audit.record(actor, "exclusion.set", object_kind="aid_exclusion", object_id=object_id, detail=detail)
