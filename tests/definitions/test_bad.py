"""Every problem code, provoked: found at the right place, with the nearest name, worded in both languages."""

from pathlib import Path
from string import Formatter

import pytest

from adapters.xml.documents import LxmlMessages
from engine.checks import check
from engine.codes import LANGUAGES, catalogue, word
from engine.loading import MemoryTree, load
from engine.problems import Problem
from tests.definitions.wrong import Found, cases, office, read_case

ROOT = Path(__file__).parents[2]

ELSEWHERE = {
    "EXP004": "tests/engine/expressions/test_grammar.py",
    "PRT015": "tests/engine/printing/test_check.py",
    "PRT030": "tests/engine/printing/test_render.py",
    "PRT031": "tests/engine/printing/test_render.py",
    "PRT032": "tests/engine/printing/test_render.py",
    "PRT040": "tests/engine/printing/test_lint.py",
    "PRT041": "tests/engine/printing/test_lint.py",
    "PRT042": "tests/engine/printing/test_lint.py",
    "PRT043": "tests/engine/printing/test_lint.py",
    "SYN007": "tests/engine/loading/test_source.py",
    "SYN008": "tests/engine/loading/test_source.py",
    "SYN010": "tests/engine/loading/test_source.py",
    "SYS017": "tests/journeys/test_reload.py",
    "SYS054": "tests/test_app.py",
    "TAB001": "tests/engine/tables/test_lint.py",
    "TAB017": "tests/engine/tables/test_lint.py",
    "TAB020": "tests/engine/tables/test_sheets.py",
    "TAB021": "tests/engine/tables/test_sheets.py",
    "TAB022": "tests/engine/tables/test_sheets.py",
}
"""Codes of bulk, of workbooks and of printing itself, which no small text provokes: where they are tested."""
NEVER = {"SHP019"}
"""What a schema may find that has no wording of its own; every schema so far has one for all it says."""
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
    problems = check(load(case.tree), missing_glyphs=no_font_for, xml=LxmlMessages).problems
    assert found(problems) == case.problems
    for problem in problems:
        assert_worded(problem)


def test_every_code_is_provoked() -> None:
    here = {code for path in cases() for code, *_ in read_case(path).problems}
    for code, file in ELSEWHERE.items():
        assert f'"{code}' in (ROOT / file).read_text(encoding="utf-8"), f"{code} is not tested in {file}"
    assert set(catalogue()) == here | set(ELSEWHERE) | NEVER


def assert_worded(problem: Problem) -> None:
    """Every place in the wording is filled, in both languages."""
    for language in LANGUAGES:
        entry, worded = catalogue()[problem.code][language], word(problem, language)
        for part in ("message", "cause", "repair"):
            wanted = {name for _, name, _, _ in Formatter().parse(getattr(entry, part)) if name}
            assert wanted <= set(problem.values), f"{problem.code} {language} {part}: {wanted - set(problem.values)}"
            assert getattr(worded, part).strip()
