"""All files together: decoded, checked one by one, then against each other; then completed by what all share."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from backend.casework import notices
from backend.casework.flow_files.check import Vocabulary, check_flow, check_notices
from backend.casework.flow_files.check_actions import check_actions
from backend.casework.flow_files.check_proactive import check_proactive
from backend.casework.flow_files.check_straight import check_straight
from backend.casework.flow_files.read import Files, FlowFile, read_folder
from backend.casework.flows import Flow
from backend.casework.protocols import Bindings
from backend.core.strict_yaml import Document, Problem
from backend.notifications import templates
from backend.notifications.enums import Audience, Channel, Notice


def load_files(
    config_dir: Path, bindings: Bindings | None, *, initials: Callable[[str], str] | None = None
) -> tuple[Files, list[Problem]]:
    """What the files say and everything that is wrong with them, in the order of files and lines.

    `initials` are compared with those written down where a caller can afford to work them out.
    """
    files = read_folder(config_dir / "catalogue")
    roles = Document("config/roles.yaml")
    files.documents.append(roles)
    unreadable: list[Problem] = []
    words = _vocabulary(files, _roles(config_dir, roles), bindings, _texts(config_dir, unreadable))
    for file in files.flows:
        if file.flow is not None:
            _check_place(file, file.flow, initials)
            check_flow(file.flow, file.document, words)
            check_actions(file.flow, file.document, words)
            check_straight(file.flow, file.document, words)
            check_proactive(file.flow, file.document, words)
    _check_register(files, words, initials)
    _check_groups(files)
    _check_across(files)
    _check_shared(files, words)
    found = [problem for document in files.documents for problem in document.problems]
    return msgspec.structs.replace(files, flows=[_completed(file, files) for file in files.flows]), sorted(
        found + unreadable
    )


def _completed(file: FlowFile, files: Files) -> FlowFile:
    """With the standard notices that the flow does not change, and the functions of the engine."""
    flow = file.flow
    if flow is None:
        return file
    own = {function.code for function in flow.functions}
    engine = [one.of(flow.slug) for one in files.engine if one.has(flow.slug)]
    engine = [function for function in engine if function.code not in own]
    flow = msgspec.structs.replace(
        flow, notices=notices.merged(files.notices, flow.notices), functions=(*flow.functions, *engine)
    )
    return msgspec.structs.replace(file, flow=flow)


def _roles(config_dir: Path, document: Document) -> Mapping[str, Collection[str]] | None:
    """Role → levels at which it exists."""
    try:
        said: Any = yaml.safe_load((config_dir / "roles.yaml").read_text("utf-8"))
        return {role: tuple(facts["levels"]) for role, facts in said["roles"].items()}
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as exc:
        document.report((), f"读不出角色：{exc}")
        return None


_Texts = Collection[tuple[Notice, Audience, Channel]]


def _texts(config_dir: Path, problems: list[Problem]) -> _Texts | None:
    """What there are words for; None when the words themselves cannot be read."""
    try:
        return templates.texts_in(config_dir)
    except templates.TemplateError as exc:
        problems.append(Problem(exc.file, exc.line or 1, exc.problem))
        return None


def _vocabulary(
    files: Files, roles: Mapping[str, Collection[str]] | None, bindings: Bindings | None, texts: _Texts | None
) -> Vocabulary:
    groups = files.groups
    return Vocabulary(
        roles=roles,
        groups=None if groups is None else {group.key for group in groups.groups},
        audiences=None if groups is None else groups.audiences,
        outcomes=None if bindings is None else bindings.outcomes,
        facts=None if bindings is None else bindings.facts,
        checks=None if bindings is None else bindings.checks,
        quotes=None if bindings is None else bindings.quotes,
        figures=None if bindings is None else bindings.figures,
        prefills=None if bindings is None else bindings.prefills,
        finders=None if bindings is None else bindings.finders,
        texts=texts,
    )


def _check_place(file: FlowFile, flow: Flow, initials: Callable[[str], str] | None) -> None:
    expected = f"{flow.slug}.{flow.version}" if file.earlier else flow.slug
    if file.path.stem != expected:
        file.document.report(("slug",), f"文件名应为 {expected}.yaml")
    if initials is not None and flow.initials != initials(flow.name):
        file.document.report(("initials",), f"拼音首字母应为 {initials(flow.name)}")


def _check_register(files: Files, words: Vocabulary, initials: Callable[[str], str] | None) -> None:
    document = next(each for each in files.documents if each.file.endswith("_register.yaml"))
    served = {file.path.stem for file in files.flows if not file.earlier}
    before: set[str] = set()
    for index, entry in enumerate(files.register):
        path = ("services", index)
        if entry.slug in served:
            document.report((*path, "slug"), f"“{entry.slug}”已经有自己的文件，请从这里删去")
        if entry.slug in before:
            document.report((*path, "slug"), f"“{entry.slug}”写了两次")
        before.add(entry.slug)
        if words.groups is not None and entry.group not in words.groups:
            document.report((*path, "group"), f"没有“{entry.group}”这个分组")
        for at, kind in enumerate(entry.audience):
            if words.audiences is not None and kind not in words.audiences:
                document.report((*path, "audience", at), f"没有“{kind}”这个办理对象")
        if initials is not None and entry.initials != initials(entry.name):
            document.report((*path, "initials"), f"拼音首字母应为 {initials(entry.name)}")


def _check_shared(files: Files, words: Vocabulary) -> None:
    """What _notices.yaml and _engine.yaml say for all flows."""
    notices_file = next(each for each in files.documents if each.file.endswith("_notices.yaml"))
    check_notices(files.notices, notices_file, ("standard",), words)
    engine_file = next(each for each in files.documents if each.file.endswith("_engine.yaml"))
    before: set[str] = set()
    for index, function in enumerate(files.engine):
        stated = [bool(each) for each in (function.door, function.permission, function.test)]
        if any(stated) and not all(stated):
            engine_file.report(("functions", index), "door、permission、test 要么都写（已开通），要么都不写（未开通）")
        if function.verb in before:
            engine_file.report(("functions", index, "verb"), f"“{function.verb}”写了两次")
        before.add(function.verb)


def _check_groups(files: Files) -> None:
    document = next(each for each in files.documents if each.file.endswith("_groups.yaml"))
    listed = {entry.slug for entry in files.register} | {file.path.stem for file in files.flows if not file.earlier}
    if files.groups is None or not files.register:
        return
    for word, slugs in files.groups.words.items():
        for at, slug in enumerate(slugs):
            if slug not in listed:
                document.report(("words", word, at), f"没有“{slug}”这项业务")


def _check_across(files: Files) -> None:
    """Case numbers and function codes are unique among the flows in force."""
    prefixes: dict[str, str] = {}
    codes: dict[str, str] = {}
    for file in files.flows:
        if file.flow is None or file.earlier:
            continue
        other = prefixes.setdefault(file.flow.number_prefix, file.flow.slug)
        if other != file.flow.slug:
            file.document.report(("number_prefix",), f"“{file.flow.number_prefix}”已经由 {other} 使用")
        for index, function in enumerate(file.flow.functions):
            owner = codes.setdefault(function.code, file.flow.slug)
            if owner != file.flow.slug:
                file.document.report(("functions", index, "code"), f"“{function.code}”已经由 {owner} 使用")
