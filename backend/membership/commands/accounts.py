"""Between a person and their member record: confirming it, and opening a sensitive value of it at a desk."""

import msgspec

from backend.core import audit, clock, crypto, database, ids, national, reference
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import FieldError, Invalid, NotFound, TooMany, invalid
from backend.core.reveal import Purpose, reveal
from backend.identity import commands as identity_commands
from backend.identity import queries as identity
from backend.membership import queries, rules
from backend.membership.enums import MemberStatus
from backend.membership.schemas import MemberBrief, RevealedValue

_LABELS = {"id_no": "身份证号", "phone": "手机号"}


async def confirm_identity(actor: Actor, *, id_no: str) -> MemberBrief:
    """Tie the actor's account to the record that has both this identity number and the account's own phone.

    The answer is the same when there is no such record, when it lists another phone and when another
    phone opens it. Five tries a day count, whether they meet a record or not.
    """
    settings = reference.settings()
    try:
        parsed = national.parse_id_no(id_no, allow_synthetic=settings.allow_synthetic_ids, today=clock.today())
    except national.InvalidValue as exc:
        raise Invalid([FieldError("id_no", exc.message)]) from exc
    # Committed before the look-up: a refusal must not take the count back.
    await _count_try(actor)
    try:
        return await _confirm(actor, crypto.blind_index("id_no", parsed.number))
    except Invalid:
        await _note_refusal(actor)
        raise


@command
async def _count_try(actor: Actor) -> None:
    key = f"{actor.account_id}:{clock.today().isoformat()}"
    await database.insert_if_absent("identity_try", {"id": ids.new_id(), "key": key, "tries": 0}, key="`key`")
    counted = await database.execute(
        "UPDATE identity_try SET tries = tries + 1 WHERE `key` = %s AND tries < %s", key, rules.CONFIRM_TRIES_A_DAY
    )
    if not counted:
        raise TooMany("identity_tries_used", retry_after=3600, limit=rules.CONFIRM_TRIES_A_DAY)


@command
async def _note_refusal(actor: Actor) -> None:
    await audit.record(actor, "member.confirm_refused", object_kind="account", object_id=actor.account_id)


@command
async def forget_tries() -> int:
    """Delete the counts of past days; how many rows went. What a schedule calls."""
    return await database.execute("DELETE FROM identity_try WHERE `key` NOT LIKE %s", f"%:{clock.today().isoformat()}")


class _Match(msgspec.Struct):
    id: int
    name: str


@command
async def _confirm(actor: Actor, index: str) -> MemberBrief:
    found = await database.view(
        _Match,
        "SELECT m.id, m.name FROM member m JOIN account a ON a.phone_index = m.phone_index"
        " WHERE m.id_no_index = %s AND a.id = %s AND m.status <> %s",
        index,
        actor.account_id,
        MemberStatus.DECEASED.value,
    )
    if found is None or await identity.is_reachable(found.id, besides=actor.account_id):
        raise invalid("id_no", "identity_not_matched")
    await identity_commands.bind_member(actor.account_id, found.id, display=found.name, actor=actor)
    await audit.record(actor, "member.confirmed", object_kind="member", object_id=found.id)
    confirmed = await queries.own(msgspec.structs.replace(actor, member_id=found.id))
    assert confirmed is not None
    return confirmed


class _Sealed(msgspec.Struct):
    id: int
    sealed: str


@command
async def reveal_field(actor: Actor, *, member: str, field: str) -> RevealedValue:
    """Open a sensitive value of a member in the actor's scope, leaving a trace that the member can read."""
    if field not in _LABELS:
        raise NotFound()
    condition, values = queries.visible_to(actor)
    found = await database.view(
        _Sealed,
        f"SELECT m.id, m.{field}_sealed AS sealed FROM member m JOIN union_org u ON u.id = m.union_id"  # noqa: S608
        f" WHERE m.id = %s AND {condition}",
        ids.parse(member) or 0,
        *values,
    )
    if found is None or not found.sealed:
        raise NotFound()
    value = await reveal(
        found.sealed,
        context=f"member/{field}/{found.id}",
        field=field,
        purpose=Purpose.COUNTER_SERVICE,
        actor=actor,
        subject_kind="member",
        subject_id=found.id,
    )
    return RevealedValue(label=_LABELS[field], value=value)
