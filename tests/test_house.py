"""The rules of the house that a type checker and a linter cannot see: read from the source, not from memory."""

import ast
import functools
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tortoise import Tortoise
from tortoise.migrations.autodetector import MigrationAutodetector

from backend.core.database import MODEL_MODULES, tortoise_config
from backend.core.rotation import SealedColumn
from backend.core.settings import CONFIG_DIR, ROOT, TEMPLATES_DIR, Settings
from backend.home.sealed import SEALED_COLUMNS

Source = dict[Path, ast.Module]

DOMAINS = {
    *("identity", "unions", "membership", "notifications", "casework", "vouchers", "mall", "payments", "allocation"),
    *("aid", "employment", "competitions", "activities", "grading", "stations", "studios", "targets"),
}
DOOR = re.compile(r"(api|portal|desk)(_\w+)?\Z")


@pytest.fixture(scope="module")
def source() -> Source:
    """Every module of the product, by its path in the checkout."""
    paths = [path for part in ("backend", "workers") for path in sorted((ROOT / part).rglob("*.py"))]
    kept = [path for path in paths if "migrations" not in path.parts]
    assert len(kept) > 100
    return {path.relative_to(ROOT): ast.parse(path.read_text("utf-8")) for path in kept}


def imports(module: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything that is imported."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def test_no_domain_imports_models_or_doors_of_another(source: Source) -> None:
    """The route table of app.py names the doors; nothing else does."""
    found = []
    for path, module in source.items():
        own = path.parts[1] if len(path.parts) > 2 else ""
        for line, name in imports(module):
            parts = name.split(".")
            if parts[0] != "backend" or len(parts) < 3 or parts[1] == own or parts[1] not in DOMAINS:
                continue
            if parts[2] == "models" or (DOOR.match(parts[2]) and path != Path("backend/app.py")):
                found.append(f"{path}:{line} {name}")
    assert found == []


def test_only_the_kernel_opens_transactions(source: Source) -> None:
    found = [
        f"{path}:{line}"
        for path, module in source.items()
        for line, name in imports(module)
        if name.endswith("in_transaction") and path.parts[:2] != ("backend", "core")
    ]
    assert found == []
    names = [
        f"{path}:{node.lineno}"
        for path, module in source.items()
        if path.parts[:2] != ("backend", "core")
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr in ("in_transaction", "atomic")
    ]
    assert names == []


def test_nothing_is_unpickled(source: Source) -> None:
    dangerous = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal", "jsonpickle"}
    found = [
        f"{path}:{line} {name}"
        for path, module in source.items()
        for line, name in imports(module)
        if name.split(".")[0] in dangerous
    ]
    assert found == []


def test_nothing_is_evaluated(source: Source) -> None:
    found = [
        f"{path}:{node.lineno} {node.func.id}"
        for path, module in source.items()
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("eval", "exec", "compile")
    ]
    assert found == []


SQL = re.compile(
    r"\b(SELECT|INSERT INTO|DELETE FROM|UNION ALL)\b|\bUPDATE \S+ SET\b|\bWHERE\b|\bORDER BY\b| AND \S+ (IN|=) "
)
# What may stand between braces in a statement: lists of placeholders, and names and conditions made of
# constants in the same module. Whoever adds a name here has read where its text comes from.
REVIEWED = {
    *("marks", "condition", "conditions", "scope", "named", "one_of", "order", "where", "guard", "joins", "absent"),
    *(
        "assignments",
        "columns",
        "names",
        "column",
        "table",
        "key",
        "column.column",
        "column.table",
        "JOINS",
        "BRIEF",
        "aggregate",
    ),
    "' AND '.join(conditions)",
    "' UNION ALL '.join(parts)",
    "', '.join(['%s'] * len(scope))",
    "', '.join(['%s'] * len(group))",
    "', '.join((f'c.`{name}`' for name in _OWN_COLUMNS))",
    "_marks(account_ids)",
    "_marks(member_ids)",
    "field",  # membership: one of two names, checked on the line before
    "county",
    *("recipient", "people"),  # notifications: columns and joins that are constants of the same module
    "counted",  # statistics: a statement put together on the lines before
}
CONSTANT = re.compile(r"_?[A-Z][A-Z_]*\Z")


def test_statements_are_put_together_from_reviewed_parts_only(source: Source) -> None:
    found = []
    for path, module in source.items():
        for node in ast.walk(module):
            if isinstance(node, ast.JoinedStr) and SQL.search(_words(node)):
                parts = [ast.unparse(part.value) for part in node.values if isinstance(part, ast.FormattedValue)]
                found += [
                    f"{path}:{node.lineno} {{{part}}}"
                    for part in parts
                    if part not in REVIEWED and not CONSTANT.match(part)
                ]
    assert found == []


def _words(node: ast.JoinedStr) -> str:
    return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))


def test_no_statement_is_built_by_percent_or_format(source: Source) -> None:
    found = []
    for path, module in source.items():
        for node in ast.walk(module):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
                text, line = node.left, node.lineno
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
                text, line = node.func.value, node.lineno
            else:
                continue
            if isinstance(text, ast.Constant) and isinstance(text.value, str) and SQL.search(text.value):
                found.append(f"{path}:{line}")
    assert found == []


# ---- templates --------------------------------------------------------------------


def templates() -> dict[str, str]:
    found = {
        str(path.relative_to(TEMPLATES_DIR)): path.read_text("utf-8")
        for path in sorted(TEMPLATES_DIR.rglob("*.html"))
        if "node_modules" not in path.parts and "dist" not in path.parts
    }
    assert len(found) > 40
    return found


# Each with why our content policy or the escaping of values would be pointless with it.
FORBIDDEN = {
    # The codes are drawn by us; tests/documents/test_qr.py shows that their labels are escaped.
    "unescaped value": re.compile(r"\|\s*safe\b(?<!qr_svg\|safe)|autoescape|Markup"),
    "style": re.compile(r"<style|\sstyle\s*=", re.IGNORECASE),
    "script in the page": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\bhx-on\b|\bhx-on:", re.IGNORECASE),
    "computed hx-vals": re.compile(r"hx-(vals|headers)\s*=\s*[\"']\s*(js|javascript):", re.IGNORECASE),
    "condition in hx-trigger": re.compile(r"hx-trigger\s*=\s*(\"[^\"]*\[|'[^']*\[)", re.IGNORECASE),
    "javascript address": re.compile(r"(href|src|action)\s*=\s*[\"']\s*javascript:", re.IGNORECASE),
    "foreign address": re.compile(r"(src|hx-get|hx-post|srcset)\s*=\s*[\"']\s*(https?:)?//", re.IGNORECASE),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_templates_keep_the_content_policy(what: str) -> None:
    found = {name: FORBIDDEN[what].findall(text) for name, text in templates().items()}
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_every_template_is_used_and_exists(source: Source) -> None:
    named = {
        node.value
        for module in source.values()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".html")
    }
    known = templates()
    called = re.compile(r"{%-?\s*(?:extends|include|import|from)\s+[\"']([^\"']+)[\"']")
    inner = {name for text in known.values() for name in called.findall(text)}
    missing = {name for name in named | inner if "/" in name and name not in known}
    assert missing == set()
    unused = {name for name in known if name not in named | inner and name.rsplit("/", 1)[-1] not in named}
    assert unused == set()


# ---- sentences and configuration --------------------------------------------------

# Where the code of a sentence stands among the arguments of a call.
CODE_AT = {
    **dict.fromkeys(("Conflict", "Forbidden", "NotFound", "Gone", "TooLarge", "TooMany", "Unavailable"), 0),
    **dict.fromkeys(("UnsupportedMedia", "BadRequest", "Unauthenticated", "MethodNotAllowed", "Internal"), 0),
    "sentence": 0,
    "invalid": 1,
}


def _codes(source: Source) -> Iterator[tuple[str, ast.expr]]:
    """(place, expression) of every code of a sentence."""
    for path, module in source.items():
        for node in ast.walk(module):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            at = CODE_AT.get(name)
            if at is not None and len(node.args) > at:
                yield f"{path}:{node.lineno}", node.args[at]
            for keyword in node.keywords:
                if keyword.arg == "code" and name in ("Invalid", *CODE_AT):
                    yield f"{path}:{node.lineno}", keyword.value


def _sentences() -> dict[str, str]:
    return yaml.safe_load((CONFIG_DIR / "messages.yaml").read_text("utf-8"))


def test_every_code_has_its_sentence(source: Source) -> None:
    known, missing = _sentences(), []
    for place, code in _codes(source):
        if isinstance(code, ast.Constant) and code.value not in known:
            missing.append(f"{place} {code.value}")
        elif isinstance(code, ast.JoinedStr) and not any(name.startswith(_prefix(code)) for name in known):
            missing.append(f"{place} {ast.unparse(code)}")
    assert missing == []


def test_every_sentence_is_used(source: Source) -> None:
    constants = {
        node.value
        for module in source.values()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    prefixes = tuple({_prefix(code) for _, code in _codes(source) if isinstance(code, ast.JoinedStr)})
    assert "" not in prefixes
    unused = [name for name in _sentences() if name not in constants and not name.startswith(prefixes)]
    assert unused == []


def _prefix(code: ast.JoinedStr) -> str:
    first = code.values[0]
    return str(first.value) if isinstance(first, ast.Constant) else ""


def test_sentences_are_in_plain_chinese() -> None:
    odd = {code: text for code, text in _sentences().items() if not re.search(r"[\u4e00-\u9fff]", text)}
    assert odd == {}
    titles = {code for code in _sentences() if code.startswith("title_")}
    ended = {code for code, text in _sentences().items() if code not in titles and not text.endswith(("。", "？"))}
    assert ended == set()


def test_no_key_is_written_twice() -> None:
    """YAML lets the last one win, silently."""
    files = sorted(CONFIG_DIR.rglob("*.yaml"))
    assert len(files) > 10
    found = [f"{path.relative_to(ROOT)}:{line} {key}" for path in files for line, key in _doubles(path)]
    assert found == []


def _doubles(path: Path) -> Iterator[tuple[int, str]]:
    waiting = [yaml.compose(path.read_text("utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            counts = Counter(key.value for key, _ in node.value)
            yield from ((key.start_mark.line + 1, key.value) for key, _ in node.value if counts[key.value] > 1)
            waiting += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value


# ---- models -----------------------------------------------------------------------


def test_every_package_with_models_is_known(source: Source) -> None:
    there = {".".join(path.parts[:3]).removesuffix(".py") for path in source if _has_models(path)}
    assert there == set(MODEL_MODULES)


def _has_models(path: Path) -> bool:
    return "models" in (path.stem, path.parent.name)


def _sealed_columns(source: Source) -> set[tuple[str, str]]:
    """(table, column) of every field of a model whose name says that it is sealed."""
    found = set()
    for path, module in source.items():
        for model in module.body if _has_models(path) else ():
            if not isinstance(model, ast.ClassDef):
                continue
            meta = [name for part in model.body if isinstance(part, ast.ClassDef) for name in _assigned(part)]
            table = next((value for name, value in meta if name == "table"), None)
            for name, _ in _assigned(model):
                if name == "sealed" or name.endswith("_sealed"):
                    assert isinstance(table, ast.Constant), f"{path}:{model.lineno}"
                    found.add((table.value, name))
    return found


def _assigned(body: ast.ClassDef) -> list[tuple[str, ast.expr]]:
    """Names and values of the plain assignments in a class."""
    plain = [part for part in body.body if isinstance(part, ast.Assign)]
    return [(target.id, part.value) for part in plain for target in part.targets if isinstance(target, ast.Name)]


def test_every_sealed_column_is_listed_for_rotation(source: Source) -> None:
    """A column that the list forgets could not be opened any more once the old key is gone."""
    listed = {(one.table, one.column) for one in SEALED_COLUMNS}
    assert listed == _sealed_columns(source)
    assert len(SEALED_COLUMNS) == len(listed)


@pytest.mark.parametrize("column", SEALED_COLUMNS, ids=lambda one: f"{one.table}.{one.column}")
def test_a_sealed_value_names_its_row(column: SealedColumn) -> None:
    table, _, rest = column.context.partition("/")
    assert (table, rest.endswith("/{id}")) == (column.table, True)


async def test_the_migrations_make_the_models(_schema: None, settings: Settings) -> None:
    """What `tortoise makemigrations` would write now: nothing. Its writer forgets `generated=False` of a
    primary key; without it the next migration would drop and add every `id`."""
    apps = Tortoise.apps
    assert apps is not None
    writers = await MigrationAutodetector(apps, tortoise_config(settings.database)["apps"]).changes()
    found = [f"{type(one).__name__} {vars(one)}" for writer in writers for one in writer.operations]
    assert found == []


# ---- tests ------------------------------------------------------------------------


@functools.cache
def _tests() -> Source:
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    return {path.relative_to(ROOT): ast.parse(path.read_text("utf-8")) for path in paths}


def _race_marks(function: ast.AsyncFunctionDef | ast.FunctionDef) -> list[ast.expr]:
    return [mark for mark in function.decorator_list if ast.unparse(mark).startswith("pytest.mark.race")]


def _keyword(mark: ast.expr, name: str, module: ast.Module) -> object:
    """The value of a keyword, which may be a constant of the module."""
    given = {word.arg: word.value for word in mark.keywords} if isinstance(mark, ast.Call) else {}
    value = given.get(name)
    if isinstance(value, ast.Name):
        assigned = {
            target.id: node.value
            for node in module.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        value = assigned.get(value.id)
    return value.value if isinstance(value, ast.Constant) else None


def test_every_race_names_the_test_in_which_its_guard_is_off() -> None:
    """In the same file; and no control is there for nothing."""
    wrong = []
    for place, module in _tests().items():
        functions = [node for node in module.body if isinstance(node, (ast.AsyncFunctionDef, ast.FunctionDef))]
        marks = {function.name: mark for function in functions for mark in _race_marks(function)}
        controls = {name for name, mark in marks.items() if _keyword(mark, "is_control", module) is True}
        named = {name: _keyword(mark, "control", module) for name, mark in marks.items() if name not in controls}
        wrong += [f"{place} {name}: no control {control}" for name, control in named.items() if control not in controls]
        wrong += [f"{place} {name}: nothing names it" for name in controls - set(named.values())]
        if any("mark.race" in ast.unparse(node) for node in module.body if isinstance(node, ast.Assign)):
            wrong.append(f"{place}: a race is marked test by test")
    assert wrong == []


# Many at once, but nothing that a guard decides between: they wait, take turns or are all the same.
NO_RACE = {
    "tests/casework/test_routing.py test_facts_are_asked_of_those_who_know",
    "tests/core/test_command.py test_concurrent_commands_lose_no_update",
    "tests/core/test_images.py test_the_loop_turns_while_pictures_are_decoded",
    "tests/documents/test_pdf.py test_twenty_at_once_are_served_in_turn_and_more_are_told",
    "tests/identity/test_sessions.py test_a_request_on_its_way_does_not_revive_an_ended_session",
    "tests/identity/test_staff_sign_in.py test_many_good_sign_ins_at_once_are_no_attack",
    "tests/web/test_shared_pages.py test_a_hundred_guests_wait_for_one_new_page",
    "tests/workers/test_tasks.py test_one_long_reaction_holds_up_nobody",
}


def test_whoever_gathers_is_a_race() -> None:
    found = {
        f"{place} {function.name}"
        for place, module in _tests().items()
        for function in module.body
        if isinstance(function, ast.AsyncFunctionDef) and function.name.startswith("test_")
        if not _race_marks(function)
        if any(isinstance(node, ast.Attribute) and node.attr == "gather" for node in ast.walk(function))
    }
    assert found == NO_RACE
