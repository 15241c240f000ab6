"""What was done to a case beside deciding it, what can be done now, and the papers that came of it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from backend.casework import acting, attachments, contents, papers
from backend.casework.contents import Content, Stored
from backend.casework.flows import ActionSpec, DocumentSpec, Flow
from backend.casework.forms import render
from backend.casework.forms.facts import form_facts
from backend.casework.queries.case_views import union_choices
from backend.casework.queries.records import CaseRecord
from backend.casework.schemas import ActionOffer, ActView, CaseView, DocumentLine, NoticeLine, ObjectionLine
from backend.core import clock, database, ids, national, reference
from backend.core.actor import Actor
from backend.documents import queries as documents
from backend.documents.schemas import DocumentView
from backend.unions import queries as unions


class ActRow(msgspec.Struct, kw_only=True):
    id: int
    action: str
    at: datetime
    actor_kind: str
    actor_label: str
    form: str
    sealed: str
    attachments: str

    @property
    def content(self) -> Content:
        return contents.unpack(Stored(self.form, self.sealed, self.attachments), context=act_context(self.id))


_ACTS = "SELECT id, action, at, actor_kind, actor_label, form, sealed, attachments FROM case_act"


def act_context(act_id: int) -> str:
    return f"case_act/sealed/{act_id}"


def document_key(case_id: int, spec: DocumentSpec, act_id: int | None = None) -> str:
    """What a paper is issued for: once a case, or once for each time its action was done."""
    key = f"case:{ids.public(case_id)}:{spec.key}"
    return key if act_id is None else f"{key}.{ids.public(act_id)}"


async def done(case_id: int) -> dict[str, int]:
    """How often each action was done."""
    found = await database.rows(
        "SELECT action, COUNT(*) AS times FROM case_act WHERE case_id = %s GROUP BY action", case_id
    )
    return {row["action"]: row["times"] for row in found}


async def is_anothers(case_id: int, spec: ActionSpec, actor: Actor) -> bool:
    """Whether the action is not this actor's, for they did what it looks at again."""
    if not spec.by_another:
        return False
    marks = ", ".join(["%s"] * len(spec.by_another))
    found = await database.scalar(
        f"SELECT id FROM case_act WHERE case_id = %s AND actor_id = %s AND action IN ({marks}) LIMIT 1",  # noqa: S608
        case_id,
        actor.account_id,
        *spec.by_another,
    )
    return found is not None


async def acts_of(case_id: int) -> list[ActRow]:
    return await database.views(ActRow, f"{_ACTS} WHERE case_id = %s ORDER BY id", case_id)


async def stage_of(case: CaseRecord, counts: dict[str, int]) -> acting.Stage:
    target = await unions.place(case.target_union_id or 0)
    steps = case.spec.steps
    return acting.Stage(
        standing=case.standing,
        step_name=steps[case.step_index].name if case.step_index < len(steps) else "",
        target_path=target.path if target else "",
        done=counts,
    )


def facts_of(flow: Flow, values: dict[str, Any], counts: dict[str, int]) -> dict[str, Any]:
    today = clock.today()
    return {**form_facts(flow, values, today), **acting.act_facts(flow, counts), "today": today}


async def offers(case: CaseRecord, actor: Actor, counts: dict[str, int]) -> list[ActionOffer]:
    """What this actor may do now, in the order of the flow file."""
    flow = case.spec
    if not flow.actions:
        return []
    stage = await stage_of(case, counts)
    facts = facts_of(flow, case.content.values, counts)
    awaited = acting.awaited_by(flow, case.step_index, case.standing, counts)
    return [
        ActionOffer(key=spec.key, name=spec.name, hint=spec.hint, awaited=spec.key == awaited)
        for spec in flow.actions
        if acting.concerns(spec, actor, stage)
        and acting.is_open(spec, stage, facts, awaited=spec.key == awaited)
        and not await is_anothers(case.id, spec, actor)
    ]


async def add_to(view: CaseView, case: CaseRecord, actor: Actor, *, own: bool) -> CaseView:
    """The case's page with its actions and papers; no query for a flow that has neither."""
    flow = case.spec
    if flow.actions:
        view.offers = await offers(case, actor, await done(case.id))
        view.actions += [offer.key for offer in view.offers]
        view.acts = await act_views(case, own=own)
    if any(spec.publishes is not None for spec in flow.actions):
        view.notices = await notice_lines(case.id)
    view.documents = await document_lines(case, reader="applicant" if own else "desk")
    return view


async def act_views(case: CaseRecord, *, own: bool) -> list[ActView]:
    """Newest first. What a private action says stays among staff."""
    flow = case.spec
    shown = []
    for row in await acts_of(case.id) if flow.actions else ():
        spec = flow.action(row.action)
        if spec is not None:
            shown.append(await _act_view(flow, spec, row, hidden=own and spec.private))
    return shown[::-1]


async def _act_view(flow: Flow, spec: ActionSpec, row: ActRow, *, hidden: bool) -> ActView:
    form, content = flow.action_form(spec.key), row.content
    choices = {} if hidden else await union_choices(form, content.values)
    fields = [] if hidden else render.render_answers(form, content.values, choices=choices)
    for field in fields:
        field.options = []
    held = {} if hidden else attachments.of_values(form, content.attachments, content.values)
    return ActView(
        id=ids.public(row.id),
        key=spec.key,
        name=spec.name,
        at=clock.iso(row.at) or "",
        who=row.actor_label,
        fields=fields,
        files=await attachments.views(held) if held else {},
    )


# ---- papers -------------------------------------------------------------------------------


async def said_of(case: CaseRecord, acts: Sequence[ActRow]) -> dict[str, str]:
    """Every word that a paper of this case may use; of an action done more than once, the last."""
    flow, values = case.spec, case.content.values
    target = await unions.place(case.target_union_id or 0)
    said = papers.form_words(flow, values, under="form", choices=await union_choices(flow, values))
    for row in acts:
        if flow.action(row.action) is not None:
            form = flow.action_form(row.action)
            said |= papers.form_words(form, row.content.values, under=f"act.{row.action}", choices={})
    outcome = msgspec.json.decode(case.outcome) if case.outcome else {}
    return {
        **said,
        **{f"outcome.{name}": str(value) for name, value in outcome.items() if isinstance(value, str | int)},
        **{f"params.{name}": str(value) for name, value in flow.params_on(clock.today()).items()},
        "case.number": case.number,
        "case.service": flow.name,
        "case.submitted_on": day(clock.local(case.submitted_at).date()),
        "case.decided_on": day(clock.local(case.decided_at).date()) if case.decided_at else "",
        "subject": case.subject_name,
        "union": target.name if target else "",
        "desk": case.desk_name or "",
        "county": reference.settings().county_name,
        "today": day(clock.today()),
    }


def day(value: date) -> str:
    return f"{value.year}年{value.month}月{value.day}日"


async def document_lines(case: CaseRecord, *, reader: str) -> list[DocumentLine]:
    """The papers that this reader may open, issued ones first."""
    flow = case.spec
    if not flow.documents:
        return []
    numbered = any(spec.issued != "request" for spec in flow.documents)
    issued = await documents.of_prefix(f"case:{ids.public(case.id)}:") if numbered else {}
    lines = []
    for key, paper in issued.items():
        local = key.rpartition(":")[2]
        spec = flow.document(local.partition(".")[0])
        if spec is not None and reader in spec.readers:
            lines.append(DocumentLine(key=local, title=paper.title, number=paper.number))
    on_request = [spec for spec in flow.documents if spec.issued == "request" and reader in spec.readers]
    return lines + [DocumentLine(key=spec.key, title=spec.title, number="") for spec in on_request]


async def document(case: CaseRecord, key: str, *, reader: str) -> DocumentView | None:
    """One paper: as it was issued, or for one on request as things are now. None for a stranger to it."""
    spec = case.spec.document(key.partition(".")[0])
    if spec is None or reader not in spec.readers:
        return None
    if spec.issued != "request":
        full = f"case:{ids.public(case.id)}:{key}"
        return (await documents.by_keys([full])).get(full)
    said = await said_of(case, await acts_of(case.id))
    return DocumentView(
        number=case.number,
        title=papers.fill(spec.title, said),
        issuer=case.desk_name or reference.settings().county_name,
        subject=national.mask_name(case.subject_name),
        body=papers.body_of(spec, case.spec, case.content.values, said),
        issued_on=clock.today(),
    )


# ---- public notices ---------------------------------------------------------------------------


class _Notice(msgspec.Struct, kw_only=True):
    id: int
    title: str
    opens_on: date
    closes_on: date
    open_objections: int


async def notice_lines(case_id: int) -> list[NoticeLine]:
    """The public notices of a case with what was brought forward against them."""
    notices = await database.views(
        _Notice,
        "SELECT id, title, opens_on, closes_on, open_objections FROM public_notice WHERE case_id = %s ORDER BY id",
        case_id,
    )
    return [
        NoticeLine(
            id=ids.public(one.id),
            title=one.title,
            opens_on=one.opens_on.isoformat(),
            closes_on=one.closes_on.isoformat(),
            running=one.closes_on >= clock.today(),
            objections=await _objections(one.id),
        )
        for one in notices
    ]


async def _objections(notice_id: int) -> list[ObjectionLine]:
    found = await database.rows(
        "SELECT id, text, at, upheld, finding FROM objection WHERE notice_id = %s ORDER BY id", notice_id
    )
    return [
        ObjectionLine(
            id=ids.public(row["id"]),
            text=row["text"],
            at=clock.iso(database.aware(row["at"])) or "",
            upheld=None if row["upheld"] is None else bool(row["upheld"]),
            finding=row["finding"],
        )
        for row in found
    ]


async def unfinished_notice(case_id: int, actions: Sequence[str]) -> bool:
    """Whether a notice put up by one of these actions still hangs, or has an objection that nobody looked into."""
    marks = ", ".join(["%s"] * len(actions))
    sql = (
        f"SELECT COUNT(*) FROM public_notice n JOIN case_act a ON a.id = n.act_id"  # noqa: S608 - placeholders only
        f" WHERE n.case_id = %s AND a.action IN ({marks}) AND (n.closes_on >= %s OR n.open_objections > 0)"
    )
    return bool(await database.scalar(sql, case_id, *actions, clock.today()))
