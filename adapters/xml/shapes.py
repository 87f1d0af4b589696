"""Shapes out of XML schemas (W3C XML Schema 1.0, part 1 and 2): the parts that messages are described with.

In: parsed schema files, the one that is meant, the name of a root element. Out: an `XmlShape`. Elements by name or
reference, complex types with sequences, choices, attributes and simple content, simple types by restriction; what has
another namespace and no schema here is left open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lxml.etree import _Element as Element

from engine.model.xml_shapes import Facets, XmlAttribute, XmlShape

_XS = "{http://www.w3.org/2001/XMLSchema}"
_DEEPEST = 20
_KINDS = {
    "decimal": "decimal", "float": "decimal", "double": "decimal", "boolean": "boolean", "date": "date",
    "dateTime": "datetime", "base64Binary": "base64",
    **dict.fromkeys(
        ("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger", "unsignedInt",
         "unsignedLong", "unsignedShort", "unsignedByte"), "integer",
    ),
}  # fmt: skip
_BOUNDS = {
    "length": ("least", "most"), "minLength": ("least",), "maxLength": ("most",), "totalDigits": ("total_digits",),
    "fractionDigits": ("fraction_digits",),
}  # fmt: skip


def shape_of(book: Book, root: str) -> XmlShape | None:
    """The shape of a root element; None where no file of the schema declares it."""
    declared = book.elements.get(root)
    return None if declared is None else _element(book, declared, root, 0)


@dataclass(frozen=True, slots=True)
class Book:
    """Declarations by `{namespace}local`; every element with the namespace of its file."""

    elements: Mapping[str, Element]
    types: Mapping[str, Element]

    @classmethod
    def of(cls, trees: Mapping[str, Element]) -> Book:
        elements: dict[str, Element] = {}
        types: dict[str, Element] = {}
        for tree in trees.values():
            target = tree.get("targetNamespace", "")
            for one in tree:
                name = _named(target, str(one.get("name")))
                if one.tag == _XS + "element":
                    elements.setdefault(name, one)
                elif one.tag in (_XS + "complexType", _XS + "simpleType"):
                    types.setdefault(name, one)
        return cls(elements, types)


def _named(namespace: str, local: str) -> str:
    return f"{{{namespace}}}{local}" if namespace else local


def _meant(node: Element, name: str) -> str:
    """A prefixed name of a schema as `{namespace}local`."""
    prefix, _, local = name.rpartition(":")
    return _named(node.nsmap.get(prefix or None, ""), local)


def _element(book: Book, node: Element, name: str, depth: int) -> XmlShape:
    title = _title(node)
    typed = _type_of(book, node)
    if typed is None:
        return XmlShape(name, facets=_built_in(node, node.get("type")), title=title, open=node.get("type") is None)
    if typed.tag == _XS + "simpleType":
        return XmlShape(name, facets=_facets(book, typed), title=title)
    if depth > _DEEPEST:
        return XmlShape(name, open=True, title=title)
    content = typed.find(f"{_XS}simpleContent/{_XS}extension")
    held = typed if content is None else content
    attributes = tuple(_attribute(book, one) for one in held.findall(_XS + "attribute"))
    if content is not None:
        base = book.types.get(_meant(content, str(content.get("base"))))
        facets = _built_in(content, content.get("base")) if base is None else _facets(book, base)
        return XmlShape(name, facets=facets, attributes=attributes, title=title)
    children = tuple(_children(book, typed, depth))
    wild = next(typed.iter(_XS + "any"), None) is not None
    return XmlShape(name, children=children, attributes=attributes, open=wild, title=title)


def _children(book: Book, typed: Element, depth: int) -> Iterator[XmlShape]:
    for group in typed:
        if group.tag in (_XS + "sequence", _XS + "choice", _XS + "all"):
            yield from _group(book, group, depth)


def _group(book: Book, group: Element, depth: int) -> Iterator[XmlShape]:
    loose = group.tag == _XS + "choice" or group.get("minOccurs") == "0"
    many = group.get("maxOccurs") == "unbounded"
    for one in group:
        if one.tag in (_XS + "sequence", _XS + "choice"):
            inner = list(_group(book, one, depth))
        elif one.tag == _XS + "element":
            inner = [_counted(book, one, depth)]
        else:
            continue
        for shape in inner:
            least, most = 0 if loose else shape.least, None if many else shape.most
            fits = (least, most) == (shape.least, shape.most)
            yield shape if fits else replace(shape, least=least, most=most)


def _counted(book: Book, node: Element, depth: int) -> XmlShape:
    """An element where it is used: with how many there may be."""
    reference = node.get("ref")
    if reference:
        name = _meant(node, reference)
        declared = book.elements.get(name)
        shape = XmlShape(name, open=True) if declared is None else _element(book, declared, name, depth + 1)
        shape = replace(shape, title=_title(node) or shape.title)
    else:
        schema = node.getroottree().getroot()
        qualified = node.get("form", schema.get("elementFormDefault", "unqualified")) == "qualified"
        target = schema.get("targetNamespace", "") if qualified else ""
        shape = _element(book, node, _named(target, str(node.get("name"))), depth + 1)
    told = node.get("maxOccurs", "1")
    least, most = int(node.get("minOccurs", "1")), None if told == "unbounded" else int(told)
    return shape if (least, most) == (shape.least, shape.most) else replace(shape, least=least, most=most)


def _attribute(book: Book, node: Element) -> XmlAttribute:
    typed = _type_of(book, node)
    facets = _built_in(node, node.get("type")) if typed is None else _facets(book, typed)
    if node.get("fixed") is not None:
        facets = replace(facets, allowed=(str(node.get("fixed")),))
    return XmlAttribute(str(node.get("name")), facets, node.get("use") == "required", _title(node))


def _type_of(book: Book, node: Element) -> Element | None:
    """The type that an element or attribute has of its own or by name; None for one that is built in."""
    for tag in ("complexType", "simpleType"):
        if (own := node.find(_XS + tag)) is not None:
            return own
    name = node.get("type")
    return book.types.get(_meant(node, name)) if name else None


def _built_in(node: Element, name: str | None) -> Facets:
    return Facets(_KINDS.get((name or "").rpartition(":")[2], "text"))


def _facets(book: Book, typed: Element) -> Facets:
    restriction = typed.find(_XS + "restriction")
    if restriction is None:
        return Facets()
    name = str(restriction.get("base") or "")
    base = book.types.get(_meant(restriction, name)) if name else restriction.find(_XS + "simpleType")
    facets = _built_in(restriction, name) if base is None else _facets(book, base)
    bounds: dict[str, int] = {}
    allowed: list[str] = []
    for one in restriction:
        kind, value = str(one.tag).removeprefix(_XS), str(one.get("value", ""))
        if kind == "enumeration":
            allowed.append(value)
        for bound in _BOUNDS.get(kind, ()):
            bounds[bound] = int(value)
    return replace(facets, **bounds, allowed=tuple(allowed) or facets.allowed)  # type: ignore[arg-type]


def _title(node: Element) -> str:
    note = node.find(f"{_XS}annotation/{_XS}documentation")
    return " ".join((note.text or "").split()) if note is not None else ""
