"""What comes to entitled members without their asking: offered once a period, confirmed with one tap, or declined."""

from collections.abc import Sequence
from datetime import date

from backend.casework import catalogue, proactive
from backend.casework.commands.submit import submit
from backend.casework.enums import OfferState
from backend.casework.events import OffersMade
from backend.casework.flows import Flow, ProactiveSpec
from backend.casework.models import Offer
from backend.casework.queries import offers as queries
from backend.casework.schemas import SubmitInput
from backend.core import audit, clock, database, ids, outbox
from backend.core.actor import SYSTEM, Actor
from backend.core.command import command
from backend.core.errors import Conflict, NotFound
from backend.identity import queries as accounts

_CHUNK = 500
_OPEN = (OfferState.OFFERED.value, OfferState.DECLINED.value)


async def offer_all() -> int:
    """Every rule of every service whose days it is; how many offers were new. Doing it again finds nothing to do."""
    today, made = clock.today(), 0
    for flow in catalogue.current().flows.values():
        for spec in flow.proactive if flow.enabled else ():
            open_now = proactive.window(spec, today)
            if open_now is not None:
                made += await _offer_rule(flow, spec, open_now, today)
    return made


async def _offer_rule(flow: Flow, spec: ProactiveSpec, open_now: proactive.Window, today: date) -> int:
    find, after, made = catalogue.bindings().finders[spec.finder], 0, 0
    while members := await find(today, spec.params, after=after, limit=_CHUNK):
        made += await offer_to(slug=flow.slug, rule=spec.key, window=open_now, members=members)
        after = members[-1]
    return made


@command
async def offer_to(*, slug: str, rule: str, window: proactive.Window, members: Sequence[int]) -> int:
    """One range of members: those with an account who were not offered it in this period, nor refused it for good."""
    wanted = await _without(
        "offer", {proactive.offer_key(slug, rule, member_id, window.period): member_id for member_id in members}
    )
    kept = await _without(
        "offer_refusal", {proactive.refusal_key(slug, rule, member_id): member_id for member_id in wanted}
    )
    held = await accounts.accounts_of_members(kept)
    chosen = [member_id for member_id in kept if member_id in held]
    if not chosen:
        return 0
    numbers = [ids.new_id() for _ in chosen]
    rows = [
        (offer_id, *_row(slug, rule, window, member_id, held[member_id]))
        for offer_id, member_id in zip(numbers, chosen, strict=True)
    ]
    # Another worker at the same moment writes the same keys.
    absent = "ON CONFLICT(`key`) DO NOTHING" if database.is_sqlite() else "ON DUPLICATE KEY UPDATE `key` = `key`"
    await database.execute_many(
        "INSERT INTO offer (id, `key`, flow, rule, period, member_id, account_id, state, offered_at, closes_on)"  # noqa: S608
        f" VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) {absent}",
        rows,
    )
    first, last = numbers[0], numbers[-1]
    detail = {"flow": slug, "rule": rule, "period": window.period, "offers": len(rows)}
    await audit.record(SYSTEM, "offers.made", object_kind="offer", object_id=first, detail=detail)
    await outbox.emit(OffersMade(slug, rule, window.period, window.closes_on, first, last), key=str(first))
    return len(rows)


def _row(slug: str, rule: str, window: proactive.Window, member_id: int, account_id: int) -> tuple[object, ...]:
    key = proactive.offer_key(slug, rule, member_id, window.period)
    state, now = OfferState.OFFERED.value, clock.now()
    return (key, slug, rule, window.period, member_id, account_id, state, now, window.closes_on)


async def _without(table: str, keys: dict[str, int]) -> list[int]:
    """The members whose key is not there."""
    if not keys:
        return []
    marks = ", ".join(["%s"] * len(keys))
    there = await database.rows(f"SELECT `key` FROM {table} WHERE `key` IN ({marks})", *keys)  # noqa: S608
    gone = {row["key"] for row in there}
    return [member_id for key, member_id in keys.items() if key not in gone]


@command
async def confirm(*, slug: str, rule: str, actor: Actor) -> str:
    """Apply with what is filled in, by the ordinary submission; the number of the case. Twice is once.

    An Invalid says what is missing or wrong; nothing was sent then.
    """
    offer = await queries.latest(slug, rule, actor)
    if offer.case_number is not None:
        return offer.case_number
    flow = catalogue.flow(slug)
    spec = proactive.rule_of(flow, rule)
    if spec is None or offer.closes_on < clock.today():
        raise Conflict("offer_over")
    form = proactive.answers(await queries.filled(flow, spec, actor))
    number = await submit(
        slug=slug, data=SubmitInput(form=form), actor=actor, nonce=f"offer/{offer.id}", ends_draft=False
    )
    await _settle(offer, OfferState.CONFIRMED, case_number=number)
    return number


@command
async def decline(*, slug: str, rule: str, forever: bool, actor: Actor) -> None:
    """Not this time, or with `forever` never again until they say otherwise."""
    offer = await queries.latest(slug, rule, actor)
    if offer.state == OfferState.OFFERED:
        await _settle(offer, OfferState.DECLINED)
    if forever:
        key = proactive.refusal_key(slug, rule, offer.member_id)
        row = {"id": ids.new_id(), "key": key, "member_id": offer.member_id, "at": clock.now()}
        await database.insert_if_absent("offer_refusal", row, key="`key`")
    detail = {"flow": slug, "rule": rule, "forever": forever}
    await audit.record(actor, "offer.declined", object_kind="offer", object_id=offer.id, detail=detail)


@command
async def ask_again(*, slug: str, rule: str, actor: Actor) -> None:
    """Take back that it should never be offered; the next period brings it again."""
    offer = await queries.latest(slug, rule, actor)
    key = proactive.refusal_key(slug, rule, offer.member_id)
    if not await database.execute("DELETE FROM offer_refusal WHERE `key` = %s", key):
        raise NotFound("offer_not_refused")
    detail = {"flow": slug, "rule": rule}
    await audit.record(actor, "offer.wanted", object_kind="offer", object_id=offer.id, detail=detail)


async def _settle(offer: Offer, state: OfferState, *, case_number: str | None = None) -> None:
    """One guarded change; whoever was quicker in another window has decided."""
    settled = await database.execute(
        "UPDATE offer SET state = %s, case_number = %s WHERE id = %s AND state IN (%s, %s)",
        state.value,
        case_number,
        offer.id,
        *_OPEN,
    )
    if not settled:
        raise Conflict("offer_settled")
