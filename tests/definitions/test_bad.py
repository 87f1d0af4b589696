"""Every problem code, provoked: found at the right place, with the nearest name, worded in both languages."""

from pathlib import Path
from string import Formatter

import pytest

from engine.checks import check
from engine.codes import LANGUAGES, catalogue, word
from engine.loading import MemoryTree, load
from engine.problems import Problem
from tests.definitions.wrong import Found, cases, office, read_case


RARE = "𪚥"


def no_font_for(text: str) -> set[str]:
    return {RARE} & set(text)


def found(problems: tuple[Problem, ...]) -> list[Found]:
    return sorted((one.code, one.where.file, one.where.line, one.where.column, one.suggestion) for one in problems)


def test_office_is_sound() -> None:
    assert check(load(MemoryTree(office()))).problems == ()


@pytest.mark.parametrize("path", cases(), ids=lambda path: path.stem)
def test_wrong_definitions(path: Path) -> None:
    case = read_case(path)
    problems = check(load(case.tree), missing_glyphs=no_font_for).problems
    assert found(problems) == case.problems
    for problem in problems:
        assert_worded(problem)


def assert_worded(problem: Problem) -> None:
    """Every place in the wording is filled, in both languages."""
    for language in LANGUAGES:
        entry, worded = catalogue()[problem.code][language], word(problem, language)
        for part in ("message", "cause", "repair"):
            wanted = {name for _, name, _, _ in Formatter().parse(getattr(entry, part)) if name}
            assert wanted <= set(problem.values), f"{problem.code} {language} {part}: {wanted - set(problem.values)}"
            assert getattr(worded, part).strip()
