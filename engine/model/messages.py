"""Messages: trees of elements that turn a document into a message and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.actions import Act
from engine.model.formula import DatedSpan, Formula, Given, Title
from engine.model.guards import Guard
from engine.model.types import Type
from engine.problems import NOWHERE, Span


@dataclass(frozen=True, slots=True)
class MessageLeaf:
    """One element of a message: an expression, or further elements, repeated for each row of a source.

    `also` are spellings accepted on the way in, `type` what a value is read as that no field tells of, `wrap` what the
    value is wrapped in, `size` its width in fixed format, `mapping` another mapping whose message it holds.
    """

    name: str
    value: Formula | None = None
    format: str = ""
    each: Formula | None = None
    children: tuple[MessageLeaf, ...] = ()
    also: tuple[str, ...] = ()
    wrap: tuple[str, ...] = ()
    codes: str = ""
    type: Type | None = None
    pattern: str = ""
    size: int | None = None
    mapping: str = ""
    attributes: Mapping[str, Formula] = field(default_factory=dict)
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Match:
    """Which document a message belongs to: the one whose fields equal what was parsed."""

    document: str
    by: tuple[str, ...]
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Sign:
    """A signature within the message: the profile, the name of the key, and when. Of XML it is enveloped, `before` is
    the element that it must precede; of JSON it is over members, and stands under `value` beside the certificate's
    `number`."""

    profile: str
    key: str
    before: str = ""
    when: Formula | None = None
    where: Span = NOWHERE
    over: tuple[str, ...] = ()
    value: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Seal:
    """With what leaves are sealed and signed: whose certificate (a file), and the name of this node's key."""

    certificate: Formula | None = None
    key: str = ""
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class MessageMapping:
    """A message out or in. What comes in is parsed, matched to a document and raised as its `event`.

    `also` are other roots that are read alike, `schema` is the path of the schema's file in the definitions, `each` the
    element of the tree that stands for one document. `is_strict`: what comes in and breaks the schema is not taken.
    `refused`: what is done about one that is not taken because it cannot be read, breaks its schema or does not pass
    its guards.
    """

    id: str
    document: str
    format: str
    tree: tuple[MessageLeaf, ...]
    to: str = ""
    kind: str = ""
    where: Span = NOWHERE
    system: str = ""
    envelope: str = ""
    root: str = ""
    also: tuple[str, ...] = ()
    namespaces: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Formula] = field(default_factory=dict)
    schema: str = ""
    most: int | None = None
    is_strict: bool = False
    each: str = ""
    match: tuple[Match, ...] = ()
    event: Formula | None = None
    values: Mapping[str, Given] = field(default_factory=dict)
    set: Mapping[str, Given] = field(default_factory=dict)
    sign: Sign | None = None
    edition_of: str = ""  # another mapping, which this one stands for on its days
    dated: DatedSpan = DatedSpan()
    answers: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    pad: str = ""
    keep_unmatched: bool = False
    unmatched: tuple[Act, ...] = ()
    creates: str = ""  # the event that begins a document of the type `document` where none is found
    org: Mapping[str, Formula] = field(default_factory=dict)  # by which fields the unit is found for whom it is begun
    refused: tuple[Act, ...] = ()
    title: Title = Title()
    accept: tuple[Guard, ...] = ()
    seal: Seal | None = None
    sender: Formula | None = None  # whom a message that leaves says it is from, and for
    receiver: Formula | None = None
