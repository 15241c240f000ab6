"""The one live draft a person has of a form: saved as typed, versioned, never validated for completeness."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec
from tortoise.exceptions import IntegrityError

from backend.casework import catalogue, contents, prefilling, reuse
from backend.casework.commands.filing import INVITE_FIELD
from backend.casework.contents import Attachments, Content
from backend.casework.enums import FieldKind
from backend.casework.flows import Flow
from backend.casework.forms import parse
from backend.casework.models import Draft
from backend.casework.protocols import Prefilled
from backend.casework.queries import drafts as draft_queries
from backend.casework.rules import MAX_FILES
from backend.casework.schemas import DraftInput, DraftView
from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, NotFound, TooLarge

MAX_DRAFT_BYTES = 64 * 1024
MAX_TABLES_BYTES = 2 * 1024 * 1024
_ANY_VERSION = 2**31 - 1


@command
async def save_draft(*, slug: str, data: DraftInput, actor: Actor) -> DraftView:
    """Replace what the draft holds. A stale `version` is a 409 that brings the newer draft with it."""
    flow = catalogue.flow(slug)
    draft = await _mine(flow, actor)
    return await _save(flow, draft, data.form, data.attachments, version=data.version, actor=actor)


@command
async def save_screen(
    *, slug: str, names: frozenset[str], form: dict[str, Any], attachments: Attachments, actor: Actor
) -> DraftView:
    """Put one screen of the form into the draft; what the other screens hold stays as it is.

    `names` are the fields and slots of that screen: what is missing of them in `form` was cleared.
    """
    flow = catalogue.flow(slug)
    draft = await _mine(flow, actor)
    old = draft_queries.content_of(draft)
    kept = {name: value for name, value in old.values.items() if name not in names}
    files = {slot: held for slot, held in old.attachments.items() if slot not in names}
    return await _save(flow, draft, kept | form, files | attachments, version=None, actor=actor)


@command
async def discard_draft(*, slug: str, actor: Actor) -> None:
    flow = catalogue.flow(slug)
    if not await remove(flow.slug, actor.account_id):
        raise NotFound("no_draft")
    await audit.record(actor, "draft.discarded", object_kind="flow", object_id=0, detail={"flow": flow.slug})


async def bring_back(slug: str, content: Content, *, target_union_id: int | None, actor: Actor) -> None:
    """Inside the caller's command: what a withdrawn case held is a draft again. Whoever has begun another form
    meanwhile keeps that one.

    What the system fills in is asked anew. An invite is used up, but the union that it led to stays the wish.
    """
    flow = catalogue.current().flows.get(slug)
    if flow is None or not flow.enabled:
        return
    kept = {name: value for name, value in content.values.items() if flow.asks(name)}
    wish = flow.subject.target_union
    if wish and target_union_id is not None and content.values.get(INVITE_FIELD):
        kept.setdefault(wish, ids.public(target_union_id))
    collected = parse.collect(flow, kept, known=content.sensitive)
    files = {slot: held for slot, held in content.attachments.items() if flow.slot(slot) is not None}
    draft_id = ids.new_id()
    stored = contents.pack(
        Content(collected.values, collected.sensitive, files), context=contents.draft_context(draft_id)
    )
    row = {"id": draft_id, "account_id": actor.account_id, "flow": slug, "version": 1, "saved_at": clock.now()}
    with suppress(IntegrityError):
        await database.insert("draft", row | stored.columns())


async def remove(slug: str, account_id: int) -> bool:
    """Inside the caller's command."""
    return bool(await database.execute("DELETE FROM draft WHERE account_id = %s AND flow = %s", account_id, slug))


async def _mine(flow: Flow, actor: Actor) -> Draft | None:
    return await Draft.get_or_none(account_id=actor.account_id, flow=flow.slug)


async def _save(
    flow: Flow,
    draft: Draft | None,
    form: dict[str, Any],
    attachments: Attachments,
    *,
    version: int | None,
    actor: Actor,
) -> DraftView:
    _require_bounded(flow, form)
    # A masked prefill comes back as it was shown; the draft keeps what stands behind it.
    known = {**await prefilling.known(flow, actor, form, {}), **draft_queries.content_of(draft).sensitive}
    collected = parse.collect(flow, form, known=known)
    content = Content(collected.values, collected.sensitive, _bounded(flow, attachments))
    cleared = _cleared(flow, draft_queries.cleared_of(draft).union(form), content)
    if draft is None:
        return await _create(flow, content, cleared, actor)
    if version is not None and version != draft.version:
        raise _changed(flow, draft)
    return await _replace(flow, draft, content, _sources_left(flow, draft, content) | cleared, version=version)


def _cleared(flow: Flow, answered: frozenset[str], content: Content) -> dict[str, str]:
    """What would be filled in by itself, and was sent empty: there nothing is offered again."""
    offered = {spec.name for spec in flow.fields if spec.prefill}
    return dict.fromkeys(sorted((answered & offered) - set(content.values)), "")


def _sources_left(flow: Flow, draft: Draft, content: Content) -> dict[str, str]:
    """An answer that somebody changed or emptied comes from nowhere but them."""
    before, today = draft_queries.content_of(draft).values, clock.today()
    return {
        name: source
        for name, source in draft_queries.sources_of(draft).items()
        if reuse.unchanged(flow, name, before.get(name), content.values.get(name), today)
    }


async def put_in(flow: Flow, filled: Mapping[str, Prefilled], actor: Actor) -> DraftView:
    """Inside the caller's command: answers with their sources, beside what the draft holds."""
    draft = await _mine(flow, actor)
    old, sources = draft_queries.content_of(draft), draft_queries.origins_of(draft)
    plain, sensitive = dict(old.plain), dict(old.sensitive)
    for name, answer in filled.items():
        spec = flow.field(name)
        (sensitive if spec is not None and spec.is_sensitive else plain)[name] = answer.value
        sources[name] = answer.source
    content = Content(plain, sensitive, old.attachments)
    if draft is None:
        return await _create(flow, content, sources, actor)
    return await _replace(flow, draft, content, sources, version=None)


async def take_out(flow: Flow, actor: Actor) -> DraftView:
    """Inside the caller's command: the draft without the answers that still have a source."""
    draft = await _mine(flow, actor)
    if draft is None:
        raise NotFound("no_draft")
    old, gone = draft_queries.content_of(draft), draft_queries.sources_of(draft)
    plain = {name: value for name, value in old.plain.items() if name not in gone}
    sensitive = {name: value for name, value in old.sensitive.items() if name not in gone}
    cleared = dict.fromkeys(sorted(draft_queries.cleared_of(draft)), "")
    return await _replace(flow, draft, Content(plain, sensitive, old.attachments), cleared, version=None)


def _require_bounded(flow: Flow, form: dict[str, Any]) -> None:
    """Rows of tables may come from a sheet of thousands; the rest is what a person types."""
    tables = {spec.name for spec in flow.fields if spec.kind == FieldKind.TABLE}
    typed = {name: value for name, value in form.items() if name.split(".")[0] not in tables}
    too_large = len(msgspec.json.encode(typed)) > MAX_DRAFT_BYTES
    if too_large or len(msgspec.json.encode(form)) > MAX_TABLES_BYTES:
        raise TooLarge("draft_too_large")


def _bounded(flow: Flow, attachments: Attachments) -> Attachments:
    """Only slots that the form has and identifiers that can be one."""
    kept = {
        slot: [file for file in files if ids.parse(file) is not None]
        for slot, files in attachments.items()
        if flow.slot(slot) is not None
    }
    if sum(map(len, kept.values())) > MAX_FILES:
        raise TooLarge("too_many_files", limit=MAX_FILES)
    return kept


async def _create(flow: Flow, content: Content, sources: dict[str, str], actor: Actor) -> DraftView:
    draft_id, now = ids.new_id(), clock.now()
    stored = contents.pack(content, context=contents.draft_context(draft_id))
    row = {"id": draft_id, "account_id": actor.account_id, "flow": flow.slug, "version": 1, "saved_at": now}
    row |= stored.columns() | {"sources": _encoded(sources)}
    try:
        await database.insert("draft", row)
    except IntegrityError:
        # The other window was quicker by a moment.
        raise _changed(flow, await Draft.get(account_id=actor.account_id, flow=flow.slug)) from None
    return draft_queries.view_of(flow, content, sources, version=1, saved_at=now)


def _encoded(sources: dict[str, str]) -> str | None:
    return msgspec.json.encode(sources).decode() if sources else None


async def _replace(
    flow: Flow, draft: Draft, content: Content, sources: dict[str, str], *, version: int | None
) -> DraftView:
    """Without a version the last word wins: a person may go on with an old page of an old phone."""
    stored, now = contents.pack(content, context=contents.draft_context(draft.id)), clock.now()
    saved = await database.execute(
        "UPDATE draft SET form = %s, sealed = %s, attachments = %s, sources = %s, version = version + 1, saved_at = %s"
        " WHERE id = %s AND version >= %s AND version <= %s",
        stored.form,
        stored.sealed,
        stored.attachments,
        _encoded(sources),
        now,
        draft.id,
        version or 0,
        version or _ANY_VERSION,
    )
    newest = await Draft.get_or_none(id=draft.id)
    if newest is None:
        raise Conflict("draft_gone")
    if not saved:
        raise _changed(flow, newest)
    return draft_queries.view_of(flow, content, sources, version=newest.version, saved_at=now)


def _changed(flow: Flow, draft: Draft) -> Conflict:
    newer = draft_queries.view(flow, draft)
    return Conflict("draft_changed", extra={"draft": msgspec.to_builtins(newer)})
