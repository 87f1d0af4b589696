"""Definitions broken at random are judged, never crashed on: every problem has a place in its file and a wording."""

import random
import re
from collections.abc import Callable

import pytest

from engine.checks import check
from engine.codes import word
from engine.loading import MemoryTree, load
from engine.problems import Problem
from tests.definitions.wrong import office
from tests.manual import GUIDE, Page, tree_of

FLOW = "office/flows/take_key.yaml"

ODD = ("null", "true", "12", "[a, b]", "{a: 1}", "''", "=", "=x", "1 + ", "{x}", "2026-02-30", "any", "new", "itself")


def cut_line(lines: list[str], at: int, chance: random.Random) -> None:
    del lines[at]


def double_line(lines: list[str], at: int, chance: random.Random) -> None:
    lines.insert(at, chance.choice(lines))


def misspell(lines: list[str], at: int, chance: random.Random) -> None:
    found = list(re.finditer(r"\w+", lines[at]))
    if found:
        letter = chance.randrange(*chance.choice(found).span())
        lines[at] = lines[at][:letter] + lines[at][letter + 1 :]


def exchange_sign(lines: list[str], at: int, chance: random.Random) -> None:
    if lines[at]:
        sign = chance.randrange(len(lines[at]))
        lines[at] = lines[at][:sign] + chance.choice("{}[]:,'\"=- #>&*|%0a是\t") + lines[at][sign + 1 :]


def exchange_value(lines: list[str], at: int, chance: random.Random) -> None:
    found = list(re.finditer(r"(?<=: )[^,{}\[\]]+", lines[at]))
    if found:
        value = chance.choice(found)
        lines[at] = lines[at][: value.start()] + chance.choice(ODD) + lines[at][value.end() :]


CHANGES: tuple[Callable[[list[str], int, random.Random], None], ...] = (
    cut_line,
    double_line,
    misspell,
    exchange_sign,
    exchange_value,
)


def broken(chance: random.Random) -> dict[str, str | bytes]:
    """The office with one to three changes."""
    files = dict(office())
    for _ in range(chance.randrange(1, 4)):
        path = chance.choice(sorted(files))
        text = files[path]
        lines = (text.decode() if isinstance(text, bytes) else text).split("\n")
        chance.choice(CHANGES)(lines, chance.randrange(len(lines)), chance)
        files[path] = "\n".join(lines)
    return files


@pytest.mark.parametrize("seed", range(80))
def test_broken_definitions_are_judged(seed: int) -> None:
    loaded = load(MemoryTree(broken(random.Random(seed))))  # noqa: S311 - repeatable, nothing secret
    for problem in check(loaded).problems:
        assert 1 <= problem.where.line <= loaded.sources[problem.where.file].count("\n") + 1
        assert word(problem, "zh").message != ""
        assert not suggests_itself(problem)


@pytest.mark.parametrize("seed", range(20))
def test_broken_flows_are_judged(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable, nothing secret
    files = dict(tree_of(Page(GUIDE / "flows.md")))
    lines = files[FLOW].split("\n")
    for _ in range(chance.randrange(1, 3)):
        chance.choice(CHANGES)(lines, chance.randrange(len(lines)), chance)
    loaded = load(MemoryTree({**files, FLOW: "\n".join(lines)}))
    for problem in check(loaded).problems:
        assert 1 <= problem.where.line <= loaded.sources[problem.where.file].count("\n") + 1
        assert word(problem, "zh").message != ""
        assert not suggests_itself(problem)


def suggests_itself(problem: Problem) -> bool:
    return problem.suggestion != "" and problem.suggestion == problem.values.get("name")
