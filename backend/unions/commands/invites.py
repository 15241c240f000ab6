"""Invites: made by staff for a union of their own, used up by joinings, revoked."""

import hashlib
import secrets
from datetime import date

import msgspec

from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, FieldError, Invalid, NotFound, sentence
from backend.unions import queries, rules
from backend.unions.enums import InviteState, UnionState
from backend.unions.queries.invites import invite_url
from backend.unions.schemas import InviteInput, InviteMade, InviteUse
from backend.web.qr import qr_svg

MAKE = "invite.make"


@command
async def make_invite(data: InviteInput, actor: Actor, *, nonce: str = "") -> InviteMade:
    """A fresh code. The same `nonce` from the same person is the same invite."""
    await _check(data)
    union = await queries.place_in_scope(data.union_id, actor, MAKE)
    if union.state != UnionState.ACTIVE or not union.accepts_members:
        raise Conflict("union_closed")
    invite_id, code = ids.new_id(), await _fresh_code()
    key = hashlib.sha256(f"{actor.account_id}:{nonce}".encode()).hexdigest()[:40] if nonce else None
    made = await database.insert_if_absent(
        "invite",
        {
            "id": invite_id,
            "code": code,
            "nonce": key,
            "union_id": union.id,
            "channel": data.channel.value,
            "place": data.place.strip(),
            "division": union.division,
            "max_uses": data.max_uses,
            "used": 0,
            "expires_on": data.expires_on,
            "created_by": actor.account_id,
            "created_at": clock.now(),
        },
        key="nonce",
    )
    if not made:
        row = (await database.rows("SELECT id, code FROM invite WHERE nonce = %s", key))[0]
        return _made(row["id"], row["code"], union.name)
    await audit.record(
        actor,
        "invite.made",
        object_kind="invite",
        object_id=invite_id,
        detail={"union_id": union.id, "max_uses": data.max_uses},
    )
    return _made(invite_id, code, union.name)


def _made(invite_id: int, code: str, union_name: str) -> InviteMade:
    url = invite_url(code)
    return InviteMade(id=ids.public(invite_id), code=code, url=url, qr_svg=qr_svg(url, f"扫码加入{union_name}"))


async def _check(data: InviteInput) -> None:
    """Every wrong field at once. A union that is there but not the actor's is not told apart here."""
    wrong = []
    if await queries.place(ids.parse(data.union_id) or 0) is None:
        wrong.append(FieldError("union_id", sentence("union_unknown")))
    if not 1 <= data.max_uses <= rules.MAX_USES:
        wrong.append(FieldError("max_uses", sentence("invite_max_uses")))
    today = clock.today()
    if not today <= data.expires_on <= today + rules.LONGEST_INVITE:
        wrong.append(FieldError("expires_on", sentence("invite_expires_on")))
    if len(data.place.strip()) > 60 or not data.place.isprintable():
        wrong.append(FieldError("place", sentence("invite_place")))
    if wrong:
        raise Invalid(wrong)


async def _fresh_code() -> str:
    """Eight letters nobody holds. A race for the same one ends at the unique key."""
    while True:
        code = "".join(secrets.choice(rules.CODE_LETTERS) for _ in range(rules.CODE_LENGTH))
        if await database.scalar("SELECT id FROM invite WHERE code = %s", code) is None:
            return code


@command
async def revoke_invite(invite: str, actor: Actor) -> None:
    """No further use; those who already joined stay. Revoking again changes nothing."""
    invite_id = ids.parse(invite) or 0
    union_id = await database.scalar("SELECT union_id FROM invite WHERE id = %s", invite_id)
    if union_id is None:
        raise NotFound()
    await queries.place_in_scope(ids.public(union_id), actor, MAKE)
    revoked = await database.execute(
        "UPDATE invite SET revoked_at = %s WHERE id = %s AND revoked_at IS NULL", clock.now(), invite_id
    )
    if revoked:
        await audit.record(actor, "invite.revoked", object_kind="invite", object_id=invite_id)


class _InviteRow(msgspec.Struct, kw_only=True):
    id: int
    union_id: int
    union_state: str
    channel: str
    place: str
    division: str
    max_uses: int
    used: int
    expires_on: date
    is_revoked: bool


@command
async def use_invite(code: str, actor: Actor) -> InviteUse:
    """Take one use, inside the caller's command; Conflict says why there is none to take."""
    kept = rules.invite_code(code)
    today = clock.today()
    taken = await database.execute(
        "UPDATE invite SET used = used + 1 WHERE code = %s AND used < max_uses AND expires_on >= %s"
        " AND revoked_at IS NULL"
        " AND EXISTS (SELECT 1 FROM union_org u WHERE u.id = invite.union_id AND u.state = %s)",
        kept,
        today,
        UnionState.ACTIVE.value,
    )
    row = await database.view(
        _InviteRow,
        "SELECT i.id, i.union_id, u.state AS union_state, i.channel, i.place, i.division, i.max_uses, i.used,"
        " i.expires_on, i.revoked_at IS NOT NULL AS is_revoked"
        " FROM invite i JOIN union_org u ON u.id = i.union_id WHERE i.code = %s",
        kept,
    )
    if row is None:
        raise NotFound("invite_unknown")
    if not taken:
        raise Conflict(f"invite_{_why_not(row, today).value}")
    await audit.record(actor, "invite.used", object_kind="invite", object_id=row.id)
    return InviteUse(
        invite_id=row.id,
        union_id=row.union_id,
        channel=row.channel,
        place=row.place,
        division=row.division,
    )


def _why_not(row: _InviteRow, today: date) -> InviteState:
    state = rules.invite_state(
        used=row.used,
        max_uses=row.max_uses,
        expires_on=row.expires_on,
        revoked=row.is_revoked,
        union_state=row.union_state,
        today=today,
    )
    # A use may have been given back between the two statements: for this caller it was used up.
    return InviteState.USED_UP if state is InviteState.VALID else state
