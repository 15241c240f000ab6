"""What a flow file may get wrong in its own actions and papers."""

import re

from backend.casework import papers
from backend.casework.enums import CaseAction
from backend.casework.flow_files.check import Checker, Vocabulary
from backend.casework.flows import ActionSpec, DocumentSpec, Flow
from backend.core.strict_yaml import Document, Path

_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
_PREFIX = re.compile(r"[A-Z]{2,6}\Z")
_PLAIN = ("subject", "union", "desk", "county", "today")
LONGEST_KEY = 36  # `act:<key>` is the place of its files: forty characters


def check_actions(flow: Flow, document: Document, words: Vocabulary) -> None:
    _ActionChecker(flow, document, words).run()


class _ActionChecker:
    def __init__(self, flow: Flow, document: Document, words: Vocabulary) -> None:
        self.flow = flow
        self.words = words
        self.checker = Checker(flow, document, words)
        self.checker.seen = {field.name: field for field in flow.fields}
        self.wrong = self.checker.wrong
        self.known = self.checker.known
        self.steps = {step.name for step in flow.steps}
        self.keys = {action.key for action in flow.actions}

    def run(self) -> None:
        self.checker.unique(("actions",), (action.key for action in self.flow.actions), "操作")
        self.checker.unique(("documents",), (each.key for each in self.flow.documents), "文书")
        for index, action in enumerate(self.flow.actions):
            self._action(action, ("actions", index))
        for index, paper in enumerate(self.flow.documents):
            self._document(paper, ("documents", index))
        self._steps()

    def _key(self, key: str, path: Path) -> None:
        if not _KEY.match(key) or len(key) > LONGEST_KEY:
            self.wrong((*path, "key"), f"“{key}”只能用小写字母、数字和连字符，最多 {LONGEST_KEY} 个字符")

    def _action(self, action: ActionSpec, path: Path) -> None:
        self._key(action.key, path)
        if action.key in set(CaseAction):
            self.wrong((*path, "key"), f"“{action.key}”是系统自己的操作，请换个名称")
        if not action.by:
            self.wrong((*path, "by"), "要写谁来办：applicant、desk 或 岗位@层级")
        for at, who in enumerate(action.by):
            self._who(who, (*path, "by", at))
        for at, step in enumerate(action.steps):
            self.known((*path, "steps", at), step, self.steps, "步骤")
        for at, before in enumerate(action.by_another):
            self.known((*path, "by_another", at), before, self.keys, "操作")
        if action.when is not None:
            self.checker.predicate(action.when, (*path, "when"))
        form = Checker(self.flow.action_form(action.key), self.checker.document, self.words)
        form.group(action.fields, action.attachments, path)
        form.rules(action.fields, path)
        if action.figures:
            self.known((*path, "figures"), action.figures, self.words.figures, "核算")
        if action.document:
            self._issues(action, path)
        if action.publishes is not None:
            if action.publishes.days < 1:
                self.wrong((*path, "publishes", "days"), "公示至少 1 天")
            self._words((action.publishes.title, *action.publishes.body), (*path, "publishes"))
        for at, effect in enumerate(action.effects):
            self.known((*path, "effects", at, "kind"), effect.kind, self.words.outcomes, "办理结果")

    def _who(self, who: str, path: Path) -> None:
        if who in ("applicant", "desk"):
            return
        role, _, level = who.partition("@")
        self.known(path, role, self.words.roles, "角色")
        levels = (self.words.roles or {}).get(role, ())
        if levels and level not in levels:
            self.wrong(path, f"要写成“岗位@层级”，“{role}”只在 {'、'.join(levels)} 设置")

    def _issues(self, action: ActionSpec, path: Path) -> None:
        paper = self.flow.document(action.document)
        if paper is None or paper.issued != "action":
            self.wrong((*path, "document"), f"没有 issued 为 action 的文书“{action.document}”")

    def _document(self, paper: DocumentSpec, path: Path) -> None:
        self._key(paper.key, path)
        if paper.issued != "request" and not _PREFIX.match(paper.prefix):
            self.wrong((*path, "prefix"), "编号开头应为 2 到 6 个大写字母")
        if (paper.issued == "step") != bool(paper.step):
            self.wrong((*path, "step"), "issued 为 step 时要写 step，其他时候不写")
        if paper.step:
            self.known((*path, "step"), paper.step, self.steps, "步骤")
        if paper.table:
            self.known((*path, "table"), paper.table, {field.name for field in self.flow.fields}, "栏目")
        self._words((paper.title, *paper.body), path)

    def _words(self, lines: tuple[str, ...], path: Path) -> None:
        params = {param.name for param in self.flow.params}
        for line in lines:
            for name in papers.names_in(line):
                space, _, rest = name.partition(".")
                if space == "form":
                    self.known(path, rest, self.checker.seen, "栏目")
                elif space == "params":
                    self.known(path, rest, params, "参数")
                elif space == "act":
                    self._act_word(rest, path)
                elif space == "case":
                    self.known(path, rest, papers.CASE_WORDS, "办件内容")
                elif space != "outcome" and name not in _PLAIN:
                    self.wrong(path, f"不认识“{{{name}}}”")

    def _act_word(self, rest: str, path: Path) -> None:
        key, _, field = rest.partition(".")
        self.known(path, key, self.keys, "操作")
        action = self.flow.action(key)
        if action is not None:
            self.known(path, field, {spec.name for spec in action.fields}, "栏目")

    def _steps(self) -> None:
        for index, step in enumerate(self.flow.steps):
            for at, key in enumerate(step.needs):
                self.known(("steps", index, "needs", at), key, self.keys, "操作")
            if not step.awaits:
                continue
            self.known(("steps", index, "awaits"), step.awaits, self.keys, "操作")
            awaited = self.flow.action(step.awaits)
            if awaited is not None and "applicant" not in awaited.by:
                self.wrong(("steps", index, "awaits"), f"等的应是申请人办的操作，“{step.awaits}”不是")
            if index == 0:
                self.wrong(("steps", index, "awaits"), "第一步前面没有可以等的时候")
