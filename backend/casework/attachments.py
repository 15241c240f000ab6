"""Files of drafts and cases: whose they are, which case they belong to, who may open them."""

from collections.abc import Collection, Mapping

import msgspec
from tortoise.exceptions import IntegrityError

from backend.casework.contents import Attachments
from backend.casework.enums import CaseStatus, FieldKind
from backend.casework.flows import Flow
from backend.casework.rules import MAX_FILES
from backend.casework.schemas import FileView
from backend.core import database, ids
from backend.core.actor import Actor
from backend.core.errors import FieldError, Invalid, sentence


class _FileRow(msgspec.Struct, kw_only=True):
    id: int
    owner_id: int
    name: str
    media_type: str
    size: int
    sha256: str


def of_values(flow: Flow, attachments: Attachments, values: Mapping[str, object]) -> Attachments:
    """All files by slot, those of file fields included."""
    in_fields = {
        spec.name: [str(values[spec.name])]
        for spec in flow.fields
        if spec.kind == FieldKind.FILE and values.get(spec.name)
    }
    return {**attachments, **in_fields}


async def require_mine(held: Attachments, actor: Actor, *, already: Collection[str] = ()) -> None:
    """Every file must exist and be the actor's own; those in `already` belong to the case since before."""
    if sum(map(len, held.values())) > MAX_FILES:
        raise Invalid([FieldError(next(iter(held)), sentence("too_many_case_files", limit=MAX_FILES))])
    new = {slot: [file for file in files if file not in already] for slot, files in held.items()}
    rows = await _rows([file for files in new.values() for file in files])
    errors = [
        FieldError(slot, sentence("file_not_there"))
        for slot, files in new.items()
        if len(set(files)) < len(files) or any(not _is_mine(rows.get(file), actor) for file in files)
    ]
    if errors:
        raise Invalid(errors)


def _is_mine(row: _FileRow | None, actor: Actor) -> bool:
    return row is not None and row.owner_id == actor.account_id


async def require_different(flow: Flow, held: Attachments) -> None:
    """Of files that stand for one thing alone none may be there twice."""
    known = await _digests(flow, held)
    digests = list(known.values())
    twice = {slot for (slot, _), digest in known.items() if digests.count(digest) > 1}
    if twice:
        raise Invalid([FieldError(slot, sentence("photo_twice")) for slot in sorted(twice)])


async def unique_digests(flow: Flow, held: Attachments) -> set[str]:
    """Those of the files that stand for one thing alone."""
    return set((await _digests(flow, held)).values())


async def _digests(flow: Flow, held: Attachments) -> dict[tuple[str, str], str]:
    """Slot and file → the digest of its content."""
    slots = {slot.name for slot in flow.attachments if slot.unique}
    wanted = [(slot, file) for slot, files in held.items() if slot in slots for file in files]
    rows = await _rows([file for _, file in wanted])
    return {(slot, file): rows[file].sha256 for slot, file in wanted if file in rows}


async def link(case_id: int, held: Attachments, *, number: int, already: Collection[str] = ()) -> None:
    """Tie the new files to the case, in the caller's command. `number` is the round that brings them."""
    await _take_back([file for files in held.values() for file in files if file not in already])
    for slot, files in held.items():
        for file in files:
            if file in already:
                continue
            row = {"id": ids.new_id(), "case_id": case_id, "slot": slot, "file_id": ids.parse(file), "round": number}
            try:
                await database.insert("case_attachment", row)
            except IntegrityError as exc:
                raise Invalid([FieldError(slot, sentence("file_in_use"))]) from exc


async def _take_back(files: Collection[str]) -> None:
    """Those of a withdrawn case are free for the next one."""
    wanted = [number for file in files if (number := ids.parse(file)) is not None]
    if not wanted:
        return
    marks = ", ".join(["%s"] * len(wanted))
    await database.execute(
        f"DELETE FROM case_attachment WHERE file_id IN ({marks})"  # noqa: S608 - placeholders only
        " AND case_id IN (SELECT id FROM case_file WHERE status = %s)",
        *wanted,
        CaseStatus.WITHDRAWN.value,
    )


async def views(
    held: Attachments, *, owner_id: int | None = None, new: Collection[str] = ()
) -> dict[str, list[FileView]]:
    """Files as pages show them, by slot. With `owner_id` only that account's own: a draft may name any id."""
    rows = await _rows([file for files in held.values() for file in files])
    shown: dict[str, list[FileView]] = {}
    for slot, files in held.items():
        found = [(file, row) for file in files if (row := rows.get(file)) is not None]
        shown[slot] = [
            _view(file, row, is_new=file in new) for file, row in found if owner_id is None or row.owner_id == owner_id
        ]
    return shown


def _view(public_id: str, row: _FileRow, *, is_new: bool) -> FileView:
    return FileView(
        id=public_id,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        url=f"/files/{public_id}",
        is_image=row.media_type.startswith("image/"),
        is_new=is_new,
    )


async def _rows(files: Collection[str]) -> dict[str, _FileRow]:
    wanted = [number for file in files if (number := ids.parse(file)) is not None]
    if not wanted:
        return {}
    marks = ", ".join(["%s"] * len(wanted))
    found = await database.views(
        _FileRow,
        f"SELECT id, owner_id, name, media_type, size, sha256 FROM stored_file WHERE id IN ({marks})",  # noqa: S608
        *wanted,
    )
    return {ids.public(row.id): row for row in found}
