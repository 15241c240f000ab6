"""A campaign is proposed by one and approved by another, through a case of its flow; the approval holds the money."""

from datetime import datetime
from typing import Any

import msgspec

from backend.allocation import commands as allocation
from backend.allocation.schemas import EntryTimes, NewPool
from backend.casework import commands as casework
from backend.casework import queries as cases
from backend.casework.schemas import SubmitInput
from backend.core import audit, clock, ids, outbox, reference
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, invalid, sentence
from backend.membership import queries as members
from backend.payments import commands as payments
from backend.payments import queries as money
from backend.payments.enums import AccountKind
from backend.unions import queries as unions
from backend.unions.schemas import UnionPlace
from backend.vouchers import plans, rules
from backend.vouchers.enums import CampaignKind, CampaignMode, CampaignState
from backend.vouchers.events import CampaignOpened
from backend.vouchers.models import Campaign
from backend.vouchers.queries.campaigns import county_of
from backend.vouchers.schemas import CampaignInput, ProposedView

FLOW = "consumption-voucher"


class NotEligible(Conflict):
    def __init__(self, code: str = "not_eligible", **params: Any) -> None:
        super().__init__(code, **params)
        self.code = "not_eligible"


@command
async def propose(*, data: CampaignInput, actor: Actor, nonce: str | None = None) -> ProposedView:
    """File the plan for approval. Every wrong field is named at once; the same nonce is one proposal."""
    union = await county_of(actor)
    data = rules.tidy(data)
    budget = await _budget_of(data, union)
    _require_sound(data, clock.now())
    form = {name: value for name, value in plans.form_of(data, budget_name=budget).items() if value not in (None, "")}
    form |= await _addressed(union)
    try:
        number = await casework.file_at_window(slug=FLOW, data=SubmitInput(form=form), actor=actor, nonce=nonce)
    except Invalid as refused:
        raise _as_proposed(refused) from refused
    case = await cases.record_of_number(number)
    known = await Campaign.get_or_none(case_id=case.id)
    if known is not None:
        return _proposed(known)
    campaign = await _insert(data, union, case_id=case.id, number=number, actor=actor)
    detail = {"case": case.id, "total": data.total, "face_value_fen": data.face_value_fen}
    await audit.record(actor, "campaign.proposed", object_kind="campaign", object_id=campaign.id, detail=detail)
    return _proposed(campaign)


async def _addressed(union: UnionPlace) -> dict[str, str]:
    """A case goes to the county of the settings by itself, to any other one by its name in the form."""
    usual = await unions.resolve_by_division(reference.settings().county_division)
    return {} if usual is not None and usual.id == union.id else {plans.UNION: ids.public(union.id)}


async def _budget_of(data: CampaignInput, union: UnionPlace) -> str:
    """The name of the budget, by which the form knows it: one of this union and of the year of the beginning."""
    try:
        found = await money.budget_row(ids.parse(data.budget_id) or 0)
    except NotFound as exc:
        raise invalid("budget_id", "campaign_budget") from exc
    if (found.union_id, found.year) != (union.id, clock.local(data.opens_at).year):
        raise invalid("budget_id", "campaign_budget_year", year=clock.local(data.opens_at).year)
    if found.left_fen < rules.cost_fen(data):
        raise payments.BudgetTooSmall(found.left_fen, field="budget_id")
    return found.name


def _require_sound(data: CampaignInput, now: datetime) -> None:
    wrong = rules.problems(data, now)
    if wrong:
        raise Invalid(wrong)
    missing = members.check_outer(members.parse_target(data.target_rule), data.outer)
    if missing is not None:
        raise missing


def _as_proposed(refused: Invalid) -> Invalid:
    """What the form said, beside the fields of the proposal."""
    names = {field: name for name, field in plans.FIELDS.items()}
    return Invalid([FieldError(names.get(one.field, one.field), one.message) for one in refused.errors])


def _proposed(campaign: Campaign) -> ProposedView:
    return ProposedView(id=ids.public(campaign.id), state=campaign.state, case_number=campaign.case_number)


def _columns(data: CampaignInput) -> dict[str, Any]:
    return {
        "name": data.name,
        "text": data.text,
        "kind": data.kind.value,
        "mode": data.mode.value,
        "face_value_fen": data.face_value_fen,
        "threshold_fen": data.threshold_fen,
        "total": data.total,
        "per_member": data.per_member,
        "shops": msgspec.json.encode(data.shops).decode(),
        "opens_at": data.opens_at,
        "closes_at": data.closes_at,
        "valid_until": data.valid_until,
        "target_rule": data.target_rule,
        "outer": data.outer.value if data.outer else "",
    }


async def _insert(data: CampaignInput, union: UnionPlace, *, case_id: int, number: str, actor: Actor) -> Campaign:
    return await Campaign.create(
        id=ids.new_id(),
        union_id=union.id,
        state=CampaignState.PROPOSED.value,
        case_id=case_id,
        case_number=number,
        proposed_by=actor.account_id,
        created_at=clock.now(),
        **_columns(data),
    )


@command
async def open_approved(
    actor: Actor, *, case_id: int, number: str, union_id: int, values: dict[str, Any], filed_by: int | None
) -> str:
    """The outcome of an approved plan: hold its money, open it; the campaign's public id. Twice is once.

    Forbidden to whoever proposed it; Invalid or Conflict where the plan cannot be carried out as it is.
    """
    campaign = await Campaign.get_or_none(case_id=case_id)
    if campaign is not None and campaign.state == CampaignState.OPEN:
        return ids.public(campaign.id)
    if actor.account_id in (filed_by, campaign.proposed_by if campaign else None):
        raise Forbidden("campaign_own_proposal")
    union = await unions.place(union_id)
    if union is None:
        raise NotFound()
    data = rules.tidy(plans.plan_of(values))
    _require_feasible(data)
    budget_id = await money.budget_named(union.id, clock.local(data.opens_at).year, str(values[plans.BUDGET]))
    if budget_id is None:
        raise Conflict("campaign_budget_missing", name=values[plans.BUDGET], year=clock.local(data.opens_at).year)
    campaign = campaign or await _insert(data, union, case_id=case_id, number=number, actor=actor)
    await _open(campaign, data, budget_id, actor)
    detail = {"case": case_id, "budget": budget_id, "cost_fen": rules.cost_fen(data)}
    await audit.record(actor, "campaign.opened", object_kind="campaign", object_id=campaign.id, detail=detail)
    await outbox.emit(CampaignOpened(campaign.id), key=str(campaign.id))
    return ids.public(campaign.id)


def _require_feasible(data: CampaignInput) -> None:
    """At the desk that approves, the first problem in one sentence: the form is not theirs to change."""
    try:
        _require_sound(data, clock.now())
    except Invalid as refused:
        problem = refused.errors[0].message if refused.errors else sentence(refused.code)
        raise Conflict("campaign_plan_wrong", problem=problem.rstrip("。")) from refused


async def _open(campaign: Campaign, data: CampaignInput, budget_id: int, actor: Actor) -> None:
    key = f"campaign:{campaign.id}"
    hold_id = await payments.hold(
        actor, key=key, budget_id=budget_id, amount_fen=rules.cost_fen(data), purpose=data.name
    )
    issued = await payments.account(key=f"issued:{campaign.id}", kind=AccountKind.ISSUED, name=data.name)
    one_by_one = data.mode is CampaignMode.CLAIM or data.kind is CampaignKind.WELCOME
    pool_id = await allocation.open_pool(_pool(data, key), actor) if one_by_one else None
    draw_id = await _open_draw(data, key, actor) if data.mode is CampaignMode.LOTTERY else None
    changed = await Campaign.filter(id=campaign.id, version=campaign.version).update(
        **_columns(data),
        state=CampaignState.OPEN.value,
        budget_id=budget_id,
        hold_id=hold_id,
        issued_account_id=issued,
        pool_id=pool_id,
        draw_id=draw_id,
        opened_at=clock.now(),
        version=campaign.version + 1,
    )
    if not changed:
        raise Conflict("campaign_changed")


async def _open_draw(data: CampaignInput, key: str, actor: Actor) -> int:
    times = EntryTimes(opens_at=data.opens_at, closes_at=data.closes_at)
    return await allocation.open_draw(NewPool(key=key, kind=_what(data), capacity=data.total), times, actor)


def _what(data: CampaignInput) -> str:
    return "gift" if data.kind is CampaignKind.GIFT else "voucher"


def _pool(data: CampaignInput, key: str) -> NewPool:
    return NewPool(
        key=key,
        kind=_what(data),
        capacity=data.total,
        per_person=data.per_member,
        opens_at=data.opens_at,
        closes_at=data.closes_at,
    )


@command
async def refuse(*, case_id: int) -> None:
    """The case of a proposal was refused or withdrawn."""
    await Campaign.filter(case_id=case_id, state=CampaignState.PROPOSED.value).update(state=CampaignState.REFUSED.value)
