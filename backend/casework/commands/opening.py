"""Looking at a case as an act: taking it up, opening a sensitive value, opening a photo. Each leaves its line."""

from datetime import timedelta

import msgspec

from backend.casework import contents, rules
from backend.casework.commands import presence, transitions
from backend.casework.commands.access import find, flow_of, require_say, standing_for, standing_of
from backend.casework.enums import OPEN, CaseAction, CaseStatus
from backend.casework.events import CaseAccepted
from backend.casework.models import Case
from backend.casework.queries.file_access import FileAccess
from backend.casework.queries.scope import is_asked
from backend.casework.schemas import RevealedView
from backend.core import audit, clock, database, files, ids, outbox
from backend.core.actor import Actor, Post
from backend.core.command import command
from backend.core.errors import NotFound
from backend.core.models import AccessTrace, StoredFile
from backend.core.reveal import Purpose, reveal

PHOTO = "photo"
PHOTOS_TOGETHER = timedelta(hours=1)


@command
async def take_up(*, number: str, actor: Actor) -> None:
    """The desk has begun: the applicant reads so, and colleagues read who has it open. Doing it again only says
    that the page is still there, and outdates none."""
    case, post = await _served(number, actor)
    if case.status in OPEN:
        await presence.note(case, actor)
    taken = await database.execute(
        "UPDATE case_file SET status = %s WHERE id = %s AND status = %s",
        CaseStatus.IN_REVIEW.value,
        case.id,
        CaseStatus.SUBMITTED.value,
    )
    if taken:
        event_id = await transitions.note(case, CaseAction.OPEN, actor, post=post)
        await outbox.emit(CaseAccepted(case.id, event_id), key=str(case.id))
        await audit.record(actor, "case.open", object_kind="case", object_id=case.id, detail=post.trace)


@command
async def reveal_field(*, number: str, field: str, actor: Actor) -> RevealedView:
    """One sensitive value of a case that the actor's desk has or is asked about, with a trace that its owner reads."""
    case = await _readable(number, actor)
    spec = flow_of(case).field(field)
    if spec is None or not spec.is_sensitive:
        raise NotFound()
    kind, subject_id = _subject(case)
    opened = await reveal(
        case.sealed,
        context=contents.case_context(case.id),
        field=field,
        purpose=Purpose.REVIEW,
        actor=actor,
        subject_kind=kind,
        subject_id=subject_id,
        case_id=case.id,
    )
    value = msgspec.json.decode(opened).get(field)
    if value is None:
        raise NotFound()
    return RevealedView(field=field, label=spec.label, value=value if isinstance(value, str) else str(value))


async def open_file(access: FileAccess, actor: Actor) -> tuple[StoredFile, bytes]:
    """The file itself; staff who open somebody else's leave a trace first."""
    if access.subject is not None:
        await _note_opened(access, access.subject, actor)
    return await files.read(access.file_id)


@command
async def _note_opened(access: FileAccess, subject: tuple[str, int], actor: Actor) -> None:
    """For its owner one line an hour: a page of twelve photos, and looking twice, are one act of looking.

    The audit log names every file.
    """
    kind, subject_id = subject
    now = clock.now()
    await audit.record(actor, "file.opened", object_kind="file", object_id=access.file_id)
    traced = await AccessTrace.filter(
        actor_id=actor.account_id, at__gt=now - PHOTOS_TOGETHER, field=PHOTO, subject_kind=kind, subject_id=subject_id
    ).exists()
    if not traced:
        await AccessTrace.create(
            id=ids.new_id(),
            subject_kind=kind,
            subject_id=subject_id,
            field=PHOTO,
            purpose=Purpose.REVIEW.value,
            actor_id=actor.account_id,
            actor_label=f"{actor.posts[0].union_name if actor.posts else ''} {actor.display}".strip()[:80],
            at=now,
        )


async def _readable(number: str, actor: Actor) -> Case:
    case = await find(number)
    if case is None:
        raise NotFound("case_not_found")
    standing = await standing_for(case, actor)
    if rules.serving_post(actor, standing) is None and not await is_asked(case.id, actor):
        raise NotFound("case_not_found")
    require_say(actor, standing)
    return case


async def _served(number: str, actor: Actor) -> tuple[Case, Post]:
    case = await find(number)
    post = None if case is None else rules.serving_post(actor, standing_of(case))
    if case is None or post is None:
        raise NotFound("case_not_found")
    require_say(actor, await standing_for(case, actor))
    return case, post


def _subject(case: Case) -> tuple[str, int]:
    """Under whose name the trace stands: the member's where one is known, for accounts come and go."""
    if case.member_id is not None:
        return "member", case.member_id
    return ("account", case.applicant_id) if case.applicant_id is not None else ("case", case.id)
