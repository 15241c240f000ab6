"""The files of config/catalogue/, decoded.

<slug>.yaml               a flow in force
earlier/<slug>.<n>.yaml   version n of a flow, kept while cases that began under it run
_register.yaml            services of the directory that are not served yet
_groups.yaml              groups, kinds of applicants and everyday search words
_notices.yaml             who is told of what in every flow that says nothing else
_engine.yaml              the functions that every flow has by itself, with their doors
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from backend.casework.flows import Flow, FunctionSpec, NoticeSpec
from backend.casework.forms.limits import Limits, RuleError, parse_rule
from backend.core.predicates import Predicate, PredicateError, parse
from backend.core.strict_yaml import Document, Parser, shown

T = TypeVar("T")


class Group(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    name: str
    icon: str


class RegisterEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A service that the directory lists honestly as not yet open."""

    slug: str
    name: str
    initials: str
    group: str
    audience: tuple[str, ...]
    limit_working_days: int
    core_functions: int
    icon: str = ""


class Groups(msgspec.Struct, frozen=True, kw_only=True):
    """`words` map what people say every day to the services they mean."""

    groups: tuple[Group, ...]
    audiences: dict[str, str]
    words: dict[str, tuple[str, ...]] = {}


class _Register(msgspec.Struct, frozen=True, kw_only=True):
    services: tuple[RegisterEntry, ...]


class EngineFunction(msgspec.Struct, frozen=True, kw_only=True):
    """What every flow can do, or `only` some; in a flow its code is <slug>.<verb>. Without a door it is not enabled
    anywhere."""

    verb: str
    name: str
    by: str
    door: str = ""
    permission: str = ""
    test: str = ""
    only: tuple[str, ...] = ()

    def has(self, slug: str) -> bool:
        return not self.only or slug in self.only

    def of(self, slug: str) -> FunctionSpec:
        return FunctionSpec(
            code=f"{slug}.{self.verb}",
            name=self.name,
            by=self.by,
            tier="engine",
            door=self.door,
            permission=self.permission,
            test=self.test,
        )


class _Notices(msgspec.Struct, frozen=True, kw_only=True):
    standard: tuple[NoticeSpec, ...]


class _Engine(msgspec.Struct, frozen=True, kw_only=True):
    functions: tuple[EngineFunction, ...]


class FlowFile(msgspec.Struct, frozen=True):
    """`flow` is None when the file could not be decoded; its problems say why."""

    path: Path
    document: Document
    flow: Flow | None
    earlier: bool


class Files(msgspec.Struct, frozen=True):
    flows: list[FlowFile]
    register: tuple[RegisterEntry, ...]
    groups: Groups | None
    notices: tuple[NoticeSpec, ...]  # the standard set
    engine: tuple[EngineFunction, ...]
    documents: list[Document]  # of all files, with what is wrong in each


def read_folder(folder: Path) -> Files:
    documents: list[Document] = []
    flows = [_flow(path, documents, earlier=False) for path in sorted(folder.glob("[!_]*.yaml"))]
    flows += [_flow(path, documents, earlier=True) for path in sorted(folder.glob("earlier/*.yaml"))]
    register = _read(folder / "_register.yaml", _Register, documents)
    groups = _read(folder / "_groups.yaml", Groups, documents)
    notices = _read(folder / "_notices.yaml", _Notices, documents)
    engine = _read(folder / "_engine.yaml", _Engine, documents)
    return Files(
        flows=flows,
        register=register.services if register else (),
        groups=groups,
        notices=notices.standard if notices else (),
        engine=engine.functions if engine else (),
        documents=documents,
    )


def _flow(path: Path, documents: list[Document], *, earlier: bool) -> FlowFile:
    flow = _read(path, Flow, documents)
    return FlowFile(path, documents[-1], flow, earlier)


def _read(path: Path, type_: type[T], documents: list[Document]) -> T | None:
    document = Document(shown(path, "catalogue"), PARSERS)
    documents.append(document)
    return document.read_file(path, type_)


def _predicate(text: str) -> Predicate:
    try:
        return parse(text)
    except PredicateError as exc:
        raise ValueError(f"条件“{text}”的第 {exc.column + 1} 个字符：{exc.message}") from exc


def _limits(text: str) -> Limits:
    try:
        return parse_rule(text)
    except RuleError as exc:
        raise ValueError(str(exc)) from exc


# The texts with a grammar of their own.
PARSERS: Mapping[type, Parser] = {Predicate: _predicate, Limits: _limits}
