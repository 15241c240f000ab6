"""The page on which an applicant answers a return: open fields with the clerk's words, the rest to read."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from backend.casework import attachments, reconsidered
from backend.casework.contents import Attachments
from backend.casework.forms import masks, parse, render
from backend.casework.queries import case_views, records, services, tables
from backend.casework.queries.case_views import own_actions
from backend.casework.schemas import CaseView, FieldView, SlotView
from backend.core.actor import Actor
from backend.core.errors import FieldError


class CorrectionPage(msgspec.Struct, kw_only=True):
    case: CaseView
    open_fields: list[FieldView]
    open_slots: list[SlotView]
    accepted: list[FieldView]
    accepted_files: int
    again: str  # what a change of the open fields would bring about


async def correction_page(
    number: str,
    actor: Actor,
    *,
    typed: Mapping[str, Any] | None = None,
    held: Attachments | None = None,
    errors: Sequence[FieldError] = (),
) -> CorrectionPage:
    """`typed` and `held` are what was sent just now, to be shown again with its errors."""
    case = await records.own_record(number, actor)
    flow, content = case.spec, case.content
    view = await case_views.case_view(case, own=True, actions=own_actions(case))
    comments = {one.field: one.comment for one in view.corrections}
    opened = parse.unlocked(flow, comments)
    files = attachments.of_values(flow, content.attachments, content.values)
    waiting = await tables.waiting(number, actor) & opened
    content = msgspec.structs.replace(
        content, sensitive=content.sensitive | await tables.rows_of_case(number, waiting, actor)
    )
    values = {**masks.masked(flow, content.values), **(typed or {})}
    screens = render.render_screens(
        flow,
        values,
        errors,
        comments=comments,
        only=opened,
        files=await attachments.views(files | (held or {}), owner_id=None),
        choices=await services.union_options(flow, values, {}),
        typed=True,
        most_rows=services.MOST_TYPED_ROWS,
        always_kept=waiting,
    )
    fields = [field for screen in screens for field in screen.fields]
    for field in fields:
        if field.kept:
            field.sheet_at = f"/cases/{number}/tables/{field.name}"
    return CorrectionPage(
        case=view,
        open_fields=fields,
        open_slots=[slot for screen in screens for slot in screen.slots],
        accepted=[field for field in view.fields if field.name not in opened],
        accepted_files=sum(len(files) for slot, files in content.attachments.items() if slot not in opened),
        again=reconsidered.words(flow, case.plan, case.step_index, opened),
    )
