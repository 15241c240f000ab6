"""Whom to visit, the lists that were made of it, and a person's own visits."""

from collections.abc import Sequence
from datetime import date

import msgspec

from backend.aid.hardship_enums import GRADE_TEXT, Grade
from backend.aid.own_unions import own_post
from backend.aid.visit_enums import RATING_TEXT, SEASON_TEXT, Season
from backend.aid.visit_schemas import (
    IssuedView,
    OwnVisit,
    TargetPreview,
    TargetQuery,
    TargetView,
    VisitPage,
    VisitPersonView,
    VisitView,
)
from backend.core import clock, database, ids, national
from backend.core.actor import Actor, Post
from backend.core.errors import NotFound
from backend.membership import queries as roll
from backend.membership.enums import GROUP_TEXT, NewformGroup
from backend.membership.schemas import Selection
from backend.unions import queries as unions

VIEW, MANAGE = "aid.view", "condolence.manage"
_SHOWN = 200
MOST_SHOWN = 300


class Target(msgspec.Struct, kw_only=True):
    id: int
    member_no: str
    name: str
    newform_group: str | None
    grade: Grade | None
    chosen_in: str | None

    @property
    def category(self) -> str:
        if self.grade is not None:
            return "困难职工"
        return GROUP_TEXT[NewformGroup(self.newform_group)] if self.newform_group else "会员"


class _Row(msgspec.Struct, kw_only=True):
    id: int
    name: str
    season: Season
    year: int
    visit_on: date
    union_name: str
    people: int
    visited: int
    confirmed: int
    cash_fen: int


class _Person(msgspec.Struct, kw_only=True):
    member_no: str
    name: str
    category: str
    cash_fen: int
    again: bool
    visited_on: date | None
    confirmed_on: date | None
    rating: int | None
    words: str


class _Issued(msgspec.Struct, kw_only=True):
    name: str
    unit: str
    price_fen: int
    out_count: int
    back_count: int


class _Own(msgspec.Struct, kw_only=True):
    id: int
    season: Season
    visit_on: date
    union_name: str
    cash_fen: int
    confirmed_on: date | None
    received: bool | None
    rating: int | None
    words: str


_TARGETS = (
    "SELECT m.id, m.member_no, m.name, NULLIF(m.newform_group, '') AS newform_group, f.grade,"
    " (SELECT MIN(l.name) FROM visit_person v JOIN visit_list l ON l.id = v.list_id"
    " WHERE v.member_id = m.id AND l.season = %s AND l.year = %s) AS chosen_in"
    " FROM member m LEFT JOIN hardship_person p ON p.active_key = m.id_no_index"
    " LEFT JOIN hardship_file f ON f.id = p.file_id"
)
_ROWS = (
    "SELECT l.id, l.name, l.season, l.year, l.visit_on, u.name AS union_name, l.people,"
    " (SELECT COUNT(*) FROM visit_person v WHERE v.list_id = l.id AND v.visited_on IS NOT NULL) AS visited,"
    " (SELECT COUNT(*) FROM visit_person v WHERE v.list_id = l.id AND v.confirmed_on IS NOT NULL) AS confirmed,"
    " CAST(COALESCE((SELECT SUM(v.cash_fen) FROM visit_person v WHERE v.list_id = l.id), 0) AS SIGNED) AS cash_fen"
    " FROM visit_list l JOIN union_org u ON u.id = l.union_id"
)


# ---- whom to visit -----------------------------------------------------------------


async def targets(actor: Actor, query: TargetQuery) -> TargetPreview:
    """Members of the actor's union for whom all of it is so; whoever is on a list of this season is marked."""
    post = own_post(actor, MANAGE, query.union_id)
    selection = roll.target_selection(rule=_rule(query), outer=None, path=post.path)
    where, values = await roll.selected_where(selection)
    grades = [grade for grade in query.grades if grade in set(Grade)]
    if grades:
        marks = ", ".join(["%s"] * len(grades))
        where, values = f"{where} AND f.grade IN ({marks})", [*values, *grades]
    found = await database.views(
        Target,
        f"{_TARGETS} WHERE {where} ORDER BY m.id LIMIT %s",
        query.season.value,
        query.visit_on.year,
        *values,
        MOST_SHOWN,
    )
    return TargetPreview(
        words=_words(query, grades),
        total=len(found),
        chosen=sum(one.chosen_in is not None for one in found),
        items=[_target(one) for one in found],
    )


def _rule(query: TargetQuery) -> str:
    groups = [group for group in query.groups if group in set(NewformGroup)]
    parts = [f"member.newform_group in {'|'.join(groups)}"] if groups else []
    if written := query.target_rule.strip():
        roll.parse_target(written)  # what is wrong of it is said of what was written
        parts.append(f"({written})" if parts else written)
    return " and ".join(parts)


def _words(query: TargetQuery, grades: Sequence[str]) -> str:
    said = roll.target_words(_rule(query), None)
    return f"{said}，并且档案类别是{'、'.join(GRADE_TEXT[Grade(one)] for one in grades)}" if grades else said


def _target(one: Target) -> TargetView:
    return TargetView(
        member=ids.public(one.id),
        member_no=one.member_no,
        name=national.mask_name(one.name),
        category=one.category,
        chosen_in=one.chosen_in or "",
    )


async def chosen_targets(post: Post, members: Sequence[str], season: Season, year: int) -> list[Target]:
    """Of those public ids, whoever is in good standing in the union of the post or below; by rising ids."""
    wanted = [found for one in dict.fromkeys(members) if (found := ids.parse(one)) is not None]
    if not wanted:
        return []
    marks = ", ".join(["%s"] * len(wanted))
    selection = Selection(path=post.path, condition=f"m.id IN ({marks})", values=tuple(wanted))
    where, values = await roll.selected_where(selection)
    return await database.views(Target, f"{_TARGETS} WHERE {where} ORDER BY m.id", season.value, year, *values)


# ---- lists -------------------------------------------------------------------------


async def visit_lists(actor: Actor, *, permission: str = VIEW) -> list[VisitView]:
    """Lists of unions where the actor may look at aid, the latest first."""
    condition, values = unions.visible_to(actor, permission)
    found = await database.views(_Row, f"{_ROWS} WHERE {condition} ORDER BY l.id DESC LIMIT %s", *values, _SHOWN)
    return [_view(one) for one in found]


async def visit_page(visit: str, actor: Actor) -> VisitPage:
    row = await _row(visit, actor, VIEW)
    return VisitPage(
        visit=_view(row),
        people=[_person(one) for one in await _people(row.id)],
        goods=[_issued(one) for one in await _goods(row.id)],
    )


async def visit_id(visit: str, actor: Actor, permission: str) -> int:
    return (await _row(visit, actor, permission)).id


async def _row(visit: str, actor: Actor, permission: str) -> _Row:
    condition, values = unions.visible_to(actor, permission)
    found = await database.view(_Row, f"{_ROWS} WHERE l.id = %s AND {condition}", ids.parse(visit) or 0, *values)
    if found is None:
        raise NotFound()
    return found


async def _people(list_id: int) -> list[_Person]:
    return await database.views(
        _Person,
        "SELECT member_no, name, category, cash_fen, again, visited_on, confirmed_on, rating, words"
        " FROM visit_person WHERE list_id = %s ORDER BY id",
        list_id,
    )


async def _goods(list_id: int) -> list[_Issued]:
    return await database.views(
        _Issued,
        "SELECT w.name, w.unit, w.price_fen, i.out_count, i.back_count FROM visit_issue i"
        " JOIN visit_ware w ON w.id = i.ware_id WHERE i.list_id = %s ORDER BY w.name",
        list_id,
    )


def _view(row: _Row) -> VisitView:
    return VisitView(
        id=ids.public(row.id),
        name=row.name,
        season=row.season,
        season_text=SEASON_TEXT[row.season],
        year=row.year,
        visit_on=row.visit_on.isoformat(),
        union_name=row.union_name,
        people=row.people,
        visited=row.visited,
        confirmed=row.confirmed,
        cash_fen=row.cash_fen,
    )


def _person(one: _Person) -> VisitPersonView:
    return VisitPersonView(
        member_no=one.member_no,
        name=national.mask_name(one.name),
        category=one.category,
        cash_fen=one.cash_fen,
        again=one.again,
        visited_on=one.visited_on.isoformat() if one.visited_on else None,
        confirmed_on=one.confirmed_on.isoformat() if one.confirmed_on else None,
        rating_text=RATING_TEXT.get(one.rating or 0, ""),
        words=one.words,
    )


def _issued(one: _Issued) -> IssuedView:
    left = one.out_count - one.back_count
    return IssuedView(
        name=one.name,
        unit=one.unit,
        out=one.out_count,
        back=one.back_count,
        left=left,
        worth_fen=left * one.price_fen,
    )


# ---- sheets ------------------------------------------------------------------------

_Sheet = tuple[list[str], list[list[str | int]], str]


async def people_sheet(visit: str, actor: Actor) -> _Sheet:
    """As the list of a plan's form takes it, so that it can be handed in with the plan."""
    row = await _row(visit, actor, MANAGE)
    rows: list[list[str | int]] = [
        [one.member_no, one.name, one.category, _yuan(one.cash_fen)] for one in await _people(row.id)
    ]
    return ["会员号", "姓名", "类别", "慰问金"], rows, f"慰问名单-{row.name}"


async def goods_sheet(visit: str, actor: Actor) -> _Sheet:
    """What went out for a list, what came back, and room to sign."""
    row = await _row(visit, actor, VIEW)
    rows: list[list[str | int]] = []
    for one in await _goods(row.id):
        left = one.out_count - one.back_count
        worth, price = _yuan(left * one.price_fen), _yuan(one.price_fen)
        rows.append([one.name, one.unit, one.out_count, one.back_count, left, price, worth, ""])
    return (
        ["品名", "单位", "出库", "退回", "实发", "单价（元）", "金额（元）", "领用人签字"],
        rows,
        f"出库单-{row.name}",
    )


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


# ---- for whoever is visited --------------------------------------------------------

_OWN = (
    "SELECT v.id, l.season, l.visit_on, u.name AS union_name, v.cash_fen, v.confirmed_on, v.received, v.rating, v.words"
    " FROM visit_person v JOIN visit_list l ON l.id = v.list_id JOIN union_org u ON u.id = l.union_id"
)


async def own_visits(actor: Actor) -> list[OwnVisit]:
    """Those whose day has come, the latest first."""
    if actor.member_id is None:
        return []
    found = await database.views(
        _Own,
        f"{_OWN} WHERE v.member_id = %s AND l.visit_on <= %s ORDER BY l.visit_on DESC, v.id DESC LIMIT %s",
        actor.member_id,
        clock.today(),
        _SHOWN,
    )
    return [_own(one) for one in found]


async def own_visit(visit: str, actor: Actor) -> OwnVisit:
    found = await database.view(
        _Own,
        f"{_OWN} WHERE v.id = %s AND v.member_id = %s AND l.visit_on <= %s",
        ids.parse(visit) or 0,
        actor.member_id or 0,
        clock.today(),
    )
    if found is None:
        raise NotFound()
    return _own(found)


def _own(one: _Own) -> OwnVisit:
    return OwnVisit(
        id=ids.public(one.id),
        season_text=SEASON_TEXT[one.season],
        visit_on=one.visit_on.isoformat(),
        union_name=one.union_name,
        cash_fen=one.cash_fen,
        confirmed_on=one.confirmed_on.isoformat() if one.confirmed_on else None,
        received=bool(one.received),
        rating=one.rating,
        rating_text=RATING_TEXT.get(one.rating or 0, ""),
        words=one.words,
    )
