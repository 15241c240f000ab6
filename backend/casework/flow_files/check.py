"""What a decoded flow file may still get wrong: names that lead nowhere and values that do not fit together."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

import msgspec

from backend.casework.enums import FieldKind
from backend.casework.flows import AttachmentSpec, FieldSpec, Flow, NoticeSpec
from backend.casework.forms.checks import NUMBERS, TEXTS, TIMES
from backend.casework.notices import CHANNELS, notice_of
from backend.casework.reuse import NEVER
from backend.core.predicate_tree import Compare, Fact, Literal, Node, OneOf, Predicate, walk
from backend.core.strict_yaml import Document, Path
from backend.notifications.enums import Audience, Channel, Notice

MOST_FIELDS = 7
_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_PREFIX = re.compile(r"[A-Z]{2,4}\Z")
_LEVELS = ("unit", "town", "county", "city", "province")
_COMPARABLE = TEXTS | NUMBERS | TIMES | {FieldKind.BOOL, FieldKind.MULTI, FieldKind.ORG_REF}
_CHOICES = (FieldKind.ENUM, FieldKind.MULTI)
_NOT_IN_TABLES = (FieldKind.TABLE, FieldKind.GEO, FieldKind.MULTI)


class Vocabulary(msgspec.Struct, frozen=True):
    """Names that files may use. None where nobody handed them over, and nothing can be said."""

    roles: Mapping[str, Collection[str]] | None  # with the levels at which each exists
    groups: Collection[str] | None
    audiences: Collection[str] | None
    outcomes: Collection[str] | None
    facts: Collection[str] | None
    checks: Collection[str] | None
    quotes: Collection[str] | None
    figures: Collection[str] | None
    prefills: Collection[str] | None
    finders: Collection[str] | None
    texts: Collection[tuple[Notice, Audience, Channel]] | None = None  # what config/notifications has words for


def check_flow(flow: Flow, document: Document, words: Vocabulary) -> None:
    checker = Checker(flow, document, words)
    checker.run()


def check_notices(notices: Iterable[NoticeSpec], document: Document, path: Path, words: Vocabulary) -> None:
    """Whoever is told needs words that speak to them, over each channel; `path` leads to the list."""
    for index, notice in enumerate(notices):
        for audience in notice.to if words.texts is not None else ():
            missing = [
                name
                for name in notice.channels
                if (notice_of(notice.event), audience, CHANNELS[name]) not in (words.texts or ())
            ]
            if missing:
                file = f"config/notifications/{notice_of(notice.event)}.yaml"
                document.report((*path, index), f"{file} 里没有对“{audience}”说的话：{'、'.join(missing)}")
        if notice.to and not notice.channels:
            document.report((*path, index, "channels"), "写明用什么方式告诉：app、sms")


class Checker:
    """What every part of a flow file is checked with; `check_actions` uses it for the forms of actions."""

    def __init__(self, flow: Flow, document: Document, words: Vocabulary) -> None:
        self.flow = flow
        self.document = document
        self.words = words
        self.seen: dict[str, FieldSpec] = {}  # fields met so far, for conditions that look back

    def run(self) -> None:
        self._head()
        self._screens()
        self._subject()
        self._judgement()
        self._steps()
        self._rest()
        self._functions()

    def wrong(self, path: Path, message: str) -> None:
        self.document.report(path, message)

    def known(self, path: Path, name: str, names: Collection[str] | None, what: str) -> None:
        if names is not None and name not in names:
            self.wrong(path, f"没有“{name}”这个{what}")

    def unique(self, path: Path, keys: Iterable[str], what: str) -> None:
        """`path` leads to the list; the later of two equal keys is named."""
        before: set[str] = set()
        for index, key in enumerate(keys):
            if key in before:
                self.wrong((*path, index), f"{what}“{key}”写了两次")
            before.add(key)

    def _head(self) -> None:
        flow = self.flow
        if not _SLUG.match(flow.slug):
            self.wrong(("slug",), f"“{flow.slug}”只能用小写字母、数字和连字符")
        if not _PREFIX.match(flow.number_prefix):
            self.wrong(("number_prefix",), "编号开头应为 2 到 4 个大写字母")
        if flow.reopen_days < 0:
            self.wrong(("reopen_days",), "天数不能是负数；0 表示不通过的不再重新办理")
        if flow.version < 1:
            self.wrong(("version",), "版本号从 1 开始")
        self.known(("group",), flow.group, self.words.groups, "分组")
        for index, kind in enumerate(flow.audience):
            self.known(("audience", index), kind, self.words.audiences, "办理对象")

    def _screens(self) -> None:
        self.unique(("screens",), (screen.key for screen in self.flow.screens), "页面")
        for index, screen in enumerate(self.flow.screens):
            path: Path = ("screens", index)
            asked = [field for field in screen.fields if field.filled_by == "person" and not field.folded]
            if len(asked) > MOST_FIELDS:
                self.wrong((*path, "fields"), f"一页最多 {MOST_FIELDS} 栏，这页有 {len(asked)} 栏，请分页或折叠")
            self.group(screen.fields, screen.attachments, path)
        for index, screen in enumerate(self.flow.screens):
            self.rules(screen.fields, ("screens", index))

    def group(self, fields: tuple[FieldSpec, ...], slots: tuple[AttachmentSpec, ...], path: Path) -> None:
        for at, field in enumerate(fields):
            self._field(field, (*path, "fields", at))
        for at, slot in enumerate(slots):
            self._slot(slot, (*path, "attachments", at))

    def rules(self, fields: tuple[FieldSpec, ...], path: Path) -> None:
        """Once all fields are known: a rule may compare with one further down."""
        for at, field in enumerate(fields):
            self._rule(field, (*path, "fields", at), self.seen)

    def _name(self, name: str, path: Path) -> None:
        if not _FIELD.match(name):
            self.wrong((*path, "name"), f"“{name}”只能用小写字母、数字和下划线，最多 40 个字符")

    def _field(self, field: FieldSpec, path: Path) -> None:
        self._name(field.name, path)
        if field.name in self.seen:
            self.wrong((*path, "name"), f"栏目“{field.name}”写了两次")
        self._shape(field, path)
        for index, name in enumerate(field.prefill):
            self.known((*path, "prefill", index), name, self.words.prefills, "预填来源")
        if field.filled_by == "system" and field.required and not (field.prefill or field.default):
            self.wrong(path, f"“{field.name}”由系统填写又必填，要写 prefill 或 default")
        if field.implied_by and (field.implied_by not in self.seen or field.kind != FieldKind.BOOL):
            self.wrong((*path, "implied_by"), "只有是否栏目能写 implied_by，而且要指向写在前面的栏目")
        if field.options and field.default and field.default not in field.options:
            self.wrong((*path, "default"), f"“{field.default}”不在选项里")
        self._looks_back(field.when, (*path, "when"))
        self.unique((*path, "columns"), (column.name for column in field.columns), "列")
        for index, column in enumerate(field.columns):
            self._column(column, (*path, "columns", index))
        self.seen[field.name] = field

    def _column(self, column: FieldSpec, path: Path) -> None:
        self._name(column.name, path)
        self._shape(column, path)
        self._rule(column, path, {})
        if column.kind in _NOT_IN_TABLES:
            self.wrong((*path, "kind"), f"明细表的列不能是“{column.kind}”")
        if column.when is not None or column.prefill or column.filled_by == "system" or column.reuse is not None:
            self.wrong(path, "明细表的列不能有 when、prefill、filled_by 或 reuse")

    def _shape(self, field: FieldSpec, path: Path) -> None:
        choice = field.kind in _CHOICES
        if choice and not (field.options or field.lookup):
            self.wrong(path, f"“{field.name}”要写 options 或 lookup")
        if field.options and not choice:
            self.wrong((*path, "options"), f"“{field.kind}”没有选项")
        if field.lookup and not (choice or field.kind == FieldKind.TEXT):
            self.wrong((*path, "lookup"), f"“{field.kind}”不能从目录里选")
        if (field.kind == FieldKind.TABLE) != bool(field.columns):
            self.wrong(path, "明细表要写 columns，其他栏目不写")
        if field.rows is not None and field.kind != FieldKind.TABLE:
            self.wrong((*path, "rows"), "只有明细表能写 rows")
        if field.reuse and (field.kind in NEVER or field.filled_by == "system"):
            self.wrong((*path, "reuse"), f"“{field.name}”不能用上次填的内容")
        if field.within != "any" and field.kind != FieldKind.DIVISION:
            self.wrong((*path, "within"), "只有区划栏目能写 within")

    def _rule(self, field: FieldSpec, path: Path, others: dict[str, FieldSpec]) -> None:
        rule = field.rule
        if rule is None:
            return
        path = (*path, "rule")
        if field.kind not in _COMPARABLE:
            self.wrong(path, f"“{field.kind}”不能写 rule")
        if rule.one_of and field.kind != FieldKind.INT:
            self.wrong(path, "in= 只用于整数")
        for bound in rule.bounds:
            operand = bound.operand
            if operand.today and field.kind not in TIMES:
                self.wrong(path, f"“{field.kind}”不能和 today 比较")
            if (operand.flag is not None) != (field.kind == FieldKind.BOOL and not operand.field):
                self.wrong(path, "是否栏目只能写 ==true 或 ==false，别的栏目不能")
            if operand.number is not None and field.kind in TIMES - {FieldKind.YEAR}:
                self.wrong(path, f"“{field.kind}”要和 today 或另一栏比较，不能和数字比较")
            if operand.field and operand.field not in others:
                self.wrong(path, f"没有“{operand.field}”这一栏")
            elif operand.field and others[operand.field].kind != field.kind:
                self.wrong(path, f"“{operand.field}”和“{field.name}”的类型不同，不能比较")

    def _slot(self, slot: AttachmentSpec, path: Path) -> None:
        self._name(slot.name, path)
        if slot.name in self.seen or [each.name for each in self.flow.attachments].count(slot.name) > 1:
            self.wrong((*path, "name"), f"名称“{slot.name}”已经用过")
        if slot.max_files < 1:
            self.wrong((*path, "max_files"), "至少能传 1 个文件")
        self._looks_back(slot.when, (*path, "when"))

    def _looks_back(self, predicate: Predicate | None, path: Path) -> None:
        """A field depends on fields above it, so that one pass over the form settles everything."""
        if predicate is None:
            return
        self._values(predicate.tree, path)
        for name in sorted(predicate.facts):
            field = name.removeprefix("form.")
            if not name.startswith("form.") or field not in self.seen:
                self.wrong(path, f"这里只能用本表中写在前面的栏目（form.…），没有“{name}”")

    def _subject(self) -> None:
        kinds = {
            "name": FieldKind.NAME,
            "id_no": FieldKind.ID_NO,
            "mobile": FieldKind.MOBILE,
            "division": FieldKind.DIVISION,
            "target_union": FieldKind.ORG_REF,
        }
        for key, kind in kinds.items():
            name = getattr(self.flow.subject, key)
            field = self.flow.field(name)
            if name and (field is None or field.kind != kind):
                self.wrong(("subject", key), f"没有类型为“{kind}”的栏目“{name}”")
        for index, name in enumerate(self.flow.subject.summary):
            self.known(("subject", "summary", index), name, self.seen, "栏目")
        if self.flow.one_running_per_person and not self.flow.subject.id_no:
            self.wrong(("one_running_per_person",), "一人一件要知道证件号，请在 subject 里写 id_no")

    def _judgement(self) -> None:
        checks = self.flow.eligibility.checks
        self.unique(("eligibility", "checks"), (check.code for check in checks), "代码")
        for index, check in enumerate(checks):
            self.predicate(check.predicate, ("eligibility", "checks", index, "predicate"))
            if check.field:
                self.known(("eligibility", "checks", index, "field"), check.field, self.seen, "栏目")

    def predicate(self, predicate: Predicate, path: Path) -> None:
        self._values(predicate.tree, path)
        params = {param.name for param in self.flow.params}
        done = {action.key.replace("-", "_") for action in self.flow.actions}
        for name in sorted(predicate.facts):
            space, _, rest = name.partition(".")
            if space == "act":
                self.known(path, rest, done, "操作")
            elif space == "form":
                self.known(path, rest, self.seen, "栏目")
            elif space == "params":
                self.known(path, rest, params, "参数")
            else:
                self.known(path, name, self.words.facts, "事实")

    def _values(self, tree: Node, path: Path) -> None:
        """A choice is compared with one of its options."""
        for node in walk(tree):
            match node:
                case Compare(Fact(name), rest):
                    literals = [value for _, value in rest if isinstance(value, Literal)]
                case OneOf(Fact(name), values):
                    literals = list(values)
                case _:
                    continue
            field = self.seen.get(name.removeprefix("form.")) if name.startswith("form.") else None
            if field is None or not field.options:
                continue
            for literal in literals:
                if literal.value not in field.options:
                    self.wrong(path, f"“{field.name}”没有“{literal.value}”这个选项")

    def _steps(self) -> None:
        flow = self.flow
        for index, step in enumerate(flow.steps):
            path: Path = ("steps", index)
            self.known((*path, "role"), step.role, self.words.roles, "角色")
            self.known((*path, "level"), step.level, _LEVELS, "层级")
            levels = (self.words.roles or {}).get(step.role, ())
            if levels and step.level in _LEVELS and step.level not in levels:
                self.wrong((*path, "level"), f"角色“{step.role}”只在 {'、'.join(levels)} 设置")
            if step.days < 0:
                self.wrong((*path, "days"), "天数不能是负数")
            if step.when is not None:
                self.predicate(step.when, (*path, "when"))
            named = flow.field(step.at)
            if step.at and (named is None or named.kind != FieldKind.ORG_REF):
                self.wrong((*path, "at"), f"没有类型为“{FieldKind.ORG_REF}”的栏目“{step.at}”")
            for at, name in enumerate(step.rests_on):
                self.known((*path, "rests_on", at), name, self.seen, "栏目")
        if not 1 <= flow.question_days <= 30:
            self.wrong(("question_days",), "征询答复的天数应在 1 到 30 天之间")
        least = max(1, sum(step.days for step in flow.steps if step.when is None))
        most = max(1, sum(step.days for step in flow.steps))
        if flow.steps and not least <= flow.limit_working_days <= most:
            self.wrong(("limit_working_days",), f"办理时限与各步骤的天数不符，应在 {least} 到 {most} 天之间")

    def _rest(self) -> None:
        flow = self.flow
        for index, outcome in enumerate(flow.outcomes):
            self.known(("outcomes", index, "kind"), outcome.kind, self.words.outcomes, "办理结果")
        for index, name in enumerate(flow.checks):
            self.known(("checks", index), name, self.words.checks, "自动核对")
        if flow.quote:
            self.known(("quote",), flow.quote, self.words.quotes, "金额计算")
        check_notices(flow.notices, self.document, ("notices",), self.words)
        self.unique(("params",), (param.name for param in flow.params), "参数")
        for index, param in enumerate(flow.params):
            self._param(index, [value.since for value in param.values], [value.value for value in param.values])

    def _param(self, index: int, days: list[date], values: list[Any]) -> None:
        path: Path = ("params", index, "values")
        if not days:
            self.wrong(path, "至少要有一个值")
        elif days != sorted(set(days)):
            self.wrong(path, "各个值要按生效日期从早到晚写，日期不能重复")
        if len({type(value) for value in values}) > 1:
            self.wrong(path, "各个值的类型要相同")

    def _functions(self) -> None:
        functions = self.flow.functions
        self.unique(("functions",), (function.code for function in functions), "功能")
        for index, function in enumerate(functions):
            path: Path = ("functions", index)
            if not function.code.startswith(f"{self.flow.slug}."):
                self.wrong((*path, "code"), f"功能代码应以“{self.flow.slug}.”开头")
            if function.action:
                self.known((*path, "action"), function.action, {each.key for each in self.flow.actions}, "操作")
            if function.document:
                self.known((*path, "document"), function.document, {each.key for each in self.flow.documents}, "文书")
            if function.tier == "engine":
                self.wrong((*path, "tier"), "每项业务都有的功能写在 _engine.yaml，这里只写 core 和 ext")
            stated = [bool(each) for each in (function.door, function.permission, function.test)]
            if any(stated) and not all(stated) and not (function.action or function.document or function.job):
                self.wrong(path, "door、permission、test 要么都写（已开通），要么都不写（未开通）")
            if function.door and not re.match(r"(GET|POST|PUT|DELETE) /", function.door):
                self.wrong((*path, "door"), "door 写成“POST /api/v1/…”的形式")
