"""What a parsed condition consists of."""

from typing import Any

import msgspec


class PredicateError(Exception):
    """`message` says in Chinese what is wrong; `column` is where, counted from 0."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


class Literal(msgspec.Struct, frozen=True):
    value: Any  # int, Decimal, bool or str


class Today(msgspec.Struct, frozen=True):
    pass


class Fact(msgspec.Struct, frozen=True):
    name: str


class Call(msgspec.Struct, frozen=True):
    """days(a, b), count(x[, window]), len(x) or year(x); a window is (number, "d" | "m" | "y")."""

    function: str
    arguments: tuple["Node", ...]
    window: tuple[int, str] | None = None


class Sum(msgspec.Struct, frozen=True):
    """Left and right joined by + - or *."""

    operator: str
    left: "Node"
    right: "Node"


class Compare(msgspec.Struct, frozen=True):
    """`first op value op value …`: every neighbouring pair must hold."""

    first: "Node"
    rest: tuple[tuple[str, "Node"], ...]


class OneOf(msgspec.Struct, frozen=True):
    item: "Node"
    values: tuple[Literal, ...]


class Both(msgspec.Struct, frozen=True):
    parts: tuple["Node", ...]


class Either(msgspec.Struct, frozen=True):
    parts: tuple["Node", ...]


class Not(msgspec.Struct, frozen=True):
    part: "Node"


Node = Literal | Today | Fact | Call | Sum | Compare | OneOf | Both | Either | Not


class Predicate(msgspec.Struct, frozen=True):
    """`facts` are the dotted names it needs."""

    text: str
    tree: Node
    facts: frozenset[str]


def walk(node: Node) -> list[Node]:
    """The node and all below it."""
    match node:
        case Compare(first, rest):
            below = [first, *(value for _, value in rest)]
        case OneOf(item, values):
            below = [item, *values]
        case Both(parts) | Either(parts) | Call(_, parts):
            below = list(parts)
        case Not(part):
            below = [part]
        case Sum(_, left, right):
            below = [left, right]
        case _:
            below = []
    return [node, *(each for child in below for each in walk(child))]
