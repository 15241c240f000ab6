"""What a flow file may get wrong in what comes to members without their asking."""

import re
from collections.abc import Collection
from datetime import date

from backend.casework.enums import FieldKind
from backend.casework.flow_files.check import Checker, Vocabulary
from backend.casework.flows import Flow, ProactiveSpec
from backend.core.strict_yaml import Document, Path

_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
LONGEST_KEY = 30
_A_LEAP_YEAR = 2024


def check_proactive(flow: Flow, document: Document, words: Vocabulary) -> None:
    checker = Checker(flow, document, words)
    checker.unique(("proactive",), (spec.key for spec in flow.proactive), "免申即享的规则")
    for index, spec in enumerate(flow.proactive):
        path: Path = ("proactive", index)
        if not _KEY.match(spec.key) or len(spec.key) > LONGEST_KEY:
            checker.wrong((*path, "key"), f"“{spec.key}”只能用小写字母、数字和连字符，最多 {LONGEST_KEY} 个字符")
        checker.known((*path, "finder"), spec.finder, words.finders, "查找办法")
        _days(checker, spec, path)
        _form(checker, flow, spec, path)


def _days(checker: Checker, spec: ProactiveSpec, path: Path) -> None:
    found = []
    for name in ("opens", "closes"):
        try:
            found.append(date.fromisoformat(f"{_A_LEAP_YEAR}-{getattr(spec, name)}"))
        except ValueError:
            checker.wrong((*path, name), "日期写成“06-15”的形式")
    if len(found) == 2 and found[0] > found[1]:
        checker.wrong((*path, "closes"), "结束的日子在开始之前")


def _form(checker: Checker, flow: Flow, spec: ProactiveSpec, path: Path) -> None:
    """One tap is enough only where nothing is left to ask, to upload or to agree to."""
    asked = {field.name: field for field in flow.fields if field.filled_by == "person"}
    for name, value in spec.form.items():
        checker.known((*path, "form"), name, asked, "栏目")
        options: Collection[str] = asked[name].options if name in asked else ()
        if options and value not in options:
            checker.wrong((*path, "form"), f"“{name}”没有“{value}”这个选项")
    for name, field in asked.items():
        if not field.required or (field.when is not None and name not in spec.form):
            continue
        if field.kind == FieldKind.BOOL:
            checker.wrong(path, f"“{name}”要本人同意，不能替人填好")
        elif name not in spec.form and not field.prefill:
            checker.wrong(path, f"必填的“{name}”没有写在 form 里，也没有预填")
    if any(slot.required for slot in flow.attachments):
        checker.wrong(path, "要上传材料的业务不能免申即享")
