"""What events have in common: the value of a key in an event, and where it is found.

In: definitions, an event's name, a key as the rule writes it. Out: where the event holds it: a field or value of its
own name, the record itself where the key is called like its document type, an answer to what the event asks, or the
node where the key is `device`. An event without a value has nothing in common with any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

from engine.model.documents import Document
from engine.model.happenings import HAPPENINGS
from engine.model.machines import Event
from engine.model.system import Definitions
from engine.model.types import SYSTEM_FIELDS

DEVICE = "device"


class Held(StrEnum):
    """Where an event holds a key."""

    VALUE = "value"
    RECORD = "record"
    ANSWER = "answer"
    NODE = "node"


@dataclass(frozen=True, slots=True)
class DocumentEvent:
    """A document's event that a rule listens to."""

    document: Document
    event: Event


def document_event(definitions: Definitions, name: str) -> DocumentEvent | None:
    """The document's event of a name such as `certificate.take_out`; None for a happening, or where there is none."""
    document, _, event = name.rpartition(".")
    machine = definitions.machines.get(document)
    if name in HAPPENINGS or machine is None or event not in machine.events or document not in definitions.documents:
        return None
    return DocumentEvent(definitions.documents[document], machine.events[event])


def held_as(definitions: Definitions, name: str, key: str) -> Held | None:
    """Where events of a name hold a key; None where they do not."""
    found = document_event(definitions, name)
    if found is None:
        if key in (HAPPENINGS[name].fields if name in HAPPENINGS else {}):
            return Held.VALUE
    elif key in found.document.fields or key in SYSTEM_FIELDS:
        return Held.VALUE
    elif key == found.document.id.rpartition(".")[2]:
        return Held.RECORD
    elif key in found.event.ask:
        return Held.ANSWER
    return Held.NODE if key == DEVICE else None


def value_of(held: Held | None, key: str, content: Mapping[str, object], node: str) -> object:
    """The value of a key in what an event held."""
    values, asked = content.get("values"), content.get("asked")
    if held is Held.NODE:
        return node
    if held is Held.ANSWER:
        return asked.get(key) if isinstance(asked, Mapping) else None
    if held is None or not isinstance(values, Mapping):
        return None
    return values.get("id" if held is Held.RECORD else key)


def key_text(rule: str, values: tuple[object, ...]) -> str:
    """What a rule's place is kept under: the same for equal values."""
    told = [format(one.normalize(), "f") if isinstance(one, Decimal) else str(one) for one in values]
    return sha256("\0".join([rule, *told]).encode()).hexdigest()[:32]
