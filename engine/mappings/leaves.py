"""One element that holds a value: how it is written and read, wrappings, codes and messages within included.

In: a leaf of a mapping, the way to its value. Out: a `Leaf`, which every format uses. Wrappings are undone in the order
opposite to how they are put on; what they hold is bounded, so that a small message never becomes a large one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.expressions.environment import Env
from engine.mappings.read import ReadMessage
from engine.mappings.scalars import FromText, Misread, ToText, text_of, value_of
from engine.mappings.ways import Row, Way, is_file, way_of
from engine.mappings.wrappings import WRAP, is_text, unwrapped, wrapped
from engine.model.messages import MessageLeaf
from engine.model.types import Kind, Type
from engine.model.values import StoredFile
from engine.ports.xml import UnreadableMessage, Xml

FileContent = Callable[[str], bytes]
Codes = Mapping[str, Mapping[str, Mapping[str, object]]]
"""Columns by code by code list."""


Pack = Callable[[object, Env], str]
_CRYPTO = frozenset({"sealed", "signed"})


class Nested(Protocol):
    """Another mapping, whose message an element holds. `engine.mappings.compiled` gives it."""

    def write(self, documents: Sequence[Env]) -> bytes:
        """One message of these rows."""
        ...

    def read(self, content: bytes) -> ReadMessage:
        """The rows of a message. Raises UnreadableMessage."""
        ...


class Sealing(Protocol):
    """Wrappings with keys, those of one mapping. All raise Misread where it cannot be done."""

    def put_on(self, word: str, content: bytes, env: Env) -> bytes:
        """Content that is `sealed` or `signed`."""
        ...

    def take_off(self, word: str, content: bytes) -> bytes:
        """What was sealed or signed."""
        ...


@dataclass(frozen=True, slots=True)
class Leaf:
    """An element with a value. `to_text` words a value that is there; `from_text` raises Misread. `pack` does so for
    what needs more than the value."""

    declared: MessageLeaf
    way: Way
    to_text: ToText
    from_text: FromText
    pack: Pack | None = None

    @property
    def name(self) -> str:
        """What a value that was read is kept under; "" where it is not kept."""
        return self.way.name if self.way.kind in ("field", "column") else ""

    def written(self, row: Row, env: Env) -> str | None:
        """The text of the element; None where there is no value. An empty text stays one."""
        value = self.way.value(row, env)
        if self.pack is not None and value is not None:
            return self.pack(value, env)
        return None if value is None else "" if value == "" else self.to_text(value)

    def read(self, text: str) -> object:
        """The value of a text; an empty one stays an empty text, whatever the type. Raises Misread."""
        return self.from_text(text) if text else ""


XML = "xml"
"""A wrapping that is none: the value is XML of its own and stands in the element as it is."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What compiling needs to know beside the mapping: contents of files, code lists, whether zeros are kept."""

    content: FileContent
    codes: Codes
    exact: bool = False
    xml: Xml | None = None
    nested: Callable[[str], Nested] | None = None
    sealing: Sealing | None = None


def leaf_of(declared: MessageLeaf, around: Surroundings, of: Type | None = None) -> Leaf:
    """Compile a leaf; `of` is the type of one that is only read. Raises NotLinked for one that was never checked."""
    assert declared.value is not None
    way = way_of(declared.value) if of is None else Way("field", declared.value, of, declared.name)
    kind = way.type.kind
    form = declared.format
    if declared.mapping or _CRYPTO & set(declared.wrap):
        return Leaf(
            declared, way, text_of(kind, form), _unpacked_by(declared, way, around), _packed_by(declared, way, around)
        )
    if declared.wrap == (XML,):
        return Leaf(declared, way, _well_formed(around), value_of(Kind.TEXT))
    to_text = _bytes_text(declared, around) if declared.wrap else text_of(kind, form, exact=around.exact)
    from_text = _unwrapped(declared, way) if declared.wrap else value_of(kind, form)
    if way.kind == "column":
        from_text = _code_reader(around.codes.get(way.codes, {}), way.column)
    elif declared.codes:
        from_text = _known_code(around.codes.get(declared.codes, {}), from_text)
    elif way.kind == "constant":
        from_text = _constant_reader(text_of(kind)(way.constant))
    if declared.pattern:
        from_text = _cut_out(declared.pattern, from_text)
    return Leaf(declared, way, to_text, from_text)


def _packed_by(declared: MessageLeaf, way: Way, around: Surroundings) -> Pack:
    """Writes what holds another message, or is sealed or signed: innermost first."""
    plain = text_of(Kind.ANY, declared.format)

    def write(value: object, env: Env) -> str:
        if declared.mapping and around.nested is not None:
            content = around.nested(declared.mapping).write([_inside(row, env) for row in _rows_of(value, way, env)])
        else:
            content = around.content(value.hash) if isinstance(value, StoredFile) else _as_bytes(value, plain)
        for word in declared.wrap:
            content = _put_on(word, content, env, around)
        return content.decode("utf-8" if not declared.wrap or is_text(declared.wrap) else "latin-1")

    return write


def _inside(row: Row, env: Env) -> Env:
    return Env(row, env.world, this=row, event=env.event, names=env.locals)


def _rows_of(value: object, way: Way, env: Env) -> Sequence[Row]:
    """The rows of a message within: one, several, or the record that a reference leads to."""
    if isinstance(value, Mapping):
        return [value]
    if isinstance(value, list | tuple):
        return value
    found = env.world.follow(way.type.of, str(value)) if way.type.kind is Kind.REF else None
    return [found] if found is not None else []


def _put_on(word: str, content: bytes, env: Env, around: Surroundings) -> bytes:
    if word not in _CRYPTO:
        return WRAP[word](content)
    if around.sealing is None:
        raise Misread("此处没有密钥", "there are no keys here")
    return around.sealing.put_on(word, content, env)


def _unpacked_by(declared: MessageLeaf, way: Way, around: Surroundings) -> FromText:
    """The way back: a row of the message within, several where its mapping repeats, or the plain value."""
    inner = value_of(way.type.kind, declared.format)

    def read(text: str) -> object:
        content = _undone(text, declared.wrap, around)
        if not declared.mapping or around.nested is None:
            return content if is_file(way.type) else inner(content.decode("utf-8", "replace"))
        try:
            found = around.nested(declared.mapping).read(content)
        except UnreadableMessage as error:
            raise Misread(f"：{error.text['zh']}", error.text["en"]) from error
        for fault in found.faults:
            raise Misread(f"：{fault.text['zh']}", fault.text["en"])
        return found.documents[0] if len(found.documents) == 1 else found.documents

    return read


def _undone(text: str, wrap: Sequence[str], around: Surroundings) -> bytes:
    content = text.encode("utf-8", "surrogatepass")
    for word in reversed(wrap):
        if word not in _CRYPTO:
            content = unwrapped(content.decode("latin-1"), (word,))
        elif around.sealing is None:
            raise Misread("此处没有密钥", "there are no keys here")
        else:
            content = around.sealing.take_off(word, content)
    return content


def _well_formed(around: Surroundings) -> ToText:
    """XML text that may stand in an element. Raises ValueError for any other."""

    def write(value: object) -> str:
        text = str(value)
        try:
            if around.xml is not None:
                around.xml.parse(f"<a>{text}</a>".encode())
        except UnreadableMessage as error:
            raise ValueError(str(error)) from error
        return text

    return write


def _code_reader(codes: Mapping[str, Mapping[str, object]], column: str) -> FromText:
    by_text = {str(columns.get(column)): code for code, columns in codes.items() if columns.get(column) is not None}

    def read(text: str) -> object:
        if text not in by_text:
            raise Misread(f"没有代码“{text[:40]}”", f"there is no code {text[:40]!r}")
        return by_text[text]

    return read


def _known_code(codes: Mapping[str, object], inner: FromText) -> FromText:
    def read(text: str) -> object:
        if text not in codes:
            raise Misread("不是已知的代码", "is no code that is known")
        return inner(text)

    return read


def _constant_reader(wanted: str) -> FromText:
    def read(text: str) -> object:
        if text.strip() != wanted:
            raise Misread(f"应为“{wanted}”", f"must be {wanted!r}")
        return text

    return read


def _cut_out(pattern: str, inner: FromText) -> FromText:
    compiled = re.compile(pattern)

    def read(text: str) -> object:
        found = compiled.fullmatch(text)
        if found is None:
            raise Misread("格式不符", "is not written as it should be")
        return inner(found[1] if compiled.groups else found[0])

    return read


# --- wrappings -------------------------------------------------------------------------------------------------------


def _bytes_text(declared: MessageLeaf, around: Surroundings) -> ToText:
    plain = text_of(Kind.ANY, declared.format)

    def write(value: object) -> str:
        content = around.content(value.hash) if isinstance(value, StoredFile) else _as_bytes(value, plain)
        return wrapped(content, declared.wrap)

    return write


def _as_bytes(value: object, plain: ToText) -> bytes:
    return value if isinstance(value, bytes) else plain(value).encode()


def _unwrapped(declared: MessageLeaf, way: Way) -> FromText:
    if is_file(way.type):
        return lambda text: unwrapped(text, declared.wrap)
    inner = value_of(way.type.kind, declared.format)

    def read(text: str) -> object:
        try:
            return inner(unwrapped(text, declared.wrap).decode())
        except UnicodeDecodeError:
            raise Misread("包裹的内容不是文字", "what is wrapped is no text") from None

    return read
