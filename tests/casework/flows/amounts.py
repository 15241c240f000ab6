"""What actions have to say that count money: found from the case, as whoever acts would."""

from collections.abc import Callable, Mapping
from typing import Any

from backend.aid import plan_files
from backend.casework.flows import Flow
from backend.core import clock

Values = dict[str, Any]
PROMISED = 500_00


def settled(flow: Flow, action: str, values: Mapping[str, Any], done: Mapping[str, int]) -> Values:
    """The fields of this action about which the case leaves no choice; `done` are the actions before it."""
    find = _SETTLED.get((flow.slug, action))
    return find(values, flow.params_on(clock.today()), done) if find is not None else {}


def _fee(values: Mapping[str, Any], params: Mapping[str, Any], done: Mapping[str, int]) -> Values:
    rows = values["roster"] if values["enrol_mode"] == "unit" else [values]
    shares = sum(row["shares"] for row in rows)
    plan = plan_files.current().named(values["plan_ref"])
    version = plan.of_year(int(values["period"]), clock.today()) if plan is not None else None
    assert version is not None
    return {"people": len(rows), "amount": shares * version.fee_fen}


def _promise(values: Mapping[str, Any], params: Mapping[str, Any], done: Mapping[str, int]) -> Values:
    return {"amount": PROMISED}


def _relief(values: Mapping[str, Any], params: Mapping[str, Any], done: Mapping[str, int]) -> Values:
    first = PROMISED if done["quick-aid"] else 0
    return {"amount": 1_500_00, "paid_first": first, "due_amount": 1_500_00 - first}


def _award(values: Mapping[str, Any], params: Mapping[str, Any], done: Mapping[str, int]) -> Values:
    """Nobody here has a hardship file when they ask."""
    level = "senior" if values["stage"] in ("senior", "vocational") else "higher"
    return {"standard": f"off_{level}", "amount": params[f"off_file_{level}_fen"]}


def _condolence(values: Mapping[str, Any], params: Mapping[str, Any], done: Mapping[str, int]) -> Values:
    """The sum is worked out, that nothing was given before is not."""
    return {"checked": True}


def _visits(values: Mapping[str, Any], params: Mapping[str, Any], done: Mapping[str, int]) -> Values:
    return {"people": len(values["targets"]), "removed": 0, "amount": values["budget"]}


def _more(values: Mapping[str, Any], params: Mapping[str, Any], done: Mapping[str, int]) -> Values:
    """Little enough to be below what was spent."""
    return {"result": "more", "more": 1}


_Find = Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, int]], Values]
_SETTLED: dict[tuple[str, str], _Find] = {
    ("mutual-aid-enrol", "fee-in"): _fee,
    ("mutual-aid-claim", "appeal-reply"): _more,
    ("temporary-aid", "quick-aid"): _promise,
    ("temporary-aid", "amount-set"): _relief,
    ("student-aid", "award-set"): _award,
    ("member-condolence", "amount-set"): _condolence,
    ("warmth-visit", "budget-set"): _visits,
}
