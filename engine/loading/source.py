"""Reading: the text of one definition file to plain data, with the place of every key and value.

In: a file's name and bytes. Out: a `Source` (mappings, lists, text, int, Decimal, bool, None) or problems.
The one module that imports PyYAML. Reads a stricter language than YAML 1.1: only `true`, `false`, `null`, whole numbers
without leading zero and plain decimals are typed, everything else is text; no anchors, aliases or tags; no key twice;
depth, nodes and size are bounded before anything is built. JSON is read by the same rules. Knows nothing of kinds.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from decimal import Decimal
from sys import intern
from typing import TypeAlias

import yaml
from yaml._yaml import CParser

from engine.problems import Problem, Span

MAX_BYTES = 8_000_000
MAX_NODES = 400_000
MAX_DEPTH = 60

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*(?:_[0-9]{3})*)(\.[0-9]+)?\Z").match
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "": None}
_FIRST = frozenset("-0123456789")
# What may begin an anchor, alias or tag; where nothing looks like one, nothing has to be searched for.
_SUSPECT = re.compile(r"(?:^|[\s\[{,:?-])(?:[&*][^\s,\[\]{}]|!(?!=))", re.MULTILINE).search
_STRANGE_LINES = re.compile("[\x85\u2028\u2029]").search
_MARK, _MAPPING, _SCALAR = "I", yaml.MappingNode, yaml.ScalarNode

Marks: TypeAlias = "array[int]"


@dataclass(slots=True, eq=False)
class Source:
    """One file as read.

    `documents` are the parts between `---`. `marks` gives, for each mapping or list by its `id()`, character offsets:
    its own start and end, then key start, value start and value end of every entry (a list has no key starts).
    """

    file: str
    text: str
    documents: tuple[object, ...] = ()
    marks: dict[int, Marks] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)

    def span(self, start: int, end: int) -> Span:
        """The stretch between two character offsets."""
        line, column = self.position(start)
        end_line, end_column = self.position(end)
        return Span(self.file, line, column, end_line, end_column)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, from 1."""
        if not self._starts:
            self._starts.extend([0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", self.text))])
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column."""
        self.position(0)
        return self._starts[min(line, len(self._starts)) - 1] + column - 1


def read(file: str, content: bytes | str) -> Source:
    """Read one YAML or JSON file; what is wrong stands in `problems`, and then `documents` may be empty."""
    text, problem = decode(file, content, MAX_BYTES)
    source = Source(file, text)
    if problem is not None:
        source.problems.append(problem)
        return source
    try:
        if _SUSPECT(text) is not None:
            _refuse_references(source)
        nodes = [] if source.problems else compose(text)
    except yaml.YAMLError as error:
        source.problems.append(_syntax(source, error))
        return source
    except _TooMuch as error:
        source.problems.append(Problem(error.code, source.span(error.offset, error.offset + 1), error.values))
        return source
    if not source.problems:
        source.documents = tuple(_plain(source, node) for node in nodes)
    return source


def decode(file: str, content: bytes | str, limit: int) -> tuple[str, Problem | None]:
    """The text of a file without its byte order mark, or why it cannot be read."""
    if len(content) > limit:
        return "", Problem("SYN010", Span(file), {"size": str(len(content)), "limit": str(limit)})
    try:
        text = (content if isinstance(content, str) else content.decode("utf-8")).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8")
        at = Source(file, before).span(len(before), len(before) + 1)
        return "", Problem("SYN009", at, {"byte": f"0x{error.object[error.start]:02x}"})
    if (strange := _STRANGE_LINES(text)) is not None:
        at = Source(file, text).span(strange.start(), strange.end())
        return text, Problem("SYN012", at, {"character": f"U+{ord(strange.group()):04X}"})
    return text, None


class _TooMuch(Exception):
    """A bound was passed: the code of the problem, where, and the bound."""

    def __init__(self, code: str, offset: int, limit: int) -> None:
        self.code, self.offset, self.values = code, offset, {"limit": str(limit)}
        super().__init__(code)


class _Composer(CParser):
    """libyaml's nodes without any tag resolution, counted as they are made."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0
        self.count = 0

    def descend_resolver(self, parent: yaml.Node | None, _index: object) -> None:
        self.depth += 1
        self.count += 1
        if self.depth > MAX_DEPTH or self.count > MAX_NODES:
            offset = parent.start_mark.index if parent is not None else 0
            limits = ("SYN007", MAX_DEPTH) if self.depth > MAX_DEPTH else ("SYN008", MAX_NODES)
            raise _TooMuch(limits[0], offset, limits[1])

    def ascend_resolver(self) -> None:
        self.depth -= 1

    @staticmethod
    def resolve(_kind: object, _value: object, _implicit: object) -> None:
        return None


def compose(text: str) -> list[yaml.Node]:
    """The nodes of every document of a text, with marks, without any meaning given to them."""
    composer = _Composer(text)
    nodes: list[yaml.Node] = []
    try:
        while composer.check_node():
            node = composer.get_node()
            if node is not None:
                nodes.append(node)
    finally:
        composer.dispose()
    return nodes


def _refuse_references(source: Source) -> None:
    """Note every anchor, alias and tag; they are never followed."""
    scanner = _Composer(source.text)
    while scanner.check_event():
        event = scanner.get_event()
        found = "anchor" if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) else ""
        if not found and getattr(event, "tag", None):
            found = "tag"
        if found and event is not None:
            at = source.span(_index(event.start_mark), _index(event.end_mark))
            source.problems.append(Problem("SYN006", at, {"what": f"@{found}"}))


def _index(mark: object) -> int:
    return int(getattr(mark, "index", 0))


def scalar(text: str, style: str | None) -> str | bool | int | Decimal | None:
    """The value of a scalar: quoted and block text is text, a plain one may be a constant or a number."""
    if style:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] in _FIRST and (number := _NUMBER(text)) is not None:
        return Decimal(text) if number[1] else int(text)
    return intern(text)  # the same few words stand in every file


def _plain(source: Source, node: yaml.Node) -> object:
    if isinstance(node, _MAPPING):
        return _plain_mapping(source, node)
    if isinstance(node, _SCALAR):
        return scalar(node.value, node.style)
    data: list[object] = []
    marks = [node.start_mark.index, node.end_mark.index]
    for item in node.value:
        data.append(scalar(item.value, item.style) if type(item) is _SCALAR else _plain(source, item))
        marks += (item.start_mark.index, item.end_mark.index)
    source.marks[id(data)] = array(_MARK, marks)
    return data


def _plain_mapping(source: Source, node: yaml.MappingNode) -> dict[str, object]:
    data: dict[str, object] = {}
    marks = [node.start_mark.index, node.end_mark.index]
    for key, value in node.value:
        if type(key) is not _SCALAR:
            source.problems.append(Problem("SYN011", source.span(key.start_mark.index, key.end_mark.index)))
            continue
        name = intern(key.value)
        if name in data:
            source.problems.append(_duplicate(source, node, key))
            continue
        data[name] = scalar(value.value, value.style) if type(value) is _SCALAR else _plain(source, value)
        marks += (key.start_mark.index, value.start_mark.index, value.end_mark.index)
    source.marks[id(data)] = array(_MARK, marks)
    return data


def _duplicate(source: Source, node: yaml.MappingNode, key: yaml.ScalarNode) -> Problem:
    first = next(other for other, _ in node.value if other.value == key.value)
    places = [source.span(one.start_mark.index, one.end_mark.index) for one in (key, first)]
    return Problem("SYN005", places[0], {"key": key.value}, related=(places[1],))


# libyaml's sentence -> our code; the place is where it noticed, or where the open thing began.
_NOTICED = {
    "mapping values are not allowed in this context": "SYN003",
    "found character that cannot start any token": "SYN002",
    "found unexpected end of stream": "SYN013",
    "did not find expected ',' or '}'": "SYN004",
    "did not find expected ',' or ']'": "SYN004",
    "did not find expected node content": "SYN014",
    "did not find expected key": "SYN015",
    "could not find expected ':'": "SYN015",
    "did not find expected '-' indicator": "SYN015",
}
_OPENED = {"SYN013", "SYN004"}


def _syntax(source: Source, error: yaml.YAMLError) -> Problem:
    if not isinstance(error, yaml.MarkedYAMLError):
        offset = _reader_offset(source.text, error)
        return Problem("SYN012", source.span(offset, offset + 1), {"character": _codepoint(source.text, offset)})
    detail = str(error.problem or error.context or "")
    code = _NOTICED.get(detail, "SYN001")
    mark = error.problem_mark or error.context_mark
    offset = min(mark.index, len(source.text)) if mark is not None else 0
    related: tuple[Span, ...] = ()
    if code in _OPENED and error.context_mark is not None:
        related = (source.span(error.context_mark.index, error.context_mark.index + 1),)
    character = source.text[offset : offset + 1]
    if code == "SYN002" and character != "\t":
        code = "SYN016"
    return Problem(code, source.span(offset, offset + 1), {"detail": detail, "character": character}, related=related)


def _reader_offset(text: str, error: yaml.YAMLError) -> int:
    """The character offset of a forbidden character; libyaml counts bytes."""
    position = getattr(error, "position", 0) or 0
    return len(text.encode("utf-8")[:position].decode("utf-8", "ignore"))


def _codepoint(text: str, offset: int) -> str:
    return f"U+{ord(text[offset]):04X}" if offset < len(text) else ""
