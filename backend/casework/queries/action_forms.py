"""The form of one of a flow's own actions, for whoever may do it now, and the papers of a case."""

from collections.abc import Sequence
from typing import Any

import msgspec

from backend.casework import attachments, figuring
from backend.casework.flows import ActionSpec, Flow
from backend.casework.forms import render
from backend.casework.protocols import Prefilled
from backend.casework.queries import acts, records
from backend.casework.queries.records import CaseRecord
from backend.casework.schemas import FieldView, ScreenView
from backend.casework.uploads import Sent
from backend.core.actor import Actor
from backend.core.errors import Conflict, FieldError, NotFound
from backend.documents.schemas import DocumentView

WORKED_OUT = "系统按计划算出"


class ActionForm(msgspec.Struct, frozen=True):
    """`flow` is the action's form in the shape of a flow, `begun` what was worked out for it."""

    spec: ActionSpec
    flow: Flow
    begun: dict[str, Any]

    @property
    def computed(self) -> list[FieldView]:
        """What is worked out and not asked, to be read beside the form."""
        asked = {spec.name for spec in self.flow.fields if spec.filled_by == "person"}
        return render.render_answers(self.flow, {name: said for name, said in self.begun.items() if name not in asked})


async def own_action_form(number: str, action: str, actor: Actor) -> ActionForm:
    return await _form(await records.own_record(number, actor), action, actor)


async def desk_action_form(number: str, action: str, actor: Actor) -> ActionForm:
    return await _form(await records.record(number, actor), action, actor)


async def _form(case: CaseRecord, action: str, actor: Actor) -> ActionForm:
    spec = case.spec.action(action)
    if spec is None:
        raise NotFound("no_such_action")
    offered = await acts.offers(case, actor, await acts.done(case.id))
    if all(offer.key != action for offer in offered):
        raise Conflict("action_not_open", name=spec.name)
    return ActionForm(spec, case.spec.action_form(action), await figuring.begun(spec, case.question(actor)))


async def action_screen(
    form: ActionForm, actor: Actor, *, sent: Sent | None = None, errors: Sequence[FieldError] = ()
) -> ScreenView:
    """Blank, or with what was just sent and what is wrong with it."""
    held = await attachments.views(sent.held, owner_id=actor.account_id) if sent and sent.held else {}
    prefill = {name: Prefilled(said, WORKED_OUT) for name, said in form.begun.items()} if sent is None else {}
    typed = sent.form if sent else {}
    screens = render.render_screens(form.flow, typed, errors, prefill, files=held, typed=sent is not None)
    return screens[0] if screens else ScreenView(key=form.spec.key, title=form.spec.name)


async def own_document(number: str, key: str, actor: Actor) -> DocumentView:
    return await _document(await records.own_record(number, actor), key, reader="applicant")


async def desk_document(number: str, key: str, actor: Actor) -> DocumentView:
    return await _document(await records.record(number, actor), key, reader="desk")


async def _document(case: CaseRecord, key: str, *, reader: str) -> DocumentView:
    found = await acts.document(case, key, reader=reader)
    if found is None:
        raise NotFound("document_unknown")
    return found
