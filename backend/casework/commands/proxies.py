"""Filling in a form for somebody else: they are asked, and only their own word makes it an application."""

import hashlib
from datetime import timedelta
from typing import Any

from backend.casework import attachments, catalogue, contents
from backend.casework.commands import reading
from backend.casework.commands.filing import Agent
from backend.casework.commands.submit import submit_with_consent
from backend.casework.contents import Content, Stored
from backend.casework.enums import ProxyState
from backend.casework.events import ProxyAnswered, ProxyAsked
from backend.casework.flows import Flow
from backend.casework.forms.agreements import agreements
from backend.casework.models import ProxyFiling
from backend.casework.queries import proxies as queries
from backend.casework.schemas import ProxyInput, SubmitInput
from backend.core import audit, clock, crypto, database, ids, national, outbox
from backend.core.actor import GUEST, SYSTEM, Actor
from backend.core.command import command
from backend.core.errors import Conflict, FieldError, Invalid, NotFound, TooMany, sentence
from backend.identity import queries as accounts
from backend.membership import queries as members

EXPIRES = timedelta(days=7)
KEPT = timedelta(days=90)
# So many a day by one person, and to one phone: a message that nobody wants must not become a hail of them.
A_DAY = 10
_EMPTY = "{}"


@command
async def ask(*, slug: str, data: ProxyInput, actor: Actor, nonce: str | None = None) -> str:
    """Keep what was filled in for the holder of that phone and ask them; the public id. The same `nonce` is once.

    Nothing of the filer's own is filled in. What has to be agreed to waits for the other person.
    """
    flow = catalogue.flow(slug)
    if not flow.for_others:
        raise NotFound("not_for_others")
    key = _key(actor, flow, nonce)
    if key is not None and (known := await ProxyFiling.get_or_none(submission_key=key)):
        return ids.public(known.id)
    name, phone, problems = await _whom(data, actor)
    form = _form(flow, data.form, name, phone)
    asked = SubmitInput(form=form, attachments=data.attachments)
    found = await reading.read(flow, asked, asker=GUEST, given={})
    found.problems.add(problems)
    files = attachments.of_values(flow, found.content.attachments, found.content.values)
    await found.problems.of(attachments.require_mine(files, actor))
    found.problems.settle()
    index = crypto.blind_index("phone", phone)
    await _require_few(actor, index)
    filing_id, now = ids.new_id(), clock.now()
    left = {name for name, _ in agreements(flow)}
    plain = {field: value for field, value in found.content.plain.items() if field not in left}
    stored = contents.pack(
        Content(plain, found.content.sensitive, found.content.attachments), context=contents.proxy_context(filing_id)
    )
    row = {
        "id": filing_id,
        "flow": flow.slug,
        "filer_id": actor.account_id,
        "filer_label": await _label(actor),
        "subject_name": name,
        "phone_index": index,
        "phone_sealed": crypto.seal(phone, context=contents.proxy_phone_context(filing_id)),
        "state": ProxyState.WAITING.value,
        "made_at": now,
        "expires_at": now + EXPIRES,
        "submission_key": key,
    }
    await database.insert("proxy_filing", row | stored.columns())
    await audit.record(
        actor, "proxy.asked", object_kind="proxy_filing", object_id=filing_id, detail={"flow": flow.slug}
    )
    await outbox.emit(ProxyAsked(filing_id), key=str(filing_id))
    return ids.public(filing_id)


@command
async def consent(*, filing: str, actor: Actor) -> str:
    """The holder of the phone says yes: it is their application from now on; the number of the case. Twice is once."""
    found = await queries.asked_of(filing, actor)
    if found.state == ProxyState.CONSENTED and found.case_number:
        return found.case_number
    flow = catalogue.flow(found.flow)
    held = contents.unpack(
        Stored(found.form, found.sealed, found.attachments), context=contents.proxy_context(found.id)
    )
    await _settle(found, ProxyState.CONSENTED, from_phone=True)
    await _require_oneself(flow, held, actor)
    agreed: dict[str, Any] = {name: True for name, _ in agreements(flow)}
    files = [file for files in attachments.of_values(flow, held.attachments, held.values).values() for file in files]
    number = await submit_with_consent(
        flow=flow,
        data=SubmitInput(form=_asked(flow, held) | agreed, attachments=held.attachments),
        actor=actor,
        agent=Agent(found.filer_id, found.filer_label),
        key=hashlib.sha256(f"proxy\x00{found.id}".encode()).hexdigest(),
        handed_over=tuple(files),
    )
    await _hand_over(files, found.filer_id, actor)
    await database.execute("UPDATE proxy_filing SET case_number = %s WHERE id = %s", number, found.id)
    await _told(found, actor, ProxyState.CONSENTED)
    return number


@command
async def refuse(*, filing: str, actor: Actor) -> None:
    """The holder of the phone says no; whoever filled it in is told."""
    found = await queries.asked_of(filing, actor)
    await _settle(found, ProxyState.REFUSED, from_phone=True)
    await _told(found, actor, ProxyState.REFUSED)


@command
async def cancel(*, filing: str, actor: Actor) -> None:
    """Whoever filled it in takes it back while nobody has answered."""
    found = await ProxyFiling.get_or_none(id=ids.parse(filing) or 0, filer_id=actor.account_id)
    if found is None:
        raise NotFound("no_filing")
    await _settle(found, ProxyState.CANCELLED)
    await audit.record(actor, "proxy.cancelled", object_kind="proxy_filing", object_id=found.id)


@command
async def expire(limit: int = 200) -> int:
    """End those that nobody answered in time, a few at a time; how many there were."""
    found = await ProxyFiling.filter(state=ProxyState.WAITING.value, expires_at__lte=clock.now()).limit(limit)
    for one in found:
        if await _changed(one, ProxyState.EXPIRED):
            await _told(one, SYSTEM, ProxyState.EXPIRED)
    return len(found)


@command
async def forget_old(limit: int = 1_000) -> int:
    """Whom somebody once asked is nobody's business for ever; how many rows went."""
    return await database.execute(
        "DELETE FROM proxy_filing WHERE id IN (SELECT id FROM (SELECT id FROM proxy_filing"
        " WHERE state <> %s AND expires_at < %s LIMIT %s) AS old)",
        ProxyState.WAITING.value,
        clock.now() - KEPT,
        limit,
    )


async def _whom(data: ProxyInput, actor: Actor) -> tuple[str, str, list[FieldError]]:
    """(name, phone, what is wrong with them)."""
    name, phone, problems = "", "", []
    try:
        name = national.parse_name(data.name)
    except national.InvalidValue as exc:
        problems.append(FieldError("name", exc.message))
    try:
        phone = national.parse_phone(data.phone)
    except national.InvalidValue as exc:
        problems.append(FieldError("phone", exc.message))
    if phone and phone == await accounts.own_phone(actor):
        problems.append(FieldError("phone", sentence("proxy_self")))
    if not name or not phone:
        raise Invalid(problems)
    return name, phone, problems


def _form(flow: Flow, form: dict[str, Any], name: str, phone: str) -> dict[str, Any]:
    """Name and phone of the other person stand where the form asks for them; agreements are theirs to give."""
    said = {flow.subject.name: name, flow.subject.mobile: phone}
    said = {field: value for field, value in said.items() if field and flow.asks(field)}
    return {**form, **said, **{field: True for field, _ in agreements(flow)}}


def _asked(flow: Flow, held: Content) -> dict[str, Any]:
    return {name: value for name, value in held.values.items() if flow.asks(name)}


async def _require_few(actor: Actor, phone_index: str) -> None:
    since = clock.now() - timedelta(days=1)
    by_filer = ProxyFiling.filter(filer_id=actor.account_id, made_at__gt=since)
    to_phone = ProxyFiling.filter(phone_index=phone_index, made_at__gt=since)
    if await by_filer.count() >= A_DAY or await to_phone.count() >= A_DAY:
        raise TooMany("proxy_too_many", retry_after=3600)


async def _label(actor: Actor) -> str:
    """The name on the roll, else the masked phone: whoever is asked should know by whom."""
    member = await members.own(actor)
    return (member.name if member is not None else actor.display)[:50]


async def _require_oneself(flow: Flow, held: Content, actor: Actor) -> None:
    """A number of somebody else than the member who consents is nothing to consent to."""
    id_no = held.values.get(flow.subject.id_no)
    if id_no and actor.member_id is not None and not await members.has_id_no(actor.member_id, id_no):
        raise Conflict("proxy_other_person")


async def _hand_over(files: list[str], filer_id: int, actor: Actor) -> None:
    """The files belong to the applicant now; whoever brought them opens them no more."""
    for file in files:
        await database.execute(
            "UPDATE stored_file SET owner_id = %s WHERE id = %s AND owner_id = %s",
            actor.account_id,
            ids.parse(file),
            filer_id,
        )


async def _settle(found: ProxyFiling, state: ProxyState, *, from_phone: bool = False) -> None:
    if (from_phone and found.expires_at <= clock.now()) or not await _changed(found, state):
        raise Conflict("proxy_over")


async def _changed(found: ProxyFiling, state: ProxyState) -> bool:
    """One guarded change, and nothing of what was filled in stays behind."""
    changed = await database.execute(
        "UPDATE proxy_filing SET state = %s, answered_at = %s, form = %s, sealed = '', attachments = %s"
        " WHERE id = %s AND state = %s",
        state.value,
        clock.now(),
        _EMPTY,
        _EMPTY,
        found.id,
        ProxyState.WAITING.value,
    )
    return changed > 0


async def _told(found: ProxyFiling, actor: Actor, state: ProxyState) -> None:
    await audit.record(actor, f"proxy.{state}", object_kind="proxy_filing", object_id=found.id)
    await outbox.emit(ProxyAnswered(found.id), key=str(found.id))


def _key(actor: Actor, flow: Flow, nonce: str | None) -> str | None:
    if not nonce:
        return None
    return hashlib.sha256(f"proxy\x00{actor.account_id}\x00{flow.slug}\x00{nonce}".encode()).hexdigest()
