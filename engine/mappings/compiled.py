"""A mapping ready for use: the one door of the package.

In: a linked mapping and its surroundings. Out: `CompiledMapping`, which writes bytes out of documents and reads
documents out of bytes, whatever the format.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.expressions.environment import Env
from engine.mappings.flat_messages import FlatReader, FlatWriter
from engine.mappings.json_messages import JsonReader, JsonWriter
from engine.mappings.leaves import Surroundings
from engine.mappings.read import MessageFault, ReadMessage
from engine.mappings.ways import repeated_of, way_of
from engine.mappings.xml_reading import XmlReader
from engine.mappings.xml_writing import XmlWriter, expanded
from engine.model.messages import MessageLeaf, MessageMapping
from engine.model.xml_shapes import XmlShape
from engine.ports.xml import SchemaFault, UnreadableMessage, Xml


@dataclass(frozen=True, slots=True)
class CompiledMapping:
    """Writes and reads messages of one mapping. `xml` is needed for format `xml` alone."""

    mapping: MessageMapping
    writer: XmlWriter | JsonWriter | FlatWriter
    reader: XmlReader | JsonReader | FlatReader
    xml: Xml | None = None
    names: frozenset[str] = frozenset()
    """Names that reading may give at the top of a row."""

    @property
    def root(self) -> str:
        """The root element that such messages have, `{namespace}local`; "" in other formats."""
        return self.reader.root if isinstance(self.reader, XmlReader) else ""

    @property
    def roots(self) -> frozenset[str]:
        """All root elements that such messages may have; nothing in other formats."""
        return self.reader.roots if isinstance(self.reader, XmlReader) else frozenset()

    @property
    def each_tags(self) -> frozenset[str]:
        """The elements that each stand for one document; nothing where the message is one."""
        return self.reader.each if isinstance(self.reader, XmlReader) else frozenset()

    def write(self, documents: Sequence[Env]) -> bytes:
        """One message of these documents, in the encoding of the mapping (UTF-8 unless said).

        Raises UnicodeEncodeError where the encoding has no such sign, ValueError for a text that is too long."""
        return self.writer.write(documents).encode(self.mapping.encoding or "utf-8")

    def read(self, content: bytes) -> ReadMessage:
        """The documents of a message. Raises UnreadableMessage."""
        if not isinstance(self.reader, XmlReader):
            return self.reader.read(content)
        return self.reader.read(self._xml.parse(content))

    def judged(self, content: bytes) -> tuple[ReadMessage, Sequence[SchemaFault]]:
        """The documents of a message and what the schema of the mapping, if it has one, forbids in it. What this node
        signs by itself may come in without a signature.

        Raises UnreadableMessage."""
        if not isinstance(self.reader, XmlReader):
            return _with_something(self.reader.read(content), self.names), ()
        root = self._xml.parse(content)
        mapping = self.mapping
        faults = self._xml.judge(mapping.schema, root, unsigned=mapping.sign is not None) if mapping.schema else ()
        return _with_something(self.reader.read(root), self.names), faults

    @property
    def _xml(self) -> Xml:
        if self.xml is None:
            raise UnreadableMessage("broken", "此处不能读取XML", "XML cannot be read here")
        return self.xml


def _with_something(read: ReadMessage, names: frozenset[str]) -> ReadMessage:
    """What was read, with a fault for a row in which nothing stands that the mapping names, and for a message that has
    no row, where there are other names instead, or nothing at all: nothing would follow from it, and nobody would be
    told. A message that says no more than its number is one."""
    strange = bool(read.unknown) or (bool(read.documents) and not read.message)
    if strange and any(names) and not all(read.documents or [{}]) and not read.faults:
        zh, en = (
            "没有约定的内容，名称或命名空间可能不对",
            "nothing of what was agreed stands in it: names may be other ones",
        )
        read.faults.append(MessageFault(0, "", {"zh": zh, "en": en}))
    return read


def compiled(mapping: MessageMapping, around: Surroundings, xml: Xml | None = None) -> CompiledMapping:
    """Compile a mapping. Raises NotLinked for one that was never checked."""
    names = frozenset(_names(mapping.tree))
    if mapping.format == "xml":
        shape = shape_of(mapping, xml)
        return CompiledMapping(mapping, XmlWriter(mapping, around, shape), XmlReader(mapping, around), xml, names)
    if mapping.format == "json":
        return CompiledMapping(mapping, JsonWriter(mapping, around), JsonReader(mapping, around), None, names)
    return CompiledMapping(mapping, FlatWriter(mapping, around), FlatReader(mapping, around), None, names)


def _names(leaves: Sequence[MessageLeaf]) -> Iterator[str]:
    for leaf in leaves:
        if leaf.each is not None:
            yield repeated_of(leaf.each).table
        elif leaf.children:
            yield from _names(leaf.children)
        elif leaf.value is not None:
            way = way_of(leaf.value)
            yield way.name if way.kind in ("field", "column") else ""


def shape_of(mapping: MessageMapping, xml: Xml | None) -> XmlShape | None:
    """What the mapping's schema says of its root; None without a schema."""
    if xml is None or not mapping.schema:
        return None
    return xml.shape(mapping.schema, expanded(mapping.root, mapping.namespaces))
