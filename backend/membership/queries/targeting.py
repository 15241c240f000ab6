"""Members by a condition that another domain has put together: who is meant, and of whom nobody knows it.

A column that nobody has filled in is NULL in these expressions, so that the database itself answers in three values:
true, false and unknown. Only those in good standing are ever meant.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from backend.core import database, ids, national, reference
from backend.membership.enums import EMPLOY_TEXT, GROUP_TEXT, MemberStatus
from backend.membership.schemas import SelectedCount, SelectedMember, Selection
from backend.unions import queries as unions
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

# Hong Kong, Macao, and Taiwan by its own code and by that of residence permits.
OUTER_PROVINCES = frozenset({"71", *national.HK_MO_TW_PREFIXES})

# A list that is cut off, as a list joined by commas may be, is no JSON and fails.
_IDS_SQLITE, _IDS_MARIADB = "json_group_array(s.id)", "JSON_ARRAYAGG(s.id)"


class MemberFact(msgspec.Struct, frozen=True, kw_only=True):
    """`sql` gives the value of a member `m`; `options` are the words for its values, where these are few."""

    sql: str
    kind: Literal["text", "number", "date"]
    name: str
    options: Callable[[], Mapping[str, str]] | None = None


def _provinces() -> dict[str, str]:
    known = {one.code[:2]: one.name for one in reference.divisions().children("")}
    return {"71": "台湾省", "83": "台湾省", **known, national.SYNTHETIC_PREFIX: "本省"}


FACTS: Mapping[str, MemberFact] = {
    "member.household_province": MemberFact(
        sql="NULLIF(m.household_province, '')", kind="text", name="户籍省份", options=_provinces
    ),
    "member.gender": MemberFact(
        sql="NULLIF(m.gender, '')", kind="text", name="性别", options=lambda: {"m": "男", "f": "女"}
    ),
    "member.birth_year": MemberFact(sql="m.birth_year", kind="number", name="出生年份"),
    "member.birth_month": MemberFact(sql="m.birth_month", kind="number", name="出生月份"),
    "member.employ_form": MemberFact(
        sql="NULLIF(m.employ_form, '')", kind="text", name="用工形式", options=lambda: dict(EMPLOY_TEXT.items())
    ),
    "member.newform_group": MemberFact(
        sql="NULLIF(m.newform_group, '')", kind="text", name="就业群体", options=lambda: dict(GROUP_TEXT.items())
    ),
    "member.town": MemberFact(sql="NULLIF(SUBSTR(m.division, 1, 9), '')", kind="text", name="所在乡镇街道"),
    "member.joined_on": MemberFact(sql="m.joined_on", kind="date", name="入会日期"),
}


async def count_selected(selection: Selection) -> SelectedCount:
    """How many are meant, and of how many it is not known."""
    scope, places = await _scope(selection)
    condition = selection.condition
    found = await database.view(
        SelectedCount,
        f"SELECT COUNT(CASE WHEN {condition} THEN 1 END) AS eligible,"  # noqa: S608 - reviewed columns
        f" COUNT(CASE WHEN ({condition}) IS NULL THEN 1 END) AS unknown"
        f" FROM member m WHERE m.status = %s AND {scope}",
        *selection.values,
        *selection.values,
        MemberStatus.ACTIVE.value,
        *places,
    )
    assert found is not None
    return found


async def selected_where(selection: Selection) -> tuple[str, list[Any]]:
    """A condition and its values over a member `m`: those who are meant. For whoever counts them in another way."""
    scope, places = await _scope(selection)
    where = f"m.status = %s AND {scope} AND ({selection.condition})"
    return where, [MemberStatus.ACTIVE.value, *places, *selection.values]


async def select_ids(selection: Selection, *, after: int, limit: int) -> list[int]:
    """Ids of those who are meant, in ranges of rising ids. They come as one text: a row for each takes five times
    as long to read."""
    where, values = await selected_where(selection)
    aggregate = _IDS_SQLITE if database.is_sqlite() else _IDS_MARIADB
    found = await database.scalar(
        f"SELECT {aggregate} FROM"  # noqa: S608 - reviewed columns
        f" (SELECT m.id FROM member m WHERE m.id > %s AND {where} ORDER BY m.id LIMIT %s) s",
        after,
        *values,
        limit,
    )
    return sorted(msgspec.json.decode(found, type=list[int])) if found else []


async def is_selected(selection: Selection, member_id: int) -> bool | None:
    """Whether this member is meant; None when nobody knows it."""
    [meant] = await selected_by([selection], member_id)
    return meant


async def selected_by(selections: Sequence[Selection], member_id: int) -> list[bool | None]:
    """The same of several selections, in their order and in one statement."""
    if not selections:
        return []
    asked, values = [], []
    for at, one in enumerate(selections):
        where, places = unions.within(one.path)
        asked.append(f"CASE WHEN {where} THEN ({one.condition}) ELSE 0 END AS meant_{at}")
        values += [*places, *one.values]
    columns = ", ".join(asked)
    found = await database.rows(
        f"SELECT {columns} FROM member m JOIN union_org u ON u.id = m.union_id"  # noqa: S608
        " WHERE m.id = %s AND m.status = %s",
        *values,
        member_id,
        MemberStatus.ACTIVE.value,
    )
    if not found:
        return [False] * len(selections)
    return [None if meant is None else bool(meant) for meant in found[0].values()]


async def selected_members(
    selection: Selection, *, unknown: bool, limit: int = 20, cursor: str | None = None
) -> Page[SelectedMember]:
    """Those who are meant, or those of whom it is not known, with masked names."""
    after = decode_cursor(cursor, int)[0] if cursor else 0
    scope, places = await _scope(selection)
    condition = f"({selection.condition}) IS NULL" if unknown else f"({selection.condition})"
    found = await database.rows(
        "SELECT m.id, m.member_no, m.name, u.name AS union_name FROM member m"  # noqa: S608
        f" LEFT JOIN union_org u ON u.id = m.union_id WHERE m.id > %s AND m.status = %s AND {scope} AND {condition}"
        " ORDER BY m.id LIMIT %s",
        after,
        MemberStatus.ACTIVE.value,
        *places,
        *selection.values,
        limit + 1,
    )
    page = cut(found, limit, lambda row: encode_cursor(row["id"]))
    return Page(items=[_selected(row) for row in page.items], next_cursor=page.next_cursor)


def _selected(row: dict[str, Any]) -> SelectedMember:
    return SelectedMember(
        id=ids.public(row["id"]),
        member_no=row["member_no"],
        name=national.mask_name(row["name"]),
        union_name=row["union_name"] or "",
    )


async def _scope(selection: Selection) -> tuple[str, list[int]]:
    """By the ids of unions, so that members are read in their own order; at the root there is nothing to exclude."""
    if unions.is_root(selection.path):
        return "1 = 1", []
    where, values = unions.within(selection.path)
    found = await database.rows(f"SELECT u.id FROM union_org u WHERE {where}", *values)  # noqa: S608 - placeholders
    marks = ", ".join(["%s"] * len(found))
    return (f"m.union_id IN ({marks})" if found else "1 = 0"), [row["id"] for row in found]
