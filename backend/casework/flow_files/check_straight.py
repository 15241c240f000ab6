"""What a flow file may get wrong where clean cases pass without a person."""

from backend.casework.flow_files.check import Checker, Vocabulary
from backend.casework.flows import Flow
from backend.core.strict_yaml import Document, Path

# What ends in a payment is decided by people, and so is what a step's holder has to look at with their own eyes.
_PAYS = "record_due"
_TREASURER = "finance"


def check_straight(flow: Flow, document: Document, words: Vocabulary) -> None:
    spec = flow.straight_through
    if spec is None:
        return
    path: Path = ("straight_through",)
    checker = Checker(flow, document, words)
    checker.seen = {field.name: field for field in flow.fields}
    if flow.quote or any(one.kind == _PAYS for one in flow.outcomes) or any(s.role == _TREASURER for s in flow.steps):
        checker.wrong(path, "要给钱的业务不能自动办理")
    if not spec.rules:
        checker.wrong((*path, "rules"), "至少要有一条规则")
    if not spec.steps:
        checker.wrong((*path, "steps"), "要写自动办理哪些步骤")
    if not 1 <= spec.sample_percent <= 100:
        checker.wrong((*path, "sample_percent"), "抽查比例应在 1 到 100 之间")
    steps = {step.name: step for step in flow.steps}
    for index, name in enumerate(spec.steps):
        checker.known((*path, "steps", index), name, steps, "步骤")
        if name in steps and (steps[name].needs or steps[name].awaits):
            checker.wrong((*path, "steps", index), f"“{name}”要先办别的事，不能自动办理")
    for index, rule in enumerate(spec.rules):
        checker.predicate(rule.predicate, (*path, "rules", index, "predicate"))
