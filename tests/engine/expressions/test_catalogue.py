"""Problem codes of expressions: each one that is raised has its wording, and the wording finds its values."""

import re
import string
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.codes import LANGUAGES, word
from tests.engine.expressions.office import CATALOG, LINE_SCOPE, SCOPE
from tests.engine.expressions.test_checking import WRONG
from tests.engine.expressions.worlds import problems_of

ROOT = Path(__file__).parents[3]
CODES: dict[str, Any] = yaml.safe_load((ROOT / "engine/codes/expressions.yaml").read_text(encoding="utf-8"))
RAISED = {
    code
    for folder in ("engine/expressions", "engine/sources")
    for path in (ROOT / folder).rglob("*.py")
    for code in re.findall(r'"(EXP\d{3})"', path.read_text(encoding="utf-8"))
}


def test_codes_raised_are_the_codes_worded() -> None:
    assert set(CODES) == RAISED


@pytest.mark.parametrize("code", sorted(CODES))
def test_wording_is_whole(code: str) -> None:
    assert set(CODES[code]) == {"zh", "en"}
    for wording in CODES[code].values():
        assert set(wording) == {"message", "cause", "repair"}
        assert all(text.strip() for text in wording.values())


def test_both_languages_name_the_same_values() -> None:
    for code, wordings in CODES.items():
        names = [{name for text in wording.values() for name in placeholders(text)} for wording in wordings.values()]
        assert names[0] == names[1], code


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


MORE = ("a ＞ b", "a = b", "0110", "'a", "is", "a b", "fee > 1e3", "round(paid, days)")


@pytest.mark.parametrize("text", [*(text for text, *_ in WRONG), *MORE])
@pytest.mark.parametrize("language", LANGUAGES)
def test_wording_finds_its_values(text: str, language: str) -> None:
    for problem in problems_of(text, SCOPE, CATALOG):
        found = word(problem, language)
        for sentence in (found.message, found.cause, found.repair):
            assert sentence
            assert not re.search(r"\{\w+\}|@kind", sentence), sentence


def test_share_outside_a_table_is_worded() -> None:
    assert problems_of("share(qty, by=qty)", LINE_SCOPE, CATALOG) == ()
