"""One case on its way: submitted, corrected, held, decided at every step by whoever holds the post."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import msgspec

from backend.casework import judging
from backend.casework.commands.filing import find_target
from backend.casework.enums import FieldKind
from backend.casework.flows import FieldSpec, Flow
from backend.casework.forms import parse
from backend.casework.protocols import Question
from backend.core import clock, database
from backend.core.errors import AppError
from backend.core.predicates import Predicate
from backend.unions.models import Union
from tests.casework.flows.county import Applicant, Caller, County, Person, photo
from tests.casework.flows.filling import Filler, Values, typed
from tests.factories.pictures import picture

CHINESE = re.compile("[\u4e00-\u9fff]")
_CONTROL = re.compile(r'<(?:input|select|textarea|button)\b[^>]*?\bname="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="(idempotency_key|submission_key|version)" value="([^"]*)"')
_COMPLAINT = re.compile(r'<li><a href="#f-[^>]*>.*?</a>|class="banner__(?:title|text)">.*?</p>', re.DOTALL)
_PICTURE = picture()


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody, and a form under which they are let in."""

    who: Applicant
    filler: Filler
    values: Values


async def fill_for(
    flow: Flow,
    county: County,
    who: Applicant,
    *,
    actor: Caller | None = None,
    wanted: Collection[Predicate] | None = None,
    hard: Collection[Predicate] = (),
    target: Union | None = None,
    listed: Sequence[Person] = (),
) -> Prepared:
    """What the bound facts say depends on the form, and the form on what they say: twice around settles it."""
    wishes = _all_conditions(flow) if wanted is None else wanted
    hard = [*hard, *(check.predicate for check in flow.eligibility.checks if check.on_false == "refuse")]
    soft = [check.predicate for check in flow.eligibility.checks if check.on_false != "refuse"]
    values: Values = {}
    for _ in range(2):
        facts = await _facts(flow, values, actor or who.caller)
        filler = Filler(flow, county, who, facts, target=target, listed=listed)
        values = filler.fill(wishes=[*wishes, *soft], hard=hard)
    filler.facts |= await _facts(flow, values, actor or who.caller)
    return Prepared(who=who, filler=filler, values=values)


def _all_conditions(flow: Flow) -> list[Predicate]:
    parts = (*flow.fields, *flow.attachments, *flow.steps, *flow.actions)
    return [part.when for part in parts if part.when is not None]


async def _facts(flow: Flow, values: Values, caller: Caller) -> dict[str, Any]:
    """As the command will ask them."""
    actor, today = caller.actor, clock.today()
    assert actor is not None
    try:
        target = (await find_target(flow, values, actor.member_id)).id
    except AppError:
        target = None
    question = Question(
        flow=flow.slug,
        actor=actor,
        today=today,
        values=values,
        params=flow.params_on(today),
        member_id=actor.member_id,
        target_union_id=target,
    )
    return {
        name: value
        for name, value in (await judging.gather(flow, question)).items()
        if name.partition(".")[0] not in ("form", "params")
    }


async def with_files(flow: Flow, found: Prepared, owner: Caller) -> dict[str, Any]:
    """The body of a submission: the values, and a photo in every place for one."""
    form = await sendable(flow, found.values, owner)
    return {"form": form, "attachments": {slot: [await photo(owner)] for slot in found.filler.slots(found.values)}}


async def sendable(flow: Flow, values: Values, owner: Caller) -> Values:
    """File fields hold a real file."""
    fields = {spec.name for spec in flow.fields if spec.kind == FieldKind.FILE}
    return {name: await photo(owner) if name in fields else value for name, value in values.items()}


def controls(page: str) -> set[str]:
    """Names of everything that can be filled in or pressed on a page."""
    return set(_CONTROL.findall(page))


async def send_page(
    caller: Caller, path: str, flow: Flow, page: str, values: Values, slots: Collection[str], **more: str
) -> Any:
    """As a browser without JavaScript sends the page: what it shows, with these values and files."""
    offered = controls(page)
    form = typed(flow, values)
    missing = {name for name in form if re.sub(r"\.\d+\.", ".0.", name) not in offered}
    assert missing == set(), f"{path} has no control for {sorted(missing)}"
    no_choice = [spec.name for spec in flow.fields if spec.name in values and not _can_be_refused(spec, page)]
    assert no_choice == [], f"{path} leaves no choice but yes for {no_choice}"
    fields = [spec.name for spec in flow.fields if spec.kind == FieldKind.FILE and spec.name in values]
    uploads = [(f"upload.{slot}", ("照片.jpg", _PICTURE, "image/jpeg")) for slot in (*slots, *fields)]
    assert {name for name, _ in uploads} <= offered, path
    data = {**form, **dict(_HIDDEN.findall(page)), **more}
    return await caller.go("POST", path, data=data, files=[*uploads, ("upload.none", ("", b""))])


def _can_be_refused(spec: FieldSpec, page: str) -> bool:
    """Whether a question can be answered with no, unless only yes is an answer."""
    asks = spec.kind == FieldKind.BOOL and not (spec.rule is not None and "true" in spec.rule.text)
    return not asks or re.search(rf'name="{spec.name}" value="false"', page) is not None


class Case:
    """A case and everybody who has to do with it."""

    def __init__(self, flow: Flow, county: County, found: Prepared, number: str) -> None:
        self.flow = flow
        self.county = county
        self.found = found
        self.who = found.who
        self.values = found.values
        self.number = number
        self.seen: dict[str, Any] = {}
        self.desk: Caller = county.visitor  # whoever serves the desk that has it, or had it last
        self.done: Counter[str] = Counter()
        self.again: set[str] = set()  # actions that it is begun for, done before with others or not
        self.approved: list[int] = []
        self.target = ""  # name of the union that it was sent to

    async def look(self) -> dict[str, Any]:
        """The case as its applicant sees it."""
        self.seen = await self.who.caller.read(f"/api/v1/cases/{self.number}")
        step = self.seen["step"]
        if step is not None:
            assert step["role"] == self.flow.steps[step["index"]].role, f"{self.number} lies with a stand-in: {step}"
            self.desk = self.county.holders[step["role"], step["desk"]]
        return self.seen

    async def decide(self, action: str, *, status: int = 200, **more: Any) -> dict[str, Any]:
        step = self.flow.steps[self.seen["step"]["index"]] if self.seen["step"] else None
        if action == "approve" and status == 200 and step is not None and step.four_eyes:
            await self._sign(**more)
        body = {"action": action, "version": self.seen["version"], **more}
        answer = await self.desk.send(f"/api/v1/desk/cases/{self.number}/decisions", body, status=status)
        await self.look()
        return answer

    async def _sign(self, **more: Any) -> None:
        """A colleague is the first of two who approve, and not the second too."""
        at = self.seen["step"]
        colleague = await self.county.colleague(at["role"], at["desk"])
        body = {"action": "approve", "version": self.seen["version"], **more}
        door = f"/api/v1/desk/cases/{self.number}/decisions"
        signed = await colleague.send(door, body)
        assert (signed["step"]["index"], signed["timeline"][0]["action"]) == (at["index"], "sign")
        again = await colleague.send(door, body | {"version": signed["version"]}, status=409)
        assert again["code"] == "four_eyes_same"
        await self.look()

    async def read_at_desk(self) -> None:
        """Queue, desk page and case page show it."""
        here = f"service={self.flow.slug}&status={self.seen['status']}"
        queue = await self.desk.read(f"/api/v1/desk/cases?{here}&limit=100")
        [row] = [row for row in queue["items"] if row["number"] == self.number]
        assert row["step_name"] == self.seen["step"]["name"]
        assert self.number in await self.desk.page(f"/desk/cases?{here}")
        page = await self.desk.page(f"/desk/cases/{self.number}")
        assert 'name="action"' in page
        assert self.flow.name in await self.who.caller.page(f"/cases/{self.number}")

    async def hold(self) -> None:
        until = (clock.today() + timedelta(days=5)).isoformat()
        held = await self.decide("hold", until=until, message="等一份证明")
        assert (held["status"], held["due_on"], held["hold_message"]) == ("on_hold", None, "等一份证明")

    async def release(self) -> None:
        released = await self.decide("release")
        assert (released["status"], released["due_on"]) == ("in_review", released["due_on"])

    async def give_back(self, names: Collection[str]) -> None:
        comments = [{"field": name, "comment": "请再核对一下"} for name in names]
        returned = await self.decide("return", corrections=comments)
        assert returned["status"] == "returned"
        assert [one["field"] for one in returned["corrections"]] == list(names)

    async def correct(self, names: Collection[str], *, by_page: bool) -> None:
        """Answer with the same values and new photos."""
        opened = parse.unlocked(self.flow, names)
        values = {name: value for name, value in self.values.items() if name in opened}
        slots = [slot for slot in self.found.filler.slots(self.values) if slot in opened]
        caller = self.who.caller
        await self._closed_fields_stay_closed(opened)
        if by_page:
            page = await caller.page(f"/cases/{self.number}/correction")
            answer = await send_page(caller, f"/cases/{self.number}/corrections", self.flow, page, values, slots)
            assert answer.status_code == 303, complaints(answer.text)
        else:
            body = {
                "form": await sendable(self.flow, values, caller),
                "attachments": {slot: [await photo(caller)] for slot in slots},
                "version": self.seen["version"],
            }
            await caller.send(f"/api/v1/cases/{self.number}/corrections", body)
        await self.look()
        assert (self.seen["status"], self.seen["corrections"]) == ("in_review", [])

    async def _closed_fields_stay_closed(self, opened: Collection[str]) -> None:
        closed = [
            spec.name
            for spec in self.flow.fields
            if spec.kind in ("text", "longtext") and spec.filled_by == "person" and spec.name not in opened
        ]
        for name in closed[:1]:
            body = {"form": {name: "改一改"}, "attachments": {}, "version": self.seen["version"]}
            refused = await self.who.caller.send(f"/api/v1/cases/{self.number}/corrections", body, status=422)
            assert refused["code"] == "field_not_open"

    def notice_ends(self) -> date | None:
        """The last day of a public notice that hangs now."""
        return max(
            (date.fromisoformat(one["closes_on"]) for one in self.seen["notices"] if one["running"]), default=None
        )

    def returnable(self, screen: int) -> list[str]:
        """What the desk can give back of a screen."""
        shown = self.flow.screens[screen]
        fields = [spec.name for spec in shown.fields if spec.filled_by == "person" and spec.name in self.values]
        asked = self.found.filler.slots(self.values)
        return [*fields, *(slot.name for slot in shown.attachments if slot.name in asked)]


def complaints(page: str) -> list[str]:
    """What a page says is wrong, in short."""
    return [re.sub("<[^>]+>", "", found) for found in _COMPLAINT.findall(page)]


def named(problem: Mapping[str, Any]) -> dict[str, str]:
    """The wrong fields of a refusal with their sentences."""
    return {error["field"]: error["message"] for error in problem["errors"]}


def required(flow: Flow) -> set[str]:
    """What an empty form lacks."""
    fields = {spec.name for spec in flow.fields if spec.required and spec.filled_by == "person" and spec.when is None}
    return fields | {slot.name for slot in flow.attachments if slot.required and slot.when is None}


async def submit(flow: Flow, county: County, found: Prepared) -> Case:
    body = await with_files(flow, found, found.who.caller)
    made = await found.who.caller.send(f"/api/v1/services/{flow.slug}/cases", body, status=201)
    case = Case(flow, county, found, made["number"])
    case.target = await database.scalar(
        "SELECT u.name FROM case_file c JOIN union_org u ON u.id = c.target_union_id WHERE c.number = %s", case.number
    )
    await case.look()
    return case
