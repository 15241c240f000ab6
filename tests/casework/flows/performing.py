"""Every action of a flow by everybody whose it is: offered, done, refused where it does not belong."""

from datetime import timedelta
from typing import Any

import msgspec

from backend.casework.flows import ActionSpec, Flow, PublicNoticeSpec
from backend.core import clock
from tests.casework.flows.amounts import settled
from tests.casework.flows.cases import CHINESE, Case, complaints, named, required, send_page, sendable
from tests.casework.flows.county import Caller, photo
from tests.casework.flows.filling import Filler, Values
from tests.casework.flows.wording import faults, is_due

Pair = tuple[str, str]  # an action and one of those in its `by`
_REFUSALS = {(409, "action_not_open"), (403, "action_not_yours"), (409, "action_by_another")}


class Coverage(msgspec.Struct):
    """What has been seen of a flow so far, over all its journeys."""

    wanted: list[Pair] = []
    done: set[Pair] = set()
    refused: set[tuple[Pair, bool]] = set()  # before it was done, and after
    strangers: set[str] = set()
    steps: set[int] = set()
    returned: set[str] = set()
    papers: set[str] = set()
    endings: set[str] = set()
    printable: list[tuple[Caller, str]] = []  # pages that can be had as PDF, and who read them
    wrong: list[str] = []
    bad_papers: list[str] = []

    @property
    def undone(self) -> list[Pair]:
        return [pair for pair in self.wanted if pair not in self.done]

    @property
    def undone_keys(self) -> set[str]:
        return {key for key, _ in self.undone}


def coverage_of(flow: Flow) -> Coverage:
    return Coverage(wanted=[(spec.key, who) for spec in flow.actions for who in spec.by])


def nothing_to_see(flow: Flow) -> Coverage:
    """For a case that is only a means to an end."""
    seen = coverage_of(flow)
    seen.done.update(seen.wanted)
    return seen


def caller_for(case: Case, who: str) -> Caller | None:
    if who == "applicant":
        return case.who.caller
    if who == "desk":
        return case.desk
    role, _, level = who.partition("@")
    return case.county.holder(role, level, case.target)


async def stop(case: Case, seen: Coverage) -> None:
    """Do here what can be done here and never was; be refused what cannot be done here."""
    callers = {who: caller for _, who in seen.wanted if (caller := caller_for(case, who)) is not None}
    offered: dict[str, list[str]] = {}
    moved = True
    while moved:
        moved = False
        for who, caller in callers.items():
            if not any(_may_be_open(case, pair[0]) for pair in _of_interest(case, who, seen)):
                continue
            offered[who] = await _offered(case, who, caller)
            while todo := _todo(case, who, offered[who], seen):
                await perform(case, todo, caller, seen)
                offered[who] = await _offered(case, who, caller)
                moved = True
            moved = await _by_another(case, who, seen) or moved
    for who, caller in callers.items():
        for pair in _of_interest(case, who, seen):
            if pair[0] not in offered.get(who, ()):
                await _be_refused(case, pair, caller, seen)


async def _by_another(case: Case, who: str, seen: Coverage) -> bool:
    """What a colleague of the holder may do alone, for the holder did what it looks at again; whether it was done."""
    role, _, level = who.partition("@")
    keys = {pair[0] for pair in _of_interest(case, who, seen) if pair not in seen.done}
    if not level or not any(spec.by_another and spec.key in keys for spec in case.flow.actions):
        return False
    colleague = await case.county.colleague(role, case.county.unions[level].name)
    todo = _todo(case, who, await _offered(case, who, colleague), seen)
    if todo is None:
        return False
    await perform(case, todo, colleague, seen)
    return True


def _of_interest(case: Case, who: str, seen: Coverage) -> list[Pair]:
    """What is left to do to this kind of actor, or to be refused: that is looked at only at first."""
    at_first = "withdrawn" not in seen.endings
    return [
        pair
        for pair in seen.wanted
        if pair[1] == who
        and (
            pair not in seen.done
            or (pair[0] in case.again and not case.done[pair[0]])
            or (at_first and (pair, True) not in seen.refused)
        )
    ]


def _may_be_open(case: Case, key: str) -> bool:
    """Whether the flow file would have it here, conditions aside."""
    spec = case.flow.action(key)
    assert spec is not None
    passed = case.approved[-1] if case.approved else 0
    step = case.flow.steps[case.seen["step"]["index"] if case.seen["step"] else passed]
    here = case.seen["status"] in spec.during and (not spec.steps or step.name in spec.steps)
    return here or (case.seen["status"] == "on_hold" and step.awaits == key)


def _todo(case: Case, who: str, offered: list[str], seen: Coverage) -> Pair | None:
    wanted = [*seen.undone, *((key, who) for key in case.again if not case.done[key])]
    return next((pair for pair in wanted if pair in seen.wanted and pair[1] == who and pair[0] in offered), None)


async def _offered(case: Case, who: str, caller: Caller) -> list[str]:
    path = f"/api/v1{'' if who == 'applicant' else '/desk'}/cases/{case.number}"
    answer = await caller.go("GET", path)
    if answer.status_code == 404:  # the case lies where this post sees nothing
        return []
    assert answer.status_code == 200, answer.text
    return [key for key in answer.json()["actions"] if case.flow.action(key) is not None]


def _door(case: Case, key: str, who: str) -> str:
    return f"{'' if who == 'applicant' else '/desk'}/cases/{case.number}/actions/{key}"


async def _be_refused(case: Case, pair: Pair, caller: Caller, seen: Coverage) -> None:
    once = (pair, pair in seen.done)
    if once in seen.refused:
        return
    seen.refused.add(once)
    answer = await caller.go("POST", f"/api/v1{_door(case, *pair)}", json={})
    got = (answer.status_code, answer.json().get("code"))
    if got not in _REFUSALS and got != (404, "case_not_found"):
        seen.wrong.append(f"{pair} is not offered while {case.seen['status']}, yet answers {got}")


async def perform(case: Case, pair: Pair, caller: Caller, seen: Coverage) -> None:
    """The first time with everything that can go wrong before it, and with a look at what is written down."""
    spec = case.flow.action(pair[0])
    assert spec is not None
    if pair in seen.done:
        await _do(case, spec, pair, caller, by_page=False)
        await case.look()
        return
    await _strangers(case, spec.key, seen)
    await _empty(case.flow.action_form(spec.key), _door(case, *pair), caller)
    by_page = bool(seen.wanted.index(pair) % 2 or spec.by.index(pair[1]))
    values = await _do(case, spec, pair, caller, by_page=by_page)
    seen.done.add(pair)
    await _is_written_down(case, spec, values, caller)
    if spec.publishes is not None:
        seen.bad_papers += [f"{spec.key}: {fault}" for fault in await _notice_hangs(case, spec.publishes)]


async def _do(case: Case, spec: ActionSpec, pair: Pair, caller: Caller, *, by_page: bool) -> Values:
    door, flow = _door(case, *pair), case.flow.action_form(spec.key)
    filler = Filler(flow, case.county, case.who, {}, whole=case.flow)
    whens = [part.when for part in (*flow.fields, *flow.attachments) if part.when is not None]
    asked = filler.fill(wishes=whens)
    if spec.figures:  # what was worked out is confirmed as it is
        asked = {name: said for name, said in asked.items() if name in _to_be_typed(spec)}
    values = asked | settled(case.flow, spec.key, case.values, case.done)
    slots = filler.slots(values)
    if by_page:
        answer = await send_page(caller, door, flow, await caller.page(door), values, slots)
        assert answer.status_code == 303, (case.number, spec.key, complaints(answer.text))
    else:
        form = await sendable(flow, values, caller)
        body = {"form": form, "attachments": {slot: [await photo(caller)] for slot in slots}}
        await caller.send(f"/api/v1{door}", body)
    case.done[spec.key] += 1
    return values


def _to_be_typed(spec: ActionSpec) -> set[str]:
    """What no figures stand for: the fields that a person has to fill."""
    return {field.name for field in spec.fields if field.required}


async def _empty(flow: Flow, door: str, caller: Caller) -> None:
    """An empty form does nothing and names everything that it lacks."""
    lacking = required(flow)
    if lacking:
        problem = await caller.send(f"/api/v1{door}", {}, status=422)
        assert set(named(problem)) == lacking
        assert all(CHINESE.search(sentence) for sentence in named(problem).values())


async def _is_written_down(case: Case, spec: ActionSpec, values: Values, caller: Caller) -> None:
    """In the history for everybody, what was written for those who may read it."""
    await case.look()
    [act, *_] = case.seen["acts"]
    assert act["key"] == spec.key
    assert case.seen["timeline"][0]["action"] in (f"act:{spec.key}", "release"), case.seen["timeline"][0]
    shown = {field["name"] for field in act["fields"]}
    worked_out = {field.name for field in spec.fields} - _to_be_typed(spec) if spec.figures else set()
    assert shown - worked_out == (set() if spec.private else set(values) - worked_out)
    assert bool(shown & worked_out) == bool(worked_out and not spec.private)
    if caller is not case.who.caller:
        [act, *_] = (await caller.read(f"/api/v1/desk/cases/{case.number}"))["acts"]
        assert {field["name"] for field in act["fields"]} - worked_out == set(values) - worked_out


async def _strangers(case: Case, key: str, seen: Coverage) -> None:
    if key in seen.strangers:
        return
    seen.strangers.add(key)
    county = case.county
    own, desk = f"/api/v1/cases/{case.number}/actions/{key}", f"/api/v1/desk/cases/{case.number}/actions/{key}"
    neighbour = await county.neighbour()
    expected: list[tuple[Caller, str, int, str]] = [
        (county.visitor, own, 401, "not_signed_in"),
        (neighbour, own, 404, "case_not_found"),
        (neighbour, desk, 403, "not_allowed"),
        (county.far_clerk, desk, 404, "case_not_found"),
        (case.desk, own, 403, "not_allowed"),
    ]
    for stranger, path, status, code in expected:
        answer = await stranger.go("POST", path, json={})
        got: Any = (answer.status_code, answer.json()["code"])
        if got[0] != status:
            seen.wrong.append(f"{path} answers {got} to a stranger, not {(status, code)}")


async def pass_steps(case: Case, seen: Coverage) -> None:
    """Straight to the approval, doing no more than has to be done."""
    while case.seen["step"] is not None:
        if case.seen["status"] == "on_hold":
            await do_awaited(case, seen)
        await do_needed(case, seen)
        await let_notices_run(case)
        await case.decide("approve", comment="情况属实")
    assert case.seen["status"] == "approved"


async def do_needed(case: Case, seen: Coverage) -> bool:
    """What the step needs and nobody has done; until then it is not passed. Whether anything was left to do."""
    step = case.flow.steps[case.seen["step"]["index"]]
    missing = [key for key in step.needs if not case.done[key]]
    if missing:
        refused = await case.decide("approve", status=409)
        assert refused["code"] == "step_needs_action"
    for key in missing:
        await _do_by_anybody(case, key, seen)
    return bool(missing)


async def let_notices_run(case: Case) -> None:
    """A step that needs a public notice is not passed while it hangs."""
    step = case.flow.steps[case.seen["step"]["index"]]
    needed = [spec for key in step.needs if (spec := case.flow.action(key)) is not None]
    for spec in needed:
        running = case.notice_ends()
        if spec.publishes is not None and running is not None:
            refused = await case.decide("approve", status=409)
            assert refused["code"] == "notice_running"
            clock.freeze(clock.now() + (running - clock.today() + timedelta(days=1)))


async def _do_by_anybody(case: Case, key: str, seen: Coverage) -> None:
    spec = case.flow.action(key)
    assert spec is not None
    for who in spec.by:
        caller = caller_for(case, who)
        if caller is not None and key in await _offered(case, who, caller):
            await perform(case, (key, who), caller, seen)
            return
    raise AssertionError(f"{case.number}: nobody can do {key}, which {case.seen['step']} needs")


async def do_awaited(case: Case, seen: Coverage) -> None:
    """The case waits for its applicant, who is told what for."""
    awaited = case.flow.steps[case.seen["step"]["index"]].awaits
    spec = case.flow.action(awaited)
    assert spec is not None
    assert (case.seen["due_on"], spec.name in case.seen["hold_message"]) == (None, True)
    assert [offer["key"] for offer in case.seen["offers"] if offer["awaited"]] == [awaited]
    await perform(case, (awaited, "applicant"), case.who.caller, seen)
    assert case.seen["status"] == "in_review"
    assert case.seen["due_on"] is not None


async def _notice_hangs(case: Case, notice_spec: PublicNoticeSpec) -> list[str]:
    """For everybody to read, with nothing in it that would say who it is; what is wrong with its words."""
    visitor, person = case.county.visitor, case.who.person
    notice = [one for one in case.seen["notices"] if one["running"]][-1]
    shown = await visitor.read(f"/api/v1/notices/{notice['id']}")
    said = [shown["title"], *shown["body"]]
    for hidden in (person.id_no, person.mobile):
        assert hidden not in "".join(said)
    assert shown["title"] in await visitor.page(f"/notices/{notice['id']}")
    assert shown["title"] in await visitor.page("/notices")
    return faults((notice_spec.title, *notice_spec.body), said, lambda name: is_due(case, name, case.done))
