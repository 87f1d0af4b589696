"""The tree of definitions: which file is of which kind and belongs to whom.

In: a `Tree` (a folder on disk, or texts in memory). Out: a `DefinitionFile` for each file that means something, a
problem for each that means nothing. Knows the layout and no content.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from engine.loading.nearest import nearest
from engine.problems import Problem, Span

# Files of a system's folder, and their kinds.
SYSTEM_FILES = {
    "system": "system", "queries": "queries", "actions": "actions", "notices": "notices", "interfaces": "interfaces",
    "watches": "watches", "jobs": "jobs", "access": "access",
}  # fmt: skip
SYSTEM_FOLDERS = {
    "tables": "table", "ledgers": "ledger", "pages": "page", "flows": "flow", "mappings": "mapping", "prints": "print",
    "sheets": "sheet", "scenarios": "scenarios", "values": "values", "calendars": "calendar", "envelopes": "envelope",
    "codes": "codes",
}  # fmt: skip
DOCUMENT_FILES = {
    "document": "document", "machine": "machine", "rules": "rules", "access": "access", "pages": "pages",
}  # fmt: skip
DOCUMENT_FOLDERS = {
    "tables": "table", "mappings": "mapping", "prints": "print", "sheets": "sheet", "scenarios": "scenarios",
}  # fmt: skip
# One element to a document of the file, so `---` may stand between several.
SINGLE = frozenset({"table", "ledger", "page", "flow", "mapping", "print", "sheet", "calendar", "envelope", "node"})
_ASSETS = {
    "print": {".html", ".css", ".txt", ".svg", ".png", ".jpg", ".ttf", ".otf", ".woff2"},
    "mapping": {".xsd"},
    "envelope": {".xsd"},
    "sheet": {".xlsx"},
    "table": {".xlsx"},
    "page": {".svg", ".png", ".jpg"},
    "flow": {".svg", ".png", ".jpg"},
    "scenarios": None,  # whatever a scenario receives
}
_TEXTS = {".yaml", ".json"}
_IGNORED = {".md"}
_READ_ELSEWHERE = {"demo"}  # data played at first start, no definitions


class Tree(Protocol):
    """Files by their paths below one folder, with `/` between the steps."""

    def files(self) -> Iterable[str]:
        """All paths."""
        ...

    def read(self, file: str) -> bytes:
        """The content of a file. Raises KeyError or OSError."""
        ...


@dataclass(frozen=True, slots=True)
class DiskTree:
    """A folder on disk; hidden files and folders are left out."""

    root: Path

    def files(self) -> Iterable[str]:
        """All paths, sorted."""
        found = (path.relative_to(self.root) for path in self.root.rglob("*") if path.is_file())
        return sorted(path.as_posix() for path in found if not any(step.startswith((".", "_")) for step in path.parts))

    def read(self, file: str) -> bytes:
        """The bytes of a file."""
        return (self.root / file).read_bytes()


@dataclass(frozen=True, slots=True)
class MemoryTree:
    """Texts by path, for tests and drafts."""

    texts: Mapping[str, str | bytes]

    def files(self) -> Iterable[str]:
        """All paths, sorted."""
        return sorted(self.texts)

    def read(self, file: str) -> bytes:
        """The bytes of a file."""
        text = self.texts[file]
        return text if isinstance(text, bytes) else text.encode()


@dataclass(frozen=True, slots=True)
class DefinitionFile:
    """One file: its kind, the system it belongs to and the document or part, if any. `asset`: read by others."""

    path: str
    kind: str
    system: str = ""
    document: str = ""
    part: str = ""
    asset: bool = False

    @property
    def stem(self) -> str:
        """Name of the file without its ending."""
        return PurePosixPath(self.path).stem


def classify(path: str) -> DefinitionFile | Problem | None:
    """What a file is; None for what is no definition on purpose (a README)."""
    pure = PurePosixPath(path)
    if pure.suffix in _IGNORED or pure.parts[0] in _READ_ELSEWHERE:
        return None
    steps = pure.parts
    if len(steps) == 2 and steps[0] == "nodes":
        return _of_kind(pure, "node", "")
    if len(steps) < 2:
        return _unknown(pure, [])
    return _in_system(pure, steps[0], steps[1:])


def _in_system(pure: PurePosixPath, system: str, steps: tuple[str, ...]) -> DefinitionFile | Problem:
    if len(steps) == 1:
        kind = SYSTEM_FILES.get(pure.stem) if pure.suffix in _TEXTS else None
        return DefinitionFile(str(pure), kind, system) if kind else _unknown(pure, SYSTEM_FILES)
    if steps[0] in SYSTEM_FOLDERS:
        return _of_kind(pure, SYSTEM_FOLDERS[steps[0]], system) if len(steps) == 2 else _unknown(pure, [])
    if steps[0] == "parts":
        return _in_document(pure, system, steps[1:], part=True) if len(steps) > 2 else _unknown(pure, [])
    return _in_document(pure, system, steps, part=False)


def _in_document(pure: PurePosixPath, system: str, steps: tuple[str, ...], *, part: bool) -> DefinitionFile | Problem:
    document, name = ("", steps[0]) if part else (steps[0], "")
    if len(steps) == 2:
        kind = DOCUMENT_FILES.get(pure.stem) if pure.suffix in _TEXTS else None
        return DefinitionFile(str(pure), kind, system, document, name) if kind else _unknown(pure, DOCUMENT_FILES)
    if len(steps) == 3 and steps[1] in DOCUMENT_FOLDERS and document:
        return _of_kind(pure, DOCUMENT_FOLDERS[steps[1]], system, document)
    return _unknown(pure, [])


def _of_kind(pure: PurePosixPath, kind: str, system: str, document: str = "") -> DefinitionFile | Problem:
    if kind == "codes":
        return DefinitionFile(str(pure), kind, system, document) if pure.suffix == ".csv" else _unknown(pure, [])
    if pure.suffix in _TEXTS:
        return DefinitionFile(str(pure), kind, system, document)
    endings = _ASSETS.get(kind, set())
    if endings is None or pure.suffix in endings:
        return DefinitionFile(str(pure), kind, system, document, asset=True)
    return _unknown(pure, [])


def _unknown(pure: PurePosixPath, names: Iterable[str]) -> Problem:
    near = nearest(pure.stem, names)
    return Problem("SHP020", Span(str(pure)), {"file": pure.name}, f"{near}.yaml" if near else "")
