"""Events through 20 rules against the same 20 written by hand, in one run, rounds interleaved; then through a database.

Run it with `python tests/bench/bench_watches.py [--postgres URL]`. By hand are dictionaries and lists that know each
rule: no lateness, no duplicates, no restart. In memory a fiftieth of that is the bar; taken out of SQLite,
600 events a second. Each event is heard by six of the rules.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from adapters.clock.system import TimeOrderedIds
from adapters.database.store import DatabaseStore
from engine.model.event_rules import Absent, EventRule
from engine.model.formula import Formula, Title
from engine.testing.office import Office
from engine.usecases.acting import ENGINE, Performer
from engine.usecases.happenings import tell_in
from engine.usecases.watch_turns import run_watches
from engine.usecases.work import Work
from engine.watches.advance import advance, fall_due
from engine.watches.listening import listeners
from engine.watches.place import EMPTY, Limits, Place, Seen
from tests.adapters.database.toy_cipher import ToyCipher

EVENTS, STORED, KEYS, ROUNDS = 20_000, 2_000, 200, 5
BAR, STORED_BAR = 0.02, 600
BEGIN, MINUTE = datetime(2026, 5, 6, 9), timedelta(minutes=1)
NAMES = ("lock.opened", "lock.closed", "lock.forced", "lock.open_sent", "lock.left_open")
Told = tuple[str, int, datetime, str]


def rules() -> list[EventRule]:
    """Five of each kind: a window, a join, a row, an absence."""
    title, length = Title("规则"), Formula("1 minute")
    found = []
    for number, name in enumerate(NAMES):
        other = NAMES[(number + 1) % len(NAMES)]
        found += [
            EventRule(f"window{number}", title, "", {"": name}, per=("lock",), times=4, within=length),
            EventRule(f"join{number}", title, "", {"x": name, "y": other}, per=("lock",), within=length),
            EventRule(f"row{number}", title, "", {"": name}, per=("lock",), in_a_row=3),
            EventRule(f"absence{number}", title, "", {"": name}, per=("lock",), then_not=Absent(other, length)),
        ]
    return found


def events(count: int) -> list[Told]:
    """Events of 200 locks, some milliseconds apart."""
    chance = random.Random(7)  # noqa: S311
    at, found = BEGIN, []
    for number in range(count):
        at += timedelta(milliseconds=chance.randrange(1, 400))
        found.append((chance.choice(NAMES), chance.randrange(KEYS), at, f"{number:08}"))
    return found


def by_engine(told: list[Told]) -> int:
    """Firings as the engine finds them."""
    heard, places, fired = listeners(rules()), dict[tuple[str, int], Place](), 0
    bounds = {rule.id: Limits(None if rule.in_a_row else MINUTE, MINUTE) for rule in rules()}
    for name, lock, at, number in told:
        seen = Seen(at, number)
        for rule in heard[name]:
            key = rule.id, lock
            good = bool(lock % 3)
            place, matches = advance(rule, places.get(key, EMPTY), name, seen, bounds[rule.id], lambda _, ok=good: ok)
            places[key], fired = place, fired + len(matches)
    return fired + sum(len(fall_due(place, told[-1][2])[1]) for place in places.values())


def by_hand(told: list[Told]) -> int:
    """The same, written for these rules."""
    windows, rows = defaultdict[tuple[str, int], deque[datetime]](deque), defaultdict[tuple[str, int], int](int)
    begun, waiting = dict[tuple[str, int], datetime](), defaultdict[tuple[str, int], list[datetime]](list)
    before, fired, last = {b: a for a, b in zip(NAMES, NAMES[1:] + NAMES[:1], strict=True)}, 0, told[-1][2]
    for name, lock, at, _ in told:
        good, key, cause = lock % 3 > 0, (name, lock), (before[name], lock)
        left = waiting[cause]
        fired += sum(at - one > MINUTE for one in left)
        waiting[cause] = []
        if cause in begun and at - begun[cause] <= MINUTE and good:
            del begun[cause]
            fired += 1
        begun[key] = at
        if not good:
            rows[key] = 0
            continue
        waiting[key].append(at)
        rows[key] = (rows[key] + 1) % 3
        fired += rows[key] == 0
        window = windows[key]
        window.append(at)
        while at - window[0] > MINUTE:
            window.popleft()
        if len(window) == 4:
            fired += 1
            window.clear()
    return fired + sum(last - one >= MINUTE for left in waiting.values() for one in left)


def through(url: str) -> float:
    """Events a second, told, taken and stored."""
    lines = [
        f"  w{n}: {{title: 规则, on: {name}, per: lock, times: 4, within: 1 minute, do: []}}\n"
        f"  j{n}: {{title: 规则, on: {{x: {name}, y: {NAMES[n - 1]}}}, same: lock, within: 1 minute, do: []}}\n"
        f"  r{n}: {{title: 规则, on: {name}, per: lock, when: lock > 60, in_a_row: 3, do: []}}\n"
        f"  a{n}: {{title: 规则, on: {name}, per: lock, "
        f"then_not: {{event: {NAMES[n - 1]}, within: 1 minute}}, do: []}}\n"
        for n, name in enumerate(NAMES)
    ]
    files = {"desk/watches.yaml": "watches:\n" + "".join(lines)}
    store = DatabaseStore(url, cipher=ToyCipher(), connections=2)
    office = Office(files, store=store, ids=TimeOrderedIds())
    told = events(STORED)
    with store.begin() as unit:
        work = Work(office.runtime, unit, ENGINE, Performer())
        for name, lock, at, _ in told:
            work.now = at
            tell_in(work, name, {"lock": lock, "board": "1"})
    office.clock.at = told[-1][2]
    begun = time.perf_counter()
    while run_watches(office.runtime):
        pass
    return STORED / (time.perf_counter() - begun)


def rate(act: Callable[[list[Told]], int], told: list[Told]) -> float:
    begun = time.process_time()
    act(told)
    return len(told) / (time.process_time() - begun)


def main() -> int:
    """Print what was measured; 1 where a bar was not reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", metavar="URL")
    options, told = parser.parse_args(), events(EVENTS)
    pairs = [(rate(by_engine, told), rate(by_hand, told)) for _ in range(ROUNDS)]
    ours, peer = (statistics.median(column) for column in zip(*pairs, strict=True))
    sys.stdout.write(
        f"in memory, 20 rules     {ours:>10,.0f}/s  by hand {peer:>10,.0f}/s  {ours / peer:.2f} (bar {BAR})\n"
    )
    sys.stdout.write(f"firings                 {by_engine(told):>10,}    by hand {by_hand(told):>10,}\n")
    with tempfile.TemporaryDirectory() as folder:
        found = {"SQLite": through(f"sqlite:///{folder}/watches.db")}
    if options.postgres:
        found["PostgreSQL"] = through(options.postgres)
    for name, reached in found.items():
        sys.stdout.write(f"taken out of {name:<10} {reached:>8,.0f}/s  (bar {STORED_BAR})\n")
    return 0 if ours / peer >= BAR and min(found.values()) >= STORED_BAR else 1


if __name__ == "__main__":
    sys.exit(main())
