"""Checks of what stands beside a node: its devices, the pictures that are taken, what its touch screen runs.

In: nodes. Out: problems. What a kind of device cannot be without is asked for and what it does not know is refused
here, so that nobody learns it from a drawer that does not open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.checks.subject import Subject, problem, unknown
from engine.loading.nearest import nearest
from engine.model.device_kinds import CAMERA, DEVICE_KINDS, LOCK, SHARED, DeviceKind, classes, is_of
from engine.model.happenings import HAPPENINGS
from engine.model.system import Node
from engine.problems import Problem, Span

Words = Mapping[str, str]
_BUSES = (LOCK, "contacts", "climate", "current")
"""Classes of devices that share a port by their addresses."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A device with the place of its words."""

    name: str
    words: Words
    kind: DeviceKind
    where: Span


def check_surroundings(subject: Subject, node: Node) -> Iterator[Problem]:
    """Devices, pictures and the touch screen of a node."""
    placed = []
    for name, words in node.devices.items():
        where = subject.places.value(node.where, "devices", name)
        kind = DEVICE_KINDS.get(words.get("adapter", ""))
        if kind is None:
            place = subject.places.value(where, "adapter")
            yield unknown("SYS040", words.get("adapter", ""), DEVICE_KINDS, place)
        else:
            placed.append(_Placed(name, words, kind, where))
            yield from _words(subject, placed[-1])
    yield from _shared_ports(subject, placed)
    yield from _snapshots(subject, node)
    yield from _kiosk(subject, node)


def _words(subject: Subject, one: _Placed) -> Iterator[Problem]:
    knows, adapter = one.kind.knows, one.words["adapter"]
    for key, word in one.words.items():
        place = subject.places.key(one.where, key)
        if key not in knows:
            yield Problem("SYS041", place, {"adapter": adapter, "key": key}, nearest(key, knows))
        elif not is_of(knows[key], word):
            yield problem(
                "SYS042", subject.places.value(one.where, key), key=key, word=word, form=f"@form_{knows[key]}"
            )
    if one.kind.on_line and not one.words.get("port"):
        yield problem("SYS043", one.where, adapter=adapter)


def _shared_ports(subject: Subject, placed: list[_Placed]) -> Iterator[Problem]:
    """What shares a port shares its line, and has addresses of its own."""
    first: dict[str, _Placed] = {}
    taken: dict[tuple[str, str], _Placed] = {}
    for one in placed:
        port = one.words.get("port", "")
        if not one.kind.on_line or not port:
            continue
        other = first.setdefault(port, one)
        place = subject.places.value(one.where, "port")
        if other is not one and (key := _differs(one, other)):
            yield problem("SYS044", place, related=(other.where,), port=port, other=other.name, key=key)
        address = _address(one)
        if (same := taken.setdefault((port, address), one)) is not one:
            where = subject.places.value(one.where, "address") if "address" in one.words else place
            yield problem("SYS045", where, related=(same.where,), port=port, other=same.name)


def _differs(one: _Placed, other: _Placed) -> str:
    """The word in which two devices on one port disagree; the adapter where one of them has its port alone."""
    if one.kind.device not in _BUSES or other.kind.device not in _BUSES:
        return "adapter"
    usual = {"baud": (str(one.kind.baud), str(other.kind.baud))}
    told = ((key, usual.get(key, ("", ""))) for key in SHARED)
    return next((key for key, (mine, its) in told if one.words.get(key, mine) != other.words.get(key, its)), "")


def _address(one: _Placed) -> str:
    told = one.words.get("address", "0")
    return str(int(told, 0)) if told.isdecimal() or told.startswith("0x") else told


def _snapshots(subject: Subject, node: Node) -> Iterator[Problem]:
    told = node.snapshots
    if told is None:
        return
    cameras = [name for name, kind in classes(node.devices).items() if kind == CAMERA]
    if told.camera not in cameras:
        yield unknown("SYS046", told.camera, cameras, subject.places.value(told.where, "camera"))
    for name, place in subject.listed(told.where, "on", names=told.on):
        if name not in HAPPENINGS:
            yield unknown("SYS047", name, HAPPENINGS, place)


def _kiosk(subject: Subject, node: Node) -> Iterator[Problem]:
    told = node.kiosk
    if told is None:
        return
    flows = subject.definitions.flows
    if told.flow not in flows:
        yield unknown("SYS048", told.flow, flows, subject.places.value(told.where, "flow"))
    systems = subject.definitions.systems
    known = [role for name in node.systems or systems if name in systems for role in systems[name].roles]
    if told.role and told.role not in known:
        yield unknown("REF006", told.role, known, subject.places.value(told.where, "role"))
