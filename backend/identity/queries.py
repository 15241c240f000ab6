"""Reads of identity. A session is found by one query; what a person may see is always tied to the actor."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import msgspec

from backend.core import clock, crypto, database, ids, national, reference
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import NotFound
from backend.core.reveal import Purpose, reveal_to_system
from backend.identity import rules, texts
from backend.identity.enums import AccountKind, AccountState, ConsentKind
from backend.identity.schemas import (
    AccessLine,
    AccountView,
    ConsentLine,
    ConsentsView,
    ConsentText,
    SealedPhone,
    SessionLine,
    SignedIn,
    StaffAccount,
)
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

_LONGEST_TOKEN = 100


class _SessionRow(msgspec.Struct, kw_only=True):
    session_id: int
    account_id: int
    kind: str
    display: str
    member_id: int | None
    must_change_password: bool
    has_totp: bool
    seen_at: datetime
    idle_until: datetime


async def signed_in(token: str) -> SignedIn | None:
    """Whose session `token` is, None when it is nobody's (any more). One query, on every request.

    Nobody is signed in to a person's account that was parted from its phone.
    """
    if not token or len(token) > _LONGEST_TOKEN:
        return None
    now = clock.now()
    row = await database.view(
        _SessionRow,
        "SELECT s.id AS session_id, s.account_id, s.seen_at, s.idle_until, a.kind, a.display, a.member_id,"
        " a.must_change_password, a.totp_sealed <> '' AS has_totp"
        " FROM session_row s JOIN account a ON a.id = s.account_id"
        " WHERE s.token_hash = %s AND s.idle_until > %s AND s.expires_at > %s AND a.state = %s"
        " AND (a.kind <> %s OR a.phone_index IS NOT NULL)",
        rules.token_hash(token),
        now,
        now,
        AccountState.ACTIVE.value,
        AccountKind.PERSON.value,
    )
    if row is None:
        return None
    idle = row.idle_until - row.seen_at
    if row.seen_at <= now - rules.SEEN_STEP:
        await _seen(row.session_id, idle, now)
    return SignedIn(
        session_id=row.session_id,
        account_id=row.account_id,
        kind=row.kind,
        display=row.display,
        member_id=row.member_id,
        idle=idle,
        rested=now - row.seen_at,
        pending=rules.pending(
            kind=row.kind,
            must_change_password=row.must_change_password,
            has_totp=row.has_totp,
            needs_totp=reference.settings().is_production,
        ),
    )


@command
async def _seen(session_id: int, idle: timedelta, now: datetime) -> None:
    """The one write of a read: an UPDATE, so a session that was ended meanwhile stays ended."""
    await database.execute(
        "UPDATE session_row SET seen_at = %s, idle_until = %s WHERE id = %s AND seen_at <= %s",
        now,
        now + idle,
        session_id,
        now - rules.SEEN_STEP,
    )


async def may_rest(found: SignedIn, *, at_till: bool) -> bool:
    """Whether a session of staff has not rested too long. At a till it may rest as long as the settings say; once its
    account stands at a desk as well, it is one like every other.

    Only who has the posts of the account knows where it stands.
    """
    till, desk = timedelta(hours=reference.settings().till_idle_hours), rules.lifetime(found.kind).idle
    if at_till and found.idle < till:
        await _limit_rest(found, till)
    elif not at_till and found.idle == till > desk:
        await _limit_rest(found, desk)
        return found.rested < desk
    return True


@command
async def _limit_rest(found: SignedIn, idle: timedelta) -> None:
    if found.rested < idle:
        now = clock.now()
        statement = "UPDATE session_row SET seen_at = %s, idle_until = %s WHERE id = %s"
        await database.execute(statement, now, now + idle, found.session_id)
    else:
        await database.execute("DELETE FROM session_row WHERE id = %s", found.session_id)


class _AccountRow(msgspec.Struct, kw_only=True):
    id: int
    kind: str
    display: str
    phone_sealed: str


async def account_view(account_id: int) -> AccountView:
    row = await database.view(
        _AccountRow, "SELECT id, kind, display, phone_sealed FROM account WHERE id = %s", account_id
    )
    if row is None:
        raise NotFound()
    phone = _open_phone(row.id, row.phone_sealed)
    return AccountView(
        id=ids.public(row.id),
        kind=row.kind,
        display=row.display,
        phone=national.mask_phone(phone) if phone else None,
    )


async def own_phone(actor: Actor) -> str | None:
    """The eleven digits of the actor's own phone, to fill in for them."""
    sealed = await database.scalar("SELECT phone_sealed FROM account WHERE id = %s", actor.account_id)
    return _open_phone(actor.account_id, sealed or "")


def _open_phone(account_id: int, sealed: str) -> str | None:
    if not sealed:
        return None
    return reveal_to_system(sealed, context=rules.phone_context(account_id), purpose=Purpose.OWN)


_PHONE_COLUMNS = "SELECT id, phone_sealed, phone_index FROM account"


async def phones_of(account_ids: Collection[int]) -> list[SealedPhone]:
    """Where messages to these accounts go; accounts without a phone are left out."""
    if not account_ids:
        return []
    found = await database.rows(
        f"{_PHONE_COLUMNS} WHERE id IN ({_marks(account_ids)}) AND phone_index IS NOT NULL",
        *account_ids,
    )
    return [
        SealedPhone(
            account_id=row["id"],
            sealed=row["phone_sealed"],
            context=rules.phone_context(row["id"]),
            index=row["phone_index"],
        )
        for row in found
    ]


async def account_of_phone(phone: str) -> tuple[int, int | None] | None:
    """(account, member or None) of a phone that is in use."""
    found = await database.rows(
        "SELECT id, member_id FROM account WHERE phone_index = %s", crypto.blind_index("phone", phone)
    )
    return (found[0]["id"], found[0]["member_id"]) if found else None


async def is_reachable(member_id: int, *, besides: int = 0) -> bool:
    """Whether a phone opens this member's record; `besides` is an account that does not count."""
    found = await database.scalar(
        "SELECT id FROM account WHERE member_id = %s AND phone_index IS NOT NULL AND id <> %s", member_id, besides
    )
    return found is not None


async def accounts_of_members(member_ids: Collection[int]) -> dict[int, int]:
    """Account by member, for those who have bound one, also when it is parted from its phone."""
    if not member_ids:
        return {}
    found = await database.rows(
        f"SELECT id, member_id FROM account WHERE member_id IN ({_marks(member_ids)})",  # noqa: S608 - placeholders only
        *member_ids,
    )
    return {row["member_id"]: row["id"] for row in found}


class _SessionLineRow(msgspec.Struct, kw_only=True):
    id: int
    label: str
    created_at: datetime
    seen_at: datetime


async def sessions_of(actor: Actor) -> list[SessionLine]:
    """My living sessions, the latest used first."""
    now = clock.now()
    found = await database.views(
        _SessionLineRow,
        "SELECT id, label, created_at, seen_at FROM session_row"
        " WHERE account_id = %s AND idle_until > %s AND expires_at > %s ORDER BY seen_at DESC, id DESC LIMIT 50",
        actor.account_id,
        now,
        now,
    )
    return [
        SessionLine(
            id=ids.public(row.id),
            label=row.label,
            created_at=clock.iso(row.created_at) or "",
            seen_at=clock.iso(row.seen_at) or "",
            current=row.id == actor.session_id,
        )
        for row in found
    ]


class _ConsentRow(msgspec.Struct, kw_only=True):
    id: int
    kind: ConsentKind
    text_version: str
    text_hash: str
    given_at: datetime
    withdrawn_at: datetime | None
    standing: str | None


async def consents_of(actor: Actor) -> ConsentsView:
    found = await database.views(
        _ConsentRow,
        "SELECT id, kind, text_version, text_hash, given_at, withdrawn_at, standing FROM consent"
        " WHERE account_id = %s ORDER BY id DESC LIMIT 100",
        actor.account_id,
    )
    return ConsentsView(texts=consent_texts(), given=[_consent_line(row) for row in found])


def _consent_line(row: _ConsentRow) -> ConsentLine:
    text = texts.current(row.kind)
    standing = row.standing is not None
    return ConsentLine(
        id=ids.public(row.id),
        kind=row.kind,
        title=text.title,
        text_version=row.text_version,
        given_at=clock.iso(row.given_at) or "",
        withdrawn_at=clock.iso(row.withdrawn_at),
        standing=standing,
        outdated=standing and row.text_hash != text.hash,
    )


def consent_texts() -> list[ConsentText]:
    """The texts in force, to be shown before the ticks."""
    return [texts.current(kind) for kind in ConsentKind]


def consent_kind(text: str) -> ConsentKind:
    """The kind that an address names."""
    if text not in set(ConsentKind):
        raise NotFound()
    return ConsentKind(text)


async def standing_consents(account_id: int) -> frozenset[ConsentKind]:
    """What this account agrees to now, in today's wording: older wordings have to be agreed to again."""
    found = await database.rows(
        "SELECT kind, text_hash FROM consent WHERE account_id = %s AND standing IS NOT NULL", account_id
    )
    agreed = {ConsentKind(row["kind"]): row["text_hash"] for row in found}
    return frozenset(kind for kind, text_hash in agreed.items() if texts.current(kind).hash == text_hash)


class _TraceRow(msgspec.Struct, kw_only=True):
    id: int
    at: datetime
    actor_label: str
    field: str
    purpose: str


_TRACE_COLUMNS = "SELECT id, at, actor_label, field, purpose FROM access_trace"


async def who_viewed(
    actor: Actor, *, limit: int = 20, cursor: str | None = None, more: Sequence[tuple[str, int]] = ()
) -> Page[AccessLine]:
    """Who opened the actor's sensitive values, newest first.

    `more` names further subjects of theirs that only the caller knows, such as ("case", id).
    """
    subjects = [("account", actor.account_id), *more]
    if actor.member_id is not None:
        subjects.append(("member", actor.member_id))
    one_of = " OR ".join(["subject_kind = %s AND subject_id = %s"] * len(subjects))
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        _TraceRow,
        f"{_TRACE_COLUMNS} WHERE ({one_of}) AND id < %s ORDER BY id DESC LIMIT %s",
        *(part for subject in subjects for part in subject),
        before,
        limit + 1,
    )
    page = cut(found, limit, lambda row: encode_cursor(ids.public(row.id)))
    return Page(items=[_access_line(row) for row in page.items], next_cursor=page.next_cursor)


def _access_line(row: _TraceRow) -> AccessLine:
    return AccessLine(
        id=ids.public(row.id),
        at=clock.iso(row.at) or "",
        who=row.actor_label,
        field=rules.field_label(row.field),
        purpose=rules.purpose_label(row.purpose),
    )


_STAFF_COLUMNS = "SELECT id, username, display, state, totp_sealed <> '' AS has_totp, must_change_password FROM account"


async def staff_accounts(account_ids: Collection[int]) -> dict[int, StaffAccount]:
    if not account_ids:
        return {}
    found = await database.views(
        StaffAccount,
        f"{_STAFF_COLUMNS} WHERE kind = %s AND id IN ({_marks(account_ids)})",
        AccountKind.STAFF.value,
        *account_ids,
    )
    return {row.id: row for row in found}


async def search_staff(text: str, *, limit: int = 200) -> list[int]:
    """Accounts whose user name or displayed name begins with `text`."""
    prefix = text.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
    found = await database.rows(
        "SELECT id FROM account WHERE kind = %s AND (username LIKE %s ESCAPE '!' OR display LIKE %s ESCAPE '!')"
        " ORDER BY id LIMIT %s",
        AccountKind.STAFF.value,
        prefix.lower(),
        prefix,
        limit,
    )
    return [row["id"] for row in found]


def _marks(values: Collection[object]) -> str:
    return ", ".join(["%s"] * len(values))
