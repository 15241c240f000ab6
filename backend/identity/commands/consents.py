"""Consents: given to one wording, withdrawn as easily."""

from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, NotFound
from backend.identity import texts
from backend.identity.enums import ConsentKind


@command
async def give_consent(kind: ConsentKind, text_version: str, *, channel: str, actor: Actor) -> int:
    """Agree to the text in force; agreeing again to the same wording is the same consent. Its id."""
    text = texts.current(kind)
    if text_version != text.version:
        raise Conflict("consent_text_changed")
    standing = f"{actor.account_id}:{kind.value}"
    known = await database.rows("SELECT id, text_hash FROM consent WHERE standing = %s", standing)
    if known and known[0]["text_hash"] == text.hash:
        return int(known[0]["id"])
    # What was agreed to before stays on record; the new wording takes its place.
    await database.execute(
        "UPDATE consent SET standing = NULL WHERE standing = %s AND text_hash <> %s", standing, text.hash
    )
    consent_id = ids.new_id()
    given = await database.insert_if_absent(
        "consent",
        {
            "id": consent_id,
            "account_id": actor.account_id,
            "kind": kind.value,
            "standing": standing,
            "text_version": text.version,
            "text_hash": text.hash,
            "channel": channel[:20],
            "given_at": clock.now(),
        },
        key="standing",
    )
    if not given:
        return int(await database.scalar("SELECT id FROM consent WHERE standing = %s", standing))
    await audit.record(
        actor,
        "consent.given",
        object_kind="consent",
        object_id=consent_id,
        detail={"kind": kind.value, "version": text.version},
    )
    return consent_id


@command
async def withdraw_consent(kind: ConsentKind, actor: Actor) -> None:
    """From here on `standing_consents` does not name it; what was done before stays valid."""
    standing = f"{actor.account_id}:{kind.value}"
    consent_id = await database.scalar("SELECT id FROM consent WHERE standing = %s", standing)
    withdrawn = await database.execute(
        "UPDATE consent SET standing = NULL, withdrawn_at = %s WHERE standing = %s", clock.now(), standing
    )
    if not withdrawn:
        raise NotFound()
    await audit.record(
        actor, "consent.withdrawn", object_kind="consent", object_id=consent_id, detail={"kind": kind.value}
    )
