"""Saying in a form who is meant, and the rule that comes of it."""

from backend.core import reference
from backend.core.errors import invalid
from backend.membership.enums import Aim, NewformGroup
from backend.membership.queries.target_rules import HOUSEHOLD
from backend.membership.queries.targeting import FACTS
from backend.membership.schemas import FactHelp
from backend.web.forms import FormInput


def target_facts() -> list[FactHelp]:
    """What a rule may ask. The values of a household's province are too many to be listed."""
    found = []
    for key, fact in FACTS.items():
        values = fact.options() if fact.options and key != HOUSEHOLD else {}
        said = "、".join(f"{code} {word}" for code, word in values.items())
        found.append(FactHelp(key=key, name=fact.name, values=said))
    return found


def own_province() -> str:
    """The code of the province in which the county lies."""
    return reference.settings().county_division[:2]


def rule_of(form: FormInput, *, province: str) -> str:
    """The rule that was chosen or written; `province` is the code of the county's own."""
    match form.one("aim"):
        case Aim.OUTSIDE:
            return f"{HOUSEHOLD} != {province}"
        case Aim.GROUPS:
            chosen = [group for group in form.values.get("groups", []) if group in set(NewformGroup)]
            if not chosen:
                raise invalid("groups", "target_groups_missing")
            return f"member.newform_group in {'|'.join(chosen)}"
        case Aim.RULE:
            return form.one("target_rule")
    return ""
