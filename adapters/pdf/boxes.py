"""Laid-out pages as plain data: texts with their room, rows and unbroken blocks with their pages, anchors.

In: page boxes of WeasyPrint, told apart by the names of their classes as its manual lists them. Out: a `Drawn` in mm.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.model.drawn import Box, Drawn, DrawnAnchor, DrawnBlock, DrawnText

_MM = 25.4 / 96  # a pixel of CSS
_CELLS = {"TableCellBox"}
_MARGINS = {"MarginBox"}
_UNBROKEN = {"TableRowBox"}


@dataclass(frozen=True, slots=True)
class _Where:
    """What surrounds a box."""

    page: int
    room: Box
    at: str = ""
    is_head: bool = False


def outline_of(pages: Sequence[Any]) -> Drawn:
    """What stands on pages."""
    texts: list[DrawnText] = []
    anchors: list[DrawnAnchor] = []
    blocks: dict[int, tuple[str, list[int]]] = {}
    for number, page in enumerate(pages, 1):
        whole = Box(0.0, 0.0, page.margin_width() * _MM, page.margin_height() * _MM)
        for box, where in _walk(page, _Where(number, _content(page)), whole):
            element, kind = _element(box), type(box).__name__
            if kind == "TextBox" and box.text.strip():
                texts.append(DrawnText(number, box.text.strip(), _outer(box), where.room, where.at))
            elif element is not None and kind != "TextBox":
                if element.get("data-anchor") and kind != "LineBox":
                    anchors.append(DrawnAnchor(element.get("data-anchor"), number, _outer(box)))
                if kind in _UNBROKEN or "keep" in element.get("class", "").split():
                    _note(blocks, element, where)
    cut = tuple(DrawnBlock(tuple(pages), at) for at, pages in blocks.values())
    return Drawn(len(pages), tuple(texts), cut, tuple(anchors))


def _note(blocks: dict[int, tuple[str, list[int]]], element: Any, where: _Where) -> None:
    """That an element stands on a page; what heads a table stands on each of its pages by intent."""
    pages = blocks.setdefault(id(element), (where.at, []))[1]
    if where.page not in pages and not where.is_head:
        pages.append(where.page)


def _walk(box: Any, where: _Where, whole: Box) -> Iterator[tuple[Any, _Where]]:
    """Every box below one, with what surrounds it."""
    for child in getattr(box, "children", ()):
        inner, element, kind = where, _element(child), type(child).__name__
        if kind in _MARGINS:
            inner = replace(inner, room=whole)
        elif kind in _CELLS:
            inner = replace(inner, room=_padding(child))
        if getattr(child, "is_header", False):
            inner = replace(inner, is_head=True)
        if element is not None and element.get("data-at"):
            inner = replace(inner, at=element.get("data-at"))
        yield child, inner
        yield from _walk(child, inner, whole)


def _element(box: Any) -> Any:
    found = getattr(box, "element", None)
    return found if hasattr(found, "get") else None


def _outer(box: Any) -> Box:
    left, top = box.position_x, box.position_y
    return Box(left * _MM, top * _MM, (left + box.margin_width()) * _MM, (top + box.margin_height()) * _MM)


def _padding(box: Any) -> Box:
    left, top = box.padding_box_x(), box.padding_box_y()
    return Box(left * _MM, top * _MM, (left + box.padding_width()) * _MM, (top + box.padding_height()) * _MM)


def _content(box: Any) -> Box:
    left, top = box.content_box_x(), box.content_box_y()
    return Box(left * _MM, top * _MM, (left + box.width) * _MM, (top + box.height) * _MM)
