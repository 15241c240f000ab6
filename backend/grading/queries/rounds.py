"""Periods with everything that was handed in for them. What one assessor gave is read here and told to nobody else."""

from collections import Counter
from collections.abc import Collection
from datetime import date
from decimal import Decimal

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.grading.chair_rows import CandidateRow, PeriodRow, SheetRow
from backend.grading.chair_views import MissingLine, PeriodView, WithdrawnLine
from backend.grading.enums import STATUS_TEXT, Assessor, PeriodState, SheetState
from backend.grading.rules import rounds
from backend.grading.rules.rounds import Given
from backend.identity import queries as identity
from backend.unions import queries as unions

MANAGE, SCORE = "grading.manage", "grading.score"

_PERIOD = (
    "SELECT p.id, p.year, p.union_id, u.name AS union_name, u.path, p.state, p.scheme_since, p.rules, p.round,"
    " p.closes_on, p.objections_until, p.published_at, p.subsidies_at, p.version FROM grading_period p"
    " JOIN union_org u ON u.id = p.union_id"
)
_CANDIDATE = (
    "SELECT c.id, c.period_id, c.year, c.person_index, c.case_id, c.case_number, c.union_id, u.name AS union_name,"
    " c.town_union_id, t.name AS town_name, c.town_account_id, c.account_id, c.member_id, c.name,"
    " c.card_sealed, c.post, c.since, c.until, c.self_score, c.self_reason, c.veto, c.veto_reason, c.withdrawn_on,"
    " c.withdrawn_reason"
    " FROM grading_candidate c JOIN union_org u ON u.id = c.union_id JOIN union_org t ON t.id = c.town_union_id"
)
_SHEET = "SELECT candidate_id, account_id, assessor, state, scores, total, reason FROM grading_sheet"


def card_context(candidate_id: int) -> str:
    return f"grading_candidate/card/{candidate_id}"


class Standing(msgspec.Struct, frozen=True):
    """A candidate with all that was handed in for them."""

    row: CandidateRow
    given: Given
    sheets: list[SheetRow]


class Gathered(msgspec.Struct, frozen=True):
    """A whole period; four queries for any number of candidates."""

    period: PeriodRow
    candidates: list[Standing]
    panelists: list[int]
    names: dict[int, str]

    @property
    def active(self) -> list[Standing]:
        """Without whoever was withdrawn."""
        return [one for one in self.candidates if not one.given.withdrawn]

    @property
    def graded(self) -> list[Standing]:
        """Who has a result, of those of whom nothing is missing."""
        return [one for one in self.candidates if rounds.is_graded(self.period.rules, one.given)]

    def withdrawn(self) -> list[WithdrawnLine]:
        return [
            WithdrawnLine(
                candidate=ids.public(one.row.id),
                name=one.row.name,
                union_name=one.row.union_name,
                town_name=one.row.town_name,
                on=one.row.withdrawn_on,
                reason=one.row.withdrawn_reason,
                graded=rounds.is_graded(self.period.rules, one.given),
            )
            for one in self.candidates
            if one.row.withdrawn_on is not None
        ]

    def waiting(self) -> Counter[int]:
        """How many sheets each assessor has still to write."""
        waits = Counter(account for one in self.active for account in rounds.waiting_for(one.given))
        waits.update(
            one.given.town_account
            for one in self.active
            if one.given.town_account is not None and one.given.town_state in (None, SheetState.REPLACED)
        )
        return waits

    def missing(self) -> list[MissingLine]:
        return [
            MissingLine(candidate=ids.public(one.row.id), name=one.row.name, town=one.row.town_name, what=what)
            for one in self.active
            for what in rounds.missing(self.period.rules, one.given, self.names)
        ]


async def managed(period: str, actor: Actor) -> PeriodRow:
    """NotFound for whoever does not manage appraisals at its union."""
    condition, values = unions.visible_to(actor, MANAGE)
    return await _period(f"p.id = %s AND {condition}", ids.parse(period) or 0, *values)


async def by_id(period_id: int) -> PeriodRow:
    return await _period("p.id = %s", period_id)


async def _period(condition: str, *values: object) -> PeriodRow:
    found = await database.view(PeriodRow, f"{_PERIOD} WHERE {condition}", *values)
    if found is None:
        raise NotFound()
    return found


async def managed_periods(actor: Actor) -> list[PeriodRow]:
    """The latest year first; a county opens one a year."""
    condition, values = unions.visible_to(actor, MANAGE)
    return await database.views(
        PeriodRow, f"{_PERIOD} WHERE {condition} ORDER BY p.year DESC, p.id DESC LIMIT %s", *values, 100
    )


async def period_above(year: int, union_ids: Collection[int]) -> PeriodRow | None:
    """The period of the year that is nearest to a union, of which these are the ones on its path."""
    marks = ", ".join(["%s"] * len(union_ids))
    return await database.view(
        PeriodRow,
        f"{_PERIOD} WHERE p.year = %s AND p.union_id IN ({marks}) ORDER BY LENGTH(u.path) DESC LIMIT 1",
        year,
        *union_ids,
    )


async def candidate_in(period_id: int, candidate: str) -> CandidateRow:
    found = await database.view(
        CandidateRow, f"{_CANDIDATE} WHERE c.id = %s AND c.period_id = %s", ids.parse(candidate) or 0, period_id
    )
    if found is None:
        raise NotFound()
    return found


async def by_candidate(candidate_id: int) -> CandidateRow:
    found = await database.view(CandidateRow, f"{_CANDIDATE} WHERE c.id = %s", candidate_id)
    if found is None:
        raise NotFound()
    return found


async def account_of(row: CandidateRow) -> int | None:
    """The account that applied, else that of their record."""
    if row.account_id is not None or row.member_id is None:
        return row.account_id
    return (await identity.accounts_of_members([row.member_id])).get(row.member_id)


async def candidates_of(period_id: int) -> list[CandidateRow]:
    return await database.views(
        CandidateRow, f"{_CANDIDATE} WHERE c.period_id = %s ORDER BY c.town_union_id, c.union_id, c.id", period_id
    )


async def own_candidates(actor: Actor) -> list[CandidateRow]:
    """Of the actor as a person, by the account that applied or by their record; the latest year first."""
    return await database.views(
        CandidateRow,
        f"{_CANDIDATE} WHERE (c.account_id = %s OR c.member_id = %s) ORDER BY c.year DESC, c.id DESC LIMIT %s",
        actor.account_id,
        actor.member_id or 0,
        100,
    )


async def panelists_of(period_id: int) -> list[int]:
    found = await database.rows("SELECT account_id FROM grading_panelist WHERE period_id = %s ORDER BY id", period_id)
    return [row["account_id"] for row in found]


async def sheets_of(period_id: int) -> list[SheetRow]:
    return await database.views(SheetRow, f"{_SHEET} WHERE period_id = %s ORDER BY id", period_id)


async def own_sheet(candidate_id: int, actor: Actor) -> SheetRow | None:
    return await database.view(
        SheetRow, f"{_SHEET} WHERE candidate_id = %s AND account_id = %s", candidate_id, actor.account_id
    )


async def gathered(period: PeriodRow) -> Gathered:
    candidates = await candidates_of(period.id)
    panelists, sheets = await panelists_of(period.id), await sheets_of(period.id)
    by_candidate: dict[int, list[SheetRow]] = {}
    for sheet in sheets:
        by_candidate.setdefault(sheet.candidate_id, []).append(sheet)
    people = {*panelists, *(row.town_account_id for row in candidates if row.town_account_id)}
    people |= {sheet.account_id for sheet in sheets}
    names = {account.id: account.display for account in (await identity.staff_accounts(people)).values()}
    standing = [
        Standing(row, given_of(row, by_candidate.get(row.id, []), panelists), by_candidate.get(row.id, []))
        for row in candidates
    ]
    return Gathered(period, standing, panelists, names)


def given_of(row: CandidateRow, sheets: list[SheetRow], panelists: list[int]) -> Given:
    town = next(
        (one for one in sheets if one.assessor is Assessor.TOWN and one.account_id == row.town_account_id), None
    )
    panel = [one for one in sheets if one.assessor is Assessor.PANEL]
    return Given(
        year=row.year,
        since=row.since,
        until=row.withdrawn_on or row.until,
        self_score=Decimal(row.self_score) if row.self_score is not None else None,
        self_excused=bool(row.self_reason),
        town_account=row.town_account_id,
        town_state=town.state if town else None,
        town=Decimal(town.total) if town and town.state is SheetState.SCORED else None,
        panelists=panelists,
        panel={one.account_id: Decimal(one.total) for one in panel if one.state is SheetState.SCORED},
        away=[one.account_id for one in panel if one.state in (SheetState.RECUSED, SheetState.ABSENT)],
        veto=row.veto,
        veto_reason=row.veto_reason,
        withdrawn=row.withdrawn_on is not None,
    )


def period_view(period: PeriodRow, candidates: int) -> PeriodView:
    return PeriodView(
        id=ids.public(period.id),
        year=period.year,
        union_name=period.union_name,
        state=period.state,
        state_text=STATUS_TEXT[PeriodState(period.state)],
        candidates=candidates,
        scheme_since=period.scheme_since,
        source=period.rules.source,
        closes_on=period.closes_on,
        objections_until=period.objections_until,
        published_at=clock.iso(period.published_at),
        subsidies_at=clock.iso(period.subsidies_at),
    )


def window_over(period: PeriodRow, today: date) -> bool:
    return period.objections_until is not None and today > period.objections_until
