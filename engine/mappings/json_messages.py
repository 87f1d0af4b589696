"""JSON out of rows and rows out of JSON, by one mapping.

In: a mapping with format `json`. Out: an object as text (RFC 8259, UTF-8, no spaces), or `ReadMessage`. Numbers stay
numbers where they are whole or true and false; decimals are texts, as JSON's own numbers have no exact ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from types import MappingProxyType

from engine.documents.durations import duration_text
from engine.expressions.environment import Env
from engine.mappings.leaves import Leaf, Surroundings, leaf_of
from engine.mappings.read import MessageFault, ReadMessage
from engine.mappings.scalars import LONGEST_NUMBER, Misread
from engine.mappings.ways import Row, repeated_of
from engine.model.messages import MessageLeaf, MessageMapping
from engine.model.values import Duration, StoredFile
from engine.ports.xml import UnreadableMessage

Make = Callable[[Row, Env], object]
NUMBER = "number"
"""The form of decimals that are numbers in JSON, not texts."""
_MARK, _ESCAPED = "\x00#", "\\u0000#"
_MARKED = re.compile(r'"\\u0000#(-?\d+(?:\.\d+)?)"')
_DEEPEST = 60
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_MOST_FAULTS = 200


class JsonWriter:
    """Writes messages of one mapping."""

    def __init__(self, mapping: MessageMapping, around: Surroundings) -> None:
        """Compiles the mapping. Raises NotLinked."""
        self._around, self._each = around, mapping.each
        self._make = self._object([leaf for leaf in mapping.tree if leaf.name != mapping.each])
        own = [leaf for leaf in mapping.tree if leaf.name == mapping.each]
        self._own = self._object(own[0].children) if own else None

    def write(self, documents: Sequence[Env]) -> str:
        """One message of these documents."""
        made = self.tree(documents)
        return _bare_numbers(json.dumps(made, ensure_ascii=False, separators=(",", ":")))

    def tree(self, documents: Sequence[Env]) -> dict[str, object]:
        """The message before it is text."""
        made = self._make(documents[0].row, documents[0])
        if self._own is not None:
            made[self._each] = [self._own(env.row, env) for env in documents]
        return made

    def _object(self, leaves: Sequence[MessageLeaf]) -> Callable[[Row, Env], dict[str, object]]:
        parts = [(leaf.name, self._part(leaf)) for leaf in leaves]

        def make(row: Row, env: Env) -> dict[str, object]:
            found = {name: part(row, env) for name, part in parts}
            return {name: value for name, value in found.items() if value is not None}

        return make

    def _part(self, leaf: MessageLeaf) -> Make:
        if leaf.each is not None:
            rows, inner = repeated_of(leaf.each).rows, self._object(leaf.children)
            return lambda row, env: [
                inner(child, env.inner(child, parent=row, index=index)) for index, child in enumerate(rows(row, env))
            ]
        if leaf.children:
            return self._object(leaf.children)
        compiled = leaf_of(leaf, self._around)
        if leaf.wrap or leaf.mapping:
            return compiled.written
        if leaf.format == NUMBER:
            return lambda row, env: _exact(compiled.way.value(row, env))
        return lambda row, env: scalar(compiled.way.value(row, env), leaf.format)


def _exact(value: object) -> object:
    """A decimal that becomes a number of JSON with every digit that it has; other values as they are."""
    if not isinstance(value, Decimal):
        return scalar(value, "")
    text = f"{value:f}"
    return f"{_MARK}{text.rstrip('0').rstrip('.') if '.' in text else text}"


def _bare_numbers(text: str) -> str:
    """The quotes of exact numbers taken away: the library would make binary fractions of them."""
    return _MARKED.sub(r"\1", text) if _ESCAPED in text else text


def scalar(value: object, form: str) -> object:
    """A value as JSON has it; dates in a form where one is told."""
    if isinstance(value, datetime):
        return value.strftime(form) if form else value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.strftime(form) if form else value.isoformat()
    if isinstance(value, Duration):
        return duration_text(value)
    if isinstance(value, StoredFile):
        return value.hash
    if isinstance(value, tuple | list):
        return [scalar(part, form) for part in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


class JsonReader:
    """Reads messages of one mapping."""

    def __init__(self, mapping: MessageMapping, around: Surroundings) -> None:
        """Compiles the mapping. Raises NotLinked."""
        self._around = around
        self._each = mapping.each
        self._shared = self._table([leaf for leaf in mapping.tree if leaf.name != mapping.each])
        own = [leaf for leaf in mapping.tree if leaf.name == mapping.each]
        self._own = self._table(own[0].children if own else mapping.tree if mapping.each else ())

    def read(self, content: bytes) -> ReadMessage:
        """Everything that the mapping names. Raises UnreadableMessage."""
        return self.taken(parsed(content))

    def taken(self, tree: Mapping[str, object]) -> ReadMessage:
        """The same of an object that is parsed already."""
        found = ReadMessage()
        if not self._each:
            found.documents.append(self._row(self._shared, tree, found))
            return found
        shared = self._row(self._shared, {name: one for name, one in tree.items() if name != self._each}, found)
        for one in _objects(tree.get(self._each), self._each, found):
            own = self._row(self._own, one, found)
            found.documents.append({**shared, **own} if own else {})
        return found

    def _table(self, leaves: Sequence[MessageLeaf]) -> Mapping[str, Callable[..., None]]:
        return {name: self._reader(leaf) for leaf in leaves for name in (leaf.name, *leaf.also)}

    def _row(
        self, table: Mapping[str, Callable[..., None]], tree: Mapping[str, object], found: ReadMessage
    ) -> dict[str, object]:
        row: dict[str, object] = {}
        _fill(table, tree, row, found)
        return row

    def _reader(self, leaf: MessageLeaf) -> Callable[..., None]:
        if leaf.each is None and not leaf.children:
            return _value_reader(leaf_of(leaf, self._around))
        table = self._table(leaf.children)
        if leaf.each is None:
            return lambda value, row, found: _fill(table, value if isinstance(value, Mapping) else {}, row, found)
        name = repeated_of(leaf.each).table

        def rows(value: object, row: dict[str, object], found: ReadMessage) -> None:
            if name and value is not None:
                row[name] = [self._row(table, one, found) for one in _objects(value, leaf.name, found)]

        return rows


def _objects(value: object, name: str, found: ReadMessage) -> Iterator[Mapping[str, object]]:
    """The objects of a list; what is none, or not in one, is a fault."""
    if not isinstance(value, list):
        _misread(name, Misread("应为对象的列表", "must be a list of objects"), found)
        return
    for one in value:
        if isinstance(one, Mapping):
            yield one
        else:
            _misread(name, Misread("应为对象的列表", "must be a list of objects"), found)


def _misread(name: str, misread: Misread, found: ReadMessage) -> None:
    if len(found.faults) < _MOST_FAULTS:
        texts = {"zh": f"{name}{misread.text['zh']}", "en": f"{name} {misread.text['en']}"}
        found.faults.append(MessageFault(0, name, texts))


def _fill(
    table: Mapping[str, Callable[..., None]], tree: Mapping[str, object], row: dict[str, object], found: ReadMessage
) -> None:
    for name, value in tree.items():
        read = table.get(name)
        if read is not None:
            read(value, row, found)
        else:
            found.unknown.append(name)


def _value_reader(leaf: Leaf) -> Callable[..., None]:
    def read(value: object, row: dict[str, object], found: ReadMessage) -> None:
        try:
            taken = _read(leaf, value)
        except Misread as misread:
            _misread(leaf.declared.name, misread, found)
            taken = None
        if leaf.way.kind == "message":
            found.message[leaf.way.name] = taken
        elif leaf.name:
            row[leaf.name] = taken

    return read


def _read(leaf: Leaf, value: object) -> object:
    if isinstance(value, list):
        return tuple(_read(leaf, one) for one in value)
    if value is None:
        return None
    if isinstance(value, bool):
        return leaf.read("true" if value else "false")
    if isinstance(value, Mapping):
        raise Misread("应为单个值", "must be one value")
    if isinstance(value, Decimal):  # a few signs may stand for a number of a thousand million digits
        if abs(value.adjusted()) > LONGEST_NUMBER:
            raise Misread("应为数字", "must be a number")
        return leaf.read(f"{value:f}")
    return leaf.read(value if isinstance(value, str) else str(value))


def parsed(content: bytes, seconds: Mapping[str, str] = MappingProxyType({})) -> Mapping[str, object]:
    """The object of a JSON message; `seconds` are names that may stand twice, and what the second one is called. Raises
    UnreadableMessage."""
    try:
        text, once = content.decode("utf-8-sig"), partial(_told_once, seconds)
        tree = json.loads(text, parse_float=_decimal, parse_constant=_no_constant, object_pairs_hook=once)
    except UnicodeDecodeError as error:
        raise UnreadableMessage("encoding", "报文不是UTF-8文字", "the message is not UTF-8 text") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableMessage(
            "broken", "报文不是合格的JSON", f"the message is not well-formed JSON: {error}"
        ) from error
    if not isinstance(tree, dict) or _too_deep(tree, _DEEPEST):
        raise UnreadableMessage("broken", "报文应为JSON对象", "the message must be a JSON object, not too deep")
    if _HALF.search(text):
        _check_whole(tree)
    return tree


def _check_whole(tree: object) -> None:
    """No half of a surrogate pair (RFC 7493): no answer could repeat it, no database keeps it."""
    try:
        json.dumps(tree, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError as error:
        raise UnreadableMessage("broken", "报文含有半个字符", "the message holds half of a sign") from error


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond all numbers
        raise ValueError("a number beyond all bounds") from None


def _no_constant(text: str) -> object:
    raise ValueError(text)


def _told_once(seconds: Mapping[str, str], pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose names stand once each (RFC 7493): what stands twice is read in two ways, unless it was agreed
    what the second one means."""
    found: dict[str, object] = {}
    for told, value in pairs:
        name = seconds.get(told, told) if told in found else told
        if name in found:
            raise ValueError("a name stands twice in an object")
        found[name] = value
    return found


def _too_deep(tree: object, left: int) -> bool:
    parts = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return left < 0 or any(_too_deep(part, left - 1) for part in parts)
