"""A flow as its file in config/catalogue/ says it, frozen. `flow_files` reads and checks the files."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from typing import Literal

import msgspec

from backend.casework.enums import CaseStatus, FieldKind, NoticeEvent
from backend.casework.forms.limits import Limits
from backend.core.predicates import Predicate
from backend.core.strict_yaml import Scalar
from backend.notifications.enums import Audience

SENSITIVE_KINDS = frozenset((FieldKind.ID_NO, FieldKind.MOBILE, FieldKind.BANK_CARD))


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
    reuse: bool | None = None  # whether an own earlier form may answer it; without a word its kind decides

    @property
    def is_sensitive(self) -> bool:
        return self.sensitive or self.kind in SENSITIVE_KINDS or any(column.is_sensitive for column in self.columns)


class AttachmentSpec(msgspec.Struct, frozen=True, kw_only=True):
    """`unique`: a file of it stands for one thing alone, an invoice for instance. The same file in another case is
    shown to whoever decides."""

    name: str
    label: str
    required: bool = False
    max_files: int = 1
    hint: str = ""
    when: Predicate | None = None
    folded: bool = False
    unique: bool = False


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
    """False refuses (or only warns) with the sentence `refusal`; unknown asks a person, or is ignored. The sentence
    stands beside `field`, or where none is named beside the first one that the predicate looks at."""

    text: str
    predicate: Predicate
    code: str
    refusal: str
    on_false: Literal["refuse", "warn"] = "refuse"
    on_unknown: Literal["ask", "ignore"] = "ask"
    field: str = ""


class Eligibility(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    checks: tuple[EligibilityCheck, ...] = ()


class StepSpec(msgspec.Struct, frozen=True, kw_only=True):
    """`needs` are actions that must be done before this step is approved. `awaits` is one that the applicant
    must do before the step begins: until then the case is on hold and its clock stands still. `at` is a field
    that names the union whose desk decides, where that is not the union to which the case was sent. With
    `four_eyes` an approval needs two people: the first signs, the second approves. `rests_on` are fields for which
    an approval was given: when a later correction changes one, the step decides anew.
    """

    name: str
    role: str
    level: str  # unit, town, county, city or province
    days: int  # working days
    when: Predicate | None = None
    at: str = ""
    needs: tuple[str, ...] = ()
    awaits: str = ""
    four_eyes: bool = False
    rests_on: tuple[str, ...] = ()


class CalendarClock(msgspec.Struct, frozen=True, kw_only=True):
    """A second clock that counts calendar days from the submission and never stops; `text` names its last day."""

    days: int
    text: str


class StraightRule(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that has to be known to be true of a clean case; `text` says it to people."""

    text: str
    predicate: Predicate


class StraightThrough(msgspec.Struct, frozen=True, kw_only=True):
    """A clean case passes the named steps without a person: eligibility, automatic checks and every rule are known to
    hold. Of a hundred clean ones, `sample_percent` go to a person all the same. Before `since`, and while there is
    none, nothing is decided so; the dry run over past cases tells what would have been.
    """

    steps: tuple[str, ...]
    rules: tuple[StraightRule, ...]
    since: date | None = None
    sample_percent: int = 5

    def is_on(self, day: date) -> bool:
        return self.since is not None and day >= self.since


class ProactiveSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What comes to entitled members without their asking: a form filled in, to be confirmed with one tap.

    `finder` names who they are. Each member is offered it once a period, between `opens` and `closes` ("06-15") of
    every year, or in any month of them; from `since` on. `form` are answers that hold for everybody, the rest
    comes from the prefills of the fields.
    """

    key: str
    name: str
    text: str  # why it comes to them
    finder: str
    params: dict[str, str] = {}
    form: dict[str, str] = {}
    period: Literal["year", "month"] = "year"
    opens: str = "01-01"
    closes: str = "12-31"
    since: date


class OutcomeSpec(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    text: str
    params: dict[str, str] = {}


class DocumentSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A paper of a case. Names in braces (`{form.union_name}`, `{act.record.minutes}`, `{case.number}`) are filled
    in when it is issued and stay as they were: printed again it is the same paper with the same number.

    `issued`: with the last approval, with the approval of the step named in `step`, by an action that names it,
    or whenever somebody asks for it: then it has no number of its own and shows what holds at that moment.
    """

    key: str
    title: str
    prefix: str = ""  # of its number
    body: tuple[str, ...]
    table: str = ""  # a table of the form that stands below the text
    issued: Literal["approval", "step", "action", "request"] = "approval"
    step: str = ""
    readers: tuple[Literal["applicant", "desk"], ...] = ("applicant", "desk")


class PublicNoticeSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A 公示: names are masked by themselves, and for `days` calendar days anybody signed in may object."""

    title: str
    body: tuple[str, ...]
    days: int


class ActionSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Something that can be done to a case beside deciding it: a visit record, a reply, minutes, a rating.

    `by` names who may: `applicant`, `desk` (whoever serves the desk that has the case, or had it last), or
    `role@level`, a holder of that role at the case's union or above. `when` looks at the form, the parameters
    and `act.<key>`, how often an action was done. `figures` names the function that works out what its form holds
    beside what a person typed. Whoever did one of the actions in `by_another` leaves this one to somebody else.
    """

    key: str
    name: str
    by: tuple[str, ...]
    hint: str = ""
    during: tuple[CaseStatus, ...] = (CaseStatus.SUBMITTED, CaseStatus.IN_REVIEW)
    steps: tuple[str, ...] = ()  # only at these steps; empty: at any
    when: Predicate | None = None
    once: bool = False
    by_another: tuple[str, ...] = ()
    private: bool = False  # the applicant reads that it was done, not what was written
    fields: tuple[FieldSpec, ...] = ()
    attachments: tuple[AttachmentSpec, ...] = ()
    figures: str = ""
    document: str = ""  # the paper that it issues
    publishes: PublicNoticeSpec | None = None
    effects: tuple[OutcomeSpec, ...] = ()
    tells: tuple[Literal["applicant", "handler"], ...] = ()


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

    One that is an action or a paper of the flow names that instead of a door, and one that the system does by itself
    the job that does it. A flow's file lists those of its own;
    the engine's, which every flow has, are added from _engine.yaml.
    """

    code: str
    name: str
    by: str
    tier: Literal["core", "ext", "engine"]
    action: str = ""
    document: str = ""
    job: str = ""  # "remind_policies", as the worker's table of what runs by the clock has it
    door: str = ""  # "POST /api/v1/services/{slug}/cases", as the route table writes it
    permission: str = ""  # the access that door declares
    test: str = ""  # "tests/journeys/test_contract.py::test_a_courier_joins"

    @property
    def enabled(self) -> bool:
        return bool((self.action or self.document or self.job or (self.door and self.permission)) and self.test)


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
    confidential: bool = False  # sent past the unions below the desks that decide
    for_others: bool = False  # may be filled in for somebody who then consents with one tap
    subject: SubjectSpec
    limit_working_days: int
    reopen_days: int = 30  # how many calendar days a refusal may be taken back and decided anew; 0: never
    calendar_clock: CalendarClock | None = None
    question_days: int = 3  # working days that another desk has to answer a question, unless the asker says otherwise
    eligibility: Eligibility
    screens: tuple[FormScreen, ...]
    steps: tuple[StepSpec, ...]
    straight_through: StraightThrough | None = None
    proactive: tuple[ProactiveSpec, ...] = ()
    outcomes: tuple[OutcomeSpec, ...] = ()
    checks: tuple[str, ...] = ()  # automatic checks at the desk
    quote: str = ""
    notices: tuple[NoticeSpec, ...] = ()
    params: tuple[ParamSpec, ...] = ()
    actions: tuple[ActionSpec, ...] = ()
    documents: tuple[DocumentSpec, ...] = ()
    functions: tuple[FunctionSpec, ...] = ()

    @cached_property
    def _actions_by_key(self) -> dict[str, ActionSpec]:
        return {action.key: action for action in self.actions}

    @cached_property
    def _documents_by_key(self) -> dict[str, DocumentSpec]:
        return {document.key: document for document in self.documents}

    def door_of(self, function: FunctionSpec) -> tuple[str, str]:
        """(door, access) of an enabled function; one that is an action or a paper is behind the door of all such."""
        if action := self._actions_by_key.get(function.action):
            if "applicant" in action.by:
                return "POST /api/v1/cases/{number}/actions/{action}", "person"
            return "POST /api/v1/desk/cases/{number}/actions/{action}", "case.decide"
        if document := self._documents_by_key.get(function.document):
            if "applicant" in document.readers:
                return "GET /api/v1/cases/{number}/documents/{document}", "person"
            return "GET /api/v1/desk/cases/{number}/documents/{document}", "case.view"
        return function.door, function.permission

    @cached_property
    def _action_forms(self) -> dict[str, "Flow"]:
        return {action.key: self._as_form(action) for action in self.actions}

    def action(self, key: str) -> ActionSpec | None:
        return self._actions_by_key.get(key)

    def document(self, key: str) -> DocumentSpec | None:
        return self._documents_by_key.get(key)

    def action_form(self, key: str) -> "Flow":
        """The action's own form in the shape of a flow, so that one form engine serves both."""
        return self._action_forms[key]

    def _as_form(self, action: ActionSpec) -> "Flow":
        screen = FormScreen(key=action.key, title=action.name, fields=action.fields, attachments=action.attachments)
        return msgspec.structs.replace(self, screens=(screen,), subject=SubjectSpec(), actions=(), documents=())

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
        return _bound(self.predicates())

    @cached_property
    def straight_facts(self) -> frozenset[str]:
        """Those that a clean case is known by, beside what every case is judged by."""
        rules = self.straight_through.rules if self.straight_through is not None else ()
        return _bound(rule.predicate for rule in rules)


def _bound(predicates: Iterable[Predicate]) -> frozenset[str]:
    names = (name for predicate in predicates for name in predicate.facts)
    return frozenset(name for name in names if name.split(".", 1)[0] not in ("form", "params", "act"))
