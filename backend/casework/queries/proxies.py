"""Forms that people filled in for others: how those stand that one sent, and what is in those one is asked about."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from backend.casework import attachments, catalogue, contents, headlines
from backend.casework.contents import Stored
from backend.casework.enums import CaseStatus, ProxyState
from backend.casework.forms import render
from backend.casework.forms.agreements import agreements
from backend.casework.models import ProxyFiling
from backend.casework.queries import case_views, services
from backend.casework.schemas import ProxyAskedLine, ProxyList, ProxyNotice, ProxySentLine, ProxyView, ScreenView
from backend.core import clock, database, ids, national
from backend.core.actor import Actor
from backend.core.errors import FieldError, NotFound
from backend.core.reveal import Purpose, reveal_to_system
from backend.identity import queries as accounts

_MOST = 50
STATE_TEXT = {
    ProxyState.WAITING: ("等对方同意", "warn"),
    ProxyState.REFUSED: ("对方不同意", "late"),
    ProxyState.EXPIRED: ("对方没有回应，已过期", "quiet"),
    ProxyState.CANCELLED: ("您取消了", "quiet"),
}
ANSWER_TEXT = {
    ProxyState.CONSENTED: "对方已经同意，申请已提交",
    ProxyState.REFUSED: "对方不同意，没有提交",
    ProxyState.EXPIRED: "对方一直没有回应，已经过期，没有提交",
}


async def asked_of(filing: str, actor: Actor) -> ProxyFiling:
    """The one that waits for, or had, the word of the actor, who holds its phone."""
    index = await _phone_index(actor)
    found = await ProxyFiling.get_or_none(id=ids.parse(filing) or 0, phone_index=index) if index else None
    if found is None:
        raise NotFound("no_filing")
    return found


async def _phone_index(actor: Actor) -> str | None:
    if actor.kind != "person":
        return None
    phones = await accounts.phones_of([actor.account_id])
    return phones[0].index if phones else None


async def proxy_view(filing: str, actor: Actor) -> ProxyView:
    """What is to be consented to. One that is over is not there any more."""
    found = await asked_of(filing, actor)
    if found.state != ProxyState.WAITING or found.expires_at <= clock.now():
        raise NotFound("no_filing")
    flow = catalogue.flow(found.flow)
    held = contents.unpack(
        Stored(found.form, found.sealed, found.attachments), context=contents.proxy_context(found.id)
    )
    choices = await case_views.union_choices(flow, held.values)
    files = attachments.of_values(flow, held.attachments, held.values)
    return ProxyView(
        id=filing,
        service=flow.name,
        filer=found.filer_label,
        name=found.subject_name,
        until=clock.iso(found.expires_at) or "",
        fields=[one for one in render.render_answers(flow, held.values, choices=choices) if one.kind != "file"],
        files=sum(map(len, files.values())),
        agreements=[label for _, label in agreements(flow)],
    )


class _Row(msgspec.Struct, kw_only=True):
    id: int
    flow: str
    filer_id: int
    filer_label: str
    subject_name: str
    phone_sealed: str
    state: ProxyState
    made_at: datetime
    expires_at: datetime
    status: CaseStatus | None


_ROWS = (
    "SELECT p.id, p.flow, p.filer_id, p.filer_label, p.subject_name, p.phone_sealed, p.state, p.made_at, p.expires_at,"
    " c.status FROM proxy_filing p LEFT JOIN case_file c ON c.number = p.case_number"
)


async def own_filings(actor: Actor) -> ProxyList:
    """Both sides of the actor, the newest first."""
    sent = await database.views(
        _Row, f"{_ROWS} WHERE p.filer_id = %s ORDER BY p.id DESC LIMIT %s", actor.account_id, _MOST
    )
    index = await _phone_index(actor)
    asked = await database.views(
        _Row,
        f"{_ROWS} WHERE p.phone_index = %s AND p.state = %s AND p.expires_at > %s ORDER BY p.id DESC LIMIT %s",
        index or "",
        ProxyState.WAITING.value,
        clock.now(),
        _MOST,
    )
    return ProxyList(asked=[_asked(row) for row in asked], sent=[_sent(row) for row in sent])


def _asked(row: _Row) -> ProxyAskedLine:
    return ProxyAskedLine(
        id=ids.public(row.id), service=_service(row.flow), filer=row.filer_label, until=clock.iso(row.expires_at) or ""
    )


def _sent(row: _Row) -> ProxySentLine:
    """How it stands, in words; of what was filled in nothing but whom it was for."""
    state = row.state
    if state == ProxyState.WAITING and row.expires_at <= clock.now():
        state = ProxyState.EXPIRED
    words, tone = STATE_TEXT.get(state, ("", ""))
    if row.status is not None:
        words, tone = f"对方已同意，{headlines.status_text(row.status)}", headlines.tone(row.status, None)
    context = contents.proxy_phone_context(row.id)
    phone = reveal_to_system(row.phone_sealed, context=context, purpose=Purpose.OWN)
    return ProxySentLine(
        id=ids.public(row.id),
        service=_service(row.flow),
        name=national.mask_name(row.subject_name),
        phone=national.mask_phone(phone),
        made_at=clock.iso(row.made_at) or "",
        until=clock.iso(row.expires_at) or "",
        state=state.value,
        state_text=words,
        tone=tone,
    )


def _service(slug: str) -> str:
    item = catalogue.current().item(slug)
    return item.name if item is not None else slug


async def proxy_screens(
    slug: str,
    actor: Actor,
    *,
    typed: Mapping[str, Any],
    held: Mapping[str, list[str]],
    errors: Sequence[FieldError],
) -> list[ScreenView]:
    """The form without whose it is, which is asked above it, and without what only they can agree to."""
    flow = catalogue.flow(slug)
    if not flow.for_others:
        raise NotFound("not_for_others")
    left = {flow.subject.name, flow.subject.mobile, *(name for name, _ in agreements(flow))}
    screens = await services.blank_screens(slug, typed=typed, held=held, errors=errors, owner_id=actor.account_id)
    for screen in screens:
        screen.fields = [one for one in screen.fields if one.name not in left]
    return [screen for screen in screens if screen.fields or screen.slots]


async def proxy_notice(filing_id: int) -> ProxyNotice | None:
    """For what is said of it."""
    found = await ProxyFiling.get_or_none(id=filing_id)
    if found is None:
        return None
    return ProxyNotice(
        id=found.id,
        flow=found.flow,
        filer_id=found.filer_id,
        filer_label=found.filer_label,
        subject_name=found.subject_name,
        phone_sealed=found.phone_sealed,
        phone_context=contents.proxy_phone_context(found.id),
        state=ProxyState(found.state),
        expires_at=found.expires_at,
    )
