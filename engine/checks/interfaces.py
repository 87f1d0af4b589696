"""Checks of interfaces: who may come in, what an offer does, that deferred answers come, that calls lead somewhere.

In: linked offers, services, listens, declared channels, nodes. Out: problems. Deny by default: an offer that lets
nobody in by an envelope, a role or in so many words is refused, and so is a query that reads with nobody's rights.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.owners import every_act
from engine.checks.subject import Subject, problem, unknown, warning
from engine.model import actions as verbs
from engine.model.guards import NONE
from engine.model.interfaces import DeclaredChannel, Later, Listen, Offer, Service
from engine.model.machines import Machine
from engine.model.traffic import MESSAGES
from engine.problems import Problem, Span


def check_interfaces(subject: Subject) -> Iterator[Problem]:
    """Everything of interfaces."""
    definitions = subject.definitions
    taken: dict[tuple[str, str], Offer] = {}
    for offer in definitions.offers.values():
        yield from _addresses(subject, offer, taken)
        yield from _offer(subject, offer)
    for service in definitions.services.values():
        yield from _service(subject, service)
    for listen in definitions.listens.values():
        yield from _listen(subject, listen)
    for channel in definitions.channels.values():
        yield from _channel(subject, channel)


def _addresses(subject: Subject, offer: Offer, taken: dict[tuple[str, str], Offer]) -> Iterator[Problem]:
    """One address leads to one offer."""
    for path in (offer.path, *offer.also):
        first = taken.setdefault((offer.method, path), offer)
        if first is not offer:
            place = subject.places.value(offer.where, "path")
            yield problem("INT004", place, related=(first.where,), path=path, name=first.id)


def _offer(subject: Subject, offer: Offer) -> Iterator[Problem]:
    envelope = subject.definitions.envelopes.get(offer.envelope)
    if offer.envelope != NONE and envelope is None:
        known = subject.known("envelope", offer.system)
        yield unknown("REF011", offer.envelope, known, subject.places.value(offer.where, "envelope"))
        return
    if not (offer.public or offer.roles or (envelope is not None and envelope.proves)):
        yield problem("INT001", subject.places.key(offer.where, "path"), name=offer.id)
    if offer.of is not None and not offer.roles:
        yield problem("INT002", subject.places.key(offer.where, "of"), name=offer.id)
    for role, place in subject.listed(offer.where, "roles", names=offer.roles):
        if role not in subject.roles(offer.system):
            yield unknown("REF006", role, subject.roles(offer.system), place)
    if offer.mapping and offer.mapping not in subject.definitions.mappings:
        known = subject.known("mapping", offer.system)
        yield unknown("REF011", offer.mapping, known, subject.places.value(offer.where, "mapping"))
    if not (offer.do or offer.of or offer.answer or offer.mapping or offer.file):
        yield problem("INT003", subject.places.key(offer.where, "path"), name=offer.id)
    if offer.mapping and offer.body:
        yield problem("INT005", subject.places.key(offer.where, "body"), name=offer.id)
    yield from _body(subject, offer)
    if offer.later is not None:
        yield from _later(subject, offer, offer.later)


def _body(subject: Subject, offer: Offer) -> Iterator[Problem]:
    spelled: dict[str, str] = {}
    for name, one in offer.body.items():
        if one.mapping and one.mapping not in subject.definitions.mappings:
            place = subject.places.value(one.field.where, "mapping")
            yield unknown("REF011", one.mapping, subject.known("mapping", offer.system), place)
        for word in (name, *one.also):
            first = spelled.setdefault(word, name)
            if first != name:
                yield problem("INT006", one.field.where, name=word, first=first)
    for name, one in offer.body.items():
        if one.second and spelled.get(one.second, name) == name:
            yield problem("INT015", subject.places.value(one.field.where, "second"), name=one.second, field=name)


# --- deferred answers ------------------------------------------------------------------------------------------------


def _later(subject: Subject, offer: Offer, later: Later) -> Iterator[Problem]:
    """Some event of what the offer creates sends the answer, and time alone brings that event or an end."""
    mapping = subject.definitions.mappings.get(later.mapping)
    place = subject.places.value(later.where, "mapping")
    if mapping is None:
        yield unknown("REF011", later.mapping, subject.known("mapping", offer.system), place)
        return
    if later.channel and mapping.to and later.channel.rpartition(".")[2] != mapping.to.rpartition(".")[2]:
        values = {"mapping": mapping.id, "to": mapping.to, "on": later.channel}
        on = subject.places.value(later.where, "on")
        yield problem("INT008", on, related=(mapping.where,), **values)
    machines = list(_machines(subject, offer))
    event = subject.places.value(later.where, "event") if later.event else place
    if later.event and not any(later.event in machine.events for machine in machines):
        names = sorted({name for machine in machines for name in machine.events})
        documents = ", ".join(machine.document for machine in machines)
        yield unknown("REF004", later.event, names, event, document=documents or offer.id)
    elif not any(_sends(machine, later) for machine in machines):
        yield problem("INT007", event, related=(mapping.where,), mapping=later.mapping, event=later.event or "*")
    elif later.within is not None and not any(_is_timed(machine) for machine in machines):
        related = tuple(machine.where for machine in machines)
        yield problem("INT009", subject.places.value(later.where, "within"), related=related, name=offer.id)


def _machines(subject: Subject, offer: Offer) -> Iterator[Machine]:
    for act in every_act(offer.do):
        if isinstance(act, verbs.Create) and (machine := subject.machine(act.document)) is not None:
            yield machine


def _sends(machine: Machine, later: Later) -> bool:
    events = [machine.events[later.event]] if later.event in machine.events else machine.events.values()
    return any(
        isinstance(act, verbs.Send) and act.mapping == later.mapping
        for event in events
        for act in every_act([*event.do, *_entering(machine, event.to)])
    )


def _entering(machine: Machine, state: str | None) -> tuple[verbs.Act, ...]:
    found = machine.states.get(state or "")
    return found.enter if found is not None else ()


def _is_timed(machine: Machine) -> bool:
    return bool(machine.timers) or any(state.until is not None for state in machine.states.values())


# --- calls, listens, channels ----------------------------------------------------------------------------------------


def _service(subject: Subject, service: Service) -> Iterator[Problem]:
    nodes = subject.definitions.nodes.values()
    bound = sorted({name for node in nodes for name in node.services})
    place = subject.places.value(service.where, "to")
    if nodes and service.to not in bound:
        found = unknown("INT010", service.to, bound, place)
        yield Problem(found.code, place, found.values, found.suggestion, related=tuple(node.where for node in nodes))
    for key, name in (("mapping", service.mapping), ("receipt", service.receipt)):
        if name and name not in subject.definitions.mappings:
            known = subject.known("mapping", service.system)
            yield unknown("REF011", name, known, subject.places.value(service.where, key))
    envelope = subject.definitions.envelopes.get(service.envelope)
    if service.envelope != NONE and envelope is None:
        known = subject.known("envelope", service.system)
        yield unknown("REF011", service.envelope, known, subject.places.value(service.where, "envelope"))
    if envelope is not None and envelope.security is not None and service.partner is None:
        yield problem("INT011", subject.places.key(service.where, "envelope"), name=service.id, envelope=envelope.id)
    if envelope is not None and envelope.mapping.format != "json":
        place = subject.places.value(service.where, "envelope")
        yield problem("INT012", place, related=(envelope.where,), envelope=envelope.id)


def _listen(subject: Subject, listen: Listen) -> Iterator[Problem]:
    nodes = subject.definitions.nodes.values()
    bound = [name for node in nodes for name, one in node.channels.items() if one.listens]
    known = [*subject.known("channel", listen.system), *bound]
    if listen.channel not in known and listen.channel not in subject.definitions.channels:
        yield unknown("REF019", listen.channel, known, subject.places.value(listen.where, "from"))
    yield from _reads(subject, listen.mapping, listen.system, subject.places.value(listen.where, "mapping"))


def _channel(subject: Subject, channel: DeclaredChannel) -> Iterator[Problem]:
    for key, name in (("mapping", channel.mapping), ("receipt", channel.receipt)):
        if name:
            yield from _reads(subject, name, channel.system, subject.places.value(channel.where, key))
    if channel.envelope and channel.envelope not in subject.definitions.envelopes:
        place = subject.places.value(channel.where, "envelope")
        yield unknown("REF011", channel.envelope, subject.known("envelope", channel.system), place)
    for node in subject.definitions.nodes.values() if channel.checksum else ():
        bound = node.channels.get(channel.id.rpartition(".")[2])
        if bound is not None and bound.adapter == MESSAGES and bound.settings.get("checksum") != channel.checksum:
            place = subject.places.value(node.where, "channels", channel.id.rpartition(".")[2])
            yield problem("INT014", place, related=(channel.where,), name=channel.id, checksum=channel.checksum)


def _reads(subject: Subject, name: str, system: str, place: Span) -> Iterator[Problem]:
    """A mapping of which something follows when a message comes in."""
    mapping = subject.definitions.mappings.get(name)
    if mapping is None:
        yield unknown("REF011", name, subject.known("mapping", system), place)
    elif not mapping.match and mapping.event is None:
        yield warning("INT013", place, related=(mapping.where,), mapping=name)
