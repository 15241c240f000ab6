"""Other cases with the same identity number, phone, bank card, invoice or photo of one, and two of them compared."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from backend.casework import catalogue, headlines
from backend.casework.enums import OPEN, PAIR_VERDICT_TEXT, CaseStatus, FieldKind, KeyKind, PairVerdict
from backend.casework.forms import words
from backend.casework.queries import case_views, records
from backend.casework.queries.records import CaseRecord
from backend.casework.queries.scope import JOINS, VIEW
from backend.casework.schemas import CompareRow, CompareView, DuplicateView
from backend.core import clock, database, national
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.membership import queries as members

LATELY = timedelta(days=365)
_MOST_ROWS, _MOST_SHOWN = 200, 10
_REASONS = {
    KeyKind.ID_NO: "身份证号",
    KeyKind.PHONE: "手机号",
    KeyKind.BANK_CARD: "银行卡号",
    KeyKind.INVOICE: "发票",
    KeyKind.PHOTO: "发票照片",
}


class Twin(msgspec.Struct, kw_only=True):
    """Another case, once for each thing that the two share."""

    id: int
    number: str
    flow: str
    flow_version: int
    status: CaseStatus
    subject_name: str
    id_no_index: str | None
    submitted_at: datetime
    kind: KeyKind
    desk_path: str | None
    target_path: str | None


_TWINS = (
    "SELECT c.id, c.number, c.flow, c.flow_version, c.status, c.subject_name, c.id_no_index, c.submitted_at, k.kind,"  # noqa: S608
    " d.path AS desk_path, t.path AS target_path FROM case_key m"
    " JOIN case_key k ON k.key_index = m.key_index AND k.case_id <> m.case_id"
    f" JOIN case_file c ON c.id = k.case_id{JOINS}"
)


async def duplicates_of(case: CaseRecord, actor: Actor) -> list[DuplicateView]:
    """What waits for a word first, then the latest; two queries. Of another branch only that there is one."""
    marks = ", ".join(["%s"] * len(OPEN))
    found = await database.views(
        Twin,
        f"{_TWINS} WHERE m.case_id = %s AND c.status <> %s AND (c.status IN ({marks}) OR c.submitted_at >= %s)"
        " ORDER BY c.id DESC LIMIT %s",
        case.id,
        CaseStatus.WITHDRAWN.value,
        *(status.value for status in OPEN),
        clock.now() - LATELY,
        _MOST_ROWS,
    )
    verdicts = await _verdicts(case.id) if found else {}
    shared: dict[int, list[Twin]] = {}
    for twin in found:
        shared.setdefault(twin.id, []).append(twin)
    views = [_view(case, twins, verdicts.get(twins[0].id), actor) for twins in shared.values()]
    ordered = sorted(views, key=lambda view: not view.to_decide)
    return [*ordered[:_MOST_SHOWN], *await _membership(case)]


async def _verdicts(case_id: int) -> dict[int, PairVerdict]:
    """Other case → what was said of the two."""
    found = await database.rows(
        "SELECT low_id, high_id, verdict FROM case_pair WHERE low_id = %s OR high_id = %s", case_id, case_id
    )
    return {row["high_id"] if row["low_id"] == case_id else row["low_id"]: PairVerdict(row["verdict"]) for row in found}


def _view(case: CaseRecord, twins: Sequence[Twin], verdict: PairVerdict | None, actor: Actor) -> DuplicateView:
    one, kinds = twins[0], {twin.kind for twin in twins}
    seen = any(actor.covers(VIEW, path) for path in (one.desk_path, one.target_path) if path)
    return DuplicateView(
        reason="同一" + "、".join(text for kind, text in _REASONS.items() if kind in kinds),
        number=one.number if seen else None,
        subject=national.mask_name(one.subject_name),
        status_text=headlines.status_text(one.status),
        service=catalogue.version(one.flow, one.flow_version).name,
        submitted_on=clock.local(one.submitted_at).date().isoformat(),
        verdict=verdict or "",
        verdict_text=PAIR_VERDICT_TEXT[verdict] if verdict else "",
        to_decide=verdict is None and asks(case, one, kinds),
    )


def asks(case: CaseRecord, other: Twin, kinds: set[KeyKind]) -> bool:
    """Whether somebody has to look: the same service for the same person, one invoice or its photo twice, or one bank
    card for two people. That somebody asks for two different things is no duplicate.
    """
    if case.status not in OPEN or other.status == CaseStatus.REJECTED:
        return False
    two_people = case.id_no_index != other.id_no_index
    one_invoice = not kinds.isdisjoint({KeyKind.INVOICE, KeyKind.PHOTO})
    return other.flow == case.flow or one_invoice or (KeyKind.BANK_CARD in kinds and two_people)


async def _membership(case: CaseRecord) -> list[DuplicateView]:
    """Only of interest where the applicant is not that member already, and the case not the one that made it."""
    if case.id_no_index is None or case.member_id is not None or case.status == CaseStatus.APPROVED:
        return []
    found = await members.effective_by_id_no(case.id_no_index)
    if found is None:
        return []
    return [DuplicateView(reason="同一身份证号已有会籍", number=None, subject=found.union_name, status_text="在册")]


# ---- side by side -------------------------------------------------------------------------


async def compared(number: str, other: str, actor: Actor) -> CompareView:
    """Two cases that the actor sees and that share something; fields that differ are marked."""
    this, that = await records.record(number, actor), await records.record(other, actor)
    if this.id == that.id or not await share_keys(this.id, that.id):
        raise NotFound("case_not_found")
    verdict = (await _verdicts(this.id)).get(that.id)
    return CompareView(
        this=this.number,
        other=that.number,
        version=this.version,
        other_version=that.version,
        rows=[*_heads(this, that), *await _fields(this, that)],
        verdict=verdict or "",
        verdict_text=PAIR_VERDICT_TEXT[verdict] if verdict else "",
        may_merge=same_affair(this, that) and later_of(this, that).status in OPEN,
        later=later_of(this, that).number,
    )


async def share_keys(one: int, other: int) -> bool:
    found = await database.scalar(
        "SELECT k.id FROM case_key m JOIN case_key k ON k.key_index = m.key_index"
        " WHERE m.case_id = %s AND k.case_id = %s LIMIT 1",
        one,
        other,
    )
    return found is not None


class Affair(msgspec.Struct, frozen=True):
    """What says whether two cases ask for the same thing for the same person."""

    flow: str
    person: object


def same_affair(one: Any, other: Any) -> bool:
    """The same service for the same person: by identity number, where the form has none by who sent it."""

    def affair(case: Any) -> Affair | None:
        person = case.id_no_index or case.member_id or case.applicant_id
        return Affair(case.flow, person) if person else None

    return affair(one) is not None and affair(one) == affair(other)


def later_of(one: CaseRecord, other: CaseRecord) -> CaseRecord:
    return max(one, other, key=lambda case: (case.submitted_at, case.id))


def _heads(this: CaseRecord, that: CaseRecord) -> list[CompareRow]:
    pairs = {
        "业务": (this.spec.name, that.spec.name),
        "申请人": (national.mask_name(this.subject_name), national.mask_name(that.subject_name)),
        "提交时间": tuple(f"{clock.local(case.submitted_at):%Y-%m-%d %H:%M}" for case in (this, that)),
        "状态": (headlines.status_text(this.status), headlines.status_text(that.status)),
        "窗口": (this.desk_name or "", that.desk_name or ""),
    }
    return [
        CompareRow(label=label, this=one, other=other, differs=one != other) for label, (one, other) in pairs.items()
    ]


async def _fields(this: CaseRecord, that: CaseRecord) -> list[CompareRow]:
    """In the order of this form; what only the other one asks comes after it."""
    mine, theirs = await _answers(this), await _answers(that)
    rows = []
    for label in [*mine, *(label for label in theirs if label not in mine)]:
        (said, value), (other_said, other_value) = mine.get(label, ("", None)), theirs.get(label, ("", None))
        differs = value != other_value
        if differs and said == other_said:  # the difference lies in what is hidden, or inside the rows
            other_said = f"{other_said}（不同）"
        rows.append(CompareRow(label=label, this=said, other=other_said, differs=differs))
    return rows


async def _answers(case: CaseRecord) -> Mapping[str, tuple[str, Any]]:
    """Label → the value in masked words, and itself."""
    flow, content = case.spec, case.content
    choices = await case_views.union_choices(flow, content.values)
    said: dict[str, tuple[str, Any]] = {}
    for spec in flow.fields:
        value = content.values.get(spec.name)
        if value is not None and spec.kind != FieldKind.FILE:
            said[spec.label] = (words.display(spec, value, choices), value)
    for slot in flow.attachments:
        held = content.attachments.get(slot.name, [])
        said[slot.label] = (f"{len(held)} 份", len(held))
    return said
