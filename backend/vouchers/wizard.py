"""The page on which a campaign is drawn up: what is typed there, as a plan and as a rule about who is meant."""

import msgspec

from backend.core import clock, money
from backend.core.actor import Actor
from backend.core.errors import Invalid
from backend.core.national import InvalidValue
from backend.membership import queries as members
from backend.membership.enums import AIM_TEXT, GROUP_TEXT, OUTER_TEXT, Outer
from backend.membership.schemas import FactHelp
from backend.payments import queries as payments
from backend.payments.schemas import BudgetView
from backend.vouchers import queries
from backend.vouchers.enums import KIND_TEXT, MODE_TEXT, CampaignMode, ShopState
from backend.vouchers.schemas import CampaignInput, PreviewInput
from backend.web.form_pages import Choice, choices
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput

_MOMENTS = ("opens_at", "closes_at")
_MINUTES = len("2026-03-10T09:00")
MOST_SHOPS_SHOWN = 100


class Choices(msgspec.Struct):
    """What the page offers."""

    kinds: list[Choice]
    modes: list[Choice]
    aims: list[Choice]
    groups: list[Choice]
    outers: list[Choice]
    shops: list[Choice]
    budgets: list[BudgetView]
    facts: list[FactHelp]


async def choices_for(actor: Actor) -> Choices:
    county = await queries.county_of(actor)
    shops = (await queries.desk_shops(actor, limit=MOST_SHOPS_SHOWN)).items
    return Choices(
        kinds=choices(KIND_TEXT),
        modes=choices(MODE_TEXT),
        aims=choices(AIM_TEXT),
        groups=choices(GROUP_TEXT),
        outers=choices(OUTER_TEXT),
        shops=[Choice(value=shop.name, label=shop.name) for shop in shops if shop.state == ShopState.ACTIVE],
        budgets=await payments.budgets_of(county.id, county.name, since=clock.today().year),
        facts=members.target_facts(),
    )


def cost_of(form: FormInput) -> int | None:
    """What the whole plan may cost, in fen, as soon as both figures can be read."""
    total = form.one("total")
    try:
        return (
            money.fen_from_text(form.one("face_value_fen")) * int(total)
            if total.isdecimal() and len(total) < 8
            else None
        )
    except (InvalidValue, ValueError):
        return None


def plan_of(form: FormInput, *, province: str) -> CampaignInput:
    """The plan as it was typed: amounts in yuan, times of the day here. Invalid names every wrong field at once."""
    values, wrong = dict(form.values), []
    for field in _MOMENTS:
        typed = form.one(field)
        values[field] = [f"{typed}:00" if len(typed) == _MINUTES else typed]
    if form.one("mode") != CampaignMode.CLAIM:
        values["per_member"] = ["1"]
    try:
        values["target_rule"] = [members.rule_of(form, province=province)]
    except Invalid as refused:
        wrong += refused.errors
    try:
        plan = form_struct(FormInput(values=values, files={}), CampaignInput)
    except Invalid as refused:
        raise Invalid([*wrong, *refused.errors]) from refused
    if wrong:
        raise Invalid(wrong)
    return plan


def preview_of(form: FormInput, *, province: str) -> PreviewInput:
    """Who is meant, when nothing else of the plan is asked yet."""
    outer = form.one("outer")
    return PreviewInput(
        target_rule=members.rule_of(form, province=province), outer=Outer(outer) if outer in set(Outer) else None
    )
