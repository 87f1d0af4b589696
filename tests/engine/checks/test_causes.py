"""One cause is told once: what is unknown in many places, at the first of them; what follows from it, not at all."""

import pytest

from engine.checks import check
from engine.codes.report import render
from engine.loading import MemoryTree, load
from engine.problems import Problem
from tests.definitions.wrong import office

SYSTEM, MACHINE, ORDER = "desk/system.yaml", "desk/order/machine.yaml", "desk/order/document.yaml"


def changed(file: str, old: str, new: str) -> tuple[Problem, ...]:
    """What is wrong with the office where one file says something else."""
    files = dict(office())
    text = files[file]
    said = text.decode() if isinstance(text, bytes) else text
    assert old in said
    return check(load(MemoryTree({**files, file: said.replace(old, new)}))).problems


def told(problems: tuple[Problem, ...]) -> list[str]:
    return [f"{one.where.file}:{one.where.line} {one.code} {one.suggestion}".strip() for one in problems]


def test_role_that_is_misspelt_where_it_is_declared_is_told_there_alone() -> None:
    problems = changed(SYSTEM, "clerk:", "clrk:")
    assert told(problems) == [f"{SYSTEM}:6 REF023 clerk"]
    assert len(problems[0].related) == int(problems[0].values["count"]) > 3


def test_role_that_is_taken_away_is_told_where_it_is_first_used_with_the_other_places() -> None:
    problems = changed(SYSTEM, "  clerk:  {title: 经办}\n", "")
    assert [one.code for one in problems] == ["REF006"]
    assert len(problems[0].related) > 5
    said = render(problems, {}, language="en")
    assert said.count("  see ") == 5
    assert f"and {len(problems[0].related) - 5} more" in said


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (ORDER, "fields:\n  org", "feilds:\n  org", [f"{ORDER}:5 SHP001 fields"]),
        (SYSTEM, "roles:", "rols:", [f"{SYSTEM}:5 SHP001 roles"]),
        (MACHINE, "events:", "evnts:", [f"{MACHINE}:9 SHP001 events"]),
        (
            ORDER,
            "placed_on: {title: 日期, type: date",
            "placed_on: {title: 日期, type: dat",
            [f"{ORDER}:10 SHP012 date"],
        ),
        (MACHINE, "to: draft", "to: drft", [f"{MACHINE}:10 REF005 draft"]),
        (
            MACHINE,
            "submit:  {title: 提交, from: draft",
            "submit:  {title: 提交, from: drat",
            [f"{MACHINE}:11 REF005 draft"],
        ),
    ],
)
def test_what_is_misspelt_is_told_and_read_as_what_is_meant(file: str, old: str, new: str, expected: list[str]) -> None:
    assert told(changed(file, old, new)) == expected


READ = sorted(file for file in office() if file.endswith((".yaml", ".csv")))


@pytest.mark.parametrize("file", READ)
def test_a_file_that_cannot_be_read_is_all_that_is_told(file: str) -> None:
    unread = "a: [\n" if file.endswith(".yaml") else b"\xff\xfe"
    problems = check(load(MemoryTree({**office(), file: unread}))).problems
    assert [(one.where.file, one.code[:3]) for one in problems] == [(file, "SYN")]


def test_what_uses_a_part_or_document_type_that_cannot_be_read_is_not_blamed() -> None:
    note = "document: note\ntitle: 便条\nuse: [p]\nsearch: [b]\nfields: {a: {title: A, type: ref, to: thing}}\n"
    unread = {"desk/parts/p/document.yaml": "a: [\n", "desk/thing/document.yaml": "a: [\n"}
    problems = check(load(MemoryTree({**office(), **unread, "desk/note/document.yaml": note}))).problems
    assert [one.where.file for one in problems] == sorted(unread)


def test_field_that_is_misspelt_where_it_is_declared_is_told_there_alone() -> None:
    assert told(changed(ORDER, "  customer:  {", "  custmer:  {")) == [f"{ORDER}:7 REF023 customer"]


def test_faults_that_have_nothing_to_do_with_each_other_are_told_together() -> None:
    files = dict(office())
    machine = files[MACHINE]
    assert isinstance(machine, bytes)
    wrong = machine.decode().replace("to: draft", "to: drft").replace("by: timer", "by: tmer")
    found = check(load(MemoryTree({**files, MACHINE: wrong}))).problems
    assert [(one.code, one.suggestion) for one in found] == [("REF005", "draft"), ("REF006", "timer")]
