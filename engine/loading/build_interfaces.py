"""Building of interfaces: offers, calls, listens, channels.

In: entries judged by the schema; `defaults` stand in for what an offer or call does not say. Out:
`engine.model.interfaces`. Fields of a body are fields like any other, with what a message needs beside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.loading.build_actions import ActionBuilder
from engine.loading.build_fields import FieldBuilder
from engine.loading.build_guards import build_limit, seconds
from engine.loading.entry import Entry, formula_of, given_of, sort_of
from engine.loading.names import Names
from engine.loading.piece import Piece, is_mapping
from engine.model.formula import Given
from engine.model.guards import NONE
from engine.model.interfaces import BodyField, DeclaredChannel, Later, Listen, Offer, Part, Service


@dataclass(slots=True)
class Interfaces:
    """What stands in files of interfaces, by registry key."""

    offers: dict[str, Offer] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    listens: dict[str, Listen] = field(default_factory=dict)
    channels: dict[str, DeclaredChannel] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InterfaceBuilder:
    """Builds one file."""

    names: Names
    fields: FieldBuilder
    actions: ActionBuilder

    def build(self, root: Entry, into: Interfaces) -> None:
        """Everything in the file."""
        defaults = root.entry("defaults", "defaults") or Entry({}, "defaults", root.where, root.origin)
        system = root.origin.system
        for name, entry in root.entries("offers", "offer").items():
            key = self.names.key_of("offer", name, system)
            into.offers[key] = self._offer(key, entry, defaults)
        for name, entry in root.entries("calls", "call").items():
            key = self.names.key_of("call", name, system)
            into.services[key] = self._service(key, entry)
        for name, entry in root.entries("listens", "listen").items():
            key = self.names.key_of("listen", name, system)
            into.listens[key] = self._listen(key, entry)
        for name, entry in root.entries("channels", "channel").items():
            key = self.names.key_of("channel", name, system)
            into.channels[key] = self._channel(key, entry)

    def _offer(self, key: str, entry: Entry, defaults: Entry) -> Offer:
        limit = entry.entry("limit", "limit") or defaults.entry("limit", "limit")
        return Offer(
            id=key,
            title=entry.title(),
            path=entry.text("path"),
            also=entry.names("also"),
            method=entry.text("method") or defaults.text("method", "POST"),
            envelope=self._envelope(entry if "envelope" in entry else defaults),
            roles=entry.names("roles"),
            public=entry.flag("public"),
            limit=build_limit(limit),
            log=entry.names("log") or defaults.names("log"),
            body={name: self._body(name, one) for name, one in entry.entries("body", "body_field").items()},
            mapping=self._named("mapping", entry, "mapping"),
            once=entry.given("once"),
            do=self.actions.actions(entry),
            of=entry.asked("of"),
            filter=entry.formula("where"),
            sort=sort_of(entry),
            answer=_parts(entry.piece("answer")),
            form=entry.text("form"),
            otherwise=_parts(entry.piece("otherwise")),
            later=self._later(entry.entry("later", "later")),
            file=entry.formula("file"),
            where=entry.where,
            system=entry.origin.system,
        )

    def _envelope(self, entry: Entry) -> str:
        name = entry.text("envelope")
        return NONE if name in ("", NONE) else self._named("envelope", entry, "envelope")

    def _named(self, kind: str, entry: Entry, key: str) -> str:
        name = entry.text(key)
        origin = entry.origin
        return self.names.resolve(kind, name, origin.system, entry.at(key), origin.problems) if name else ""

    def _body(self, name: str, entry: Entry) -> BodyField:
        nested = self._named("mapping", entry, "mapping")
        plain = Entry(dict(entry.pieces), entry.shape, entry.where, entry.origin)
        if nested and "type" not in entry:
            plain = Entry({**entry.pieces, "type": _word("json", entry)}, entry.shape, entry.where, entry.origin)
        return BodyField(
            field=self.fields.field(name, plain),
            also=entry.names("also"),
            format=entry.text("format"),
            wrap=entry.names("wrap"),
            mapping=nested,
            second=entry.text("second"),
        )

    def _later(self, entry: Entry | None) -> Later | None:
        if entry is None:
            return None
        return Later(
            self._named("mapping", entry, "mapping"),
            entry.text("on"),
            entry.given("topic"),
            entry.text("event"),
            entry.length("within"),
            entry.where,
        )

    def _service(self, key: str, entry: Entry) -> Service:
        return Service(
            id=key,
            title=entry.title(),
            to=entry.text("to"),
            path=entry.text("path"),
            method=entry.text("method", "POST"),
            mapping=self._named("mapping", entry, "mapping"),
            envelope=self._envelope(entry),
            partner=entry.given("partner"),
            values=entry.givens("with"),
            timeout=seconds(entry, "timeout"),
            receipt=self._named("mapping", entry, "receipt"),
            form=entry.text("form"),
            where=entry.where,
            system=entry.origin.system,
        )

    def _listen(self, key: str, entry: Entry) -> Listen:
        return Listen(
            id=key,
            title=entry.title(),
            channel=channel_key(self.names, entry.text("from"), entry.origin.system),
            mapping=self._named("mapping", entry, "mapping"),
            topic=entry.given("topic"),
            where=entry.where,
            system=entry.origin.system,
        )

    def _channel(self, key: str, entry: Entry) -> DeclaredChannel:
        nothing = Entry({}, "refused", entry.where, entry.origin)
        return DeclaredChannel(
            id=key,
            title=entry.title(),
            kind=entry.text("kind"),
            topics=entry.text("topics"),
            keep=entry.text("keep"),
            delivery=entry.text("delivery", "at_least_once"),
            name=entry.text("name"),
            checksum=entry.text("checksum"),
            receipt=self._named("mapping", entry, "receipt"),
            mapping=self._named("mapping", entry, "mapping"),
            envelope=self._named("envelope", entry, "envelope"),
            refused=self.actions.actions(entry.entry("refused", "refused") or nothing),
            where=entry.where,
            system=entry.origin.system,
        )


def channel_key(names: Names, written: str, system: str) -> str:
    """The channel that a name means: a declared one by its key, else the name itself, which a node may bind."""
    return names.key("channel", written, system) or written


def _word(text: str, entry: Entry) -> Piece:
    return Piece(text, entry.origin, -1, 0, 0)


def _parts(piece: Piece | None) -> Mapping[str, Part]:
    return {name: _part(one) for name, one in (piece.entries() if piece else {}).items()}


def _part(piece: Piece) -> Part:
    """One name of an answer: a value, an object, or with `each` and `parts` a list of them."""
    if not is_mapping(piece.value):
        return Part(given_of(piece), where=piece.where)
    inner = piece.entries()
    if "each" in inner:
        return Part(each=formula_of(inner["each"]), parts=_parts(inner.get("tree")), where=piece.where)
    if "value" in inner:
        formula = formula_of(inner["value"])
        return Part(Given(None, formula, piece.where), where=piece.where)
    return Part(parts=_parts(piece), where=piece.where)
