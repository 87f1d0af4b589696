"""The house: size budgets, names and import directions that no reviewer should have to watch for."""

import ast
import importlib.metadata
import re
import statistics
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from tests.house.tree import ROOT, Module, modules, named, read, texts

by_path = pytest.mark.parametrize("module", modules(), ids=lambda module: module.path)
in_engine = pytest.mark.parametrize("module", named("engine"), ids=lambda module: module.path)

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
    "flask": ("engine.web", "kiosk", "admin", "app"),
    "werkzeug": ("engine.web", "kiosk", "admin", "app"),
    "jinja2": ("engine.printing", "engine.web"),  # two kinds of templates: paper in a sandbox, pages within Flask
    "markupsafe": ("engine.web", "kiosk", "admin"),
    "sqlalchemy": ("adapters.database",),
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
    return [node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


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


@by_path
def test_module_is_no_longer_than_the_wall(module: Module) -> None:
    assert module.lines <= 500, f"{module.path} has {module.lines} lines; 500 is the wall"


@by_path
def test_long_module_gives_its_reason(module: Module) -> None:
    reason = "long because" in (ast.get_docstring(module.tree) or "").lower()
    assert module.lines <= 300 or reason, (
        f"{module.path}: {module.lines} lines; say 'Long because ...' in its docstring"
    )


def test_median_module_is_short() -> None:
    lengths = [module.lines for module in modules() if not module.is_empty_package]
    assert statistics.median(lengths) <= 150


@by_path
def test_functions_are_no_longer_than_the_wall(module: Module) -> None:
    long = [
        f"{module.path}:{function.lineno} {function.name} ({size(function)})"
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


@by_path
def test_module_is_named_by_what_it_does(module: Module) -> None:
    words = {word for part in module.name.split(".") for word in part.split("_")}
    assert not words & BANNED_NAMES, f"{module.path}: {words & BANNED_NAMES} says nothing"


@by_path
def test_module_says_its_stage(module: Module) -> None:
    assert ast.get_docstring(module.tree), f"{module.path} opens without a docstring"


# --- who imports what ------------------------------------------------------------------------------------------------


def importers() -> dict[str, list[Module]]:
    found = defaultdict(list)
    for module in modules():
        for library in module.third_party:
            found[library].append(module)
    return dict(sorted(found.items()))


@pytest.mark.parametrize("library", importers())
def test_library_has_one_importing_place(library: str) -> None:
    users = importers()[library]
    if rooms := ROOMS.get(library):
        outside = [module.path for module in users if not module.inside(*rooms)]
        assert not outside, f"{library} belongs in {rooms}, not in {outside}"
    else:
        assert len(users) == 1, f"{library} is imported by {[module.path for module in users]}: one of them is enough"


def declared() -> set[str]:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    return {re.split(r"[\[<>=~! ;]", line)[0].lower().replace("_", "-") for line in lines}


@pytest.mark.parametrize("library", importers())
def test_library_is_declared(library: str) -> None:
    known = importlib.metadata.packages_distributions().get(library, [OPTIONAL.get(library, library)])
    names = {COMES_WITH.get(library, name.lower().replace("_", "-")) for name in known}
    assert names & declared(), f"{library} ({names}) is imported but not among the dependencies of pyproject.toml"


@pytest.mark.parametrize("module", named("adapters"), ids=lambda module: module.path)
def test_adapter_knows_ports_model_and_itself(module: Module) -> None:
    own = ".".join(module.name.split(".")[:2])
    ours = {name for name in module.imports if name.startswith(("engine", "adapters", "kiosk", "admin", "app."))}
    allowed = (*PORTS, own)
    # `from engine import ports` is seen as `engine` and `engine.ports`: the second one is judged.
    strange = {name for name in ours - {"engine", "adapters"} if not any(_within(name, room) for room in allowed)}
    assert not strange, f"{module.path} imports {sorted(strange)}; an adapter may know {allowed}"


def _within(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


@in_engine
def test_core_does_not_know_its_pages(module: Module) -> None:
    pages = {name for name in module.imports if _within(name, "engine.web")}
    assert not pages or module.inside("engine.web"), f"{module.path} imports {sorted(pages)}"


@in_engine
def test_engine_reads_no_clock(module: Module) -> None:
    calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    clocks = [f"{module.path}:{node.lineno} {dotted(node.func)}" for node in calls if dotted(node.func) in CLOCK_CALLS]
    assert not clocks, f"time and chance come through ports: {clocks}"


@by_path
def test_no_definition_id_is_compared_to_a_literal(module: Module) -> None:
    found = [node for node in ast.walk(module.tree) if isinstance(node, ast.Compare) and _compares_id(node)]
    places = [f"{module.path}:{node.lineno} {ast.unparse(node)}" for node in found]
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
    result = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
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


@pytest.mark.parametrize("path", texts(".html", ".jinja", ".j2", under=PAGES))
def test_template_keeps_the_content_security_policy(path: str) -> None:
    # What the template language says is not HTML: `{% if one == two %}` is no attribute.
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", read(path), flags=re.DOTALL)
    found = {what: match.group() for what, pattern in FORBIDDEN_IN_TEMPLATES.items() if (match := pattern.search(text))}
    assert not found, f"{path}: {found}"


@pytest.mark.parametrize("path", texts(".js", ".mjs", under=PAGES))
def test_script_keeps_the_content_security_policy(path: str) -> None:
    found = {
        what: match.group() for what, pattern in FORBIDDEN_IN_SCRIPTS.items() if (match := pattern.search(read(path)))
    }
    assert not found, f"{path}: {found}"
