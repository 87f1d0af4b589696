"""What came of reading a message: rows of its documents, what it says of itself, what was wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MessageFault:
    """What is wrong with a message: the line, the element, the sentence in both languages."""

    line: int
    element: str
    text: Mapping[str, str]


@dataclass(slots=True)
class ReadMessage:
    """A message as read: its documents as rows of raw values by field, what it says of itself, what was wrong.

    An element that stands there empty is an empty text, one that does not is absent.
    """

    documents: list[dict[str, object]] = field(default_factory=list)
    message: dict[str, object] = field(default_factory=dict)
    faults: list[MessageFault] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    entered: set[tuple[int, int]] = field(default_factory=set, repr=False)  # which branch of which row was there
