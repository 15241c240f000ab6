"""Cases as a table that staff take out: what the queue, the archive or a figure shows, and of one service its form."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from backend.casework import catalogue, contents, headlines, months
from backend.casework.contents import Stored
from backend.casework.enums import CLOSED, OPEN, CaseStatus, FieldKind
from backend.casework.flows import FieldSpec, Flow
from backend.casework.forms import words
from backend.casework.protocols import ExportFilter, ExportKind, ExportRow, ExportWanted, Filters
from backend.casework.queries.scope import JOINS, desks_of, visible_to
from backend.casework.queries.statistics import MONTHS, RowsQuery, behind
from backend.casework.rules import UNDECIDED
from backend.core import clock, database, ids, national, reference
from backend.core.actor import Actor
from backend.unions import queries as unions

FIGURES = {"in": "收件", "out": "办结", "open": "在办", "overdue": "逾期", "returned": "退回过"}
_GROUPS = {"open": ("办理中", OPEN), "closed": ("已办结", CLOSED), "waiting": ("待办理", UNDECIDED)}
_PLAIN = {FieldKind.INT: int, FieldKind.MONEY: lambda fen: Decimal(fen) / 100}
_UNITS = {FieldKind.MONEY: "（元）"}
_COLUMNS = (
    *("办件编号", "业务", "状态", "申请人", "身份证号", "手机号", "内容", "乡镇街道", "申请到", "经办工会", "当前环节"),
    *("提交时间", "最后一天", "办结时间", "处理意见"),
)


async def services(actor: Actor) -> Mapping[str, str]:
    return {item.slug: item.name for item in catalogue.directory().items if item.enabled}


async def _statuses(actor: Actor) -> Mapping[str, str]:
    groups = {name: label for name, (label, _) in _GROUPS.items()}
    return groups | {status.value: headlines.status_text(status) for status in CaseStatus}


async def _desks(actor: Actor) -> Mapping[str, str]:
    return {"mine": "我的窗口"}


async def _late(actor: Actor) -> Mapping[str, str]:
    return {"1": "只要逾期的"}


async def _due(actor: Actor) -> Mapping[str, str]:
    return {"1": "只要今天到期的"}


async def _figures(actor: Actor) -> Mapping[str, str]:
    return FIGURES


async def lately(actor: Actor) -> Mapping[str, str]:
    return {month: month for month in reversed(months.last(MONTHS, clock.today()))}


async def towns(actor: Actor) -> Mapping[str, str]:
    """The township that a figure was narrowed to is known by its code."""
    divisions = reference.divisions()
    found = await database.rows("SELECT DISTINCT division FROM union_org WHERE division <> ''")
    return {row["division"]: divisions.name(row["division"]) or row["division"] for row in found}


FILTERS: Mapping[str, ExportFilter] = {
    "service": ExportFilter(label="业务", options=services),
    "status": ExportFilter(label="状态", options=_statuses),
    "desk": ExportFilter(label="范围", options=_desks),
    "from": ExportFilter(label="提交日期从", kind="date"),
    "to": ExportFilter(label="提交日期到", kind="date"),
    "overdue": ExportFilter(label="时限", options=_late, offered=False),
    "due": ExportFilter(label="时限", options=_due, offered=False),
    "figure": ExportFilter(label="统计数", options=_figures, offered=False),
    "division": ExportFilter(label="乡镇街道", options=towns, offered=False),
    "month": ExportFilter(label="月份", options=lately, offered=False),
}


def matching(actor: Actor, filters: Filters) -> tuple[str, list[Any]]:
    """A condition on `case_file c` with `JOINS`, and its values."""
    if filters.get("figure"):
        wanted = RowsQuery(
            kind=filters["figure"],
            flow=filters.get("service", ""),
            town=filters.get("division", ""),
            month=filters.get("month", ""),
        )
        return behind(actor, wanted)
    scope, values = _desk(actor) if filters.get("desk") else visible_to(actor)
    conditions = [scope]
    for condition, given in _narrowed(filters):
        conditions.append(condition)
        values += given
    return f" AND {' AND '.join(conditions)}", values


def _desk(actor: Actor) -> tuple[str, list[Any]]:
    """What waits at the desks that the actor serves."""
    desks = desks_of(actor)
    if not desks:
        return "1 = 0", []
    one = "(c.desk_union_id = %s AND c.desk_role = %s)"
    return f"({' OR '.join([one] * len(desks))})", [part for desk in desks for part in desk]


def _narrowed(filters: Filters) -> list[tuple[str, list[Any]]]:
    found: list[tuple[str, list[Any]]] = []
    if service := filters.get("service"):
        found.append(("c.flow = %s", [service]))
    if status := filters.get("status"):
        _, statuses = _GROUPS.get(status, ("", (status,)))
        found.append((f"c.status IN ({', '.join(['%s'] * len(statuses))})", [str(one) for one in statuses]))
    if first := filters.get("from"):
        found.append(("c.submitted_at >= %s", [clock.start_of(date.fromisoformat(first))]))
    if last := filters.get("to"):
        found.append(("c.submitted_at < %s", [clock.start_of(date.fromisoformat(last) + timedelta(days=1))]))
    if filters.get("overdue"):
        found.append(("c.next_due_on < %s", [clock.today()]))
    if filters.get("due"):
        found.append(("c.next_due_on = %s", [clock.today()]))
    return found


class _Row(msgspec.Struct, kw_only=True):
    id: int
    number: str
    flow: str
    flow_version: int
    status: CaseStatus
    step_index: int
    applicant_id: int | None
    member_id: int | None
    subject_name: str
    summary: str
    division: str
    form: str
    sealed: str
    submitted_at: datetime
    next_due_on: date | None
    decided_at: datetime | None
    decision_comment: str
    desk_name: str | None
    target_name: str | None


_OF_CASE = [field.encode_name for field in msgspec.structs.fields(_Row)][:-2]
_NAMES = ", ".join(f"c.`{name}`" for name in _OF_CASE)
_SELECT = f"SELECT {_NAMES}, d.name AS desk_name, t.name AS target_name FROM case_file c{JOINS}"  # noqa: S608


async def count(wanted: ExportWanted) -> int:
    condition, values = matching(wanted.actor, wanted.filters)
    [row] = await database.patient_rows(
        f"SELECT COUNT(*) AS cases FROM case_file c{JOINS} WHERE c.id <= %s{condition}",  # noqa: S608
        wanted.through,
        *values,
    )
    return int(row["cases"])


async def rows(wanted: ExportWanted, after: int, limit: int) -> list[ExportRow]:
    """Two queries for any number of rows; one more where the form names unions."""
    condition, values = matching(wanted.actor, wanted.filters)
    where = f"c.id > %s AND c.id <= %s{condition}"
    found = database.decode_rows(
        _Row,
        await database.patient_rows(
            f"{_SELECT} WHERE {where} ORDER BY c.id LIMIT %s", after, wanted.through, *values, limit
        ),
    )
    asked = _asked(wanted.filters)
    opened = [_values(row) for row in found]
    named = await _unions_named(asked, opened)
    return [
        _row(row, values_of, asked, named, reveal=wanted.reveal) for row, values_of in zip(found, opened, strict=True)
    ]


async def columns(wanted: ExportWanted) -> Sequence[str]:
    return [*_COLUMNS, *(f"{spec.label}{_UNITS.get(spec.kind, '')}" for spec in _asked(wanted.filters))]


def _asked(filters: Filters) -> list[FieldSpec]:
    """What the form of the one service asks beside what every case has; consents and files say nothing in a table."""
    flow = catalogue.current().flows.get(filters.get("service", ""))
    if flow is None:
        return []
    known = {flow.subject.name, flow.subject.id_no, flow.subject.mobile}
    return [
        spec for spec in flow.fields if spec.name not in known and spec.kind != FieldKind.FILE and not _is_consent(spec)
    ]


def _is_consent(spec: FieldSpec) -> bool:
    return spec.rule is not None and spec.rule.text == "==true"


def _values(row: _Row) -> dict[str, Any]:
    return contents.unpack(Stored(row.form, row.sealed, "{}"), context=contents.case_context(row.id)).values


async def _unions_named(asked: Sequence[FieldSpec], opened: Sequence[dict[str, Any]]) -> dict[str, dict[str, str]]:
    fields = [spec.name for spec in asked if spec.kind == FieldKind.ORG_REF]
    meant = {str(values[name]) for name in fields for values in opened if values.get(name)}
    places = await unions.places({number for one in meant if (number := ids.parse(one)) is not None})
    names = {ids.public(place.id): place.name for place in places.values()}
    return dict.fromkeys(fields, names)


def _row(
    row: _Row,
    values: Mapping[str, Any],
    asked: Sequence[FieldSpec],
    named: Mapping[str, Mapping[str, str]],
    *,
    reveal: bool,
) -> ExportRow:
    flow = catalogue.version(row.flow, row.flow_version)
    id_no, phone = (str(values.get(name) or "") for name in (flow.subject.id_no, flow.subject.mobile))
    step = flow.steps[row.step_index].name if row.status in OPEN and row.step_index < len(flow.steps) else ""
    cells = (
        row.number,
        flow.name,
        headlines.status_text(row.status),
        row.subject_name if reveal else national.mask_name(row.subject_name),
        id_no if reveal or not id_no else national.mask_id_no(id_no),
        phone if reveal or not phone else national.mask_phone(phone),
        row.summary,
        reference.divisions().name(row.division),
        row.target_name,
        row.desk_name,
        step,
        moment(row.submitted_at),
        row.next_due_on.isoformat() if row.next_due_on else "",
        moment(row.decided_at) if row.status in CLOSED else "",
        row.decision_comment,
        *(_cell(flow, spec, values, named) for spec in asked),
    )
    return ExportRow(key=row.id, cells=cells, subject=subject_of(row.id, row.member_id, row.applicant_id))


def _cell(
    flow: Flow, asked: FieldSpec, values: Mapping[str, Any], named: Mapping[str, Mapping[str, str]]
) -> str | int | Decimal:
    """By the form that the case was filled in on; numbers as numbers, so that they can be summed."""
    spec, value = flow.field(asked.name), values.get(asked.name)
    if spec is None or value is None:
        return ""
    plain = _PLAIN.get(spec.kind)
    return plain(value) if plain and isinstance(value, int) else words.display(spec, value, named)


def subject_of(case_id: int, member_id: int | None, applicant_id: int | None) -> tuple[str, int]:
    """Under whose name a trace stands: the member's where one is known, for accounts come and go."""
    if member_id is not None:
        return "member", member_id
    return ("account", applicant_id) if applicant_id is not None else ("case", case_id)


def moment(at: datetime | None) -> str:
    """As a spreadsheet takes it for a time."""
    return "" if at is None else clock.local(at).strftime("%Y-%m-%d %H:%M")


KIND = ExportKind(
    title="办件台账",
    permission="case.view",
    filters=FILTERS,
    count=count,
    rows=rows,
    columns=columns,
    masks="姓名、身份证号和手机号",
)
