"""Messages over IBM MQ: the ports `Channel` and `Source`, by the optional library pymqi.

In: messages. Out: what the queue manager has committed, or why not; deliveries under syncpoint. Key, kind and headers
are message properties (MQ message handles) in ASCII, since their character set is that of whoever reads them; the
message id begins with the digest of the key. What `receive` gave is one unit of work: committed when all of it is
accepted, it comes again otherwise. pymqi needs IBM's own client library where it is installed; without it every use
says so. A connection has one message handle for what it puts and one for what it gets: the library frees none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from importlib import import_module
from threading import Lock
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from engine.model.traffic import Arrived
from engine.ports.watching import Probed
from engine.problems import DeliveryError, Incident

_PORT = 1414
_LARGEST = 100 << 20
"""Bytes of a message: no channel of MQ takes more, and most take 4 MB unless they are told."""
_PROPERTY_BYTES = 4_096
_PLAIN = "!#$&'()*+,-./:;<=>?@[]^_`{|}~ "
_KEY, _KIND, _HEADERS = b"guiju_key", b"guiju_kind", b"guiju_headers"
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class MqPlace:
    """One queue. `url` is `mq://user:password@host:port`; `dead` takes what was refused for good."""

    name: str
    url: str = field(repr=False)
    manager: str
    mq_channel: str
    queue: str

    @property
    def dead(self) -> str:
        """The queue of what was refused for good."""
        return f"{self.queue}.DEAD"


def properties_of(key: str, kind: str, headers: Mapping[str, str]) -> dict[bytes, bytes]:
    """What is told beside a body, in ASCII."""
    told = {_KEY: quote(key, safe=_PLAIN), _KIND: quote(kind, safe=_PLAIN), _HEADERS: json.dumps(dict(headers))}
    return {name: text.encode("ascii") for name, text in told.items()}


def told_of(properties: Mapping[bytes, str], message_id: bytes) -> tuple[str, str, Mapping[str, str]]:
    """Key, kind and headers again; of somebody else's message the key is its id."""
    try:
        headers = json.loads(properties.get(_HEADERS) or "{}")
    except ValueError:
        headers = {}
    plain = {str(name): str(value) for name, value in headers.items()} if isinstance(headers, dict) else {}
    return unquote(properties.get(_KEY, "")) or message_id.hex(), unquote(properties.get(_KIND, "")), plain


def where_of(url: str) -> tuple[str, dict[str, str]]:
    """`host(port)` as MQ writes it, and the account if the address has one; MQ wants a password with each user."""
    parts = urlsplit(url)
    account = {"user": unquote(parts.username), "password": unquote(parts.password or "")} if parts.username else {}
    return f"{parts.hostname}({parts.port or _PORT})", account


class _Line:
    """A connection with its queue."""

    def __init__(self, place: MqPlace, *, listens: bool) -> None:
        try:
            self.mq: Any = import_module("pymqi")
        except ImportError as fault:
            text = f"the library pymqi or IBM's client library is not installed ({type(fault).__name__})"
            raise DeliveryError(Incident(place.name, text, retry=False)) from None
        self.place, self.codes = place, self.mq.CMQC
        self.manager = self.mq.QueueManager(None)
        try:
            self._connect()
            how = self.codes.MQOO_INPUT_SHARED if listens else self.codes.MQOO_OUTPUT
            self.queue = self.mq.Queue(self.manager, place.queue, how | self.codes.MQOO_FAIL_IF_QUIESCING)
            self._put, self._got = self.mq.MessageHandle(self.manager), self.mq.MessageHandle(self.manager)
        except self.mq.Error as fault:
            self.end()
            raise self.incident(fault) from None

    def _connect(self) -> None:
        """Connect so that any thread may use the connection, one after the other, for messages of any size that the
        other side takes: the library's own way knows one thread and 4 MB."""
        where, account = where_of(self.place.url)
        how = self.mq.CD(MaxMsgLength=_LARGEST)
        how.ChannelName, how.ConnectionName = self.place.mq_channel.encode(), where.encode()
        how.ChannelType, how.TransportType = self.codes.MQCHT_CLNTCONN, self.codes.MQXPT_TCP
        shared = self.codes.MQCNO_HANDLE_SHARE_BLOCK
        self.manager.connect_with_options(self.place.manager, opts=shared, cd=how, **account)

    def end(self) -> None:
        """Disconnect, if it is connected."""
        with suppress(self.mq.Error):
            self.manager.disconnect()

    def incident(self, fault: Exception) -> DeliveryError:
        """What the queue manager said, by its name."""
        said = fault.errorAsString() if isinstance(fault, self.mq.MQMIError) else type(fault).__name__
        return DeliveryError(Incident(self.place.name, str(said)[:300]))

    def put(self, queue: Any, body: bytes, key: str, kind: str, headers: Mapping[str, str]) -> None:
        """Put one message under syncpoint."""
        for name, content in properties_of(key, kind, headers).items():
            self._put.properties.set(name, content, self.codes.MQTYPE_STRING, len(content))
        options = self.mq.PMO(Version=self.codes.MQPMO_CURRENT_VERSION)
        options.Options = self.codes.MQPMO_SYNCPOINT | self.codes.MQPMO_FAIL_IF_QUIESCING
        options.OriginalMsgHandle = self._put.msg_handle
        head = self.mq.MD(Version=self.codes.MQMD_CURRENT_VERSION)
        head.Persistence = self.codes.MQPER_PERSISTENT
        head.MsgId = sha256(key.encode()).digest()[:24]
        queue.put(body, head, options)

    def get(self, wait: float) -> tuple[bytes, str, str, Mapping[str, str], bool] | None:
        """Take one message under syncpoint: body, key, kind, headers, whether it was given back before."""
        options = self.mq.GMO(Version=self.codes.MQGMO_CURRENT_VERSION)
        waits = self.codes.MQGMO_WAIT if wait else self.codes.MQGMO_NO_WAIT
        options.Options = waits | self.codes.MQGMO_SYNCPOINT | self.codes.MQGMO_FAIL_IF_QUIESCING
        options.Options |= self.codes.MQGMO_PROPERTIES_IN_HANDLE
        options.WaitInterval = int(wait * 1000)
        options.MsgHandle = self._got.msg_handle
        head = self.mq.MD(Version=self.codes.MQMD_CURRENT_VERSION)
        try:
            body = self.queue.get(None, head, options)
        except self.mq.MQMIError as fault:
            if fault.reason == self.codes.MQRC_NO_MSG_AVAILABLE:
                return None
            raise
        found = {name: self._property(name) for name in (_KEY, _KIND, _HEADERS)}
        return body, *told_of(found, bytes(head.MsgId)), head.BackoutCount > 0

    def _property(self, name: bytes, most: int = _PROPERTY_BYTES) -> str:
        """A property of what was got; empty where another sender's message has none."""
        try:
            value = self._got.properties.get(name, max_value_length=most)
        except self.mq.MQMIError as fault:
            if fault.reason == self.codes.MQRC_PROPERTY_NOT_AVAILABLE:
                return ""
            if fault.reason == self.codes.MQRC_PROPERTY_VALUE_TOO_BIG and fault.dataLength > most:
                return self._property(name, fault.dataLength)
            raise
        return value.decode("ascii", "replace") if isinstance(value, bytes) else str(value or "")


def look(place: MqPlace, *, listens: bool) -> Probed:
    """Whether the queue manager lets us in and the queue opens; nothing is put or taken. Raises DeliveryError."""
    _Line(place, listens=listens).end()
    return Probed(place.queue)


class MqChannel:
    """Puts messages, each committed before it counts as sent."""

    def __init__(self, place: MqPlace) -> None:
        self._place, self._lock = place, Lock()
        self._line: _Line | None = None

    def probe(self) -> Probed:
        """See `look`."""
        return look(self._place, listens=False)

    def send(self, body: bytes, *, key: str, kind: str, headers: Mapping[str, str]) -> None:
        """Put one message. Raises DeliveryError."""
        with self._lock:
            line = self._line = self._line or _Line(self._place, listens=False)
            try:
                line.put(line.queue, body, key, kind, headers)
                line.manager.commit()
            except line.mq.Error as fault:
                self._line = None
                line.end()  # what was put and not committed is backed out
                raise line.incident(fault) from None

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            line, self._line = self._line, None
            if line is not None:
                line.end()


class MqSource:
    """Takes messages; several share a queue."""

    def __init__(self, place: MqPlace) -> None:
        self._place = place
        self._line: _Line | None = None
        self._open: dict[str, Arrived] = {}
        self._count = 0

    def probe(self) -> Probed:
        """See `look`."""
        return look(self._place, listens=True)

    def receive(self, limit: int, wait: float) -> Sequence[Arrived]:
        """See `engine.ports.Source`."""
        line = self._line = self._line or _Line(self._place, listens=True)
        found: list[Arrived] = []
        try:
            while len(found) < min(limit, _AT_ONCE) and (taken := line.get(0 if found else wait)) is not None:
                self._count += 1
                body, key, kind, headers, again = taken
                found.append(Arrived(body, key, kind, headers, str(self._count), again))
        except line.mq.Error as fault:
            raise self._lost(line, fault) from None
        self._open.update({one.tag: one for one in found})
        return found

    def accept(self, tags: Sequence[str]) -> None:
        """Commit once nothing of what was given is open."""
        line = self._held(tags)
        for tag in tags:
            del self._open[tag]
        self._commit(line)

    def refuse(self, tag: str, *, again: bool) -> None:
        """Give back what is open, or put one message aside."""
        line = self._held([tag])
        if again:
            self.close()
            return
        one = self._open.pop(tag)
        try:
            dead = line.mq.Queue(line.manager, self._place.dead, line.codes.MQOO_OUTPUT)
            line.put(dead, one.body, one.key, one.kind, one.headers)
        except line.mq.Error as fault:
            raise self._lost(line, fault) from None
        self._commit(line)

    def close(self) -> None:
        """Back out what was not accepted."""
        line, self._line, self._open = self._line, None, {}
        if line is not None:
            with suppress(line.mq.Error):  # where the connection is gone, so is the unit of work
                line.manager.backout()
            line.end()

    def _commit(self, line: _Line) -> None:
        if self._open:
            return
        try:
            line.manager.commit()
        except line.mq.Error as fault:
            raise self._lost(line, fault) from None

    def _held(self, tags: Sequence[str]) -> _Line:
        if self._line is None or any(tag not in self._open for tag in tags):
            raise DeliveryError(Incident(self._place.name, "the connection was lost; they come again"))
        return self._line

    def _lost(self, line: _Line, fault: Exception) -> DeliveryError:
        self.close()
        return line.incident(fault)
