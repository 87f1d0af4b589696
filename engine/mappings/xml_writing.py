"""XML out of rows: a mapping compiled into a writer of text.

In: a mapping with format `xml`, what its schema says. Out: the message as text, elements in the order of the mapping.
No tree is built: names are worded once, values are escaped and joined. An element without a value is left out where the
schema allows it (or there is none), else it stands empty, so that the schema's own fault names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from engine.expressions.environment import Env
from engine.mappings.leaves import XML, Leaf, Surroundings, leaf_of
from engine.mappings.ways import Row, repeated_of
from engine.model.messages import MessageLeaf, MessageMapping
from engine.model.xml_shapes import XmlShape

Write = Callable[[Row, Env, list[str]], None]


def escaped(text: str) -> str:
    """Text as content of an element or attribute."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text.replace("\r", "&#13;") if "\r" in text else text


def _attribute(text: str) -> str:
    return escaped(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def expanded(name: str, namespaces: Mapping[str, str]) -> str:
    """A prefixed name as `{namespace}local`."""
    prefix, _, local = name.rpartition(":")
    namespace = namespaces.get(prefix, "")
    return f"{{{namespace}}}{local}" if namespace else local


class XmlWriter:
    """Writes messages of one mapping."""

    def __init__(self, mapping: MessageMapping, around: Surroundings, shape: XmlShape | None = None) -> None:
        """Compiles the mapping. Raises NotLinked."""
        self._around, self._spaces = around, mapping.namespaces
        self._root = mapping.root
        self._attributes = _attributes_of(mapping.attributes, around)
        self._parts = [
            (leaf.name == mapping.each, self._elements((leaf,), shape, self._may_be_left(leaf, shape, mapping.each)))
            for leaf in mapping.tree
        ]

    def write(self, documents: Sequence[Env]) -> str:
        """One message of these documents; what is not of one document is said by the first."""
        first = documents[0]
        out = ['<?xml version="1.0" encoding="UTF-8"?>\n<', self._root]
        out.extend(
            f' xmlns:{prefix}="{_attribute(uri)}"' if prefix else f' xmlns="{_attribute(uri)}"'
            for prefix, uri in self._spaces.items()
        )
        self._attributes(first.row, first, out)
        out.append(">")
        for is_document, write in self._parts:
            for env in documents if is_document else (first,):
                write(env.row, env, out)
        out.append(f"</{self._root}>")
        return "".join(out)

    def _may_be_left(self, leaf: MessageLeaf, shape: XmlShape | None, each: str) -> bool:
        found = shape.child(expanded(leaf.name, self._spaces)) if shape is not None else None
        return leaf.name != each and (found is None or found.least == 0)

    def _elements(self, leaves: Sequence[MessageLeaf], shape: XmlShape | None, left: bool | None = None) -> Write:
        """What writes some elements that follow each other."""
        made: list[Write] = []
        for plain, run in groupby(leaves, key=_is_plain):
            if plain:
                made.extend(self._run(list(run), shape))
            else:
                made.extend(self._branch(leaf, shape, left) for leaf in run)
        if len(made) == 1:
            return made[0]

        def write(row: Row, env: Env, out: list[str]) -> None:
            for one in made:
                one(row, env, out)

        return write

    def _run(self, leaves: Sequence[MessageLeaf], shape: XmlShape | None) -> list[Write]:
        """Leaves in a row: those that are fields of the row in one loop, others one by one."""
        compiled = [(leaf_of(leaf, self._around), self._empty(leaf, shape)) for leaf in leaves]
        made: list[Write] = []
        for fields, run in groupby(compiled, key=lambda pair: _is_simple(pair[0])):
            if fields:
                made.append(_fields(list(run)))
            else:
                made.extend(self._single(leaf, empty) for leaf, empty in run)
        return made

    def _empty(self, leaf: MessageLeaf, shape: XmlShape | None) -> bool:
        """Whether the element stands empty rather than being left out."""
        found = shape.child(expanded(leaf.name, self._spaces)) if shape is not None else None
        return found is not None and found.least > 0

    def _single(self, leaf: Leaf, empty: bool) -> Write:
        name = leaf.declared.name
        attributes = _attributes_of(leaf.declared.attributes, self._around)
        as_it_is = leaf.declared.wrap == (XML,)

        def write(row: Row, env: Env, out: list[str]) -> None:
            text = leaf.written(row, env)
            if text is None and not empty:
                return
            out.append(f"<{name}")
            attributes(row, env, out)
            out.append(f">{(text or '') if as_it_is else escaped(text or '')}</{name}>")

        return write

    def _branch(self, leaf: MessageLeaf, shape: XmlShape | None, left: bool | None) -> Write:
        found = shape.child(expanded(leaf.name, self._spaces)) if shape is not None else None
        inner = self._elements(leaf.children, found)
        attributes = _attributes_of(leaf.attributes, self._around)
        opening, closing = f"<{leaf.name}", f"</{leaf.name}>"
        may_be_left = left if left is not None else found is None or found.least == 0

        def one(row: Row, env: Env, out: list[str]) -> None:
            out.append(opening)
            attributes(row, env, out)
            out.append(">")
            inner(row, env, out)
            out.append(closing)

        if leaf.each is not None:
            return _repeated(leaf, one)
        if not may_be_left:
            return one

        def when_filled(row: Row, env: Env, out: list[str]) -> None:
            made: list[str] = []
            inner(row, env, made)
            if made:
                out.append(opening)
                attributes(row, env, out)
                out.append(">")
                out.extend(made)
                out.append(closing)

        return when_filled


def _is_simple(leaf: Leaf) -> bool:
    """Whether a leaf is a field of the row and nothing more."""
    return leaf.way.plain and leaf.pack is None and not leaf.declared.attributes and leaf.declared.wrap != (XML,)


def _is_plain(leaf: MessageLeaf) -> bool:
    return leaf.each is None and not leaf.children


def _repeated(leaf: MessageLeaf, one: Write) -> Write:
    assert leaf.each is not None
    rows = repeated_of(leaf.each).rows

    def write(row: Row, env: Env, out: list[str]) -> None:
        for index, child in enumerate(rows(row, env)):
            one(child, env.inner(child, parent=row, index=index), out)

    return write


def _fields(leaves: Sequence[tuple[Leaf, bool]]) -> Write:
    """Fields of the row in one loop: the most of every message, and so the fastest."""
    prepared = [
        (leaf.name, f"<{leaf.declared.name}>", f"</{leaf.declared.name}>", leaf.to_text, empty)
        for leaf, empty in leaves
    ]

    def write(row: Row, env: Env, out: list[str]) -> None:
        get, append = row.get, out.append
        for name, opening, closing, to_text, empty in prepared:
            value = get(name)
            if value is None or value == "":
                if value == "" or empty:
                    append(opening)
                    append(closing)
                continue
            text = value if to_text is str and type(value) is str else to_text(value)
            append(opening)
            append(escaped(text))
            append(closing)

    return write


def _attributes_of(formulas: Mapping[str, object], around: Surroundings) -> Write:
    leaves = [(name, leaf_of(MessageLeaf(name, formula), around)) for name, formula in formulas.items()]  # type: ignore[arg-type]

    def write(row: Row, env: Env, out: list[str]) -> None:
        for name, leaf in leaves:
            text = leaf.written(row, env)
            if text is not None:
                out.append(f' {name}="{_attribute(text)}"')

    return write
