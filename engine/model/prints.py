"""Prints: templates, paper, anchors, bundles of several prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.formula import DatedSpan, Formula, Template, Title
from engine.problems import NOWHERE, Span

PUBLIC_SYSTEM = ("number", "state", "created_at", "changed_at")
"""System fields that a public page may show."""


@dataclass(frozen=True, slots=True)
class BundledPrint:
    """One print of a bundle; `of` leads from the row to the document, empty: the row itself."""

    print: str
    of: Formula | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """Several prints as one PDF: for each row of a source, in order."""

    each: Formula
    prints: tuple[BundledPrint, ...]


@dataclass(frozen=True, slots=True)
class Verify:
    """The public page behind the code on the paper: masks of the fields it shows (`plain`: as they are), and while
    what holds the paper is good."""

    facts: Mapping[str, str] = field(default_factory=dict)
    valid: Formula | None = None


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scanned page of the print comes back as: the event, and the file field that it asks for."""

    event: str
    into: str
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Wording:
    """The wording of one time; `template` where it has one of its own, `source` its text."""

    dated: DatedSpan
    note: str = ""
    template: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class PrintForm:
    """What comes on paper. `template` is a file beside the definition, `style` its own CSS."""

    id: str
    title: Title
    document: str
    template: str
    where: Span = NOWHERE
    paper: str = "A4"  # empty where `width` says it
    anchors: Mapping[str, Title] = field(default_factory=dict)
    qr: Template | None = None
    folder: str = ""
    source: str = ""  # text of the template
    wording: tuple[Wording, ...] = ()
    system: str = ""
    bundle: Bundle | None = None
    raw: str = ""  # a language of printers instead of PDF
    archive: bool = True
    width: str = ""  # where paper is no common size
    height: str = ""
    is_roll: bool = False
    style: str = ""  # CSS of its own, read from beside the template
    others: Mapping[str, str] = field(default_factory=dict)  # templates of its folder, which it may include, by name
    verify: Verify | None = None
    scanned: Scanned | None = None
    charts: tuple[str, ...] = ()  # names of charts of sources

    @property
    def is_bound(self) -> bool:
        """Whether its code names the very paper, not only the document."""
        return self.verify is not None or self.scanned is not None

    def template_on(self, iso: str) -> tuple[str, str]:
        """Name and text of the template in use on a day: that of the wording of the day, or the print's own."""
        for wording in self.wording:
            if wording.template and wording.source and wording.dated.holds_on(iso):
                return wording.template, wording.source
        return self.template, self.source


@dataclass(frozen=True, slots=True)
class Layout:
    """One print as HTML: its style sheet, and the folder that its pictures may come from."""

    html: str
    style: str
    base: str = ""


@dataclass(frozen=True, slots=True)
class Printed:
    """Prints in one PDF, and how many pages each of them has."""

    content: bytes
    pages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """One page of a scan: as a picture (JPEG), small to look at, and what its codes say."""

    picture: bytes
    small: bytes
    codes: tuple[str, ...] = ()
