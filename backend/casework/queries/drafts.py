"""Reading a draft: sensitive values masked, the rest as typed."""

from datetime import datetime

import msgspec

from backend.casework import catalogue, contents
from backend.casework.contents import Content, Stored
from backend.casework.flows import Flow
from backend.casework.forms import masks
from backend.casework.models import Draft
from backend.casework.schemas import DraftView
from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import NotFound

EMPTY = Content({}, {}, {})

_decode_sources = msgspec.json.Decoder(dict[str, str]).decode


async def draft(slug: str, actor: Actor) -> DraftView:
    flow = catalogue.flow(slug)
    found = await Draft.get_or_none(account_id=actor.account_id, flow=flow.slug)
    if found is None:
        raise NotFound("no_draft")
    return view(flow, found)


async def draft_or_none(slug: str, actor: Actor) -> DraftView | None:
    found = await Draft.get_or_none(account_id=actor.account_id, flow=slug)
    return view(catalogue.flow(slug), found) if found else None


async def draft_content(slug: str, account_id: int) -> tuple[Content, DraftView | None]:
    """What the draft holds with the sensitive values opened, for checking and sending it; and its View."""
    found = await Draft.get_or_none(account_id=account_id, flow=slug)
    return content_of(found), view(catalogue.flow(slug), found) if found else None


def content_of(found: Draft | None) -> Content:
    if found is None:
        return EMPTY
    return contents.unpack(
        Stored(found.form, found.sealed, found.attachments), context=contents.draft_context(found.id)
    )


def origins_of(found: Draft | None) -> dict[str, str]:
    """Which answers came from an earlier application, and from which; "" for what the person emptied."""
    return _decode_sources(found.sources) if found is not None and found.sources else {}


def sources_of(found: Draft | None) -> dict[str, str]:
    return {name: words for name, words in origins_of(found).items() if words}


def cleared_of(found: Draft | None) -> frozenset[str]:
    return frozenset(name for name, words in origins_of(found).items() if not words)


def view(flow: Flow, found: Draft) -> DraftView:
    content, origins = content_of(found), origins_of(found)
    return view_of(flow, content, origins, version=found.version, saved_at=found.saved_at)


def view_of(flow: Flow, content: Content, origins: dict[str, str], *, version: int, saved_at: datetime) -> DraftView:
    return DraftView(
        form=masks.masked(flow, content.values),
        attachments=content.attachments,
        version=version,
        sources={name: words for name, words in origins.items() if words},
        cleared=[name for name, words in origins.items() if not words],
        saved_at=clock.local(saved_at).isoformat(timespec="seconds"),
    )
