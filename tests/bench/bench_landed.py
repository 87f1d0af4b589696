"""The console's questions over ten million landed messages: by time, number, name, state, channel, and together.

The bar is 0.3 seconds a page of 50, wherever it lies. `python tests/bench/bench_landed.py [messages] [sqlite|postgres]`
measures others than the 200,000 of a run of all benches: filling ten million takes a while and some gigabytes.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from adapters.clock.system import TimeOrderedIds
from adapters.database.store import DatabaseStore
from engine.model.records import Record
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.landed import LandedQuery, landed_count, landed_page
from engine.usecases.landing import fresh_message
from tests.adapters.database.toy_cipher import ToyCipher
from tests.bench.bench_million import settle
from tests.bench.claims import databases

BAR = 0.3
STORED = 200_000
ROUNDS = 3
BEGIN = datetime(2026, 1, 1)
KINDS = [f"CEB{number}" for number in range(303, 823, 26)]
RARE = {7: "failed", 11: "quarantined", 13: "unmatched", 17: "blocked"}


class Row(NamedTuple):
    """Seconds of one question."""

    name: str
    seconds: float


def messages(ids: TimeOrderedIds, begin: int, end: int) -> Iterator[Record]:
    """As they land: mostly well, one in ten thousand of each abnormal state."""
    for number in range(begin, end):
        moment = BEGIN + timedelta(seconds=number * 2)
        out = number % 2 == 0
        state = RARE.get(number % 10_000, "sent" if out else "processed")
        values = {
            "direction": "out" if out else "in", "channel": f"line{number % 5}", "key": f"K{number:010}",
            "kind": KINDS[number % len(KINDS)], "number": f"N{number:010}", "state": state, "digest": "d" * 64,
            "size": 900, "body": "", "sent_at": moment if out else None, "document": "order", "record_id": f"r{number}",
        }  # fmt: skip
        yield fresh_message(ids.new(), moment, "engine", values)


def fill(store: DatabaseStore, count: int) -> None:
    ids = TimeOrderedIds()
    for begin in range(0, count, 20_000):
        with store.begin() as unit:
            unit.insert_many(list(messages(ids, begin, min(count, begin + 20_000))))


def questions(count: int) -> dict[str, LandedQuery]:
    middle = BEGIN + timedelta(seconds=count)
    hour = {"since": middle, "until": middle + timedelta(hours=1)}
    return {
        "newest": LandedQuery(),
        "an hour long ago": LandedQuery(**hour),
        "an hour of sending": LandedQuery(by_sending=True, **hour),
        "one number": LandedQuery(number=f"N{count // 3:010}"),
        "the beginning of numbers": LandedQuery(number=f"N{count // 3:010}"[:-2]),
        "no such number": LandedQuery(number="X"),
        "one name": LandedQuery(kind=KINDS[3]),
        "one name, an hour": LandedQuery(kind=KINDS[3], **hour),
        "no such name": LandedQuery(kind="CEB999"),
        "one rare state": LandedQuery(states=("failed",)),
        "all abnormal": LandedQuery(states=tuple(RARE.values())),
        "name and rare state": LandedQuery(kind=KINDS[7], states=("failed",)),
        "name and a state it never has": LandedQuery(kind=KINDS[0], states=("failed",)),
        "one channel, out": LandedQuery(channel="line2", direction="out"),
        "one document": LandedQuery(document="order", record_id=f"r{count // 2}"),
    }


def measure(kind: str, url: str, count: int) -> list[Row]:
    store = DatabaseStore(url, cipher=ToyCipher())
    office = Office(ORDER, store=store, ids=TimeOrderedIds())
    fill(store, count)
    settle(url)
    rows = []
    for name, query in questions(count).items():
        spent = [_spent(lambda: landed_page(office.runtime, query)) for _ in range(ROUNDS)]  # noqa: B023 -- called at once
        rows.append(Row(f"{name}, {kind}", statistics.median(spent)))
    cursor = landed_page(office.runtime, questions(count)["an hour long ago"]).next
    rows.append(
        Row(f"next page far down, {kind}", _spent(lambda: landed_page(office.runtime, LandedQuery(), after=cursor)))
    )
    abnormal = LandedQuery(states=tuple(RARE.values()))
    rows.append(Row(f"how many abnormal, {kind}", _spent(lambda: landed_count(office.runtime, abnormal))))
    store.close()
    return rows


def _spent(ask: object) -> float:
    begin = time.perf_counter()
    ask()  # type: ignore[operator]
    return time.perf_counter() - begin


def run(count: int = STORED, kind: str = "sqlite") -> list[Row]:
    with databases() as urls:
        return measure(kind, urls[kind], count)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_questions_over_landed_messages(kind: str) -> None:
    assert [row for row in run(STORED, kind) if row.seconds > BAR] == []


if __name__ == "__main__":
    given = [*sys.argv[1:], *(str(STORED), "sqlite")[len(sys.argv) - 1 :]]
    for row in run(int(given[0]), given[1]):
        sys.stdout.write(f"{row.name}: {row.seconds * 1000:.1f} ms\n")
