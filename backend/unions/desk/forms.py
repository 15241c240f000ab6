"""What the administration's pages have in common: choices, what was typed, and notices after a redirect."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from backend.core.errors import AppError, invalid
from backend.unions.schemas import UnionReference
from backend.web.forms import FormInput

_NOTICES = {
    "created": "已经建好。",
    "renamed": "名称已经改好。",
    "moved": "已经移到新的上级下面，有关人员的管理范围马上生效。",
    "dissolved": "已经撤销。",
    "revoked": "邀请码已经停用。",
    "granted": "岗位已经授予，对方刷新页面即可使用。",
    "ended": "岗位已经解除，马上生效。",
    "disabled": "账号已经停用，对方已被退出登录。",
    "covered": "已经安排好，到日子自动开始，到期自动结束。",
    "uncovered": "已经结束，马上生效。",
    "enabled": "账号已经恢复。",
}


class Choice(msgspec.Struct):
    value: str
    label: str
    selected: bool = False


def notice(done: str) -> str:
    """The sentence for what the page before has done."""
    return _NOTICES.get(done, "")


def choices(names: Mapping[Any, str]) -> list[Choice]:
    return [Choice(value=str(value), label=label) for value, label in names.items()]


def union_choices(unions: Iterable[UnionReference]) -> list[Choice]:
    return [Choice(value=union.id, label=union.name) for union in unions]


def again(form: FormInput | None, error: AppError | None, *, lists: Collection[str] = ()) -> dict[str, Any]:
    """For a page's context: what was typed, and what was wrong with it ("" is the form as a whole)."""
    errors = {field.field: field.message for field in error.errors} if error else {}
    if error is not None and not errors:
        errors[""] = error.detail
    typed = form.values.items() if form else ()
    return {"given": {name: list(all_) if name in lists else all_[-1] for name, all_ in typed}, "errors": errors}


def status_of(error: AppError | None) -> int:
    return error.status if error else 200


def version_of(form: FormInput) -> int:
    text = form.one("version")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise invalid("version", "wrong_value")
    return int(text)
