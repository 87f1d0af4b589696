"""Rows out of XML: a mapping compiled into a reader of elements.

In: the root element that the port `Xml` gave. Out: `ReadMessage`. Elements are known by namespace and local name, never
by prefix; what the mapping does not name is passed over, what stands twice or cannot be read is a fault with its line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from engine.mappings.leaves import XML, Leaf, Surroundings, leaf_of
from engine.mappings.read import MessageFault, ReadMessage
from engine.mappings.scalars import Misread, as_it_stands
from engine.mappings.ways import repeated_of
from engine.mappings.xml_writing import expanded
from engine.model.formula import Formula
from engine.model.messages import MessageLeaf, MessageMapping
from engine.model.xml_shapes import local_name
from engine.ports.xml import XmlElement

Read = Callable[[XmlElement, dict[str, object], ReadMessage], None]
_MOST_FAULTS = 200


class XmlReader:
    """Reads messages of one mapping."""

    def __init__(self, mapping: MessageMapping, around: Surroundings) -> None:
        """Compiles the mapping. Raises NotLinked."""
        self._around, self._spaces = around, mapping.namespaces
        self.root = expanded(mapping.root, mapping.namespaces)
        self.roots = frozenset((self.root, *(expanded(one, mapping.namespaces) for one in mapping.also)))
        document = tuple(leaf for leaf in mapping.tree if leaf.name == mapping.each)
        self.each = frozenset(self._spelled(document[0])) if document else frozenset[str]()
        shared = tuple(leaf for leaf in mapping.tree if leaf.name != mapping.each)
        self._shared = self._table(shared)
        self._document = self._children(document[0].children) if document else None
        self._attributes = self._attributes_of(mapping.attributes)

    def read(self, root: XmlElement) -> ReadMessage:
        """Everything that the mapping names."""
        found = ReadMessage()
        if root.tag not in self.roots:
            wanted, is_ = local_name(self.root), local_name(root.tag)
            found.faults.append(_fault(root, f"根元素应为{wanted}，现为{is_}", f"the root must be {wanted}, is {is_}"))
            return found
        shared: dict[str, object] = {}
        self._attributes(root, shared, found)
        own: list[dict[str, object]] = []
        for child in root:
            if child.tag in self.each and self._document is not None:
                row: dict[str, object] = {}
                self._document(child, row, found)
                own.append(row)
            elif (read := self._shared.get(child.tag)) is not None:
                read(child, shared, found)
            else:
                _pass_over(child, found)
        found.documents = [{**shared, **row} for row in own] if self._document is not None else [shared]
        return found

    def _table(self, leaves: Sequence[MessageLeaf]) -> Mapping[str, Read]:
        """What reads each element of a level, by name, other spellings included."""
        table: dict[str, Read] = {}
        for leaf in leaves:
            read = self._element(leaf)
            table |= dict.fromkeys(self._spelled(leaf), read)
        return table

    def _spelled(self, leaf: MessageLeaf) -> Sequence[str]:
        """All names of an element; one without a prefix has that of the element itself."""
        prefix, colon, _ = leaf.name.rpartition(":")
        names = (name if ":" in name or not colon else f"{prefix}:{name}" for name in (leaf.name, *leaf.also))
        return [expanded(name, self._spaces) for name in names]

    def _element(self, leaf: MessageLeaf) -> Read:
        attributes = self._attributes_of(leaf.attributes)
        if leaf.each is not None:
            return self._repeated(leaf, self._children(leaf.children), attributes)
        if leaf.children:
            return self._branch(self._children(leaf.children), attributes)
        compiled = leaf_of(leaf, self._around)
        if leaf.wrap == (XML,):
            return _whole(compiled.name, self._around)
        return _leaf(compiled) if not leaf.attributes else _both(_leaf(compiled), attributes)

    def _children(self, leaves: Sequence[MessageLeaf]) -> Read:
        table = self._table(leaves)

        def read(element: XmlElement, row: dict[str, object], found: ReadMessage) -> None:
            get = table.get
            for child in element:
                handler = get(child.tag)
                if handler is not None:
                    handler(child, row, found)
                else:
                    _pass_over(child, found)

        return read

    def _branch(self, inner: Read, attributes: Read) -> Read:
        def read(element: XmlElement, row: dict[str, object], found: ReadMessage) -> None:
            if (place := (id(row), id(inner))) in found.entered:
                _repeats(element, found)
                return
            found.entered.add(place)
            attributes(element, row, found)
            inner(element, row, found)

        return read

    def _repeated(self, leaf: MessageLeaf, inner: Read, attributes: Read) -> Read:
        assert leaf.each is not None
        table = repeated_of(leaf.each).table

        def read(element: XmlElement, row: dict[str, object], found: ReadMessage) -> None:
            child: dict[str, object] = {}
            attributes(element, child, found)
            inner(element, child, found)
            if table:
                rows = row.setdefault(table, [])
                assert isinstance(rows, list)
                rows.append(child)

        return read

    def _attributes_of(self, formulas: Mapping[str, Formula]) -> Read:
        leaves = [(name, leaf_of(MessageLeaf(name, formula), self._around)) for name, formula in formulas.items()]

        def read(element: XmlElement, row: dict[str, object], found: ReadMessage) -> None:
            for name, leaf in leaves:
                text = element.get(name)
                if text is None:
                    continue
                if leaf.way.kind == "message":
                    found.message[leaf.way.name] = text
                else:
                    _keep(leaf, text, element, row, found)

        return read


def _leaf(leaf: Leaf) -> Read:
    name, plain = leaf.name, leaf.way.kind == "field" and leaf.from_text is as_it_stands
    of_message = leaf.way.name if leaf.way.kind == "message" else ""

    def read(element: XmlElement, row: dict[str, object], found: ReadMessage) -> None:
        if len(element):
            local = local_name(element.tag)
            found.faults.append(_fault(element, f"{local}下不应再有元素", f"{local} holds no elements"))
        elif name and name in row:
            _repeats(element, found)
        elif plain:
            row[name] = element.text or ""
        elif of_message:
            said: dict[str, object] = {}
            _keep(leaf, element.text or "", element, said, found, of_message)
            found.message = {**said, **found.message}
        else:
            _keep(leaf, element.text or "", element, row, found)

    return read


def _whole(name: str, around: Surroundings) -> Read:
    """What stands in an element, whatever it is."""

    def read(element: XmlElement, row: dict[str, object], found: ReadMessage) -> None:
        if around.xml is not None and name:
            row[name] = around.xml.inside(element)

    return read


def _keep(
    leaf: Leaf, text: str, element: XmlElement, row: dict[str, object], found: ReadMessage, name: str = ""
) -> None:
    """Read a text and keep it in the row, by the leaf's own name unless another is given."""
    try:
        value = leaf.read(text)
    except Misread as misread:
        local, texts = local_name(element.tag), misread.text
        found.faults.append(
            _fault(element, f"{local}{texts['zh']}：{text[:60]}", f"{local} {texts['en']}: {text[:60]}")
        )
        value = None
    if (name := name or leaf.name) and len(found.faults) < _MOST_FAULTS:
        row[name] = value


def _both(first: Read, second: Read) -> Read:
    def read(element: XmlElement, row: dict[str, object], found: ReadMessage) -> None:
        first(element, row, found)
        second(element, row, found)

    return read


def _repeats(element: XmlElement, found: ReadMessage) -> None:
    name = local_name(element.tag)
    found.faults.append(_fault(element, f"{name}重复", f"{name} stands twice"))


def _pass_over(element: XmlElement, found: ReadMessage) -> None:
    if len(found.unknown) < _MOST_FAULTS:
        found.unknown.append(element.tag)


def _fault(element: XmlElement, zh: str, en: str) -> MessageFault:
    return MessageFault(element.sourceline or 0, local_name(element.tag), {"zh": zh, "en": en})
