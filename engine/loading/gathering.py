"""Gathering: every file read, its shape judged, its elements named.

In: a `Tree`. Out: `Gathered`: root pieces by owner and kind, code lists and assets as text, all names. Builds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from engine.loading.folder import SINGLE, DefinitionFile, Tree, classify
from engine.loading.names import Element, Names
from engine.loading.nearest import nearest
from engine.loading.parts import Owned
from engine.loading.piece import Origin, Piece, is_mapping
from engine.loading.shape import judge
from engine.loading.source import Source, decode, read
from engine.model.ledgers import closings_of, entries_of
from engine.model.system import SHARED
from engine.problems import Problem, Span

MAX_CSV = 64_000_000
MAX_ASSET = 8_000_000
_TEXT_ASSETS = (".html", ".css", ".txt", ".svg", ".xsd")

# Files whose sections hold elements by id: kind of file to section and kind of element.
SECTIONS = {
    "queries": {"queries": "query"},
    "actions": {"actions": "action"},
    "notices": {"notices": "notice"},
    "values": {"values": "value"},
    "watches": {"watches": "watch"},
    "jobs": {"jobs": "job"},
    "interfaces": {"offers": "offer", "calls": "call", "listens": "listen", "channels": "channel"},
}


@dataclass(slots=True)
class Gathered:
    """Everything read. `owned` are documents and `parts` parts by (system, name); `roots` all other root pieces.

    `unread` are files that could not be read: what stands in them is unknown.
    """

    problems: list[Problem] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    workbooks: dict[str, bytes] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    owned: dict[tuple[str, str], Owned] = field(default_factory=dict)
    parts: dict[tuple[str, str], Owned] = field(default_factory=dict)
    roots: list[tuple[DefinitionFile, Piece]] = field(default_factory=list)
    codes: list[DefinitionFile] = field(default_factory=list)
    systems: dict[str, Piece] = field(default_factory=dict)
    extensions: dict[tuple[str, str], Piece] = field(default_factory=dict)
    unread: list[DefinitionFile] = field(default_factory=list)
    version: str = ""


def gather(tree: Tree) -> Gathered:
    """Read all files of a tree."""
    gathered = Gathered()
    digest = sha256()
    for path in tree.files():
        file = classify(path)
        if isinstance(file, Problem):
            gathered.problems.append(file)
        elif file is not None:
            content = tree.read(path)
            digest.update(f"{path}\0{len(content)}\0".encode() + content)
            _take(gathered, file, content)
    gathered.version = digest.hexdigest()
    _name_owned(gathered)
    gathered.problems.extend(gathered.names.collisions())
    told = [*gathered.systems, SHARED, "", *(file.system for file in gathered.unread if file.kind == "system")]
    for element in {one.system: one for one in gathered.names.elements()}.values():
        if element.system not in told:
            where = Span(element.where.file)
            gathered.problems.append(Problem("NAM014", where, {"name": element.system}))
    return gathered


def _take(gathered: Gathered, file: DefinitionFile, content: bytes) -> None:
    if file.asset or file.kind == "codes":
        _take_text(gathered, file, content)
        return
    source = read(file.path, content)
    gathered.texts[file.path] = source.text
    gathered.sources[file.path] = source
    gathered.problems.extend(source.problems)
    read_some = False
    for document in _documents(gathered, file, source) if source.documents or not source.problems else ():
        read_some = read_some or is_mapping(document.value)
        judge(file.kind, document, gathered.problems)
        _place(gathered, file, document)
    if not read_some:
        gathered.unread.append(file)


def _take_text(gathered: Gathered, file: DefinitionFile, content: bytes) -> None:
    if file.asset and file.kind == "table":
        gathered.workbooks[file.path] = content
    if file.asset and not file.path.endswith(_TEXT_ASSETS):
        return
    text, problem = decode(file.path, content, MAX_ASSET if file.asset else MAX_CSV)
    if problem is not None:
        gathered.problems.append(problem)
        gathered.unread.append(file)
        return
    gathered.texts[file.path] = text
    if file.kind == "codes":
        gathered.codes.append(file)
        _name(gathered, "code", file.stem, file, Span(file.path, 1, 1, 1, 2))


def _documents(gathered: Gathered, file: DefinitionFile, source: Source) -> Iterable[Piece]:
    """The root pieces of a file; more than one only where a file may hold several elements."""
    if not source.documents:
        gathered.problems.append(Problem("SYN018", Span(file.path)))
        return
    origin = Origin(source, gathered.problems, file.system)
    for index, document in enumerate(source.documents):
        piece = root_piece(document, origin)
        if document is None:
            gathered.problems.append(Problem("SYN018", piece.where))
        elif index and file.kind not in SINGLE:
            gathered.problems.append(Problem("SYN019", piece.where))
        else:
            yield piece


def root_piece(document: object, origin: Origin) -> Piece:
    """The piece of a whole document of a file."""
    marks = origin.source.marks.get(id(document))
    start, end = (marks[0], marks[1]) if marks else (0, len(origin.source.text))
    return Piece(document, origin, -1, start, end)


def _place(gathered: Gathered, file: DefinitionFile, piece: Piece) -> None:
    """Put a root piece where its owner is, and note the elements in it."""
    if not is_mapping(piece.value):
        return
    if file.kind == "system":
        gathered.systems[file.system] = piece
        _keeps_folder(gathered, piece, "system", file.system)
        gathered.names.uses = {**gathered.names.uses, file.system: _uses(piece)}
        if (qualified := piece.entries().get("qualified")) is not None and qualified.value is True:
            gathered.names.qualified |= {file.system}
        return
    owner = file.document or file.part
    if owner and file.kind not in SINGLE and file.kind != "scenarios":
        home = gathered.parts if file.part else gathered.owned
        owned = home.setdefault((file.system, owner), Owned(owner, file.system, Span(file.path, 1, 1, 1, 2)))
        if file.kind in owned.files:
            values = {"kind": f"@{file.kind}", "name": owner}
            related = (owned.files[file.kind].where,)
            gathered.problems.append(Problem("NAM002", piece.where, values, related=related))
        owned.files[file.kind] = piece
        return
    gathered.roots.append((file, piece))
    if file.kind in SINGLE:
        _name_single(gathered, file, piece)
    for section, kind in SECTIONS.get(file.kind, {}).items():
        found = piece.entries().get(section)
        for name, inner in (found.entries() if found else {}).items():
            _name(gathered, kind, name, file, inner.key_where)


def _name_single(gathered: Gathered, file: DefinitionFile, piece: Piece) -> None:
    found = piece.entries().get(file.kind)
    if found is not None and isinstance(found.value, str):
        _name(gathered, file.kind, found.value, file, found.where)
        if file.kind == "ledger":  # what is kept of it are documents
            for name in (found.value, entries_of(found.value), closings_of(found.value)):
                gathered.names.add(Element("document", name, file.system, found.where))


def _uses(piece: Piece) -> tuple[str, ...]:
    found = piece.entries().get("uses")
    return tuple(item.raw for item in found.items()) if found else ()


def _name(gathered: Gathered, kind: str, name: str, file: DefinitionFile, where: Span, of: str = "") -> None:
    first = gathered.names.add(Element(kind, name, file.system, where, of))
    if first is not None:
        values = {"kind": f"@{kind}", "name": name}
        gathered.problems.append(Problem("NAM002", where, values, related=(first.where,)))


def _keeps_folder(gathered: Gathered, piece: Piece, key: str, folder: str) -> None:
    """An id that stands for a folder is the folder's name."""
    found = piece.entries().get(key)
    if found is not None and found.value is not None and found.raw != folder:
        gathered.problems.append(Problem("NAM012", found.where, {"name": found.raw, "folder": folder}, folder))


def _name_owned(gathered: Gathered) -> None:
    """Name documents and parts by their folders; extensions get the key of what they extend afterwards."""
    for (system, name), part in gathered.parts.items():
        where = _own_name(gathered, part, "part")
        gathered.names.add(Element("part", name, system, where))
    for (system, name), owned in gathered.owned.items():
        root = owned.files.get("document")
        extends = root.entries().get("extends") if root else None
        if extends is not None:
            gathered.extensions[(system, name)] = extends
            continue
        where = _own_name(gathered, owned, "document")
        first = gathered.names.add(Element("document", name, system, where))
        if first is not None:
            values = {"kind": "@document", "name": name}
            gathered.problems.append(Problem("NAM002", where, values, related=(first.where,)))
    for (system, name), extends in gathered.extensions.items():
        _name_extension(gathered, system, name, extends)


def _name_extension(gathered: Gathered, system: str, name: str, extends: Piece) -> None:
    base = extends.raw
    found = gathered.names.find("document", base, system)
    if not found.key:
        near = nearest(base, gathered.names.known("document", system))
        gathered.problems.append(Problem("NAM010", extends.where, {"name": base}, near))
    gathered.names.add(Element("document", name, system, extends.where, found.key or base))


def _own_name(gathered: Gathered, owned: Owned, key: str) -> Span:
    """The place of an owner's id; the id must be the folder's name."""
    root = owned.files.get("document")
    if root is None:
        if key == "document":
            where = next(iter(owned.files.values())).where
            if where.file.rpartition("/")[0] + "/document.yaml" in gathered.texts:
                return owned.where  # it is there and could not be read
            gathered.problems.append(Problem("NAM011", where, {"name": owned.id}))
        return owned.where
    for kind in ("document", "machine"):
        if kind in owned.files:
            _keeps_folder(gathered, owned.files[kind], "part" if key == "part" else kind, owned.id)
    found = root.entries().get(key)
    return found.where if found is not None else root.where
