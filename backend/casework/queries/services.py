"""The service directory and one service item: what is asked, who may apply, which way it goes."""

from collections.abc import Mapping, Sequence
from typing import Any

from backend.casework import attachments, catalogue, judging, prefilling, quoting
from backend.casework.contents import Content
from backend.casework.enums import FieldKind
from backend.casework.flows import Flow
from backend.casework.forms import masks, page, parse, render
from backend.casework.protocols import Prefilled, Question
from backend.casework.queries import case_views
from backend.casework.queries import drafts as draft_queries
from backend.casework.schemas import (
    DraftView,
    EligibilityView,
    FormView,
    FunctionLine,
    PrefilledValue,
    QuoteView,
    ScreenView,
    ServiceItem,
    ServiceView,
    StepView,
)
from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import FieldError, NotFound
from backend.unions import queries as unions
from backend.unions.enums import LEVEL_NAMES, UnionLevel

_FOUND_UNIONS = 10
# As many rows as one types; what a sheet brought beyond them stays in the draft.
MOST_TYPED_ROWS = 60


def item(slug: str) -> ServiceItem:
    found = catalogue.current().item(slug)
    if found is None:
        raise NotFound("no_such_service")
    return found


def is_open(slug: str) -> bool:
    """Whether the service can be applied for."""
    found = catalogue.current().item(slug)
    return found is not None and found.enabled


def enabled_items(q: str = "") -> list[ServiceItem]:
    """What can be applied for, for a window or a search."""
    return [one for one in catalogue.directory(q=q).items if one.enabled]


def closed_service(listed: ServiceItem) -> ServiceView:
    """A service that is in the directory and not open yet: what is known of it."""
    return ServiceView(
        slug=listed.slug,
        name=listed.name,
        group=listed.group,
        group_name=listed.group_name,
        audience=listed.audience,
        summary=listed.summary,
        limit_working_days=listed.limit_working_days,
        enabled=False,
        form=FormView(fields=[], attachments=[]),
        eligibility=EligibilityView(text="", checks=[]),
        steps=[],
        functions=[],
        prefill={},
    )


async def service(slug: str, actor: Actor, *, given: Mapping[str, str] | None = None) -> ServiceView:
    """`given` is what the address brought: an invite code, a division."""
    listed = item(slug)
    if not listed.enabled:
        return closed_service(listed)
    flow = catalogue.flow(slug)
    offered = await prefilling.offered(flow, actor, given or {})
    screens = render.render_screens(flow, {}, prefill=offered)
    return ServiceView(
        slug=flow.slug,
        name=flow.name,
        group=listed.group,
        group_name=listed.group_name,
        audience=listed.audience,
        summary=flow.summary,
        limit_working_days=flow.limit_working_days,
        enabled=listed.enabled,
        for_others=flow.for_others,
        form=FormView(
            fields=[field for screen in screens for field in screen.fields],
            attachments=[slot for screen in screens for slot in screen.slots],
        ),
        eligibility=await _eligibility(flow, actor, {name: filled.value for name, filled in offered.items()}),
        steps=steps(flow),
        functions=[FunctionLine(code=one.code, name=one.name, enabled=one.enabled) for one in flow.functions],
        prefill={name: _masked(flow, name, filled) for name, filled in offered.items()},
    )


def steps(flow: Flow) -> list[StepView]:
    return [
        StepView(
            index=index,
            name=step.name,
            role=step.role,
            desk=f"{LEVEL_NAMES[UnionLevel(step.level)]}工会",
            days=step.days,
        )
        for index, step in enumerate(flow.steps)
    ]


def _masked(flow: Flow, name: str, filled: Prefilled) -> PrefilledValue:
    spec = flow.field(name)
    return PrefilledValue(value=masks.mask(spec, filled.value) if spec else filled.value, source=filled.source)


async def _eligibility(flow: Flow, actor: Actor, values: Mapping[str, Any]) -> EligibilityView:
    """What can be said before the form is filled in; for a visitor everything is open."""
    today = clock.today()
    question = Question(
        flow=flow.slug,
        actor=actor,
        today=today,
        values=values,
        params=flow.params_on(today),
        member_id=actor.member_id,
    )
    facts = await judging.gather(flow, question)
    return EligibilityView(text=flow.eligibility.text, checks=judging.eligibility_lines(flow, facts, question))


def screens_of(flow: Flow) -> list[frozenset[str]]:
    """The names that a person fills in, screen by screen."""
    return [
        frozenset(
            [spec.name for spec in screen.fields if spec.filled_by == "person"]
            + [slot.name for slot in screen.attachments]
        )
        for screen in flow.screens
    ]


async def screen_errors(
    slug: str, names: frozenset[str], form: Mapping[str, Any], held: Mapping[str, list[str]], actor: Actor
) -> list[FieldError]:
    """What is wrong on one screen, judged with what the others hold."""
    flow = catalogue.flow(slug)
    content, _ = await draft_queries.draft_content(slug, actor.account_id)
    others = {name: value for name, value in content.values.items() if name not in names and flow.asks(name)}
    known = {**await prefilling.known(flow, actor, form, {}), **content.sensitive}
    files = {slot: kept for slot, kept in content.attachments.items() if slot not in names} | dict(held)
    parsed = parse.parse_form(
        flow, page.whole(flow, others | dict(form)), files=files, today=clock.today(), known=known
    )
    return [error for error in parsed.errors if error.field.split(".")[0] in names]


async def form_screens(
    slug: str,
    actor: Actor,
    *,
    given: Mapping[str, str],
    typed: Mapping[str, Any] | None = None,
    errors: Sequence[FieldError] = (),
) -> tuple[list[ScreenView], DraftView | None]:
    """Every screen with what the draft holds, or on top of it what was `typed` just now."""
    flow = catalogue.flow(slug)
    content, draft = await draft_queries.draft_content(slug, actor.account_id)
    cleared = set(draft.cleared if draft is not None else ())
    offered = {
        name: filled for name, filled in (await prefilling.offered(flow, actor, given)).items() if name not in cleared
    }
    values = {**masks.masked(flow, content.values), **(typed or {})}
    screens = render.render_screens(
        flow,
        values,
        errors,
        offered,
        files=await attachments.views(_files(flow, content, values), owner_id=actor.account_id),
        choices=await union_options(flow, values, offered),
        typed=True,
        sources=draft.sources if draft is not None else {},
        most_rows=MOST_TYPED_ROWS,
        by_sheet=True,
    )
    return screens, draft


async def draft_quote(slug: str, actor: Actor) -> QuoteView | None:
    """The amount that the form asks for, as far as its draft says enough."""
    flow = catalogue.flow(slug)
    if not flow.quote:
        return None
    content, _ = await draft_queries.draft_content(slug, actor.account_id)
    today = clock.today()
    values = {name: value for name, value in content.values.items() if flow.asks(name)}
    parsed = parse.parse_form(flow, values, today=today, known=content.sensitive)
    return await quoting.quote_view(
        flow,
        Question(
            flow=flow.slug,
            actor=actor,
            today=today,
            values=parsed.all,
            params=flow.params_on(today),
            member_id=actor.member_id,
        ),
    )


async def blank_screens(
    slug: str, *, typed: Mapping[str, Any], held: Mapping[str, list[str]], errors: Sequence[FieldError], owner_id: int
) -> list[ScreenView]:
    """A form for somebody at the window: nothing of the clerk's own is filled in."""
    flow = catalogue.flow(slug)
    return render.render_screens(
        flow,
        typed,
        errors,
        files=await attachments.views(dict(held), owner_id=owner_id),
        choices=await union_options(flow, typed, {}),
        typed=True,
    )


def _files(flow: Flow, content: Content, values: Mapping[str, Any]) -> dict[str, list[str]]:
    return attachments.of_values(flow, content.attachments, values)


async def union_options(
    flow: Flow, values: Mapping[str, Any], offered: Mapping[str, Prefilled]
) -> dict[str, dict[str, str]]:
    """Names for chosen unions; where a name was typed without choosing, the unions it may mean."""
    held = {name: filled.value for name, filled in offered.items()} | {k: v for k, v in values.items() if v}
    choices = await case_views.union_choices(flow, {name: _last(value) for name, value in held.items()})
    for spec in flow.fields:
        typed = _last(values.get(f"{spec.name}.q"))
        if spec.kind == FieldKind.ORG_REF and typed and not _last(values.get(spec.name)):
            found = await unions.joinable(str(typed), limit=_FOUND_UNIONS)
            choices[spec.name] = {one.id: one.name for one in found.items}
    return choices


def _last(value: Any) -> Any:
    return value[-1] if isinstance(value, list) and value else value
