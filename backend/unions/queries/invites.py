"""Invites as their holders, their makers and the printer see them."""

from datetime import date

import msgspec

from backend.core import clock, database, ids, reference
from backend.core.actor import Actor
from backend.core.errors import NotFound, sentence
from backend.unions import rules
from backend.unions.enums import InviteState
from backend.unions.queries.places import visible_to
from backend.unions.schemas import InvitePoster, InviteRow, InviteView, UnionReference
from backend.web.paging import Page, cut, decode_cursor, encode_cursor
from backend.web.qr import qr_svg


class _Row(msgspec.Struct, kw_only=True):
    id: int
    code: str
    union_id: int
    union_name: str
    union_state: str
    channel: str
    place: str
    division: str
    max_uses: int
    used: int
    expires_on: date
    is_revoked: bool

    @property
    def union(self) -> UnionReference:
        return UnionReference(id=ids.public(self.union_id), name=self.union_name)

    @property
    def state(self) -> InviteState:
        return rules.invite_state(
            used=self.used,
            max_uses=self.max_uses,
            expires_on=self.expires_on,
            revoked=self.is_revoked,
            union_state=self.union_state,
            today=clock.today(),
        )


_COLUMNS = (
    "SELECT i.id, i.code, i.union_id, u.name AS union_name, u.state AS union_state, i.channel, i.place, i.division,"
    " i.max_uses, i.used, i.expires_on, i.revoked_at IS NOT NULL AS is_revoked"
    " FROM invite i JOIN union_org u ON u.id = i.union_id"
)


def invite_url(code: str) -> str:
    return f"{reference.settings().base_url}/i/{code}"


def normal_code(code: str) -> str:
    """A typed code as it is kept: capital letters alone."""
    return rules.invite_code(code)


async def invite_view(code: str) -> InviteView:
    """What a code stands for, also when it is no longer good; NotFound when it never was one."""
    row = await database.view(_Row, f"{_COLUMNS} WHERE i.code = %s", rules.invite_code(code))
    if row is None:
        raise NotFound("invite_unknown")
    state = row.state
    valid = state is InviteState.VALID
    return InviteView(
        union=row.union,
        expires_on=row.expires_on.isoformat(),
        valid=valid,
        reason="" if valid else state.value,
        reason_text="" if valid else sentence(f"invite_{state.value}"),
        place=row.place,
        division=row.division,
        division_name=reference.divisions().full_name(row.division),
        channel=row.channel,
    )


async def invites_of(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[InviteRow]:
    """The invites of the unions the actor may invite to, newest first."""
    condition, values = visible_to(actor, "invite.make")
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        _Row,
        f"{_COLUMNS} WHERE {condition} AND i.id < %s ORDER BY i.id DESC LIMIT %s",
        *values,
        before,
        limit + 1,
    )
    page = cut(found, limit, lambda row: encode_cursor(ids.public(row.id)))
    return Page(items=[_line(row) for row in page.items], next_cursor=page.next_cursor)


def _line(row: _Row) -> InviteRow:
    return InviteRow(
        id=ids.public(row.id),
        code=row.code,
        union=row.union,
        channel=row.channel,
        place=row.place,
        max_uses=row.max_uses,
        used=row.used,
        expires_on=row.expires_on.isoformat(),
        state=row.state,
        url=invite_url(row.code),
    )


async def invite_poster(invite: str, actor: Actor) -> InvitePoster:
    condition, values = visible_to(actor, "invite.make")
    row = await database.view(_Row, f"{_COLUMNS} WHERE i.id = %s AND {condition}", ids.parse(invite) or 0, *values)
    if row is None:
        raise NotFound()
    return InvitePoster(invite=_line(row), qr_svg=qr_svg(invite_url(row.code), f"扫码加入{row.union_name}"))
