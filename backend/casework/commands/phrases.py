"""The phrases that a clerk keeps."""

from tortoise.exceptions import IntegrityError

from backend.casework import rules, standing_phrases
from backend.casework.schemas import PhraseView
from backend.core import audit, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, NotFound, invalid

MOST = 50


@command
async def keep(*, text: str, actor: Actor) -> PhraseView:
    """One more, for this clerk alone."""
    text = " ".join(text.split())
    if not text:
        raise invalid("text", "phrase_empty")
    if len(text) > rules.MAX_PHRASE:
        raise invalid("text", "comment_too_long", limit=rules.MAX_PHRASE)
    if text in standing_phrases.shared():
        raise Conflict("phrase_there")
    kept = await database.scalar("SELECT COUNT(*) FROM phrase WHERE account_id = %s", actor.account_id)
    if kept >= MOST:
        raise Conflict("phrase_too_many", limit=MOST)
    phrase_id = ids.new_id()
    try:
        await database.insert("phrase", {"id": phrase_id, "account_id": actor.account_id, "text": text})
    except IntegrityError as exc:
        raise Conflict("phrase_there") from exc
    await audit.record(actor, "phrase.kept", object_kind="phrase", object_id=phrase_id)
    return PhraseView(id=ids.public(phrase_id), text=text, shared=False)


@command
async def drop(*, phrase: str, actor: Actor) -> None:
    """One of the clerk's own; a shared one is in the configuration."""
    phrase_id = ids.parse(phrase) or 0
    gone = await database.execute("DELETE FROM phrase WHERE id = %s AND account_id = %s", phrase_id, actor.account_id)
    if not gone:
        raise NotFound("phrase_unknown")
    await audit.record(actor, "phrase.dropped", object_kind="phrase", object_id=phrase_id)
