"""Drafts, and what an earlier application offers to one."""

from typing import Any

import msgspec

from backend.casework.schemas.cases import Version


class DraftView(msgspec.Struct, kw_only=True):
    """`sources` says of answers from an earlier application which one, until somebody changes them. `cleared` are
    fields that the person emptied: nothing is offered there again."""

    form: dict[str, Any]
    attachments: dict[str, list[str]]
    version: int
    saved_at: str
    sources: dict[str, str] = {}
    cleared: list[str] = []


class DraftInput(msgspec.Struct, kw_only=True):
    form: dict[str, Any] = {}
    attachments: dict[str, list[str]] = {}
    version: Version | None = None


class DraftLine(msgspec.Struct, kw_only=True):
    """A form begun and not sent."""

    slug: str
    name: str
    saved_at: str


class ReusableView(msgspec.Struct, kw_only=True):
    """An answer of an own earlier application, masked where it is sensitive."""

    field: str
    label: str
    value: Any
    source: str


class ReuseOffer(msgspec.Struct, kw_only=True):
    items: list[ReusableView]

    @property
    def words(self) -> str:
        """姓名、银行卡号、开户行等 5 项"""
        named = "、".join(item.label for item in self.items[:3])
        return f"{named}等 {len(self.items)} 项" if len(self.items) > 3 else named
