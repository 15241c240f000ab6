"""Issuing papers. The same key issues once: a second call gives the number of the first."""

import msgspec

from backend.core import audit, clock, database, ids, sequences
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import NotFound
from backend.documents.models import Document
from backend.documents.schemas import Paper


@command
async def issue(*, key: str, prefix: str, paper: Paper, actor: Actor) -> str:
    """The number of the paper; `prefix` names its series: 批 → 批2026-000012."""
    known = await database.scalar("SELECT number FROM document WHERE `key` = %s", key)
    if known is not None:
        return str(known)
    today, document_id = clock.today(), ids.new_id()
    serial = await sequences.next_number(f"document:{prefix}:{today.year}")
    number = f"{prefix}{today.year}-{serial:06d}"
    row = {
        "id": document_id,
        "number": number,
        "key": key,
        "title": paper.title[:120],
        "issuer": paper.issuer[:80],
        "subject": paper.subject[:80],
        "body": msgspec.json.encode(paper.body).decode(),
        "issued_on": today,
        "issued_by": actor.account_id,
    }
    await database.insert("document", row)
    await audit.record(actor, "document.issued", object_kind="document", object_id=document_id, detail={"key": key})
    return number


@command
async def void(*, number: str, actor: Actor) -> None:
    """Take a paper out of force; whoever verifies it reads so. Doing it again changes nothing."""
    document = await Document.get_or_none(number=number) if len(number) <= 24 else None
    if document is None:
        raise NotFound("document_unknown")
    if document.voided_on is None:
        await database.execute("UPDATE document SET voided_on = %s WHERE id = %s", clock.today(), document.id)
        await audit.record(actor, "document.voided", object_kind="document", object_id=document.id)
