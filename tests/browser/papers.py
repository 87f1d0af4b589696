"""Paper of the office: workbooks that somebody sends, what a PDF says, pages as a scanner gives them back."""

from __future__ import annotations

import io
from collections.abc import Sequence

import openpyxl
import pypdfium2
from PIL import Image

A4 = (1654, 2339)
"""Dots of a page at 200 an inch."""


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    """A workbook as an office writes it: one sheet, the head in its first row."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def sent(name: str, content: bytes) -> dict[str, object]:
    """A file as a file input takes it."""
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def texts(pdf: bytes) -> list[str]:
    """What each page says."""
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_range() for page in document]


def scanned(pdf: bytes, pages: Sequence[int]) -> bytes:
    """Pages laid on the glass of a scanner, each a little askew and not quite white: one PDF of pictures."""
    document, pictures = pypdfium2.PdfDocument(pdf), []
    for place in pages:
        paper = document[place].render(scale=200 / 72).to_pil().convert("L").resize((A4[0] - 30, A4[1] - 40))
        glass = Image.new("L", A4, 236)
        glass.paste(paper.rotate(0.6, expand=False, fillcolor=236), (14, 22))
        pictures.append(glass)
    content = io.BytesIO()
    pictures[0].save(content, "PDF", resolution=200, save_all=True, append_images=pictures[1:])
    return content.getvalue()


def photograph(pdf: bytes, place: int) -> bytes:
    """One page as a scanner that makes pictures gives it."""
    page = pypdfium2.PdfDocument(scanned(pdf, [place]))[0]
    content = io.BytesIO()
    page.render(scale=200 / 72).to_pil().convert("L").save(content, "JPEG", quality=70)
    return content.getvalue()


def paper(words: str) -> bytes:
    """A page that was signed outside: its heading, nothing to be read by machine."""
    glass, content = Image.new("L", A4, 250), io.BytesIO()
    glass.save(content, "PDF", resolution=200, title=words)
    return content.getvalue()
