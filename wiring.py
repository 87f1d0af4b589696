"""Composition root, channels: which adapter stands behind each channel of a node, with its address out of a secret.

In: a node's bindings, the folder of the installation, its database, the environment. Out: channels that send and
sources that listen. A binding that has not changed keeps its connection when definitions are loaded anew. A secret
that is missing fails the channel, with the variable's name, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar, cast

from adapters.as2.door import Door, Doorway, Gate, Wsgi
from adapters.as2.keys import PartnerKeys
from adapters.database import queue_topics
from adapters.database.engine import Backend
from adapters.database.queue import DatabaseQueues
from adapters.file_channel.channel import FileChannel
from adapters.file_channel.source import QUIET, FileSource
from adapters.http.channel import SECONDS, HttpChannel, HttpService
from adapters.queue_ibm_mq.channel import MqChannel, MqPlace, MqSource
from adapters.queue_rabbitmq.channel import RabbitChannel, RabbitSource
from adapters.queue_rabbitmq.place import place_of
from adapters.queue_rocketmq.channel import RocketPlace
from engine.model.system import Node
from engine.model.traffic import NOTICES, Arrived, ChannelBinding, Outgoing, Replied, ServiceBinding
from engine.ports import Channel, Source
from engine.ports.services import OutsideService
from engine.ports.watching import Probe, Probed
from engine.problems import DeliveryError, Incident
from engine.usecases.door_taking import answer_by, put_aside, take_from_door
from engine.usecases.runtime import Runtime
from partners import AS2, AS3, MissingSecret, Partners, address_of, secret
from simulating import simulated

Line = TypeVar("Line")
NAME = "{serial}_{kind}_{digest}.msg"


@dataclass(frozen=True, slots=True)
class Closed:
    """A channel that cannot be opened: it says why, whatever is asked of it."""

    name: str
    why: str

    def send(self, body: bytes, *, key: str, kind: str, headers: Mapping[str, str]) -> None:
        """Raises DeliveryError."""
        raise self._failed()

    def receive(self, limit: int, wait: float) -> Sequence[Arrived]:
        """Raises DeliveryError."""
        raise self._failed()

    def accept(self, tags: Sequence[str]) -> None:
        """Raises DeliveryError."""
        raise self._failed()

    def refuse(self, tag: str, *, again: bool) -> None:
        """Raises DeliveryError."""
        raise self._failed()

    def ask(
        self, body: bytes, *, method: str, path: str, key: str, kind: str, seconds: float, media: str = ""
    ) -> Replied:
        """Raises DeliveryError."""
        raise self._failed()

    def close(self) -> None:
        """Nothing is open."""

    def _failed(self) -> DeliveryError:
        return DeliveryError(Incident(self.name, self.why))


@dataclass(frozen=True, slots=True)
class Severed:
    """A line of a node with a simulated cabinet: while the network of that is cut, whatever would leave or come fails
    as it does when a cable is pulled."""

    name: str
    line: Any
    is_cut: Callable[[], bool]

    def __getattr__(self, act: str) -> Any:
        """What the line itself does, unless the network is cut."""
        found = getattr(self.line, act)
        if act in ("send", "receive", "accept", "refuse", "ask", "probe") and self.is_cut():
            return self._failed
        return found

    def _failed(self, *_: object, **__: object) -> None:
        raise DeliveryError(Incident(self.name, "the network is cut"))


@dataclass(frozen=True, slots=True)
class Landing:
    """Keeps what comes to a door where everything lands."""

    runtime: Callable[[], Runtime]

    def keep(self, channel: str, arrived: Arrived) -> str:
        """See `engine.usecases.door_taking`."""
        return take_from_door(self.runtime(), channel, arrived)

    def put_aside(self, channel: str, arrived: Arrived, why: str) -> None:
        """See `engine.usecases.door_taking`."""
        put_aside(self.runtime(), channel, arrived, why)

    def owe(self, channel: str, receipt: Outgoing) -> None:
        """See `engine.usecases.door_taking`."""
        answer_by(self.runtime(), channel, receipt)


@cache
def queues_of(url: str) -> DatabaseQueues:
    """The queues of a database that is not the node's own."""
    return DatabaseQueues(Backend(url))


class Lines:
    """The channels of one installation as they are bound now."""

    def __init__(
        self,
        home: Path,
        queues: Callable[[str], DatabaseQueues],
        keys: Callable[[], PartnerKeys],
        is_cut: Callable[[], bool] = lambda: False,
    ) -> None:
        """`queues`: those of the database at an address, of the node's own for none; `keys`: those of partners;
        `is_cut`: whether a node that simulates its devices has no network."""
        self._home, self._queues, self._partners, self._is_cut = home, queues, Partners(keys), is_cut
        self._channels: dict[str, tuple[ChannelBinding, Channel]] = {}
        self._sources: dict[str, tuple[ChannelBinding, Source]] = {}
        self._services: dict[str, tuple[ServiceBinding, OutsideService]] = {}
        self._gates: dict[str, tuple[ChannelBinding, Gate | Closed]] = {}

    def channels(self, node: Node) -> Mapping[str, Channel]:
        """The channels by which messages leave."""
        wanted = {name: bound for name, bound in node.channels.items() if bound.sends and name not in node.ways}
        former, self._channels = self._channels, {}
        for name, bound in wanted.items():
            kept = former.get(name)
            channel = kept[1] if kept is not None and kept[0] == bound else _opened(name, bound, self._channel)
            self._channels[name] = (bound, channel)
        for name, (_, channel) in former.items():
            if self._channels.get(name, (None, None))[1] is not channel and hasattr(channel, "close"):
                channel.close()
        return {name: self._severed(node, name, channel) for name, (_, channel) in self._channels.items()}

    def sources(self, node: Node) -> Mapping[str, Source]:
        """The channels by which messages come in; who used a former one closes it."""
        former, self._sources = self._sources, {}
        for name, bound in node.channels.items():
            if bound.listens:
                kept = former.get(name)
                source = kept[1] if kept is not None and kept[0] == bound else _opened(name, bound, self._source)
                self._sources[name] = (bound, source)
        return {name: self._severed(node, name, source) for name, (_, source) in self._sources.items()}

    def services(self, node: Node) -> Mapping[str, OutsideService]:
        """The services that calls ask."""
        former, self._services = self._services, {}
        for name, bound in node.services.items():
            kept = former.get(name)
            service = kept[1] if kept is not None and kept[0] == bound else _service(name, bound)
            self._services[name] = (bound, service)
        return {name: self._severed(node, name, service) for name, (_, service) in self._services.items()}

    def _severed(self, node: Node, name: str, line: Line) -> Line:
        return cast(Line, Severed(name, line, self._is_cut)) if simulated(node) else line

    def door(self, behind: Wsgi, runtime: Callable[[], Runtime]) -> Door:
        """The application behind a door for the partners whose channels come in by one."""
        return Door(behind, lambda: self.gates(runtime().node), Landing(runtime))

    def gates(self, node: Node) -> Sequence[Gate]:
        """The partners who may come in; one whose keys cannot be read may not."""
        for name, bound in node.channels.items():
            if bound.listens and bound.adapter == AS2 and self._gates.get(name, (None,))[0] != bound:
                self._gates[name] = (bound, _opened(name, bound, partial(self._partners.gate, node)))
        found = [gate for name, (bound, gate) in self._gates.items() if node.channels.get(name) == bound]
        return [gate for gate in found if isinstance(gate, Gate)]

    def probe(self, name: str, bound: ChannelBinding) -> Probed | None:
        """Try the far end of a channel over a connection of its own; None where that kind cannot be tried. Raises
        DeliveryError."""
        if bound.adapter == NOTICES:
            return None
        make: Callable[[str, ChannelBinding], Channel | Source] = self._source if bound.listens else self._channel
        made = _opened(name, bound, make)
        if isinstance(made, Closed):
            made.receive(0, 0)
        if not isinstance(made, Probe):
            return None
        try:
            return made.probe()
        finally:
            if hasattr(made, "close"):
                made.close()

    def _channel(self, name: str, bound: ChannelBinding) -> Channel:
        settings = bound.settings
        if bound.adapter == "database":
            return queue_topics.channel(self._queues(_address(bound)), settings.get("queue", name))
        if bound.adapter == "rabbitmq":
            return RabbitChannel(place_of(name, settings, address_of(bound)))
        if bound.adapter == "ibm_mq":
            return MqChannel(_mq_place(name, bound))
        if bound.adapter == "http":
            url = settings["url"] if "url" in settings else address_of(bound)
            token = bound.secrets.get("token") or (secret(settings["token_from"]) if "token_from" in settings else "")
            return HttpChannel(name, url, token=token, seconds=float(settings.get("timeout", SECONDS)))
        if bound.adapter in (AS2, AS3):
            return self._partners.channel(name, bound)
        folder = self._home / "spool" / settings.get("folder", name)
        return FileChannel(folder, settings.get("name", NAME), settings.get("checksum", ""))

    def _source(self, name: str, bound: ChannelBinding) -> Source:
        settings = bound.settings
        if bound.adapter == "database":
            return queue_topics.source(self._queues(_address(bound)), settings.get("queue", name))
        if bound.adapter == "rabbitmq":
            return RabbitSource(place_of(name, settings, address_of(bound)))
        if bound.adapter == "ibm_mq":
            return MqSource(_mq_place(name, bound))
        if bound.adapter == AS3:
            return self._partners.source(name, bound)
        if bound.adapter == AS2:  # keys that cannot be read are told where the channel is looked at
            return Doorway(name, self._partners.relation(bound).ends)
        folder = self._home / "spool" / settings.get("folder", name)
        keep = settings.get("keep_done", "true") != "false"
        quiet, poll = float(settings.get("quiet", QUIET)), float(settings.get("poll", 0))
        return FileSource(folder, quiet=quiet, keep_done=keep, poll=poll, checksum=settings.get("checksum", ""))


def _service(name: str, bound: ServiceBinding) -> OutsideService:
    try:
        url = secret(bound.url_from) if bound.url_from else bound.url
        return HttpService(name, url, token=secret(bound.token_from) if bound.token_from else "")
    except (MissingSecret, ValueError) as fault:
        return Closed(name, str(fault))


def _opened(name: str, bound: ChannelBinding, make: Callable[[str, ChannelBinding], Line]) -> Line | Closed:
    try:
        return make(name, bound)
    except (MissingSecret, ValueError, OSError) as fault:
        return Closed(name, str(fault))


def _address(bound: ChannelBinding) -> str:
    return address_of(bound) if "url" in bound.secrets or "url_from" in bound.settings else ""


def _mq_place(name: str, bound: ChannelBinding) -> MqPlace:
    settings = bound.settings
    return MqPlace(name, address_of(bound), settings["manager"], settings["mq_channel"], settings.get("queue", name))


def _rocket_place(name: str, bound: ChannelBinding) -> RocketPlace:
    settings = bound.settings
    topic = settings.get("queue", name)
    return RocketPlace(name, address_of(bound), topic, settings.get("group", topic))
