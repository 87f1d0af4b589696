import re

import pytest
from lxml import etree

from adapters.qr.segno_codes import SegnoQrCode


def test_svg_is_one_drawing_without_script_or_address() -> None:
    svg = SegnoQrCode().svg("0000000000000000001|SP202605060001")
    root = etree.fromstring(svg.encode())
    assert root.get("viewBox")
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {"svg", "path"}
    assert not re.search(r"href|script|on\w+=", svg)


def test_same_text_gives_the_same_drawing() -> None:
    assert SegnoQrCode().svg("规矩") == SegnoQrCode().svg("规矩")


@pytest.mark.parametrize("text", ["", "长" * 3000])
def test_text_that_no_code_holds_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        SegnoQrCode().svg(text)
