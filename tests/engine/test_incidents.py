"""The catalogue of what can go wrong with messages."""

import re
from pathlib import Path

from engine.incidents import catalogue, told, worded

ROOT = Path(__file__).parents[2]
SOURCES = [*(ROOT / "engine/usecases").glob("*.py"), *(ROOT / "engine/mappings").glob("*.py")]


def test_every_code_is_told_to_operators_and_used() -> None:
    page = (ROOT / "docs/operations.md").read_text("utf-8")
    code = "".join(path.read_text("utf-8") for path in SOURCES)
    assert [one for one in catalogue() if f"| {one} |" not in page] == []
    assert set(re.findall(r'"(MSG[1-9]\d\d)"', code)) == set(catalogue())


def test_every_text_is_there_in_both_languages() -> None:
    for one in catalogue().values():
        for part in (one.text, one.cause, one.repair):
            assert re.search("[\u4e00-\u9fff]", part["zh"])
            assert re.search("[a-z]{2}", part["en"])


def test_a_strange_code_says_itself() -> None:
    assert told("own_rule") is None
    assert worded("own_rule", "x") == {"zh": "own_rule：x", "en": "own_rule: x"}
