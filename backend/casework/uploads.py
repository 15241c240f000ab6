"""What doors receive: an uploaded file, or a whole HTML form of a service with its files and buttons."""

from typing import Any

import msgspec
from litestar import Request
from litestar.datastructures import UploadFile

from backend.casework.contents import Attachments
from backend.casework.enums import FieldKind
from backend.casework.flows import Flow
from backend.casework.forms import page
from backend.casework.schemas import AttachmentView
from backend.core import files, ids
from backend.core.actor import Actor
from backend.core.errors import AppError, FieldError, invalid
from backend.core.models import StoredFile
from backend.web.forms import FormInput, read_form

AnyRequest = Request[Any, Any, Any]

_KEPT, _NEW = "attach.", "upload."


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A form as it was sent. `stays` means that a button changed the form itself, which comes back. `kept` are tables
    whose rows were not sent, because the draft holds them."""

    form: dict[str, Any]
    kept: frozenset[str] = frozenset()
    held: Attachments
    key: str
    version: int
    go: str
    stays: bool
    errors: list[FieldError]


async def take_one(request: AnyRequest, actor: Actor) -> AttachmentView:
    form = await read_form(request)
    sent = form.files.get("file")
    if not sent:
        raise invalid("file", "unreadable_upload")
    row = await _store(sent[0], actor)
    return AttachmentView(
        id=ids.public(row.id), name=row.name, media_type=row.media_type, size=row.size, sha256=row.sha256
    )


async def _store(upload: UploadFile, actor: Actor) -> StoredFile:
    return await files.store(
        await upload.read(),
        name=upload.filename,
        owner_id=actor.account_id,
        declared=upload.content_type or "",
        a_day=files.FILES_A_DAY_AT_WINDOW if actor.is_staff else files.FILES_A_DAY,
    )


async def read_sent(request: AnyRequest, flow: Flow, actor: Actor) -> Sent:
    """The form of `flow` from a page: typed values, files that were there, files that are new."""
    given = await read_form(request)
    held = {
        name.removeprefix(_KEPT): [file for file in kept if ids.parse(file) is not None]
        for name, kept in given.values.items()
        if name.startswith(_KEPT)
    }
    errors = await _store_new(given, held, actor)
    sent = {name: values for name, values in given.flat().items() if flow.field(name.split(".")[0]) is not None}
    form = page.read(flow, sent)
    kept = page.take_kept(flow, form)
    stays = _press(given, form, held)
    for spec in flow.fields:
        if spec.kind == FieldKind.FILE and held.get(spec.name):
            form[spec.name] = held[spec.name][-1]
    return Sent(
        form=form,
        kept=kept,
        held={slot: kept for slot, kept in held.items() if flow.slot(slot) is not None},
        key=given.one("idempotency_key") or given.one("submission_key"),
        version=given.version(),
        go=given.one("go"),
        stays=stays,
        errors=errors,
    )


async def _store_new(given: FormInput, held: Attachments, actor: Actor) -> list[FieldError]:
    """Keep what came; a file that is refused says so beside its place."""
    errors = []
    for name, uploads in given.files.items():
        slot = name.removeprefix(_NEW)
        for upload in uploads if name.startswith(_NEW) else ():
            try:
                row = await _store(upload, actor)
            except AppError as exc:
                errors.append(FieldError(slot, exc.errors[0].message if exc.errors else exc.detail))
            else:
                held.setdefault(slot, []).append(ids.public(row.id))
    return errors


def _press(given: FormInput, form: dict[str, Any], held: Attachments) -> bool:
    """Buttons without JavaScript that change the form: one more row, one less, one file less."""
    if table := given.one("add_row"):
        rows = {int(part[1]) for name in form if (part := name.split("."))[0] == table and len(part) == 3}
        form[f"{table}.{max(rows, default=-1) + 1}.new"] = ""
    elif row := given.one("remove_row"):
        for name in [name for name in form if name.startswith(f"{row}.")]:
            del form[name]
    elif file := given.one("remove_file"):
        slot, _, public_id = file.partition(".")
        held[slot] = [kept for kept in held.get(slot, []) if kept != public_id]
    else:
        return False
    return True
