"""Messages over RocketMQ 5: the ports `Channel` and `Source`, by the optional library rocketmq-python-client.

In: messages. Out: what the broker has stored, or why not; deliveries that are invisible to others until they are
accepted, given back or their time is over. A topic of type FIFO, one message group a channel: so messages keep their
order. Key, kind and headers are user properties; a property may not be blank, nor may a body, so both begin with a
mark. What was refused for good goes to the topic `TOPIC_dead`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from importlib import import_module
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

from engine.model.traffic import Arrived
from engine.problems import DeliveryError, Incident

LARGEST = 4 << 20
"""Bytes of a message: the library sends no more."""
_PORT = 8081
_LEASE = 60
_AT_ONCE = 32
_AGAIN = 10
"""Seconds after which what was given back comes again: the least that brokers take."""
_MARK = "="
_BARE = "guiju-empty"
_KEY, _KIND, _HEADERS = "guiju-key", "guiju-kind", "guiju-headers"


@dataclass(frozen=True, slots=True)
class RocketPlace:
    """One topic with its group of consumers. `url` is `rocketmq://access:secret@host:port`, `rocketmqs` with TLS."""

    name: str
    url: str = field(repr=False)
    topic: str
    group: str

    @property
    def dead(self) -> str:
        """The topic of what was refused for good."""
        return f"{self.topic}_dead"


def properties_of(body: bytes, key: str, kind: str, headers: Mapping[str, str]) -> dict[str, str]:
    """What is told beside a body."""
    told = {_KEY: key, _KIND: kind, _HEADERS: json.dumps(dict(headers))}
    marked = {name: json.dumps(text) if name != _HEADERS else text for name, text in told.items()}
    return {**marked, **({} if body else {_BARE: _MARK})}


def arrived_of(body: bytes, properties: Mapping[str, str], message_id: str, tag: str, *, again: bool) -> Arrived:
    """A delivery as its sender meant it; of somebody else's message the key is its id."""
    key, kind = (_text(properties.get(name, "")) for name in (_KEY, _KIND))
    try:
        headers = json.loads(properties.get(_HEADERS) or "{}")
    except ValueError:
        headers = {}
    plain = {str(name): str(value) for name, value in headers.items()} if isinstance(headers, dict) else {}
    return Arrived(b"" if _BARE in properties else body, key or message_id, kind, plain, tag, again)


def where_of(url: str) -> tuple[str, str, str, bool]:
    """Address, access key, secret, whether TLS is used."""
    parts = urlsplit(url)
    address = f"{parts.hostname}:{parts.port or _PORT}"
    return address, unquote(parts.username or ""), unquote(parts.password or ""), parts.scheme == "rocketmqs"


def _text(told: str) -> str:
    try:
        found = json.loads(told or '""')
    except ValueError:
        return ""
    return found if isinstance(found, str) else ""


class _Room:
    """The library, and how it is let in."""

    def __init__(self, place: RocketPlace) -> None:
        self.place = place
        try:
            self.library: Any = import_module("rocketmq")
        except ImportError as fault:
            text = f"the library rocketmq-python-client is not installed ({type(fault).__name__})"
            raise DeliveryError(Incident(place.name, text, retry=False)) from None
        address, access, secret, self.secure = where_of(place.url)
        credentials = self.library.Credentials(access, secret)
        self.configuration = self.library.ClientConfiguration(address, credentials)

    def producer(self, topic: str) -> Any:
        """One that has begun. Raises DeliveryError."""
        return self.begun(lambda: self.library.Producer(self.configuration, (topic,), tls_enable=self.secure))

    def begun(self, make: Callable[[], Any]) -> Any:
        """A client that has begun. Raises DeliveryError."""
        try:
            made = make()
            made.startup()
        except Exception as fault:  # noqa: BLE001 -- the library raises bare exceptions where a broker is away
            raise self.incident(fault) from None
        return made

    def incident(self, fault: Exception) -> DeliveryError:
        """What the broker or the library said, by its kind: its text may show the message."""
        final = type(fault).__name__ in ("IllegalArgumentException", "PayloadTooLargeException", "ForbiddenException")
        return DeliveryError(Incident(self.place.name, type(fault).__name__, retry=not final))

    def message(self, topic: str, body: bytes, key: str, kind: str, headers: Mapping[str, str]) -> Any:
        """A message of the library's."""
        made = self.library.Message()
        made.topic, made.body, made.message_group = topic, body or _MARK.encode(), self.place.name
        made.keys = sha256(key.encode()).hexdigest()
        for name, value in properties_of(body, key, kind, headers).items():
            made.add_property(name, value)
        return made


class RocketChannel:
    """Sends messages, each stored before it counts as sent. Threads share it, one after the other."""

    def __init__(self, place: RocketPlace) -> None:
        self._place, self._lock = place, Lock()
        self._open: tuple[_Room, Any] | None = None

    def send(self, body: bytes, *, key: str, kind: str, headers: Mapping[str, str]) -> None:
        """Send one message. Raises DeliveryError."""
        if len(body) > LARGEST:
            raise DeliveryError(Incident(self._place.name, f"{len(body)} bytes, {LARGEST} at most", retry=False))
        with self._lock:
            room, producer = self._open = self._open or self._begin()
            try:
                producer.send(room.message(self._place.topic, body, key, kind, headers))
            except Exception as fault:  # noqa: BLE001 -- see `begun`
                self._end()
                raise room.incident(fault) from None

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            self._end()

    def _begin(self) -> tuple[_Room, Any]:
        room = _Room(self._place)
        return room, room.producer(self._place.topic)

    def _end(self) -> None:
        opened, self._open = self._open, None
        if opened is not None:
            with suppress(Exception):
                opened[1].shutdown()


class RocketSource:
    """Takes messages; several share a group. One thread at a time."""

    def __init__(self, place: RocketPlace) -> None:
        self._place = place
        self._room: _Room | None = None
        self._consumer: Any = None
        self._open: dict[str, tuple[Any, Arrived]] = {}
        self._count = 0

    def receive(self, limit: int, wait: float) -> Sequence[Arrived]:
        """See `engine.ports.Source`; the broker waits whole seconds, one at least."""
        room = self._begin()
        try:
            self._consumer.await_duration = max(1, round(wait))
            found = self._consumer.receive(min(limit, _AT_ONCE), _LEASE)
        except Exception as fault:  # noqa: BLE001 -- see `begun`
            self.close()
            raise room.incident(fault) from None
        return [self._taken(one) for one in found or ()]

    def accept(self, tags: Sequence[str]) -> None:
        """Acknowledge messages."""
        for tag in tags:
            message, _ = self._held(tag)
            self._said(partial(self._consumer.ack, message))
            del self._open[tag]

    def refuse(self, tag: str, *, again: bool) -> None:
        """Give one back, or put it aside."""
        message, arrived = self._held(tag)
        if again:
            self._said(partial(self._consumer.change_invisible_duration, message, _AGAIN))
        else:
            aside = RocketChannel(RocketPlace(self._place.name, self._place.url, self._place.dead, self._place.group))
            try:
                aside.send(arrived.body, key=arrived.key, kind=arrived.kind, headers=arrived.headers)
            finally:
                aside.close()
            self._said(partial(self._consumer.ack, message))
        del self._open[tag]

    def close(self) -> None:
        """Give back what was not accepted; where the broker is away, it comes again when its time is over."""
        opened, consumer = self._open, self._consumer
        self._open, self._consumer, self._room = {}, None, None
        if consumer is not None:
            for message, _ in opened.values():
                with suppress(Exception):
                    consumer.change_invisible_duration(message, _AGAIN)
            with suppress(Exception):
                consumer.shutdown()

    def _begin(self) -> _Room:
        if self._room is None:
            room, place = _Room(self._place), self._place
            wanted = {place.topic: room.library.FilterExpression()}
            library, about = room.library, (room.configuration, place.group, wanted, 1)
            self._consumer = room.begun(lambda: library.SimpleConsumer(*about, tls_enable=room.secure))
            self._room = room
        return self._room

    def _taken(self, message: Any) -> Arrived:
        self._count += 1
        tag, again = str(self._count), int(message.delivery_attempt or 1) > 1
        arrived = arrived_of(message.body, message.properties, str(message.message_id), tag, again=again)
        self._open[tag] = (message, arrived)
        return arrived

    def _said(self, act: Callable[[], object]) -> None:
        room = self._begin()
        try:
            act()
        except Exception as fault:  # noqa: BLE001 -- see `begun`
            self.close()
            raise room.incident(fault) from None

    def _held(self, tag: str) -> tuple[Any, Arrived]:
        if self._consumer is None or tag not in self._open:
            raise DeliveryError(Incident(self._place.name, "the connection was lost; they come again"))
        return self._open[tag]
