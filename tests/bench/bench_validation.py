"""Documents checked a second against `jsonschema`, in one process, rounds interleaved.

A document of 40 fields with 20 rows of 6 columns, once right and once with five faults. Both sides hold it to the one
schema that the engine makes of the definition. Ours ends with findings, sorted and worded in both languages; of the
faulty document also the errors alone are compared, which is all that the peer makes. Run it with
`python tests/bench/bench_validation.py`.
"""

from __future__ import annotations

import copy
import statistics
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.documents.validation import Validation
from engine.model.documents import Field
from engine.model.formula import DatedSpan, Title
from engine.model.system import CodeEntry, CodeList
from engine.model.types import Kind, Type

BAR = 50.0
WORDED_BAR = 20.0
ROUNDS = 21
OURS, PEERS = 400, 4
KINDS: tuple[tuple[str, str, Kind, object], ...] = (
    ("name", "text", Kind.TEXT, "一段文字"),
    ("count", "integer", Kind.INTEGER, 7),
    ("price", "money", Kind.NUMBER, "12.50"),
    ("day", "date", Kind.DATE, "2026-05-06"),
    ("sort", "code", Kind.CODE, "b"),
    ("moment", "datetime", Kind.DATETIME, "2026-05-06T15:33"),
    ("yes", "boolean", Kind.BOOLEAN, True),
    ("owner", "ref", Kind.REF, "0" * 32),
)
CODES = {"sorts": CodeList("sorts", {}, tuple(CodeEntry(one, {}, DatedSpan()) for one in "abcdef"))}


class Row(NamedTuple):
    """Documents a second of ours and of the peer, the ratio and what it has to reach."""

    name: str
    ours: float
    peer: float
    ratio: float
    bar: float


def field(number: int) -> Field:
    """One of the fields, their types in turn."""
    name, kind, value, _ = KINDS[number % len(KINDS)]
    bounds = {"text": {"maximum": Decimal(50)}, "integer": {"minimum": Decimal(0), "maximum": Decimal(999)}}
    of = "sorts" if kind == "code" else ""
    return Field(f"{name}{number}", Title("项"), kind, Type(value, of=of), **bounds.get(kind, {}))  # type: ignore[arg-type]


def right() -> dict[str, Any]:
    """A document without a fault."""
    values = {f"{KINDS[n % len(KINDS)][0]}{n}": KINDS[n % len(KINDS)][3] for n in range(40)}
    row = {name: value for number, (name, value) in enumerate(values.items()) if number < 6}
    return {**values, "lines": [{"id": f"{n:032x}", **row} for n in range(20)]}


def wrong() -> dict[str, Any]:
    """The same with five faults, the last of them in the last rows."""
    values = copy.deepcopy(right())
    values["name0"], values["day3"], values["sort4"] = 5, "2026-02-30", "z"
    values["lines"][7]["count1"], values["lines"][19]["price2"] = -1, "1,5"
    return values


def validation() -> Validation:
    """The check of all fields."""
    fields = {one.name: one for one in map(field, range(40))}
    columns = {one.name: one for one in map(field, range(6))}
    return Validation.of(
        {**fields, "lines": Field("lines", Title("明细"), "table", Type(Kind.ROWS), fields=columns)}, CODES
    )


def rate(work: Callable[[], object], times: int) -> float:
    """Documents a second."""
    begin = time.perf_counter()
    for _ in range(times):
        work()
    return times / (time.perf_counter() - begin)


Act = Callable[[], object]


def sides(values: dict[str, Any], faults: int) -> tuple[Act, Act, Act]:
    """Our findings, our errors and the peer's, after all agreed on the faults."""
    mine = validation()
    peer = jsonschema.Draft202012Validator(mine.schema, format_checker=jsonschema.FormatChecker())
    raw = mine._validator
    places = {tuple(str(step) for step in error.absolute_path) for error in peer.iter_errors(values)}
    assert {finding.at for finding in mine.findings(values)} == places
    assert {tuple(map(str, error.instance_path)) for error in raw.iter_errors(values)} == places
    assert len(places) == faults
    return lambda: mine.findings(values), lambda: list(raw.iter_errors(values)), lambda: list(peer.iter_errors(values))


def compared(name: str, mine: Act, peer: Act, bar: float) -> Row:
    """Both sides in turn; the ratio is the median of the rounds' ratios."""
    rounds = [(rate(mine, OURS), rate(peer, PEERS)) for _ in range(ROUNDS)]
    ratio = statistics.median(left / right for left, right in rounds)
    left, right = (statistics.median(side) for side in zip(*rounds, strict=True))
    return Row(f"validation, {name}", left, right, ratio, bar)


def run() -> list[Row]:
    """The right document and the one with faults."""
    findings, _, peer = sides(right(), 0)
    worded, errors, slow = sides(wrong(), 5)
    return [
        compared("right", findings, peer, BAR),
        compared("five faults, errors", errors, slow, BAR),
        compared("five faults, worded", worded, slow, WORDED_BAR),
    ]


def test_checks_fifty_times_as_fast() -> None:
    for row in run():
        assert row.ratio >= row.bar, row


if __name__ == "__main__":
    for row in run():
        speeds = f"{row.ours:,.0f}/s against {row.peer:,.0f}/s"
        sys.stdout.write(f"{row.name}: {speeds}, {row.ratio:.0f} x (bar {row.bar:.0f})\n")
