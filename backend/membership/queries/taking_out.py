"""Members as lines of a table that staff take out: a page at a time, by their identifiers."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from backend.core import crypto, database, national, reference
from backend.core.actor import Actor
from backend.membership.enums import EMPLOY_TEXT, GROUP_TEXT, STATUS_TEXT, EmployForm, MemberStatus, NewformGroup
from backend.membership.queries.search import VIEW
from backend.unions import queries as unions
from backend.unions.rules import subtree

LINE_COLUMNS = (
    *("会员号", "姓名", "性别", "出生年份", "身份证号", "手机号", "所属工会", "状态", "状态自", "入会日期", "就业形态"),
    *("新就业群体", "工作单位", "工作所在地", "户籍省份"),
)


class MemberLine(msgspec.Struct, frozen=True):
    id: int
    cells: tuple[str | int, ...]


class _Row(msgspec.Struct, kw_only=True):
    id: int
    member_no: str
    name: str
    gender: str
    birth_year: int
    id_no_sealed: str
    phone_sealed: str
    union_name: str | None
    status: str
    status_since: date
    joined_on: date
    employ_form: str
    newform_group: str
    employer: str
    division: str
    household_province: str


_COLUMNS = ", ".join(f"m.`{field.encode_name}`" for field in msgspec.structs.fields(_Row) if field.name != "union_name")
_SELECT = f"SELECT {_COLUMNS}, u.name AS union_name FROM member m LEFT JOIN union_org u ON u.id = m.union_id"  # noqa: S608


async def count_lines(actor: Actor, wanted: Mapping[str, str], *, through: int) -> int:
    condition, values = await _matching(actor, wanted)
    [row] = await database.patient_rows(
        f"SELECT COUNT(*) AS members FROM member m WHERE m.id <= %s{condition}",  # noqa: S608
        through,
        *values,
    )
    return int(row["members"])


async def member_lines(
    actor: Actor, wanted: Mapping[str, str], *, reveal: bool, after: int, through: int, limit: int
) -> list[MemberLine]:
    """Members of unions where the actor may see them. `wanted` knows `status`, `group` and `union` (with all below it);
    without `reveal` numbers are masked."""
    condition, values = await _matching(actor, wanted)
    where = f"m.id > %s AND m.id <= %s{condition}"
    found = database.decode_rows(
        _Row,
        await database.patient_rows(f"{_SELECT} WHERE {where} ORDER BY m.id LIMIT %s", after, through, *values, limit),
    )
    return [MemberLine(row.id, _cells(row, reveal=reveal)) for row in found]


async def _matching(actor: Actor, wanted: Mapping[str, str]) -> tuple[str, list[Any]]:
    conditions, values = "", list[Any]()
    for column, name in (("m.status", "status"), ("m.newform_group", "group")):
        if value := wanted.get(name):
            conditions += f" AND {column} = %s"
            values.append(value)
    inside = await _unions(actor, wanted.get("union", ""))
    if not inside:
        return " AND 1 = 0", []
    marks = ", ".join(["%s"] * len(inside))
    return f"{conditions} AND m.union_id IN ({marks})", [*values, *inside]


async def _unions(actor: Actor, union: str) -> list[int]:
    """By id: a condition on the joined table would have the database look up the union of every member."""
    condition, values = unions.visible_to(actor, VIEW)
    if union:
        place = await unions.place_in_scope(union, actor, VIEW)
        condition, values = f"{condition} AND u.path >= %s AND u.path < %s", [*values, *subtree(place.path)]
    found = await database.rows(f"SELECT u.id FROM union_org u WHERE {condition}", *values)  # noqa: S608
    return [row["id"] for row in found]


def _cells(row: _Row, *, reveal: bool) -> tuple[str | int, ...]:
    divisions = reference.divisions()
    id_no = crypto.open_sealed(row.id_no_sealed, context=f"member/id_no/{row.id}")
    phone = crypto.open_sealed(row.phone_sealed, context=f"member/phone/{row.id}") if row.phone_sealed else ""
    return (
        row.member_no,
        row.name,
        "男" if row.gender == "m" else "女",
        row.birth_year,
        id_no if reveal else national.mask_id_no(id_no),
        phone if reveal or not phone else national.mask_phone(phone),
        row.union_name or "",
        STATUS_TEXT[MemberStatus(row.status)],
        row.status_since.isoformat(),
        row.joined_on.isoformat(),
        EMPLOY_TEXT[EmployForm(row.employ_form)] if row.employ_form else "",
        GROUP_TEXT[NewformGroup(row.newform_group)] if row.newform_group else "",
        row.employer,
        divisions.name(row.division) if row.division else "",
        divisions.name(f"{row.household_province}0000") if row.household_province else "",
    )
