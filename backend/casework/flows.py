"""A flow as its file in config/catalogue/ says it, frozen. `flow_files` reads and checks the files."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal

import msgspec

from backend.casework.enums import FieldKind, NoticeEvent
from backend.casework.forms.limits import Limits
from backend.casework.predicates import Predicate
from backend.notifications.enums import Audience

SENSITIVE_KINDS = frozenset((FieldKind.ID_NO, FieldKind.MOBILE, FieldKind.BANK_CARD))

Scalar = bool | int | Decimal | str


class FieldSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One field. `options` map stored values to labels; `lookup` names options that only run time knows."""

    name: str
    label: str
    kind: FieldKind
    required: bool = False
    hint: str = ""
    placeholder: str = ""
    options: dict[str, str] = {}
    lookup: str = ""
    rule: Limits | None = None
    when: Predicate | None = None  # asked, needed and kept only while this holds
    columns: tuple["FieldSpec", ...] = ()  # of a table
    rows: Limits | None = None  # how many rows a table may have
    sensitive: bool = False
    filled_by: Literal["person", "system"] = "person"  # system: never shown, prefill or default whatever is sent
    default: str = ""  # of a field filled by the system
    implied_by: str = ""  # a JSON true there answers this one too; a page always asks both
    prefill: tuple[str, ...] = ()  # names of prefills, the first that answers wins
    within: Literal["any", "county"] = "any"  # of a division: what is offered to choose from
    folded: bool = False  # behind “补充信息（选填）”

    @property
    def is_sensitive(self) -> bool:
        return self.sensitive or self.kind in SENSITIVE_KINDS or any(column.is_sensitive for column in self.columns)


class AttachmentSpec(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    label: str
    required: bool = False
    max_files: int = 1
    hint: str = ""
    when: Predicate | None = None
    folded: bool = False


class FormScreen(msgspec.Struct, frozen=True, kw_only=True):
    """One question group: at most seven fields beside those that are folded or filled by the system."""

    key: str
    title: str
    intro: str = ""
    fields: tuple[FieldSpec, ...] = ()
    attachments: tuple[AttachmentSpec, ...] = ()
    summary: bool = False  # shows what was typed on the screens before


class SubjectSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Which fields say whom a case is about, where, and what its line in the queue says."""

    name: str = ""
    id_no: str = ""
    mobile: str = ""
    division: str = ""
    target_union: str = ""
    summary: tuple[str, ...] = ()


class EligibilityCheck(msgspec.Struct, frozen=True, kw_only=True):
    """False refuses (or only warns) with the sentence `refusal`; unknown asks a person, or is ignored."""

    text: str
    predicate: Predicate
    code: str
    refusal: str
    on_false: Literal["refuse", "warn"] = "refuse"
    on_unknown: Literal["ask", "ignore"] = "ask"


class Eligibility(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    checks: tuple[EligibilityCheck, ...] = ()


class StepSpec(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    role: str
    level: str  # unit, town, county, city or province
    days: int  # working days
    when: Predicate | None = None


class CalendarClock(msgspec.Struct, frozen=True, kw_only=True):
    """A second clock that counts calendar days from the submission and never stops; `text` names its last day."""

    days: int
    text: str


class OutcomeSpec(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    text: str
    params: dict[str, str] = {}


class NoticeSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Who is told of an event, and how; an event may have several of these. An empty `to` tells nobody."""

    event: NoticeEvent
    to: tuple[Audience, ...] = ()
    channels: tuple[Literal["app", "sms"], ...] = ("app",)


class ParamValue(msgspec.Struct, frozen=True, kw_only=True):
    value: Scalar
    since: date


class ParamSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A figure the county may change; each value holds from its day until the next one's."""

    name: str
    text: str
    basis: Literal["seed", "sourced", "general", "proposed"] = "proposed"
    values: tuple[ParamValue, ...]

    def on(self, day: date) -> Scalar | None:
        """The value in force; None before the first one begins."""
        begun = [value for value in self.values if value.since <= day]
        return max(begun, key=lambda value: value.since).value if begun else None


class FunctionSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One of the register's functions. It counts as enabled once it names its door, permission and test.

    A flow's file lists those of its own; the engine's, which every flow has, are added from _engine.yaml.
    """

    code: str
    name: str
    by: str
    tier: Literal["core", "ext", "engine"]
    door: str = ""  # "POST /api/v1/services/{slug}/cases", as the route table writes it
    permission: str = ""  # the access that door declares
    test: str = ""  # "tests/journeys/test_contract.py::test_a_courier_joins"

    @property
    def enabled(self) -> bool:
        return bool(self.door and self.permission and self.test)


class Flow(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """In the file `notices` are changes to the standard set: each event named there is told as it says there.
    Once loaded, `notices` are all there are, and `functions` have the engine's among them.
    """

    slug: str
    version: int
    name: str
    initials: str  # first letters of the name's sounds, for search
    group: str
    audience: tuple[str, ...]
    icon: str
    summary: str
    keywords: tuple[str, ...] = ()
    enabled: bool = True
    number_prefix: str
    one_running_per_person: bool = False
    subject: SubjectSpec
    limit_working_days: int
    calendar_clock: CalendarClock | None = None
    eligibility: Eligibility
    screens: tuple[FormScreen, ...]
    steps: tuple[StepSpec, ...]
    outcomes: tuple[OutcomeSpec, ...] = ()
    checks: tuple[str, ...] = ()  # automatic checks at the desk
    quote: str = ""
    notices: tuple[NoticeSpec, ...] = ()
    params: tuple[ParamSpec, ...] = ()
    functions: tuple[FunctionSpec, ...] = ()

    @cached_property
    def fields(self) -> tuple[FieldSpec, ...]:
        return tuple(field for screen in self.screens for field in screen.fields)

    @cached_property
    def attachments(self) -> tuple[AttachmentSpec, ...]:
        return tuple(slot for screen in self.screens for slot in screen.attachments)

    @cached_property
    def _fields_by_name(self) -> dict[str, FieldSpec]:
        return {field.name: field for field in self.fields}

    @cached_property
    def _slots_by_name(self) -> dict[str, AttachmentSpec]:
        return {slot.name: slot for slot in self.attachments}

    def field(self, name: str) -> FieldSpec | None:
        return self._fields_by_name.get(name)

    def asks(self, name: str) -> bool:
        """Whether a person fills in this field."""
        spec = self.field(name)
        return spec is not None and spec.filled_by == "person"

    def slot(self, name: str) -> AttachmentSpec | None:
        return self._slots_by_name.get(name)

    def told_of(self, event: NoticeEvent) -> list[NoticeSpec]:
        """Who is told of this event."""
        return [notice for notice in self.notices if notice.event == event]

    def params_on(self, day: date) -> dict[str, Scalar]:
        """The parameters in force that day, by name."""
        in_force = ((param.name, param.on(day)) for param in self.params)
        return {name: value for name, value in in_force if value is not None}

    def predicates(self) -> Iterator[Predicate]:
        """Those that a case is judged by: eligibility, then steps."""
        yield from (check.predicate for check in self.eligibility.checks)
        yield from (step.when for step in self.steps if step.when is not None)

    @cached_property
    def facts_needed(self) -> frozenset[str]:
        """Names of bound facts, without those of the form and the parameters."""
        names = (name for predicate in self.predicates() for name in predicate.facts)
        return frozenset(name for name in names if name.split(".", 1)[0] not in ("form", "params"))
