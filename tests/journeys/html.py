"""A page as somebody sees it who fills in its form: what stands in each control, and what is said beside it."""

from html.parser import HTMLParser
from typing import Any

import httpx

_VOID = {"input", "img", "br", "meta", "link", "hr", "wbr", "use"}


class Filled(HTMLParser):
    """`values` by the names of the controls, `ids` and their texts, `described` from a control to ids."""

    def __init__(self, page: httpx.Response) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self.described: dict[str, set[str]] = {}
        self._open: list[tuple[str, str]] = []
        self._select = ""
        self._group: list[set[str]] = []
        self._area = ""
        self.text = ""
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        described = set(given.get("aria-describedby", "").split())
        if tag not in _VOID:
            self._open.append((tag, given.get("id", "")))
        if tag == "fieldset":
            self._group.append(described)
        elif tag in ("input", "select", "textarea"):
            self._control(tag, given, described)
        elif tag == "option" and "selected" in given:
            self.values[self._select] = given["value"]

    def _control(self, tag: str, given: dict[str, str], described: set[str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text")
        group = self._group[-1] if self._group else set()
        self.described.setdefault(name, set()).update(described | group)
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
            self.values[name] = ""
        elif kind not in ("checkbox", "radio") or "checked" in given:
            self.values[name] = given.get("value", "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in {name for name, _ in self._open}:
            while self._open.pop()[0] != tag:
                pass
        if tag == "fieldset":
            self._group.pop()
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._area:
            self.values[self._area] += data
        for _, one in self._open:
            if one:
                self.texts[one] = self.texts.get(one, "") + data

    def beside(self, name: str) -> list[str]:
        """What is wrong, as a screen reader says it with this control; a union is looked up as `name.q`."""
        ids = self.described.get(name, set()) | self.described.get(f"{name}.q", set())
        return [self.texts[one].strip() for one in sorted(ids) if one.endswith("-error") or one.startswith("error-")]

    def kept(self, typed: dict[str, Any]) -> dict[str, Any]:
        """What stands there now under the names of what was typed."""
        return {name: self.values.get(name, "") for name in typed}
