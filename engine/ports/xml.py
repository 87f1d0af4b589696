"""The door to XML messages: read without entities, judged by schemas, brought into canonical form.

Implemented by one adapter; the engine walks elements and knows no library.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.model.xml_shapes import XmlShape


class UnreadableMessage(ValueError):
    """What came is no message of its format. `code` is broken, doctype, large or encoding; `line` from 1, 0 unknown."""

    def __init__(self, code: str, zh: str, en: str, line: int = 0) -> None:
        self.code, self.text, self.line = code, {"zh": zh, "en": en}, line
        super().__init__(en)


class XmlElement(Protocol):
    """An element of a message that was read; iterating gives its children."""

    @property
    def tag(self) -> str:
        """Its name, `{namespace}local`."""
        ...

    @property
    def text(self) -> str | None:
        """The text before its first child."""
        ...

    @property
    def sourceline(self) -> int | None:
        """The line where it begins."""
        ...

    def get(self, key: str, default: str | None = None, /) -> str | None:
        """One of its attributes."""
        ...

    def __iter__(self) -> Iterator[XmlElement]: ...

    def __len__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """What a schema forbids: the line, the path of the element, what the reader of the schema says of it."""

    line: int
    path: str
    text: str


class Xml(Protocol):
    """Reads XML messages and judges them. A schema is named by the path of its file in the definitions."""

    def parse(self, content: bytes) -> XmlElement:
        """The root element, without comments; entities and document types are refused. Raises UnreadableMessage."""
        ...

    def judge(self, schema: str, root: XmlElement, *, unsigned: bool = False) -> Sequence[SchemaFault]:
        """What a schema forbids in a message; `unsigned`: the signature that it demands may be missing.

        Raises ValueError for a schema that cannot be read."""
        ...

    def shape(self, schema: str, root: str) -> XmlShape | None:
        """What a schema allows for a root element `{namespace}local`. Raises ValueError."""
        ...

    def roots(self, schema: str) -> Sequence[str]:
        """Root elements that a schema declares. Raises ValueError."""
        ...

    def inside(self, element: XmlElement) -> str:
        """What stands in an element, as XML text with the namespaces that it needs."""
        ...

    def alone(self, content: bytes, tags: frozenset[str], at: int) -> bytes:
        """The message with one alone of its elements of these names; its signature is left out.

        Raises UnreadableMessage."""
        ...

    def canonical(self, content: bytes, *, unsigned: bool = False) -> str:
        """The canonical form, prefixes rewritten, without space between elements; `unsigned`: without its signature.

        Raises UnreadableMessage."""
        ...
