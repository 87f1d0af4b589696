"""What a print looks like once it is laid out: texts with the room they have, blocks with the pages they stand on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a page, in mm from its upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class DrawnText:
    """A piece of text on one line. `room` is its table cell, else the page within its margins; `at` says which tag of
    the template it stands in, as `line:column`."""

    page: int
    text: str
    box: Box
    room: Box
    at: str = ""


@dataclass(frozen=True, slots=True)
class DrawnBlock:
    """A row, or a block that is not to be broken; `pages` are those that it stands on."""

    pages: tuple[int, ...]
    at: str = ""


@dataclass(frozen=True, slots=True)
class DrawnAnchor:
    """A place for a signature or seal."""

    name: str
    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class Drawn:
    """A whole print."""

    pages: int
    texts: tuple[DrawnText, ...]
    blocks: tuple[DrawnBlock, ...]
    anchors: tuple[DrawnAnchor, ...]
