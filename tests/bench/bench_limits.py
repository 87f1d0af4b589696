"""What the limit of an offer costs: a whole call with and without one, and a flood that is refused, over SQLite or
PostgreSQL, one caller and many, four at once.

Run it with `python tests/bench/bench_limits.py [--postgres URL]`. A limit of 64 and more may add half of a call, and a
refused call of a flood may not cost a tenth of one. Narrower limits are counted call by call.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from adapters.clock.system import TimeOrderedIds
from adapters.database.store import DatabaseStore
from engine.model.guards import Limit
from engine.testing.office import Office
from engine.usecases.call_limits import may_come
from engine.usecases.offer_views import Asked
from engine.usecases.offers import answer
from tests.adapters.database.toy_cipher import ToyCipher
from tests.web.test_offers import SUBMISSION

CALLS, THREADS, ROUNDS = 200, 4, 6
LIMITS = ("", "limit: {rate: 1000000/s, per: address}", "limit: {rate: 20/s, wait: 600 s, per: address}")
MOST_ADDED, MOST_REFUSED = 0.5, 0.1


class Now:
    """The time as it is."""

    def now(self) -> datetime:
        return datetime.now()  # noqa: DTZ005


def office(url: str, limit: str) -> Office:
    """Submissions by anybody, under a limit or none."""
    told = SUBMISSION["desk/interfaces.yaml"]
    told = told.replace("roles: [clerk]\n    limit: {rate: 5/min, per: caller}", f"public: true\n    {limit}")
    store = DatabaseStore(url, cipher=ToyCipher(), connections=THREADS)
    made = Office({**SUBMISSION, "desk/interfaces.yaml": told}, store=store, ids=TimeOrderedIds())
    object.__setattr__(made.runtime, "clock", Now())
    return made


def rate(act: Callable[[int], object]) -> float:
    """How many of them a second, four at once."""
    begun = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(act, range(CALLS)))
    return CALLS / (time.perf_counter() - begun)


def calls(made: Office, callers: int) -> float:
    """Whole calls."""
    offer = made.runtime.definitions.offers["submit"]

    def call(number: int) -> None:
        body = f'{{"serial": "{time.perf_counter_ns()}"}}'.encode()[:40]
        answer(made.runtime, offer, Asked(body, len(body), address=f"10.0.0.{number % callers}"))

    return rate(call)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def main() -> int:
    """Measure, and say so; 1 where a bar is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--postgres", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.postgres or f"sqlite:///{folder}/"
        free, wide, tight = (
            office(url if options.postgres else f"{url}{number}.db", limit) for number, limit in enumerate(LIMITS)
        )
        rounds = [(calls(free, 50), calls(wide, 50), calls(tight, 50)) for _ in range(ROUNDS)]
        none, many, exact = (max(one[place] for one in rounds) for place in range(3))
        alone = rate(lambda number: may_come(wide.runtime, f"k{number % 50}", Limit(1_000_000, 1.0)))
        shut = office(url if options.postgres else f"{url}shut.db", "limit: {rate: 1/min, per: address}")
        flood = calls(shut, 1)
        added, refused, alone_added = none / many - 1, none / flood, none / exact - 1
        say(
            f"calls/s, best of {ROUNDS}: {none:,.0f} without a limit, {many:,.0f} with one, {exact:,.0f} counted singly"
        )
        say(f"limits counted/s: {alone:,.0f}; calls of a flood answered/s: {flood:,.0f}")
        say(
            f"a limit adds {added:.0%} (at most {MOST_ADDED:.0%}), {alone_added:.0%} where its calls are counted singly"
        )
        say(f"a call of a flood costs {refused:.0%} of one (at most {MOST_REFUSED:.0%})")
        return int(added > MOST_ADDED or refused > MOST_REFUSED)


if __name__ == "__main__":
    raise SystemExit(main())
