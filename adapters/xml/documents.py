"""XML messages read and judged: the port `Xml`.

In: bytes from anybody. Out: elements, faults against a schema, canonical text. Nothing is fetched, no entity is
followed, no document type declared; depth and size are bounded by libxml2's own limits and by `MOST`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import cast
from urllib.parse import quote
from xml.sax.saxutils import escape

from lxml import etree
from lxml.etree import _Element as Element

from adapters.xml.shapes import Book, shape_of
from engine.model.xml_shapes import XmlShape
from engine.ports.xml import SchemaFault, UnreadableMessage, XmlElement

MOST = 64 << 20
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_FAULTS = 50


class LxmlMessages:
    """Implements `engine.ports.Xml`. `schemas` are the texts of schema files by path; what one includes or imports is
    looked for beside it."""

    def __init__(self, schemas: Mapping[str, str]) -> None:
        self._schemas = dict(schemas)
        self._ready: dict[tuple[str, bool], etree.XMLSchema] = {}
        self._books: dict[str, Book] = {}
        self._shapes: dict[tuple[str, str], XmlShape | None] = {}

    def parse(self, content: bytes) -> XmlElement:
        """The root element, without comments. Raises UnreadableMessage."""
        return cast("XmlElement", _parsed(content))

    def faults(self, schema: str, content: bytes) -> Sequence[SchemaFault]:
        """What the schema forbids in a message; the first fifty. Raises UnreadableMessage, ValueError."""
        return self.judge(schema, self.parse(content))

    def judge(self, schema: str, root: XmlElement, *, unsigned: bool = False) -> Sequence[SchemaFault]:
        """What the schema forbids in a message that was read; `unsigned`: its signature may be missing."""
        compiled, element = self._compiled(schema, unsigned), cast("Element", root)
        if compiled.validate(element):
            return ()
        told = islice(iter(compiled.error_log), _FAULTS)  # type: ignore[call-overload]  # it is iterable: the stubs lack it
        return tuple(SchemaFault(one.line, _path(one.path), one.message) for one in told)

    def shape(self, schema: str, root: str) -> XmlShape | None:
        """What the schema allows for a root element `{namespace}local`; None where it declares none of the name.

        Raises ValueError for a schema that cannot be read."""
        key = (schema, root)
        if key not in self._shapes:
            if schema not in self._books:
                self._books[schema] = Book.of({path: self._tree(path) for path in self._reached(schema)})
            self._shapes[key] = shape_of(self._books[schema], root)
        return self._shapes[key]

    def roots(self, schema: str) -> Sequence[str]:
        """Names of the elements that a schema declares for messages as a whole."""
        tree = self._tree(schema)
        target = tree.get("targetNamespace", "")
        return [_named(target, str(one.get("name"))) for one in tree if one.tag == _XS + "element"]

    def inside(self, element: XmlElement) -> str:
        """What stands in an element, as XML text with the namespaces that it needs."""
        held = cast("Element", element)
        return escape(held.text or "") + "".join(etree.tostring(one, encoding="unicode") for one in held)

    def alone(self, content: bytes, tags: frozenset[str], at: int) -> bytes:
        """The message with one alone of its elements of these names."""
        root = _parsed(content)
        meant = [one for one in root if one.tag in tags]
        for one in root.findall(_SIGNATURE):
            root.remove(one)
        for number, one in enumerate(meant):
            if number != at:
                root.remove(one)
        return etree.tostring(root, encoding="UTF-8", xml_declaration=True)

    def canonical(self, content: bytes, *, unsigned: bool = False) -> str:
        """The canonical form (W3C Canonical XML 2.0, prefixes rewritten, space between elements left out).

        `unsigned` leaves the enveloped signature out."""
        root = _parsed(content)
        if unsigned:
            for signature in root.findall(_SIGNATURE):
                root.remove(signature)
        for element in root.iter():
            if len(element):
                element.text = element.text if (element.text or "").strip() else None
                for inner in element:
                    inner.tail = inner.tail if (inner.tail or "").strip() else None
        text = etree.tostring(root, encoding="unicode")
        return str(etree.canonicalize(text, rewrite_prefixes=True))

    def _beside(self, schema: str, location: str) -> str:
        return "/".join([*schema.split("/")[:-1], location])

    def _tree(self, path: str) -> Element:
        if path not in self._schemas:
            raise ValueError(f"{path}: no such schema")
        try:
            return etree.fromstring(self._schemas[path].encode(), _schema_parser())
        except etree.XMLSyntaxError as error:
            raise ValueError(f"{path}: {error}") from error

    def _reached(self, schema: str) -> Sequence[str]:
        """The schema and all that it includes or imports, as far as they are there."""
        found: dict[str, None] = {}
        left = [schema]
        while left:
            path = left.pop()
            if path in found:
                continue
            found[path] = None
            for one in self._tree(path):
                location = one.get("schemaLocation") if one.tag in (_XS + "include", _XS + "import") else None
                if location and self._beside(path, location) in self._schemas:
                    left.append(self._beside(path, location))
        return list(found)

    def _compiled(self, schema: str, unsigned: bool) -> etree.XMLSchema:
        key = (schema, unsigned)
        if key not in self._ready:
            self._ready[key] = self._compile(schema, unsigned)
        return self._ready[key]

    def _compile(self, schema: str, unsigned: bool) -> etree.XMLSchema:
        parser = _schema_parser()
        parser.resolvers.add(_Resolver({path: self._schemas[path] for path in self._reached(schema)}))
        root = etree.fromstring(self._schemas[schema].encode(), parser, base_url=f"guiju:///{quote(schema)}")
        for one in root.iter(_XS + "element") if unsigned else ():
            prefix, _, name = str(one.get("ref", "")).rpartition(":")
            if _named(one.nsmap.get(prefix or None, ""), name) == _SIGNATURE:
                one.set("minOccurs", "0")
        try:
            return etree.XMLSchema(root)
        except etree.XMLSchemaParseError as error:
            raise ValueError(f"{schema}: {error}") from error


_XS = "{http://www.w3.org/2001/XMLSchema}"


class _Resolver(etree.Resolver):
    """Gives the schemas that a schema includes out of the definitions; nothing else is reached."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__()
        self._by_name = {quote(path.rpartition("/")[2]): text for path, text in texts.items()}
        self._by_name |= {path.rpartition("/")[2]: text for path, text in texts.items()}

    def resolve(self, system_url: str | None, public_id: str | None, context: object) -> object:  # type: ignore[override]
        text = self._by_name.get((system_url or "").rpartition("/")[2], "")
        return self.resolve_string(text or "<none/>", context)  # type: ignore[call-arg]


def _schema_parser() -> etree.XMLParser:
    """For schemas, which are definitions: a document type of their own is read, nothing is fetched."""
    return etree.XMLParser(
        no_network=True, load_dtd=False, resolve_entities=True, remove_comments=True, huge_tree=False
    )


_PARSER_OPTIONS = {
    "no_network": True,
    "resolve_entities": False,
    "load_dtd": False,
    "remove_comments": True,
    "remove_pis": True,
    "huge_tree": False,
    "strip_cdata": True,
}


def _parsed(content: bytes) -> Element:
    if len(content) > MOST:
        raise UnreadableMessage("large", f"报文超过{MOST >> 20}MB", f"the message is larger than {MOST >> 20} MB")
    if b"<!DOCTYPE" in content or b"<\x00!\x00D" in content or b"\x00<\x00!\x00D" in content:
        raise UnreadableMessage("doctype", "报文含有文档类型声明", "the message declares a document type")
    try:
        root = etree.fromstring(content, etree.XMLParser(**_PARSER_OPTIONS))  # type: ignore[arg-type]
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        raise UnreadableMessage(
            "broken", f"第{line}行不是合格的XML：{error.msg}", f"line {line} is not well-formed XML: {error.msg}", line
        ) from error
    except (LookupError, ValueError) as error:
        raise UnreadableMessage("broken", f"报文无法读取：{error}", f"the message cannot be read: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableMessage("doctype", "报文含有文档类型声明", "the message declares a document type")
    return root


def _named(namespace: str, local: str) -> str:
    return f"{{{namespace}}}{local}" if namespace else local


def _path(path: str | None) -> str:
    """The path of an element without prefixes."""
    return "/".join(step.rpartition(":")[2] for step in (path or "").split("/"))
