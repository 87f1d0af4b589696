"""Wrong definitions as test data: the sound office beside this module with some files replaced, and what is wrong.

A case is a YAML file: `files` maps paths to texts (null takes a file away, `bytes: hex` gives raw bytes), `problems`
lists what must be found. A `§` in a text marks the place of a problem; problems follow the marks in the order of the
files and of their text. A problem is written `CODE` or `CODE suggestion`; several at one mark are a list. What has no
mark of its own says `CODE at FILE:LINE:COLUMN` and, behind it, its suggestion.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from engine.loading import MemoryTree

HERE = Path(__file__).parent
MARK = "§"
_PLACED = re.compile(r"(?P<code>\w+)(?: at (?P<file>\S+):(?P<line>\d+):(?P<column>\d+))?(?: (?P<suggestion>.+))?")
Found = tuple[str, str, int, int, str]
"""Code, file, line, column, suggestion."""


@dataclass(frozen=True)
class Case:
    """Files of a tree, and the problems that it has."""

    name: str
    files: dict[str, str | bytes]
    problems: list[Found]

    @property
    def tree(self) -> MemoryTree:
        return MemoryTree(self.files)


@cache
def office() -> dict[str, str | bytes]:
    """The sound tree."""
    root = HERE / "office"
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def read_case(path: Path) -> Case:
    """One case from its file."""
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    files, marks = dict(office()), []
    for file, text in said["files"].items():
        if text is None:
            del files[file]
        elif isinstance(text, dict):
            files[file] = bytes.fromhex(text["bytes"])
        else:
            marks += [(file, *place(text, offset)) for offset in offsets(text)]
            files[file] = text.replace(MARK, "")
    return Case(path.stem, files, expected(said["problems"], marks))


def offsets(text: str) -> list[int]:
    """Where marks stand in a text without them."""
    found = [match.start() for match in re.finditer(MARK, text)]
    return [offset - before for before, offset in enumerate(found)]


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    before = text.replace(MARK, "")[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def expected(said: list[str | list[str]], marks: list[tuple[str, int, int]]) -> list[Found]:
    """Problems with their places."""
    left, found = list(marks), []
    for one in said:
        group = one if isinstance(one, list) else [one]
        mark = None
        for text in group:
            match = _PLACED.fullmatch(text)
            assert match is not None, text
            if match["file"]:
                at = (match["file"], int(match["line"]), int(match["column"]))
            else:
                mark = mark or left.pop(0)
                at = mark
            found.append((match["code"], *at, match["suggestion"] or ""))
    assert not left, f"marks without a problem: {left}"
    return sorted(found)


def cases() -> list[Path]:
    """All cases."""
    return sorted((HERE / "bad").glob("*.yaml"))
