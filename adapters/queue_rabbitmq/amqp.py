"""The lines to a RabbitMQ broker: one that publishes, one that consumes. The one module that knows pika.

In: a place, messages. Out: confirmations by way of `Flight`, deliveries as `Arrived`. A line lives in a thread of its
own that answers heartbeats and confirms while nobody sends; it begins at first use, so it never crosses into a forked
process. Whoever waits for it waits for a time: a broker may hold a connection and answer nothing. Nothing here tries
again: who asks again after a failure gets a new line. Long because one module alone may know the library.
"""

from __future__ import annotations

import logging
import os
import struct
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from threading import Condition, Event, Thread
from typing import Any

import pika

from adapters.queue_rabbitmq.flight import Flight
from adapters.queue_rabbitmq.place import Place
from engine.model.traffic import Arrived, Outgoing

HEARTBEAT = 30
CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 5.0
LONG_KEY = "guiju-key"
"""Header of a key that AMQP has no room for where keys stand."""
_SHORT = 255
_PERSISTENT = 2
logging.getLogger("pika").setLevel(logging.CRITICAL)  # what went wrong is told once, as an incident


def parameters(place: Place) -> pika.URLParameters:
    """How to reach the broker. Raises ValueError for an address that is none; its text is not shown."""
    try:
        found = pika.URLParameters(place.url)
    except Exception:  # noqa: BLE001 - whatever it is: the message would quote the password
        raise ValueError(f"{place.name}: the address of the broker cannot be read") from None
    found.heartbeat = HEARTBEAT
    found.blocked_connection_timeout = CONNECT_SECONDS
    found.connection_attempts = 1
    found.socket_timeout = found.stack_timeout = CONNECT_SECONDS
    return found


def said(fault: object) -> str:
    """What a fault says, in a few words and without addresses: the innermost of those that pika puts around it."""
    if isinstance(fault, OSError):
        return fault.strerror or type(fault).__name__
    around = getattr(fault, "exceptions", ()) or (getattr(fault, "exception", None), *getattr(fault, "args", ()))
    within = [one for one in around if isinstance(one, BaseException)]
    if within:
        return said(within[-1])
    reason = getattr(fault, "reply_text", "") or next(iter(getattr(fault, "args", ())), "")
    return f"{type(fault).__name__} {reason}"[:300].strip()


def properties_of(message: Outgoing) -> pika.BasicProperties:
    """A message's head as AMQP carries it."""
    headers: dict[str, Any] = dict(message.headers)
    key = message.key
    if len(key.encode()) > _SHORT:
        headers[LONG_KEY] = key
        key = sha256(key.encode()).hexdigest()
    priority = message.headers.get("priority", "")
    return pika.BasicProperties(
        message_id=key,
        type=message.kind.encode()[:_SHORT].decode(errors="ignore"),
        headers=headers,
        delivery_mode=_PERSISTENT,
        priority=int(priority) if priority.isdecimal() else None,
    )


class _Head(pika.BasicProperties):  # type: ignore[misc]
    """The head of a delivery. One that cannot be decoded is empty: left to itself the library ends the connection, and
    the same message would come again on the next one, for ever."""

    unreadable = ""

    def decode(self, encoded: bytes, offset: int = 0) -> pika.BasicProperties:
        try:
            return super().decode(encoded, offset)
        except Exception as fault:  # noqa: BLE001 - whatever somebody has written there
            self.__init__()  # type: ignore[misc]
            self.unreadable = f"its head cannot be read: {type(fault).__name__}"
            return self


pika.spec.props[pika.BasicProperties.INDEX] = _Head


def arrived_of(tag: str, redelivered: bool, properties: pika.BasicProperties, body: bytes) -> Arrived:
    """A delivery as the engine knows it; the head may be anybody's."""
    raw = properties.headers if isinstance(properties.headers, Mapping) else {}
    headers = {_text(name): _text(value) for name, value in raw.items()}
    key = headers.pop(LONG_KEY, "") or _text(properties.message_id or "")
    why = getattr(properties, "unreadable", "")
    return Arrived(bytes(body), key, _text(properties.type or ""), headers, tag, redelivered, why)


def _text(value: object) -> str:
    """A value as text; one that is no UTF-8 was written by a system of GB 18030."""
    return value.decode("gb18030", "backslashreplace") if isinstance(value, bytes) else str(value)


class LineLost(Exception):
    """The connection is gone, or the broker does not answer on it."""


class Line(ABC):
    """A connection in a thread of its own. `fault` says why it ended, empty while it stands."""

    def __init__(self, place: Place) -> None:
        self.place, self.fault = place, ""
        self.process = os.getpid()
        self._how = parameters(place)
        self._begun = Event()
        self._channel: Any = None
        self._connection: Any = None
        self._thread = Thread(target=self._run, name=f"{type(self).__name__} {place.name}", daemon=True)
        self._thread.start()

    @property
    def is_open(self) -> bool:
        """Whether it stands, in this process."""
        return self._begun.is_set() and not self.fault and self.process == os.getpid()

    def wait(self) -> bool:
        """Wait until it stands or has failed; whether it stands."""
        if not self._begun.wait(2 * CONNECT_SECONDS):
            self._end("no answer")
        return not self.fault

    def close(self) -> None:
        """Give the connection back."""
        self._end("closed")
        if self.process == os.getpid():
            self._thread.join(2 * CLOSE_SECONDS)

    def _end(self, why: str) -> None:
        self.fault = self.fault or why
        self._call(lambda: self._broken(why))

    def _call(self, act: Callable[[], None]) -> None:
        """Let the thread do something, unless it has ended."""
        if self._connection is not None and self.process == os.getpid() and self._thread.is_alive():
            self._connection.ioloop.add_callback_threadsafe(act)

    # --- in the thread of the line ---------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._connection = pika.SelectConnection(
                self._how,
                on_open_callback=lambda _: self._connection.channel(on_open_callback=self._opened),
                on_open_error_callback=lambda _, fault: self._broken(said(fault)),
                on_close_callback=lambda _, fault: self._broken(said(fault)),
            )
            self._connection.ioloop.start()
        except Exception as fault:  # noqa: BLE001 - the thread ends either way; whoever waits is told
            self._broken(said(fault))
        finally:
            if self._connection is not None:
                self._connection.ioloop.close()

    def _opened(self, channel: Any) -> None:
        self._channel = channel
        channel.add_on_close_callback(lambda _, fault: self._broken(said(fault)))
        self._steps(_declaring(self.place))

    def _steps(self, steps: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        if not steps:
            self._prepare()
            return
        (verb, given), *rest = steps
        getattr(self._channel, verb)(**given, callback=lambda _: self._steps(rest))

    @abstractmethod
    def _prepare(self) -> None:
        """What comes after the queue stands; ends with `_begun`."""

    def _broken(self, why: str) -> None:
        self.fault = self.fault or why or "closed"
        self._begun.set()
        self._told()
        if self._connection is None or self._connection.is_closed:
            if self._connection is not None:
                self._connection.ioloop.stop()
        elif not self._connection.is_closing:
            self._connection.ioloop.call_later(CLOSE_SECONDS, self._connection.ioloop.stop)
            self._connection.close()

    @abstractmethod
    def _told(self) -> None:
        """Wake whoever waits."""


class Publishing(Line):
    """A line that publishes with confirmations; at most one flight at a time."""

    def __init__(self, place: Place) -> None:
        self._landed = Event()
        self._flight: Flight | None = None
        self._number = 1
        super().__init__(place)

    def carry(self, messages: Sequence[Outgoing], seconds: float) -> Flight:
        """Publish a batch and wait until the broker has said something of each, or says nothing for a time."""
        flight = Flight(self.place.name, messages, self._number)
        self._landed.clear()
        if not self.fault:  # else it ended before the wait began, and nobody would end that
            self._call(lambda: self._take_off(flight))
            before = -1
            while not self._landed.wait(seconds):
                if flight.settled == before:
                    self._end("no confirmation in time")
                    break
                before = flight.settled
        if self.fault or not flight.landed:
            flight.lost(self.fault or "no confirmation in time")
        self._number = flight.next_number
        return flight

    def _prepare(self) -> None:
        self._channel.add_on_return_callback(self._returned)
        self._channel.confirm_delivery(self._answered, callback=lambda _: self._begun.set())

    def _take_off(self, flight: Flight) -> None:
        self._flight = flight
        if self.fault:
            self._landed.set()
        else:
            self._pump()

    def _pump(self) -> None:
        flight = self._flight
        if flight is None:
            return
        for message in flight.departing():
            try:
                self._channel.basic_publish(
                    self.place.exchange, self.place.routing_key, message.body, properties_of(message), mandatory=True
                )
            except (ValueError, struct.error, pika.exceptions.ShortStringTooLong) as fault:  # a head AMQP cannot carry
                flight.grounded(type(fault).__name__)
        if flight.landed:
            self._flight = None
            self._landed.set()

    def _answered(self, frame: Any) -> None:
        method, flight = frame.method, self._flight
        if flight is None:
            return
        settle = flight.confirmed if isinstance(method, pika.spec.Basic.Ack) else flight.refused
        settle(method.delivery_tag, multiple=method.multiple)
        self._pump()

    def _returned(self, _: Any, method: Any, properties: Any, body: bytes) -> None:
        if self._flight is not None:
            self._flight.unroutable(arrived_of("", False, properties, b"").key, method.reply_text)

    def _told(self) -> None:
        self._landed.set()


class Consuming(Line):
    """A line that consumes. Every method may raise LineLost; what was not accepted by then comes again."""

    def __init__(self, place: Place) -> None:
        self._arrived = Condition()
        self._waiting: deque[Arrived] = deque()
        self._open: dict[int, None] = {}
        """Tags that were given out, in their order."""
        super().__init__(place)

    def receive(self, limit: int, wait: float) -> list[Arrived]:
        """Up to `limit` deliveries; waits for the first one."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._waiting or self.fault, wait)
            self._check()
            return [self._waiting.popleft() for _ in range(min(limit, len(self._waiting)))]

    def accept(self, tags: Sequence[int]) -> None:
        """Have done with deliveries; a run of the oldest ones at once."""
        self._check()
        self._call(lambda: self._accept(set(tags)))

    def refuse(self, tag: int, *, again: bool) -> None:
        """Give one back, or let the broker put it to the dead letters."""
        self._check()
        self._call(lambda: self._refuse(tag, again=again))

    def _check(self) -> None:
        if self.fault:
            raise LineLost(self.fault)

    def _prepare(self) -> None:
        self._channel.add_on_cancel_callback(lambda _: self._broken("the queue is gone"))
        self._channel.basic_qos(prefetch_count=self.place.prefetch, callback=lambda _: self._consume())

    def _consume(self) -> None:
        self._channel.basic_consume(self.place.queue, self._delivered, callback=lambda _: self._begun.set())

    def _accept(self, wanted: set[int]) -> None:
        if not self._channel.is_open:
            return
        run = 0
        for tag in self._open:
            if tag not in wanted:
                break
            run = tag
        if run:
            self._channel.basic_ack(run, multiple=True)
        for tag in sorted(wanted):
            if tag > run:
                self._channel.basic_ack(tag)
            self._open.pop(tag, None)

    def _refuse(self, tag: int, *, again: bool) -> None:
        if self._channel.is_open:
            self._channel.basic_nack(tag, requeue=again)
            self._open.pop(tag, None)

    def _delivered(self, _: Any, method: Any, properties: Any, body: bytes) -> None:
        arrived = arrived_of(str(method.delivery_tag), method.redelivered, properties, body)
        with self._arrived:
            self._open[method.delivery_tag] = None
            self._waiting.append(arrived)
            self._arrived.notify()

    def _told(self) -> None:
        with self._arrived:
            self._arrived.notify_all()


class Probing(Line):
    """A line that puts a probe into a queue of its own and takes it back; that queue goes with the line. `waiting` is
    how many messages are in the place's queue, `is_let_in` whether the broker knows us and the queue stands."""

    def __init__(self, place: Place) -> None:
        self.waiting: int | None = None
        self.is_let_in = False
        super().__init__(place)

    def _prepare(self) -> None:
        if self.place.exchange and not self.place.declare:
            self._own()  # what stands behind somebody else's exchange is not ours to ask for
        else:
            self._channel.queue_declare(self.place.queue, passive=True, callback=self._counted)

    def _counted(self, frame: Any) -> None:
        self.waiting = int(frame.method.message_count)
        self._own()

    def _own(self) -> None:
        self.is_let_in = True
        self._channel.queue_declare("", exclusive=True, auto_delete=True, callback=self._declared)

    def _declared(self, frame: Any) -> None:
        queue = frame.method.queue

        def put(_: Any) -> None:
            self._channel.basic_publish("", queue, b"probe")

        self._channel.basic_consume(queue, lambda *_: self._begun.set(), auto_ack=True, callback=put)

    def _told(self) -> None:
        """Nobody waits but for the beginning."""


def _declaring(place: Place) -> list[tuple[str, Mapping[str, Any]]]:
    """What to declare, one after the other."""
    if not place.declare:
        return []
    steps: list[tuple[str, Mapping[str, Any]]] = [
        ("queue_declare", {"queue": place.dead, "durable": True, "arguments": place.dead_arguments}),
        ("queue_declare", {"queue": place.queue, "durable": True, "arguments": place.arguments}),
    ]
    if place.exchange:
        steps.append(("exchange_declare", {"exchange": place.exchange, "exchange_type": "direct", "durable": True}))
        bound = {"queue": place.queue, "exchange": place.exchange, "routing_key": place.routing_key}
        steps.append(("queue_bind", bound))
    return steps
