"""Reports: the exact text a configurator sees, kept in files and changed only with a visible difference."""

import json
from pathlib import Path

import pytest

from engine.codes import LANGUAGES, catalogue, word
from engine.codes.report import render, render_json, summary, width
from engine.loading import load
from engine.problems import Problem, Severity, Span
from tests.engine.loading.trees import tree

GOLDEN = Path(__file__).parents[2] / "golden"

FILES = {
    "office/system.yaml": "system: office\ntitle: 办公\nuses: [shared]\nmenue: []\n",
    "office/note/document.yaml": (
        "document: note\ntitle: 便条\nuse: [dated]\nfields:\n"
        "  主题: {title: 主题, type: text}\n"
        "  level: {title: 级别（高低）, type: code, in: levels, reqired: true}\n"
        "  total: {title: 合计, type: money, value: round(sum(lines, amount), 2)}\n"
        "number: {seq:06}\nexpect: {rows: many}\n"
    ),
    "office/note/machine.yaml": (
        "machine: note\nstates:\n  draft: {title: 草稿, until: {after: 3 dais, event: x}}\n"
        "  draft: {title: 又一个}\nevents: {}\n"
    ),
    "office/note/rules.yaml": "rules:\n  late: {when: due < today, level: warning, message: 已过}\n\tx: 1\n",
    "office/memo/machine.yaml": "machine: memo\nstates: {}\n",
    "shared/parts/dated/document.yaml": "part: dated\ntakes: {limit: field}\nfields:\n  day: {title: 日期,"
    " type: dat}\n",
    "shared/codes/levels.csv": "code,title,weight: integer\n高,高,三\n低,低,1\n低,低,2\n",
    "office/readme.txt": "?",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_report_is_the_golden_one(language: str) -> None:
    found = load(tree(FILES))
    text = render(found.problems, found.sources, language=language, prefix="definitions/")
    expected = (GOLDEN / f"problems.{language}.txt").read_text(encoding="utf-8")
    assert text == expected


def test_json_report_holds_everything() -> None:
    found = load(tree(FILES))
    data = json.loads(render_json(found.problems, prefix="definitions/"))
    assert len(data) == len(found.problems)
    first = data[0]
    assert set(first) == {"code", "severity", "where", "values", "suggestion", "related", "zh", "en"}
    assert first["where"]["file"].startswith("definitions/")
    assert set(first["zh"]) == {"message", "cause", "repair"}


def test_caret_stands_below_wide_characters() -> None:
    text = "名称: {title: 长名, x: 1}\n"
    at = text.index("x")
    problem = Problem("SHP001", Span("f.yaml", 1, at + 1, 1, at + 2), {"key": "x", "known": "title"})
    lines = render([problem], {"f.yaml": text}).splitlines()
    assert width(lines[2][: lines[2].index("^")]) == width(lines[1][: lines[1].index("x:")])


def test_summary_counts_errors_warnings_and_files() -> None:
    where = Span("a.yaml", 1, 1)
    problems = [Problem("SHP002", where), Problem("SHP002", where, severity=Severity.WARNING)]
    assert summary(problems, "en") == "1 error and 1 warning in 1 file."
    assert summary([], "zh") == "没有问题。"


@pytest.mark.parametrize("text", ["a", "中", "é", "e\u0301", "\t", "ｱ"])
def test_width_of_a_character(text: str) -> None:
    assert width(text) == {"中": 2, "\t": 4}.get(text, 1)


def test_place_outside_the_file_has_no_excerpt() -> None:
    text = render([Problem("SHP020", Span("gone.yaml"), {"file": "gone.yaml"})], {}, hints=False)
    assert text.splitlines()[0] == "gone.yaml:1:1: SHP020 gone.yaml 不是定义里认得的文件"


def test_every_code_that_loading_uses_is_worded() -> None:
    folder = Path(__file__).parents[3] / "engine"
    text = "".join(path.read_text(encoding="utf-8") for path in (folder / "loading").glob("*.py"))
    text += "".join(path.read_text(encoding="utf-8") for path in (folder / "schemas").glob("*.json"))
    used = {
        word for word in text.replace("'", '"').split('"') if word[:3] in ("SYN", "SHP", "NAM") and word[3:].isdigit()
    }
    ours = {code for code in catalogue() if code[:3] in ("SYN", "SHP", "NAM")}
    assert used == ours


def test_words_in_values_are_said_in_the_language() -> None:
    problem = Problem("SHP005", Span("a"), {"expected": "@string @object", "found": "@array"})
    assert word(problem, "zh").message == "这里应为文字或映射（键: 值），而不是列表"
    assert word(problem, "en").message == "text or a mapping (key: value) is wanted here, not a list"


def test_unknown_code_is_a_defect() -> None:
    with pytest.raises(KeyError):
        word(Problem("XXX999", Span("a")))
