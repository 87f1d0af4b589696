"""The outside of a scenario: channels, notices and paper that remember instead of leaving the house.

In: a runtime. Out: the same runtime with its outgoing ports replaced. A channel named in `outages` fails for good.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl

from engine.model.guards import NONE, Verified
from engine.model.messages import MessageMapping
from engine.model.prints import Layout, Printed
from engine.model.traffic import Replied
from engine.ports import Channel, Notifier
from engine.ports.care import Cared
from engine.ports.services import JSON
from engine.problems import DeliveryError, Incident
from engine.usecases.enveloping import holds_data
from engine.usecases.runtime import Runtime
from engine.usecases.uptime import Uptime


@dataclass(slots=True)
class Outside:
    """What left so far, by key, in order."""

    sent: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    told: dict[str, tuple[str, str]] = field(default_factory=dict)
    outages: set[str] = field(default_factory=set)
    answers: dict[str, object] = field(default_factory=dict)
    """What services answer, by the name that calls go to."""
    refused: bool = False  # whether an outage has ever kept something back

    def around(self, runtime: Runtime) -> Runtime:
        """The runtime with this outside."""
        channels = {name: _Channel(self, name) for name in runtime.node.channels}
        called = {one.to for one in runtime.definitions.services.values()}  # whichever node binds them
        services = {name: _Service(self, name) for name in called}
        around = replace(_bare(runtime), channels=channels, services=services)
        return replace(around, notifiers=_Ways(self), pdf=_Paper(), press=_Press(), care=_Care(), uptime=Uptime())


def _bare(runtime: Runtime) -> Runtime:
    """The same with calls that go without their envelopes, and messages without signatures: nobody here has keys."""
    definitions = runtime.force.definitions
    calls = {name: replace(one, envelope=NONE) for name, one in definitions.services.items()}
    mappings = {name: _unsigned(one) for name, one in definitions.mappings.items()}
    shut = {name for name, one in definitions.envelopes.items() if holds_data(one)}
    mappings = {name: replace(one, envelope="") if one.envelope in shut else one for name, one in mappings.items()}
    lines = {
        name: replace(one, envelope="") if one.envelope in shut else one for name, one in definitions.channels.items()
    }
    bare = replace(definitions, services=calls, mappings=mappings, channels=lines)
    return replace(runtime, force=replace(runtime.force, definitions=bare))


def _unsigned(mapping: MessageMapping) -> MessageMapping:
    """A mapping that neither signs nor verifies. A schema that may ask for the signature is left to the checks."""
    if mapping.sign is None and not any(isinstance(one, Verified) for one in mapping.accept):
        return mapping
    accept = tuple(one for one in mapping.accept if not isinstance(one, Verified))
    return replace(mapping, sign=None, accept=accept, schema=mapping.schema if mapping.sign is None else "")


@dataclass(frozen=True, slots=True)
class _Service:
    outside: Outside
    name: str

    def ask(
        self, body: bytes, *, method: str, path: str, key: str, kind: str, seconds: float, media: str = JSON
    ) -> Replied:
        """Remember the call and answer as told, or fail."""
        if self.name in self.outside.outages:
            self.outside.refused = True
            raise DeliveryError(Incident(self.name, "the service is out of order", retry=False))
        content = body if media == JSON else parse_qsl(body.decode())[0][1].encode()
        self.outside.sent.setdefault(key, (kind, content))
        return Replied(200, json.dumps(self.outside.answers.get(self.name, {}), ensure_ascii=False).encode())


@dataclass(frozen=True, slots=True)
class _Care:
    """A node that is told to look after itself, and has nothing to look after."""

    def order(self, what: str, arguments: Mapping[str, object]) -> Cared:
        """Everything is done, and happens to nobody."""
        return Cared("done")


@dataclass(frozen=True, slots=True)
class _Channel(Channel):
    outside: Outside
    name: str

    def send(self, body: bytes, *, key: str, kind: str, headers: Mapping[str, str]) -> None:
        """Remember the message, or fail."""
        if self.name in self.outside.outages:
            self.outside.refused = True
            raise DeliveryError(Incident(self.name, "the channel is out of order", retry=False))
        self.outside.sent.setdefault(key, (kind, body))


@dataclass(frozen=True, slots=True)
class _Way(Notifier):
    outside: Outside

    def send(self, to: str, text: str, key: str) -> None:
        """Remember the notice."""
        self.outside.told.setdefault(key, (to, text))


@dataclass(frozen=True, slots=True)
class _Ways(Mapping[str, Notifier]):
    """Every way to tell people there may be."""

    outside: Outside

    def __getitem__(self, way: str) -> Notifier:
        return _Way(self.outside)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class _Press:
    """The same for many prints at a time, a page each."""

    def print_all(self, layouts: Sequence[Layout]) -> Printed:
        """The HTML of all."""
        return Printed("\n".join(one.html for one in layouts).encode(), (1,) * len(layouts))

    def join(self, parts: Sequence[bytes], marks: Sequence[tuple[str, int]], title: str) -> bytes:
        """All of them."""
        return b"\n".join(parts)


@dataclass(frozen=True, slots=True)
class _Paper:
    """Keeps the HTML of a print in place of its PDF: what it says is tested here, how it looks elsewhere."""

    def write(self, html: str, *, style: str, base: str = "", title: str = "") -> bytes:
        """The HTML."""
        return html.encode()
