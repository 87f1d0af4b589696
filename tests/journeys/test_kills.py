"""Web, workers and the broker are killed at random instants while messages are asked for, go out and come in: none is
lost, none counts twice. GUIJU_TEST_KILLS says how many instants (6 unless given, one in three of them the broker's, the
others fall on whichever process chance has it), GUIJU_TEST_SEED repeats a run."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from adapters.clock.system import TimeOrderedIds
from adapters.crypto.fields import Sm4FieldCipher
from adapters.crypto.keys import open_key_file
from adapters.database.store import DatabaseStore
from adapters.files.disk import DiskFiles
from adapters.queue_rabbitmq import channel as rabbit
from adapters.queue_rabbitmq.place import Place
from engine.model.records import Effect
from engine.model.traffic import ChannelBinding, Received
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.deliver import Held, deliver_due
from engine.usecases.landed import LandedQuery, landed_count
from engine.usecases.landing import settle, waiting_message
from engine.usecases.listening import Listening
from engine.usecases.runtime import Runtime
from tests.broker import Broker

KILLS = int(os.environ.get("GUIJU_TEST_KILLS", "6"))
SEED = int(os.environ.get("GUIJU_TEST_SEED", str(time.time_ns() % 100_000)))
MESSAGES = 40 * KILLS
BASE = datetime(2026, 5, 6, 9, 0)
QUICKER = 30
"""Seconds of the office in one of ours: leases of dead workers end after one of ours, tries are two minutes apart at
most."""
PATIENCE = 100 + 2 * KILLS


class QuickClock:
    """The same for all processes."""

    def __init__(self, begun: float) -> None:
        self.begun = begun

    def now(self) -> datetime:
        return BASE + timedelta(seconds=(time.time() - self.begun) * QUICKER)


def receive(runtime, channel, content, landed_id) -> Received:
    """Counts each message within the transaction that settles it."""
    received = Received(number=content.decode()[:10])
    with runtime.store.begin() as unit:
        record = waiting_message(unit, landed_id)
        if record is not None:
            unit.next_number(f"counted:{received.number}")
            settle(unit, record, runtime.clock.now(), received)
    return received


def opened(folder: Path, begun: float) -> Office:
    cipher = Sm4FieldCipher(open_key_file(folder / "keys" / "fields.key"))
    store = DatabaseStore(f"sqlite:///{folder / 'kills.db'}", cipher=cipher)
    office = Office(ORDER, store=store, ids=TimeOrderedIds())
    channels = {"out": ChannelBinding(tries=1_000), "in": ChannelBinding("rabbitmq", "in")}
    node = replace(office.runtime.node, channels=channels)
    office.runtime = replace(
        office.runtime, node=node, clock=QuickClock(begun), files=DiskFiles(folder / "files"), receiver=receive
    )
    return office


def work(folder: Path, begun: float, place: Place) -> None:
    """A worker, until somebody kills it."""
    rabbit.LONGEST_PAUSE = 0.5
    office = opened(folder, begun)
    sources = {"in": rabbit.RabbitSource(place)}
    runtime = replace(office.runtime, channels={"out": rabbit.RabbitChannel(place)}, sources=sources)
    listening, held = Listening("in", str(os.getpid())), Held()
    threading.Thread(target=keep, args=(runtime, held), daemon=True).start()
    while True:
        with suppress(Exception):  # as the threads of the composition root do
            deliver_due(runtime, 20, held)
            time.sleep(min(0.1, listening.step(runtime, 0.01)))


def keep(runtime: Runtime, held: Held) -> None:
    """What a live worker has taken stays its own."""
    while True:
        time.sleep(0.2)
        with suppress(Exception):
            held.keep(runtime)


def serve(folder: Path, begun: float, place: Place) -> None:
    """What the web does: each request that asks for a message commits it and is answered. Whoever had no answer asks
    again, with the same key."""
    office, answered = opened(folder, begun), folder / "answered"
    first = len(answered.read_bytes()) if answered.exists() else 0
    with answered.open("ab", buffering=0) as told:
        for number in range(first, MESSAGES):
            with office.store.begin() as unit:
                unit.put_effect(outgoing(number))
            told.write(b".")
            time.sleep(0.002)
    while True:
        time.sleep(1)


def started(act: Callable[[Path, float, Place], None], folder: Path, begun: float, place: Place) -> int:
    child = os.fork()
    if child == 0:
        try:
            act(folder, begun, place)
        except BaseException:  # noqa: BLE001 - whatever it is, the child must not come back
            traceback.print_exc()
        os._exit(1)
    return child


def killed(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def outgoing(number: int) -> Effect:
    body = f"{number:010}" + "x" * (40_000 if number % 50 == 0 else 500)
    payload = {"channel": "out", "mapping": "report", "body": body}
    return Effect(f"{number:032x}", "send", f"message:{number}", BASE, payload=payload, created_at=BASE)


def begins(office: Office) -> None:
    """Wait until messages flow, and for the second in which the broker writes down that a new queue is there: a queue
    that is lost with its first second is no message lost."""
    until = time.monotonic() + PATIENCE
    while not landed_count(office.runtime, LandedQuery(direction="in"), 1):
        assert time.monotonic() < until
        time.sleep(0.05)
    time.sleep(1)


def test_none_is_lost_and_none_counts_twice(broker_alone: Broker, tmp_path: Path) -> None:
    chance, begun = random.Random(SEED), time.time()  # noqa: S311 -- when somebody dies is no secret
    office = opened(tmp_path, begun)
    place = Place("out", broker_alone.url, f"kills{os.getpid()}")
    acts = [work, work, serve]
    alive = [started(act, tmp_path, begun, place) for act in acts]
    try:
        begins(office)
        for instant in range(KILLS):
            time.sleep(chance.uniform(0.05, 0.6))
            if instant % 3 == 2:
                broker_alone.kill()
                broker_alone.start()
            else:
                victim = chance.randrange(len(acts))
                killed(alive[victim])
                alive[victim] = started(acts[victim], tmp_path, begun, place)
        until = time.monotonic() + PATIENCE
        done = LandedQuery(direction="in", states=("processed",)), LandedQuery(direction="out", states=("sent",))
        while any(landed_count(office.runtime, one, MESSAGES + 1) < MESSAGES for one in done):
            assert time.monotonic() < until, f"they do not come to an end; GUIJU_TEST_SEED={SEED}"
            time.sleep(0.1)
    finally:
        for child in alive:
            killed(child)
        broker_alone.wait()
    assert landed_count(office.runtime, LandedQuery(), 3 * MESSAGES) == 2 * MESSAGES
    with office.store.begin() as unit:
        counted = [unit.next_number(f"counted:{number:010}") - 1 for number in range(MESSAGES)]
    assert counted == [1] * MESSAGES, f"GUIJU_TEST_SEED={SEED}"
    dead = rabbit.RabbitSource(Place("dead", place.url, place.dead, declare=False))
    assert list(dead.receive(1, 0.1)) == []
    dead.close()
    office.store.close()
