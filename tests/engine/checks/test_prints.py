"""Prints of the definitions as written, and what is found when they are changed."""

from pathlib import Path

import pytest

from engine.checks.catalog import Shared
from engine.checks.prints import check_prints
from engine.checks.subject import Subject
from engine.loading import DiskTree, MemoryTree, load
from engine.problems import Problem

ROOT = Path(__file__).parents[3] / "definitions"
FILES: dict[str, str | bytes] = {
    "office/system.yaml": "system: office\ntitle: 办公\n",
    "office/note/document.yaml": (
        "document: note\ntitle: 便条\nfields:\n  subject: {title: 主题, type: text, max: 40}\n"
        "  answers: {title: 回复, type: ref, to: note, back: answered}\n"
        "  lines: {title: 行, type: table, fields: {text: {title: 字, type: text, max: 9}}}\n"
    ),
    "office/note/prints/slip.yaml": (
        "print: slip\ntitle: 条\ndocument: note\ntemplate: slip.html\nanchors: {sign: 签名}\n"
    ),
    "office/note/prints/slip.html": (
        "{{ number }}{{ subject }}{{ answers.subject }}{% for l in lines %}{% include 'line.html' %}{% endfor %}"
        "<i data-anchor='sign'></i>"
    ),
    "office/note/prints/line.html": "{{ l.text }}",
}


def found(files: dict[str, str | bytes]) -> list[Problem]:
    return problems(MemoryTree(files))


def problems(tree: MemoryTree | DiskTree) -> list[Problem]:
    loaded = load(tree)
    assert not loaded.problems
    shared = Shared(loaded.definitions)
    return list(check_prints(Subject(loaded.definitions, loaded.places, loaded.names, shared, loaded.sources, {})))


def test_prints_of_the_definitions_are_sound() -> None:
    assert problems(DiskTree(ROOT)) == []


def test_print_of_a_small_document_is_sound() -> None:
    assert found(FILES) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "nearest"),
    [
        ("slip.html", "{{ subject }}", "{{ subjct }}", "slip.html:1:16", "subject"),
        ("slip.html", "answers.subject", "answers.subjec", "slip.html:1:37", "subject"),
        ("slip.html", "answers.subject", "answered", "slip.html:1:29", "answers"),
        ("line.html", "l.text", "l.txt", "line.html:1:6", "text"),
        ("slip.yaml", "sign:", "sigh:", "slip.yaml:5:11", "sign"),
    ],
)
def test_wrong_name_is_found_where_it_stands(file: str, old: str, new: str, place: str, nearest: str) -> None:
    path = f"office/note/prints/{file}"
    changed = {**FILES, path: str(FILES[path]).replace(old, new)}
    first = found(changed)[-1] if file == "slip.yaml" else found(changed)[0]
    assert (str(first.where), first.suggestion) == (f"office/note/prints/{place}", nearest)
