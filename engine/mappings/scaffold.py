"""A document type and a mapping out of a schema, for a configurator to go on from (`guiju messages scaffold`).

In: the shape of a root element, the prefix of its namespace, ids. Out: texts of `document.yaml` and of the mapping. The
first element below the root that may stand several times becomes one document each; elements in it that repeat become
child tables. Titles are the schema's own notes as far as they are short. The signature is left to `sign`, and what
may hold anything to the configurator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.model.types import SYSTEM_FIELDS
from engine.model.xml_shapes import Facets, XmlShape, local_name

_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}"
_TITLE = 30
_KINDS = {
    "integer": "integer", "boolean": "boolean", "date": "date", "datetime": "datetime", "base64": "file",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scaffold:
    """What is to be written: the ids, the schema's file name and the prefix of its namespace."""

    document: str
    mapping: str
    schema: str
    prefix: str = "m"


@dataclass(slots=True)
class _Level:
    """Fields of a document or of a row as they are written, and the part of the tree that fills them."""

    prefix: str
    taken: set[str]
    fields: list[str] = field(default_factory=list)
    tree: list[str] = field(default_factory=list)

    def name(self, local: str, within: str) -> str:
        """A name that no field of the level has."""
        name = _small(local)
        if name in self.taken:
            name = f"{_small(within)}_{local}"
        self.taken.add(name)
        return name


def _small(local: str) -> str:
    return local[0].lower() + local[1:] if local[:1].isupper() and not local.isupper() else local


def scaffold(root: XmlShape, wanted: Scaffold) -> tuple[str, str]:
    """The texts of the document type and of the mapping."""
    level = _Level(wanted.prefix, set(SYSTEM_FIELDS))
    each = next((one for one in _inner(root) if one.children and one.most != 1), None)
    for one in _inner(root):
        if one is each:
            _branch(one, level, 1)
        else:
            _element(one, level, 1, one.local)
    namespace = root.name[1:].partition("}")[0] if root.name.startswith("{") else ""
    head = [f"document: {wanted.document}", f"title: {_title(root)}", "fields:"]
    return "\n".join([*head, *level.fields]) + "\n", _mapping(root, wanted, namespace, each, level.tree)


def _inner(shape: XmlShape) -> Iterator[XmlShape]:
    return (one for one in shape.children if not one.name.startswith(_SIGNATURE) and not _is_anything(one))


def _is_anything(shape: XmlShape) -> bool:
    """Whether an element may be left out and would have to hold what the schema does not name."""
    return not shape.least and any(one.open and one.least for one in shape.within())


def _mapping(root: XmlShape, wanted: Scaffold, namespace: str, each: XmlShape | None, tree: list[str]) -> str:
    attributes = ", ".join(
        f"{one.name}: message.id" if one.name in ("guid", "id", "Id") else f"{one.name}: \"'1.0'\""
        for one in root.attributes
        if one.required
    )
    message = [f"root: {_prefixed(root, wanted.prefix)}"]
    if namespace:
        message.append(f'namespace: {{{wanted.prefix}: "{namespace}"}}')
    if attributes:
        message.append(f"attributes: {{{attributes}}}")
    message.append(f"schema: {wanted.schema}")
    if each is not None and each.most is not None:
        message.append(f"most: {each.most}")
    lines = [
        f"mapping: {wanted.mapping}",
        f"title: {_title(root)}",
        f"document: {wanted.document}",
        "format: xml",
        f"kind: {root.local}",
        f"message: {{{', '.join(message)}}}",
    ]
    if each is not None:
        lines.append(f"each: {_prefixed(each, wanted.prefix)}")
    return "\n".join([*lines, "tree:", *tree]) + "\n"


def _element(shape: XmlShape, level: _Level, depth: int, within: str) -> None:
    """One element with all that stands in it: its fields and its part of the tree."""
    if any(_inner(shape)):
        (_branch if shape.most == 1 else _table)(shape, level, depth)
    elif not shape.open:
        own = level.name(shape.local, within)
        level.fields.append(f"  {own}: {{{_field(shape)}}}")
        level.tree.append(f"{'  ' * depth}{_prefixed(shape, level.prefix)}: {_leaf(shape, own)}")


def _branch(shape: XmlShape, level: _Level, depth: int) -> None:
    level.tree.append(f"{'  ' * depth}{_prefixed(shape, level.prefix)}:")
    for one in _inner(shape):
        _element(one, level, depth + 1, shape.local)


def _table(shape: XmlShape, level: _Level, depth: int) -> None:
    table, pad = level.name(shape.local, shape.local), "  " * depth
    rows = _Level(level.prefix, {"id", "row"})
    for one in _inner(shape):
        _element(one, rows, depth + 2, shape.local)
    level.tree.extend([f"{pad}{_prefixed(shape, level.prefix)}:", f"{pad}  each: {table}", f"{pad}  tree:", *rows.tree])
    bounds = [f"min: {shape.least}"] if shape.least else []
    bounds += [f"max: {shape.most}"] if shape.most is not None else []
    level.fields.extend([f"  {table}:", f"    title: {_title(shape)}", "    type: table"])
    level.fields.extend([f"    rows: {{{', '.join(bounds)}}}"] if bounds else [])
    level.fields.extend(["    fields:", *(f"    {row}" for row in rows.fields)])


def _prefixed(shape: XmlShape, prefix: str) -> str:
    return f"{prefix}:{shape.local}" if shape.name.startswith("{") else local_name(shape.name)


def _leaf(shape: XmlShape, own: str) -> str:
    forms = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%dT%H:%M:%S"}
    form = forms.get(shape.facets.kind)
    if shape.facets.kind == "base64":
        return f"{{value: {own}, wrap: [base64]}}"
    return f'{{value: {own}, format: "{form}"}}' if form else own


def _field(shape: XmlShape) -> str:
    facets = shape.facets
    said = [f"title: {_title(shape)}", f"type: {_type(facets)}"]
    if facets.kind == "text" and facets.most is not None:
        if facets.least is not None and facets.least > 1:
            said.append(f"min: {facets.least}")
        said.append(f"max: {facets.most}")
    if shape.least and not facets.may_be_empty:
        said.append("required: true")
    return ", ".join(said)


def _type(facets: Facets) -> str:
    if facets.kind == "decimal":
        scale = facets.fraction_digits if facets.fraction_digits is not None else 5
        return f'"decimal({facets.total_digits or 19},{scale})"'
    return _KINDS.get(facets.kind, "text" if (facets.most or 0) <= 500 else "long_text")


def _title(shape: XmlShape) -> str:
    """The first clause of the schema's note, or the element's own name; quoted where YAML wants it."""
    note = shape.title
    for end in "。；;，,（(：:.":
        note = note.partition(end)[0]
    text = note.strip()
    return text if text and len(text) <= _TITLE and not set(text) & set("#{}[]&*!|>'\"%@`\\") else shape.local
