"""Who is meant: a condition of the flow files' language over facts of members, as SQL.

    member.household_province != 43 and member.newform_group in courier|delivery

No rule at all means every member in good standing. What cannot be answered of somebody stays unknown.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from backend.core import clock, predicates
from backend.core.errors import Invalid, invalid
from backend.core.predicate_tree import Both, Compare, Either, Fact, Literal, Node, Not, OneOf, Predicate, Today
from backend.membership.enums import OUTER_TEXT, Outer
from backend.membership.queries.targeting import FACTS, OUTER_PROVINCES, MemberFact
from backend.membership.schemas import Selection

RULE, OUTER = "target_rule", "outer"
HOUSEHOLD = "member.household_province"
LONGEST = 300

_Sql = tuple[str, list[Any]]
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}
_SIGNS = {"==": "=", "!=": "<>"}
_WORDS = {
    "number": {"==": "是", "!=": "不是", "<": "小于", "<=": "不超过", ">": "大于", ">=": "不低于"},
    "date": {"==": "是", "!=": "不是", "<": "早于", "<=": "不晚于", ">": "晚于", ">=": "不早于"},
    "text": {"==": "是", "!=": "不是"},
}


def parse_target(text: str) -> Predicate | None:
    """The rule, None for an empty one; a sentence at its field when it cannot be understood."""
    if not text.strip():
        return None
    if len(text) > LONGEST:
        raise invalid(RULE, "target_too_long", limit=LONGEST)
    try:
        predicate = predicates.parse(text)
    except predicates.PredicateError as exc:
        raise invalid(RULE, "target_not_understood", problem=exc.message) from exc
    unknown = sorted(predicate.facts - set(FACTS))
    if unknown:
        raise invalid(RULE, "target_unknown_fact", fact=unknown[0], known="、".join(FACTS))
    _condition(predicate.tree)
    return predicate


def check_outer(predicate: Predicate | None, outer: Outer | None) -> Invalid | None:
    """A rule about the household's province says whether Hong Kong, Macao and Taiwan are in."""
    asked = predicate is not None and HOUSEHOLD in predicate.facts
    return invalid(OUTER, "target_outer_missing") if asked and outer is None else None


def target_selection(*, rule: str, outer: Outer | None, path: str) -> Selection:
    """The members below a union whom the rule means."""
    predicate = parse_target(rule)
    if predicate is None:
        return Selection(path=path, condition="1 = 1")
    condition, values = _condition(predicate.tree)
    if outer is Outer.EXCLUDE and HOUSEHOLD in predicate.facts:
        marks = ", ".join(["%s"] * len(OUTER_PROVINCES))
        condition = f"({condition}) AND {FACTS[HOUSEHOLD].sql} NOT IN ({marks})"
        values += sorted(OUTER_PROVINCES)
    return Selection(path=path, condition=condition, values=tuple(values))


def _condition(node: Node) -> _Sql:
    match node:
        case Both(parts):
            return _joined(" AND ", parts)
        case Either(parts):
            return _joined(" OR ", parts)
        case Not(part):
            inner, values = _condition(part)
            return f"NOT ({inner})", values
        case OneOf(Fact(name), chosen):
            fact = FACTS[name]
            marks = ", ".join(["%s"] * len(chosen))
            return f"{fact.sql} IN ({marks})", [_value(name, one) for one in chosen]
        case Compare(first, rest):
            return _chain(first, rest)
    raise invalid(RULE, "target_form")


def _joined(word: str, parts: Sequence[Node]) -> _Sql:
    found = [_condition(part) for part in parts]
    return word.join(f"({condition})" for condition, _ in found), [one for _, values in found for one in values]


def _chain(first: Node, rest: Sequence[tuple[str, Node]]) -> _Sql:
    """`1 <= member.birth_month <= 6` is two comparisons of neighbours."""
    conditions, values, left = [], [], first
    for sign, right in rest:
        name, operator, other = _sides(left, sign, right)
        fact = FACTS[name]
        if fact.kind == "text" and operator not in ("==", "!="):
            raise invalid(RULE, "target_no_order", fact=name)
        conditions.append(f"{fact.sql} {_SIGNS.get(operator, operator)} %s")
        values.append(_value(name, other))
        left = right
    return " AND ".join(conditions), values


def _sides(left: Node, sign: str, right: Node) -> tuple[str, str, Literal | Today]:
    """Fact, operator and value, whichever side the fact is on."""
    match left, right:
        case Fact(name), Literal() | Today():
            return name, sign, right
        case Literal() | Today(), Fact(name):
            return name, _MIRRORED[sign], left
    raise invalid(RULE, "target_form")


def _value(name: str, node: Literal | Today) -> str | int | date:
    """A value of the fact's own kind; a code of digits is a text too."""
    fact, given = FACTS[name], clock.today() if isinstance(node, Today) else node.value
    if fact.kind == "text" and isinstance(given, str | int) and not isinstance(given, bool):
        return _known(name, fact, str(given))
    if fact.kind == "number" and isinstance(given, int) and not isinstance(given, bool) and given < 10_000:
        return given
    if fact.kind == "date":
        try:
            return given if isinstance(given, date) else date.fromisoformat(str(given))
        except ValueError:
            pass
    raise invalid(RULE, "target_wrong_value", fact=name, value=given)


def _known(name: str, fact: MemberFact, given: str) -> str:
    if fact.options is not None and given not in fact.options():
        raise invalid(RULE, "target_wrong_value", fact=name, value=given)
    return given


def target_words(rule: str, outer: Outer | None) -> str:
    """The rule as people read it."""
    predicate = parse_target(rule)
    if predicate is None:
        return "全体在册会员"
    said = _said(predicate.tree)
    if outer is None or HOUSEHOLD not in predicate.facts:
        return said
    return f"{said}（{OUTER_TEXT[outer]}）"


def _said(node: Node) -> str:
    match node:
        case Both(parts):
            return "，并且".join(_said(part) for part in parts)
        case Either(parts):
            return "（" + "，或者".join(_said(part) for part in parts) + "）"
        case Not(part):
            return f"不符合（{_said(part)}）"
        case OneOf(Fact(name), chosen):
            return f"{FACTS[name].name}是" + "、".join(_word(name, one) for one in chosen)
        case Compare(first, rest):
            return _chain_said(first, rest)
    return ""


def _chain_said(first: Node, rest: Sequence[tuple[str, Node]]) -> str:
    said, left = [], first
    for sign, right in rest:
        name, operator, other = _sides(left, sign, right)
        fact = FACTS[name]
        said.append(f"{fact.name}{_WORDS[fact.kind][operator]}{_word(name, other)}")
        left = right
    return "，并且".join(said)


def _word(name: str, node: Literal | Today) -> str:
    if isinstance(node, Today):
        return "今天"
    options = FACTS[name].options
    return (options() if options else {}).get(str(node.value), str(node.value))
