"""What the system knows already and offers to fill in, each value with where it comes from."""

from collections.abc import Mapping
from typing import Any

from backend.casework import catalogue
from backend.casework.flows import FieldSpec, Flow
from backend.casework.forms.masks import is_masked
from backend.casework.protocols import Prefilled
from backend.core.actor import Actor

Given = Mapping[str, str]  # what the address brought: {"invite": "…", "division": "…"}


async def offered(flow: Flow, actor: Actor, given: Given) -> dict[str, Prefilled]:
    """By field; the first of a field's prefills that answers wins. Each is asked once."""
    asker = _Asker(actor, given)
    found = {spec.name: await asker.first(spec) for spec in flow.fields if spec.prefill}
    return {name: filled for name, filled in found.items() if filled is not None}


async def known(flow: Flow, actor: Actor, sent: Mapping[str, Any], given: Given) -> dict[str, Any]:
    """What stands behind masked values that came back, and what fills the fields that no person fills."""
    asker = _Asker(actor, given)
    found: dict[str, Any] = {}
    for spec in flow.fields:
        if not spec.prefill:
            continue
        wanted = spec.filled_by == "system" or is_masked(spec, _last(sent.get(spec.name)))
        if wanted and (filled := await asker.first(spec)) is not None:
            found[spec.name] = filled.value
    return found


class _Asker:
    def __init__(self, actor: Actor, given: Given) -> None:
        self.actor = actor
        self.given = given
        self.answers: dict[str, Prefilled | None] = {}

    async def first(self, spec: FieldSpec) -> Prefilled | None:
        for name in spec.prefill:
            if name not in self.answers:
                self.answers[name] = await catalogue.bindings().prefills[name](self.actor, self.given)
            if (answer := self.answers[name]) is not None:
                return answer
        return None


def _last(value: Any) -> Any:
    return value[-1] if isinstance(value, list) and value else value
