"""A real message there and back: read into documents, built again, compared.

In: the bytes of a message, compiled mappings by root. Out: a `Trip`: what the schema forbids, what could not be read,
and every difference between what came and what was built, by canonical form (W3C Canonical XML 2.0), without signature.
Numbers are compared as numbers: `500` and `500.00` are one value of `xs:decimal`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from typing import cast

from engine.expressions.environment import Env, World
from engine.mappings.compiled import CompiledMapping
from engine.mappings.read import MessageFault, ReadMessage
from engine.mappings.ways import MESSAGE
from engine.model.xml_shapes import local_name
from engine.ports.xml import SchemaFault, UnreadableMessage, Xml, XmlElement

_MOST = 200
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"


@dataclass(slots=True)
class Trip:
    """What came of one message. `refused`: it is not right itself; `differences` and `misread` are faults of ours."""

    mapping: str = ""
    documents: int = 0
    refused: str = ""
    unreadable: Mapping[str, str] | None = None
    schema: Sequence[SchemaFault] = ()
    misread: Sequence[MessageFault] = ()
    differences: Sequence[str] = field(default=())
    built: bytes = b""

    @property
    def is_ours(self) -> bool:
        """Whether something is wrong that the sender has not done."""
        return bool(self.misread or self.differences)


def round_trip(content: bytes, mappings: Sequence[CompiledMapping], xml: Xml, world: World) -> Trip:
    """Take a message there and back by the first mapping of its root that gives it back, among those whose schema
    allows it: the other end of an exchange may read of the same message only what it needs."""
    try:
        root = xml.parse(content)
    except UnreadableMessage as error:
        return Trip(refused=error.code, unreadable=error.text)
    fitting = [one for one in mappings if one.root == root.tag]
    if not fitting:
        return Trip(refused="unknown")
    judged = [(one, xml.judge(one.mapping.schema, root) if one.mapping.schema else ()) for one in fitting]
    allowed = [one for one, faults in judged if not faults]
    if not allowed:
        return Trip(judged[0][0].mapping.id, schema=judged[0][1], refused="schema")
    trips = [_trip(allowed[0], content, xml, world)]
    while trips[-1].is_ours and len(trips) < len(allowed):
        trips.append(_trip(allowed[len(trips)], content, xml, world))
    return trips[0] if trips[-1].is_ours else trips[-1]


def _trip(chosen: CompiledMapping, content: bytes, xml: Xml, world: World) -> Trip:
    read = chosen.read(content)
    trip = Trip(chosen.mapping.id, len(read.documents), misread=read.faults)
    if read.documents and not read.faults:
        trip.built = chosen.write(list(_environments(read, world)))
        if xml.canonical(content, unsigned=True) != xml.canonical(trip.built, unsigned=True):
            trip.differences = list(_first(_differences(xml.parse(content), xml.parse(trip.built), "")))
    return trip


class _Row(dict[str, object]):
    """A document as a message tells it: of what it does not tell there is nothing."""

    def __missing__(self, name: str) -> None:
        return None


def _environments(read: ReadMessage, world: World) -> Iterator[Env]:
    for found in read.documents:
        row = _Row(found)
        yield Env(row, world, this=row, names={MESSAGE: read.message})


def _first(found: Iterator[str]) -> Iterator[str]:
    for _, one in zip(range(_MOST), found, strict=False):
        yield one


def _differences(came: XmlElement, built: XmlElement, path: str) -> Iterator[str]:
    place = f"{path}/{local_name(came.tag)}"
    if came.tag != built.tag:
        yield f"{came.sourceline}: {place} / {local_name(built.tag)}"
        return
    mine, yours = _attributes(came), _attributes(built)
    for name in sorted(mine.keys() | yours.keys()):
        if mine.get(name) != yours.get(name):
            yield f"{came.sourceline}: {place}@{name}: {mine.get(name)!r} / {yours.get(name)!r}"
    if not len(came) and not len(built):
        if not _same(came.text or "", built.text or ""):
            yield f"{came.sourceline}: {place}: {came.text!r} / {built.text!r}"
        return
    children = ([one for one in element if one.tag != _SIGNATURE] for element in (came, built))
    for first, second in zip_longest(*children):
        if first is None or second is None:
            there = first if first is not None else second
            sides = ("+", "-") if second is None else ("-", "+")
            yield f"{there.sourceline}: {place}/{local_name(there.tag)}: {' / '.join(sides)}"
        else:
            yield from _differences(first, second, place)
            if first.tag != second.tag:
                return


def _attributes(element: XmlElement) -> dict[str, str]:
    items = cast("Mapping[str, str]", getattr(element, "attrib", {}))
    return {name: value for name, value in items.items() if not name.startswith("{http://www.w3.org/2001/XMLSchema-")}


def _same(came: str, built: str) -> bool:
    if came == built:
        return True
    try:
        return Decimal(came) == Decimal(built)
    except InvalidOperation:
        return False


class StillWorld:
    """Surroundings of a message that is read from a file: code lists and declared parameters, no documents."""

    def __init__(self, now: datetime, parameters: Mapping[str, object]) -> None:
        self.now, self._parameters = now, parameters
        self.user = self.org = self.device = self.caller = None

    @property
    def today(self) -> date:
        """The day of `now`."""
        return self.now.date()

    def parameter(self, name: str) -> object:
        """The declared value."""
        return self._parameters.get(name)

    def code(self, list_id: str, code: str, column: str) -> object:
        """No column is known here."""
        return None

    def __getattr__(self, name: str) -> object:
        raise LookupError(name)
