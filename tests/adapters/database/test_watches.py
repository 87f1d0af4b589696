"""Rules over events with two workers that are killed again and again, on both databases: each firing once."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta

from adapters.clock.system import TimeOrderedIds
from adapters.database.store import DatabaseStore
from engine.testing.office import Office
from engine.usecases.deliver import deliver_due
from engine.usecases.happenings import tell
from engine.usecases.watch_places import forget_places
from engine.usecases.watch_records import HAPPENING, RULE_STATE
from engine.usecases.watch_turns import run_watches
from tests.adapters.database.conftest import Make
from tests.adapters.database.toy_cipher import ToyCipher

BASE = datetime(2026, 5, 6, 9, 0)
QUICKER = 60
"""Seconds of the office in one of ours: what a killed worker had taken comes to others after half a second."""
LOCKS, KILLS, PATIENCE = 30, 10, 30
SHAKEN = "shaken: {title: 强开, on: lock.forced, per: lock, times: 3, within: 1 hour, do: [{create: note, with: "
OPEN = "open: {title: 未关, on: {sent: lock.open_sent, opened: lock.opened}, same: lock, "
LEFT = "then_not: {event: lock.closed, within: 10 s}, do: [{create: note, with: "
FILES = {
    "desk/note/document.yaml": "document: note\ntitle: 记事\nfields:\n  text: {title: 内容, type: text}\n",
    "desk/note/access.yaml": 'access:\n  clerk: {read: "*", create: true}\n',
    "desk/watches.yaml": f"watches:\n  {SHAKEN}{{text: \"=text('f{{}}', lock)\"}}}}]}}\n"
    f"  {OPEN}{LEFT}{{text: \"=text('o{{}}', lock)\"}}}}]}}\n",
}


class QuickClock:
    """The same for all processes."""

    def __init__(self, begun: float) -> None:
        self.begun = begun

    def now(self) -> datetime:
        return BASE + timedelta(seconds=(time.time() - self.begun) * QUICKER)


def opened(store: DatabaseStore, begun: float) -> Office:
    office = Office(FILES, store=store, ids=TimeOrderedIds())
    object.__setattr__(office.runtime, "clock", QuickClock(begun))
    return office


def work(url: str, begun: float) -> None:
    runtime = opened(DatabaseStore(url, cipher=ToyCipher(), connections=2), begun).runtime
    while True:
        with suppress(Exception):  # as the composition root does
            if not run_watches(runtime, most=4) and not deliver_due(runtime, 4):
                time.sleep(0.01)


def started(url: str, begun: float) -> int:
    child = os.fork()
    if child == 0:
        try:
            work(url, begun)
        finally:
            os._exit(1)
    return child


def killed(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def told(office: Office, lock: int) -> None:
    for name in ("lock.forced", "lock.open_sent", "lock.forced", "lock.opened", "lock.forced"):
        tell(office.runtime, name, {"board": "1", "lock": lock})
    if lock % 3 == 0:
        tell(office.runtime, "lock.closed", {"board": "1", "lock": lock})


def test_each_firing_comes_once_whoever_is_killed(make: Make, database_url: str) -> None:
    begun, chance = time.time(), random.Random(4)  # noqa: S311
    office = opened(make(), begun)
    workers = [started(database_url, begun) for _ in range(2)]
    try:
        for lock in range(LOCKS):
            told(office, lock)
            if lock % (LOCKS // KILLS) == 0:
                time.sleep(chance.uniform(0.01, 0.1))
                place = chance.randrange(2)
                killed(workers[place])
                workers[place] = started(database_url, begun)
        wanted = {f"f{lock}" for lock in range(LOCKS)} | {f"o{lock}" for lock in range(LOCKS) if lock % 3}
        until = time.time() + PATIENCE
        while len({row["text"] for row in office.all("note")}) < len(wanted) and time.time() < until:
            time.sleep(0.1)
        time.sleep(0.3)  # for what would come twice
    finally:
        for one in workers:
            killed(one)
    assert Counter(row["text"] for row in office.all("note")) == Counter(wanted)
    assert office.all(HAPPENING) == []
    assert office.store.effects(state="failed") == []
    office.runtime.clock.begun -= 3600
    forget_places(office.runtime)
    assert office.all(RULE_STATE) == []
