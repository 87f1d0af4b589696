"""Checks of mappings: their form, and that they fit the schema which the message must pass.

In: linked mappings, schemas. Out: problems at the mapping's lines. Where a schema is named, every element of the tree
exists in it at that place and in that order, everything that it requires is mapped, and the fields behind fit its
types, and its lengths where the mapping names a channel to go by: a message that the other side's gate would turn back
is told before the first one is sent. A mapping without a channel only reads, such as that of an earlier edition; one
that something follows from need not name all that the schema requires.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.checks.envelopes import check_envelope, check_guards, check_wrap
from engine.checks.subject import Subject, problem, unknown
from engine.mappings.ways import BODY
from engine.mappings.xml_writing import expanded
from engine.model.documents import Field
from engine.model.envelopes import Envelope
from engine.model.messages import MessageLeaf, MessageMapping, Sign
from engine.model.types import Kind
from engine.model.xml_shapes import Facets, XmlShape, local_name
from engine.ports.xml import Xml
from engine.problems import Problem, Span
from engine.signing.profiles import profile_names

SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}"
_NUMBERS = (Kind.NUMBER, Kind.INTEGER)


def check_messages(subject: Subject) -> Iterator[Problem]:
    """Every mapping."""
    for mapping in subject.definitions.mappings.values():
        yield from _message(subject, mapping)
        yield from _channel(subject, mapping)
        if mapping.edition_of and mapping.edition_of not in subject.definitions.mappings:
            place = subject.places.value(mapping.where, "edition", "of")
            yield unknown("REF011", mapping.edition_of, subject.known("mapping", mapping.system), place)
        if mapping.envelope and mapping.envelope not in subject.definitions.envelopes:
            place = subject.places.value(mapping.where, "envelope")
            yield unknown("REF011", mapping.envelope, subject.known("envelope", mapping.system), place)
        elif (
            mapping.envelope
            and mapping.to
            and not _says_whom_for(subject.definitions.envelopes[mapping.envelope], mapping)
        ):
            place = subject.places.value(mapping.where, "envelope")
            yield problem("MSG027", place, envelope=mapping.envelope)
    for envelope in subject.definitions.envelopes.values():
        yield from _message(subject, envelope.mapping)
        yield from _envelope(subject, envelope)


def _says_whom_for(envelope: Envelope, mapping: MessageMapping) -> bool:
    """Whether what is sealed can be sealed for somebody: the mapping names the receiver, the envelope finds him."""
    sealed = envelope.security is not None and bool(envelope.security.seal)
    return not sealed or (mapping.receiver is not None and envelope.known is not None)


def _message(subject: Subject, mapping: MessageMapping) -> Iterator[Problem]:
    yield from _form(subject, mapping)
    yield from check_guards(subject, mapping.where, mapping.accept, mapping.tree)
    yield from _leaves(subject, mapping, mapping.tree)
    if mapping.format == "xml" and subject.xml is not None and mapping.schema and not _prefixes(subject, mapping):
        yield from _schema(subject, mapping, subject.xml)


def _envelope(subject: Subject, envelope: Envelope) -> Iterator[Problem]:
    """That the message within is put in, and what this version does not do."""
    if not any(leaf.value is not None and leaf.value.text == BODY for leaf in _every(envelope.mapping.tree)):
        yield problem("MSG014", subject.places.key(envelope.where, "tree"))
    yield from check_envelope(subject, envelope)


def _every(leaves: Sequence[MessageLeaf]) -> Iterator[MessageLeaf]:
    for leaf in leaves:
        yield leaf
        yield from _every(leaf.children)


def _form(subject: Subject, mapping: MessageMapping) -> Iterator[Problem]:
    if mapping.sign is not None:
        yield from _signature(subject, mapping, mapping.sign)
    if mapping.format == "xml" and not mapping.root:
        yield problem("MSG011", subject.places.value(mapping.where, "format"))
    if mapping.each and mapping.each not in (names := [leaf.name for leaf in mapping.tree]):
        yield unknown("MSG010", mapping.each, names, subject.places.value(mapping.where, "each"))
    yield from _prefixes(subject, mapping)


def _signature(subject: Subject, mapping: MessageMapping, sign: Sign) -> Iterator[Problem]:
    if sign.profile not in profile_names():
        yield unknown("MSG015", sign.profile, profile_names(), subject.places.value(sign.where, "profile"))
    if mapping.format != "xml" and not (mapping.format == "json" and sign.over and sign.value):
        yield problem("MSG016", subject.places.key(mapping.where, "sign"), format=mapping.format)
    prefix, colon, _ = sign.before.rpartition(":")
    if colon and prefix not in mapping.namespaces:
        yield unknown("MSG008", prefix, mapping.namespaces, subject.places.value(sign.where, "before"))


def _prefixes(subject: Subject, mapping: MessageMapping) -> list[Problem]:
    """Prefixes that no namespace is given for."""
    found: list[Problem] = []
    if mapping.format != "xml":
        return found
    head = subject.places.value(mapping.where, "message", "root")
    written = [*((one, head) for one in (mapping.root, *mapping.also)), *_written(mapping.tree)]
    for name, place in written:
        prefix, colon, _ = name.rpartition(":")
        if colon and prefix not in mapping.namespaces:
            found.append(unknown("MSG008", prefix, mapping.namespaces, place))
    return found


def _written(leaves: Sequence[MessageLeaf]) -> Iterator[tuple[str, Span]]:
    for leaf in leaves:
        yield leaf.name, leaf.where
        yield from _written(leaf.children)


def _leaves(subject: Subject, mapping: MessageMapping, leaves: Sequence[MessageLeaf]) -> Iterator[Problem]:
    for leaf in leaves:
        yield from check_wrap(subject, mapping, leaf)
        if mapping.format == "fixed" and not leaf.children and leaf.size is None:
            yield problem("MSG009", leaf.where, name=leaf.name)
        if mapping.format in ("fixed", "csv") and leaf.each is not None:
            yield problem("MSG012", subject.places.key(leaf.where, "each"), format=mapping.format)
        yield from _leaves(subject, mapping, leaf.children)


def _channel(subject: Subject, mapping: MessageMapping) -> Iterator[Problem]:
    nodes = subject.definitions.nodes.values()
    if mapping.to and nodes and mapping.to in subject.known("channel", mapping.system):
        bound = sorted({name for node in nodes for name in node.channels})
        if mapping.to not in bound:
            place = subject.places.value(mapping.where, "to")
            yield Problem("SYS013", place, {"name": mapping.to}, related=tuple(node.where for node in nodes))


# --- the schema ------------------------------------------------------------------------------------------------------


def _schema(subject: Subject, mapping: MessageMapping, xml: Xml) -> Iterator[Problem]:
    place = subject.places.value(mapping.where, "message", "schema")
    try:
        shape = xml.shape(mapping.schema, expanded(mapping.root, mapping.namespaces))
        roots = [] if shape is not None else [local_name(one) for one in xml.roots(mapping.schema)]
    except ValueError as error:
        yield problem("MSG006", place, file=mapping.schema, reason=str(error))
        return
    if shape is None:
        root = subject.places.value(mapping.where, "message", "root")
        yield unknown("MSG007", mapping.root.rpartition(":")[2], roots, root, file=mapping.schema)
        return
    if mapping.also:  # what is common to several messages stands in none of them as a whole
        yield from _other_roots(subject, mapping, xml)
        return
    document = subject.definitions.documents.get(mapping.document)
    is_taken = mapping.event is not None or bool(mapping.match)
    fitting = _Fitting(subject, mapping.namespaces, bool(mapping.to), bool(mapping.to) or not is_taken)
    for attribute in shape.attributes:
        if fitting.is_whole and attribute.required and attribute.name not in mapping.attributes:
            yield problem("MSG002", subject.places.value(mapping.where, "message", "root"), name=f"@{attribute.name}")
    tree = subject.places.key(mapping.where, "tree")
    yield from fitting.level(mapping.tree, shape, document.fields if document is not None else {}, tree)


def _other_roots(subject: Subject, mapping: MessageMapping, xml: Xml) -> Iterator[Problem]:
    known = set(xml.roots(mapping.schema))
    place = subject.places.value(mapping.where, "message", "also")
    for root in mapping.also:
        if expanded(root, mapping.namespaces) not in known:
            named = [local_name(one) for one in known]
            yield unknown("MSG007", root.rpartition(":")[2], named, place, file=mapping.schema)


@dataclass(frozen=True)
class _Fitting:
    """Compares levels of a tree with what a schema allows there."""

    subject: Subject
    namespaces: Mapping[str, str]
    is_written: bool = True
    is_whole: bool = True  # what the schema requires is all there

    def level(
        self, leaves: Sequence[MessageLeaf], shape: XmlShape, fields: Mapping[str, Field], place: Span
    ) -> Iterator[Problem]:
        order = {one.name: at for at, one in enumerate(shape.children)}
        before: XmlShape | None = None
        for leaf in leaves:
            found = shape.child(expanded(leaf.name, self.namespaces))
            if found is None:
                if not shape.open:
                    known = [one.local for one in shape.children]
                    where = self.subject.name_of(leaf.where, leaf.name)
                    yield unknown("MSG001", leaf.name.rpartition(":")[2], known, where, within=shape.local)
                continue
            if before is not None and order[found.name] < order[before.name]:
                where = self.subject.name_of(leaf.where, leaf.name)
                yield problem("MSG003", where, name=found.local, other=before.local)
            before = found
            yield from self._leaf(leaf, found, fields)
        mapped = {expanded(leaf.name, self.namespaces) for leaf in leaves}
        for one in shape.children:
            if self.is_whole and one.least and one.name not in mapped and not one.name.startswith(SIGNATURE):
                yield problem("MSG002", place, name=one.local)

    def _leaf(self, leaf: MessageLeaf, shape: XmlShape, fields: Mapping[str, Field]) -> Iterator[Problem]:
        inner = fields
        if leaf.each is not None:
            table = fields.get(leaf.each.text)
            inner = table.fields if table is not None else {}
        if leaf.children:
            yield from self.level(leaf.children, shape, inner, leaf.where)
        elif leaf.value is not None and not leaf.wrap:
            declared = fields.get(leaf.value.text)
            yield from self._type(leaf, shape.facets)
            if declared is not None and not leaf.format and self.is_written:
                yield from self._length(leaf, shape, declared)

    def _type(self, leaf: MessageLeaf, facets: Facets) -> Iterator[Problem]:
        assert leaf.value is not None
        linked = leaf.value.linked
        if linked is None or facets.kind not in ("integer", "decimal"):
            return
        kind = linked.type.kind
        fits = kind is Kind.INTEGER or (kind is Kind.NUMBER and facets.kind == "decimal")
        if not fits and kind not in (Kind.ANY, Kind.NULL) and not leaf.value.text.startswith(("'", '"')):
            yield problem("MSG005", leaf.value.where, type=f"@{kind}", kind=f"@{facets.kind}")

    def _length(self, leaf: MessageLeaf, shape: XmlShape, declared: Field) -> Iterator[Problem]:
        assert leaf.value is not None
        facets = shape.facets
        if facets.kind == "text" and facets.most is not None and declared.kind in ("text", "long_text"):
            longest = declared.maximum if isinstance(declared.maximum, Decimal) else None
            if longest is None or longest > facets.most:
                have = "" if longest is None else f"{longest}"
                values = {"field": declared.name, "have": have or "@none", "most": str(facets.most)}
                yield Problem("MSG004", leaf.value.where, values, related=(declared.where,))
        if facets.kind == "decimal" and declared.type.kind is Kind.NUMBER:
            scale = declared.scale if declared.scale is not None else 2 if declared.kind == "money" else None
            if facets.fraction_digits is not None and (scale is None or scale > facets.fraction_digits):
                have = "@none" if scale is None else str(scale)
                values = {"field": declared.name, "have": have, "most": str(facets.fraction_digits)}
                yield Problem("MSG013", leaf.value.where, values, related=(declared.where,))
