from datetime import date

import pytest

from engine.model.formula import Title
from engine.model.prints import PrintForm
from engine.printing.page import Page, page_html, page_style, style_of


def test_page_is_a_whole_document() -> None:
    html = page_html("<p>x</p>", Page("审批单 <1>", made_on=date(2026, 5, 6)))
    assert html.startswith('<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">')
    assert "<title>审批单 &lt;1&gt;</title>" in html
    assert '<meta name="dcterms.created" content="2026-05-06">' in html
    assert html.endswith("<body><p>x</p></body></html>")


def test_code_stands_with_its_text_beneath() -> None:
    html = page_html("", Page("x", qr_svg="<svg/>", qr_text="001|<a>"))
    assert 'src="data:image/svg+xml;base64,PHN2Zy8+"' in html
    assert "001<br>&lt;a&gt;" in html


@pytest.mark.parametrize("paper", ["A4", "A5", "A4 landscape"])
def test_named_papers(paper: str) -> None:
    assert f"@page {{ size: {paper} }}" in page_style(paper)


def test_own_sizes_and_rolls() -> None:
    assert "@page { size: 100mm 150mm }" in page_style({"width": "100mm", "height": "150mm"})
    assert "@page { size: 58mm 3000mm; margin: 3mm" in page_style({"width": "58mm", "roll": True})


@pytest.mark.parametrize("paper", ["A9", "A4 upside", "A4; } * { color: red", {"width": "58"}, {}])
def test_what_is_no_size_is_refused(paper: str | dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"size|length"):
        page_style(paper)


def test_own_rules_come_last() -> None:
    assert page_style("A4", "h1 { color: red }").endswith("h1 { color: red }")


def test_style_of_a_print_form() -> None:
    form = PrintForm("receipt", Title("小票", "Receipt"), "sale", "receipt.html", style="p { margin: 0 }")
    assert style_of(form) == page_style("A4", "p { margin: 0 }")
    roll = PrintForm("receipt", Title("小票", "Receipt"), "sale", "receipt.html", paper="", width="58mm", is_roll=True)
    assert "size: 58mm 3000mm" in style_of(roll)
    label = PrintForm("label", Title("标签", "Label"), "box", "l.html", paper="", width="60mm", height="40mm")
    assert "@page { size: 60mm 40mm }" in style_of(label)
