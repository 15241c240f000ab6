"""What the administration's pages have in common: unions to choose from, and notices after a redirect."""

from collections.abc import Iterable

from backend.core.errors import invalid
from backend.unions.schemas import UnionReference
from backend.web.form_pages import Choice
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


def notice(done: str) -> str:
    """The sentence for what the page before has done."""
    return _NOTICES.get(done, "")


def union_choices(unions: Iterable[UnionReference]) -> list[Choice]:
    return [Choice(value=union.id, label=union.name) for union in unions]


def version_of(form: FormInput) -> int:
    text = form.one("version")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise invalid("version", "wrong_value")
    return int(text)
