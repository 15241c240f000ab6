"""The phone of a member's record: released, replaced at a desk, or disowned by whoever holds the number now."""

import msgspec

from backend.core import audit, crypto, database, ids, national
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, FieldError, Invalid, NotFound, invalid
from backend.identity import commands as identity_commands
from backend.identity import queries as identity
from backend.membership import queries
from backend.membership.commands.history import note_change
from backend.membership.enums import MemberStatus, ReleaseReason


class _Holder(msgspec.Struct):
    id: int
    path: str
    status: str
    union_id: int
    phone_index: str | None


_HOLDER = "SELECT m.id, u.path, m.status, m.union_id, m.phone_index FROM member m JOIN union_org u ON u.id = m.union_id"


@command
async def release_phone(actor: Actor, *, member: str, reason: str) -> None:
    """Part a member from the phone that opens their card, because the number is somebody else's now."""
    holder = await _holder(actor, member)
    if not await _release(actor, holder):
        raise Conflict("phone_not_bound")
    await _note(actor, holder, "解除手机号绑定", reason)
    await audit.record(actor, "member.phone_released", object_kind="member", object_id=holder.id)


@command
async def register_phone(actor: Actor, *, member: str, phone: str, reason: str) -> None:
    """Write down the number that a member has now; it opens the record once its identity number is confirmed.

    The number before it is released. Conflict when the new one opens another member's record.
    """
    holder = await _holder(actor, member)
    number = _phone(phone)
    if not reason:
        raise invalid("reason", "phone_reason_missing")
    user = await identity.account_of_phone(number)
    if user is not None and user[1] is not None:
        raise Conflict("phone_registered" if user[1] == holder.id else "phone_in_use")
    await _release(actor, holder)
    await database.execute(
        "UPDATE member SET phone_index = %s, phone_sealed = %s, version = version + 1 WHERE id = %s",
        crypto.blind_index("phone", number),
        crypto.seal(number, context=f"member/phone/{holder.id}"),
        holder.id,
    )
    await _note(actor, holder, "登记新手机号", reason)
    await audit.record(actor, "member.phone_registered", object_kind="member", object_id=holder.id)


@command
async def release_unbound(actor: Actor, *, phone: str, reason: str) -> None:
    """Release a number whose account belongs to no member: whoever signs in next starts afresh."""
    if reason not in set(ReleaseReason):
        raise invalid("reason", "phone_reason_missing")
    await identity_commands.release_phone(_phone(phone), path=None, actor=actor, reason=reason)


@command
async def disown(actor: Actor) -> None:
    """Whoever has the phone now is not this member: they part at once, and the record says so."""
    parted = await identity_commands.disown(actor)
    holder = await database.view(_Holder, f"{_HOLDER} WHERE m.id = %s", parted.member_id)
    if holder is None:
        return
    await _forget(holder, parted.phone_index)
    await _note(actor, holder, "解除手机号绑定", "用这个手机号登录的人说明自己不是这位会员")
    await audit.record(actor, "member.phone_disowned", object_kind="member", object_id=holder.id)


async def _holder(actor: Actor, member: str) -> _Holder:
    condition, values = queries.visible_to(actor, queries.RELEASE)
    found = await database.view(_Holder, f"{_HOLDER} WHERE m.id = %s AND {condition}", ids.parse(member) or 0, *values)
    if found is None:
        raise NotFound()
    return found


def _phone(text: str) -> str:
    try:
        return national.parse_phone(text)
    except national.InvalidValue as exc:
        raise Invalid([FieldError("phone", exc.message)]) from exc


async def _release(actor: Actor, holder: _Holder) -> bool:
    """Whether there was a phone that opened the record."""
    account_id = (await identity.accounts_of_members([holder.id])).get(holder.id)
    phones = await identity.phones_of([account_id]) if account_id else []
    if not phones:
        return False
    number = crypto.open_sealed(phones[0].sealed, context=phones[0].context)
    await identity_commands.release_phone(number, path=holder.path, actor=actor)
    await _forget(holder, phones[0].index)
    return True


async def _forget(holder: _Holder, phone_index: str) -> None:
    """Messages must not go to whoever holds the number now."""
    await database.execute(
        "UPDATE member SET phone_index = NULL, phone_sealed = '', version = version + 1"
        " WHERE id = %s AND phone_index = %s",
        holder.id,
        phone_index,
    )


async def _note(actor: Actor, holder: _Holder, what: str, reason: str) -> None:
    standing = (MemberStatus(holder.status), holder.union_id)
    words = f"{what}：{reason}" if reason else what
    await note_change(actor, member_id=holder.id, before=standing, after=standing, reason=words, reference="")
