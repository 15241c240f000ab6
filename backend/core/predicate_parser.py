"""From the text of a condition to its tree; `predicates` describes the language."""

import re
from collections.abc import Callable
from decimal import Decimal

import msgspec

from backend.core.predicate_tree import (
    Both,
    Call,
    Compare,
    Either,
    Fact,
    Literal,
    Node,
    Not,
    OneOf,
    Predicate,
    PredicateError,
    Sum,
    Today,
    walk,
)

_TOKEN = re.compile(
    r"\s*(?:(?P<window>[0-9]+[dmy]\b)|(?P<number>[0-9]+(?:\.[0-9]+)?)(?![\w.])"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)|'(?P<text>[^']*)'"
    r"|(?P<operator>==|!=|<=|>=|<|>|\+|-|\*|\||\(|\)|,))"
)
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_ARITY = {"days": 2, "count": 1, "len": 1, "year": 1}
_DEEPEST = 20
_LONGEST = 500


class _Token(msgspec.Struct, frozen=True):
    kind: str
    text: str
    column: int


def parse(text: str) -> Predicate:
    parser = _Parser(_tokens(text))
    tree = parser.alternatives()
    if parser.peek.kind != "end":
        raise PredicateError(f"这里看不懂：“{parser.peek.text}”", parser.peek.column)
    _require_condition(tree, 0)
    return Predicate(text=text, tree=tree, facts=frozenset(node.name for node in walk(tree) if isinstance(node, Fact)))


def _tokens(text: str) -> list[_Token]:
    if len(text) > _LONGEST:
        raise PredicateError(f"条件太长，最多 {_LONGEST} 个字符", 0)
    tokens, position = [], 0
    end = len(text.rstrip())
    while position < end:
        found = _TOKEN.match(text, position)
        if found is None:
            rest = text[position:].lstrip()
            raise PredicateError(f"这里看不懂：“{rest[:20].rstrip()}”", len(text) - len(rest))
        kind = found.lastgroup or ""
        tokens.append(_Token(kind, found.group(kind), found.start(kind)))
        position = found.end()
    tokens.append(_Token("end", "（结尾）", len(text)))
    return tokens


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    @property
    def peek(self) -> _Token:
        return self._tokens[self._at]

    def take(self) -> _Token:
        token = self.peek
        self._at += 1
        return token

    def took(self, text: str) -> bool:
        if self.peek.text == text and self.peek.kind in ("operator", "name"):
            self._at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.took(text):
            raise PredicateError(f"这里应该是“{text}”，而不是“{self.peek.text}”", self.peek.column)

    def alternatives(self) -> Node:
        parts = self._joined("or", self._all_of)
        return parts[0] if len(parts) == 1 else Either(parts)

    def _all_of(self) -> Node:
        parts = self._joined("and", self._negation)
        return parts[0] if len(parts) == 1 else Both(parts)

    def _joined(self, word: str, part: Callable[[], Node]) -> tuple[Node, ...]:
        first = self.peek.column
        parts = [part()]
        while self.took(word):
            _require_condition(parts[-1], first)
            first = self.peek.column
            parts.append(part())
        if len(parts) > 1:
            _require_condition(parts[-1], first)
        return tuple(parts)

    def _negation(self) -> Node:
        if self.took("not"):
            column = self.peek.column
            part = self._nested(self._negation)
            _require_condition(part, column)
            return Not(part)
        return self._comparison()

    def _comparison(self) -> Node:
        first = self._sum()
        if self.took("in"):
            values = [self._literal()]
            while self.took("|"):
                values.append(self._literal())
            return OneOf(first, tuple(values))
        rest = []
        while self.peek.kind == "operator" and self.peek.text in _COMPARISONS:
            rest.append((self.take().text, self._sum()))
        return Compare(first, tuple(rest)) if rest else first

    def _literal(self) -> Literal:
        column = self.peek.column
        atom = self._atom()
        if not isinstance(atom, Literal):
            raise PredicateError("“in”后面要写用“|”隔开的值，例如 active|kept", column)
        return atom

    def _sum(self) -> Node:
        node = self._product()
        while self.peek.kind == "operator" and self.peek.text in ("+", "-"):
            node = Sum(self.take().text, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._atom()
        while self.took("*"):
            node = Sum("*", node, self._atom())
        return node

    def _atom(self) -> Node:
        token = self.take()
        if token.kind == "number":
            return Literal(Decimal(token.text) if "." in token.text else int(token.text))
        if token.kind == "text":
            return Literal(token.text)
        if token.kind == "operator" and token.text == "(":
            inner = self._nested(self.alternatives)
            self.expect(")")
            return inner
        if token.kind == "name" and token.text not in ("and", "or", "not", "in"):
            return self._named(token)
        raise PredicateError(f"这里应该是名称或值，而不是“{token.text}”", token.column)

    def _nested(self, part: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise PredicateError("括号套得太深", self.peek.column)
        node = part()
        self._depth -= 1
        return node

    def _named(self, token: _Token) -> Node:
        if self.peek.kind == "operator" and self.peek.text == "(":
            return self._call(token)
        if token.text in ("true", "false"):
            return Literal(token.text == "true")
        if token.text == "today":
            return Today()
        return Fact(token.text) if "." in token.text else Literal(token.text)

    def _call(self, token: _Token) -> Node:
        if token.text not in _ARITY:
            raise PredicateError(f"没有“{token.text}”这个函数，可用的有 {'、'.join(_ARITY)}", token.column)
        self.expect("(")
        arguments = [self._nested(self._sum)]
        window = None
        while self.took(","):
            if token.text == "count" and self.peek.kind == "window":
                size = self.take().text
                window = (int(size[:-1]), size[-1])
                break
            arguments.append(self._nested(self._sum))
        self.expect(")")
        if len(arguments) != _ARITY[token.text]:
            raise PredicateError(f"{token.text}() 要写 {_ARITY[token.text]} 个参数", token.column)
        return Call(token.text, tuple(arguments), window)


def _require_condition(node: Node, column: int) -> None:
    if not isinstance(node, Compare | OneOf | Both | Either | Not):
        raise PredicateError("这里要写一个比较，例如 worker.age >= 16", column)
