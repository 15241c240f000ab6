"""Whether a case is clean, and whether it is one of the few that a person looks at all the same."""

import hashlib
from datetime import date

import msgspec

from backend.casework import catalogue, judging, rules
from backend.casework.enums import CaseStatus
from backend.casework.flows import Flow
from backend.casework.protocols import Question
from backend.core import predicates
from backend.core.actor import Actor

# In its own name in every history, so that nobody takes it for a colleague.
AUTOMATIC = Actor(kind="system", display="系统自动办理")
_FIRST_ROUND = 1


class Judged(msgspec.Struct, frozen=True):
    """What is known to hold, and what is not, in the words of the flow file."""

    held: tuple[str, ...]
    failed: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        return not self.failed


def is_sampled(case_id: int, percent: int) -> bool:
    """The same answer for the same case whenever it is asked, and nothing an applicant could choose."""
    digest = hashlib.sha256(f"straight-through/{case_id}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % 100 < percent


def is_due(
    flow: Flow, standing: rules.Standing, *, step_index: int, round_no: int, filed_by: int | None, today: date
) -> bool:
    """Only what no person has touched: new, in its first round, in no batch and not typed in by a clerk."""
    spec = flow.straight_through
    return (
        spec is not None
        and spec.is_on(today)
        and standing.status == CaseStatus.SUBMITTED
        and standing.batch_id is None
        and round_no == _FIRST_ROUND
        and filed_by is None
        and flow.steps[step_index].name in spec.steps
    )


async def judge(flow: Flow, question: Question) -> Judged:
    """Eligibility, automatic checks and the rules; what nobody knows does not hold."""
    spec = flow.straight_through
    facts = await judging.gather(flow, question, flow.straight_facts)
    found: list[tuple[str, bool | None]] = []
    for check in flow.eligibility.checks:
        answer = predicates.evaluate(check.predicate, facts.get, today=question.today)
        if answer is not None or check.on_unknown == "ask":
            found.append((check.text, answer))
    for name in flow.checks:
        checked = await catalogue.bindings().checks[name](question)
        found.append((checked.text, checked.ok))
    for rule in spec.rules if spec is not None else ():
        found.append((rule.text, predicates.evaluate(rule.predicate, facts.get, today=question.today)))
    held, failed = ([text for text, answer in found if (answer is True) == wanted] for wanted in (True, False))
    return Judged(tuple(held), tuple(failed))
