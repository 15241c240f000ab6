"""Changes of the tree. Every one of them touches the union above on the path that was read, so two
changes that would not fit together meet on one row: one of them sees the other and is refused.
"""

from collections.abc import Awaitable, Callable

from tortoise.exceptions import IntegrityError

from backend.core import audit, clock, database, ids, national, outbox, pinyin, reference
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, FieldError, Invalid, NotFound, invalid, sentence
from backend.unions import queries, rules
from backend.unions.enums import UnionState
from backend.unions.events import UnionDissolved
from backend.unions.schemas import UnionInput, UnionPlace

MANAGE = "union.manage"

# Why a union cannot be dissolved yet, as a sentence code: higher layers know of its cases.
DissolutionCheck = Callable[[int], Awaitable[str | None]]

_why_not: DissolutionCheck | None = None


def use_dissolution_check(check: DissolutionCheck | None) -> None:
    """Handed over once at start; it is asked inside the command, by the union's inner id."""
    global _why_not  # noqa: PLW0603 - handed over once at start
    _why_not = check


@command
async def create_union(data: UnionInput, actor: Actor) -> int:
    """A union below another one; only the system makes the top of the tree. Its inner id."""
    return await put_below(await _parent(data.parent_id, actor), data, actor)


async def put_below(
    parent: UnionPlace | None,
    data: UnionInput,
    actor: Actor,
    *,
    state: UnionState = UnionState.ACTIVE,
    workplace_code: str | None = None,
) -> int:
    """The new union's inner id. Whoever calls has seen to it that the actor may do this there."""
    name, credit_code, wrong = _check_facts(data.name, data.division, data.credit_code)
    if not rules.fits_kind(data.kind, data.level):
        wrong.append(FieldError("kind", sentence("union_kind_level")))
    if parent is not None and not rules.may_lie_below(data.level, parent.level):
        wrong.append(FieldError("level", sentence("union_level_order")))
    if wrong:
        raise Invalid(wrong)
    union_id = ids.new_id()
    path = rules.path_of(parent.path if parent else "", union_id)
    if len(path) > rules.LONGEST_PATH:
        raise Conflict("union_too_deep")
    if parent is not None:
        await _hold_above(parent)
    row = {
        "id": union_id,
        "name": name,
        "initials": pinyin.initials(name)[:80],
        "kind": data.kind.value,
        "level": data.level.value,
        "nature": data.nature.value,
        "parent_id": parent.id if parent else None,
        "path": path,
        "division": data.division,
        "credit_code": credit_code,
        "workplace_code": workplace_code,
        "state": state.value,
        "accepts_members": data.accepts_members,
        "version": 1,
        "tree_version": 0,
        "created_at": clock.now(),
    }
    try:
        await database.insert("union_org", row)
    except IntegrityError as exc:
        raise await _taken(name, union_id) from exc
    await audit.record(actor, "union.created", object_kind="union", object_id=union_id)
    return union_id


async def _parent(union: str, actor: Actor) -> UnionPlace | None:
    if not union:
        if actor.kind != "system":
            raise NotFound()
        return None
    parent = await queries.place_in_scope(union, actor, MANAGE)
    if parent.state == UnionState.DISSOLVED:
        raise Conflict("union_dissolved")
    return parent


def _check_facts(name: str, division: str, credit_code: str) -> tuple[str, str | None, list[FieldError]]:
    """The facts as they are kept, and what is wrong with them."""
    wrong = []
    kept = rules.union_name(name)
    if kept is None:
        wrong.append(FieldError("name", sentence("union_name")))
    if len(division) not in (6, 9) or not reference.divisions().exists(division):
        wrong.append(FieldError("division", sentence("union_division")))
    code = None
    if credit_code.strip():
        try:
            parsed = national.parse_credit_code(credit_code)
        except national.InvalidValue as exc:
            wrong.append(FieldError("credit_code", exc.message))
        else:
            code = parsed.number
            if not parsed.is_union:
                wrong.append(FieldError("credit_code", sentence("union_credit_code")))
    return kept or "", code, wrong


async def _hold_above(parent: UnionPlace) -> None:
    """Nothing is put below a union that was moved or dissolved since it was read."""
    held = await database.execute(
        "UPDATE union_org SET tree_version = tree_version + 1 WHERE id = %s AND path = %s AND state <> %s",
        parent.id,
        parent.path,
        UnionState.DISSOLVED.value,
    )
    if not held:
        raise Conflict("union_changed")


async def _taken(name: str, union_id: int) -> Invalid:
    other = await database.scalar("SELECT id FROM union_org WHERE name = %s AND id <> %s", name, union_id)
    if other is not None:
        return Invalid([FieldError("name", sentence("union_name_taken"))])
    return Invalid([FieldError("credit_code", sentence("union_credit_code_taken"))])


@command
async def rename_union(union: str, name: str, version: int, actor: Actor) -> None:
    found = await queries.place_in_scope(union, actor, MANAGE)
    await give_name(found, name, version, actor)


async def give_name(found: UnionPlace, name: str, version: int, actor: Actor) -> None:
    kept = rules.union_name(name)
    if kept is None:
        raise invalid("name", "union_name")
    try:
        changed = await database.execute(
            "UPDATE union_org SET name = %s, initials = %s, version = version + 1"
            " WHERE id = %s AND version = %s AND state <> %s",
            kept,
            pinyin.initials(kept)[:80],
            found.id,
            version,
            UnionState.DISSOLVED.value,
        )
    except IntegrityError as exc:
        raise invalid("name", "union_name_taken") from exc
    if not changed:
        raise Conflict("union_changed")
    await audit.record(
        actor, "union.renamed", object_kind="union", object_id=found.id, detail={"from": found.name, "to": kept}
    )


@command
async def move_union(union: str, new_parent: str, version: int, actor: Actor) -> None:
    """Hang a whole branch below another union. Scopes follow at the next request of each staff member."""
    moved = await queries.place_in_scope(union, actor, MANAGE)
    parent = await queries.place_in_scope(new_parent, actor, MANAGE)
    await _require_above(moved, actor)
    await hang_below(moved, parent, version, actor)


async def hang_below(moved: UnionPlace, parent: UnionPlace, version: int, actor: Actor) -> None:
    if parent.path.startswith(moved.path):
        raise Conflict("union_cycle")
    if not rules.may_lie_below(moved.level, parent.level):
        raise Conflict("union_level_order")
    if parent.id == moved.parent_id:
        return
    new_path = rules.path_of(parent.path, moved.id)
    await _hold_above(parent)
    taken = await database.execute(
        "UPDATE union_org SET parent_id = %s, version = version + 1, tree_version = tree_version + 1"
        " WHERE id = %s AND version = %s AND path = %s AND state <> %s",
        parent.id,
        moved.id,
        version,
        moved.path,
        UnionState.DISSOLVED.value,
    )
    if not taken:
        raise Conflict("union_changed")
    await _rewrite_paths(moved.path, new_path)
    await audit.record(
        actor,
        "union.moved",
        object_kind="union",
        object_id=moved.id,
        detail={"from": moved.parent_id, "to": parent.id},
    )


async def _rewrite_paths(old: str, new: str) -> None:
    first, last = rules.subtree(old)
    longest = await database.scalar(
        "SELECT MAX(LENGTH(path)) FROM union_org WHERE path >= %s AND path < %s", first, last
    )
    if longest - len(old) + len(new) > rules.LONGEST_PATH:
        raise Conflict("union_too_deep")
    # An id occurs once on a path, so the old beginning is replaced nowhere else.
    await database.execute(
        "UPDATE union_org SET path = REPLACE(path, %s, %s), tree_version = tree_version + 1"
        " WHERE path >= %s AND path < %s",
        old,
        new,
        first,
        last,
    )


async def _require_above(union: UnionPlace, actor: Actor) -> None:
    """The top of one's own scope is moved or dissolved by those above it."""
    if actor.kind == "system":
        return
    above = await queries.place(union.parent_id) if union.parent_id is not None else None
    if above is None or not actor.covers(MANAGE, above.path):
        raise NotFound()


@command
async def dissolve_union(union: str, version: int, actor: Actor) -> None:
    """Close a union without unions or open cases below it. Its posts and invites end, its members are kept above."""
    found = await queries.place_in_scope(union, actor, MANAGE)
    await _require_above(found, actor)
    await close(found, version, actor)


async def close(found: UnionPlace, version: int, actor: Actor, *, into: int | None = None) -> None:
    """`into` is the union that takes its members in; without one they are kept by the union above."""
    dissolved = await database.execute(
        "UPDATE union_org SET state = %s, accepts_members = %s, credit_code = NULL, version = version + 1,"
        " tree_version = tree_version + 1 WHERE id = %s AND version = %s AND state <> %s",
        UnionState.DISSOLVED.value,
        False,
        found.id,
        version,
        UnionState.DISSOLVED.value,
    )
    if not dissolved:
        raise Conflict("union_changed")
    below = await database.scalar(
        "SELECT COUNT(*) FROM union_org WHERE parent_id = %s AND state <> %s", found.id, UnionState.DISSOLVED.value
    )
    if below:
        raise Conflict("union_has_children")
    if _why_not is not None and (code := await _why_not(found.id)) is not None:
        raise Conflict(code)
    now = clock.now()
    await database.execute(
        "UPDATE staff_post SET standing = NULL, until = %s WHERE union_id = %s AND standing IS NOT NULL", now, found.id
    )
    await database.execute(
        "UPDATE invite SET revoked_at = %s WHERE union_id = %s AND revoked_at IS NULL", now, found.id
    )
    await audit.record(actor, "union.dissolved", object_kind="union", object_id=found.id)
    heir = into or found.parent_id
    if heir is not None:
        await outbox.emit(UnionDissolved(found.id, heir, into is not None), key=str(found.id))
