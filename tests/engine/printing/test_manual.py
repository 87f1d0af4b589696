"""The manual of prints names every filter, class and problem that there is."""

import re
from pathlib import Path

import pytest
import yaml

from engine.printing.filters import FILTERS
from engine.printing.partials import PARTIALS, PRINT_CSS
from engine.printing.sandbox import BORROWED

ROOT = Path(__file__).parents[3]
MANUAL = (ROOT / "docs" / "prints.md").read_text("utf-8")
CODES = yaml.safe_load((ROOT / "engine" / "codes" / "prints.yaml").read_text("utf-8"))
SELECTORS = re.sub(r"/\*.*?\*/|\{[^{}]*\}|\"[^\"]*\"", " ", PRINT_CSS, flags=re.DOTALL)
CLASSES = sorted(set(re.findall(r"\.([a-z]\w*)", SELECTORS)) - {"qr", "band", "plain", "picture", "day", "small"})


@pytest.mark.parametrize("name", [*FILTERS, *BORROWED, *CODES, *CLASSES, *PARTIALS])
def test_name_stands_in_the_manual(name: str) -> None:
    assert re.search(rf"\b{re.escape(name)}\b", MANUAL), name
