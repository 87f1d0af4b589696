"""The written manual as tests see it: pages, their blocks, and the folders of definitions that the blocks make.

The first line of a block names its file: `# file: desk/order/rules.yaml` begins one, `# more: …` goes on where the last
block of that file ended. Every page of the guide stands on the office of the guide's first page.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from adapters.xml.documents import LxmlMessages
from engine.checks import check
from engine.loading import MemoryTree, load
from engine.testing.memory import MemoryStore
from engine.testing.office import CountedIds, Files, Letters, Pdf, PlainPasswords, Qr
from engine.testing.scenarios import Report, run_scenarios
from engine.usecases.internal import storages
from engine.usecases.receiving import receive
from engine.usecases.runtime import Runtime, in_force

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs/guide"
FIRST = "README.md"
LANGUAGES = ("yaml", "html", "csv")

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"(?:#|<!--) (file|more): (\S+?)(?: -->)?")
_WORD = re.compile(r"\w+")
_SPAN = re.compile(r"`([^`\n]+)`")


class Block(NamedTuple):
    """A block between fences. `file` is empty where its first line names none."""

    language: str
    text: str
    file: str = ""
    goes_on: bool = False


@dataclass(frozen=True)
class Page:
    """One page of the manual."""

    path: Path

    def __str__(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    def blocks(self) -> Iterator[Block]:
        for language, text in _BLOCK.findall(self.text):
            first, _, rest = text.partition("\n")
            mark = _MARK.fullmatch(first)
            yield Block(language, rest, mark[2], mark[1] == "more") if mark else Block(language, text)

    def files(self, beside: Mapping[str, str] | None = None) -> dict[str, str]:
        """The files that the blocks make, with those that were there before."""
        made: dict[str, str] = dict(beside or {})
        for block in self.blocks():
            if block.file:
                made[block.file] = made.get(block.file, "") + block.text if block.goes_on else block.text
        return made

    def told(self) -> frozenset[str]:
        """Words between backquotes and in blocks: what the page says about the language itself."""
        plain = _BLOCK.sub("", self.text)
        blocks = [block.text for block in self.blocks()]
        return frozenset(word for text in (*_SPAN.findall(plain), *blocks) for word in _WORD.findall(text))


@cache
def guide() -> tuple[Page, ...]:
    """The guide's pages, the first page first."""
    return (Page(GUIDE / FIRST), *(Page(path) for path in sorted(GUIDE.glob("*.md")) if path.name != FIRST))


@cache
def manual() -> tuple[Page, ...]:
    """Every page of the manual."""
    return (Page(ROOT / FIRST), *(Page(path) for path in sorted((ROOT / "docs").rglob("*.md"))))


def tree_of(page: Page) -> Mapping[str, str]:
    """The folder that a page of the guide speaks of: the first page's office with the page's own files."""
    return page.files(Page(GUIDE / FIRST).files())


def problems_of(files: Mapping[str, str]) -> list[str]:
    """Every problem of a folder, in a line each."""
    return [f"{one.where} {one.code} {dict(one.values)}" for one in check(load(MemoryTree(files))).problems]


def run(files: Mapping[str, str]) -> Report:
    """The scenarios of a folder, run."""
    force = in_force(check(load(MemoryTree(files))))

    def make(clock: object) -> Runtime:
        store = MemoryStore()
        store.apply([*storages(), *(program.storage for program in force.programs.values())])
        return Runtime(
            force=force,
            node=next(iter(force.definitions.nodes.values())),
            receiver=receive,
            xml=LxmlMessages(force.schemas),
            store=store,
            files=Files(),
            clock=clock,
            ids=CountedIds(),
            passwords=PlainPasswords(),
            pdf=Pdf(),
            qr=Qr(),
            workbook=None,
            pinyin=Letters(),
            secret=b"manual",
        )

    return run_scenarios(force.definitions, make)
