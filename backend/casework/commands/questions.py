"""Asking another desk for its opinion, and answering. The case stays where it is, its clock goes on, and it may be
decided before the answer comes; a question that is open then lapses."""

from datetime import date, timedelta
from typing import NoReturn

from tortoise.exceptions import IntegrityError

from backend.casework import rules, timeline
from backend.casework.commands import transitions
from backend.casework.commands.access import desk_case, find, flow_of, standing_of
from backend.casework.commands.hold_transfer import other_desk
from backend.casework.enums import AT_DESK, OPEN, VERDICT_TEXT, CaseAction, QuestionState, Verdict
from backend.casework.events import QuestionAnswered, QuestionAsked
from backend.casework.flows import Flow
from backend.casework.models import Case, CaseQuestion
from backend.casework.schemas import AnswerInput, QuestionInput
from backend.core import audit, clock, database, ids, outbox, reference
from backend.core.actor import Actor, Post
from backend.core.command import command
from backend.core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, sentence
from backend.unions.schemas import Desk as Place

LONGEST_WAIT = timedelta(days=60)


@command
async def ask(*, number: str, data: QuestionInput, actor: Actor) -> str:
    """Put a question to another desk of the county; its public id. A desk is not asked twice at a time."""
    seen = await find(number)
    case, post = await desk_case(number, actor, version=seen.version if seen else 0)
    place = await _addressee(case, post, data)
    due = _due_on(flow_of(case), data.due_on)
    await _count(case)
    question_id = ids.new_id()
    row = {
        "id": question_id,
        "case_id": case.id,
        "union_id": place.union_id,
        "role": place.role,
        "state": QuestionState.OPEN.value,
        "text": data.text.strip(),
        "shared": data.shared,
        "asked_by": actor.account_id,
        "asker_label": timeline.actor_label(actor, post),
        "asked_at": clock.now(),
        "due_on": due,
        "reminded": False,
        "answer": "",
        "answerer_label": "",
        "open_key": f"{case.id}:{place.union_id}:{place.role}",
    }
    try:
        await database.insert("case_question", row)
    except IntegrityError as exc:
        raise Conflict("question_open") from exc
    words = f"{place.label}：{data.text.strip()}"
    event_id = await transitions.note(case, CaseAction.ASK, actor, comment=words, private=not data.shared, post=post)
    detail = {"case": case.id, "union": place.union_id, "role": place.role}
    await audit.record(actor, "question.asked", object_kind="question", object_id=question_id, detail=detail)
    asked = QuestionAsked(case.id, event_id, place.union_id, place.role, due, post.union_name)
    await outbox.emit(asked, key=str(question_id))
    return ids.public(question_id)


@command
async def answer(*, question: str, data: AnswerInput, actor: Actor) -> str:
    """The one answer to a question, by whoever serves the desk that was asked; the number of its case."""
    found = await CaseQuestion.get_or_none(id=ids.parse(question) or 0)
    case = await Case.get_or_none(id=found.case_id) if found else None
    post = rules.post_at(actor, found.union_id, found.role) if found else None
    if found is None or case is None or post is None:
        raise NotFound("question_unknown")
    if rules.is_own(actor, standing_of(case)):
        raise Forbidden("own_case")
    verdict, text = _said(data)
    label = timeline.actor_label(actor, post)
    await _settle(found, actor, verdict, text, label)
    words = f"{VERDICT_TEXT[verdict]}：{text}"
    event_id = await transitions.note(
        case, CaseAction.ANSWER, actor, comment=words, private=not found.shared, post=post
    )
    detail = {"case": case.id, "verdict": verdict.value}
    await audit.record(actor, "question.answered", object_kind="question", object_id=found.id, detail=detail)
    answered = QuestionAnswered(case.id, event_id, found.asked_by, post.union_name)
    await outbox.emit(answered, key=str(found.id))
    return case.number


async def _addressee(case: Case, post: Post, data: QuestionInput) -> Place:
    """The desk that is asked, or everything that is wrong with the question at once."""
    errors: list[FieldError] = []
    try:
        place = await other_desk(case, post, to_union=data.to_union, role=data.role)
    except Invalid as exc:
        place = None
        errors += exc.errors
    text = data.text.strip()
    if not text:
        errors.append(FieldError("text", sentence("question_empty")))
    elif len(text) > rules.MAX_QUESTION:
        errors.append(FieldError("text", sentence("comment_too_long", limit=rules.MAX_QUESTION)))
    today = clock.today()
    if data.due_on is not None and not today <= data.due_on <= today + LONGEST_WAIT:
        errors.append(FieldError("due_on", sentence("question_due", days=LONGEST_WAIT.days)))
    if place is None or errors:
        raise Invalid(errors)
    return place


def _due_on(flow: Flow, wanted: date | None) -> date:
    """A working day: the one that was asked for or the next one after it, else the flow's own number of them."""
    calendar = reference.calendar()
    if wanted is not None:
        return calendar.next_workday(wanted)
    return calendar.add_workdays(clock.today(), flow.question_days)


async def _count(case: Case) -> None:
    """One more open question, while the case still lies at the desk that asks. It changes nothing that a clerk has
    open, so no new version."""
    marks = ", ".join(["%s"] * len(AT_DESK))
    counted = await database.execute(
        "UPDATE case_file SET open_questions = open_questions + 1"  # noqa: S608 - placeholders only
        f" WHERE id = %s AND desk_union_id = %s AND desk_role = %s AND status IN ({marks})",
        case.id,
        case.desk_union_id,
        case.desk_role,
        *(status.value for status in AT_DESK),
    )
    if not counted:
        await transitions.lost(case.id)


def _said(data: AnswerInput) -> tuple[Verdict, str]:
    text, errors = data.text.strip(), []
    if data.verdict not in set(Verdict):
        errors.append(FieldError("verdict", sentence("verdict_missing")))
    if not text:
        errors.append(FieldError("text", sentence("answer_empty")))
    elif len(text) > rules.MAX_QUESTION:
        errors.append(FieldError("text", sentence("comment_too_long", limit=rules.MAX_QUESTION)))
    if errors:
        raise Invalid(errors)
    return Verdict(data.verdict), text


async def _settle(found: CaseQuestion, actor: Actor, verdict: Verdict, text: str, label: str) -> None:
    """The case's row first, as a decision does, so that the two wait for each other in one order."""
    marks = ", ".join(["%s"] * len(OPEN))
    await database.execute(
        f"UPDATE case_file SET open_questions = open_questions - 1 WHERE id = %s AND status IN ({marks})",  # noqa: S608
        found.case_id,
        *(status.value for status in OPEN),
    )
    guard, values = _unanswered()
    settled = await database.execute(
        "UPDATE case_question SET state = %s, verdict = %s, answer = %s, answered_by = %s, answerer_label = %s,"  # noqa: S608
        f" answered_at = %s, open_key = NULL WHERE id = %s{guard}",
        QuestionState.ANSWERED.value,
        verdict.value,
        text,
        actor.account_id,
        label,
        clock.now(),
        found.id,
        *values,
    )
    if not settled:
        await _lost(found.id)


def _unanswered() -> tuple[str, list[str]]:
    """What makes the answer the only one; the race test shows what happens without it."""
    return " AND state = %s", [QuestionState.OPEN.value]


async def _lost(question_id: int) -> NoReturn:
    """Tell whoever came too late who answered, or that nobody waits for it any more."""
    now = await CaseQuestion.get(id=question_id)
    if now.state == QuestionState.LAPSED or now.answered_at is None:
        raise Conflict("question_lapsed")
    by, at = now.answerer_label, now.answered_at
    raise Conflict(
        "question_answered",
        extra={"by": by, "at": clock.iso(at)},
        by=by,
        at=clock.local(at).strftime("%H:%M"),
    )
