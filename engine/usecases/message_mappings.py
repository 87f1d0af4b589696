"""Mappings of the definitions in force, compiled once, and which of them understands a message that came in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar, cast

from engine.expressions.environment import Env
from engine.mappings.compiled import CompiledMapping, compiled
from engine.mappings.leaves import Surroundings
from engine.mappings.ways import MESSAGE
from engine.model.interfaces import DeclaredChannel, Listen
from engine.model.messages import MessageMapping, Seal
from engine.ports.xml import UnreadableMessage
from engine.usecases.runtime import Runtime
from engine.usecases.sealing import keys_of
from engine.usecases.views import Actor
from engine.usecases.world import RecordWorld

Made = TypeVar("Made")
_READER = Actor("engine", "engine", special="engine")


def mapping_of(runtime: Runtime, name: str) -> CompiledMapping:
    """One mapping, ready for use."""
    return kept(runtime, "mapping", name, lambda: _compiled(runtime, runtime.definitions.mappings[name]))


@dataclass(slots=True)
class _Held:
    """Something that was made for the files of one runtime."""

    pair: tuple[object, object] | None = None


def kept(runtime: Runtime, what: str, name: str, make: Callable[[], Made]) -> Made:
    """Something of the definitions in force that knows the files of its runtime: made at first use, and kept as long as
    these are the same."""
    held = runtime.force.once(what, name, _Held)
    pair = held.pair
    if pair is None or pair[0] is not runtime.files:
        held.pair = pair = (runtime.files, make())
    return cast("Made", pair[1])


def edition_on(runtime: Runtime, name: str, day: date) -> str:
    """The mapping that stands for one on a day: another edition of it, or itself."""

    def editions() -> Mapping[str, Sequence[MessageMapping]]:
        found: dict[str, list[MessageMapping]] = {}
        for mapping in runtime.definitions.mappings.values():
            if mapping.edition_of:
                found.setdefault(mapping.edition_of, []).append(mapping)
        return found

    others = runtime.force.once("editions", "", editions).get(name, ())
    return next((one.id for one in others if one.dated.holds_on(day.isoformat())), name)


def envelope_of(runtime: Runtime, name: str) -> CompiledMapping:
    """One envelope, ready for use."""
    envelopes = runtime.definitions.envelopes
    return kept(runtime, "envelope", name, lambda: _compiled(runtime, envelopes[name].mapping))


def answer_of(runtime: Runtime, name: str) -> CompiledMapping:
    """The answers of an envelope, ready for use."""
    envelope = runtime.definitions.envelopes[name]
    mapping = replace(envelope.mapping, tree=envelope.answer)
    return kept(runtime, "envelope_answer", name, lambda: _compiled(runtime, mapping))


def envelopes_of(runtime: Runtime, root: str) -> Sequence[CompiledMapping]:
    """Envelopes whose root element is this."""

    def by_root() -> Mapping[str, Sequence[CompiledMapping]]:
        found: dict[str, list[CompiledMapping]] = {}
        for name, envelope in runtime.definitions.envelopes.items():
            if envelope.mapping.format == "xml":
                one = envelope_of(runtime, name)
                found.setdefault(one.root, []).append(one)
        return found

    return kept(runtime, "envelopes", "", by_root).get(root, ())


def envelopes_by(runtime: Runtime, channel: str, root: str) -> Sequence[CompiledMapping]:
    """The envelope that a channel names, where its root is this; of other channels those of this root."""
    declared = declared_channel(runtime, channel)
    if declared is None or not declared.envelope:
        return envelopes_of(runtime, root)
    one = envelope_of(runtime, declared.envelope)
    return [one] if one.root == root else []


def listened(runtime: Runtime, channel: str, topic: str = "") -> Sequence[CompiledMapping]:
    """Mappings that read what comes by a channel, or what a service answers; those that listen to it first."""
    definitions = runtime.definitions
    named = [
        one.mapping
        for one in definitions.listens.values()
        if _same_channel(one.channel, channel) and runtime.node.runs(one.system) and _same_topic(runtime, one, topic)
    ]
    declared = next((one for key, one in definitions.channels.items() if _same_channel(key, channel)), None)
    named += [name for name in (declared.mapping, declared.receipt) if name] if declared is not None else []
    service = definitions.services.get(channel)
    named += [service.receipt] if service is not None and service.receipt else []
    return [mapping_of(runtime, name) for name in dict.fromkeys(named)]


def declared_channel(runtime: Runtime, channel: str) -> DeclaredChannel | None:
    """What a system of this node declares of a channel."""
    found = (one for key, one in runtime.definitions.channels.items() if _same_channel(key, channel))
    return next((one for one in found if runtime.node.runs(one.system)), None)


def _same_channel(key: str, channel: str) -> bool:
    return key == channel or key.rpartition(".")[2] == channel


def _same_topic(runtime: Runtime, listen: Listen, topic: str) -> bool:
    if listen.topic is None:
        return True
    with runtime.store.begin(write=False) as unit:
        world = RecordWorld(runtime, unit, _READER, runtime.clock.now())
        return str(listen.topic.value(Env({}, world)) or "") == topic


def _compiled(runtime: Runtime, mapping: MessageMapping) -> CompiledMapping:
    return compiled(mapping, surroundings_of(runtime, mapping.seal), runtime.xml)


def _columns(runtime: Runtime) -> dict[str, dict[str, dict[str, object]]]:
    """Columns by code by list; the same for all mappings, so worked out once."""
    return {
        name: {code: dict(entries[-1].columns) for code, entries in one.by_code.items() if entries}
        for name, one in runtime.definitions.codes.items()
    }


def surroundings_of(runtime: Runtime, seal: Seal | None) -> Surroundings:
    """What leaves are written and read with: files, code lists, other mappings, keys."""
    return Surroundings(
        runtime.files.get,
        runtime.force.once("columns", "", lambda: _columns(runtime)),
        xml=runtime.xml,
        nested=lambda name: mapping_of(runtime, name),
        sealing=keys_of(runtime, seal),
    )


def takes_in(mapping: MessageMapping) -> bool:
    """Whether something follows from a message of this mapping."""
    return mapping.event is not None or bool(mapping.match)


def root_of(runtime: Runtime, content: bytes) -> str:
    """The root element of a message. Raises UnreadableMessage."""
    if runtime.xml is None:
        raise UnreadableMessage("broken", "此处不能读取XML", "XML cannot be read here")
    return runtime.xml.parse(content).tag


def understanding(runtime: Runtime, root: str) -> Sequence[CompiledMapping]:
    """Mappings that take in messages of a root element, whatever channel they come by; those that listen to one of
    their own read nothing else."""
    return kept(runtime, "roots", "", lambda: _by_root(runtime)).get(root, ())


def _by_root(runtime: Runtime) -> Mapping[str, Sequence[CompiledMapping]]:
    found: dict[str, list[CompiledMapping]] = {}
    definitions = runtime.definitions
    own = {one.mapping for one in definitions.listens.values()} | {one.mapping for one in definitions.channels.values()}
    for name, mapping in definitions.mappings.items():
        if mapping.format == "xml" and name not in own and takes_in(mapping) and runtime.node.runs(mapping.system):
            one = mapping_of(runtime, name)
            for root in one.roots:
                found.setdefault(root, []).append(one)
    return found


def message_env(env: Env, message: Mapping[str, object]) -> Env:
    """The scope of a message's elements: the document's own, and what the message says of itself."""
    return Env(
        env.row, env.world, this=env.this, event=env.event, names={**env.locals, MESSAGE: message}, index=env.index
    )
