"""The project's own files as the house tests see them: found, read and parsed once."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("engine", "adapters", "kiosk", "admin")
ROOTS = (
    "app",
    "backups",
    "cabinets",
    "caring",
    "launcher",
    "partners",
    "serving",
    "settings",
    "simulating",
    "start",
    "versions",
    "wiring",
)
"""Where adapters meet: modules beside the packages."""
NOT_OURS = {".git", ".venv", "node_modules", "vendor", "var", "build", "__pycache__", ".hypothesis"}


@dataclass(frozen=True)
class Module:
    """One Python file of the product; `name` is dotted, `path` relative to the root."""

    name: str
    path: str

    @cached_property
    def text(self) -> str:
        return (ROOT / self.path).read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    @property
    def is_empty_package(self) -> bool:
        return self.path.endswith("__init__.py") and len(self.tree.body) <= 1

    @cached_property
    def imports(self) -> frozenset[str]:
        """Dotted names of all that is imported, `from a import b` as both `a` and `a.b`."""
        found: set[str] = set()
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
                found.update(f"{node.module}.{alias.name}" for alias in node.names)
        return frozenset(found)

    @property
    def third_party(self) -> frozenset[str]:
        """Top names of imported libraries that are neither the standard library's nor ours."""
        tops = {name.partition(".")[0] for name in self.imports}
        return frozenset(tops - sys.stdlib_module_names - {*PACKAGES, *ROOTS})

    def inside(self, *rooms: str) -> bool:
        return any(self.name == room or self.name.startswith(f"{room}.") for room in rooms)


@cache
def files() -> tuple[Path, ...]:
    """Every file of the tree that people wrote, relative to the root."""
    return tuple(sorted(path.relative_to(ROOT) for path in _walk(ROOT)))


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir():
            if path.name not in NOT_OURS and not path.name.endswith(("_cache", ".egg-info")):
                yield from _walk(path)
        elif path.is_file() and not path.name.startswith(".coverage"):
            yield path


@cache
def modules() -> tuple[Module, ...]:
    """Every Python module of the product: the four packages and the composition root."""
    found = [
        path
        for path in files()
        if path.suffix == ".py" and (path.parts[0] in PACKAGES or (path.parent == Path() and path.stem in ROOTS))
    ]
    return tuple(Module(_dotted(path), path.as_posix()) for path in found)


def _dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def named(*rooms: str) -> list[Module]:
    """The modules inside these packages."""
    return [module for module in modules() if module.inside(*rooms)]


def texts(*suffixes: str, under: tuple[str, ...] = PACKAGES) -> list[str]:
    """Paths of files with these suffixes under these folders."""
    found = [path.as_posix() for path in files() if path.suffix in suffixes]
    return [path for path in found if path.startswith(tuple(f"{folder}/" for folder in under))]


@cache
def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")
