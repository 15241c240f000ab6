"""From what was sent to a form that may become a case, or everything that is wrong with it at once."""

from collections.abc import Awaitable, Collection, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from backend.casework import attachments, judging, prefilling
from backend.casework.commands import filing
from backend.casework.commands.filing import INVITE_FIELD, PRIVACY_VERSION_FIELD
from backend.casework.contents import Content
from backend.casework.flows import Flow
from backend.casework.forms import parse
from backend.casework.prefilling import Given
from backend.casework.schemas import SubmitInput
from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import FieldError, Invalid, sentence
from backend.unions import queries as unions
from backend.unions.schemas import UnionPlace

T = TypeVar("T")


class Problems:
    """What is wrong with a form, gathered until everything was looked at."""

    def __init__(self, flow: Flow, errors: Sequence[FieldError] = ()) -> None:
        self._places = {spec.name: index for index, spec in enumerate((*flow.fields, *flow.attachments))}
        self._errors = list(errors)
        self._refusals: list[Invalid] = []

    def add(self, errors: Sequence[FieldError]) -> None:
        self._errors += errors

    async def of(self, step: Awaitable[T]) -> T | None:
        """What the step gives; None when it refused, which is kept for the end."""
        try:
            return await step
        except Invalid as exc:
            self._refusals.append(exc)
            return None

    def settle(self) -> None:
        """Raise what was gathered, in the order of the form, one sentence a place. A single refusal keeps its own
        code and sentence."""
        if not self._errors and not self._refusals:
            return
        if not self._errors and len(self._refusals) == 1:
            raise self._refusals[0]
        errors: dict[str, FieldError] = {}
        for error in (*self._errors, *(error for refusal in self._refusals for error in refusal.errors)):
            errors.setdefault(error.field, error)
        extra = {name: value for refusal in self._refusals for name, value in refusal.extra.items()}
        raise Invalid(sorted(errors.values(), key=self._place), extra=extra)

    def _place(self, error: FieldError) -> int:
        return self._places.get(error.field.split(".")[0], len(self._places))


class Reading(msgspec.Struct, frozen=True):
    """`invited` is the union behind the invite that was sent along or that the address brought."""

    content: Content
    problems: Problems
    invited: str | None


async def read(
    flow: Flow,
    data: SubmitInput,
    *,
    asker: Actor,
    given: Given,
    kept: Mapping[str, Any] | None = None,
    fixed: Mapping[str, Any] | None = None,
) -> Reading:
    """`kept` are sensitive values of the draft, which masked ones stand for; `fixed` values of fields that the
    system fills in, before any prefill. What was sent for such a field counts only where it is an invite.
    """
    problems = Problems(flow)
    invited, code = None, ""
    if flow.field(INVITE_FIELD):
        code = data.form.get(INVITE_FIELD) or given.get("invite", "")
    if code:
        invited = await problems.of(filing.invited_to(code))
    if invited is not None:
        code = unions.normal_code(str(code))
        given, fixed = {**given, "invite": code}, {INVITE_FIELD: code, **(fixed or {})}
    known = {**await prefilling.known(flow, asker, data.form, given), **(kept or {}), **(fixed or {})}
    parsed = parse.parse_form(flow, data.form, files=data.attachments, today=clock.today(), known=known)
    problems.add(parsed.errors)
    problems.add(_outdated(flow, data.form, known))
    held = {slot: list(files) for slot, files in data.attachments.items() if files}
    content = Content(parsed.values, parsed.sensitive, held)
    if invited is None and (brought := content.values.get(INVITE_FIELD)):
        invited = await problems.of(filing.invited_to(brought))
    return Reading(content, problems, invited)


def _outdated(flow: Flow, form: Mapping[str, Any], known: Mapping[str, Any]) -> list[FieldError]:
    """An app says which wording it showed; one that is no longer in force was not agreed to."""
    shown = form.get(PRIVACY_VERSION_FIELD)
    if shown in (None, "") or flow.field(PRIVACY_VERSION_FIELD) is None or shown == known.get(PRIVACY_VERSION_FIELD):
        return []
    return [FieldError(PRIVACY_VERSION_FIELD, sentence("consent_text_changed"))]


async def judge(
    flow: Flow,
    reading: Reading,
    *,
    actor: Actor,
    member_id: int | None,
    target: UnionPlace | None,
    handed_over: Collection[str] = (),
) -> dict[str, Any]:
    """The facts that the flow's conditions need. Who may not apply, and files that are neither the actor's own nor
    `handed_over`, are among what is wrong; then all of it is raised."""
    content, problems = reading.content, reading.problems
    question = filing.question_of(flow, actor, content, member_id, target)
    facts = await judging.gather(flow, question)
    await problems.of(judging.require_eligible(flow, facts, question))
    files = attachments.of_values(flow, content.attachments, content.values)
    await problems.of(attachments.require_mine(files, actor, already=handed_over))
    await problems.of(attachments.require_different(flow, content.attachments))
    problems.settle()
    return facts
