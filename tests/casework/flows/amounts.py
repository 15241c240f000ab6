"""What actions have to say that count money: found from the case, as whoever acts would."""

from collections.abc import Mapping
from typing import Any

from backend.casework.flows import Flow
from backend.core import clock

Values = dict[str, Any]


def settled(flow: Flow, action: str, values: Mapping[str, Any]) -> Values:
    """The fields of this action whose values the case leaves no choice about."""
    find = _SETTLED.get((flow.slug, action))
    return find(values, flow.params_on(clock.today())) if find is not None else {}


def _fee(values: Mapping[str, Any], params: Mapping[str, Any]) -> Values:
    rows = values["roster"] if values["enrol_mode"] == "unit" else [values]
    shares = sum(row["shares"] for row in rows)
    return {"people": len(rows), "amount": shares * params["fee_per_share_fen"]}


_SETTLED = {("mutual-aid-enrol", "fee-in"): _fee}
