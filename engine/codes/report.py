"""Reporting of problems: for a terminal, with the line and a caret below what is wrong, or as JSON.

In: problems and the texts of the files. Out: text. Lines are `file:line:column: CODE message`, so that editors and
terminals make links of them; the caret respects that East Asian characters are two columns wide.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from engine.codes import word
from engine.problems import Problem, Severity, Span

_AND = {"zh": "。是否指“{}”？", "en": ". Did you mean `{}`?"}
_SEE = {"zh": "另见", "en": "see"}
_NONE = {"zh": "没有问题。", "en": "No problems."}
_MORE = {"zh": "另有 {} 处", "en": "and {} more"}
_PLACES = 5
_TAB = 4


def render(
    problems: Iterable[Problem],
    sources: Mapping[str, str],
    *,
    language: str = "zh",
    prefix: str = "",
    hints: bool = True,
) -> str:
    """All problems, sorted by place, and a summary; `prefix` is put before file names."""
    found = in_order(problems)
    blocks = [_block(problem, sources, language, prefix, hints=hints) for problem in found]
    return "\n\n".join([*blocks, summary(found, language)]) + "\n"


def render_json(problems: Iterable[Problem], *, prefix: str = "") -> str:
    """All problems as a JSON list: code, severity, place, values, suggestion, related places, wording by language."""
    return json.dumps([_data(problem, prefix) for problem in in_order(problems)], ensure_ascii=False, indent=2) + "\n"


def summary(problems: Iterable[Problem], language: str = "zh") -> str:
    """How many errors and warnings in how many files."""
    found = list(problems)
    if not found:
        return _NONE[language]
    files = len({problem.where.file for problem in found})
    warnings = sum(1 for problem in found if problem.severity is Severity.WARNING)
    errors = len(found) - warnings
    if language == "zh":
        return f"{files} 个文件，{errors} 个错误，{warnings} 个警告。"
    return f"{_many(errors, 'error')} and {_many(warnings, 'warning')} in {_many(files, 'file')}."


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """By place, then code."""
    return sorted(problems, key=lambda problem: (problem.where, problem.code))


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _block(problem: Problem, sources: Mapping[str, str], language: str, prefix: str, *, hints: bool) -> str:
    wording = word(problem, language)
    near = _AND[language].format(problem.suggestion) if problem.suggestion else ""
    marks = {Severity.WARNING: "warning "}.get(problem.severity, "")
    lines = [f"{prefix}{problem.where}: {marks}{problem.code} {wording.message}{near}"]
    lines += _excerpt(problem.where, sources)
    lines += [f"  {_SEE[language]} {prefix}{place}" for place in problem.related[:_PLACES]]
    if len(problem.related) > _PLACES:
        lines.append(f"  {_MORE[language].format(len(problem.related) - _PLACES)}")
    if hints:
        lines.append(f"  = {wording.repair}")
    return "\n".join(lines)


def _excerpt(where: Span, sources: Mapping[str, str]) -> list[str]:
    """The line and a caret below the stretch; nothing for files that are not text."""
    lines = sources.get(where.file, "").splitlines()
    if not 1 <= where.line <= len(lines):
        return []
    line = lines[where.line - 1]
    start = where.column - 1
    end = where.end_column - 1 if where.end_line == where.line else len(line)
    stretch = line[start : max(end, start + 1)]
    margin = str(where.line)
    indent = width(line[:start])
    below = "^" * max(1, width(stretch.rstrip()) or 1)
    return [f"  {margin} | {line.expandtabs(_TAB)}", f"  {' ' * len(margin)} | {' ' * indent}{below}"]


def width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    columns = 0
    for char in text:
        if char == "\t":
            columns += _TAB - columns % _TAB
        elif unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Me", "Mn"):
            continue
        else:
            columns += 2 if unicodedata.east_asian_width(char) in "FW" else 1
    return columns


def _data(problem: Problem, prefix: str) -> dict[str, object]:
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "where": _place(problem.where, prefix),
        "values": dict(problem.values),
        "suggestion": problem.suggestion,
        "related": [_place(place, prefix) for place in problem.related],
        **{language: asdict(word(problem, language)) for language in ("zh", "en")},
    }


def _place(span: Span, prefix: str) -> dict[str, object]:
    return {
        "file": prefix + span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
