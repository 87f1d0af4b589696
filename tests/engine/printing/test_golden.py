"""PF-1 and PF-2 as pictures and as places: what is on the paper, where, and that it looks as it did.

Pictures are compared as greys of small squares, so that another version of a library may round otherwise; a line, a
word or a box that moves is seen. `python -m tests.engine.printing.test_golden` draws the kept pictures anew.
"""

import io
from datetime import date
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops

from adapters.pdf.fonts import FontCache
from adapters.pdf.weasyprint import WeasyPdfWriter
from adapters.qr.segno_codes import SegnoQrCode
from adapters.scan.reader import scanned
from engine.model.prints import Layout
from engine.printing.page import Page, page_html, page_style
from engine.printing.render import Renderer, TemplateFile
from tests.engine.printing.forms import PF_1, PF_2, definition, exit_form, letter, template

ROOT = Path(__file__).parents[3]
KEPT = ROOT / "tests" / "golden" / "prints"
SAID = "https://office.test/v/" + "GUIJU234" * 3 + "AB"
PRINTS = {
    "PF-1": (PF_1, exit_form(), 1),
    "PF-1-30": (PF_1, exit_form(30, 2), 2),
    "PF-2": (PF_2, letter(), 1),
}
SQUARE = 8
DIFFERENCE = 24
"""Greys by which a square may differ: a hair's breadth of a line, not the line. The full font, which stands in
until its subset is made, is hinted a little otherwise."""


@pytest.fixture(scope="module")
def writer():
    return WeasyPdfWriter(FontCache(ROOT / "var" / "cache" / "fonts"), ROOT / "definitions")


def layout(name: str) -> Layout:
    form, values, _ = PRINTS[name]
    title = str(definition(form)["title"]["zh"])
    text = "0000000000000000001|SP990101750000103R20261113000002"
    page = Page(title, made_on=date(2026, 5, 6), qr_svg=SegnoQrCode().svg(SAID), qr_text=text)
    return Layout(page_html(Renderer().render(TemplateFile(template(form), form.name), values), page), page_style("A4"))


def pictures(content: bytes) -> list[Image.Image]:
    """The pages in grey, 72 dots to the inch."""
    document = pypdfium2.PdfDocument(content)
    return [page.render(scale=1).to_pil().convert("L") for page in document]


def squares(picture: Image.Image) -> Image.Image:
    """The mean grey of each square."""
    return picture.reduce(SQUARE)


def drawn_pictures(writer: WeasyPdfWriter, name: str) -> list[Image.Image]:
    return pictures(writer.print_all([layout(name)]).content)


@pytest.mark.parametrize("name", PRINTS)
def test_a_print_looks_as_it_did(writer, name):
    found = drawn_pictures(writer, name)
    assert len(found) == PRINTS[name][2]
    for number, page in enumerate(found, 1):
        kept = Image.open(KEPT / f"{name}-{number}.png").convert("L")
        assert page.size == kept.size
        difference = ImageChops.difference(squares(page), squares(kept)).getextrema()[1]
        assert difference <= DIFFERENCE, f"page {number} of {name} looks otherwise: draw it anew if that is meant"


def test_a_moved_line_would_be_seen(writer):
    (page,) = drawn_pictures(writer, "PF-2")
    moved = ImageChops.offset(page, 0, 2)
    assert ImageChops.difference(squares(page), squares(moved)).getextrema()[1] > DIFFERENCE


@pytest.mark.parametrize("name", PRINTS)
def test_fonts_are_embedded_and_the_code_can_be_read(writer, name):
    content = writer.print_all([layout(name)]).content
    with pikepdf.open(io.BytesIO(content)) as document:
        described = [one for one in document.objects if isinstance(one, pikepdf.Dictionary) and "/FontBBox" in one]
    assert described
    assert all("/FontFile3" in one or "/FontFile2" in one for one in described)
    for page in scanned(content, "application/pdf"):
        assert page.codes == (SAID,)


@pytest.mark.parametrize("name", PRINTS)
def test_everything_stands_within_its_room_and_anchors_are_on_the_paper(writer, name):
    drawn = writer.drawn(layout(name))
    assert drawn.pages == PRINTS[name][2]
    for text in drawn.texts:
        assert text.box.right <= text.room.right + 0.4, text
        assert text.box.bottom <= text.room.bottom + 0.4, text
    anchors = {one.name: one for one in drawn.anchors}
    assert anchors.keys() == definition(PRINTS[name][0])["anchors"].keys()
    for one in anchors.values():
        assert one.box.right - one.box.left >= 25
        assert 15 < one.box.top < 290


def test_pages_are_numbered_and_the_title_goes_on(writer):
    texts = [(text.page, text.text) for text in writer.drawn(layout("PF-1-30")).texts]
    assert (1, "第") in texts or any(page == 1 and "第 1 页" in text for page, text in texts)
    said = "".join(text for page, text in texts if page == 2)
    assert "区管干部因私出国（境）审批单" in said
    assert "国内直系亲属及主要社会关系" in "".join(text for page, text in texts if page == 1)


if __name__ == "__main__":
    for each in PRINTS:
        for place, one in enumerate(drawn_pictures(WeasyPdfWriter(FontCache(ROOT / "var/cache/fonts")), each), 1):
            out = io.BytesIO()
            one.quantize(16).save(out, "PNG", optimize=True)
            (KEPT / f"{each}-{place}.png").write_bytes(out.getvalue())
