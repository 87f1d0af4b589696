"""Every failure mode that is told of names what shows it, and what it names is there."""

import re
from collections.abc import Iterator
from functools import cache

from tests.house.tree import ROOT

ROW = re.compile(r"^\| (\d+) \| .+ \| (.+) \|$", re.MULTILINE)
NAME = re.compile(r"(scenario |definition )?`([\w/.]+)`")


@cache
def rows() -> list[tuple[int, str]]:
    """The number of each failure mode and what is said to show it."""
    told = (ROOT / "docs/failure-modes.md").read_text(encoding="utf-8")
    return [(int(number), shown) for number, shown in ROW.findall(told)]


def named(shown: str) -> Iterator[tuple[str, str, bool]]:
    """What a row names: kind, what, whether it is there. A name without a file belongs to the file before it."""
    text = ""
    for kind, name in NAME.findall(shown):
        if name.endswith((".py", ".yaml")):
            folder = {"scenario ": "definitions/cabinet/scenarios", "definition ": "tests/definitions/bad"}
            path = ROOT / folder.get(kind, "tests") / name
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
            yield kind or "file", name, bool(text)
        elif name.startswith("test_"):
            yield "test", name, f"\ndef {name}(" in text
        elif "." not in name:
            yield "scenario", name, f"\n  {name}:" in text


def test_all_of_them_are_told() -> None:
    assert [number for number, _ in rows()] == list(range(1, 37))


def test_what_shows_them_is_there() -> None:
    gone = [(number, kind, name) for number, shown in rows() for kind, name, there in named(shown) if not there]
    assert gone == []


def test_each_is_shown_by_something() -> None:
    bare = [number for number, shown in rows() if not [one for one in named(shown) if one[0] != "file"]]
    assert bare == []
