"""The papers of a case: complete, true to their text, and verified by whoever holds one."""

import re
from html import unescape
from urllib.parse import urlsplit

from backend.casework.flows import DocumentSpec, Flow, StepSpec
from backend.core import national
from tests.casework.flows.cases import Case
from tests.casework.flows.county import Caller
from tests.casework.flows.performing import Coverage
from tests.casework.flows.wording import faults, is_due

_PROSE = re.compile(r'<div class="prose">(.*?)</div>', re.DOTALL)
_HEAD = re.compile(r'class="receipt__head">.*?<h1>(.*?)</h1>', re.DOTALL)
_VERIFY = re.compile(r'class="receipt__url">[^<]*?(/verify/[^<]+)<')


async def read_papers(case: Case, seen: Coverage) -> None:
    """Every paper that there is now and that was not read before."""
    at_desk = (await case.desk.read(f"/api/v1/desk/cases/{case.number}"))["documents"]
    own = case.seen["documents"]
    for line in [*own, *(one for one in at_desk if one not in own)]:
        spec = case.flow.document(line["key"].partition(".")[0])
        assert spec is not None
        if spec.key in seen.papers:
            continue
        seen.papers.add(spec.key)
        for reader, caller, area in (("applicant", case.who.caller, ""), ("desk", case.desk, "/desk")):
            await _read(case, spec, line["key"], seen, caller, area, may=reader in spec.readers)


async def _read(
    case: Case, spec: DocumentSpec, key: str, seen: Coverage, caller: Caller, area: str, *, may: bool
) -> None:
    path = f"{area}/cases/{case.number}/documents/{key}"
    if not may:
        assert (await caller.go("GET", path)).status_code == 404
        return
    page = await caller.page(path)
    title, lines = words_of(page)
    assert words_of(await caller.page(f"/api/v1{path}")) == (title, lines)
    done = _done_before(case.flow, spec)
    wrong = faults((spec.title, *spec.body), (title, *lines), lambda name: is_due(case, name, done))
    found = [f"{spec.key}: {fault}" for fault in wrong]
    seen.bad_papers += [fault for fault in found if fault not in seen.bad_papers]
    assert f'href="{path}?format=pdf"' in page
    seen.printable.append((caller, f"{path}?format=pdf"))
    if spec.issued != "request":
        await verify(case, page)


def words_of(page: str) -> tuple[str, list[str]]:
    """Title and paragraphs."""
    head, prose = _HEAD.search(page), _PROSE.search(page)
    assert head is not None
    assert prose is not None
    return unescape(head[1]), [unescape(line) for line in re.findall(r"<p>(.*?)</p>", prose[1], re.DOTALL)]


def _done_before(flow: Flow, spec: DocumentSpec) -> set[str]:
    """The actions without which the paper cannot have come."""
    issuing = {action.key for action in flow.actions if action.document == spec.key}
    return issuing | {key for step in _passed(flow, spec) for key in (*step.needs, step.awaits)}


def _passed(flow: Flow, spec: DocumentSpec) -> list[StepSpec]:
    if spec.issued != "step":
        return list(flow.steps) if spec.issued == "approval" else []
    last = [step.name for step in flow.steps].index(spec.step)
    return list(flow.steps[: last + 1])


async def verify(case: Case, page: str) -> None:
    """Its code holds, shows nobody's whole name, and a changed one holds nothing."""
    found = _VERIFY.search(page)
    assert found is not None
    shown = await case.county.visitor.page(unescape(found[1]))
    assert "文书属实" in shown
    await _shows_no_more_than(case, shown)
    number, code = found[1].rsplit("/", 2)[1:]
    wrong = f"{'A' if code[0] != 'A' else 'B'}{code[1:]}"
    assert (await case.county.visitor.go("GET", f"/verify/{number}/{wrong}")).status_code == 404


async def _shows_no_more_than(case: Case, shown: str) -> None:
    person = case.who.person
    assert person.id_no not in shown
    assert person.mobile not in shown
    name = case.values.get(case.flow.subject.name)
    if isinstance(name, str):
        assert name not in shown
        assert national.mask_name(name) in shown


async def read_receipt(case: Case, seen: Coverage) -> None:
    """The receipt of every service, and what its code says to anybody."""
    path = f"/cases/{case.number}/receipt"
    assert case.number in await case.who.caller.page(path)
    seen.printable.append((case.who.caller, f"{path}?format=pdf"))
    shown = await case.county.visitor.page(urlsplit(case.seen["verify_url"]).path)
    assert "回执属实" in shown
    await _shows_no_more_than(case, shown)
