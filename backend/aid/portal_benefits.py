"""Pages on which a member works out a benefit, and sees what is left of the year."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get, post

from backend.aid import queries
from backend.aid.claim_schemas import Estimate, EstimateInput
from backend.casework.enums import FieldKind
from backend.casework.schemas import FieldView, OptionView
from backend.core.errors import Invalid
from backend.web.access import PERSON, CurrentActor
from backend.web.form_pages import again, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page

AnyRequest = Request[Any, Any, Any]

# As the settlement sheet and the form of a claim call them.
_ASKED = (
    ("admit_date", "入院日期", FieldKind.DATE, True, ""),
    ("discharge_date", "出院日期", FieldKind.DATE, True, "还没有出院的，写预计哪天"),
    ("total_fee_fen", "医疗总费用", FieldKind.MONEY, True, ""),
    ("insurance_paid_fen", "医保统筹支付", FieldKind.MONEY, True, ""),
    ("self_pay_fund_fen", "个人自付（起付线和按比例自付）", FieldKind.MONEY, True, ""),
    ("self_fund_fen", "个人自费", FieldKind.MONEY, False, ""),
    ("other_paid_fen", "大病保险、商业保险、救助已付", FieldKind.MONEY, False, "没有就空着"),
)


@get("/aid/estimate", opt=PERSON)
async def show_estimate(request: AnyRequest) -> Response[str]:
    return _estimate_page(request)


@post("/aid/estimate", opt=PERSON)
async def work_out(request: AnyRequest) -> Response[str]:
    """The answer stands above the form; nothing of it is kept."""
    form = await read_form(request)
    try:
        found = await queries.estimate(form_struct(form, EstimateInput))
    except Invalid as error:
        return _estimate_page(request, form=form, error=error)
    return _estimate_page(request, form=form, found=found)


def _estimate_page(
    request: AnyRequest, *, form: FormInput | None = None, error: Invalid | None = None, found: Estimate | None = None
) -> Response[str]:
    said = again(form, error)
    return page(
        request,
        "portal/aid/estimate.html",
        title="补助试算",
        status=status_of(error),
        found=found,
        fields=_fields(said["given"], said["errors"]),
        problem=said["errors"].get("", ""),
    )


def _fields(given: Mapping[str, str], errors: Mapping[str, str]) -> list[FieldView]:
    return [
        *_choices(given, errors),
        *(
            FieldView(
                name=name,
                label=label,
                kind=kind,
                required=required,
                hint=hint,
                value=given.get(name, ""),
                error=errors.get(name, ""),
            )
            for name, label, kind, required, hint in _ASKED
        ),
    ]


def _choices(given: Mapping[str, str], errors: Mapping[str, str]) -> list[FieldView]:
    """The plans, the usual one first, and what of them brings a lump sum."""
    plans = queries.plan_choices()
    asked = (
        ("plan", "互助计划", plans.plans, "", plans.plans[0][0] if plans.plans else ""),
        ("event", "定额补助的情形", plans.events, "没有就空着", ""),
    )
    return [
        FieldView(
            name=name,
            label=label,
            kind=FieldKind.ENUM,
            required=False,
            hint=hint,
            value=given.get(name, ""),
            error=errors.get(name, ""),
            options=[
                OptionView(value=value, label=text, selected=value == given.get(name, first)) for value, text in options
            ],
        )
        for name, label, options, hint, first in asked
    ]


@get("/me/aid/remaining", opt=PERSON)
async def show_remaining(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    found = await queries.remaining(actor)
    return page(request, "portal/aid/remaining.html", title="年度额度", years=found.items)


routes = [show_estimate, work_out, show_remaining]
