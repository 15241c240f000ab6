"""A campaign as a form and as a plan. The form of the approved case is what counts, with whatever was corrected."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from backend.core import clock
from backend.membership.enums import Outer
from backend.vouchers.enums import CampaignKind, CampaignMode
from backend.vouchers.schemas import CampaignInput

BUDGET, UNION = "budget_item", "target_org"
# Fields of the form and what they are called in a proposal: where a problem of one is said beside the other.
FIELDS = {
    "name": "name",
    "text": "words",
    "kind": "kind",
    "mode": "issue_mode",
    "face_value_fen": "face_value",
    "threshold_fen": "threshold",
    "total": "total",
    "per_member": "per_limit",
    "shops": "shops",
    "opens_at": "opens_at",
    "closes_at": "closes_at",
    "valid_until": "valid_until",
    "target_rule": "target_rule",
    "outer": "outer",
    "budget_id": BUDGET,
}


def form_of(data: CampaignInput, *, budget_name: str) -> dict[str, Any]:
    """What the form of the flow holds for a tidy proposal."""
    return {
        "name": data.name,
        "words": data.text,
        "kind": data.kind.value,
        "issue_mode": data.mode.value,
        "face_value": data.face_value_fen,
        "threshold": data.threshold_fen or None,
        "total": data.total,
        "per_limit": data.per_member if data.mode is CampaignMode.CLAIM else None,
        "shops": "\n".join(data.shops),
        "opens_at": clock.iso(data.opens_at),
        "closes_at": clock.iso(data.closes_at),
        "valid_until": data.valid_until.isoformat(),
        "target_rule": data.target_rule,
        "outer": data.outer.value if data.outer else "",
        BUDGET: budget_name,
    }


def plan_of(values: Mapping[str, Any]) -> CampaignInput:
    """The plan in the canonical values of a form."""
    return CampaignInput(
        name=str(values["name"]),
        text=str(values.get("words") or ""),
        kind=CampaignKind(values["kind"]),
        mode=CampaignMode(values["issue_mode"]),
        face_value_fen=int(values["face_value"]),
        threshold_fen=int(values.get("threshold") or 0),
        total=int(values["total"]),
        per_member=int(values.get("per_limit") or 1),
        shops=str(values.get("shops") or "").splitlines(),
        opens_at=datetime.fromisoformat(values["opens_at"]),
        closes_at=datetime.fromisoformat(values["closes_at"]),
        valid_until=date.fromisoformat(values["valid_until"]),
        target_rule=str(values.get("target_rule") or ""),
        outer=Outer(values["outer"]) if values.get("outer") else None,
        budget_id="",
    )
