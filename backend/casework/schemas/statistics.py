"""Figures as pages and the API show them."""

import msgspec


class MonthFigures(msgspec.Struct, kw_only=True):
    month: str
    submitted: int
    decided: int


class _Figures(msgspec.Struct, kw_only=True):
    """Days are None while nothing was decided."""

    submitted: int
    decided: int
    open: int
    overdue: int
    median_days: int | None
    p90_days: int | None
    returned_percent: int


class FlowFigures(_Figures, kw_only=True):
    slug: str
    name: str


class TownFigures(_Figures, kw_only=True):
    town: str
    name: str


class AgeBand(msgspec.Struct, kw_only=True):
    label: str
    cases: int


class StatisticsView(_Figures, kw_only=True):
    """Of everything in the actor's scope; `months` always shows the last twelve."""

    months: list[MonthFigures]
    flows: list[FlowFigures]
    towns: list[TownFigures]
    ages: list[AgeBand]
