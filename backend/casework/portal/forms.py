"""The forms of the portal: an application screen by screen over its draft, and the answer to a return."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import msgspec
from litestar import Request, Response, get, post, put
from litestar.datastructures import Cookie
from litestar.params import FromPath, FromQuery, JSONBody

from backend.casework import catalogue, commands, queries, uploads
from backend.casework.commands.filing import CONSENT_FIELDS, INVITE_FIELD
from backend.casework.forms import page as forms
from backend.casework.judging import NotEligible
from backend.casework.queries.correction_page import CorrectionPage
from backend.casework.schemas import CorrectionsInput, DraftView, ReuseOffer, ScreenView, SubmitInput
from backend.casework.uploads import Sent
from backend.core import reference
from backend.core.actor import Actor
from backend.core.errors import AppError, Conflict, FieldError, Invalid
from backend.identity import queries as identity
from backend.web.access import PERSON, CurrentActor
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]

# What a poster's address brought stays for as long as somebody fills in three screens.
GIVEN_COOKIE, GIVEN_SECONDS = "given", 3600


# Buttons of the form that fill it from an earlier application, and take that back.
_EARLIER = {"reuse": commands.fill_from_earlier, "clear": commands.clear_reused}


class ScreenInput(msgspec.Struct, kw_only=True):
    """What the page saves while somebody types: one screen."""

    screen: str
    form: dict[str, Any] = {}
    attachments: dict[str, list[str]] = {}


@put("/services/{slug:str}/draft", opt=PERSON, include_in_schema=False)
async def save_screen(slug: FromPath[str], data: JSONBody[ScreenInput], actor: CurrentActor) -> DraftView:
    """Saved while typing; the other screens stay as they are."""
    flow = catalogue.flow(slug)
    index = next((at for at, screen in enumerate(flow.screens) if screen.key == data.screen), 0)
    names = queries.screens_of(flow)[index]
    form = forms.read(flow, data.form)
    names -= forms.take_kept(flow, form)
    return await commands.save_screen(slug=slug, names=names, form=form, attachments=data.attachments, actor=actor)


@get("/services/{slug:str}/apply", opt=PERSON)
async def show_form(
    request: AnyRequest,
    slug: FromPath[str],
    actor: CurrentActor,
    screen: FromQuery[int] = 1,
    invite: FromQuery[str] = "",
    renew: FromQuery[str] = "",
) -> Response[Any]:
    given = _given(request, invite) | ({"renew": renew[:20]} if renew else {})
    response = await _form_page(request, slug, actor, _within(slug, screen), given=given)
    if invite.isascii() and invite.replace("-", "").isalnum():
        response.cookies.append(_given_cookie(slug, invite))
    return response


@post("/services/{slug:str}/apply", opt=PERSON)
async def send_screen(
    request: AnyRequest, slug: FromPath[str], actor: CurrentActor, screen: FromQuery[int] = 1
) -> Response[Any]:
    flow, number = catalogue.flow(slug), _within(slug, screen)
    sent = await uploads.read_sent(request, flow, actor)
    if sent.go == "submit" and not sent.stays and not sent.errors:
        return await _submit(request, slug, actor, number, sent)
    names = queries.screens_of(flow)[number - 1] - sent.kept
    await commands.save_screen(slug=slug, names=names, form=sent.form, attachments=sent.held, actor=actor)
    if sent.go in _EARLIER and not sent.stays and not sent.errors:
        await _EARLIER[sent.go](slug=slug, actor=actor)
        return redirect(f"/services/{slug}/apply?screen={number}")
    errors = sent.errors
    if sent.go == "next" and not sent.stays and not errors:
        errors = await queries.screen_errors(slug, names, sent.form, sent.held, actor)
    if sent.stays or errors:
        return await _form_page(request, slug, actor, number, sent=sent, errors=errors, given=_given(request))
    if table := sent.go.removeprefix("table.") if sent.go.startswith("table.") else "":
        queries.tables.in_draft(slug, table)
        return redirect(f"/services/{slug}/tables/{table}")
    return redirect(f"/services/{slug}/apply?screen={number - 1 if sent.go == 'back' else number + 1}")


async def _submit(request: AnyRequest, slug: str, actor: Actor, number: int, sent: Sent) -> Response[Any]:
    names = queries.screens_of(catalogue.flow(slug))[number - 1] - sent.kept
    data = SubmitInput(form=sent.form, attachments=sent.held)
    try:
        case = await commands.submit(
            slug=slug, data=data, actor=actor, nonce=sent.key, given=_given(request), screen=names
        )
    except AppError as error:
        # The same attempt may have come through a moment ago, and its draft is gone with it.
        earlier = await commands.submitted_number(slug=slug, nonce=sent.key, actor=actor)
        if earlier is None:
            return await _refused(request, slug, actor, number, sent, error)
        case = earlier
    response = redirect(f"/cases/{case}/submitted")
    response.cookies.append(_given_cookie(slug, ""))
    return response


async def _refused(
    request: AnyRequest, slug: str, actor: Actor, number: int, sent: Sent, error: AppError
) -> Response[Any]:
    """Nothing is lost: what was typed goes into the draft, and the page shows what to change."""
    if isinstance(error, Conflict) and "url" in error.extra:
        return redirect(error.extra["url"])
    names = queries.screens_of(catalogue.flow(slug))
    await commands.save_screen(
        slug=slug, names=names[number - 1] - sent.kept, form=sent.form, attachments=sent.held, actor=actor
    )
    if isinstance(error, NotEligible) and "union" in error.extra:
        member = error.extra
        return page(request, "portal/membership/already_member.html", title="已经是会员", status=422, member=member)
    errors = list(error.errors) if isinstance(error, Invalid) else []
    wrong = {each.field.split(".")[0] for each in errors}
    shown = next((at for at, screen in enumerate(names, start=1) if wrong & screen), number)
    response = await _form_page(
        request,
        slug,
        actor,
        shown,
        sent=sent if shown == number else None,
        errors=errors,
        problem="" if wrong & names[shown - 1] else error.detail,
        status=error.status,
        given=_given(request),
    )
    if INVITE_FIELD in wrong:  # said once; whoever sends it again applies without an invite
        response.cookies.append(_given_cookie(slug, ""))
    return response


async def _form_page(
    request: AnyRequest,
    slug: str,
    actor: Actor,
    number: int,
    *,
    given: Mapping[str, str],
    sent: Sent | None = None,
    errors: list[FieldError] | None = None,
    problem: str = "",
    status: int = 0,
) -> Response[str]:
    typed = sent.form if sent else None
    screens, draft = await queries.form_screens(slug, actor, given=given, typed=typed, errors=errors or ())
    screen = screens[number - 1]
    item = queries.item(slug)
    return page(
        request,
        "portal/casework/form.html",
        title=item.name,
        status=status or (422 if errors else 200),
        service=item,
        screen=screen,
        screen_no=number,
        screen_count=len(screens),
        previous=screens[: number - 1] if screen.summary else [],
        draft=draft,
        reusable=await _offered(slug, actor, draft) if number == 1 else None,
        problem=problem,
        texts=_texts_for(screen),
        quote=await queries.draft_quote(slug, actor) if number == len(screens) else None,
        idempotency_key=sent.key if sent and sent.key else uuid4().hex,
    )


async def _offered(slug: str, actor: Actor, draft: DraftView | None) -> ReuseOffer | None:
    """What an earlier application answers, before it was asked for."""
    return None if draft is not None and draft.sources else await queries.reuse_offer(slug, actor)


def _texts_for(screen: ScreenView) -> list[Any]:
    """What is agreed to stands above the tick."""
    asked = {CONSENT_FIELDS[field.name] for field in screen.fields if field.name in CONSENT_FIELDS}
    return [text for text in identity.consent_texts() if text.kind in asked]


def _within(slug: str, screen: int) -> int:
    return min(max(screen, 1), len(catalogue.flow(slug).screens))


def _given(request: AnyRequest, invite: str = "") -> dict[str, str]:
    code = invite or request.cookies.get(GIVEN_COOKIE, "")
    return {"invite": code[:20]} if code else {}


def _given_cookie(slug: str, invite: str) -> Cookie:
    return Cookie(
        key=GIVEN_COOKIE,
        value=invite[:20],
        path=f"/services/{slug}",
        max_age=GIVEN_SECONDS if invite else 0,
        httponly=True,
        samesite="lax",
        secure=reference.settings().is_production,
    )


@get("/cases/{number:str}/correction", opt=PERSON)
async def show_correction(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[Any]:
    shown = await queries.correction_page(number, actor)
    if "correct" not in shown.case.actions:
        return redirect(f"/cases/{number}")
    return _correction_page(request, shown)


@post("/cases/{number:str}/corrections", opt=PERSON)
async def send_correction(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[Any]:
    flow = await queries.own_flow(number, actor)
    sent = await uploads.read_sent(request, flow, actor)
    errors = sent.errors
    if not sent.stays and not errors:
        try:
            form = forms.whole(flow, sent.form) | await queries.tables.rows_of_case(number, sent.kept, actor)
            data = CorrectionsInput(form=form, attachments=sent.held, version=sent.version)
            await commands.correct(number=number, data=data, actor=actor)
            return redirect(f"/cases/{number}")
        except Conflict:
            return redirect(f"/cases/{number}")  # sent twice, or the case moved on: its page says where it is
        except Invalid as error:
            errors = list(error.errors)
    shown = await queries.correction_page(number, actor, typed=sent.form, held=sent.held, errors=errors)
    return _correction_page(request, shown, key=sent.key, status=422 if errors else 200)


def _correction_page(request: AnyRequest, shown: CorrectionPage, *, key: str = "", status: int = 200) -> Response[str]:
    return page(
        request,
        "portal/casework/correction.html",
        title="补正材料",
        status=status,
        case=shown.case,
        open_fields=shown.open_fields,
        open_slots=shown.open_slots,
        accepted=shown.accepted,
        accepted_files=shown.accepted_files,
        again=shown.again,
        problem="",
        idempotency_key=key or uuid4().hex,
    )


routes = [save_screen, show_form, send_screen, show_correction, send_correction]
