"""Fonts for paper: small subsets of the Noto CJK fonts, made once, and the list of signs that no font here can draw.

In: the folders where fonts are installed, a cache folder. Out: `@font-face` rules for the subsets that stand. A subset
holds GB 2312 and what forms use beside it; a full font holds 44,000 signs and costs three times the memory of a page.
Rare characters of names come from the full font, which every font stack names second. As long as a subset is not made
all text comes from the full font: the same paper, more slowly. Knows no template.

`python -m adapters.pdf.fonts FOLDER` makes what is missing.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
_FORM = "1"  # counts up when subsets are made another way


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Alone with a folder, among processes."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


@dataclass(frozen=True, slots=True)
class Face:
    """One weight of a family as it is installed (`file`, `full`) and as style sheets name its subset (`family`)."""

    family: str
    weight: int
    file: str
    full: str


FACES = (
    Face("Paper Serif", 400, "NotoSerifCJK-Regular.ttc", "Noto Serif CJK SC"),
    Face("Paper Serif", 700, "NotoSerifCJK-Bold.ttc", "Noto Serif CJK SC"),
    Face("Paper Sans", 400, "NotoSansCJK-Regular.ttc", "Noto Sans CJK SC"),
)


def characters() -> frozenset[str]:
    """GB 2312 (7,445 signs) with ASCII, Latin letters with marks, punctuation, full-width forms and boxes."""
    pairs = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    signs = "".join(pair.decode("gb2312", "ignore") for pair in pairs)
    blocks = ((0x20, 0x7F), (0xA0, 0x180), (0x2010, 0x2028), (0x2030, 0x203C), (0x3000, 0x3040), (0xFF01, 0xFF5F))
    return frozenset(signs + "".join(chr(code) for start, end in blocks for code in range(start, end)) + "№℃√×￥￠￡")


class FontCache:
    """The subsets in one folder. Safe to use from several processes: a file appears whole or not at all."""

    def __init__(self, folder: Path, installed: Sequence[Path] = _FOLDERS) -> None:
        self._folder = folder
        self._installed = installed
        self._sources: dict[str, Path | None] = {}
        self._paths: dict[Face, Path | None] = {}

    def css(self) -> str:
        """`@font-face` rules of the subsets that stand now; empty when none does."""
        rules = []
        for face in FACES:
            path = self._path(face)
            if path and path.exists():
                rules.append(
                    f'@font-face {{ font-family: "{face.family}"; font-weight: {face.weight}; '
                    f"src: url({path.resolve().as_uri()}) }}"
                )
        return "\n".join(rules)

    @property
    def folder(self) -> Path:
        """Where the subsets are."""
        return self._folder

    def missing(self) -> list[Face]:
        """Installed faces whose subset is not made yet."""
        return [face for face in FACES if (path := self._path(face)) and not path.exists()]

    def make(self) -> list[Path]:
        """Make the missing subsets, some ten seconds each; returns the new files. Of several processes one makes them,
        the others wait and find them there."""
        made = []
        self._folder.mkdir(parents=True, exist_ok=True)
        with _turn(self._folder):
            for face in self.missing():
                source, target = self._source(face), self._path(face)
                if source and target:
                    fresh = target.with_name(f"{target.name}.{os.getpid()}")
                    _subset(source, face.full, fresh)
                    fresh.replace(target)
                    made.append(target)
        return made

    def start(self) -> subprocess.Popen[bytes] | None:
        """Make the missing subsets in a process of low priority; None when there is nothing to make."""
        if not self.missing():
            return None
        command = [sys.executable, "-m", "adapters.pdf.fonts", str(self._folder.resolve())]
        # The command is our own interpreter and a path of the composition root; nothing comes from a user.
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_step_back)  # noqa: S603, PLW1509

    def missing_glyphs(self, text: str) -> set[str]:
        """Signs of the text that the installed fonts cannot draw: a reader would see an empty box."""
        return {sign for sign in set(text) if ord(sign) not in self._drawn and not sign.isspace()}

    @cached_property
    def _drawn(self) -> frozenset[int]:
        drawn: set[int] = set()
        for face in FACES:
            if source := self._source(face):
                with _open(source, face.full) as font:
                    drawn.update(font.getBestCmap())
        return frozenset(drawn)

    def _source(self, face: Face) -> Path | None:
        if face.file not in self._sources:
            found = (path for folder in self._installed for path in sorted(folder.rglob(face.file)))
            self._sources[face.file] = next(found, None)
        return self._sources[face.file]

    def _path(self, face: Face) -> Path | None:
        """The subset's file, named by all that it depends on; None when the face is not installed."""
        if face not in self._paths:
            source = self._source(face)
            self._paths[face] = self._named(face, source) if source else None
        return self._paths[face]

    def _named(self, face: Face, source: Path) -> Path:
        about = f"{_FORM}|{face}|{source.stat().st_size}|{''.join(sorted(characters()))}"
        return self._folder / f"{source.stem}-{hashlib.sha256(about.encode()).hexdigest()[:12]}.otf"


@contextmanager
def _open(path: Path, full: str) -> Iterator[TTFont]:
    """The face of that name in a collection; glyphs are read from the file as they are needed."""
    with TTCollection(str(path), lazy=True) as collection:
        names = (1, 16)  # family, typographic family
        yield next(font for font in collection.fonts if full in {font["name"].getDebugName(each) for each in names})


def _subset(source: Path, full: str, target: Path) -> None:
    # Forms need no ligatures; `vert` is for vertical text, which paper headings may use.
    options = Options(layout_features=["vert"], hinting=False, notdef_outline=True, glyph_names=False)
    options.drop_tables += ["GPOS", "BASE", "DSIG"]
    options.recalc_timestamp = False
    options.name_IDs = []
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[ord(sign) for sign in characters()])
    with _open(source, full) as font:
        subsetter.subset(font)
        font.save(target)


def _step_back() -> None:
    os.nice(15)


if __name__ == "__main__":
    FontCache(Path(sys.argv[1])).make()
