"""The words of every notice, from config/notifications/<notice>.yaml, checked before anything is sent.

A file speaks to one audience or to several, each with a title, a link and texts of its own. A text is a list of
sentences with {placeholders}. A sentence is left out when one of its values is empty,
so that "预计 {due_on} 前办结。" is not said of a case without a due date.
"""

import string
from collections.abc import Iterator, Mapping
from datetime import time
from pathlib import Path

import msgspec
import yaml

from backend.notifications.enums import WITH_WORDS, Audience, Channel, Notice
from backend.notifications.rules import QuietHours, fit

TITLE_LIMIT = 60
TEXT_LIMIT = 500
LINK_LIMIT = 120
DELIVERY_FILE = "_delivery.yaml"

_CASE = frozenset({"number", "service", "desk", "subject", "due_on", "until", "comment"})
_MEMBER = frozenset({"union", "member_no"})
_RECORD = frozenset({"record", "number", "until"})
_POLICY = frozenset({"plan", "number", "until", "policy"})
_OFFER = frozenset({"offer", "why", "until", "slug", "rule"})
_COVER = frozenset({"absent", "from", "until"})
_PROXY = frozenset({"filer", "subject", "service", "until", "answer", "filing", "site"})
_VOUCHER = frozenset({"campaign", "worth", "until"})
_PAYMENT = frozenset({"service", "amount"})
_DESK = frozenset({"waiting", "today", "overdue"})
_UNION = frozenset({"union", "title", "text"})
_GRADE = frozenset({"year", "until", "result", "count"})
_WORKER = frozenset({"union", "day", "grade", "count"})
_DRAW = _VOUCHER | {"entries", "places", "public"}
_ORDER = frozenset({"order", "goods", "voucher", "money", "comment"})
_KINDS = {
    "case": _CASE,
    "cover": _COVER,
    "draw": _DRAW,
    "grade": _GRADE,
    "member": _MEMBER,
    "record": _RECORD,
    "policy": _POLICY,
    "offer": _OFFER,
    "proxy": _PROXY,
    "payment": _PAYMENT,
    "voucher": _VOUCHER,
    "order": _ORDER,
    "worker": _WORKER,
    "desk": _DESK,
    "union": _UNION,
}
PLACEHOLDERS = {notice: _KINDS[notice.partition(".")[0]] for notice in Notice}

# Sensitive personal information never goes into a notice; free words may hold health data and stay in the inbox.
SENSITIVE = frozenset({"id_no", "phone", "mobile", "bank_card", "address", "diagnosis", "disease", "password", "otp"})
INBOX_ONLY = frozenset({"comment", "subject", "text"})

_KEYS = frozenset({"title", "link", "own_result", "channels"})


class TemplateError(Exception):
    """The message names the file, the line and what is wrong there; line 0 is the file as a whole."""

    def __init__(self, file: str, line: int, problem: str) -> None:
        super().__init__(f"{file}:{line}: {problem}" if line else f"{file}: {problem}")
        self.file = file
        self.line = line
        self.problem = problem


class Template(msgspec.Struct, frozen=True):
    """`own_result`: it tells somebody what became of their own request."""

    notice: Notice
    audience: Audience
    title: str
    link: str
    own_result: bool
    texts: dict[Channel, tuple[str, ...]]


_Templates = dict[tuple[Notice, Audience], Template]
_templates: _Templates = {}
_quiet_hours: QuietHours | None = None
_outside: tuple[Channel, ...] = (Channel.SMS,)


def load(config_dir: Path) -> None:
    """Read and check all files; nothing changes unless all are right."""
    global _quiet_hours, _outside
    folder = config_dir / "notifications"
    templates = _read(folder)
    policy = _Reader(folder / DELIVERY_FILE) if (folder / DELIVERY_FILE).exists() else None
    quiet, outside = (policy.quiet_hours(), policy.outside()) if policy else (None, (Channel.SMS,))
    _templates.clear()
    _templates.update(templates)
    _quiet_hours, _outside = quiet, outside


def _read(folder: Path) -> _Templates:
    found: _Templates = {}
    for notice in Notice:
        path = folder / f"{notice}.yaml"
        if not path.exists():
            raise TemplateError(_short(path), 0, "is missing; every notice needs its words")
        found |= {(notice, one.audience): one for one in _Reader(path).templates(notice)}
    known = {DELIVERY_FILE, *(f"{notice}.yaml" for notice in Notice)}
    for path in sorted(folder.glob("*.yaml")):
        if path.name not in known:
            raise TemplateError(_short(path), 0, f"there is no notice {path.stem!r}")
    return found


def texts_in(config_dir: Path) -> frozenset[tuple[Notice, Audience, Channel]]:
    """What there are words for, read from the files; TemplateError when one of them is wrong."""
    found = _read(config_dir / "notifications")
    return frozenset((*key, channel) for key, one in found.items() for channel in one.texts)


def template(notice: Notice, audience: Audience) -> Template:
    return _templates[notice, audience]


def is_own_result(notice: Notice) -> bool:
    """Whether it tells somebody what became of their own request."""
    return any(one.own_result for key, one in _templates.items() if key[0] == notice)


def quiet_hours() -> QuietHours | None:
    return _quiet_hours


def outside() -> tuple[Channel, ...]:
    """Where a message outside the inbox is tried, in this order; the last is the short message."""
    return _outside


def title(template: Template, values: Mapping[str, str]) -> str:
    return fit(template.title.format_map(values), TITLE_LIMIT)


def link(template: Template, values: Mapping[str, str]) -> str:
    return fit(template.link.format_map(values), LINK_LIMIT)


def text(template: Template, channel: Channel, values: Mapping[str, str]) -> str:
    said = [one for one in template.texts[channel] if all(values[name] for name in _names(one))]
    return fit("".join(sentence.format_map(values) for sentence in said), TEXT_LIMIT)


def names(template: Template, channel: Channel) -> frozenset[str]:
    """The placeholders of the words over that channel."""
    return frozenset(name for sentence in template.texts[channel] for name in _names(sentence))


def _names(text: str) -> Iterator[str]:
    return (name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def _short(path: Path) -> str:
    return "/".join(path.parts[-3:])


class _Reader:
    """One file as YAML nodes, which know their lines."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._root = yaml.compose(path.read_text("utf-8"), Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as exc:
            line = exc.problem_mark.line + 1 if exc.problem_mark else 1
            raise TemplateError(_short(path), line, str(exc.problem)) from exc

    def templates(self, notice: Notice) -> list[Template]:
        audiences = self._mapping(self._root, "the file", frozenset(Audience))
        return [self._template(notice, Audience(name), node) for name, node in audiences.items()]

    def _template(self, notice: Notice, audience: Audience, node: yaml.Node) -> Template:
        values = self._mapping(node, audience, _KEYS)
        for key in ("title", "channels"):
            if key not in values:
                raise self._wrong(node, f"{key} is missing")
        known = PLACEHOLDERS[notice]
        channels = self._mapping(values["channels"], "channels", frozenset(WITH_WORDS))
        if Channel.INBOX not in channels:
            raise self._wrong(values["channels"], "every notice is in the inbox; inbox is missing")
        return Template(
            notice=notice,
            audience=audience,
            title=self._sentence(values["title"], known - INBOX_ONLY),
            link=self._sentence(values["link"], known - INBOX_ONLY) if "link" in values else "",
            own_result=self._flag(values["own_result"]) if "own_result" in values else False,
            texts={
                Channel(name): self._sentences(node, known if name == Channel.INBOX else known - INBOX_ONLY)
                for name, node in channels.items()
            },
        )

    def _policy(self) -> dict[str, yaml.Node]:
        return self._mapping(self._root, "the file", frozenset({"quiet_hours", "outside"}))

    def outside(self) -> tuple[Channel, ...]:
        node = self._policy().get("outside")
        if node is None:
            return (Channel.SMS,)
        named = [one.value for one in node.value] if isinstance(node, yaml.SequenceNode) else []
        if named not in (["sms"], ["wechat", "sms"]):
            raise self._wrong(node, "outside is [sms] or [wechat, sms]")
        return tuple(Channel(name) for name in named)

    def quiet_hours(self) -> QuietHours | None:
        values = self._policy()
        if "quiet_hours" not in values:
            return None
        hours = self._mapping(values["quiet_hours"], "quiet_hours", frozenset({"from", "until"}))
        if set(hours) != {"from", "until"}:
            raise self._wrong(values["quiet_hours"], "quiet_hours needs from and until")
        return QuietHours(start=self._time(hours["from"]), end=self._time(hours["until"]))

    def _mapping(self, node: yaml.Node | None, what: str, known: frozenset[str]) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self._wrong(node, f"{what} must be keys with values")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if key.value not in known:
                raise self._wrong(key, f"unknown {key.value!r} in {what}; known: {', '.join(sorted(known))}")
            if key.value in found:
                raise self._wrong(key, f"{key.value!r} is there twice")
            found[key.value] = value
        return found

    def _sentences(self, node: yaml.Node, known: frozenset[str]) -> tuple[str, ...]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self._wrong(node, "a text is a list of sentences")
        return tuple(self._sentence(one, known) for one in node.value)

    def _sentence(self, node: yaml.Node, known: frozenset[str]) -> str:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            raise self._wrong(node, "words are missing")
        try:
            parts = list(string.Formatter().parse(node.value))
        except ValueError as exc:
            raise self._wrong(node, f"braces do not match: {exc}") from exc
        for _, name, spec, conversion in parts:
            if name is None:
                continue
            if name in SENSITIVE:
                raise self._wrong(node, f"{{{name}}} is sensitive and must not be in a message")
            if name in INBOX_ONLY and name not in known:
                raise self._wrong(node, f"{{{name}}} may be used in the inbox text only")
            if name not in known or spec or conversion:
                raise self._wrong(node, f"unknown {{{name}}}; known: {', '.join(sorted(known))}")
        return node.value.strip()

    def _flag(self, node: yaml.Node) -> bool:
        if not isinstance(node, yaml.ScalarNode) or node.value not in ("true", "false"):
            raise self._wrong(node, "must be true or false")
        return node.value == "true"

    def _time(self, node: yaml.Node) -> time:
        try:
            return time.fromisoformat(node.value)
        except (TypeError, ValueError) as exc:
            raise self._wrong(node, 'a time is written "21:00"') from exc

    def _wrong(self, node: yaml.Node | None, problem: str) -> TemplateError:
        line = node.start_mark.line + 1 if node is not None else 1
        return TemplateError(_short(self._path), line, problem)
