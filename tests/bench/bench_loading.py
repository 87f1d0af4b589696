"""Reading of 500 definition files with the place of every key and value, against PyYAML's C loader without any place.

The files are the examples of the language put together to about 290 lines each, every one different, so that nothing
can be remembered from one to the next. Rounds are interleaved in one process; the smallest time of each side counts.
Run it with `python tests/bench/bench_loading.py`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.loading import DiskTree, load
from engine.loading.source import read

BAR = 1.3
FILES, LINES, ROUNDS = 500, 290, 3
EXAMPLES = Path(__file__).resolve().parents[1] / "data" / "examples"


class Row(NamedTuple):
    """One measurement: seconds of ours and of the peer, the ratio and what it must not pass."""

    name: str
    ours: float
    peer: float
    ratio: float
    bar: float


def texts(count: int = FILES) -> list[str]:
    """Definition files of about 290 lines, no two alike."""
    examples = [path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.rglob("*.yaml"))]
    found: list[str] = []
    lines: list[str] = []
    at = 0
    while len(found) < count:
        lines += [f"part_{at}:", *(f"  {line}" for line in examples[at % len(examples)].splitlines())]
        at += 1
        if len(lines) >= LINES:
            found.append("\n".join(lines) + "\n")
            lines = []
    return found


def seconds(act: Callable[[str], object], found: list[str]) -> float:
    """How long it takes to do it with each text."""
    start = time.perf_counter()
    for text in found:
        act(text)
    return time.perf_counter() - start


def ours(text: str) -> object:
    """Plain data and marks, through the reader that the loader uses."""
    return read("f.yaml", text)


def peer(text: str) -> object:
    """Plain data alone."""
    return yaml.load(text, Loader=yaml.CSafeLoader)


def run(count: int = FILES) -> list[Row]:
    """Measure both sides."""
    found = texts(count)
    times = [(seconds(ours, found), seconds(peer, found)) for _ in range(ROUNDS)]
    mine, theirs = (min(side) for side in zip(*times, strict=True))
    return [Row(f"read {count} files of {LINES} lines, with places", mine, theirs, mine / theirs, BAR)]


def test_reading_with_places_is_no_slower_than_allowed() -> None:
    (row,) = run(60)
    assert row.ratio <= row.bar, row


def test_texts_differ_and_are_read_whole() -> None:
    found = texts(30)
    assert len(set(found)) == len(found)
    source = read("f.yaml", found[0])
    assert not source.problems
    assert source.documents[0].keys() == yaml.load(found[0], Loader=yaml.CSafeLoader).keys()
    assert len(source.marks) > 100


def test_whole_tree_is_built_in_a_moment() -> None:
    start = time.perf_counter()
    load(DiskTree(EXAMPLES))
    assert time.perf_counter() - start < 5


if __name__ == "__main__":
    for row in run():
        print(f"{row.name:50} {row.ours:8.3f} s {row.peer:8.3f} s {row.ratio:6.2f} <= {row.bar}")  # noqa: T201
    sys.exit(pytest.main([__file__, "-q"]))
