"""Publishing to RabbitMQ with confirmations: ours, a pipelined loop of pika by hand, and one message after the other.

Persistent messages of 1 KB and 100 KB on one quorum queue of a broker of the bench's own, taking turns. Ours must reach
0.6 of the loop by hand and 4 times the waiting one. What the whole way costs, outbox, landing and broker and back, is
told beside it. `python tests/bench/bench_channels.py`.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pika

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from adapters.clock.system import TimeOrderedIds
from adapters.database.store import DatabaseStore
from adapters.queue_rabbitmq.channel import RabbitChannel, RabbitSource
from adapters.queue_rabbitmq.place import Place
from engine.model.records import Effect
from engine.model.traffic import ChannelBinding, Outgoing
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.deliver import deliver_due
from engine.usecases.listening import Listening
from tests.adapters.database.toy_cipher import ToyCipher
from tests.broker import begin_broker

ROUNDS = 5
OF_THE_LOOP, OF_EACH = 0.6, 4.0
SIZES = {"1 KB": (1_024, 3_000, 300), "100 KB": (102_400, 300, 60)}
IN_FLIGHT = 200
RELAYED = 1_000


class Row(NamedTuple):
    """Messages a second: ours, the loop by hand, a confirmation each."""

    name: str
    ours: float
    loop: float
    each: float

    @property
    def well(self) -> bool:
        return self.ours >= OF_THE_LOOP * self.loop and self.ours >= OF_EACH * self.each


@contextmanager
def places() -> Iterator[Place]:
    with tempfile.TemporaryDirectory() as folder:
        broker = begin_broker(Path(folder) / "broker", os.getpid())
        broker.wait()
        try:
            yield Place("out", broker.url, "bench")
        finally:
            broker.close()


class ByHand:
    """The least that pipelines: a connection in one loop, so many messages in flight."""

    def __init__(self, place: Place) -> None:
        self._place, self._left, self._sent, self._done = place, 0, 0, 0
        self._body = b""
        self._connection = pika.SelectConnection(
            pika.URLParameters(place.url),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._opened),
            on_close_callback=lambda connection, _: connection.ioloop.stop(),
        )
        self._connection.ioloop.start()

    def _opened(self, channel: Any) -> None:
        self._channel = channel
        channel.confirm_delivery(self._confirmed, callback=lambda _: self._connection.ioloop.stop())

    def publish(self, body: bytes, count: int) -> None:
        self._body, self._left, self._sent, self._done = body, count, 0, self._number_before()
        self._wanted = self._done + count
        self._pump()
        self._connection.ioloop.start()

    def _number_before(self) -> int:
        return getattr(self, "_acknowledged", 0)

    def _pump(self) -> None:
        while self._sent < self._left and self._done + self._sent - self._number_before() < IN_FLIGHT:
            properties = pika.BasicProperties(delivery_mode=2, message_id=str(self._sent))
            self._channel.basic_publish("", self._place.queue, self._body, properties)
            self._sent += 1

    def _confirmed(self, frame: Any) -> None:
        self._acknowledged = frame.method.delivery_tag
        if self._acknowledged >= self._wanted:
            self._connection.ioloop.stop()
        else:
            self._pump()

    def close(self) -> None:
        self._connection.close()
        self._connection.ioloop.start()
        self._connection.ioloop.close()


def each_confirmed(place: Place) -> tuple[Callable[[bytes, int], None], Callable[[], None]]:
    connection = pika.BlockingConnection(pika.URLParameters(place.url))
    channel = connection.channel()
    channel.confirm_delivery()
    properties = pika.BasicProperties(delivery_mode=2)

    def publish(body: bytes, count: int) -> None:
        for _ in range(count):
            channel.basic_publish("", place.queue, body, properties)

    return publish, connection.close


def rate(act: Callable[[], object], count: int) -> float:
    begun = time.perf_counter()
    act()
    return count / (time.perf_counter() - begun)


def emptied(place: Place) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(place.url))
    connection.channel().queue_purge(place.queue)
    connection.close()


def measure(place: Place) -> list[Row]:
    channel = RabbitChannel(place)
    channel.send(b"", key="first", kind="", headers={})  # the queue stands
    hand, (publish, close) = ByHand(place), each_confirmed(place)
    rows = []
    for name, (size, count, few) in SIZES.items():
        body = os.urandom(size)
        messages = [Outgoing(body, f"message-{number}", "report", {"id": str(number)}) for number in range(count)]
        found: list[tuple[float, float, float]] = []
        for _ in range(ROUNDS):
            ours = rate(lambda: channel.send_many(messages), count)  # noqa: B023 -- called at once
            loop = rate(lambda: hand.publish(body, count), count)  # noqa: B023
            found.append((ours, loop, rate(lambda: publish(body, few), few)))  # noqa: B023
            emptied(place)
        rows.append(Row(name, *(statistics.median(column) for column in zip(*found, strict=True))))
    hand.close()
    close()
    channel.close()
    return rows


def relayed(place: Place, folder: Path) -> tuple[float, float]:
    """Messages a second from the outbox to the broker with landing, and from the broker to a landed message."""
    store = DatabaseStore(f"sqlite:///{folder / 'bench.db'}", cipher=ToyCipher())
    office = Office(ORDER, store=store, ids=TimeOrderedIds())
    node = replace(office.runtime.node, channels={"out": ChannelBinding(), "in": ChannelBinding("rabbitmq", "in")})
    source, channel = RabbitSource(place), RabbitChannel(place)
    runtime = replace(office.runtime, node=node, channels={"out": channel}, sources={"in": source})
    now = office.clock.now()
    with store.begin() as unit:
        for number in range(RELAYED):
            payload = {"channel": "out", "mapping": "report", "body": f"{number:010}" * 100}
            unit.put_effect(Effect(f"{number:032x}", "send", f"m{number}", now, payload=payload, created_at=now))
    out = rate(lambda: [None for _ in iter(lambda: deliver_due(runtime, 100), 0)], RELAYED)
    listening = Listening("in", "bench")
    begun = time.perf_counter()
    while len(store.effects(state="waiting", limit=RELAYED)) < RELAYED:
        listening.step(runtime, 0.2)
    back = RELAYED / (time.perf_counter() - begun)
    listening.close()
    channel.close()
    store.close()
    return out, back


def report() -> list[Row]:
    with places() as place, tempfile.TemporaryDirectory() as folder:
        rows = measure(place)
        out, back = relayed(place, Path(folder))
    told = [f"pika {pika.__version__}, messages/s, median of {ROUNDS}", f"{'':8}{'ours':>8}{'by hand':>9}{'each':>8}"]
    for row in rows:
        ratios = f"{row.ours / row.loop:6.2f} of by hand, {row.ours / row.each:5.1f} times each"
        told.append(f"{row.name:8}{row.ours:8.0f}{row.loop:9.0f}{row.each:8.0f}  {ratios}")
    told.append(f"outbox to broker, landed: {out:.0f}/s; broker to landing: {back:.0f}/s (1 KB, SQLite)")
    sys.stdout.write("\n".join(told) + "\n")
    return rows


def test_publishing_keeps_up() -> None:
    assert [row for row in report() if not row.well] == []


if __name__ == "__main__":
    sys.exit(0 if all(row.well for row in report()) else 1)
