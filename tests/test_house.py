"""The house: size budgets, names and import directions that no reviewer should have to watch for."""

import ast
import importlib.metadata
import re
import statistics
import subprocess
import sys
import tomllib
from collections import defaultdict
from functools import cache
from pathlib import Path

from tests.house.tree import ROOT, Module, modules, named, read, texts

# Each rule is one test over all files and names every file that breaks it: a test for each file and rule, thousands of
# them, takes minutes to say the same.

BANNED_NAMES = {
    "util",
    "utils",
    "helper",
    "helpers",
    "common",
    "manager",
    "managers",
    "handler",
    "handlers",
    "base",
    "misc",
}

# Libraries that make up a room rather than stand behind one module: pages are written in Flask, SQL in SQLAlchemy.
ROOMS = {
    "flask": ("engine.web", "kiosk", "admin", "app", "cabinets"),
    "werkzeug": ("engine.web", "kiosk", "admin", "app"),
    "jinja2": ("engine.printing", "engine.web"),  # two kinds of templates: paper in a sandbox, pages within Flask
    "markupsafe": ("engine.web", "kiosk", "admin"),
    "sqlalchemy": ("adapters.database",),
    "lxml": ("adapters.xml",),
    "cryptography": ("adapters.crypto", "adapters.as2"),  # keys of signatures there, the syntax of S/MIME here
    "asn1crypto": ("adapters.crypto", "adapters.as2"),
}
# Distributions whose import name differs and that need not be installed where the tests run.
OPTIONAL = {"durable": "durable-rules"}
# What comes with a declared library and belongs to it.
COMES_WITH = {"werkzeug": "flask"}

PORTS = ("engine.ports", "engine.model", "engine.problems")
CLOCK_CALLS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now", "datetime.date.today",
    "time.time", "time.time_ns", "time.monotonic", "time.sleep", "time.localtime", "os.urandom",
}  # fmt: skip
ID_NAMES = {"id", "definition_id", "definition", "document_type", "type_id", "system_id", "machine_id"}


def functions(module: Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in module.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def size(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the last one, the docstring not counted: saying more must not cost anything."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    text = function.body[0]
    return lines - ((text.end_lineno or text.lineno) - text.lineno + 1)


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


# --- sizes -----------------------------------------------------------------------------------------------------------


def test_modules_are_no_longer_than_the_wall() -> None:
    long = {module.path: module.lines for module in modules() if module.lines > 500}
    assert not long, f"500 lines is the wall: {long}"


def test_long_modules_give_their_reason() -> None:
    long = [module for module in modules() if module.lines > 300]
    silent = [one.path for one in long if "long because" not in (ast.get_docstring(one.tree) or "").lower()]
    assert not silent, f"over 300 lines; say 'Long because ...' in the docstring: {silent}"


def test_median_module_is_short() -> None:
    lengths = [module.lines for module in modules() if not module.is_empty_package]
    assert statistics.median(lengths) <= 150


def test_functions_are_no_longer_than_the_wall() -> None:
    long = [
        f"{module.path}:{function.lineno} {function.name} ({size(function)})"
        for module in modules()
        for function in functions(module)
        if size(function) > 60
    ]
    assert not long, f"60 lines is the wall: {long}"


def test_four_functions_of_five_are_short() -> None:
    sizes = {
        f"{module.path}:{function.lineno}": size(function) for module in modules() for function in functions(module)
    }
    over = sorted((place for place, lines in sizes.items() if lines > 20), key=lambda place: -sizes[place])
    assert len(over) <= len(sizes) / 5, f"more than a fifth have over 20 lines: {over[:20]}"


# --- names and docstrings --------------------------------------------------------------------------------------------


def test_modules_are_named_by_what_they_do() -> None:
    words = {module.path: {word for part in module.name.split(".") for word in part.split("_")} for module in modules()}
    empty = {path: said & BANNED_NAMES for path, said in words.items() if said & BANNED_NAMES}
    assert not empty, f"names that say nothing: {empty}"


def test_modules_say_their_stage() -> None:
    silent = [module.path for module in modules() if not ast.get_docstring(module.tree)]
    assert not silent, f"open without a docstring: {silent}"


# --- who imports what ------------------------------------------------------------------------------------------------


@cache
def importers() -> dict[str, list[Module]]:
    found = defaultdict(list)
    for module in modules():
        for library in module.third_party:
            found[library].append(module)
    return dict(sorted(found.items()))


def test_libraries_have_one_importing_place() -> None:
    wrong = {}
    for library, users in importers().items():
        if rooms := ROOMS.get(library):
            outside = [module.path for module in users if not module.inside(*rooms)]
        else:
            outside = [module.path for module in users] if len(users) > 1 else []
        if outside:
            wrong[library] = outside
    assert not wrong, f"one place is enough, or the rooms {ROOMS}: {wrong}"


@cache
def declared() -> set[str]:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    return {re.split(r"[\[<>=~! ;]", line)[0].lower().replace("_", "-") for line in lines}


def test_libraries_are_declared() -> None:
    distributions, undeclared = importlib.metadata.packages_distributions(), {}
    for library in importers():
        known = distributions.get(library, [OPTIONAL.get(library, library)])
        names = {COMES_WITH.get(library, name.lower().replace("_", "-")) for name in known}
        if not names & declared():
            undeclared[library] = names
    assert not undeclared, f"imported but not among the dependencies of pyproject.toml: {undeclared}"


def test_adapters_know_ports_model_and_themselves() -> None:
    strange = {module.path: found for module in named("adapters") if (found := _beyond_adapter(module))}
    assert not strange, f"an adapter may know {PORTS} and itself: {strange}"


def _beyond_adapter(module: Module) -> list[str]:
    own = ".".join(module.name.split(".")[:2])
    ours = {name for name in module.imports if name.startswith(("engine", "adapters", "kiosk", "admin", "app."))}
    # `from engine import ports` is seen as `engine` and `engine.ports`: the second one is judged.
    return sorted(
        name for name in ours - {"engine", "adapters"} if not any(_within(name, room) for room in (*PORTS, own))
    )


def _within(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


def test_core_does_not_know_its_pages() -> None:
    core = [module for module in named("engine") if not module.inside("engine.web")]
    pages = [(one.path, name) for one in core for name in sorted(one.imports) if _within(name, "engine.web")]
    assert not pages, f"the core imports pages: {pages}"


def test_engine_reads_no_clock() -> None:
    calls = [(module.path, node) for module in named("engine") for node in module.nodes if isinstance(node, ast.Call)]
    clocks = [f"{path}:{node.lineno} {dotted(node.func)}" for path, node in calls if dotted(node.func) in CLOCK_CALLS]
    assert not clocks, f"time and chance come through ports: {clocks}"


def test_no_definition_id_is_compared_to_a_literal() -> None:
    compared = [(module.path, node) for module in modules() for node in module.nodes if isinstance(node, ast.Compare)]
    places = [f"{path}:{node.lineno} {ast.unparse(node)}" for path, node in compared if _compares_id(node)]
    assert not places, f"what is special about a definition is said in the definition: {places}"


def _compares_id(node: ast.Compare) -> bool:
    sides = [node.left, *node.comparators]
    return any(_is_id(side) for side in sides) and any(_is_literal(side) for side in sides)


def _is_id(node: ast.expr) -> bool:
    return dotted(node).rpartition(".")[2] in ID_NAMES


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(_is_literal(item) for item in node.elts)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value != ""


def test_import_contracts_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


# --- browser code ----------------------------------------------------------------------------------------------------

PAGES = ("engine/web", "kiosk", "admin")
FORBIDDEN_IN_TEMPLATES = {
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE),
    "inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "code in an htmx attribute": re.compile(r"\bhx-on\b|\bhx-[a-z-]+\s*=\s*['\"]\s*js(cript)?:", re.IGNORECASE),
    "javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "address outside": re.compile(
        r"<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)\s*=\s*['\"](?:https?:)?//", re.IGNORECASE
    ),
}
FORBIDDEN_IN_SCRIPTS = {
    "eval": re.compile(r"\beval\s*\(|\bnew\s+Function\s*\("),
    "style attribute": re.compile(r"setAttribute\(\s*['\"]style['\"]|cssText"),
}


def forbidden(text: str, patterns: dict[str, re.Pattern[str]]) -> dict[str, str]:
    return {what: match.group() for what, pattern in patterns.items() if (match := pattern.search(text))}


def test_templates_keep_the_content_security_policy() -> None:
    # What the template language says is not HTML: `{% if one == two %}` is no attribute.
    language = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
    pages = {path: language.sub("", read(path)) for path in texts(".html", ".jinja", ".j2", under=PAGES)}
    wrong = {path: found for path, text in pages.items() if (found := forbidden(text, FORBIDDEN_IN_TEMPLATES))}
    assert not wrong


def test_scripts_keep_the_content_security_policy() -> None:
    scripts = texts(".js", ".mjs", under=PAGES)
    wrong = {path: found for path in scripts if (found := forbidden(read(path), FORBIDDEN_IN_SCRIPTS))}
    assert not wrong
