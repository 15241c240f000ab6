"""YAML without surprises, decoded into Structs.

YAML reads `no` as false, `012` as ten and `1:30` as ninety, and lets the second of two equal keys win; here
each of these is a problem with a line number. So are unknown keys, missing keys and values of a wrong type.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path as FilePath
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

import msgspec
import yaml

T = TypeVar("T")
Path = tuple[str | int, ...]
Scalar = bool | int | Decimal | str
# Turns a text into a value of a type of one's own; ValueError says in a sentence what is wrong with the text.
Parser = Callable[[str], Any]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)\Z")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+\Z")
_TAGS = {"str", "int", "float", "bool", "null", "timestamp"}
_BAD: Any = object()


def shown(path: FilePath, folder: str) -> str:
    """config/<folder>/member-join.yaml, wherever that folder lies."""
    parts = path.parts
    if folder not in parts:
        return path.name
    return "/".join(("config", *parts[len(parts) - 1 - parts[::-1].index(folder) :]))


class Problem(msgspec.Struct, frozen=True, order=True):
    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class Document:
    """One file: what is wrong in it so far, and on which line each value stands.

    `parsers` read the types that are written as a text of their own grammar.
    """

    def __init__(self, file: str, parsers: Mapping[type, Parser] | None = None) -> None:
        self.file = file
        self._parsers = parsers or {}
        self.problems: list[Problem] = []
        self._lines: dict[Path, int] = {}
        self._seen: set[int] = set()

    def read(self, text: str, type_: type[T]) -> T | None:
        """The decoded value, or None when anything was wrong with it."""
        try:
            node = yaml.compose(text, Loader=_LOADER)
        except yaml.MarkedYAMLError as exc:
            mark = exc.problem_mark or exc.context_mark
            self._add(mark.line + 1 if mark else 1, f"YAML 写法有误：{exc.problem or exc.context}")
            return None
        except yaml.YAMLError as exc:
            self._add(1, f"YAML 写法有误：{exc}")
            return None
        if node is None:
            self._add(1, "文件是空的")
            return None
        value = self._convert(node, type_, ())
        return None if self.problems else value

    def read_file(self, path: FilePath, type_: type[T]) -> T | None:
        try:
            text = path.read_text("utf-8")
        except FileNotFoundError:
            self.report((), "没有这个文件")
            return None
        except UnicodeDecodeError:
            self.report((), "文件不是 UTF-8 编码，请另存为 UTF-8")
            return None
        return self.read(text, type_)

    def report(self, path: Path, message: str) -> None:
        self._add(self.line(path), message)

    def line(self, path: Path) -> int:
        """Of the value, or of the nearest one around it that the file really has."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def _add(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.file, line, message))

    def _wrong(self, node: yaml.Node, message: str) -> Any:
        self._add(node.start_mark.line + 1, message)
        return _BAD

    def _convert(self, node: yaml.Node, type_: Any, path: Path) -> Any:
        self._lines[path] = node.start_mark.line + 1
        if type_ != Scalar and get_origin(type_) is UnionType:  # T | None: what may be left out, and here was not
            [type_] = [each for each in get_args(type_) if each is not type(None)]
        if isinstance(node, yaml.CollectionNode):
            if id(node) in self._seen:
                return self._wrong(node, "请不要用 & 和 * 引用，把内容写两遍")
            self._seen.add(id(node))
        if type_ == Scalar:
            return self._scalar(node)
        origin = get_origin(type_)
        if origin is not None:
            return self._generic(node, origin, get_args(type_), path)
        if type_ in self._parsers:
            return self._parsed(node, self._parsers[type_])
        if issubclass(type_, msgspec.Struct):
            return self._struct(node, type_, path)
        if issubclass(type_, StrEnum):
            chosen = self._choice(node, tuple(member.value for member in type_))
            return chosen if chosen is _BAD else type_(chosen)
        return _SCALARS[type_](self, node)

    def _generic(self, node: yaml.Node, origin: Any, arguments: tuple[Any, ...], path: Path) -> Any:
        """tuple[T, ...], dict[str, T] and Literal[...]."""
        if origin is tuple:
            return self._items(node, arguments[0], path)
        if origin is dict:
            return self._mapping(node, arguments[1], path)
        return self._choice(node, arguments)

    def _pairs(self, node: yaml.Node) -> list[tuple[str, yaml.Node, yaml.Node]] | None:
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, "这里应该是“名称: 内容”的形式")
            return None
        pairs, seen = [], set()
        for key_node, value_node in node.value:
            key = self._text(key_node)
            if key is _BAD:
                continue
            if key in seen:
                self._wrong(key_node, f"“{key}”写了两次")
                continue
            seen.add(key)
            pairs.append((key, key_node, value_node))
        return pairs

    def _struct(self, node: yaml.Node, type_: type[msgspec.Struct], path: Path) -> Any:
        pairs = self._pairs(node)
        if pairs is None:
            return _BAD
        known = {field.encode_name: field for field in msgspec.structs.fields(type_)}
        values, wrong = {}, False
        for key, key_node, value_node in pairs:
            if key not in known:
                self._wrong(key_node, f"不认识“{key}”，这里可以写：{'、'.join(known)}")
                continue
            value = self._convert(value_node, known[key].type, (*path, key))
            values[known[key].name] = value
            wrong = wrong or value is _BAD
        given = {key for key, _, _ in pairs}
        missing = [name for name, field in known.items() if field.required and name not in given]
        if missing and len(pairs) == len(node.value):  # else the missing one may be the key that nobody could read
            self._wrong(node, f"缺少：{'、'.join(missing)}")
        return _BAD if wrong or missing else type_(**values)

    def _items(self, node: yaml.Node, type_: Any, path: Path) -> Any:
        if not isinstance(node, yaml.SequenceNode):
            return self._wrong(node, "这里应该是一个列表，每项前面写“- ”，或写成 [甲, 乙]")
        items = [self._convert(child, type_, (*path, index)) for index, child in enumerate(node.value)]
        return _BAD if any(item is _BAD for item in items) else tuple(items)

    def _mapping(self, node: yaml.Node, type_: Any, path: Path) -> Any:
        pairs = self._pairs(node)
        if pairs is None:
            return _BAD
        values = {key: self._convert(child, type_, (*path, key)) for key, _, child in pairs}
        return _BAD if any(value is _BAD for value in values.values()) else values

    def _plain(self, node: yaml.Node) -> tuple[str, str] | None:
        """(tag, text) of a scalar whose meaning nobody can mistake."""
        if not isinstance(node, yaml.ScalarNode):
            self._wrong(node, "这里应该是一个值，而不是列表或下一级内容")
            return None
        tag = node.tag.rpartition(":")[2]
        text: str = node.value
        if node.style:  # quoted or a block
            return "str", text
        if tag not in _TAGS or tag == "null":
            self._wrong(node, f"“{text}”在这里没有意义，不填就把整行删掉，要当文字就加引号")
        elif tag == "bool" and text not in ("true", "false"):
            self._wrong(node, f"“{text}”会被当成是或否，请写 true 或 false，要当文字就加引号")
        elif tag == "int" and ":" in text:
            self._wrong(node, f"“{text}”会被当成六十进制的数，请加引号")
        elif tag == "int" and not _INTEGER.match(text):
            self._wrong(node, f"“{text}”会被当成八进制等写法的数，请写普通整数，要当文字就加引号")
        elif tag == "float" and not _DECIMAL.match(text):
            self._wrong(node, f"“{text}”会被当成另一个数，请写普通小数，要当文字就加引号")
        else:
            return tag, text
        return None

    def _text(self, node: yaml.Node) -> Any:
        plain = self._plain(node)
        if plain is None:
            return _BAD
        tag, text = plain
        if tag != "str":
            return self._wrong(node, f"“{text}”应为文字，请加引号")
        return text.strip()

    def _integer(self, node: yaml.Node) -> Any:
        plain = self._plain(node)
        if plain is None:
            return _BAD
        return int(plain[1]) if plain[0] == "int" else self._wrong(node, f"“{plain[1]}”应为整数，不加引号")

    def _number(self, node: yaml.Node) -> Any:
        plain = self._plain(node)
        if plain is None:
            return _BAD
        if plain[0] in ("int", "float"):
            return Decimal(plain[1])
        return self._wrong(node, f"“{plain[1]}”应为数，不加引号")

    def _flag(self, node: yaml.Node) -> Any:
        plain = self._plain(node)
        if plain is None:
            return _BAD
        return plain[1] == "true" if plain[0] == "bool" else self._wrong(node, f"“{plain[1]}”应为 true 或 false")

    def _day(self, node: yaml.Node) -> Any:
        plain = self._plain(node)
        if plain is None:
            return _BAD
        try:
            if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", plain[1]):
                return date.fromisoformat(plain[1])
        except ValueError:
            pass
        return self._wrong(node, f"“{plain[1]}”应为日期，例如 2026-03-15")

    def _scalar(self, node: yaml.Node) -> Any:
        plain = self._plain(node)
        if plain is None:
            return _BAD
        tag, text = plain
        if tag == "timestamp":
            return self._wrong(node, f"“{text}”会被当成时间，请加引号")
        return {"int": int, "float": Decimal, "bool": lambda word: word == "true"}.get(tag, str)(text)

    def _choice(self, node: yaml.Node, options: tuple[str, ...]) -> Any:
        text = self._text(node)
        if text is _BAD or text in options:
            return text
        return self._wrong(node, f"“{text}”不在可选范围内，可以写：{'、'.join(options)}")

    def _parsed(self, node: yaml.Node, parse_text: Parser) -> Any:
        text = self._text(node)
        if text is _BAD:
            return _BAD
        try:
            return parse_text(text)
        except ValueError as exc:
            return self._wrong(node, str(exc))


_SCALARS: dict[Any, Callable[[Document, yaml.Node], Any]] = {
    str: Document._text,
    int: Document._integer,
    bool: Document._flag,
    Decimal: Document._number,
    date: Document._day,
}
