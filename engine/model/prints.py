"""Prints: templates, paper, anchors, bundles of several prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.formula import DatedSpan, Formula, Template, Title
from engine.problems import NOWHERE, Span


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
