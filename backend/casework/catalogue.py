"""The loaded catalogue: every flow in force, earlier versions still running, and the service directory."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from backend.casework.flow_files.load import load_files
from backend.casework.flow_files.read import Files, Group, Groups, RegisterEntry
from backend.casework.flows import Flow
from backend.casework.protocols import Bindings
from backend.casework.schemas import DirectoryView, FunctionCount, ServiceItem
from backend.core.errors import NotFound
from backend.core.pinyin import initials


class CatalogueError(Exception):
    """The files cannot be used; the message lists every problem with file and line."""


class _Entry(msgspec.Struct, frozen=True):
    """A service of the directory and what finds it."""

    item: ServiceItem
    initials: str
    words: frozenset[str]


class Catalogue:
    def __init__(self, files: Files, groups: Groups, bindings: Bindings) -> None:
        self.bindings = bindings
        self.groups: tuple[Group, ...] = groups.groups
        self.flows: dict[str, Flow] = {}
        self._versions: dict[tuple[str, int], Flow] = {}
        for file in files.flows:
            if file.flow is not None:
                self._versions[file.flow.slug, file.flow.version] = file.flow
                if not file.earlier:
                    self.flows[file.flow.slug] = file.flow
        self._groups = groups
        self._register = files.register
        self._entries = sorted(
            [*map(self._of_flow, self.flows.values()), *map(self._of_register, files.register)],
            key=lambda entry: (self._group_order(entry.item.group), not entry.item.enabled, entry.item.name),
        )
        self._items = {entry.item.slug: entry.item for entry in self._entries}

    def flow(self, slug: str) -> Flow:
        """The flow in force, if it is served."""
        found = self.flows.get(slug)
        if found is None or not found.enabled:
            raise NotFound("no_such_service" if slug not in self._items else "service_not_open")
        return found

    def version(self, slug: str, version: int) -> Flow:
        """The flow under which a case began; the one in force where that file was not kept (doctor tells)."""
        found = self._versions.get((slug, version)) or self.flows.get(slug)
        if found is None:
            raise NotFound("no_such_service")
        return found

    def has_version(self, slug: str, version: int) -> bool:
        return (slug, version) in self._versions

    def item(self, slug: str) -> ServiceItem | None:
        return self._items.get(slug)

    def directory(self, *, group: str = "", q: str = "") -> DirectoryView:
        """All services, or those of a group, or those that everyday words mean; the counts are always of all."""
        items = self.search(q) if q.strip() else list(self._items.values())
        return DirectoryView(
            items=[item for item in items if not group or item.group == group],
            flows=len(self._items),
            functions=self.functions(),
        )

    def functions(self) -> FunctionCount:
        """Core functions of the register; enabled ones name a door, a permission and a test."""
        own = [function for flow in self.flows.values() for function in flow.functions if function.tier == "core"]
        enabled = sum(function.enabled for function in own)
        return FunctionCount(total=len(own) + sum(entry.core_functions for entry in self._register), enabled=enabled)

    def search(self, q: str) -> list[ServiceItem]:
        """By name, keyword, everyday word, group, or the first letters of the sounds; best first."""
        wanted = "".join(q.lower().split())[:40]
        ranked = [(rank, index) for index, entry in enumerate(self._entries) if (rank := _rank(entry, wanted))]
        return [self._entries[index].item for _, index in sorted(ranked)]

    def versions(self) -> Iterator[Flow]:
        """Every flow there is a file of, earlier ones included."""
        return iter(self._versions.values())

    def registers(self) -> dict[str, str]:
        """Kind → name of every register in which a flow opens entries, in the order of the directory."""
        found: dict[str, str] = {}
        for entry in self._entries:
            flow = self.flows.get(entry.item.slug)
            effects = (*flow.outcomes, *(each for action in flow.actions for each in action.effects)) if flow else ()
            for spec in effects:
                if spec.kind == "open_record":
                    found.setdefault(spec.params["kind"], spec.params.get("name", spec.text))
        return found

    def doors(self) -> Iterator[tuple[str, str]]:
        """(function code, door) of every enabled function, to be compared with the route table."""
        for flow in self.flows.values():
            yield from ((function.code, function.door) for function in flow.functions if function.enabled)

    def _group_order(self, key: str) -> int:
        return [group.key for group in self.groups].index(key)

    def _of_flow(self, flow: Flow) -> _Entry:
        item = self._item(flow, enabled=flow.enabled, icon=flow.icon, summary=flow.summary)
        return self._entry(item, flow.initials, flow.keywords)

    def _of_register(self, entry: RegisterEntry) -> _Entry:
        item = self._item(entry, enabled=False, icon=entry.icon, summary="")
        return self._entry(item, entry.initials, ())

    def _item(self, listed: Flow | RegisterEntry, *, enabled: bool, icon: str, summary: str) -> ServiceItem:
        group = self.groups[self._group_order(listed.group)]
        return ServiceItem(
            slug=listed.slug,
            name=listed.name,
            group=listed.group,
            group_name=group.name,
            audience="、".join(self._groups.audiences[kind] for kind in listed.audience),
            limit_working_days=listed.limit_working_days,
            enabled=enabled,
            icon=icon or group.icon,
            summary=summary,
        )

    def _entry(self, item: ServiceItem, initials: str, keywords: tuple[str, ...]) -> _Entry:
        said = [word for word, slugs in self._groups.words.items() if item.slug in slugs]
        words = frozenset("".join(word.lower().split()) for word in (*keywords, *said))
        return _Entry(item, initials, words)


def _rank(entry: _Entry, wanted: str) -> int:
    """1 is best, 0 is no match. What people type is often longer than the word it contains: 我要看病."""
    name = entry.item.name.lower()
    if not wanted:
        return 0
    if wanted == name or wanted in entry.words:
        return 1
    if name.startswith(wanted) or (wanted.isascii() and entry.initials.startswith(wanted)):
        return 2
    if wanted in name or any(wanted in word for word in entry.words):
        return 3
    if any(word in wanted for word in entry.words) or wanted in entry.item.group_name:
        return 4
    return 5 if len(wanted) > 1 and (wanted in entry.initials or wanted in entry.item.slug) else 0


_current: Catalogue | None = None


def check(config_dir: Path, bindings: Bindings | None = None) -> list[str]:
    """Every problem of every file as `file:line: sentence`, empty when all is well. For `union catalogue check`.

    Without bindings, names of facts, outcomes, checks, quotes and prefills are taken on trust.
    """
    return [str(problem) for problem in load_files(config_dir, bindings, initials=initials)[1]]


def open_catalogue(config_dir: Path, bindings: Bindings) -> Catalogue:
    files, problems = load_files(config_dir, bindings)
    if problems or files.groups is None:
        raise CatalogueError("\n".join(map(str, problems)))
    return Catalogue(files, files.groups, bindings)


def load(config_dir: Path, bindings: Bindings) -> None:
    """Once at start, in every process. A problem in any file stops the start."""
    global _current  # noqa: PLW0603 - one catalogue a process
    _current = open_catalogue(config_dir, bindings)


def current() -> Catalogue:
    if _current is None:
        raise RuntimeError("catalogue.load was not called")
    return _current


def flow(slug: str) -> Flow:
    return current().flow(slug)


def version(slug: str, number: int) -> Flow:
    return current().version(slug, number)


def bindings() -> Bindings:
    return current().bindings


def directory(*, group: str = "", q: str = "") -> DirectoryView:
    return current().directory(group=group, q=q)


def groups() -> tuple[Group, ...]:
    return current().groups


def summary() -> str:
    """46 类业务，已开通 1 类；224 项功能，已开通 3 项。"""
    view = current().directory()
    open_now = sum(item.enabled for item in view.items)
    functions = view.functions
    return f"{view.flows} 类业务，已开通 {open_now} 类；{functions.total} 项功能，已开通 {functions.enabled} 项。"
