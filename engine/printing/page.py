"""Puts a rendered body on paper: the HTML page around it and the style sheet for its size.

In: the HTML of a body, a title, the picture of a QR code. Out: a complete HTML
document and CSS for a `PdfWriter`. Knows paper, no document.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from html import escape

from engine.model.prints import PrintForm
from engine.printing.partials import PRINT_CSS

_SIZES = ("A3", "A4", "A5", "B4", "B5", "letter")
_LENGTH = re.compile(r"\d{1,4}(\.\d{1,2})?(mm|cm|in)")


@dataclass(frozen=True, slots=True)
class Page:
    """What is on a page beside its body. `made_on` is written into the file; the same data on the same day is the same
    file."""

    title: str
    language: str = "zh-CN"
    made_on: date | datetime | None = None
    qr_svg: str = ""
    qr_text: str = ""  # printed small beneath the code, a line for each part between |


def page_html(body: str, page: Page) -> str:
    """A complete document."""
    made_on = f'<meta name="dcterms.created" content="{page.made_on.isoformat()}">' if page.made_on else ""
    return (
        f'<!DOCTYPE html><html lang="{escape(page.language)}"><head><meta charset="utf-8">{made_on}'
        f"<title>{escape(page.title)}</title></head><body>{_qr(page)}{body}</body></html>"
    )


def _qr(page: Page) -> str:
    if not page.qr_svg:
        return ""
    picture = b64encode(page.qr_svg.encode()).decode()
    return (
        f'<div class="qr"><img alt="{escape(page.qr_text)}" src="data:image/svg+xml;base64,{picture}">'
        f"{'<br>'.join(escape(part) for part in page.qr_text.split('|') if part)}</div>"
    )


def page_style(paper: str | Mapping[str, object] = "A4", own: str = "") -> str:
    """The print style sheet for a paper size, then the definition's own rules.

    A mapping has `width` and `height` in mm, cm or in; a `roll` is one page of up to
    three metres without header and footer, cut by the printer. Raises ValueError for what is no size.
    """
    return f"{PRINT_CSS}\n{_size(paper)}\n{own}"


def style_of(form: PrintForm) -> str:
    """The print style sheet of a print. Raises ValueError for what is no size."""
    if form.width:
        height = {"height": form.height} if form.height else {}
        return page_style({"width": form.width, "roll": form.is_roll, **height}, form.style)
    return page_style(form.paper or "A4", form.style)


def _size(paper: str | Mapping[str, object]) -> str:
    if isinstance(paper, str):
        name, _, turned = paper.partition(" ")
        if name not in _SIZES or turned not in {"", "landscape"}:
            raise ValueError(f"{paper!r} is no paper size: take one of {', '.join(_SIZES)}, with or without landscape")
        return f"@page {{ size: {paper} }}"
    width, height = str(paper.get("width", "")), str(paper.get("height", "3000mm"))
    if not _LENGTH.fullmatch(width) or not _LENGTH.fullmatch(height):
        raise ValueError(f"{width} × {height}: a length is a number with mm, cm or in")
    if not paper.get("roll"):
        return f"@page {{ size: {width} {height} }}"
    return (
        f"@page {{ size: {width} {height}; margin: 3mm; @bottom-center {{ content: none }} "
        f"@bottom-right {{ content: none }} @top-center {{ content: none }} }} .qr {{ position: static; margin: auto }}"
    )
