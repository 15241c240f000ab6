"""What came to somebody without their asking, as they see it: why, what is filled in and from where."""

from collections.abc import Sequence

from backend.casework import catalogue, prefilling, proactive
from backend.casework.enums import OfferState
from backend.casework.flows import Flow, ProactiveSpec
from backend.casework.forms import parse, render
from backend.casework.models import Offer, OfferRefusal
from backend.casework.protocols import Prefilled
from backend.casework.queries import case_views
from backend.casework.schemas import FieldView, OfferLine, OfferView
from backend.core import clock, database
from backend.core.actor import Actor
from backend.core.errors import NotFound

_MOST = 50


async def latest(slug: str, rule: str, actor: Actor) -> Offer:
    """The newest that the actor has of this rule, as the member they are now."""
    found = None
    if actor.kind == "person" and actor.member_id is not None and len(slug) <= 40 and len(rule) <= 40:
        own = Offer.filter(account_id=actor.account_id, member_id=actor.member_id, flow=slug, rule=rule)
        found = await own.order_by("-id").first()
    if found is None:
        raise NotFound("no_offer")
    return found


async def own_offers(actor: Actor) -> list[OfferLine]:
    """Those that can be confirmed, the newest first."""
    found = await database.rows(
        "SELECT flow, rule, closes_on FROM offer WHERE account_id = %s AND member_id = %s AND state = %s"
        " AND closes_on >= %s ORDER BY id DESC LIMIT %s",
        actor.account_id,
        actor.member_id or 0,
        OfferState.OFFERED.value,
        clock.today(),
        _MOST,
    )
    lines = []
    for row in found:
        flow = catalogue.current().flows.get(row["flow"])
        spec = proactive.rule_of(flow, row["rule"]) if flow is not None and flow.enabled else None
        if flow is not None and spec is not None:
            until = row["closes_on"]
            lines.append(OfferLine(slug=flow.slug, rule=spec.key, name=spec.name, icon=flow.icon, until=str(until)))
    return lines


async def own_offer(slug: str, rule: str, actor: Actor) -> OfferView:
    offer = await latest(slug, rule, actor)
    flow = catalogue.flow(slug)
    spec = proactive.rule_of(flow, rule)
    if spec is None:
        raise NotFound("no_offer")
    known = await filled(flow, spec, actor)
    key = proactive.refusal_key(slug, rule, offer.member_id)
    return OfferView(
        slug=slug,
        rule=rule,
        name=spec.name,
        text=spec.text,
        service=flow.name,
        until=offer.closes_on.isoformat(),
        state="over" if _is_over(offer) else offer.state,
        case_number=offer.case_number,
        is_refused=await OfferRefusal.exists(key=key),
        fields=await _fields(flow, known),
        missing=_missing(flow, known),
    )


def _is_over(offer: Offer) -> bool:
    return offer.state != OfferState.CONFIRMED and offer.closes_on < clock.today()


async def filled(flow: Flow, spec: ProactiveSpec, actor: Actor) -> dict[str, Prefilled]:
    """What would be sent: the file's answers, and what the records say of the actor."""
    return proactive.filled_in(spec, await prefilling.offered(flow, actor, {}))


async def _fields(flow: Flow, known: dict[str, Prefilled]) -> list[FieldView]:
    values = proactive.answers(known)
    fields = render.render_answers(flow, values, choices=await case_views.union_choices(flow, values))
    for field in fields:
        field.source = known[field.name].source
    return fields


def _missing(flow: Flow, known: dict[str, Prefilled]) -> list[str]:
    """Labels of what the records do not say though the form needs it."""
    parsed = parse.parse_form(flow, proactive.answers(known), today=clock.today())
    labels = {spec.name: spec.label for spec in flow.fields}
    return [labels[error.field] for error in parsed.errors if error.field in labels]


def offer_rule(slug: str, rule: str) -> ProactiveSpec | None:
    """None where the file does not have it any more."""
    flow = catalogue.current().flows.get(slug)
    return proactive.rule_of(flow, rule) if flow is not None else None


async def offered_accounts(flow: str, rule: str, period: str, first_id: int, last_id: int) -> Sequence[int]:
    """Whom a range of offers went to."""
    found = await database.rows(
        "SELECT account_id FROM offer WHERE id >= %s AND id <= %s AND flow = %s AND rule = %s AND period = %s",
        first_id,
        last_id,
        flow,
        rule,
        period,
    )
    return [row["account_id"] for row in found]
