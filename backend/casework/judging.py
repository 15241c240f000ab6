"""Eligibility and conditions of steps: facts are asked once, predicates are judged over them."""

from collections.abc import Mapping
from typing import Any, Protocol

from backend.casework import catalogue
from backend.casework.flows import EligibilityCheck, Flow, StepSpec
from backend.casework.forms.facts import form_facts
from backend.casework.protocols import Question
from backend.casework.schemas import EligibilityCheck as EligibilityLine
from backend.core import predicates
from backend.core.errors import FieldError, Invalid

Facts = Mapping[str, Any]


class Explain(Protocol):
    """What a refused person should know beside the sentence, safe to tell a stranger."""

    async def __call__(self, question: Question) -> dict[str, Any]: ...


_explanations: Mapping[str, Explain] = {}


def configure(explanations: Mapping[str, Explain]) -> None:
    """Code of a refusal → what explains it. Handed over once, at start."""
    global _explanations  # noqa: PLW0603 - one table a process
    _explanations = explanations


class NotEligible(Invalid):
    """A check of the flow file failed; its sentence says why and what to do."""

    def __init__(self, flow: Flow, failed: list[EligibilityCheck], extra: dict[str, Any]) -> None:
        super().__init__([FieldError(_field_of(flow, check), check.refusal) for check in failed])
        self.code = failed[0].code
        self.detail = failed[0].refusal
        self.extra = extra


async def gather(flow: Flow, question: Question, more: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Every fact that the flow's conditions need, and `more`; those of the form and the parameters need no asking."""
    bound = catalogue.bindings().facts
    asked = {name: await bound[name](question) for name in sorted(flow.facts_needed | more)}
    return asked | form_facts(flow, question.values, question.today)


async def require_eligible(flow: Flow, facts: Facts, question: Question) -> None:
    failed = [
        check
        for check in flow.eligibility.checks
        if check.on_false == "refuse" and predicates.evaluate(check.predicate, facts.get, today=question.today) is False
    ]
    if not failed:
        return
    explain = _explanations.get(failed[0].code)
    raise NotEligible(flow, failed, await explain(question) if explain else {})


def eligibility_lines(flow: Flow, facts: Facts, question: Question) -> list[EligibilityLine]:
    """Each check with what is known of it now; a check that waits for the form is unknown."""
    states = {True: "pass", False: "fail", None: "unknown"}
    lines = []
    for check in flow.eligibility.checks:
        state = states[predicates.evaluate(check.predicate, facts.get, today=question.today)]
        lines.append(EligibilityLine(text=check.refusal if state == "fail" else check.text, state=state))
    return lines


def applies(step: StepSpec, facts: Facts, question: Question) -> bool:
    """A step is left out only when its condition is known to be false."""
    if step.when is None:
        return True
    return predicates.evaluate(step.when, facts.get, today=question.today) is not False


def _field_of(flow: Flow, check: EligibilityCheck) -> str:
    """The form's field that the check is about: what is asked of a person goes by their identity number."""
    if check.field:
        return check.field
    facts = sorted(check.predicate.facts)
    named = [name.removeprefix("form.") for name in facts if name.startswith("form.")]
    if not named and any(name.startswith("worker.") for name in facts):
        return flow.subject.id_no
    return named[0] if named else ""
