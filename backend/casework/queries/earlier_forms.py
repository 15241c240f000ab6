"""What somebody wrote in their own earlier applications and need not write again. Nobody else's is ever looked at."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from backend.casework import catalogue, contents, prefilling, reuse
from backend.casework.contents import Stored
from backend.casework.enums import CaseStatus, FieldKind
from backend.casework.flows import Flow
from backend.casework.forms import masks
from backend.casework.models import Draft
from backend.casework.protocols import Prefilled
from backend.casework.queries.drafts import content_of
from backend.casework.schemas import ReusableView, ReuseOffer
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.membership import queries as members
from backend.unions import queries as unions
from backend.unions.enums import UnionState
from backend.web.pages import date_zh

# Older ones are too likely to be wrong; with more than these few nothing is gained.
LOOK_BACK = timedelta(days=730)
_MOST_FORMS = 5
# A desk found fault with these.
_FAULTY = (CaseStatus.RETURNED.value, CaseStatus.REJECTED.value)


class _Form(msgspec.Struct, kw_only=True):
    id: int
    flow: str
    flow_version: int
    id_no_index: str | None
    form: str
    sealed: str
    submitted_at: datetime


class Reusable(msgspec.Struct, frozen=True):
    """By field, each value with the case's day and service in words."""

    filled: dict[str, Prefilled]
    case_ids: tuple[int, ...]


async def reusable(flow: Flow, actor: Actor) -> Reusable:
    """What the draft and the records leave open and an own earlier form answers, the same service's first."""
    draft = await Draft.get_or_none(account_id=actor.account_id, flow=flow.slug)
    held = content_of(draft).values
    wanted = {name for name in reuse.names(flow) if not held.get(name)}
    wanted -= set(await prefilling.offered(flow, actor, {}))
    filled: dict[str, Prefilled] = {}
    used = []
    for form in await _forms(flow, actor) if wanted else ():
        found = await _answers(flow, form, wanted - set(filled))
        filled |= found
        used += [form.id] if found else []
    return Reusable({spec.name: filled[spec.name] for spec in flow.fields if spec.name in filled}, tuple(used))


async def reuse_offer(slug: str, actor: Actor) -> ReuseOffer:
    """What would be filled in, masked; an empty list where there is nothing."""
    flow = catalogue.flow(slug)
    found = await reusable(flow, actor)
    return ReuseOffer(
        items=[
            ReusableView(field=spec.name, label=spec.label, value=masks.mask(spec, filled.value), source=filled.source)
            for spec in flow.fields
            if (filled := found.filled.get(spec.name)) is not None
        ]
    )


async def _forms(flow: Flow, actor: Actor) -> list[_Form]:
    """Own forms of services that share a field, filled in by this person with this account and by nobody for them.

    A case whose identity number is not the member's own is about somebody else, whoever sent it.
    """
    slugs = _related(flow)
    marks = ", ".join(["%s"] * len(slugs))
    found = await database.views(
        _Form,
        "SELECT id, flow, flow_version, id_no_index, form, sealed, submitted_at FROM case_file"  # noqa: S608
        " WHERE applicant_id = %s AND filed_by IS NULL AND agent_id IS NULL AND submitted_at >= %s"
        " AND (member_id IS NULL OR member_id = %s)"
        f" AND flow IN ({marks}) AND status NOT IN (%s, %s)"
        " ORDER BY CASE WHEN flow = %s THEN 0 ELSE 1 END, id DESC LIMIT %s",
        actor.account_id,
        clock.now() - LOOK_BACK,
        actor.member_id or 0,
        *slugs,
        *_FAULTY,
        flow.slug,
        _MOST_FORMS,
    )
    own = await members.id_no_index(actor.member_id) if actor.member_id is not None else None
    return [form for form in found if None in (own, form.id_no_index) or form.id_no_index == own]


def _related(flow: Flow) -> list[str]:
    """This service and those that may ask the same, also where they are closed by now."""
    wanted = reuse.names(flow)
    others = (other.slug for other in catalogue.current().flows.values() if reuse.names(other) & wanted)
    return [flow.slug, *sorted(set(others) - {flow.slug})]


async def _answers(flow: Flow, form: _Form, wanted: Collection[str]) -> Mapping[str, Prefilled]:
    earlier = catalogue.version(form.flow, form.flow_version)
    held = contents.unpack(Stored(form.form, form.sealed, "{}"), context=contents.case_context(form.id))
    source = f"来自您{date_zh(form.submitted_at)}的“{earlier.name}”"
    said = reuse.answers(flow, earlier, held.values, clock.today())
    return {
        name: Prefilled(value, source) for name, value in said if name in wanted and await _stands(flow, name, value)
    }


async def _stands(flow: Flow, name: str, value: Any) -> bool:
    """A union may be gone by now."""
    spec = flow.field(name)
    if spec is None or spec.kind != FieldKind.ORG_REF:
        return True
    place = await unions.place(ids.parse(value) or 0)
    return place is not None and place.state == UnionState.ACTIVE and place.accepts_members
