"""Staff accounts and their posts, inside one's own scope.

Nobody hands out, takes away or takes over more than they hold themselves, and nobody edits their own
account: otherwise whoever manages staff of a town could become the county's administrator.
"""

from tortoise.exceptions import IntegrityError

from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, Forbidden, NotFound, invalid
from backend.identity import commands as identity
from backend.identity.enums import AccountState
from backend.unions import queries, roles
from backend.unions.enums import UnionLevel, UnionState
from backend.unions.queries.staff import MANAGE, holds_all
from backend.unions.schemas import StaffInput, StaffMade, UnionPlace


async def create_staff(data: StaffInput, actor: Actor, *, lasting_password: str | None = None) -> StaffMade:
    """An account with its posts and a first password. Not inside a command: hashing takes its time.

    The command line makes the first administrator with the system as actor. `lasting_password` is for the
    demo and tests.
    """
    password = await identity.make_password(lasting_password)
    account_id = await _create_staff(data, password, actor)
    return StaffMade(id=ids.public(account_id), username=data.username.strip().lower(), first_password=password.text)


@command
async def _create_staff(data: StaffInput, password: identity.NewPassword, actor: Actor) -> int:
    union = await queries.place_in_scope(data.union_id, actor, MANAGE)
    if not data.roles:
        raise invalid("roles", "role_missing")
    for role in data.roles:
        _require_grantable(role, union, actor)
    account_id = await identity.create_staff(
        username=data.username, display=data.display, password=password, actor=actor
    )
    for role in dict.fromkeys(data.roles):
        await _hold(account_id, union, role, actor)
    return account_id


def _require_grantable(role: str, union: UnionPlace, actor: Actor) -> None:
    known = roles.catalogue().roles.get(role)
    if known is None:
        raise invalid("roles", "role_unknown")
    if union.state == UnionState.DISSOLVED:
        raise Conflict("union_dissolved")
    if UnionLevel(union.level) not in known.levels:
        raise invalid("roles", "role_wrong_level")
    if not holds_all(actor, known.permissions, union.path):
        raise Forbidden("role_beyond_own")


async def _hold(account_id: int, union: UnionPlace, role: str, actor: Actor) -> int:
    post_id = ids.new_id()
    try:
        await database.insert(
            "staff_post",
            {
                "id": post_id,
                "account_id": account_id,
                "union_id": union.id,
                "role": role,
                "standing": f"{account_id}:{union.id}:{role}",
                "suspended": False,
                "since": clock.now(),
            },
        )
    except IntegrityError as exc:
        raise Conflict("post_held") from exc
    await audit.record(
        actor,
        "post.granted",
        object_kind="account",
        object_id=account_id,
        detail={"union_id": union.id, "role": role},
    )
    return post_id


@command
async def grant_post(account: str, union: str, role: str, actor: Actor) -> int:
    """One more post for somebody of the actor's scope; its inner id."""
    account_id = await _account_in_reach(account, actor)
    place = await queries.place_in_scope(union, actor, MANAGE)
    _require_grantable(role, place, actor)
    return await _hold(account_id, place, role, actor)


@command
async def revoke_post(account: str, post: str, actor: Actor) -> None:
    """End a post. What it allowed is refused from the next request on."""
    found = await database.rows(
        "SELECT account_id, union_id, role FROM staff_post WHERE id = %s AND account_id = %s AND standing IS NOT NULL",
        ids.parse(post) or 0,
        ids.parse(account) or 0,
    )
    if not found:
        raise NotFound()
    account_id, union_id, role = found[0]["account_id"], found[0]["union_id"], found[0]["role"]
    union = await queries.place_in_scope(ids.public(union_id), actor, MANAGE)
    if account_id == actor.account_id:
        raise Forbidden("own_account")
    if not holds_all(actor, roles.permissions_of(role), union.path):
        raise Forbidden("role_beyond_own")
    ended = await database.execute(
        "UPDATE staff_post SET standing = NULL, until = %s WHERE id = %s AND standing IS NOT NULL",
        clock.now(),
        ids.parse(post),
    )
    if not ended:
        raise NotFound()
    await audit.record(
        actor,
        "post.revoked",
        object_kind="account",
        object_id=account_id,
        detail={"union_id": union_id, "role": role},
    )


@command
async def set_staff_enabled(account: str, enabled: bool, actor: Actor) -> None:
    """Disable or enable an account. Its posts stay, but nobody serves them meanwhile: cases go on above."""
    account_id = await _account_under(account, actor)
    state = AccountState.ACTIVE if enabled else AccountState.DISABLED
    await identity.set_staff_state(account_id, state, actor)
    await database.execute(
        "UPDATE staff_post SET suspended = %s WHERE account_id = %s AND standing IS NOT NULL", not enabled, account_id
    )


async def reset_staff(account: str, actor: Actor) -> StaffMade:
    """A new first password to hand over, and no second factor. Not inside a command: hashing takes its time."""
    password = await identity.make_password()
    account_id = await _reset(account, password, actor)
    row = await queries.staff_row(account, actor)
    return StaffMade(id=ids.public(account_id), username=row.username, first_password=password.text)


@command
async def _reset(account: str, password: identity.NewPassword, actor: Actor) -> int:
    account_id = await _account_under(account, actor)
    await identity.reset_credentials(account_id, password, actor)
    return account_id


async def _account_in_reach(account: str, actor: Actor) -> int:
    """Somebody else who holds, or held, a post in the actor's scope."""
    await queries.staff_row(account, actor)
    account_id = ids.parse(account) or 0
    if account_id == actor.account_id:
        raise Forbidden("own_account")
    return account_id


async def _account_under(account: str, actor: Actor) -> int:
    """Somebody all of whose powers the actor holds, too: whoever resets a password could use it."""
    account_id = await _account_in_reach(account, actor)
    held = await database.rows(
        "SELECT u.path, p.role FROM staff_post p JOIN union_org u ON u.id = p.union_id"
        " WHERE p.account_id = %s AND p.standing IS NOT NULL",
        account_id,
    )
    for row in held:
        needed = roles.permissions_of(row["role"]) | {MANAGE}
        if not holds_all(actor, needed, row["path"]):
            raise Forbidden("role_beyond_own")
    return account_id
