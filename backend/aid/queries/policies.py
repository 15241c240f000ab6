"""Policies as their holders see them, as desks do, and as rules ask about them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec

from backend.aid import policy_rules as rules
from backend.aid.enums import STANDING_TEXT, PolicyState, Standing
from backend.aid.schemas import FeeReturned, PolicyFacts, PolicyView
from backend.core import clock, database, ids, national
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.membership import queries as roll
from backend.unions import queries as unions
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

VIEW, MANAGE = "aid.view", "aid.manage"
_AT_ONCE = 500
_LONGEST = 24
RENEW_BEFORE = timedelta(days=30)
_LAST = "\U0010ffff"


class _Row(msgspec.Struct, kw_only=True):
    id: int
    number: str
    case_number: str
    account_id: int | None
    holder_name: str
    plan: str
    plan_name: str
    year: int
    shares: int
    fee_fen: int
    starts_on: date
    wait_end: date
    ends_on: date
    renewed: bool
    refundable: bool
    state: PolicyState
    union_name: str


class OfCase(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    row_no: int
    wait_end: date
    ends_on: date
    renewed: bool


class ManagedPolicy(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    case_id: int
    fee_fen: int
    starts_on: date
    refundable: bool


class FeeThatIsIn(msgspec.Struct, frozen=True):
    people: int
    amount_fen: int


_ROWS = (
    "SELECT p.id, p.number, p.case_number, p.account_id, p.holder_name, p.plan, p.plan_name, p.year, p.shares,"
    " p.fee_fen, p.starts_on, p.wait_end, p.ends_on, p.renewed, p.refundable, p.state, u.name AS union_name"
    " FROM aid_policy p JOIN union_org u ON u.id = p.union_id"
)
_FACTS = (
    "SELECT id, number, case_id, member_id, account_id, person_index, plan, plan_name, year, shares, starts_on,"
    " wait_end, ends_on, state FROM aid_policy"
)


# ---- for holders -------------------------------------------------------------------


async def own_policies(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[PolicyView]:
    """Those of one's own identity number, whoever enrolled, and those that one enrolled; the latest first."""
    condition, values = await _own(actor)
    return await _page(condition, values, actor, limit=limit, cursor=cursor)


async def own_policy(policy: str, actor: Actor) -> PolicyView:
    condition, values = await _own(actor)
    found = await database.view(_Row, f"{_ROWS} WHERE p.id = %s AND {condition}", ids.parse(policy) or 0, *values)
    if found is None:
        raise NotFound()
    return _view(found, actor)


async def renewable(policy: str, actor: Actor) -> PolicyFacts | None:
    """One's own policy, for whoever goes on from it."""
    policy_id = ids.parse(policy)
    if policy_id is None:
        return None
    condition, values = await _own(actor)
    return await database.view(
        PolicyFacts, f"{_FACTS} p WHERE p.id = %s AND p.state = 'in_force' AND {condition}", policy_id, *values
    )


async def _own(actor: Actor) -> tuple[str, list[Any]]:
    if actor.kind != "person":
        return "1 = 0", []
    index = await roll.id_no_index(actor.member_id) if actor.member_id is not None else None
    if index is None:
        return "p.account_id = %s", [actor.account_id]
    return "(p.account_id = %s OR p.person_index = %s)", [actor.account_id, index]


# ---- for desks ---------------------------------------------------------------------


_STANDINGS = {
    "": "1 = 1",
    Standing.WAITING: "p.state = 'in_force' AND p.starts_on <= %s AND p.wait_end >= %s",
    Standing.EFFECTIVE: "p.state = 'in_force' AND p.wait_end < %s AND p.ends_on >= %s",
    Standing.ENDED: "p.state = 'in_force' AND p.ends_on < %s",
    Standing.NOT_STARTED: "p.state = 'in_force' AND p.starts_on > %s",
    Standing.REFUNDED: "p.state = 'refunded'",
}


async def desk_policies(
    actor: Actor, *, q: str = "", state: Standing | None = None, limit: int = 20, cursor: str | None = None
) -> Page[PolicyView]:
    """Policies of unions where the actor may look at aid, the latest first; `q` begins a number or a name."""
    condition, values = unions.visible_to(actor, VIEW)
    conditions = [condition, _STANDINGS[state or ""]]
    values = [*values, *[clock.today()] * conditions[1].count("%s")]
    text = national.compact(q)[:_LONGEST]
    if text:
        column = "p.number" if text.isascii() else "p.holder_name"
        conditions.append(f"{column} >= %s AND {column} < %s")
        values += [text, text + ("~" if text.isascii() else _LAST)]
    return await _page(" AND ".join(conditions), values, actor, limit=limit, cursor=cursor)


async def desk_policy(policy: str, actor: Actor) -> PolicyView:
    condition, values = unions.visible_to(actor, VIEW)
    found = await database.view(_Row, f"{_ROWS} WHERE p.id = %s AND {condition}", ids.parse(policy) or 0, *values)
    if found is None:
        raise NotFound()
    return _view(found, actor)


async def _page(
    condition: str, values: Sequence[Any], actor: Actor, *, limit: int, cursor: str | None
) -> Page[PolicyView]:
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        _Row, f"{_ROWS} WHERE {condition} AND p.id < %s ORDER BY p.id DESC LIMIT %s", *values, before, limit + 1
    )
    page = cut(found, limit, lambda row: encode_cursor(ids.public(row.id)))
    return Page(items=[_view(row, actor) for row in page.items], next_cursor=page.next_cursor)


def _view(row: _Row, actor: Actor) -> PolicyView:
    now = rules.standing(
        state=row.state, starts_on=row.starts_on, wait_end=row.wait_end, ends_on=row.ends_on, today=clock.today()
    )
    mine = row.account_id is not None and row.account_id == actor.account_id
    return PolicyView(
        id=ids.public(row.id),
        number=row.number,
        plan=row.plan,
        plan_name=row.plan_name,
        year=row.year,
        shares=row.shares,
        fee_fen=row.fee_fen,
        holder_name=row.holder_name if actor.kind == "person" else national.mask_name(row.holder_name),
        starts_on=row.starts_on.isoformat(),
        waits_until=row.wait_end.isoformat() if row.wait_end >= row.starts_on else None,
        ends_on=row.ends_on.isoformat(),
        renewed=row.renewed,
        state=now.value,
        state_text=STANDING_TEXT[now],
        union_name=row.union_name,
        case_number=row.case_number if mine or actor.kind != "person" else None,
        may_renew=_ends_soon(row),
        may_refund=now is Standing.NOT_STARTED and row.refundable,
    )


def _ends_soon(row: _Row) -> bool:
    return row.state is PolicyState.IN_FORCE and row.ends_on - RENEW_BEFORE <= clock.today()


# ---- for rules ---------------------------------------------------------------------


async def policy_by_number(number: str) -> PolicyFacts | None:
    if len(number) > _LONGEST:
        return None
    return await database.view(PolicyFacts, f"{_FACTS} WHERE number = %s", number)


async def policy_by_id(policy_id: int) -> PolicyFacts | None:
    return await database.view(PolicyFacts, f"{_FACTS} WHERE id = %s", policy_id)


async def newest_policy(index: str) -> PolicyFacts | None:
    """The one of a person that ends last, given back or not."""
    return await database.view(
        PolicyFacts, f"{_FACTS} WHERE person_index = %s ORDER BY ends_on DESC, id DESC LIMIT 1", index
    )


async def best_of_person(index: str, today: date) -> list[PolicyFacts]:
    """Those that a claim may rest on, the most useful first: good today, then waiting, then over."""
    held = await database.views(
        PolicyFacts,
        f"{_FACTS} WHERE person_index = %s AND state = %s ORDER BY ends_on DESC LIMIT 20",
        index,
        PolicyState.IN_FORCE.value,
    )
    order = (Standing.EFFECTIVE, Standing.ENDED, Standing.WAITING, Standing.NOT_STARTED)
    return sorted(held, key=lambda one: order.index(standing_of(one, today)))


def standing_of(policy: PolicyFacts, today: date) -> Standing:
    return rules.standing(
        state=policy.state,
        starts_on=policy.starts_on,
        wait_end=policy.wait_end,
        ends_on=policy.ends_on,
        today=today,
    )


async def plan_taken(index: str, plan: str, year: int, *, but_case: int | None) -> bool:
    """Whether the person has the plan of that year by another case, or one of several years that holds through it."""
    if await held_keys([f"{index}:{plan}:{year}"], but_case=but_case or 0):
        return True
    last = await last_days([index], plan, but_case=but_case or 0)
    return rules.covered(year, last.get(index))


# ---- for the commands --------------------------------------------------------------


async def count_of_case(case_id: int) -> int:
    return int(await database.scalar("SELECT COUNT(*) FROM aid_policy WHERE case_id = %s", case_id))


async def of_case(case_id: int) -> list[OfCase]:
    return await database.views(
        OfCase,
        "SELECT number, row_no, wait_end, ends_on, renewed FROM aid_policy WHERE case_id = %s ORDER BY row_no",
        case_id,
    )


async def managed_policy(policy: str, actor: Actor) -> ManagedPolicy:
    """For the commands of a desk."""
    condition, values = unions.visible_to(actor, MANAGE)
    found = await database.view(
        ManagedPolicy,
        "SELECT p.id, p.case_id, p.fee_fen, p.starts_on, p.refundable FROM aid_policy p"  # noqa: S608 - reviewed
        f" JOIN union_org u ON u.id = p.union_id WHERE p.id = %s AND {condition}",
        ids.parse(policy) or 0,
        *values,
    )
    if found is None:
        raise NotFound()
    return found


async def fee_in(case_id: int) -> FeeThatIsIn | None:
    return await database.view(FeeThatIsIn, "SELECT people, amount_fen FROM aid_fee WHERE live = %s", str(case_id))


async def fee_going_back(case_id: int) -> FeeReturned | None:
    """The last fee that came in, where it is live, or else where it was said to go back."""
    return await database.view(
        FeeReturned,
        "SELECT f.id AS fee_id, f.amount_fen FROM aid_fee f WHERE f.case_id = %s AND f.kind = 'in' AND (f.live = %s"
        " OR EXISTS (SELECT 1 FROM aid_fee r WHERE r.case_id = f.case_id AND r.kind = 'return'"
        " AND r.source_id = f.id)) ORDER BY f.id DESC LIMIT 1",
        case_id,
        str(case_id),
    )


async def held_keys(keys: Sequence[str], *, but_case: int) -> list[str]:
    """Those of these keys that policies of other cases hold."""
    found = []
    for start in range(0, len(keys), _AT_ONCE):
        group = keys[start : start + _AT_ONCE]
        marks = ", ".join(["%s"] * len(group))
        sql = f"SELECT holds_key FROM aid_policy WHERE holds_key IN ({marks}) AND case_id <> %s"  # noqa: S608
        found += [row["holds_key"] for row in await database.rows(sql, *group, but_case)]
    return found


async def last_days(indexes: Sequence[str], plan: str, *, but_case: int) -> dict[str, date]:
    """The last day of what each of these persons had of a plan so far, by other cases."""
    found = list[_LastDay]()
    for start in range(0, len(indexes), _AT_ONCE):
        group = indexes[start : start + _AT_ONCE]
        marks = ", ".join(["%s"] * len(group))
        found += await database.views(
            _LastDay,
            "SELECT person_index, MAX(ends_on) AS ends_on FROM aid_policy"  # noqa: S608 - placeholders only
            f" WHERE person_index IN ({marks}) AND plan = %s AND state = %s AND case_id <> %s GROUP BY person_index",
            *group,
            plan,
            PolicyState.IN_FORCE.value,
            but_case,
        )
    return {row.person_index: row.ends_on for row in found}


class _LastDay(msgspec.Struct):
    person_index: str
    ends_on: date


async def near_end(today: date, until: date, limit: int) -> list[int]:
    """Policies that end soon, of which nobody was told and after which nothing comes."""
    found = await database.rows(
        "SELECT p.id FROM aid_policy p WHERE p.ends_on BETWEEN %s AND %s AND p.state = 'in_force'"
        " AND p.reminded_on IS NULL AND NOT EXISTS (SELECT 1 FROM aid_policy n WHERE n.person_index = p.person_index"
        " AND n.plan = p.plan AND n.ends_on > p.ends_on AND n.state = 'in_force') ORDER BY p.id LIMIT %s",
        today,
        until,
        limit,
    )
    return [row["id"] for row in found]
