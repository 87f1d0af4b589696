"""Messages over RabbitMQ: the ports `Channel` and `Pipeline` to publish, `Source` to consume.

In: a place and messages. Out: what the broker has, or why not; deliveries. A message is on a majority of the broker's
nodes when it counts as sent. The broker keeps no keys: what is sent again after a crash is recognised by its message id
where it comes in. After a failure the line is not opened again before a pause that grows to half a minute.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import Lock

from adapters.queue_rabbitmq.amqp import Consuming, LineLost, Probing, Publishing
from adapters.queue_rabbitmq.place import Place
from engine.model.traffic import Arrived, Outgoing
from engine.ports.watching import Probed
from engine.problems import DeliveryError, Incident

CONFIRM_SECONDS = 30.0
LONGEST_PAUSE = 30.0


class Pause:
    """How long a broker that failed is left alone: twice as long each time."""

    def __init__(self) -> None:
        self._length, self._until, self._why = 0.5, 0.0, ""

    def check(self, peer: str) -> None:
        """Raises DeliveryError while it lasts."""
        if time.monotonic() < self._until:
            raise DeliveryError(Incident(peer, self._why))

    def failed(self, why: str) -> None:
        """Begin one."""
        self._why, self._until = why, time.monotonic() + self._length
        self._length = min(LONGEST_PAUSE, self._length * 2)

    def went_well(self) -> None:
        """Be quick again next time."""
        self._length = 0.5


class RabbitChannel:
    """Publishes with confirmations, many in the air at once. May be used by several threads; they take turns."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._lock, self._pause = Lock(), Pause()
        self._line: Publishing | None = None

    def probe(self) -> Probed:
        """See `look`."""
        return look(self._place)

    def send(self, body: bytes, *, key: str, kind: str, headers: Mapping[str, str]) -> None:
        """Publish one message and wait for its confirmation. Raises DeliveryError."""
        (incident,) = self.send_many([Outgoing(body, key, kind, headers)])
        if incident is not None:
            raise DeliveryError(incident)

    def send_many(self, messages: Sequence[Outgoing]) -> Sequence[Incident | None]:
        """Publish all, in order; see `engine.ports.Pipeline`."""
        with self._lock:
            try:
                line = self._opened()
            except DeliveryError as failed:
                return [failed.incident] * len(messages)
            flight = line.carry(messages, CONFIRM_SECONDS)
            if line.fault:
                self._pause.failed(line.fault)
            return flight.outcomes

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            if self._line is not None:
                self._line.close()
                self._line = None

    def _opened(self) -> Publishing:
        if self._line is not None and self._line.is_open:
            return self._line
        self._pause.check(self._place.name)
        try:
            self._line = Publishing(self._place)
        except ValueError as fault:
            raise DeliveryError(Incident(self._place.name, str(fault), retry=False)) from None
        if not self._line.wait():
            self._pause.failed(self._line.fault)
            raise DeliveryError(Incident(self._place.name, self._line.fault))
        self._pause.went_well()
        return self._line


def look(place: Place) -> Probed:
    """Whether the broker lets us in, the queue stands, and a probe goes through a queue of its own and back: nobody
    else sees it. An account that may make no such queue is told so. Raises DeliveryError."""
    line = Probing(place)
    try:
        went = line.wait()
        fault = line.fault
    finally:
        line.close()
    if not went and not (line.is_let_in and "ACCESS_REFUSED" in fault):
        raise DeliveryError(Incident(place.name, fault))
    return Probed(place.queue, line.waiting, probed=went)


class RabbitSource:
    """Consumes; several of one queue share what is there. A tag is good for the line that gave it alone."""

    def __init__(self, place: Place) -> None:
        self._place, self._pause = place, Pause()
        self._line: Consuming | None = None
        self._lines = 0

    def probe(self) -> Probed:
        """See `look`."""
        return look(self._place)

    def receive(self, limit: int, wait: float) -> Sequence[Arrived]:
        """Deliveries, oldest first; see `engine.ports.Source`."""
        try:
            line = self._opened()
            found = line.receive(limit, wait)
        except LineLost as fault:
            raise self._broken(fault) from None
        return [replace(one, tag=f"{self._lines}:{one.tag}") for one in found]

    def accept(self, tags: Sequence[str]) -> None:
        """Have done with deliveries. Raises DeliveryError where their line is gone: they come again."""
        line, numbers = self._line_of(tags)
        try:
            line.accept(numbers)
        except LineLost as fault:
            raise self._broken(fault) from None

    def refuse(self, tag: str, *, again: bool) -> None:
        """Give one back, or to the dead letters. Raises DeliveryError as `accept` does."""
        line, (number,) = self._line_of([tag])
        try:
            line.refuse(number, again=again)
        except LineLost as fault:
            raise self._broken(fault) from None

    def close(self) -> None:
        """Give the connection back, and with it what was not accepted."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _opened(self) -> Consuming:
        if self._line is None:
            self._pause.check(self._place.name)
            try:
                line = Consuming(self._place)
            except ValueError as fault:
                raise DeliveryError(Incident(self._place.name, str(fault), retry=False)) from None
            self._line = line
            self._lines += 1
            if not line.wait():
                raise LineLost(line.fault)
            self._pause.went_well()
        return self._line

    def _line_of(self, tags: Sequence[str]) -> tuple[Consuming, list[int]]:
        parts = [tag.partition(":") for tag in tags]
        if self._line is None or any(line != str(self._lines) for line, _, _ in parts):
            raise DeliveryError(Incident(self._place.name, "the connection was lost; they come again"))
        return self._line, [int(number) for _, _, number in parts]

    def _broken(self, fault: LineLost) -> DeliveryError:
        why = str(fault)
        self._pause.failed(why)
        self.close()
        return DeliveryError(Incident(self._place.name, why))
