"""Messages without elements: fields of fixed width one after the other, or delimited text with a head line (RFC 4180).

In: a mapping with format `fixed` or `csv`. Out: text, or `ReadMessage`. In fixed format the widths count bytes of the
mapping's encoding, what is short is filled with `pad` at its end; each document is a record by itself. In csv the names
of the leaves are the heads, and each document is a line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from engine.expressions.environment import Env
from engine.mappings.leaves import Leaf, Surroundings, leaf_of
from engine.mappings.read import MessageFault, ReadMessage
from engine.mappings.scalars import Misread
from engine.model.messages import MessageLeaf, MessageMapping
from engine.ports.xml import UnreadableMessage


def _leaves(leaves: Sequence[MessageLeaf], around: Surroundings) -> Iterator[Leaf]:
    for leaf in leaves:
        if leaf.children:
            yield from _leaves(leaf.children, around)
        elif leaf.value is not None:
            yield leaf_of(leaf, around)


class FlatWriter:
    """Writes messages of one mapping."""

    def __init__(self, mapping: MessageMapping, around: Surroundings) -> None:
        """Compiles the mapping. Raises NotLinked."""
        self._fixed, self._encoding = mapping.format == "fixed", mapping.encoding or "utf-8"
        self._pad = (mapping.pad or " ").encode(self._encoding)
        self._leaves = tuple(_leaves(mapping.tree, around))

    def write(self, documents: Sequence[Env]) -> str:
        """One message of these documents. Raises ValueError for a value wider than its field."""
        if self._fixed:
            return "".join(self._record(env) for env in documents)
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(leaf.declared.name for leaf in self._leaves)
        writer.writerows([leaf.written(env.row, env) or "" for leaf in self._leaves] for env in documents)
        return out.getvalue()

    def _record(self, env: Env) -> str:
        made = b"".join(self._padded(leaf, leaf.written(env.row, env) or "") for leaf in self._leaves)
        return made.decode(self._encoding)

    def _padded(self, leaf: Leaf, text: str) -> bytes:
        content, size = text.encode(self._encoding), leaf.declared.size or 0
        if len(content) > size:
            raise ValueError(f"{leaf.declared.name}: {len(content)} > {size}")
        return content + (self._pad * size)[: size - len(content)]


class FlatReader:
    """Reads messages of one mapping."""

    def __init__(self, mapping: MessageMapping, around: Surroundings) -> None:
        """Compiles the mapping. Raises NotLinked."""
        self._fixed, self._encoding = mapping.format == "fixed", mapping.encoding or "utf-8"
        self._pad = (mapping.pad or " ").encode(self._encoding)
        self._leaves = tuple(_leaves(mapping.tree, around))

    def read(self, content: bytes) -> ReadMessage:
        """Every record or line. Raises UnreadableMessage."""
        found = ReadMessage()
        try:
            records = self._records(content) if self._fixed else self._lines(content, found)
            for line, texts in records:
                found.documents.append(_row(texts, line, found))
        except UnicodeDecodeError as error:
            raise UnreadableMessage(
                "encoding", f"报文不是{self._encoding}文字", f"the message is not {self._encoding} text"
            ) from error
        except csv.Error as error:
            raise UnreadableMessage(
                "broken", f"报文不是合格的csv：{error}", f"the message is no csv: {error}"
            ) from error
        return found

    def _records(self, content: bytes) -> Iterator[tuple[int, list[tuple[Leaf, str]]]]:
        width = sum(leaf.declared.size or 0 for leaf in self._leaves)
        if not width or not content or len(content) % width:
            raise UnreadableMessage("broken", f"报文长度应为{width}的倍数", f"the length must be a multiple of {width}")
        for number in range(len(content) // width):
            yield number + 1, list(self._cut(content[number * width : (number + 1) * width]))

    def _cut(self, record: bytes) -> Iterator[tuple[Leaf, str]]:
        at = 0
        for leaf in self._leaves:
            size = leaf.declared.size or 0
            part, at = record[at : at + size], at + size
            while part.endswith(self._pad):
                part = part[: -len(self._pad)]
            yield leaf, part.decode(self._encoding)

    def _lines(self, content: bytes, found: ReadMessage) -> Iterator[tuple[int, list[tuple[Leaf, str]]]]:
        lines = csv.reader(io.StringIO(content.decode(self._encoding).removeprefix("\ufeff"), newline=""), strict=True)
        heads = [head.strip() for head in next(lines, [])]
        places = self._places(heads)
        if not places:
            names = "、".join(leaf.declared.name for leaf in self._leaves)
            raise UnreadableMessage("broken", f"没有表头：{names}", f"none of the heads is there: {names}")
        for number, cells in enumerate(lines, start=2):
            if not cells:
                continue
            if len(cells) < len(heads) or any(cells[len(heads) :]):  # cut off, or a comma that nobody quoted
                zh, en = f"有{len(cells)}格，表头有{len(heads)}格", f"has {len(cells)} cells below {len(heads)} heads"
                found.faults.append(MessageFault(number, "", {"zh": zh, "en": en}))
            yield number, [(leaf, cells[at]) for leaf, at in places if at < len(cells)]

    def _places(self, heads: Sequence[str]) -> list[tuple[Leaf, int]]:
        found = {head: at for at, head in reversed(list(enumerate(heads)))}
        spelled = ((leaf, (leaf.declared.name, *leaf.declared.also)) for leaf in self._leaves)
        return [(leaf, found[name]) for leaf, names in spelled for name in names if name in found]


def _row(texts: Sequence[tuple[Leaf, str]], line: int, found: ReadMessage) -> dict[str, object]:
    row: dict[str, object] = {}
    for leaf, text in texts:
        try:
            value: object = leaf.read(text)
        except Misread as misread:
            said: Mapping[str, str] = misread.text
            name = leaf.declared.name
            found.faults.append(MessageFault(line, name, {"zh": f"{name}{said['zh']}", "en": f"{name} {said['en']}"}))
            value = None
        if leaf.way.kind == "message":
            found.message.setdefault(leaf.way.name, value)
        elif leaf.name:
            row[leaf.name] = value
    return row
