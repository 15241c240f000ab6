"""Valid forms out of nothing but the flow file: a value for every field, changed until every rule and condition holds.

Values are canonical, as the product keeps them; `typed` says them as a page would send them.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import product
from typing import Any

import msgspec
from stdnum.cn import uscc
from stdnum.luhn import calc_check_digit

from backend.casework.enums import FieldKind
from backend.casework.flows import FieldSpec, Flow
from backend.casework.forms import checks
from backend.casework.forms.facts import form_lookup
from backend.core import clock, ids, predicates
from backend.core.predicate_tree import Literal, walk
from backend.core.predicates import Predicate
from backend.unions.models import Union
from tests.casework.flows.county import DIVISION, Applicant, County, Person

Values = dict[str, Any]

_MOST_TRIED, _MOST_WEIGHED, _MOST_REPAIRED = 1_200, 60, 5
_DAYS = (-20, 0, -3, 3, 10, 20, 31, -45, 45, 90, -100, 200, -200, 366, -400, 1_100, -1_100, 2_000, -4_000, -8_000)
_OWN = ("real_name", "account_name", "contact", "id_no", "mobile", "contact_mobile")
_SENTENCE = "情况属实，已经核对过，请工会帮助办理。"
_COUNTS = (30, 1, 2, 3, 5, 10, 20, 60, 80, 100)
_HARD, _WISH = 1_000, 1


class Constraint(msgspec.Struct, frozen=True):
    """What should hold of a form; `names` are the fields that can be changed for it. What one field's rule says of
    another is looked at in all values, whether they are asked for now or only by other answers.
    """

    weight: int
    names: tuple[str, ...]
    holds: Callable[[Values], bool]
    of_all: bool = False


class Filler:
    """Fills the forms of one applicant under one flow. `facts` are what the bound functions know; `whole` is the
    flow whose action's form this is; `target` is the union that the case should go to. In tables stand those who
    are `listed`, or else people nobody has heard of.
    """

    def __init__(
        self,
        flow: Flow,
        county: County,
        who: Applicant,
        facts: Mapping[str, Any],
        *,
        whole: Flow | None = None,
        target: Union | None = None,
        listed: Sequence[Person] = (),
    ) -> None:
        self.flow = flow
        self.listed = listed
        self.target = target
        self.county = county
        self.who = who
        self.today = clock.today()
        params = {f"params.{name}": value for name, value in flow.params_on(self.today).items()}
        self.facts = {**facts, **params}
        self.numbers = _numbers(whole or flow, self.today)
        self.labels = {spec.name: spec.label for spec in flow.fields}
        # What the system fills in is left to it.
        self._candidates = {spec.name: self._of(spec) for spec in flow.fields if spec.filled_by == "person"}

    # ---- candidates -----------------------------------------------------------------

    def _of(self, spec: FieldSpec) -> list[Any]:
        """Values that are right by themselves, the most ordinary first. None in the end where nothing is allowed."""
        found = [value for value in self._any_of(spec) if self._keeps(spec, value)]
        assert found, f"{self.flow.slug}: no value for {spec.name}"
        return found if spec.required else [*found, None]

    def _keeps(self, spec: FieldSpec, value: Any) -> bool:
        """Its own rule, as far as that looks at no other field."""
        return not checks.broken(spec, value, {}, self.today, self.labels)

    def _any_of(self, spec: FieldSpec) -> list[Any]:
        if spec.name in self.county.named:
            return [self.county.named[spec.name]]
        several = self._by_kind.get(spec.kind)
        if several is not None:
            return several(spec)
        return [self._number_of(spec, self.who.person if self._is_own(spec) else self.county.somebody())]

    def _cells(self, column: FieldSpec, person: Person) -> list[Any]:
        """Of one row, which is about one person or thing."""
        several = self._by_kind.get(column.kind)
        found = several(column) if several is not None else [self._number_of(column, person)]
        return [value for value in found if self._keeps(column, value)]

    @cached_property
    def _by_kind(self) -> dict[FieldKind, Callable[[FieldSpec], list[Any]]]:
        return {
            FieldKind.TEXT: self._texts,
            FieldKind.LONGTEXT: self._texts,
            FieldKind.ADDRESS: self._texts,
            FieldKind.INT: self._integers,
            FieldKind.YEAR: lambda spec: [self.today.year - back for back in (0, 1, 2, -1, 5, 25, 40)],
            FieldKind.MONEY: lambda spec: [120_000, 30_000, *self._integers(spec), 1_000_000],
            FieldKind.DECIMAL: lambda spec: [str(number) for number in self._integers(spec)],
            FieldKind.PERCENT: lambda spec: [str(number) for number in self._integers(spec)],
            FieldKind.BOOL: lambda spec: [True, False],
            FieldKind.DATE: lambda spec: [day.isoformat() for day in self._days(spec)],
            FieldKind.MONTH: lambda spec: list(dict.fromkeys(day.isoformat()[:7] for day in self._days(spec))),
            FieldKind.DATETIME: self._moments,
            FieldKind.ENUM: lambda spec: list(spec.options) or ["1"],
            FieldKind.MULTI: self._choices,
            FieldKind.TABLE: self._tables,
            FieldKind.GEO: lambda spec: [{"lat": "28.25", "lng": "113.08"}],
            FieldKind.ORG_REF: self._unions,
            FieldKind.FILE: lambda spec: ["file"],
        }

    def _texts(self, spec: FieldSpec) -> list[str]:
        """Long enough, and like no other where there is room for a number."""
        least = int(spec.rule.number(">=") or 1) if spec.rule else 1
        most = int(spec.rule.number("<=") or 200) if spec.rule else 200
        text = f"测试{spec.label}"
        while len(text) < least:
            text += _SENTENCE
        number = f"{self.county.next_number():06d}"
        if spec.name in self.who.known:
            return [self.who.known[spec.name]]
        return [text[: most - len(number)] + number if most > len(number) + 2 else text[: max(most, 1)]]

    def _integers(self, spec: FieldSpec) -> list[int]:
        if spec.rule and spec.rule.one_of:
            return list(spec.rule.one_of)
        bounds = [
            int(bound.operand.number) + step
            for bound in (spec.rule.bounds if spec.rule else ())
            if bound.operand.number is not None
            for step in (0, 1, -1)
        ]
        whole = dict.fromkeys([*_COUNTS, *self.numbers, 0, *bounds])
        return [number for number in whole if number >= 0 or spec.kind != FieldKind.MONEY]

    def _days(self, spec: FieldSpec) -> list[date]:
        days = [self.today + timedelta(days=offset) for offset in _DAYS]
        for bound in spec.rule.bounds if spec.rule else ():
            if bound.operand.today:
                edge = bound.operand.day(self.today)
                days += [edge, edge + timedelta(days=1), edge - timedelta(days=1)]
        return list(dict.fromkeys(days))

    def _moments(self, spec: FieldSpec) -> list[str]:
        return [f"{day}T{hour}:00:00+08:00" for day in self._days(spec) for hour in ("09", "18")]

    def _choices(self, spec: FieldSpec) -> list[list[str]]:
        options = list(spec.options) or ["1"]
        return [*(options[:count] for count in range(1, len(options) + 1)), *([one] for one in options[1:])]

    def _unions(self, spec: FieldSpec) -> list[str]:
        above = [self.county.unions["town"], self.county.unions["county"]]
        places = [self.who.unit, *above, self.county.other_unit]
        if self.target is not None and spec.name == self.flow.subject.target_union:
            places = [self.target]
        elif re.search("上级|隶属", spec.label):
            places = [*above, self.who.unit]
        elif spec.name != self._first_union:
            places.reverse()
        return [ids.public(union.id) for union in places]

    @cached_property
    def _first_union(self) -> str:
        """Where a form names several unions, the others are others."""
        return next((spec.name for spec in self.flow.fields if spec.kind == FieldKind.ORG_REF), "")

    def _is_own(self, spec: FieldSpec) -> bool:
        subject = self.flow.subject
        return spec.name in (*_OWN, subject.name, subject.id_no, subject.mobile)

    def _number_of(self, spec: FieldSpec, person: Person) -> str:
        match spec.kind:
            case FieldKind.NAME:
                return person.name
            case FieldKind.ID_NO:
                return person.id_no
            case FieldKind.MOBILE:
                return person.mobile
            case FieldKind.USCC:
                body = f"91{DIVISION[:6]}{self.county.people:09d}"
                return body + uscc.calc_check_digit(body)
            case FieldKind.BANK_CARD:
                body = f"6222020{self.county.people:011d}"
                return body + calc_check_digit(body)
            case _:
                return DIVISION

    def _tables(self, spec: FieldSpec) -> list[Any]:
        least = int(spec.rows.number(">=") or 1) if spec.rows else 1
        most = int(spec.rows.number("<=") or 5) if spec.rows else 5
        counts = dict.fromkeys(count for count in (max(least, 1), 2, 3, least + 1, 5, 10) if least <= count <= most)
        return [[self._row(spec, index) for index in range(count)] for count in counts]

    def _row(self, spec: FieldSpec, index: int) -> Values:
        """A column's rule may look at the columns before it."""
        person = self.listed[index % len(self.listed)] if self.listed else self.county.somebody()
        row: Values = {}
        for column in spec.columns:
            cells = self._cells(column, person)
            tried = [value for value in cells if not checks.broken(column, value, row, self.today, {})]
            assert tried, f"{self.flow.slug}: no value for {spec.name}.{column.name}"
            row[column.name] = tried[0]
        return row

    # ---- putting a form together ------------------------------------------------------

    def fill(self, *, wishes: Iterable[Predicate] = (), hard: Iterable[Predicate] = ()) -> Values:
        """A form in which every rule and every condition in `hard` holds and, as far as they go together, so do
        the wishes. Every field is filled in.
        """
        values = {name: tried[0] for name, tried in self._candidates.items()}
        constraints = [*self._rules(), *self._predicates(hard, _HARD), *self._predicates(wishes, _WISH)]
        given_up: list[Constraint] = []
        while todo := [one for one in self._broken(values, constraints) if one not in given_up]:
            worst = max(todo, key=lambda one: one.weight)
            if not self._improve(values, worst, constraints):
                given_up.append(worst)
        return self.asked(values)

    def asked(self, values: Values) -> Values:
        """Without the fields that these answers leave out."""
        found: Values = {}
        lookup = form_lookup(self.flow, found)
        for spec in self.flow.fields:
            asked = spec.when is None or predicates.evaluate(spec.when, lookup, today=self.today) is True
            if asked and values.get(spec.name) is not None:
                found[spec.name] = values[spec.name]
        return found

    def slots(self, values: Values, *, required: bool = False) -> list[str]:
        """Places for attachments that these answers ask for."""
        lookup = form_lookup(self.flow, values)
        return [
            slot.name
            for slot in self.flow.attachments
            if (slot.when is None or predicates.evaluate(slot.when, lookup, today=self.today) is True)
            and (slot.required or not required)
        ]

    def holds(self, predicate: Predicate, values: Values) -> bool:
        """Whether it is not known to be false."""
        form = form_lookup(self.flow, values)
        return (
            predicates.evaluate(
                predicate,
                lambda name: form(name) if name.startswith("form.") else self.facts.get(name),
                today=self.today,
            )
            is not False
        )

    def _rules(self) -> list[Constraint]:
        return [
            Constraint(
                _HARD,
                (spec.name, *spec.rule.fields),
                lambda values, spec=spec: (
                    values.get(spec.name) is None
                    or not checks.broken(spec, values[spec.name], values, self.today, self.labels)
                ),
                of_all=True,
            )
            for spec in self.flow.fields
            if spec.rule is not None and spec.rule.fields
        ]

    def _predicates(self, wanted: Iterable[Predicate], weight: int) -> list[Constraint]:
        return [
            Constraint(weight, self._names(predicate), lambda values, one=predicate: self.holds(one, values))
            for predicate in {one.text: one for one in wanted}.values()
        ]

    def _names(self, predicate: Predicate) -> tuple[str, ...]:
        """The fields it looks at, and those on which these depend."""
        names = [name.removeprefix("form.") for name in sorted(predicate.facts) if name.startswith("form.")]
        for name in names:
            spec = self.flow.field(name)
            if spec is not None and spec.when is not None:
                names += [above for above in self._names(spec.when) if above not in names]
        return tuple(dict.fromkeys(name for name in names if name in self._candidates))

    def _improve(self, values: Values, broken: Constraint, constraints: list[Constraint]) -> bool:
        """Try its fields' other values, and where these upset others, change those in their turn."""
        cost = _cost(self._broken(values, constraints))
        found = self._settling(values, broken, constraints, set())
        for tried in found[:_MOST_REPAIRED]:
            after = self._repaired(tried, constraints, set(broken.names))
            if _cost(self._broken(after, constraints)) < cost:
                values.update(after)
                return True
        return False

    def _settling(
        self, values: Values, broken: Constraint, constraints: list[Constraint], kept: set[str]
    ) -> list[Values]:
        """Forms in which it holds, those that upset least first; the fields in `kept` stay as they are.

        One that upsets nothing ends the search.
        """
        names = [name for name in broken.names if name not in kept]
        pools = [self._candidates[name] for name in names]
        while pools and _size(pools) > _MOST_TRIED:
            longest = max(range(len(pools)), key=lambda at: len(pools[at]))
            pools[longest] = pools[longest][: max(2, len(pools[longest]) * 2 // 3)]
        found: list[tuple[int, Values]] = []
        least = _cost(self._broken(values, constraints)) - broken.weight
        for combination in product(*pools):
            tried = {**values, **dict(zip(names, combination, strict=True))}
            if not broken.holds(tried if broken.of_all else self.asked(tried)):
                continue
            found.append((_cost(self._broken(tried, constraints)), tried))
            if found[-1][0] <= least or len(found) == _MOST_WEIGHED:
                break
        return [tried for _, tried in sorted(found, key=lambda one: one[0])]

    def _repaired(self, values: Values, constraints: list[Constraint], kept: set[str]) -> Values:
        for _ in range(_MOST_REPAIRED):
            broken = [one for one in self._broken(values, constraints) if one.weight == _HARD]
            if not broken or not (found := self._settling(values, broken[0], constraints, kept)):
                break
            values = found[0]
        return values

    def _broken(self, values: Values, constraints: list[Constraint]) -> list[Constraint]:
        asked = self.asked(values)
        return [one for one in constraints if not one.holds(values if one.of_all else asked)]


def _cost(broken: list[Constraint]) -> int:
    return sum(one.weight for one in broken)


def _size(pools: list[list[Any]]) -> int:
    size = 1
    for pool in pools:
        size *= len(pool)
    return size


def _numbers(flow: Flow, today: date) -> list[int]:
    """Figures of the flow's conditions and parameters, and their neighbours."""
    conditions = [
        *flow.predicates(),
        *(each.when for each in (*flow.fields, *flow.attachments, *flow.actions) if each.when is not None),
    ]
    figures = [node.value for one in conditions for node in walk(one.tree) if isinstance(node, Literal)]
    figures += list(flow.params_on(today).values())
    whole = {int(one) for one in figures if isinstance(one, int | Decimal) and not isinstance(one, bool)}
    return [near for one in sorted(whole) for near in (one, one + 1, one - 1)]


def typed(flow: Flow, values: Values) -> dict[str, Any]:
    """As a page sends them: text, lists of text, one name for each cell."""
    sent: dict[str, Any] = {}
    for name, value in values.items():
        spec = flow.field(name)
        assert spec is not None
        if spec.kind == FieldKind.TABLE:
            columns = {column.name: column for column in spec.columns}
            for index, row in enumerate(value):
                sent |= {f"{name}.{index}.{cell}": _text_of(columns[cell], held) for cell, held in row.items()}
        elif spec.kind == FieldKind.GEO:
            sent |= {f"{name}.{part}": value[part] for part in ("lat", "lng")}
        elif spec.kind != FieldKind.FILE:
            sent[name] = value if spec.kind == FieldKind.MULTI else _text_of(spec, value)
    return sent


def _text_of(spec: FieldSpec, value: Any) -> str:
    match spec.kind:
        case FieldKind.BOOL:
            return "true" if value else "false"
        case FieldKind.MONEY:
            return f"{value // 100}.{value % 100:02d}"
        case FieldKind.DATETIME:
            return value[:16]
        case _:
            return str(value)
