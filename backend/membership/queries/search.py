"""Members as staff see them: by name, initials, number, phone or identity number, in their own branches."""

from datetime import date, datetime
from typing import Any

import msgspec

from backend.core import clock, crypto, database, ids, national, reference
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.identity import queries as identity
from backend.membership import rules
from backend.membership.enums import (
    ACT_TEXT,
    EMPLOY_TEXT,
    GROUP_TEXT,
    STATUS_TEXT,
    EmployForm,
    MemberStatus,
    NewformGroup,
)
from backend.membership.queries.members import BRIEF, BriefRow, brief
from backend.membership.schemas import ChangeLine, MemberBrief, MemberDetail, Option, SensitiveLine
from backend.unions import queries as unions
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

VIEW = "member.view"
RELEASE = "phone.release"
MANAGE = "member.manage"
_LAST = "\U0010ffff"


def visible_to(actor: Actor, permission: str = VIEW) -> tuple[str, list[str]]:
    """A condition on `union_org u` and its values: members of the unions where the actor may do this."""
    return unions.visible_to(actor, permission)


async def members_in_scope(
    actor: Actor, *, q: str = "", status: str = "", limit: int = 20, cursor: str | None = None
) -> Page[MemberBrief]:
    """Members of the actor's scope, newest record first, or along what was searched for; two queries for any number
    of rows. A search walks its own index and stops at the limit, however many bear the name in the whole county.
    """
    column, conditions, params = _search(q)
    if status:
        conditions.append("m.status = %s")
        params.append(status)
    if not _sees_all(actor):
        scope = await _unions_in_scope(actor)
        if not scope:
            return Page(items=[], next_cursor=None)
        conditions.append(f"m.union_id IN ({', '.join(['%s'] * len(scope))})")
        params += scope
    if cursor:
        condition, values = _after(column, cursor)
        conditions.append(condition)
        params += values
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    order = f"m.{column}, m.id" if column else "m.id DESC"
    found = await database.views(BriefRow, f"{BRIEF}{where} ORDER BY {order} LIMIT %s", *params, limit + 1)
    page = cut(found, limit, lambda row: encode_cursor(getattr(row, column) if column else "", ids.public(row.id)))
    return Page(items=[brief(row) for row in page.items], next_cursor=page.next_cursor)


def _after(column: str, cursor: str) -> tuple[str, list[Any]]:
    value, public_id = decode_cursor(cursor, str, str)
    row_id = ids.parse(public_id) or 0
    if not column:
        return "m.id < %s", [row_id]
    return f"(m.{column} > %s OR (m.{column} = %s AND m.id > %s))", [value, value, row_id]


async def unbound_phone(q: str, actor: Actor) -> str:
    """The number somebody typed, masked, when an account without a member uses it and the actor may release it."""
    if not actor.can(RELEASE):
        return ""
    try:
        phone = national.parse_phone(q[:60])
    except national.InvalidValue:
        return ""
    user = await identity.account_of_phone(phone)
    return national.mask_phone(phone) if user is not None and user[1] is None else ""


def _sees_all(actor: Actor) -> bool:
    """At the root of the tree the scope excludes nobody, and a condition would only cost time."""
    return actor.kind == "system" or any(path.count("/") == 2 for path in actor.scope(VIEW))


async def _unions_in_scope(actor: Actor) -> list[int]:
    """By id, because a condition on the joined table would have the database sort all members of the scope."""
    condition, values = visible_to(actor)
    found = await database.rows(f"SELECT u.id FROM union_org u WHERE {condition}", *values)  # noqa: S608 - placeholders
    return [row["id"] for row in found]


def _search(q: str) -> tuple[str, list[str], list[Any]]:
    """The column of which the start was typed, with its condition; a whole identity number or phone has none."""
    text = national.compact(q)[:60]
    if not text:
        return "", [], []
    settings = reference.settings()
    try:
        parsed = national.parse_id_no(
            national.upgrade_15(text), allow_synthetic=settings.allow_synthetic_ids, today=clock.today()
        )
        return "", ["m.id_no_index = %s"], [crypto.blind_index("id_no", parsed.number)]
    except national.InvalidValue:
        pass
    try:
        return "", ["m.phone_index = %s"], [crypto.blind_index("phone", national.parse_phone(text))]
    except national.InvalidValue:
        pass
    if text.isascii():
        column, first, last = ("member_no" if text.isdigit() else "initials"), text.lower(), text.lower() + "~"
    else:
        column, first, last = "name", text, text + _LAST
    return column, [f"m.{column} >= %s AND m.{column} < %s"], [first, last]


class _DetailRow(BriefRow, kw_only=True):
    union_path: str
    gender: str
    birth_year: int
    household_province: str
    id_no_sealed: str
    phone_sealed: str
    status_since: date
    division: str
    employ_form: str
    newform_group: str
    employer: str
    version: int


_DETAIL = (
    "SELECT m.id, m.member_no, m.name, m.status, m.joined_on, m.union_id, u.name AS union_name, u.path AS union_path,"
    " m.gender, m.birth_year, m.household_province, m.id_no_sealed, m.phone_sealed, m.status_since, m.division,"
    " m.employ_form, m.newform_group, m.employer, m.version FROM member m JOIN union_org u ON u.id = m.union_id"
)


async def detail(member: str, actor: Actor) -> MemberDetail:
    """One member of the actor's scope; NotFound for any other. Sensitive values are masked."""
    condition, values = visible_to(actor)
    row = await database.view(_DetailRow, f"{_DETAIL} WHERE m.id = %s AND {condition}", ids.parse(member) or 0, *values)
    if row is None:
        raise NotFound()
    bound = await identity.is_reachable(row.id)
    return MemberDetail(
        member=brief(row),
        facts=_facts(row, bound=bound),
        sensitive=_sensitive(row),
        history=await _history(row.id),
        version=row.version,
        acts=_acts(row) if actor.covers(MANAGE, row.union_path) else [],
        may_release=bound and actor.covers(RELEASE, row.union_path),
        may_register=actor.covers(RELEASE, row.union_path),
    )


def _acts(row: _DetailRow) -> list[Option]:
    return [Option(value=act.value, label=ACT_TEXT[act]) for act in rules.desk_acts(MemberStatus(row.status))]


def _facts(row: _DetailRow, *, bound: bool) -> list[tuple[str, str]]:
    divisions = reference.divisions()
    province = divisions.name(f"{row.household_province}0000") if row.household_province else ""
    return [
        ("所属工会", row.union_name),
        ("状态", f"{STATUS_TEXT[MemberStatus(row.status)]}（{row.status_since.isoformat()} 起）"),
        ("入会日期", row.joined_on.isoformat()),
        ("性别", "男" if row.gender == "m" else "女"),
        ("出生年份", str(row.birth_year)),
        ("户籍省份", province),
        ("工作所在地", divisions.full_name(row.division) if row.division else ""),
        ("就业形态", EMPLOY_TEXT[EmployForm(row.employ_form)] if row.employ_form else ""),
        ("新就业群体", GROUP_TEXT[NewformGroup(row.newform_group)] if row.newform_group else ""),
        ("工作单位", row.employer),
        ("手机账号", "已绑定" if bound else "未绑定"),
    ]


def _sensitive(row: _DetailRow) -> list[SensitiveLine]:
    id_no = crypto.open_sealed(row.id_no_sealed, context=f"member/id_no/{row.id}")
    lines = [SensitiveLine(name="id_no", label="身份证号", masked=national.mask_id_no(id_no), revealable=True)]
    if row.phone_sealed:
        phone = crypto.open_sealed(row.phone_sealed, context=f"member/phone/{row.id}")
        lines.append(SensitiveLine(name="phone", label="手机号", masked=national.mask_phone(phone), revealable=True))
    return lines


class _ChangeRow(msgspec.Struct, kw_only=True):
    at: datetime
    from_status: str
    to_status: str
    from_name: str | None
    to_name: str | None
    reason: str
    reference: str


async def _history(member_id: int) -> list[ChangeLine]:
    found = await database.views(
        _ChangeRow,
        "SELECT c.at, c.from_status, c.to_status, f.name AS from_name, t.name AS to_name, c.reason, c.reference"
        " FROM membership_change c LEFT JOIN union_org f ON f.id = c.from_union_id"
        " LEFT JOIN union_org t ON t.id = c.to_union_id WHERE c.member_id = %s ORDER BY c.id DESC LIMIT 100",
        member_id,
    )
    return [
        ChangeLine(at=clock.iso(row.at) or "", title=_title(row), reason=row.reason, reference=row.reference)
        for row in found
    ]


def _title(row: _ChangeRow) -> str:
    if not row.from_status:
        return f"加入{row.to_name}"
    if row.from_name != row.to_name:
        return f"从{row.from_name}转到{row.to_name}"
    if row.from_status == row.to_status:
        return "更新资料"
    return f"{STATUS_TEXT[MemberStatus(row.from_status)]} → {STATUS_TEXT[MemberStatus(row.to_status)]}"
