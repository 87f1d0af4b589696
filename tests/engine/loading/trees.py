"""Small trees of definitions for tests: a system `office`, and what a test adds to it."""

from collections.abc import Sequence

from engine.loading import Loaded, MemoryTree, load
from engine.model.documents import Document
from engine.model.machines import Machine
from engine.problems import Problem

SYSTEM = "system: office\ntitle: 办公\n"
NOTE = """\
document: note
title: 便条
fields:
  subject: {title: 主题, type: text, max: 40, required: true}
"""


def tree(files: dict[str, str] | None = None, **documents: str) -> MemoryTree:
    """A tree with the system `office`, a document type for each keyword argument, and further files."""
    texts: dict[str, str | bytes] = {"office/system.yaml": SYSTEM}
    texts |= {f"office/{name}/document.yaml": text for name, text in documents.items()}
    return MemoryTree(texts | (files or {}))


def loaded(files: dict[str, str] | None = None, **documents: str) -> Loaded:
    """The same tree, loaded; it must be without problems."""
    found = load(tree(files, **documents))
    assert not found.problems, said(found.problems)
    return found


def document(text: str, files: dict[str, str] | None = None) -> Document:
    """One document type named `note`."""
    return loaded(files, note=text).definitions.documents["note"]


def machine(text: str, fields: str = NOTE) -> Machine:
    """The machine of a document type `note`."""
    return loaded({"office/note/machine.yaml": text}, note=fields).definitions.machines["note"]


def problems(files: dict[str, str] | None = None, **documents: str) -> tuple[Problem, ...]:
    """What is wrong with a tree."""
    return load(tree(files, **documents)).problems


def said(found: Sequence[Problem]) -> list[str]:
    """Problems in one line each: place, code, suggestion."""
    return [f"{one.where} {one.code} {one.suggestion}".strip() for one in found]
