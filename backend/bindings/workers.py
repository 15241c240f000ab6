"""Social workers: what conditions of their flow ask of the register, and what its cases write there."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from backend.casework.protocols import Approved, Question
from backend.core import crypto
from backend.core.errors import Conflict, FieldError, Invalid
from backend.grading import commands, queries
from backend.grading.enums import Post, TrainingKind, YearResult
from backend.grading.worker_schemas import Because, NewWorker, Training
from backend.membership import queries as roll
from backend.payments.enums import DUE_TEXT, DueState
from backend.unions import queries as unions

Params = Mapping[str, Any]
Answer = dict[str, Any]

_HIRE, _PROMOTE, _POST, _BONUS = "hire", "promote", "band_change", "bonus"


class _Asked(msgspec.Struct, frozen=True):
    """Whose entry is asked for; `own` by the person themselves."""

    index: str
    own: bool


async def _asked(question: Question) -> _Asked | None:
    number = question.values.get("worker_id")
    if not isinstance(number, str) or not number:
        return None
    own = question.member_id is not None and await roll.has_id_no(question.member_id, number)
    return _Asked(crypto.blind_index("id_no", number), own)


# ---- facts ------------------------------------------------------------------------


async def in_post(question: Question) -> bool | None:
    """Whether the person of the form is in service as a social worker; strangers learn nothing of it."""
    who = await _asked(question)
    return None if who is None else await queries.is_in_post(who.index, question.actor, question.today, own=who.own)


async def may_ask(question: Question) -> bool | None:
    """A case about a worker is the worker's own, or filed by staff: a grade is nobody else's business."""
    who = await _asked(question)
    return None if who is None else who.own or question.actor.is_staff


async def grade_fits(question: Question) -> bool | None:
    post, grade = question.values.get("post_band"), question.values.get("grade")
    if post not in set(Post) or not isinstance(grade, int):
        return None
    return queries.grade_fits(Post(post), grade)


async def promotion(question: Question) -> str | None:
    """`ok`, or the code of what is against it."""
    who, grade = await _of_kind(question, _PROMOTE), question.values.get("grade")
    if who is None or not isinstance(grade, int):
        return None
    return await queries.promotion(who.index, question.actor, question.today, own=who.own, grade=grade)


async def post_change(question: Question) -> str | None:
    who, post = await _of_kind(question, _POST), question.values.get("post_band")
    if who is None or post not in set(Post):
        return None
    grade = question.values.get("grade")
    return await queries.post_change(
        who.index,
        question.actor,
        question.today,
        own=who.own,
        post=Post(post),
        grade=grade if isinstance(grade, int) else None,
    )


async def bonus(question: Question) -> str | None:
    who, values = await _of_kind(question, _BONUS), question.values
    year, amount = values.get("appraise_year"), values.get("bonus_amount")
    if who is None or not isinstance(year, int) or not isinstance(amount, int):
        return None
    return await queries.bonus(
        who.index,
        question.actor,
        question.today,
        own=who.own,
        year=year,
        amount_fen=amount,
        case_id=question.case_id,
    )


async def _of_kind(question: Question, kind: str) -> _Asked | None:
    return await _asked(question) if question.values.get("biz_kind") == kind else None


# ---- outcomes ---------------------------------------------------------------------


async def write_worker(approved: Approved, params: Params) -> Answer:
    """What the choice in `biz_kind` says, into the register; refused where its rules are against it."""
    try:
        await _write(approved)
    except Invalid as error:
        words = error.errors[0].message.rstrip("。")
        raise Conflict("worker_refused", words=words) from error
    return {}


async def _write(approved: Approved) -> None:
    values, actor, because = approved.values, approved.decided_by, _because(approved)
    index = crypto.blind_index("id_no", str(values["worker_id"]))
    who: dict[str, Any] = {"index": index, "because": because}
    match values["biz_kind"]:
        case "hire":
            await _hire(approved, because)
        case "initial":
            await commands.set_first_grade(actor, data=_hiring(approved), **who)
        case "promote":
            await commands.promote_worker(actor, grade=values["grade"], **who)
        case "band_change":
            await commands.change_post(actor, post=Post(values["post_band"]), grade=values["grade"], **who)
        case "appraise":
            year, result = values["appraise_year"], YearResult(values["appraise_result"])
            await commands.appraise_worker(actor, year=year, result=result, **who)
        case "bonus":
            year, amount = values["appraise_year"], values["bonus_amount"]
            await commands.grant_bonus(actor, year=year, amount_fen=amount, case_id=approved.case_id, **who)
        case "train":
            await commands.train_worker(actor, training=_training(values, "training_kind", "trained_on"), **who)
        case "exit":
            await commands.leave_worker(actor, left_on=date.fromisoformat(values["left_on"]), **who)
        case _:
            await commands.note_election(actor, **who)


async def _hire(approved: Approved, because: Because) -> None:
    place = await unions.place(approved.target_union_id or approved.desk_union_id or 0)
    if place is None:
        raise Conflict("union_unknown")
    await commands.hire_worker(approved.decided_by, data=_hiring(approved), place=place, because=because)


def _hiring(approved: Approved) -> NewWorker:
    values = approved.values
    return NewWorker(
        name=values["worker_name"],
        id_no=values["worker_id"],
        union_id="",
        hired_on=date.fromisoformat(values["hire_date"]),
        post=Post(values["post_band"]),
        start_grade=values["grade"],
        reason="",
    )


def _training(values: Mapping[str, Any], kind: str, day: str) -> Training:
    hours = values.get("training_hours") or values.get("hours") or ""
    return Training(on=date.fromisoformat(values[day]), kind=TrainingKind(values[kind]), hours=str(hours))


def _because(approved: Approved) -> Because:
    said = str(approved.act.get("basis") or approved.act.get("content") or approved.values.get("basis") or "")
    return Because(reason=said, reference=approved.reference, key=f"case:{approved.reference}")


async def train_worker(approved: Approved, params: Params) -> Answer:
    """A training that was written down beside an approved case."""
    index = crypto.blind_index("id_no", str(approved.values["worker_id"]))
    training = _training(approved.act, "kind", "on_day")
    try:
        await commands.train_worker(approved.decided_by, index=index, training=training, because=_because(approved))
    except Conflict as error:
        raise Invalid([FieldError("on_day", error.detail)], code=error.code) from error
    return {}


async def pay_worker_bonus(approved: Approved, params: Params) -> Answer:
    """What was granted is due: the amount that was approved, whoever presses the button."""
    due = await commands.pay_bonus(approved.decided_by, case_id=approved.case_id, case_number=approved.number)
    return {"due_fen": due, "due_text": DUE_TEXT[DueState.WAITING]}
