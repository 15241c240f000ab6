"""A form on its way to becoming a case: whom it is about and which union it goes to."""

from collections.abc import Mapping
from typing import Any

import msgspec

from backend.casework import attachments, routing
from backend.casework.contents import Attachments, Content
from backend.casework.flows import Flow
from backend.casework.forms import words
from backend.casework.protocols import Question
from backend.core import clock, crypto, ids, pinyin, reference
from backend.core.actor import Actor
from backend.core.errors import Forbidden, NotFound, Unavailable, invalid
from backend.identity.enums import ConsentKind
from backend.membership import queries as members
from backend.unions import queries as unions
from backend.unions.enums import UnionState
from backend.unions.schemas import UnionPlace

# Fields with a meaning of their own in every flow that has them.
INVITE_FIELD, CHANNEL_FIELD, PRIVACY_FIELD = "invite_code", "join_channel", "privacy_ok"
PRIVACY_VERSION_FIELD = "privacy_version"
CONSENT_FIELDS = {PRIVACY_FIELD: ConsentKind.PRIVACY, "sensitive_ok": ConsentKind.SENSITIVE}


class Agent(msgspec.Struct, frozen=True):
    """Whoever filled in the form for the applicant."""

    account_id: int
    label: str


class Filing(msgspec.Struct, frozen=True, kw_only=True):
    """A form that is right in every respect. `key` makes the same submission one case; `filed_by` is the clerk
    of a window filing; `facts` are what the flow's conditions were judged by. `ends_draft`: it was the applicant's
    own draft, which is done with."""

    flow: Flow
    actor: Actor
    content: Content
    target: UnionPlace
    facts: Mapping[str, Any]
    key: str | None = None
    applicant_id: int | None = None
    filed_by: int | None = None
    member_id: int | None = None
    ends_draft: bool = True
    agent: Agent | None = None

    @property
    def files(self) -> Attachments:
        return attachments.of_values(self.flow, self.content.attachments, self.content.values)

    @property
    def invite_code(self) -> str:
        return str(self.content.values.get(INVITE_FIELD, ""))

    @property
    def question(self) -> Question:
        return question_of(self.flow, self.actor, self.content, self.member_id, self.target)


def question_of(
    flow: Flow, actor: Actor, content: Content, member_id: int | None, target: UnionPlace | None
) -> Question:
    """For conditions, before there is a case; `target` is None where the form does not lead to a union."""
    today = clock.today()
    return Question(
        flow=flow.slug,
        actor=actor,
        today=today,
        values=content.values,
        params=flow.params_on(today),
        member_id=member_id,
        target_union_id=target.id if target is not None else None,
    )


def subject_of(flow: Flow, values: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """What the queue shows and searches by; the sensitive ones as blind indexes. No case is about the clerk."""
    named = {role: values.get(getattr(flow.subject, role)) for role in ("name", "id_no", "mobile", "division")}
    name = str(named["name"] or ("" if actor.is_staff else actor.display))[:50]
    return {
        "subject_name": name,
        "subject_initials": pinyin.name_initials(name)[:25],
        "id_no_index": crypto.blind_index("id_no", named["id_no"]) if named["id_no"] else None,
        "phone_index": crypto.blind_index("phone", named["mobile"]) if named["mobile"] else None,
        "summary": words.summary(flow, values),
        "division": str(named["division"] or "")[:12],
    }


async def find_target(
    flow: Flow, values: Mapping[str, Any], member_id: int | None, *, invited: str | None = None
) -> UnionPlace:
    """The union named in the form, else the one of the invite, of the member, of the division."""
    found = await _wished(flow, values, member_id, invited)
    return await routing.deciding_union(flow, found) if flow.confidential else found


async def _wished(flow: Flow, values: Mapping[str, Any], member_id: int | None, invited: str | None) -> UnionPlace:
    if named := values.get(flow.subject.target_union):
        return await _named(flow.subject.target_union, str(named))
    if invited is not None:
        return await _named(INVITE_FIELD, invited)
    member = await members.facts(member_id) if member_id is not None else None
    if member is not None:
        return await _named("", ids.public(member.union_id))
    division = str(values.get(flow.subject.division) or reference.settings().county_division)
    found = await unions.resolve_by_division(division)
    if found is None:
        found = await unions.resolve_by_division(reference.settings().county_division)
    if found is None:
        raise Unavailable("no_desk", retry_after=3600)
    return found


def require_scope(actor: Actor, target: UnionPlace) -> None:
    """A window files only for the unions below it."""
    if not actor.covers("case.file", target.path):
        raise Forbidden("file_elsewhere", union=target.name)


async def invited_to(code: Any) -> str:
    """The union behind an invite that is still good."""
    if not isinstance(code, str):
        raise invalid(INVITE_FIELD, "invite_unknown")
    try:
        invite = await unions.invite_view(code)
    except NotFound as exc:
        raise invalid(INVITE_FIELD, "invite_unknown") from exc
    if not invite.valid:
        raise invalid(INVITE_FIELD, f"invite_{invite.reason}")
    return invite.union.id


async def _named(field: str, public_id: str) -> UnionPlace:
    found = await unions.place(ids.parse(public_id) or 0)
    if found is None or found.state != UnionState.ACTIVE or not found.accepts_members:
        raise invalid(field, "union_unknown")
    return found
