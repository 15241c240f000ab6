"""What a clerk may put into a comment: their own phrases, then those of every desk."""

from backend.casework import standing_phrases
from backend.casework.schemas import PhraseView
from backend.core import database, ids
from backend.core.actor import Actor


async def phrases(actor: Actor) -> list[PhraseView]:
    """The latest of one's own first."""
    found = await database.rows("SELECT id, text FROM phrase WHERE account_id = %s ORDER BY id DESC", actor.account_id)
    own = [PhraseView(id=ids.public(row["id"]), text=row["text"], shared=False) for row in found]
    return own + [PhraseView(id=None, text=text, shared=True) for text in standing_phrases.shared()]
