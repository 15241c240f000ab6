"""What decisions about cases make of unions. Whoever decided was authorised where the decision was made, so these
ask for no permission in the tree; each is written into the union's history under the decision's reference and, done
twice for one decision, is done once.
"""

from datetime import date

from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, Invalid, NotFound
from backend.unions import queries
from backend.unions.commands import tree
from backend.unions.enums import UnionChangeKind, UnionState
from backend.unions.schemas import Founding, Term, UnionInput, UnionPlace

_ADOPTED = {UnionChangeKind.ELECTED, UnionChangeKind.COOPTED}


@command
async def found_union(actor: Actor, *, data: Founding, reference: str) -> UnionPlace:
    """The union that this decision founds. One that was founded in preparation becomes active."""
    known = await _done(reference, UnionChangeKind.FOUNDED)
    if known is not None:
        return await _activated(known, actor, reference) if not data.preparing else await _place(known)
    parent = await _place(data.parent_id)
    if parent.state != UnionState.ACTIVE:
        raise Conflict("union_dissolved")
    given = UnionInput(
        name=data.name,
        kind=data.kind,
        parent_id=ids.public(parent.id),
        division=data.division,
        level=data.level,
        nature=data.nature,
        accepts_members=not data.preparing,
    )
    state = UnionState.PREPARING if data.preparing else UnionState.ACTIVE
    try:
        union_id = await tree.put_below(parent, given, actor, state=state, workplace_code=data.workplace_code or None)
    except Invalid as exc:
        raise _as_conflict(exc) from exc
    await _note(actor, union_id, UnionChangeKind.FOUNDED, after=data.name, reference=reference)
    return await _place(union_id)


async def _activated(union_id: int, actor: Actor, reference: str) -> UnionPlace:
    activated = await database.execute(
        "UPDATE union_org SET state = %s, accepts_members = %s, version = version + 1 WHERE id = %s AND state = %s",
        UnionState.ACTIVE.value,
        True,
        union_id,
        UnionState.PREPARING.value,
    )
    if activated:
        await _note(actor, union_id, UnionChangeKind.ACTIVATED, reference=reference)
        await audit.record(actor, "union.activated", object_kind="union", object_id=union_id)
    return await _place(union_id)


@command
async def rename_by_decision(actor: Actor, *, union_id: int, name: str, reference: str) -> None:
    union = await _place(union_id)
    if await _done(reference, UnionChangeKind.RENAMED) is not None:
        return
    try:
        await tree.give_name(union, name, union.version, actor)
    except Invalid as exc:
        raise _as_conflict(exc) from exc
    await _note(actor, union_id, UnionChangeKind.RENAMED, before=union.name, after=name, reference=reference)


@command
async def move_by_decision(actor: Actor, *, union_id: int, parent_id: int, reference: str) -> None:
    if await _done(reference, UnionChangeKind.MOVED) is not None:
        return
    union, parent = await _place(union_id), await _place(parent_id)
    above = await queries.place(union.parent_id) if union.parent_id is not None else None
    await tree.hang_below(union, parent, union.version, actor)
    before = above.name if above else ""
    await _note(actor, union_id, UnionChangeKind.MOVED, before=before, after=parent.name, reference=reference)


@command
async def dissolve_by_decision(actor: Actor, *, union_id: int, reference: str, into_id: int | None = None) -> None:
    """Its members are kept above, or with `into_id` go on in the union that takes it in."""
    kind = UnionChangeKind.DISSOLVED if into_id is None else UnionChangeKind.MERGED
    if await _done(reference, kind) is not None:
        return
    union = await _place(union_id)
    into = await _place(into_id) if into_id is not None else None
    if into is not None and (into.id == union.id or into.state != UnionState.ACTIVE):
        raise Conflict("union_merge_impossible")
    await tree.close(union, union.version, actor, into=into_id)
    await _note(actor, union_id, kind, before=union.name, after=into.name if into else "", reference=reference)


@command
async def note_term(actor: Actor, *, union_id: int, kind: UnionChangeKind, term: Term, reference: str) -> None:
    """A new committee, or somebody who joined it in the middle of its term: then the term stays as it was."""
    if kind not in _ADOPTED:
        raise ValueError(kind)
    if await _done(reference, kind) is not None:
        return
    await _place(union_id)
    if kind is UnionChangeKind.ELECTED:
        await database.execute(
            "UPDATE union_org SET term_no = COALESCE(%s, term_no), term_began = COALESCE(%s, term_began),"
            " term_ends = COALESCE(%s, term_ends), version = version + 1 WHERE id = %s",
            term.number,
            term.began,
            term.ends,
            union_id,
        )
    await _note(actor, union_id, kind, after=_words(term), reference=reference)
    await audit.record(actor, f"union.{kind.value}", object_kind="union", object_id=union_id)


def _words(term: Term) -> str:
    number = f"第{term.number}届" if term.number else ""
    span = "至".join(day.isoformat() for day in (term.began, term.ends) if isinstance(day, date))
    return " ".join(part for part in (number, span) if part)


async def _place(union_id: int) -> UnionPlace:
    found = await queries.place(union_id)
    if found is None:
        raise NotFound()
    return found


async def _done(reference: str, kind: UnionChangeKind) -> int | None:
    """The union to which this decision has done this already."""
    sql = "SELECT union_id FROM union_change WHERE reference = %s AND kind = %s"
    return await database.scalar(sql, reference, kind.value)


def _as_conflict(wrong: Invalid) -> Conflict:
    """Whoever decides cannot correct the form, but learns what is wrong with it."""
    return Conflict("union_not_possible", reason=wrong.errors[0].message.rstrip("。"))


async def _note(
    actor: Actor, union_id: int, kind: UnionChangeKind, *, reference: str, before: str = "", after: str = ""
) -> None:
    row = {
        "id": ids.new_id(),
        "union_id": union_id,
        "kind": kind.value,
        "before": before[:200],
        "after": after[:200],
        "reference": reference,
        "actor_id": actor.account_id,
        "at": clock.now(),
    }
    await database.insert("union_change", row)
