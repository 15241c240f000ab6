"""The outcomes of the files that ship: every parameter leads somewhere."""

from collections.abc import Iterator

import pytest

from backend import bindings
from backend.bindings import outcomes
from backend.casework.catalogue import Catalogue, open_catalogue
from backend.casework.enums import FieldKind
from backend.casework.flows import FieldSpec, Flow, OutcomeSpec
from backend.core.settings import CONFIG_DIR

PARAMS = {
    "create_member": (set(), set()),
    "create_members": ({"table"}, set()),
    "change_member": (set(), {"to", "by"}),
    "create_union": (set(), {"state"}),
    "change_union": ({"by"}, set()),
    "open_record": ({"kind", "name", "prefix"}, {"months"}),
    "open_shop": (set(), set()),
    "stop_shop": (set(), set()),
    "note_fee": (set(), set()),
    "check_promise": (set(), set()),
    "check_relief": (set(), set()),
    "check_award": (set(), set()),
    "check_visits": (set(), set()),
    "open_hardship": (set(), set()),
    "change_hardship": (set(), set()),
    "grant_benefit": ({"programme", "act"}, set()),
    "raise_benefit": ({"programme", "act"}, set()),
    "open_policies": (set(), {"months"}),
    "record_due": ({"programme", "amount"}, {"zero"}),
    "enrol_chair": (set(), set()),
    "write_worker": (set(), set()),
    "train_worker": (set(), set()),
    "pay_worker_bonus": (set(), set()),
}


@pytest.fixture(scope="module")
def shipped(kernel: None) -> Catalogue:
    return open_catalogue(CONFIG_DIR, bindings.BINDINGS)


def used(catalogue: Catalogue) -> Iterator[tuple[Flow, OutcomeSpec, dict[str, FieldSpec]]]:
    """Each outcome with the fields that it may name: of an action, the action's own and the form's."""
    for flow in catalogue.versions():
        form = {field.name: field for field in flow.fields}
        yield from ((flow, spec, form) for spec in flow.outcomes)
        for action in flow.actions:
            own = {field.name: field for field in action.fields}
            yield from ((flow, spec, form | own) for spec in action.effects)


def problems(flow: Flow, spec: OutcomeSpec, fields: dict[str, FieldSpec]) -> list[str]:
    params, found = spec.params, []
    if spec.kind in PARAMS:
        needed, allowed = PARAMS[spec.kind]
        if needed - set(params) or set(params) - needed - allowed:
            found.append(f"parameters {sorted(params)}")
    if "by" in params and params["by"] not in fields:
        found.append(f"no field {params['by']}")
    if spec.kind == "create_members" and fields[params["table"]].kind != FieldKind.TABLE:
        found.append("no table")
    if spec.kind == "change_member" and params.get("to", "left") not in outcomes.MEMBER_ACTS:
        found.append(f"to {params['to']}")
    if spec.kind == "create_union" and "union_name" not in fields:
        found.append("no union_name")
    if spec.kind == "change_record":
        states = set(params.values()) - {params["kind"], params.get("by"), params.get("months")}
        found += [f"state {state}" for state in states - set(outcomes.RECORD_STATES)]
    if spec.kind == "record_due" and _amount(flow, params["amount"], fields) != FieldKind.MONEY:
        found.append(f"no money in {params['amount']}")
    return found


def _amount(flow: Flow, where: str, fields: dict[str, FieldSpec]) -> FieldKind | None:
    if where.startswith("act."):
        _, key, name = where.split(".", 2)
        action = next((one for one in flow.actions if one.key.replace("-", "_") == key.replace("-", "_")), None)
        fields = {field.name: field for field in action.fields} if action else {}
        where = name
    return fields[where].kind if where in fields else None


def test_every_parameter_leads_somewhere(shipped: Catalogue) -> None:
    found = [
        (flow.slug, spec.kind, wrong) for flow, spec, fields in used(shipped) if (wrong := problems(flow, spec, fields))
    ]
    assert found == []


def test_a_register_is_known_by_one_name_and_numbered_by_one_prefix(shipped: Catalogue) -> None:
    opened = [spec.params for _, spec, _ in used(shipped) if spec.kind == "open_record"]
    names = {(params["kind"], params["name"], params["prefix"]) for params in opened}
    assert len({kind for kind, _, _ in names}) == len(names)
    assert len({prefix for _, _, prefix in names}) == len(names)
